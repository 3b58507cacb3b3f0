"""Which output shard each drawn copy goes to, and its place there, so that every shard has the planned
shares.

Shards are equally large, in all and per source. Boulders, documents above 0.75 % of a shard, go first,
largest first, to the shard that holds least of their source; the rest fill up as ranges of the document
hash, so that writing a shard reads few stretches of the texts, which lie in that order. Copies go to
different shards where there are as many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from curate.kernels import mix as kernels
from curate.mix.budget import MixRequest

BOULDER = 0.0075
"""Fraction of a shard: a range of smaller documents misses its share by less than the default tolerance of a
shard, 0.01, before any is exchanged."""

WINDOW = 64
"""Documents on each side of the meeting of two ranges that may change sides: 4,096 exchanges leave an error
of about a token, and their texts lie where writing reads anyway."""

AIM = 0.1
"""Fraction of the shard tolerance under which shards count as even."""

APART = 1024
"""Places before and after in which another is looked for that would keep two copies of a document apart."""

PARTNERS = 16
"""Shards that are tried in exchange with the most uneven one."""


def number_of_shards(total: int, shard_tokens: int) -> int:
    """round(total / shard_tokens), halves up, at least 1."""
    return max(1, (2 * total + shard_tokens) // (2 * shard_tokens))


def largest_documents(request: MixRequest) -> np.ndarray:
    """(n_sources,) int64: tokens that a document of each source may have, before anything is known of the
    documents: the least part of a shard that the source may have, or the shard tolerance where that is
    more."""
    size = float(request.shard_tokens)
    if request.tokens is not None:
        size = request.tokens / number_of_shards(request.tokens, request.shard_tokens)
    least = np.array([max(s.low, request.shard_tolerance) for s in request.sources])
    return np.floor(least * size + 1e-6).astype(np.int64)


def oversize(tokens: np.ndarray, source: np.ndarray, request: MixRequest) -> tuple[np.ndarray, np.ndarray]:
    """The documents of rule `mix.oversize`: (n,) bool, larger than their source's least part of a shard, and
    (n,) int64, the `shard_tokens` that would hold each. tokens: (n,) int64; source: (n,) int16."""
    least = np.array([max(s.low, request.shard_tolerance) for s in request.sources])
    needed = np.ceil(tokens / least[source] - 1e-6).astype(np.int64)
    return tokens > largest_documents(request)[source], needed


def place(
    tokens: np.ndarray, copies: np.ndarray, hash_high: np.ndarray, n_shards: int, boulder: float, even: float
) -> np.ndarray:
    """(m,) int32 shard of each copy of one source's documents, copy after copy, document after document.

    tokens: (n,) int64, copies: (n,) int, hash_high: (n,) uint64 ascending. boulder: tokens above which a
    document counts as one. even: tokens by which shards may differ from their equal part before exchanges
    stop. Every document is in n_shards different shards, or in as many as it has copies, but for what
    exchanges cannot part.
    """
    start = np.concatenate([[0], np.cumsum(copies, dtype=np.int64)])
    number = np.arange(start[-1]) - np.repeat(start[:-1], copies)
    shard: np.ndarray = (number % n_shards).astype(np.int32)
    rest = copies % n_shards
    if n_shards > 1 and rest.any():
        some = np.flatnonzero(rest)
        state = _Placing(tokens[some], rest[some], n_shards)
        state.boulders(boulder)
        state.ranges(hash_high[some], boulder)
        state.exchanges(even)
        shard[number >= np.repeat(copies - rest, copies)] = state.shard
    return shard


class _Placing:
    """One source's copies on their way into shards: at most n_shards - 1 of each document, the others being
    even already. size, document, shard have one entry per copy; shard -1: not placed."""

    def __init__(self, tokens: np.ndarray, copies: np.ndarray, n_shards: int):
        self.tokens, self.copies, self.n_shards = tokens, copies.astype(np.int64), n_shards
        self.start = np.concatenate([[0], np.cumsum(self.copies)])
        self.document = np.repeat(np.arange(len(tokens)), self.copies)
        self.size = tokens[self.document]
        self.shard = np.full(len(self.document), -1, np.int32)

    def boulders(self, boulder: float) -> None:
        """Places documents above `boulder` tokens, largest first, where least is."""
        large = np.flatnonzero(self.tokens > boulder)
        large = large[np.argsort(-self.tokens[large], kind="stable")]
        start = np.concatenate([[0], np.cumsum(self.copies[large])])
        where = np.empty(start[-1], np.int32)
        load = np.zeros(self.n_shards, np.int64)
        kernels.emptiest_first(self.tokens[large], start, load, where)
        within = np.arange(start[-1]) - np.repeat(start[:-1], self.copies[large])
        self.shard[np.repeat(self.start[large], self.copies[large]) + within] = where

    def ranges(self, hash_high: np.ndarray, boulder: float) -> None:
        """Fills up with the others by hash; copy k of K starts k / K of the way round, so that copies are
        as far apart as can be."""
        placed = self.loads()
        order = self._round_the_hashes(hash_high, boulder)
        sums = np.cumsum(self.size[order])
        if not len(order) or sums[-1] == 0:
            self.shard[order] = np.arange(len(order)) * self.n_shards // max(len(order), 1)
            return
        goal = _filled_up(placed, int(sums[-1]))
        middles = sums - self.size[order] / 2
        ends = np.searchsorted(middles, np.cumsum(goal - placed)[:-1], side="right")
        ends = np.concatenate([[0], ends, [len(order)]])
        self.shard[order] = np.repeat(np.arange(self.n_shards, dtype=np.int32), np.diff(ends))
        several = (self.size, self.document, self.start, self.shard)
        if (twins := self._twins()).size:
            kernels.part_twins(twins, order, ends, 16 * WINDOW, self.loads(), *several)
        kernels.finish_ranges(order, ends, self.loads() - goal, WINDOW, *several)

    def exchanges(self, even: float) -> None:
        """Where large documents leave shards uneven: the most uneven shard exchanges with those that are so
        the other way, as long as that helps."""
        excess = self.loads() - self.size.sum() / self.n_shards
        if np.abs(excess).max() <= even:
            return
        members = _Members(self.shard, self.size, self.n_shards)
        for _ in range(20 * min(self.n_shards, 1000)):
            worst = int(np.argmax(np.abs(excess)))
            if abs(excess[worst]) <= even or not self._exchange_one(worst, excess, members):
                return

    def _exchange_one(self, worst: int, excess: np.ndarray, members: _Members) -> bool:
        sign = np.sign(excess[worst])
        for other in np.argsort(sign * excess, kind="stable")[:PARTNERS]:
            level = (excess[worst] + excess[other]) / 2
            if sign * (excess[worst] - level) <= 0:
                return False
            left, right = members.of(worst), members.of(int(other))
            wanted = excess[worst] - level
            several = (self.size, self.document, self.start, self.shard)
            remains = kernels.exchange(left, right, worst, int(other), wanted, *several)
            if remains != wanted:
                excess[worst], excess[other] = level + remains, level - remains
                members.changed(self.shard, worst, int(other), left, right)
                return True
        return False

    def loads(self) -> np.ndarray:
        """(n_shards,) int64 tokens placed in each shard."""
        there = self.shard >= 0
        return np.bincount(self.shard[there], self.size[there], self.n_shards).astype(np.int64)

    def _round_the_hashes(self, hash_high: np.ndarray, boulder: float) -> np.ndarray:
        """The copies to be placed by hash, in order of hash + k / K of the range of hashes."""
        order = np.flatnonzero(self.size <= boulder)
        turns = int(self.copies[self.document[order]].max(initial=1))
        if turns == 1:
            return order
        number = (order - self.start[self.document[order]]).astype(np.uint64)
        at = hash_high[self.document[order]] + number * np.uint64((1 << 64) // turns)
        return order[np.argsort(at, kind="stable")]

    def _twins(self) -> np.ndarray:
        """(t,) int64 copies that have another copy of their document before them in the same shard."""
        several = np.flatnonzero(self.copies[self.document] > 1)
        where = self.document[several] * self.n_shards + self.shard[several]
        order = np.argsort(where, kind="stable")
        twins: np.ndarray = several[order[1:][where[order[1:]] == where[order[:-1]]]]
        return twins


class _Members:
    """The copies in each shard, for exchanges: the largest and as many others, WINDOW times 4 at most
    each."""

    def __init__(self, shard: np.ndarray, size: np.ndarray, n_shards: int):
        self.size = size
        self.order = np.argsort(shard, kind="stable")
        self.ends = np.searchsorted(shard[self.order], np.arange(n_shards + 1))
        self.lists: dict[int, np.ndarray] = {}

    def of(self, shard: int) -> np.ndarray:
        """(c,) int64 copies, in order of size."""
        if shard not in self.lists:
            found = self.order[self.ends[shard] : self.ends[shard + 1]]
            found = found[np.argsort(self.size[found], kind="stable")]
            if len(found) > 8 * WINDOW:
                spread = np.linspace(0, len(found) - 4 * WINDOW - 1, 4 * WINDOW).astype(np.int64)
                found = np.concatenate([found[spread], found[-4 * WINDOW :]])
            self.lists[shard] = found
        return self.lists[shard]

    def changed(self, shard: np.ndarray, a: int, b: int, left: np.ndarray, right: np.ndarray) -> None:
        """Follows an exchange between shards a and b, whose copies were left and right."""
        both = np.concatenate([left, right])
        self.lists[a], self.lists[b] = both[shard[both] == a], both[shard[both] == b]


def _filled_up(placed: np.ndarray, amount: int) -> np.ndarray:
    """(n_shards,) float64 tokens after pouring `amount` onto what is placed, as water would: the fullest
    shards may stand out."""
    steps = np.sort(placed)
    levels = (amount + np.cumsum(steps)) / np.arange(1, len(steps) + 1)
    covered = int(np.flatnonzero(levels >= steps)[-1])
    filled: np.ndarray = np.maximum(placed, levels[covered])
    return filled


@dataclass(frozen=True)
class Drawn:
    """The drawn copies of one source. document: (m,) int64 rows of the caller; twin: (m,) uint64 where in a
    shard the copy would like to stand, as a fraction of 2^64; copy, shard: (m,) int32; size: (m,) int64
    tokens."""

    document: np.ndarray
    twin: np.ndarray
    copy: np.ndarray
    shard: np.ndarray
    size: np.ndarray


@dataclass(frozen=True)
class Placed:
    """All copies by shard and position. document: (m,) int64; copy, shard: (m,) int32."""

    document: np.ndarray
    copy: np.ndarray
    shard: np.ndarray

    @cached_property
    def position(self) -> np.ndarray:
        """(m,) int32 place of each copy in its shard, from 0."""
        first = np.searchsorted(self.shard, np.arange(int(self.shard.max(initial=0)) + 1))
        positions: np.ndarray = np.arange(len(self.shard)) - first[self.shard]
        return positions.astype(np.int32)


def interleave(sources: Iterable[Drawn], n_shards: int) -> Placed:
    """Orders the copies of all sources within their shards.

    A source's copies in a shard stand in hashed order. One is due when its source has used up the fraction
    of its tokens there that ends in its middle; what is due first goes next. So up to any place in a shard
    every source is within half a document of its share, and the source with the largest deficit goes next.
    Copies of one document are kept apart.
    """
    due, parts = zip(*(_due(source, n_shards) for source in sources), strict=True)
    order = np.argsort(np.concatenate(due), kind="stable")
    del due
    document, copy, shard = (
        np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("document", "copy", "shard")
    )
    kernels.keep_apart(document, copy, shard, APART)
    return Placed(document, copy, shard)


def _due(source: Drawn, n_shards: int) -> tuple[np.ndarray, Placed]:
    """(m,) uint64 when each copy of a source is due, shard first, and the copies in that order."""
    bits = 63 - n_shards.bit_length()
    at = source.shard.astype(np.uint64) << np.uint64(bits)
    order = np.argsort(at | (source.twin >> np.uint64(64 - bits)), kind="stable")
    shard, size = source.shard[order], source.size[order]
    sums = np.cumsum(size)
    ends = np.searchsorted(shard, np.arange(n_shards + 1))
    before = np.concatenate([[0], sums])[ends]
    used = (sums - size / 2 - before[shard]) / np.maximum(np.diff(before), 1)[shard]
    due = at[order] | (np.clip(used, 0, 1 - 2.0**-50) * 2.0**bits).astype(np.uint64)
    return due, Placed(source.document[order], source.copy[order], shard)
