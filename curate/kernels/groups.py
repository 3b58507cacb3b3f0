"""Groups of documents that share a band, and the walk through them that finds near-duplicates.

Inside a group documents go in order of preference. Each is compared with the kept ones that it shares a band
with, found through a list of kept documents per bucket. Work for one document is bounded by the constants
below, so that a group costs no more than linear time however many of its documents share a template.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from curate.kernels.minhash import jaccard

SCANNED = 1 << 14
"""Entries of buckets that are read for one document, smallest buckets first, as they tell most: 0.03 ms."""

ESTIMATED = 1 << 10
"""Kept documents whose signatures are compared with those of one document, most shared bands first: 0.03
ms."""

LOOK_AHEAD = 1 << 9
"""Documents behind one that waits for texts whose texts are asked for with it."""


class Task(NamedTuple):
    """Documents of some groups, n in all, group by group, in order of preference in each.

    rows: (n,) int64 of each in `signatures`. signatures: (any, p) uint32. buckets: (n, bands) int32, -1 where
    nobody shares it. sizes: (n,) int64 bytes of text. verify: least similarity of a duplicate. least_equal:
    least equal values of two signatures worth comparing. most: comparisons per document. room: bytes of texts
    whose sets may be in memory.
    """

    rows: np.ndarray
    signatures: np.ndarray
    buckets: np.ndarray
    sizes: np.ndarray
    verify: float
    least_equal: int
    most: int
    room: int


class Sets(NamedTuple):
    """Sets of shingle hashes in memory: that of document i is hashes[starts[i]:starts[i] + lengths[i]];
    starts is -1 where it is not there. starts, lengths: (n,) int64, hashes: (m,) uint64."""

    starts: np.ndarray
    lengths: np.ndarray
    hashes: np.ndarray


class Progress(NamedTuple):
    """How far the walk is. next, ends: (groups,) int64, the next document of each group and its end.
    starts: (buckets,) int64, filled: (buckets,) int64, members: (m,) int32: the kept documents of bucket b
    are members[starts[b]:starts[b] + filled[b]]. representative: (n,) int64, -1 for a kept document.
    similarity: (n,) float64. counts: (2,) int64, documents compared and left out. shared: (n,) int32,
    zeros. wanted: (n,) bool, the documents whose sets are needed to go on."""

    next: np.ndarray
    ends: np.ndarray
    starts: np.ndarray
    filled: np.ndarray
    members: np.ndarray
    representative: np.ndarray
    similarity: np.ndarray
    counts: np.ndarray
    shared: np.ndarray
    wanted: np.ndarray


@njit(cache=True, nogil=True)
def find(parents: np.ndarray, i: int) -> int:
    """The root of i, halving the path."""
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@njit(cache=True, nogil=True)
def union(parents: np.ndarray, edges: np.ndarray) -> None:
    """Joins the ends of each edge ((m, 2) int64) in `parents` ((n,) int32); the smaller root is the root."""
    for k in range(len(edges)):
        a, b = find(parents, edges[k, 0]), find(parents, edges[k, 1])
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b


@njit(cache=True, nogil=True)
def flatten(parents: np.ndarray) -> None:
    """Makes every document's parent its root: the smallest document of its group."""
    for i in range(len(parents)):  # a parent is never larger than its child, and is flat already
        parents[i] = parents[parents[i]]


@njit(cache=True, nogil=True)
def _insert(least: np.ndarray, number: int, key: int) -> int:
    """Puts a key into least[:number], ascending, the least that were seen; the last falls out when it is
    full.

    How many there are. Sorting a few keys so compiles in a tenth of the time that np.sort takes.
    """
    if number == len(least):
        if number == 0 or key >= least[number - 1]:
            return number
        number -= 1
    at = number
    while at > 0 and least[at - 1] > key:
        least[at] = least[at - 1]
        at -= 1
    least[at] = key
    return number + 1


@njit(cache=True, nogil=True)
def _sharing(task: Task, progress: Progress, i: int, found: np.ndarray) -> tuple[int, int]:
    """Kept documents that share a bucket with i into `found` ((SCANNED,) int32), how many they share into
    `progress.shared`; (how many documents, entries left unread)."""
    keys, used, unread = np.empty(task.buckets.shape[1], np.int64), 0, 0
    for bucket in task.buckets[i]:
        if bucket >= 0:
            used = _insert(keys, used, progress.filled[bucket] << 32 | np.int64(bucket))
    number, left = 0, SCANNED
    for key in keys[:used]:
        start, filled = progress.starts[key & 0xFFFFFFFF], key >> 32
        read = min(filled, left)
        left -= read
        unread += filled - read
        for other in progress.members[start : start + read]:
            if progress.shared[other] == 0:
                found[number] = other
                number += 1
            progress.shared[other] += 1
    return number, unread


