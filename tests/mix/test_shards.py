"""Shards: equal parts of each source, boulders first, copies apart, deficits evened out from place to
place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.mix import MixRequest, MixSource, largest_documents, oversize
from curate.mix.shards import Drawn, interleave, number_of_shards, place
from tests.mix.corpora import request


def hashes(n: int, seed: int = 1) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).integers(0, 1 << 64, n, dtype=np.uint64))


def test_the_number_of_shards_is_rounded() -> None:
    found = [number_of_shards(total, 100) for total in (0, 1, 149, 150, 249, 250, 1000)]
    assert found == [1, 1, 1, 2, 2, 3, 10]


def loads(tokens: np.ndarray, copies: np.ndarray, shard: np.ndarray, n_shards: int) -> np.ndarray:
    return np.bincount(shard, np.repeat(tokens, copies), n_shards)


@settings(max_examples=60)
@given(st.integers(1, 400), st.integers(1, 12), st.integers(1, 7), st.integers(0, 2**32))
def test_every_copy_has_a_shard_and_copies_are_as_far_apart_as_they_can(
    n: int, n_shards: int, most: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    tokens, copies = rng.integers(0, 1000, n), rng.integers(1, most + 1, n)
    shard = place(tokens, copies, hashes(n, seed), n_shards, tokens.sum() / n_shards / 20, 10)
    assert len(shard) == copies.sum() and shard.min() >= 0 and shard.max() < n_shards
    document = np.repeat(np.arange(n), copies)
    together = np.bincount(document * n_shards + shard, minlength=n * n_shards).reshape(n, n_shards)
    apart = together.max(axis=1) <= -(-copies // n_shards)
    assert apart.all() or (n < 40 and apart.mean() >= 0.7)  # few documents leave nothing to exchange with


def test_copies_of_a_document_are_in_different_shards() -> None:
    rng = np.random.default_rng(3)
    tokens, copies = rng.integers(50, 4000, 5000), rng.integers(1, 8, 5000)
    for n_shards in (7, 8, 40):
        shard = place(tokens, copies, hashes(5000), n_shards, np.inf, 100)
        where = np.repeat(np.arange(5000), copies) * n_shards + shard
        assert len(np.unique(where)) == len(where)


def test_copies_of_a_document_are_half_the_corpus_apart_when_there_are_two() -> None:
    tokens = np.random.default_rng(3).integers(50, 4000, 5000)
    shard = place(tokens, np.full(5000, 2), hashes(5000), 40, np.inf, 100)
    apart = np.abs(np.diff(shard.reshape(-1, 2), axis=1))
    assert np.isin(apart, range(18, 23)).mean() > 0.99


def test_shards_are_even_to_a_few_tokens() -> None:
    rng = np.random.default_rng(4)
    tokens = rng.lognormal(6.5, 1, 20_000).astype(np.int64)
    shard = place(tokens, np.ones(20_000, np.int32), hashes(20_000), 25, np.inf, 0)
    load = loads(tokens, np.ones(20_000, int), shard, 25)
    assert np.ptp(load) <= 10


def test_a_shard_reads_one_range_of_hashes_and_a_few_documents_beside_it() -> None:
    rng = np.random.default_rng(4)
    tokens = rng.lognormal(6.5, 1, 20_000).astype(np.int64)
    shard = place(tokens, np.ones(20_000, np.int32), hashes(20_000), 25, np.inf, 100)
    assert (np.diff(shard) < 0).sum() <= 2 * 25
    strays = np.abs(shard - np.maximum.accumulate(shard))
    assert strays.max() <= 1 and (np.diff(shard) != 0).sum() <= 5 * 25


def test_boulders_go_where_most_room_is() -> None:
    tokens = np.array([900, 800, 700, 600, 500, 400] + [1] * 600)
    shard = place(tokens, np.ones(606, np.int32), hashes(606), 3, 100, 0)
    assert sorted(np.bincount(shard[:6], tokens[:6], 3)) == [1300, 1300, 1300]
    assert np.ptp(loads(tokens, np.ones(606, int), shard, 3)) == 0


def test_uneven_boulders_are_exchanged_until_shards_are_even() -> None:
    """Largest first alone leaves 7 + 5 + 5 beside 7 + 4 + 4 (and 6 + 6 + ...); exchanges find the even
    parts."""
    tokens = np.array([7, 7, 6, 6, 5, 5, 4, 4, 4, 4, 4, 4]) * 1000  # 60,000: 3 shards of 20,000
    shard = place(tokens, np.ones(12, np.int32), hashes(12), 3, 100, 0)
    assert loads(tokens, np.ones(12, int), shard, 3).tolist() == [20_000] * 3


def drawn(shard: np.ndarray, size: np.ndarray, first: int = 0, seed: int = 1) -> Drawn:
    n = len(shard)
    rng = np.random.default_rng(seed)
    want = rng.integers(0, 1 << 64, n, dtype=np.uint64)
    return Drawn(np.arange(first, first + n), want, np.ones(n, np.int32), shard.astype(np.int32), size)


def test_up_to_any_place_each_source_is_within_a_document_of_its_share() -> None:
    rng = np.random.default_rng(6)
    sizes = [rng.lognormal(m, 1, n).astype(np.int64) + 1 for m, n in ((6, 3000), (7, 500), (9, 60))]
    sources = [drawn(np.zeros(len(s)), s, 10_000 * i, i) for i, s in enumerate(sizes)]
    placed = interleave(sources, 1)
    size = np.zeros(30_000)
    for source, tokens in zip(sources, sizes, strict=True):
        size[source.document] = tokens
    inside = np.cumsum(size[placed.document])
    total = inside[-1]
    for i, tokens in enumerate(sizes):
        mine = np.cumsum(np.where(placed.document // 10_000 == i, size[placed.document], 0))
        assert np.abs(mine - inside * tokens.sum() / total).max() <= sum(s.max() for s in sizes)
        assert np.abs(mine - inside * tokens.sum() / total)[len(inside) // 100 :].mean() <= tokens.max()


def test_places_count_from_zero_in_each_shard_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(7)
    sources = [drawn(rng.integers(0, 9, 500), rng.integers(0, 90, 500), 1000 * i, i) for i in range(3)]
    placed = interleave(sources, 9)
    assert sorted(placed.document) == sorted(np.concatenate([s.document for s in sources]))
    assert (np.diff(placed.shard) >= 0).all()
    for j in range(9):
        assert placed.position[placed.shard == j].tolist() == list(range((placed.shard == j).sum()))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.integers(0, 2**32))
def test_copies_of_one_document_are_never_neighbours(copies: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(copies)), copies)
    want = rng.integers(0, 1 << 64, len(which), dtype=np.uint64)
    n = len(which)
    source = Drawn(which, want, np.ones(n, np.int32), np.zeros(n, np.int32), rng.integers(1, 99, n))
    placed = interleave([source], 1)
    if 4 * max(copies) < n:
        assert (placed.document[1:] != placed.document[:-1]).all()


def test_a_document_larger_than_its_sources_least_part_of_a_shard_is_oversize() -> None:
    asked = request(shard_tokens=500_000)
    assert largest_documents(asked).tolist() == [250_000, 75_000, 50_000, 50_000]
    tokens, source = np.array([250_000, 250_001, 50_000, 60_000]), np.array([0, 0, 2, 2], np.int16)
    mask, needed = oversize(tokens, source, asked)
    assert mask.tolist() == [False, True, False, True]
    assert needed.tolist() == [500_000, 500_002, 500_000, 600_000]


def test_a_corpus_smaller_than_a_shard_has_smaller_shards() -> None:
    assert largest_documents(request(tokens=100_000, shard_tokens=500_000))[0] == 50_000
    assert largest_documents(request(tokens=1_200_000, shard_tokens=500_000))[0] == 300_000


def test_a_source_that_may_be_left_out_still_takes_documents_within_the_tolerance() -> None:
    sources = (MixSource("a", 0.95, 0.5, 1), MixSource("b", 0.05, 0, 0.5))
    assert largest_documents(MixRequest(sources, shard_tokens=100_000)).tolist() == [50_000, 1000]


@pytest.mark.parametrize("n_shards", [1, 2, 5])
def test_documents_without_tokens_have_a_place_too(n_shards: int) -> None:
    shard = place(np.zeros(7, np.int64), np.full(7, 2), hashes(7), n_shards, 0.0, 0.0)
    assert len(shard) == 14 and shard.max() < n_shards
