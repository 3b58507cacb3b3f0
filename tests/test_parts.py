"""Final texts on disk: what goes in by row comes out by row, in any order, decoding little more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import parts
from curate.parts import Part, Texts, TextWriter, by_part
from curate.rundir import Result, RunDir


def store(run: RunDir, name: str, texts: dict[int, str], n: int, batch: int = 7) -> Result:
    """Writes texts by row, a few at a time, hashes pseudo-random."""
    result, rows = Result("text", "f", name), sorted(texts)
    with run.attempt(result) as attempt:
        writer = TextWriter(attempt.path("texts"), attempt.path("positions"), attempt.path("starts"))
        for start in range(0, len(rows), batch):
            some = np.array(rows[start : start + batch])
            hashes = some.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            writer.add(some, hashes, pa.array([texts[row] for row in some.tolist()], pa.large_string()))
        writer.close(n)
        attempt.commit()
    return result


def texts_of(run: RunDir, texts: dict[int, str], n: int, batch: int = 7) -> Texts:
    """Of a run of one part."""
    return Texts(run, [Part(0, "web", "web", "a.parquet", n, 0, {"text": store(run, "a", texts, n, batch)})])


@settings(max_examples=40)
@given(st.lists(st.none() | st.text(max_size=60), max_size=60), st.randoms(use_true_random=False))
def test_texts_come_back_by_row_in_any_order(tmp_path_factory: pytest.TempPathFactory, texts, rng) -> None:
    stored = {row: text for row, text in enumerate(texts) if text is not None}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "RUN_BYTES", 300)
        patch.setattr(parts, "BATCH_BYTES", 100)
        patch.setattr(parts, "ALONE_BYTES", 50)
        run = RunDir(tmp_path_factory.mktemp("run"))
        reader = texts_of(run, stored, len(texts))
        wanted = rng.sample(sorted(stored), len(stored))
        assert reader.strings(np.array(wanted, np.int64)).to_pylist() == [stored[row] for row in wanted]


def test_a_text_that_was_not_stored_is_a_key_error(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    reader = texts_of(run, {0: "x", 2: "y"}, 3)
    with pytest.raises(KeyError, match="row 1"):
        reader.strings(np.array([0, 1]))


def test_reading_in_order_of_hash_decodes_each_byte_once(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    texts = {row: "word " * (1 + row % 2000) for row in range(900)}
    reader = texts_of(run, texts, 900, 200)
    order = np.argsort(np.arange(900, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    for some in np.array_split(order, 12):
        reader.strings(some)
    assert reader.decoded_bytes <= 1.5 * sum(map(len, texts.values()))


def test_documents_of_a_run_are_found_in_their_parts(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    texts = [{0: "a0", 1: "a1"}, {}, {0: "c0", 2: "c2"}]
    made = [
        Part(i, "web", "web", f"{i}.parquet", n, base, {"text": store(run, str(i), texts[i], n)})
        for i, (n, base) in enumerate([(2, 0), (0, 2), (3, 2)])
    ]
    documents = np.array([4, 0, 2, 1])
    assert Texts(run, made).strings(documents).to_pylist() == ["c2", "a0", "c0", "a1"]
    assert [(p.number, rows.tolist()) for p, _, rows in by_part(made, documents)] == [
        (0, [0, 1]),
        (2, [2, 0]),
    ]


def test_a_part_survives_being_sent_to_a_worker() -> None:
    part = Part(3, "web", "web", "a.parquet", 5, 7, {"text": Result("text", "f", "t")})
    assert Part.of(part.plain()) == part
