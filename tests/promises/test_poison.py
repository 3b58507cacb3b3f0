"""A text on which a stage raises, crashes, hangs or eats all memory costs itself, and nothing else."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate import annotate, stages
from curate import build as building
from curate.engines import local
from curate.errors import BuildError
from curate.ledger import Run
from curate.report.verify import verify

from .conftest import build

ROOT = Path(__file__).parents[2]
Small = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _outside_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes tests/promises/poisonous.py a stage of an installed package, here and in workers."""
    about = tmp_path / "packages" / "poisonous-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: poisonous\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[curate.stages]\npoisonous = tests.promises.poisonous\n")
    monkeypatch.syspath_prepend(str(about.parent))
    monkeypatch.setenv("PYTHONPATH", f"{about.parent}:{ROOT}")
    _forget()
    yield
    monkeypatch.undo()
    sys.modules.pop("tests.promises.poisonous", None)
    _forget()


def _forget() -> None:
    importlib.invalidate_caches()
    stages.names.cache_clear()
    stages.find.cache_clear()


def texts(poison: dict[int, str], n: int = 300) -> list[str]:
    good = [f"Document {i} says that {i} and {i + 1} make {2 * i + 1}, which is odd. " * 9 for i in range(n)]
    return [f"POISON {poison[i]} {text}" if i in poison else text for i, text in enumerate(good)]


def config(small: Small, folder: Path, poison: dict[int, str]) -> dict[str, Any]:
    pq.write_table(pa.table({"text": texts(poison)}), folder / "a.parquet")
    found = small(web={"paths": [str(folder / "a.parquet")]})
    others = set(stages.names()) - {"tokens", "poisonous"}
    found["sources"]["web"]["stages"] = dict.fromkeys(others)
    return {**found, "dedup": False}


def quarantined(run: Path) -> dict[int, tuple[str, str]]:
    assert [promise for promise in verify(Run(run).dir) if not promise.holds] == []
    rows = Run(run).ledger().to_pylist()
    assert len(rows) == 300
    return {r["row"]: (r["stage"], r["reason"]) for r in rows if r["fate"] == "quarantined"}


@pytest.mark.parametrize("poison, reason", [
    ("raise", "poisonous raised ValueError: this text is poison"),
    ("crash", "caused by the machine: alone with this document, a worker was killed by signal 11"),
    ("memory", "caused by the machine: alone with this document, a worker ran out of memory"),
])  # fmt: skip
def test_only_the_poisonous_documents_are_lost(
    small: Small, tmp_path: Path, poison: str, reason: str
) -> None:
    build(config(small, tmp_path, {7: poison, 290: poison}), tmp_path / "run", 1)
    found = quarantined(tmp_path / "run")
    assert set(found) == {7, 290}
    for stage, why in found.values():
        assert stage == "poisonous" and re.match(reason, why)


def test_a_hang_is_timed_out(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(config(small, tmp_path, {}), tmp_path / "warm", 1)  # what is compiled at first must not count
    monkeypatch.setattr(annotate, "SILENCE", 4.0)
    build(config(small, tmp_path, {100: "hang"}), tmp_path / "run", 1)
    found = quarantined(tmp_path / "run")
    assert list(found) == [100] and "a worker took longer than 4 s" in found[100][1]


def test_a_document_that_fills_the_memory_of_its_worker_is_ended_before_the_machine_is(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "WORKER_LIMIT", 1_200_000_000)
    build(config(small, tmp_path, {100: "eat"}), tmp_path / "run", 1)
    found = quarantined(tmp_path / "run")
    assert list(found) == [100] and "a worker needed more than 1.2 GB of memory" in found[100][1]


def test_what_is_left_is_what_a_build_without_the_poison_keeps(small: Small, tmp_path: Path) -> None:
    build(config(small, tmp_path, {7: "crash", 200: "memory"}), tmp_path / "run", 2)
    build(config(small, tmp_path, {7: "raise", 200: "raise"}), tmp_path / "raised", 2)
    corpora = [_corpus(tmp_path / name) for name in ("run", "raised")]
    assert len(corpora[0]) > 250 and corpora[0] == corpora[1]


def _corpus(run: Path) -> list[tuple[str, int]]:
    tables = [pq.read_table(path, columns=["text", "tokens"]) for path in Run(run).corpus()]
    rows = pa.concat_tables(tables)
    return sorted(zip(rows["text"].to_pylist(), rows["tokens"].to_pylist(), strict=True))


def test_a_stage_that_crashes_on_everything_ends_the_build_and_names_itself(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "MOST_DEATHS", 4)
    everywhere = dict.fromkeys(range(300), "crash")
    with pytest.raises(BuildError, match=r"signal 11 at annotate web/.*, poisonous, document \d+.* times"):
        build(config(small, tmp_path, everywhere), tmp_path / "run", 1)
