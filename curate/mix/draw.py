"""Which documents of a source are drawn, and how often.

Copy k of a document has the rank (k - f) / weight, f a fraction in [0, 1) hashed from document and seed.
The copies of lowest rank are taken until the source's tokens are reached: systematic sampling with the
weights as expected copies, in which a bigger budget only adds. The last document rarely fits, so what still
fits is taken in order until hardly anything is missing. Nothing depends on file names, row order or other
documents.

A kind of document may have a floor: its copies of lowest rank are reserved until they reach it, the rest of
the budget goes by rank over all. As long as floors grow with the budget and never faster, a bigger budget
still only adds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

WINDOW = 1 << 16
"""Copies around the cut that are sorted; all others are only counted."""

CHUNK = 1 << 18
"""Documents counted at a time, so that temporaries stay in the cache."""

EXCHANGED = 2048
"""Copies on either side of the cut among which an exchange is looked for when nothing fits any more."""

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def mixed(hash_high: np.ndarray, hash_low: np.ndarray, seed: int, stream: int = 0) -> np.ndarray:
    """(n,) uint64: s(s(s(s(seed) ^ stream) ^ high) ^ low), s the step of splitmix64 (Steele, Lea and Flood
    2014, fig. 16). hash_high, hash_low: (n,) uint64 halves of the 128-bit document hashes. `stream` tells
    apart what is hashed for different purposes."""
    start = np.array([seed & _WORD], np.uint64)
    start = _step(_step(start) ^ np.uint64(stream))
    return _step(_step(hash_high ^ start) ^ hash_low)


def _step(x: np.ndarray) -> np.ndarray:
    """One step of splitmix64 from each state; overwrites x."""
    x += np.uint64(_GOLDEN)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return x


def fractions(hash_high: np.ndarray, hash_low: np.ndarray, seed: int) -> np.ndarray:
    """(n,) float64 in [0, 1), the f of each document: the upper 53 bits of `mixed`."""
    bits = mixed(hash_high, hash_low, seed)
    bits >>= np.uint64(11)
    return bits * 2.0**-53


def filled_weights(weight: np.ndarray) -> np.ndarray:
    """(n,) float64 positive weights: NaN becomes the mean of the others, 1 when there are no others. The
    mean is exact (fsum), so that no order of rows changes it."""
    unknown = np.isnan(weight)
    if not unknown.any():
        return weight
    known = weight[~unknown]
    return np.where(unknown, math.fsum(known) / len(known) if len(known) else 1.0, weight)


def draw(
    target: int,
    tokens: np.ndarray,
    fraction: np.ndarray,
    weight: np.ndarray,
    max_copies: int,
    enough: int = 0,
    least: np.ndarray | None = None,
) -> np.ndarray:
    """(n,) int32: how many copies of each document of one source are drawn, at most max_copies.

    target: tokens wanted; never exceeded. tokens: (n,) int64. fraction: (n,) float64, see `fractions`.
    weight: (n,) float64, positive. enough: tokens that may be missing before the search for what still fits
    ends. least: (n,) int32 copies that are drawn in any case, see `reserved`; no more than `target` tokens.
    Documents must come in an order that does not depend on files: equal ranks go by it.
    """
    if target <= 0 or not len(tokens):
        return np.zeros(len(tokens), np.int32)
    if target >= int(tokens.sum()) * max_copies:
        return np.full(len(tokens), max_copies, np.int32)
    least = np.zeros(len(tokens), np.int32) if least is None else least
    ranks = _Ranks(tokens, fraction, weight, max_copies, least)
    lowest, highest = ranks.around(target - enough)
    copies = ranks.copies(lowest)
    missing = target - int(tokens @ copies)
    for documents in ranks.onwards(lowest, highest):
        taken = _fitting(tokens[documents], missing, enough)
        np.add.at(copies, documents[taken], 1)
        missing -= int(tokens[documents[taken]].sum())
        if missing <= enough:
            return copies
        if missing < ranks.smallest():
            break
    return _exchanged(copies, ranks, missing, enough)


def reserved(
    target: int,
    tokens: np.ndarray,
    fraction: np.ndarray,
    weight: np.ndarray,
    max_copies: int,
    floors: np.ndarray,
    kind: np.ndarray,
) -> np.ndarray:
    """(n,) int32 copies that are drawn in any case: of each kind those of lowest rank, until they reach its
    floor, or all of them.

    floors: (n_kinds,) int64 tokens, which may not sum to more than target + n_kinds. kind: (n,) integers from
    0. Others as for `draw`. Where whole documents would pass `target`, each kind stops a document before its
    floor.
    """
    out = np.zeros(len(tokens), np.int32)
    if target >= int(tokens.sum()) * max_copies:
        return out
    for past in (1, 0):
        for k in np.flatnonzero(floors > 0):
            mine = np.flatnonzero(kind == k)
            ranks = _Ranks(tokens[mine], fraction[mine], weight[mine], max_copies, out[mine] * 0)
            out[mine] = ranks.reaching(int(floors[k]), past)
        if int(tokens @ out) <= target:
            break
    return out


class _Ranks:
    """The ranks of all copies of a source's documents, never written down all at once. least: (n,) int32
    copies that come before all ranks."""

    def __init__(
        self,
        tokens: np.ndarray,
        fraction: np.ndarray,
        weight: np.ndarray,
        max_copies: int,
        least: np.ndarray,
    ):
        self.tokens, self.fraction, self.weight = tokens, fraction, weight
        self.max_copies, self.least = max_copies, least

    def copies(self, rank: float) -> np.ndarray:
        """(n,) int32 copies of each document up to a rank: (k - f) / weight <= rank for k <= rank weight +
        f; no fewer than `least`."""
        below = self.weight * rank
        below += self.fraction
        found = np.minimum(below, self.max_copies, out=below).astype(np.int32)
        return np.maximum(found, self.least, out=found)

    def reaching(self, floor: int, past: int) -> np.ndarray:
        """(n,) int32 copies of lowest rank that reach `floor` tokens, or that do not when `past` is 0."""
        if int(self.tokens.sum()) * self.max_copies < floor:
            return np.full(len(self.tokens), self.max_copies, np.int32)
        lowest, highest = self.around(floor)
        copies = self.copies(lowest)
        documents = next(self.onwards(lowest, highest))
        sums = int(self.tokens @ copies) + np.cumsum(self.tokens[documents])
        np.add.at(copies, documents[: int(np.searchsorted(sums, floor)) + past], 1)
        return copies

    def sums(self, rank: float) -> tuple[int, int]:
        """(copies, tokens) of all documents up to a rank."""
        copies = tokens = 0
        for start in range(0, len(self.tokens), CHUNK):
            part = slice(start, start + CHUNK)
            columns = (self.tokens[part], self.fraction[part], self.weight[part])
            chunk = _Ranks(*columns, self.max_copies, self.least[part])
            below = chunk.copies(rank)
            copies, tokens = copies + int(below.sum()), tokens + int(chunk.tokens @ below)
        return copies, tokens

    def around(self, target: int) -> tuple[float, float]:
        """Two ranks, `target` tokens not yet reached at the first and reached at the second, with at most
        WINDOW copies between them if these can be told apart."""
        lowest, highest = 0.0, self.last()
        few, many = int(self.least.sum()), self.sums(highest)[0]
        while many - few > WINDOW and lowest < (middle := (lowest + highest) / 2) < highest:
            copies, tokens = self.sums(middle)
            if tokens < target:
                lowest, few = middle, copies
            else:
                highest, many = middle, copies
        return lowest, highest

    def smallest(self) -> int:
        """Tokens of the smallest document that has any."""
        return int(self.tokens[self.tokens > 0].min())

    def last(self) -> float:
        """A rank that no copy exceeds."""
        return float(self.max_copies / self.weight.min() * (1 + 1e-9))

    def onwards(self, lowest: float, highest: float) -> Iterator[np.ndarray]:
        """The documents whose next copies follow `lowest`, in order of rank, by windows of ranks that grow
        until no copy is left."""
        last, before = self.last(), self.copies(lowest)
        width = highest - lowest
        while True:
            after = self.copies(highest)
            documents = np.repeat(np.arange(len(after)), after - before)
            yield documents[np.argsort(self.ranks(documents, before), kind="stable")]
            if highest >= last:
                return
            before, width = after, 4 * width
            highest = min(highest + width, last)

    def ranks(self, documents: np.ndarray, before: np.ndarray) -> np.ndarray:
        """(m,) float64 rank of each copy in `documents` (ascending): the first of a document is its copy
        number before + 1."""
        first = np.searchsorted(documents, documents)
        k = before[documents] + 1 + np.arange(len(documents)) - first
        ranks: np.ndarray = (k - self.fraction[documents]) / self.weight[documents]
        return ranks


def _fitting(tokens: np.ndarray, missing: int, enough: int) -> np.ndarray:
    """Indices of what is taken, in order, each when it still fits, until at most `enough` tokens are
    missing."""
    waiting, taken = np.arange(len(tokens)), []
    while missing > enough and len(waiting):
        sums = np.cumsum(tokens[waiting])
        fit = int(np.searchsorted(sums, missing, side="right"))
        if fit and sums[fit - 1] >= missing - enough:
            fit = int(np.searchsorted(sums, missing - enough)) + 1
        taken.append(waiting[:fit])
        missing -= int(sums[fit - 1]) if fit else 0
        waiting = waiting[fit:]
        waiting = waiting[tokens[waiting] <= missing]
    return np.concatenate(taken) if taken else waiting[:0]


def _exchanged(copies: np.ndarray, ranks: _Ranks, missing: int, enough: int) -> np.ndarray:
    """Nothing fits any more, yet too much is missing: exchanges copies near the cut for slightly larger
    ones."""
    for _ in range(16):
        last = (copies - ranks.fraction) / ranks.weight
        drawn = np.flatnonzero(copies > ranks.least)
        drawn = drawn[np.argsort(-last[drawn], kind="stable")[:EXCHANGED]]
        spare = np.flatnonzero(copies < ranks.max_copies)
        spare = spare[np.argsort((last + 1 / ranks.weight)[spare], kind="stable")[:EXCHANGED]]
        out, into, gain = _best_exchange(ranks.tokens[drawn], ranks.tokens[spare], missing)
        if gain <= 0:
            break
        copies[drawn[out]] -= 1
        copies[spare[into]] += 1
        missing -= gain
        if missing <= enough:
            break
    return copies


def _best_exchange(out: np.ndarray, into: np.ndarray, missing: int) -> tuple[int, int, int]:
    """(index out, index in, tokens gained): the exchange that gains most, at most `missing`; gain 0 when
    there is none."""
    if not len(out) or not len(into):
        return 0, 0, 0
    order = np.argsort(out, kind="stable")
    place = np.searchsorted(out[order], into - missing)
    possible = place < len(out)
    gain = np.where(possible, into - out[order[np.minimum(place, len(out) - 1)]], 0)
    best = int(np.argmax(gain))
    return int(order[min(place[best], len(out) - 1)]), best, int(gain[best])
