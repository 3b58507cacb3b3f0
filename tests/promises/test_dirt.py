"""Bad input: each with a clear message, the build goes on wherever only one shard or document is bad."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.errors import BuildError, ConfigError
from curate.ledger import Run
from curate.report.verify import verify

from .conftest import SAMPLE, build

Small = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Good documents, a few hundred."""
    table = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])
    return [t for t in table["text"].to_pylist() if t and 300 < len(t) < 5000][:300]


def write(path: Path, texts: list[Any], **columns: Any) -> str:
    table = pa.table({"id": [f"{path.stem}-{i}" for i in range(len(texts))], "text": texts, **columns})
    pq.write_table(table, path)
    return str(path)


def rows(run: Path) -> list[dict[str, Any]]:
    assert all(promise.holds for promise in verify(Run(run).dir))
    return Run(run).ledger().to_pylist()


def test_a_file_that_is_not_there_is_a_config_error_with_its_key(small: Small, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.web\.read\.paths.*nothing\.parquet"):
        build(small(web={"paths": [str(tmp_path / "nothing.parquet")]}), tmp_path / "run")


def test_bad_shards_are_quarantined_and_the_good_ones_built(
    small: Small, tmp_path: Path, texts: list[str]
) -> None:
    good = write(tmp_path / "good.parquet", texts)
    whole = Path(good).read_bytes()
    (tmp_path / "truncated.parquet").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.parquet").write_bytes(b"")
    pq.write_table(
        pa.table({"id": pa.array([], pa.string()), "text": pa.array([], pa.string())}),
        tmp_path / "none.parquet",
    )
    write(tmp_path / "numbers.parquet", list(range(5)))
    build(small(web={"paths": [str(tmp_path / "*.parquet")]}), tmp_path / "run")
    found = rows(tmp_path / "run")
    bad = [row for row in found if row["fate"] == "quarantined"]
    assert {Path(row["shard"]).name for row in bad} == {
        "truncated.parquet",
        "empty.parquet",
        "numbers.parquet",
    }
    assert [row["row"] for row in bad if "truncated" in row["shard"]] == [None]
    assert any("int" in row["reason"] for row in bad if "numbers" in row["shard"])
    assert sum(row["fate"] == "kept" for row in found) > 0.5 * len(texts)


def test_null_empty_and_broken_texts_have_their_fates(small: Small, tmp_path: Path, texts: list[str]) -> None:
    lines = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(texts)]
    lines += [
        '{"id": "null", "text": null}',
        '{"id": "empty", "text": ""}',
        '{"id": "lone", "text": "\\ud800"}',
        '{"id"',
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    build(small(web={"format": "jsonl", "paths": [str(tmp_path / "a.jsonl")]}), tmp_path / "run")
    found = {row["id"]: row for row in rows(tmp_path / "run")}
    assert found["null"]["fate"] == "quarantined" and "null" in found["null"]["reason"]
    assert (found["empty"]["fate"], found["empty"]["stage"]) == ("dropped", "heuristics")
    assert found["lone"]["fate"] == "quarantined"
    broken = next(row for name, row in found.items() if name.startswith("web/"))
    assert broken["fate"] == "quarantined" and broken["id"] == broken["key"]


def test_huge_documents_are_no_trouble(small: Small, tmp_path: Path, texts: list[str]) -> None:
    line = " ".join(texts)
    line = line * (1 + 20_000_000 // len(line))
    book = "\n\n".join(texts)
    path = write(tmp_path / "a.parquet", [*texts, line.replace("\n", " "), book])
    config = small(web={"paths": [path]})
    config["sources"]["web"]["stages"] = {"heuristics": None, "perplexity": None}
    build(config, tmp_path / "run")
    found = {row["id"]: row for row in rows(tmp_path / "run")}
    assert found[f"a-{len(texts)}"]["rule"] == "oversize"
    oversize = found[f"a-{len(texts) + 1}"]
    assert (oversize["fate"], oversize["stage"], oversize["rule"]) == ("unselected", "mix", "oversize")
    assert oversize["value"] > oversize["threshold"]


def test_languages_are_those_that_are_named(small: Small, tmp_path: Path, texts: list[str]) -> None:
    norwegian = [
        f"Det er mange som lurer på hvorfor fjorden fryser om vinteren, og svaret nummer {i} er at vannet "
        "blir kaldt når solen står lavt. Derfor må fiskerne vente til våren før de kan dra ut igjen, og det "
        "har de alltid gjort." * 3
        for i in range(3)
    ]
    config = small(web={"paths": [write(tmp_path / "a.parquet", texts + norwegian)]})
    config["sources"]["web"]["stages"] = {
        "language": {"keep": ["no", "en"], "min_score": 0.3},
        "perplexity": None,
    }
    build(config, tmp_path / "run")
    found = rows(tmp_path / "run")[-3:]
    assert not any(row["stage"] == "language" for row in found)


def test_repeated_ids_are_counted_or_stop_the_build_with_both_places(
    small: Small, tmp_path: Path, texts: list[str]
) -> None:
    table = pa.table({"id": ["same"] * 2 + [str(i) for i in range(len(texts) - 2)], "text": texts})
    pq.write_table(table, tmp_path / "a.parquet")
    path = str(tmp_path / "a.parquet")
    assert build(small(web={"paths": [path]}), tmp_path / "any")["repeated_ids"] == 1
    with pytest.raises(BuildError, match=r"'same' stands twice, at web/.*:0 and at web/.*:1"):
        build(small(web={"paths": [path], "ids": "unique"}), tmp_path / "unique")


def test_on_error_stop_and_max_quarantined_end_the_build(
    small: Small, tmp_path: Path, texts: list[str]
) -> None:
    config = small(web={"paths": [write(tmp_path / "a.parquet", [*texts, None])]})
    with pytest.raises(BuildError, match="on_error: stop"):
        build({**config, "on_error": "stop"}, tmp_path / "stop")
    with pytest.raises(BuildError, match="max_quarantined"):
        build({**config, "max_quarantined": 0.001}, tmp_path / "most")
    build({**config, "max_quarantined": 0.01}, tmp_path / "fine")


def test_every_format_gives_the_same_documents(small: Small, tmp_path: Path, texts: list[str]) -> None:
    parquet = write(tmp_path / "a.parquet", texts)
    lines = "".join(json.dumps({"id": f"a-{i}", "text": text}) + "\n" for i, text in enumerate(texts))
    (tmp_path / "a.jsonl").write_text(lines)
    (tmp_path / "texts").mkdir()
    for i, text in enumerate(texts):
        (tmp_path / "texts" / f"{i:05d}.txt").write_text(text, newline="")
    reads = {
        "parquet": {"paths": [parquet]},
        "jsonl": {"format": "jsonl", "paths": [str(tmp_path / "a.jsonl")]},
        "text": {"format": "text", "paths": [str(tmp_path / "texts")]},
    }
    chosen = []
    for name, read in reads.items():
        build(small(web=read), tmp_path / name)
        chosen.append(
            sorted(t for p in Run(tmp_path / name).corpus() for t in pq.read_table(p)["text"].to_pylist())
        )
        shutil.rmtree(tmp_path / name)
    assert chosen[0] == chosen[1] == chosen[2]
