"""Which of several like documents is the one to keep, and the equal ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Preference(NamedTuple):
    """What decides which of like documents is kept, in this order; each of length n.

    priority: int, of the source, the lowest first (academic, code, synthetic, web). sizes: int64 bytes of
    the final text, the longest first. hashes: (n, 2) uint64 document hash, lowest first. tie: int64, rank
    by id and key; no two are equal.
    """

    priority: np.ndarray
    sizes: np.ndarray
    hashes: np.ndarray
    tie: np.ndarray

    def rank(self) -> np.ndarray:
        """(n,) int64 place of each document, 0 for the most preferred."""
        order = np.lexsort((self.tie, self.hashes[:, 1], self.hashes[:, 0], -self.sizes, self.priority))
        return inverse(order)

    def take(self, rows: np.ndarray) -> Preference:
        """Those of the documents at `rows`."""
        return Preference(*(column[rows] for column in self))


def inverse(order: np.ndarray) -> np.ndarray:
    """(n,) int64: where each of 0 … n - 1 stands in `order`."""
    out = np.empty(len(order), np.int64)
    out[order] = np.arange(len(order))
    return out


def ranges(hashes: np.ndarray, parts: int) -> np.ndarray:
    """(n,) int64: in which of `parts` equal ranges of 64 bits each hash ((n,) uint64) lies."""
    return ((hashes >> np.uint64(32)) * np.uint64(parts) >> np.uint64(32)).astype(np.int64)


def representatives(hashes: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """(n,) int64: of each document the one with the same hash of the lowest rank, itself where there is none.

    hashes: (n, 2) uint64 of the final texts, all documents of a range of the first column. rank: (n,) int64.
    """
    order = np.lexsort((rank, hashes[:, 1], hashes[:, 0]))
    ordered = hashes[order]
    first = np.ones(len(order), bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    out = np.empty(len(order), np.int64)
    out[order] = order[first][np.cumsum(first) - 1]
    return out


def settle(same: np.ndarray, near: np.ndarray, similarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Puts both kinds of duplicates together: (duplicate_of: (n,) int64, -1 for a kept document; similarity:
    (n,) float64, NaN for a kept one).

    same: (n,) int64, the representative of the same text, itself where it is one. near: (n,) int64 and
    similarity: (n,) float64 of such representatives, the document kept that they are near, -1 for none. A
    copy of a near-duplicate becomes a duplicate of what is kept, with the similarity that their text has.
    """
    numbers = np.arange(len(same))
    of = near[same]
    copy = (of < 0) & (same != numbers)
    of = np.where(copy, same, of)
    return of, np.where(copy, 1.0, np.where(of < 0, np.nan, similarity[same]))
