"""The mixer's loops against what a search of everything finds."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels import mix as kernels


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 4)), min_size=1, max_size=20), st.integers(4, 7))
def test_each_copy_goes_to_a_shard_of_its_own_that_holds_least(
    documents: list[tuple[int, int]], n_shards: int
) -> None:
    documents.sort(reverse=True)
    tokens, copies = np.array(documents, np.int64).T
    start = np.concatenate([[0], np.cumsum(copies)])
    load, shard = np.zeros(n_shards, np.int64), np.full(start[-1], -1, np.int32)
    kernels.emptiest_first(tokens.copy(), start, load, shard)
    expected = np.zeros(n_shards, np.int64)
    for i, (size, n) in enumerate(documents):
        emptiest = sorted(range(n_shards), key=lambda j: (expected[j], j))[:n]
        assert shard[start[i] : start[i + 1]].tolist() == emptiest
        expected[emptiest] += size
    assert load.tolist() == expected.tolist()


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 50), max_size=8),
    st.lists(st.integers(0, 50), max_size=8),
    st.integers(-120, 120).map(float),
)
def test_the_exchange_is_the_best_there_is(a: list[int], b: list[int], excess: float) -> None:
    n = len(a) + len(b)
    size, shard = np.array(a + b, np.int64), np.repeat(np.array([0, 1], np.int32), [len(a), len(b)])
    left, right = np.arange(len(a)), np.arange(len(a), n)
    remains = kernels.exchange(left, right, 0, 1, excess, size, np.arange(n), np.arange(n + 1), shard)
    choices = itertools.product([0, *a], [0, *b])
    assert abs(remains) == min(abs(excess - out + into) for out, into in choices)
    moved = size[: len(a)][shard[: len(a)] == 1].sum() - size[len(a) :][shard[len(a) :] == 0].sum()
    assert excess - moved == remains
    assert (shard[: len(a)] == 1).sum() <= 1 and (shard[len(a) :] == 0).sum() <= 1


def test_an_exchange_brings_no_document_together_with_its_copy() -> None:
    size, start = np.array([10, 10, 4], np.int64), np.array([0, 2, 3])  # the two tens are one document
    shard, document = np.array([0, 1, 1], np.int32), np.array([0, 0, 1])
    remains = kernels.exchange(np.array([0]), np.array([1, 2]), 0, 1, 10.0, size, document, start, shard)
    assert remains == 10 and shard.tolist() == [0, 1, 1]


def test_a_twin_moves_where_its_document_is_not() -> None:
    size, start = np.array([10, 10, 4, 9, 30], np.int64), np.array([0, 2, 3, 4, 5])
    document, shard = np.array([0, 0, 1, 2, 3]), np.array([0, 0, 1, 1, 1], np.int32)
    load, ends = np.array([20, 43]), np.array([0, 2, 5])
    kernels.part_twins(np.array([1]), np.arange(5), ends, 9, load, size, document, start, shard)
    assert shard.tolist() == [0, 1, 1, 0, 1] and load.tolist() == [19, 44]  # 9 is most like 10
    alone = np.array([0, 0], np.int32)
    load, ends = np.array([20, 0]), np.array([0, 2, 2])
    kernels.part_twins(
        np.array([1]),
        np.arange(2),
        ends,
        9,
        load,
        size[:2].copy(),
        document[:2].copy(),
        start[:2].copy(),
        alone,
    )
    assert alone.tolist() == [0, 1] and load.tolist() == [10, 10]


def test_neighbours_are_parted_within_their_shard_only() -> None:
    document = np.array([1, 1, 2, 3, 4, 4, 4])
    copy, shard = np.array([1, 2, 1, 1, 1, 2, 3], np.int32), np.array([0, 0, 0, 0, 0, 1, 1], np.int32)
    kernels.keep_apart(document, copy, shard, 100)
    assert document.tolist() == [1, 2, 1, 3, 4, 4, 4] and copy.tolist()[:3] == [1, 1, 2]
