"""The loop over stages: order of gates and audits, edits, and a document that breaks a stage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate.annotate import LoadedStage, annotate_batch
from curate.documents import EDITS, Batch, Edited
from curate.rules import Judged, Rule, Signal


def stage(
    name: str, function: Any, kind: pa.DataType, gate: float | None = None, **facts: Any
) -> LoadedStage:
    """A stage made of a function from texts to values."""

    def annotate(batch: Batch, config: Any, model: Any) -> Any:
        return function(batch)

    module = SimpleNamespace(SIGNALS=[Signal(f"{name}.value", kind, "x")], annotate=annotate, **facts)
    loaded = LoadedStage(name, module, None)  # type: ignore[arg-type]
    if gate is not None:
        loaded.gates = [Judged(name, Rule(f"{name}.value", below="gate_min", because="x"), gate)]
    return loaded


def lengths(name: str, seen: list[list[str]], **facts: Any) -> LoadedStage:
    def function(batch: Batch) -> dict[str, pa.Array]:
        texts = batch.texts().to_pylist()
        seen.append(texts)
        return {f"{name}.value": pa.array([len(t) for t in texts], pa.int64())}

    return stage(name, function, pa.int64(), **facts)


def values(state: Any, name: str) -> list[Any]:
    return state.batch.signals[f"{name}.value"].to_pylist()


def test_a_gate_stops_the_work_on_a_document_and_leaves_nulls() -> None:
    seen: list[list[str]] = []
    state = annotate_batch(Batch.of(["a", "bbb", ""]), [lengths("one", [], gate=1.0), lengths("two", seen)])
    assert state.gated.tolist() == [False, False, True]
    assert values(state, "one") == [1, 3, 0] and values(state, "two") == [1, 3, None]
    assert seen == [["a", "bbb"]]


def test_the_audit_sample_and_cheap_stages_go_on_behind_a_gate() -> None:
    chain = [lengths("one", [], gate=9.0), lengths("two", []), lengths("cheap", [], BEHIND_GATES=True)]
    state = annotate_batch(Batch.of(["a", "bb"]), chain, audited=np.array([False, True]))
    assert state.gated.tolist() == [True, True]
    assert values(state, "two") == [None, 2] and values(state, "cheap") == [1, 2]


def test_the_document_on_which_a_stage_raises_is_alone_in_its_fate() -> None:
    def picky(batch: Batch) -> dict[str, pa.Array]:
        texts = batch.texts().to_pylist()
        if "bad" in texts:
            raise ValueError("cannot bear this")
        return {"picky.value": pa.array([len(t) for t in texts], pa.int64())}

    texts = ["a", "bb", "bad", "dddd", "bad", "ffffff"]
    state = annotate_batch(Batch.of(texts), [stage("picky", picky, pa.int64()), lengths("two", [])])
    assert values(state, "picky") == [1, 2, None, 4, None, 6]
    assert values(state, "two") == [1, 2, None, 4, None, 6]
    sentences = state.errors["picky"].to_pylist()
    assert [i for i, s in enumerate(sentences) if s] == [2, 4]
    assert sentences[2] == "picky raised ValueError: cannot bear this"


def test_memory_that_runs_out_is_not_a_documents_fault() -> None:
    def hungry(batch: Batch) -> dict[str, pa.Array]:
        raise MemoryError

    with pytest.raises(MemoryError):
        annotate_batch(Batch.of(["a", "b"]), [stage("hungry", hungry, pa.int64())])


def shouting(batch: Batch) -> Edited:
    texts = batch.texts().to_pylist()
    if "bad" in texts:
        raise ValueError("no")
    rows = [i for i, text in enumerate(texts) if text != text.upper()]
    edits = {
        "row": rows,
        "stage": ["shout"] * len(rows),
        "rule": ["upper"] * len(rows),
        "offset": [0] * len(rows),
        "text": [texts[i] for i in rows],
    }
    after = pa.array([text.upper() for text in texts], pa.large_string())
    columns = {"shout.value": pa.array([len(t) for t in texts], pa.int64())}
    return Edited(columns, after, pa.table(edits, schema=EDITS))


def test_later_stages_see_edited_texts_and_edits_name_their_document() -> None:
    seen: list[list[str]] = []
    first = lengths("one", [], gate=2.0)
    chain = [first, stage("shout", shouting, pa.int64(), EDITS=True), lengths("two", seen)]
    state = annotate_batch(Batch.of(["x", "abc", "DEF", "bad", "ghi"]), chain)
    assert state.batch.texts().to_pylist() == ["x", "ABC", "DEF", "bad", "GHI"]
    assert seen == [["ABC", "DEF", "GHI"]]
    assert [row for table in state.edits for row in table["row"].to_pylist()] == [1, 4]


def test_stored_columns_are_taken_and_their_stage_does_not_run() -> None:
    stored = {"one": {"one.value": pa.array([7, 0]), "error": pa.nulls(2, pa.string())}}
    seen: list[list[str]] = []
    state = annotate_batch(
        Batch.of(["a", "b"]), [lengths("one", seen, gate=1.0), lengths("two", [])], None, stored
    )
    assert seen == [] and values(state, "one") == [7, 0] and values(state, "two") == [1, None]


def test_a_text_is_enough_to_compile_all_that_a_stage_and_dedup_run(tmp_path: Path) -> None:
    """In a process with no compiled kernel, `load_kernels`; in the next one real texts compile nothing."""
    load = "for stage in (%r, None): annotate.load_kernels({'stage': stage, 'config': {}, 'kind': 'web'})"
    work = "annotate.annotate(texts, [%r]); minhash.compare_with_itself(texts[8])"
    counts = []
    for code in (load, work):
        imports = "from curate import annotate; from curate.dedup import minhash\n"
        texts = "texts = ['Why? Because it rains; hence the street is wet.\\n' * n for n in range(9)]\n"
        script, environment = (
            imports + texts + code % "perplexity",
            {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        )
        subprocess.run([sys.executable, "-c", script], env=environment, check=True)
        counts.append(len([*tmp_path.rglob("*.nbc")]))
    assert counts[0] == counts[1] > 20