@njit(cache=True, nogil=True)
def _equal(task: Task, i: int, other: int) -> int:
    a, b = task.signatures[task.rows[i]], task.signatures[task.rows[other]]
    equal = 0
    for k in range(len(a)):
        equal += a[k] == b[k]
    return equal


@njit(cache=True, nogil=True)
def _least_shared(progress: Progress, found: np.ndarray, bands: int) -> tuple[int, int]:
    """(shared bands above which every document found is estimated, how many are estimated at that number)."""
    histogram = np.zeros(bands + 1, np.int64)
    for other in found:
        histogram[progress.shared[other]] += 1
    least, left = bands, ESTIMATED
    while least > 0 and histogram[least] <= left:
        left -= histogram[least]
        least -= 1
    return least, left


@njit(cache=True, nogil=True)
def _candidates(task: Task, progress: Progress, i: int, found: np.ndarray) -> tuple[np.ndarray, int]:
    """(kept documents that i is to be compared with, how many more there may be).

    Most shared bands first, then the higher estimate, then preference.
    """
    bands, width = task.buckets.shape[1], task.signatures.shape[1]
    number, left_out = _sharing(task, progress, i, found)
    least, left = _least_shared(progress, found[:number], bands)
    keys, n, worth = np.empty(min(number, task.most), np.int64), 0, 0
    for other in found[:number]:
        shared = np.int64(progress.shared[other])
        progress.shared[other] = 0
        if shared < least or (shared == least and left == 0):
            left_out += 1
            continue
        left -= shared == least
        equal = _equal(task, i, other)
        if equal >= task.least_equal:
            n = _insert(keys, n, (bands - shared) << 48 | (width - equal) << 32 | np.int64(other))
            worth += 1
    chosen = keys[:n] & 0xFFFFFFFF
    fits, total = 0, task.sizes[i]
    while fits < len(chosen) and (fits == 0 or total + task.sizes[chosen[fits]] <= task.room):
        total += task.sizes[chosen[fits]]
        fits += 1
    return chosen[:fits], left_out + worth - fits


@njit(cache=True, nogil=True)
def _settle(task: Task, sets: Sets, progress: Progress, i: int, others: np.ndarray) -> None:
    """Compares i with kept documents whose sets are there: it is a duplicate of the most similar, or kept."""
    best, similarity = -1, -1.0
    n = sets.lengths[i]
    for other in others:
        m = sets.lengths[other]
        if min(n, m) / max(n, m) < task.verify:  # then so is their similarity
            continue
        s, t = sets.starts[i], sets.starts[other]
        value = jaccard(sets.hashes[s : s + n], sets.hashes[t : t + m])
        if value >= task.verify and (value > similarity or (value == similarity and other < best)):
            best, similarity = other, value
    progress.counts[0] += len(others)
    progress.representative[i] = best
    if best >= 0:
        progress.similarity[i] = similarity
        return
    for bucket in task.buckets[i]:
        if bucket >= 0:
            progress.members[progress.starts[bucket] + progress.filled[bucket]] = i
            progress.filled[bucket] += 1


@njit(cache=True, nogil=True)
def _want(task: Task, progress: Progress, group: int, found: np.ndarray, room: int) -> int:
    """Asks for the texts of a group that waits, and returns what is left of `room`.

    A group that does not fit is put off until it is the first; then as many of its next documents go on as
    fit together with those that they are to be compared with, but at least one.
    """
    first, end = progress.next[group], progress.ends[group]
    start = progress.ends[group - 1] if group else 0
    whole = task.sizes[start:end].sum()
    if whole <= room:
        progress.wanted[start:end] = True
        return room - whole
    if room < task.room:
        return room
    for i in range(first, min(first + LOOK_AHEAD, end)):
        others, _ = _candidates(task, progress, i, found)
        if len(others) == 0:
            continue
        cost = 0 if progress.wanted[i] else task.sizes[i]
        for other in others:
            cost += 0 if progress.wanted[other] else task.sizes[other]
        if cost > room and i > first:
            break
        room -= cost
        progress.wanted[i] = True
        progress.wanted[others] = True
    return max(room, 0)


@njit(cache=True, nogil=True)
def advance(task: Task, sets: Sets, progress: Progress) -> None:
    """Goes on in every group until a document waits for texts that are not in `sets`; sets `progress.wanted`.

    With the sets of the wanted ones, and no others, the next call goes on. All is done when none is wanted.
    """
    found, room = np.empty(SCANNED, np.int32), task.room
    progress.wanted[:] = False
    for group in range(len(progress.next)):
        while progress.next[group] < progress.ends[group]:
            i = progress.next[group]
            others, left_out = _candidates(task, progress, i, found)
            waits = len(others) > 0 and sets.starts[i] < 0
            for other in others:
                waits = waits or sets.starts[other] < 0
            if waits:
                room = _want(task, progress, group, found, room)
                break
            _settle(task, sets, progress, i, others)
            progress.counts[1] += left_out
            progress.next[group] += 1
