"""The sequential loops of the mixer: large documents into the emptiest shards, exchanges between two shards.

Arrays are C-contiguous and writable; callers see to that. `start: (n + 1,) int64` delimits the copies of each
document in arrays of one entry per copy.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def emptiest_first(tokens: np.ndarray, start: np.ndarray, load: np.ndarray, shard: np.ndarray) -> None:
    """tokens: (n,) int64, largest first; start: (n + 1,) int64; load: (n_shards,) int64 tokens placed so
    far, added to; shard: (m,) int32, filled. The copies of a document, at most n_shards, go to as many
    shards: those that hold least, the first of equals (Graham's LPT rule, 1969)."""
    heap = [(load[j], j) for j in range(len(load))]
    heapq.heapify(heap)
    taken = np.empty(len(load), np.int64)
    for i in range(len(tokens)):
        copies = start[i + 1] - start[i]
        for k in range(copies):
            taken[k] = heapq.heappop(heap)[1]
        for k in range(copies):
            j = taken[k]
            load[j] += tokens[i]
            shard[start[i] + k] = j
            heapq.heappush(heap, (load[j], j))


@njit(cache=True, nogil=True)
def _may_move(copy: int, target: int, document: np.ndarray, start: np.ndarray, shard: np.ndarray) -> bool:
    """Whether no other copy of the same document is in the shard `target`."""
    for other in range(start[document[copy]], start[document[copy] + 1]):
        if shard[other] == target and other != copy:
            return False
    return True


@njit(cache=True, nogil=True)
def exchange(
    left: np.ndarray,
    right: np.ndarray,
    a: int,
    b: int,
    excess: float,
    size: np.ndarray,
    document: np.ndarray,
    start: np.ndarray,
    shard: np.ndarray,
) -> float:
    """Moves at most one copy of `left` from shard a to b and at most one of `right` from b to a, so that
    `excess`, the tokens that a has too many (negative: too few), comes nearest to 0; returns what remains
    of it.

    left, right: int64 copies; those no longer in a or b are passed over. size, document: (m,) int64 tokens
    and document of each copy. shard: (m,) int32, changed. No document gets two copies in one shard.
    """
    from_left = [c for c in left if shard[c] == a and _may_move(c, b, document, start, shard)]
    from_right = [c for c in right if shard[c] == b and _may_move(c, a, document, start, shard)]
    best, out, into = excess, -1, -1
    for c in from_left:
        if abs(excess - size[c]) < abs(best):
            best, out = excess - size[c], c
    for c in from_right:
        if abs(excess + size[c]) < abs(best):
            best, out, into = excess + size[c], -1, c
    for c in from_left:
        for d in from_right:
            if abs(excess - size[c] + size[d]) < abs(best):
                best, out, into = excess - size[c] + size[d], c, d
        if best == 0:
            break
    if out >= 0:
        shard[out] = b
    if into >= 0:
        shard[into] = a
    return best


@njit(cache=True, nogil=True)
def finish_ranges(
    order: np.ndarray,
    ends: np.ndarray,
    excess: np.ndarray,
    window: int,
    size: np.ndarray,
    document: np.ndarray,
    start: np.ndarray,
    shard: np.ndarray,
) -> None:
    """Evens out shards that hold consecutive ranges of `order`: where two meet, copies of the last `window`
    of one and the first of the next change places until the tokens up to there are right.

    order: (p,) int64 copies. ends: (n_shards + 1,) int64, shard j had order[ends[j]:ends[j + 1]]. excess:
    (n_shards,) float64 tokens that each shard has too many. The rest as in `exchange`.
    """
    before = 0.0
    for j in range(len(excess) - 1):
        before += excess[j]
        left = order[max(ends[j], ends[j + 1] - window) : ends[j + 1]]
        right = order[ends[j + 1] : min(ends[j + 2], ends[j + 1] + window)]
        moved = before - exchange(left, right, j, j + 1, before, size, document, start, shard)
        before -= moved
        excess[j] -= moved
        excess[j + 1] += moved


@njit(cache=True, nogil=True)
def part_twins(
    twins: np.ndarray,
    order: np.ndarray,
    ends: np.ndarray,
    window: int,
    load: np.ndarray,
    size: np.ndarray,
    document: np.ndarray,
    start: np.ndarray,
    shard: np.ndarray,
) -> None:
    """Each copy in `twins`, int64, shares its shard with another copy of its document: it changes places
    with the copy of most similar size among the first `window` of some near shards that hold none; where
    there is no such copy it just moves, to the one of these shards that holds least.

    load: (n_shards,) int64 tokens in each shard, kept up to date. The rest as in `finish_ranges`.
    """
    for c in twins:
        here, best, emptiest, seen = shard[c], -1, -1, 0
        for step in range(1, len(load)):
            j = (here + step) % len(load)
            if not _may_move(c, j, document, start, shard):
                continue
            emptiest = j if emptiest < 0 or load[j] < load[emptiest] else emptiest
            for i in range(ends[j], min(ends[j + 1], ends[j] + window)):
                d = order[i]
                nearer = best < 0 or abs(size[d] - size[c]) < abs(size[best] - size[c])
                if nearer and shard[d] == j and _may_move(d, here, document, start, shard):
                    best = d
            seen += 1
            if seen == 64 or (seen >= 8 and best >= 0):
                break
        there = shard[best] if best >= 0 else emptiest
        if there < 0:
            continue
        back = size[best] if best >= 0 else 0
        load[here] += back - size[c]
        load[there] += size[c] - back
        shard[c] = there
        if best >= 0:
            shard[best] = here


@njit(cache=True, nogil=True)
def keep_apart(document: np.ndarray, copy: np.ndarray, shard: np.ndarray, reach: int) -> None:
    """Exchanges places within a shard so that no copy follows another of its document. document: (m,) int64
    and copy: (m,) int32 are changed; shard: (m,) int32 ascending; reach: places in which another is looked
    for.

    One exchange does it where no document has a quarter of a shard's copies; otherwise some may stay
    neighbours.
    """
    for i in range(1, len(document)):
        if document[i] != document[i - 1] or shard[i] != shard[i - 1]:
            continue
        for step in range(2, 2 * reach + 2):
            j = i + (step // 2 if step % 2 == 0 else -(step // 2))
            if _may_swap(document, shard, i, j) and _may_swap(document, shard, j, i):
                document[i], document[j] = document[j], document[i]
                copy[i], copy[j] = copy[j], copy[i]
                break


@njit(cache=True, nogil=True)
def _may_swap(document: np.ndarray, shard: np.ndarray, i: int, j: int) -> bool:
    """Whether what stands at j may stand at i, of the same shard, when i moves to j."""
    if j < 0 or j >= len(document) or shard[j] != shard[i] or document[j] == document[i]:
        return False
    before = i == 0 or i - 1 == j or shard[i - 1] != shard[i] or document[i - 1] != document[j]
    after = i + 1 == len(document) or i + 1 == j or shard[i + 1] != shard[i] or document[i + 1] != document[j]
    return before and after
