"""Token counts are what the model's own library counts, whoever counts them here."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import tokenizer
from curate.documents import Batch
from tests.tokenizer import tiny
from tests.tokenizer.hostile import TEXTS

CORPUS = Path(__file__).parents[2] / "../shared/corpus/sample"
ADDED = [
    "",
    "<think>",
    "<｜User｜>",
    "<｜end▁of▁sentence｜>",
    "<｜▁pad▁｜>",
    "<|EOT|>",
    "<｜place▁holder▁no▁1",
]


@cache
def reference() -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(tokenizer.packaged_file()))


@cache
def packaged() -> tokenizer.Tokenizer:
    return tokenizer.load(None)


def counts(texts: list[str]) -> list[int]:
    batch = Batch.of(texts)
    return packaged().count(batch.data, batch.offsets).tolist()


def expected(texts: list[str]) -> list[int]:
    return [len(found.ids) for found in reference().encode_batch(texts, add_special_tokens=False)]


@settings(max_examples=200)
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_counts_of_any_text_are_those_of_the_library(texts: list[str]) -> None:
    assert counts(texts) == expected(texts)


def test_an_added_token_written_in_a_text_counts_as_one() -> None:
    texts = ["<think>a</think>", "x<｜end▁of▁sentence｜>y", "<｜User｜>", "<｜User", "<<think>"]
    assert counts(texts) == expected(texts)
    assert counts(["<｜User｜>"]) == [1]


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*/*.parquet")), ids=lambda path: path.stem)
def test_counts_of_real_text_are_those_of_the_library(file: Path) -> None:
    texts = pq.read_table(file, columns=["text"])["text"].drop_null().to_pylist()[::3]
    assert counts(texts) == expected(texts)


def test_counts_of_the_packaged_sample_are_those_of_the_library() -> None:
    assert counts(tiny.texts()) == expected(tiny.texts())


@settings(max_examples=300)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(ADDED), TEXTS).map("".join), min_size=1, max_size=5))
def test_counts_of_hostile_text_are_those_of_the_library(texts: list[str]) -> None:
    assert counts(texts) == expected(texts)


def test_long_runs_are_counted_as_the_library_counts_them() -> None:
    runs = [unit * 3000 for unit in ("a", " ", "\n", "=", "1", "é", "字", "ab", "\t ", "\x00", "́")]
    texts = [f"x{run[:length]}y" for run in runs for length in (63, 64, 65, 255, 256, 257, 3000)]
    assert counts(texts) == expected(texts)


def test_threads_may_share_a_tokenizer() -> None:
    expected = counts(tiny.texts())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(counts, [tiny.texts()] * 8)) == [expected] * 8


def test_counting_nothing_gives_nothing() -> None:
    assert packaged().count(np.empty(0, np.uint8), np.zeros(1, np.int64)).tolist() == []
    assert counts(["", "a", ""]) == [0, 1, 0]
    assert pa.array(packaged().count(np.empty(0, np.uint8), np.zeros(2, np.int64))).type == pa.uint32()


def test_the_packaged_tokenizer_is_described_without_being_loaded() -> None:
    info = tokenizer.describe(None)
    assert (info.name, info.vocabulary) == ("DeepSeek-V3", 129_280)
    assert re.fullmatch("[0-9a-f]{32}", info.hash)
    assert info == tokenizer.load(None).info


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"a": 1}', b'{"model": {"type": "BPE"}}', b"\xff\xfe words", b"PAR1"]
)
def test_a_file_that_is_no_tokenizer_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(file))):
        tokenizer.load(file)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.json cannot be read: No such file"):
        tokenizer.describe(tmp_path / "absent.json")
