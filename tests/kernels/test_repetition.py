"""Repetition against Gopher's definitions, spelt out with strings and dictionaries."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels.repetition import BLOCK, FRACTIONS, LONG_LINE, measure
from curate.kernels.text import statistics

words = st.sampled_from(["a", "bb", "ccc", "dé", "空", "a", "bb"])
spaces = st.sampled_from([" ", " ", " ", "  ", "\u3000", "\n", "\n\n", "\n \n", "\r\n"])
texts = st.lists(st.tuples(words, spaces), max_size=80).map(lambda pairs: "".join(w + s for w, s in pairs))


def oracle(document: str) -> dict[str, float]:
    """What `FRACTIONS` says, in plain Python."""
    all_words = document.split()
    total = sum(map(len, all_words))
    if not total:
        return dict.fromkeys(FRACTIONS, 0.0)
    lines = [tuple(line.split()) for line in document.split("\n") if line.strip()]
    blocks = [p.split("\n") for p in re.split(r"\n\s*\n", document) if p.strip()]
    paragraphs = [tuple(tuple(line.split()) for line in block if line.strip()) for block in blocks]
    again, again_paragraphs = repeated(lines), repeated(paragraphs)
    runs = [all_words[i : i + BLOCK] for i in range(0, len(all_words), BLOCK)]
    runs = runs[: max(1, len(all_words) // BLOCK)]
    out = {
        "distinct_words": sum(len(set(run)) for run in runs) / sum(map(len, runs)),
        "duplicate_lines": len(again) / len(lines),
        "duplicate_line_characters": sum(map(size, again)) / total,
        "duplicate_long_line_characters": sum(n for n in map(size, again) if n >= LONG_LINE) / total,
        "duplicate_paragraphs": len(again_paragraphs) / len(paragraphs),
        "duplicate_paragraph_characters": sum(size(line) for p in again_paragraphs for line in p) / total,
    }
    out |= {f"top_{n}_gram": covered(all_words, n, top(all_words, n)) / total for n in (2, 3, 4)}
    return out | {
        f"duplicate_{n}_grams": covered(all_words, n, twice(all_words, n)) / total for n in range(5, 11)
    }


def size(block: tuple[str, ...]) -> int:
    """Characters of words."""
    return sum(map(len, block))


def repeated(blocks: list[tuple]) -> list[tuple]:
    """The blocks that occurred before."""
    return [block for i, block in enumerate(blocks) if block in blocks[:i]]


def grams(all_words: list[str], n: int) -> list[tuple[str, ...]]:
    """All n-grams, in order."""
    return [tuple(all_words[i : i + n]) for i in range(len(all_words) - n + 1)]


def twice(all_words: list[str], n: int) -> set[tuple[str, ...]]:
    """The n-grams that occur twice or more."""
    return {gram for gram, count in Counter(grams(all_words, n)).items() if count > 1}


def top(all_words: list[str], n: int) -> set[tuple[str, ...]]:
    """The commonest n-gram that occurs twice or more; of these the longest, then the first."""
    counts = Counter(gram for gram in grams(all_words, n) if gram in twice(all_words, n))
    return {max(counts, key=lambda gram: (counts[gram], size(gram)))} if counts else set()


def covered(all_words: list[str], n: int, chosen: set[tuple[str, ...]]) -> int:
    """Characters of words that lie within a chosen n-gram."""
    places = {i + k for i, gram in enumerate(grams(all_words, n)) if gram in chosen for k in range(n)}
    return sum(len(all_words[i]) for i in places)


@given(st.lists(texts, max_size=3))
def test_fractions_are_those_of_the_definitions(documents):
    batch = Batch.of(documents)
    found = measure(batch.data, batch.offsets)[1]
    for i, document in enumerate(documents):
        expected = oracle(document)
        assert {name: pytest.approx(float(column[i]), abs=1e-6) for name, column in found.items()} == expected


def test_different_words_are_counted_in_runs_of_256():
    texts = [" ".join(map(str, range(600))), " ".join(str(i % 64) for i in range(600)), "to be or not to be"]
    batch = Batch.of(texts)
    assert measure(batch.data, batch.offsets)[1]["distinct_words"].tolist() == [1, 0.25, pytest.approx(4 / 6)]


def test_a_sentence_said_twenty_times_is_all_repetition():
    batch = Batch.of(
        ["The very same sentence comes once more and then again. " * 20, "Nothing here is said twice."]
    )
    found = measure(batch.data, batch.offsets)[1]
    assert found["duplicate_10_grams"].tolist() == [1, 0]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_any_bytes_do_no_harm(documents):
    data = np.frombuffer(b"".join(documents), np.uint8)
    counts, found = measure(data, np.cumsum([0, *map(len, documents)]))
    alone = statistics(data, np.cumsum([0, *map(len, documents)]))
    assert all((counts[name] == alone[name]).all() for name in alone)
    assert all((column >= 0).all() and (column <= 1).all() for column in found.values())
