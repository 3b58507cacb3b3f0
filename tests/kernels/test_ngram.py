"""Promises about tokens and tries of n-gram models; scores are held against KenLM in
tests/models/test_ngram.py."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels import ngram
from curate.models.ngram import LETTERS, load, packaged

WORDS = ["the", "cat", "don", "'t", ".", "#", "0"]
TOKENS = st.lists(st.sampled_from([*WORDS, "dog", "zyqx", "'ll", "~~", "a" * 30, "b" * 90]), max_size=60)


def encode(texts: list[list[str]]) -> list[list[int]]:
    """Tokens of each text."""
    lines = ["".join(token + " " for token in text).encode() for text in texts]
    bounds = np.cumsum([0, *map(len, lines)])
    words = ngram.vocabulary(WORDS, LETTERS)
    ids, ends = ngram.encode(np.frombuffer(b"".join(lines), np.uint8), bounds, words)
    assert all(ids[b - 1] == ngram.SEPARATOR for b in ends[1:])
    return [ids[a : b - 1].tolist() for a, b in pairwise(ends)]


@given(st.lists(TOKENS, max_size=5))
def test_a_known_word_is_one_token_and_an_unknown_one_its_letters(texts):
    def expected(token: str) -> list[int]:
        if token in WORDS:
            return [WORDS.index(token)]
        return [len(WORDS) + LETTERS.index(letter) for letter in token[: ngram.SPELT]]

    assert encode(texts) == [[i for token in text for i in expected(token)] for text in texts]


def test_every_edge_of_the_trie_is_in_the_table():
    trie = load(packaged()).trie
    edges = ngram.edges(trie)
    assert np.count_nonzero(edges) == len(trie.token) - int(trie.first[0])
    assert np.unique(edges[edges > 0] & np.uint64(2**ngram.BITS - 1)).size == np.count_nonzero(edges)


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_texts_longer_than_what_is_looked_up_at_once_are_scored_alike(size, monkeypatch):
    model = load(packaged())
    text = b"the cat sat on the mat . " * (2 * ngram.AT_ONCE // size)
    alone = np.frombuffer(text, np.uint8)
    twice = np.frombuffer(text + text, np.uint8)
    one = model.score(alone, np.array([0, len(text)]))[0]
    assert model.score(twice, np.array([0, len(text), 2 * len(text)])).tolist() == [one, one]
