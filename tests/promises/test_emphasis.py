"""Emphasis: what a config asks to be seen more often is, and nothing is thrown away for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from curate import whatif
from curate.build import pending
from curate.config import from_dict, load
from curate.errors import ConfigError
from curate.ledger import Run
from curate.plan import make
from curate.report import terminal
from curate.report.verify import verify
from curate.rundir import RunDir

from .conftest import SAMPLE, build, digest

Json = dict[str, Any]

pytestmark = pytest.mark.usefixtures("in_process")

HOSTS = ("en.wiki.example", "forum.example", "shop.example")


@pytest.fixture(scope="session")
def rows() -> list[Json]:
    """180 documents of three hosts."""
    texts = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])["text"].to_pylist()
    good = [text for text in texts if text and 300 < len(text) < 3_000][:180]
    return [
        {"id": f"d{i}", "text": text, "url": f"https://{HOSTS[i % 3]}/{i}", "year": 2000 + i % 5}
        for i, text in enumerate(good)
    ]


@pytest.fixture
def folder(tmp_path: Path, rows: list[Json]) -> Path:
    """Two Parquet files of them."""
    (tmp_path / "in").mkdir()
    for i, name in enumerate(("first", "second")):
        pq.write_table(pa.Table.from_pylist(rows[i * 90 : i * 90 + 90]), tmp_path / "in" / f"{name}.parquet")
    return tmp_path / "in"


def config(folder: Path, *lines: Json, tokens: int | str = 20_000, **read: Any) -> Json:
    stages = {"perplexity": None, "language": None, "heuristics": None}
    source = {"kind": "web", "read": {"paths": [f"{folder}/*"], **read}, "stages": stages}
    entry = {"share": 1, "floors": 0, "emphasis": list(lines)}
    return {"tokens": tokens, "sources": {"web": source}, "mix": {"web": entry}, "dedup": "off"}


def drawn(run: Path) -> dict[str, int]:
    """Copies of each document by id."""
    table = Run(run).ledger(["id", "copies"])
    return dict(zip(table["id"].to_pylist(), table["copies"].to_pylist(), strict=True))


WIKI = {"domain": "wiki.example", "weight": 8}


def of_host(copies: dict[str, int], host: int) -> int:
    return sum(n for name, n in copies.items() if int(name[1:]) % 3 == host)


def test_what_a_line_matches_is_drawn_more_often_and_the_run_says_so(folder: Path, tmp_path: Path) -> None:
    build(config(folder), tmp_path / "plain", 1)
    given = config(
        folder, WIKI, {"domain": "nowhere.example", "weight": 2}, {"meta.year": 2003, "weight": 0.2}
    )
    report = build(given, tmp_path / "run", 1)
    plain, copies = drawn(tmp_path / "plain"), drawn(tmp_path / "run")
    assert of_host(copies, 0) > 1.5 * of_host(plain, 0) > 0
    weights = [
        {r["id"]: (r["weight"], r["emphasis"]) for r in Run(tmp_path / name).ledger().to_pylist()}
        for name in ("plain", "run")
    ]
    for name, (weight, line) in weights[1].items():
        expected = (8, 1) if int(name[1:]) % 3 == 0 else (0.2, 3) if int(name[1:]) % 5 == 3 else (1, None)
        assert line == expected[1] and weights[0][name][1] is None
        assert weight == pytest.approx(weights[0][name][0] * expected[0])
    first, nowhere, third = report["emphasis"]["web"]
    tokens = {r["id"]: r["tokens"] for r in Run(tmp_path / "run").ledger().to_pylist()}
    mine = [name for name in tokens if int(name[1:]) % 3 == 0]
    assert first["documents"] == 60 == len(mine) and nowhere["documents"] == 0 and third["documents"] == 24
    assert first["tokens"] == sum(tokens[name] for name in mine)
    assert first["drawn"] == sum(tokens[name] * copies[name] for name in mine)
    assert first["epochs"] == pytest.approx(first["drawn"] / first["tokens"])
    assert [
        note for note in report["mix_notes"] if "Line 2 of mix.web.emphasis (domain nowhere.example)" in note
    ]
    assert all(promise.holds for promise in verify(RunDir(tmp_path / "run")))


def test_nothing_is_thrown_away_for_a_small_weight(folder: Path, tmp_path: Path) -> None:
    build(config(folder, {"domain": "shop.example", "weight": 1e-6}, tokens="max"), tmp_path / "run", 1)
    assert set(drawn(tmp_path / "run").values()) == {1}
    with pytest.raises(ConfigError, match="would throw documents away"):
        from_dict(config(folder, {"domain": "shop.example", "weight": 0}), SAMPLE)


def test_explain_names_the_line(folder: Path, tmp_path: Path) -> None:
    report = build(config(folder, {"id": "none", "weight": 3}, WIKI), tmp_path / "run", 1)

    def told(name: str) -> str:
        ((ledger, signals),) = Run(tmp_path / "run").explain(name)
        console = Console(width=200)
        with console.capture() as captured:
            console.print(terminal.explain(ledger, signals, (), report["emphasis"]["web"]))
        return captured.get()

    assert "8 times that for line 2 of mix.web.emphasis (domain wiki.example)" in told("d3")
    assert "by quality" in told("d4") and "emphasis" not in told("d4")


def waiting(plan: Json, run: Path) -> dict[str, str]:
    """Why each step would run."""
    return {row.step: row.why for row in pending(from_dict(plan, SAMPLE), RunDir(run)) if row.tasks}


def test_another_weight_mixes_again_and_another_column_reads_no_more_than_that(
    folder: Path, tmp_path: Path
) -> None:
    build(config(folder, WIKI), tmp_path / "run", 1)
    lighter = config(folder, {**WIKI, "weight": 4})
    assert set(waiting(lighter, tmp_path / "run")) == {"mix", "account"}
    by_year = config(folder, {"meta.year": "2001", "weight": 4})
    found = waiting(by_year, tmp_path / "run")
    assert set(found) == {"documents/web", "mix", "account"}
    assert found["documents/web"] == "meta: ['url'] -> ['year']"
    build(by_year, tmp_path / "run", 1)
    build(by_year, tmp_path / "fresh", 1)
    assert digest(tmp_path / "run") == digest(tmp_path / "fresh")


def test_a_renamed_input_changes_only_keys_unless_a_path_is_asked_for(folder: Path, tmp_path: Path) -> None:
    given = config(folder, WIKI, {"path": "in/sec*", "weight": 5})
    report = build(given, tmp_path / "run", 1)
    before = drawn(tmp_path / "run")
    assert report["emphasis"]["web"][1]["documents"] == 60  # of 90, a third is the first line's
    (folder / "first.parquet").rename(folder / "other.parquet")
    assert "mix" not in waiting(given, tmp_path / "run")
    build(given, tmp_path / "run", 1)
    assert drawn(tmp_path / "run") == before
    (folder / "other.parquet").rename(folder / "sec-1.parquet")
    assert "emphasis" in waiting(given, tmp_path / "run")["mix"]
    assert build(given, tmp_path / "run", 1)["emphasis"]["web"][1]["documents"] == 120


def test_every_format_can_be_matched(tmp_path: Path, rows: list[Json]) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    jsonl = build(config(tmp_path / "json", WIKI, format="jsonl"), tmp_path / "run-json", 1)
    assert jsonl["emphasis"]["web"][0]["documents"] == 60
    (tmp_path / "texts" / "forum").mkdir(parents=True)
    for i, row in enumerate(rows[:60]):
        place = tmp_path / "texts" / ("forum" if i % 2 else "") / f"{i}.txt"
        place.write_text(row["text"])
    given = config(tmp_path / "texts", {"id": "forum/*", "weight": 2}, format="text", tokens=5_000)
    given["sources"]["web"]["read"]["paths"] = [str(tmp_path / "texts")]
    assert build(given, tmp_path / "run-text", 1)["emphasis"]["web"][0]["documents"] == 30


def test_a_column_that_is_not_there_is_refused_by_line_and_nearest_name(folder: Path, tmp_path: Path) -> None:
    text = f"""\
