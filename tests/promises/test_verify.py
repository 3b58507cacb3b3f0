"""`verify` sees every way in which a run may not be what it says: each is done to a copy of a good one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.errors import VerificationError
from curate.ledger import Run
from curate.report.verify import must_hold, verify
from curate.rundir import RunDir, checksum

from .conftest import SAMPLE, build


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    texts = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])["text"].to_pylist()
    pq.write_table(pa.table({"text": texts[:200]}), folder / "a.parquet")
    stages = dict.fromkeys(("perplexity", "reasoning"))
    read = {"paths": [f"{folder}/a.parquet"]}
    sources = {"web": {"kind": "web", "read": read, "stages": stages}}
    build(
        {"sources": sources, "mix": {"web": {"share": 1}}, "output": {"shard_tokens": 20_000}},
        folder / "run",
        1,
    )
    return folder


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> RunDir:
    shutil.copytree(whole / "run", tmp_path / "run")
    return RunDir(tmp_path / "run")


def resign(run: RunDir, *names: str) -> None:
    """Makes the report say that these files are as they are now: whoever damages a run may do so too."""
    report = json.loads(run.report.read_text())
    report["files"] |= {name: checksum(run.path / name) for name in names}
    run.report.write_text(json.dumps(report))


def change_table(run: RunDir, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    path = run.path / name
    table = change(pq.read_table(path))
    path.unlink()  # it may be a link
    pq.write_table(table, path)
    resign(run, name)


def told(run: RunDir) -> str:
    with pytest.raises(VerificationError) as raised:
        must_hold(verify(run))
    return str(raised.value)


def set_column(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    return table.set_column(
        table.schema.get_field_index(name),
        table.schema.field(name),
        pa.array(values, table.schema.field(name).type),
    )


def first(run: RunDir, kind: str) -> str:
    return f"{kind}/{run.files(kind)[0].name}"


def test_a_whole_run_is_whole_wherever_it_is_moved(run: RunDir) -> None:
    found = verify(run)
    assert all(promise.holds for promise in found)
    assert any("footers of 1 of 1 inputs" in promise.name for promise in found)


@pytest.mark.parametrize("kind", ["corpus", "ledger", "signals"])
def test_one_changed_bit_a_missing_and_a_strange_file_are_seen(run: RunDir, kind: str) -> None:
    path = run.path / first(run, kind)
    content = path.read_bytes()
    path.unlink()
    assert "is missing" in told(run)
    path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    assert "checksum" in told(run)
    path.write_bytes(content[:-1])
    assert "size" in told(run)
    path.write_bytes(content)
    shutil.copy(path, path.with_name("zzz.parquet"))
    assert "is not of this run" in told(run)


def test_one_changed_bit_under_steps_is_seen(run: RunDir) -> None:
    path = next((run.path / "steps" / "documents").rglob("*.rows"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "checksum is not what was committed" in told(run)


def test_a_lost_and_a_doubled_ledger_row_are_seen(run: RunDir) -> None:
    name = first(run, "ledger")
    table = pq.read_table(run.path / name)
    change_table(run, name, lambda t: t.slice(1))
    assert "report.json says" in told(run)
    change_table(run, name, lambda t: pa.concat_tables([table, table.slice(0, 1)]))
    assert "twice" in told(run)


def test_a_document_lost_from_ledger_and_report_alike_is_seen_by_the_input(run: RunDir) -> None:
    name = first(run, "ledger")
    fates = pq.read_table(run.path / name)["fate"].to_pylist()
    gone = fates.index("dropped")
    change_table(run, name, lambda t: t.filter(pa.array(np.arange(len(t)) != gone)))
    report = json.loads(run.report.read_text())
    report["input_documents"] -= 1
    report["fates"]["dropped"] -= 1
    run.report.write_text(json.dumps(report))
    assert "has 200 rows by its footer, and 199 in the ledger" in told(run)


def test_another_fate_copy_or_key_is_seen(run: RunDir) -> None:
    name, corpus = first(run, "ledger"), first(run, "corpus")
    table = pq.read_table(run.path / name)
    kept = table["fate"].to_pylist().index("kept")
    fates = table["fate"].to_pylist()
    fates[kept] = "dropped"
    change_table(run, name, lambda t: set_column(t, "fate", fates))
    assert "report.json" in told(run)
    copies = table["copies"].to_pylist()
    copies[kept] += 1
    change_table(run, name, lambda t: set_column(table, "copies", copies))
    assert "another number of times" in told(run)
    change_table(run, name, lambda t: table)
    change_table(run, corpus, lambda t: t.slice(1))
    assert "in the corpus" in told(run)


def test_signals_of_other_documents_are_seen(run: RunDir) -> None:
    change_table(run, first(run, "signals"), lambda t: t.take(pa.array(np.arange(len(t))[::-1])))
    assert "other documents than" in told(run)


def test_a_duplicate_of_nobody_is_seen(run: RunDir) -> None:
    name = first(run, "ledger")
    table = pq.read_table(run.path / name)
    of = table["duplicate_of"].to_pylist()
    place = next(i for i, fate in enumerate(table["fate"].to_pylist()) if fate == "duplicate")
    of[place] = table["key"].to_pylist()[place]
    change_table(run, name, lambda t: set_column(t, "duplicate_of", of))
    assert "a duplicate names it" in told(run)


def test_shares_and_tokens_that_are_not_as_reported_are_seen(run: RunDir) -> None:
    report = json.loads(run.report.read_text())
    run.report.write_text(json.dumps({**report, "tokens": report["tokens"] + 1}))
    assert "tokens" in told(run)
    run.report.write_text(json.dumps({**report, "mix_max_error": 0.5}))
    assert "Errors recomputed" in told(run)


def test_kinds_of_discourse_that_are_not_as_reported_are_seen(run: RunDir) -> None:
    report = json.loads(run.report.read_text())
    kind = next(iter(report["discourse"]["web"].values()))
    kind["drawn"] += 0.01
    run.report.write_text(json.dumps(report))
    assert "of what is drawn" in told(run)


def test_a_cleaned_run_is_still_whole(run: RunDir) -> None:
    run.clean()
    assert all(promise.holds for promise in verify(run)) and Run(run.path).ledger()