sources:
  web:
    read: {{paths: ["{folder}/*"]}}
mix:
  web:
    share: 1
    emphasis:
      - {{domain: wiki.example, weight: 2}}
      - weight: 3
        meta.yaer: 2003
"""
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        make(load(tmp_path / "c.yaml"))
    assert "c.yaml:10: mix.web.emphasis.meta.yaer" in str(caught.value)
    assert "no column 'yaer'. Did you mean 'year'?" in str(caught.value)
    (folder / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ConfigError, match="no column 'yaer'"):
        make(load(tmp_path / "c.yaml"))
    kept = config(folder, {"meta.year": 2003, "weight": 2}, meta=["url"])
    with pytest.raises(ConfigError, match=r"read\.meta leaves out"):
        make(from_dict(kept, SAMPLE))


@pytest.mark.parametrize(
    "line, told",
    [
        ({"domian": "a.org", "weight": 2}, "mix.web.emphasis.domian: unknown key. Did you mean 'domain'?"),
        ({"weight": 2}, "mix.web.emphasis: matches nothing; name a domain"),
        ({"domain": "a.org"}, "mix.web.emphasis.weight: is missing"),
        ({"domain": "a.org", "weight": -1}, "-1 would throw documents away"),
        ({"domain": [], "weight": 1}, "mix.web.emphasis.domain: has fewer than 1 entries"),
        ({"domain": None, "weight": 1}, "mix.web.emphasis.domain: null is not text"),
    ],
)
def test_a_wrong_line_is_told_in_words(folder: Path, line: Json, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_dict(config(folder, line), SAMPLE)
    assert told in str(caught.value)


def test_whatif_knows_other_weights_and_says_what_it_does_not_know(folder: Path, tmp_path: Path) -> None:
    build(config(folder, WIKI, {"meta.year": "2003", "weight": 1}), tmp_path / "run", 1)
    run = Run(tmp_path / "run")
    ask: Callable[[str], Json] = lambda lines: whatif.ask(run, [f"mix.web.emphasis={lines}"])  # noqa: E731
    same = ask("[{domain: wiki.example, weight: 8}, {meta.year: '2003', weight: 1}]")
    assert not [note for note in same["notes"] if "emphasis" in note]
    other = ask("[{domain: shop.example, weight: 8}]")
    assert [note for note in other["notes"] if "mix.web.emphasis as in the run" in note]
    assert (
        other["discourse"]
        == same["discourse"]
        != ask("[{domain: wiki.example, weight: 0.1}, {meta.year: '2003', weight: 1}]")["discourse"]
    )
    assert np.isclose(sum(row["drawn"] for row in same["discourse"]["web"].values()), 1)
