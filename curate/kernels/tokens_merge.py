"""Byte-pair merging: how many tokens a pre-token becomes.

Of all neighbours that may merge, those of the lowest rank do, the leftmost first, until none may. What is
short is searched anew for each merge; what is long keeps its pairs in a heap.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, hold, pointer
from curate.kernels.words import frozen

SHORT: Final = 64
"""Bytes up to which a pre-token is searched for each merge."""

NONE: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_ID: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


class Merges(NamedTuple):
    """What merges into what. A merge is rank << 32 | the token that it makes, `NONE` when there is none.

    pairs: (2 * slots,) uint64, open-addressed: left << 32 | right, then their merge; shift: from a hash to a
    slot. of_bytes: (65536,) uint64, the merges of two bytes, at first << 8 | second. tokens: (256,) int64, of
    single bytes.
    """

    pairs: np.ndarray
    shift: np.uint64
    of_bytes: np.ndarray
    tokens: np.ndarray


@njit(cache=True, nogil=True)
def _merge_of(left: np.uint64, right: np.uint64, pairs: Pointer, shift: np.uint64) -> np.uint64:
    key = left << _HALF | right
    mask = np.int64(NONE >> shift)
    slot = np.int64(((key ^ key >> _HALF) * _FACTOR) >> shift)
    while True:
        found = pairs[2 * slot]
        if found == key:
            return pairs[2 * slot + 1]
        if found == NONE:
            return NONE
        slot = (slot + 1) & mask


@njit(cache=True, nogil=True)
def _fill(rows: np.ndarray, pairs: np.ndarray, shift: np.uint64) -> None:
    mask = np.int64(len(pairs) // 2 - 1)
    for i in range(len(rows)):
        key = np.uint64(rows[i, 0]) << _HALF | np.uint64(rows[i, 1])
        slot = np.int64(((key ^ key >> _HALF) * _FACTOR) >> shift)
        while pairs[2 * slot] != NONE and pairs[2 * slot] != key:
            slot = (slot + 1) & mask
        pairs[2 * slot] = key
        pairs[2 * slot + 1] = np.uint64(rows[i, 2]) << _HALF | np.uint64(rows[i, 3])


@njit(cache=True, nogil=True)
def _fill_bytes(tokens: np.ndarray, array: np.ndarray, shift: np.uint64, of_bytes: np.ndarray) -> None:
    pairs = pointer(array)
    for first in range(256):
        for second in range(256):
            merge = _merge_of(np.uint64(tokens[first]), np.uint64(tokens[second]), pairs, shift)
            of_bytes[first << 8 | second] = merge


def merges(rows: np.ndarray, tokens: np.ndarray) -> Merges:
    """rows: (m, 4) int64, left and right token, rank, and the token that they make, of two equal pairs the
    later one counts; tokens: (256,) int64, of single bytes. All 0 to 2^32 - 2."""
    bits = max(4, int(2 * len(rows)).bit_length())
    pairs, shift = np.full(2 << bits, NONE, np.uint64), np.uint64(64 - bits)
    of_bytes = np.empty(65536, np.uint64)
    _fill(np.ascontiguousarray(rows, np.int64), pairs, shift)
    _fill_bytes(tokens, pairs, shift, of_bytes)
    return Merges(frozen(pairs, np.uint64), shift, frozen(of_bytes, np.uint64), frozen(tokens, np.int64))


@njit(cache=True, nogil=True)
def pointed(merges: Merges) -> Merges:
    """The merges as `merged` reads them: arrays are pointers."""
    return Merges(pointer(merges.pairs), merges.shift, pointer(merges.of_bytes), pointer(merges.tokens))


@njit(cache=True, nogil=True)
def _begin(data: Pointer, at: int, n: int, merges: Merges, tokens: Pointer, waiting: Pointer) -> None:
    """Tokens of single bytes, and the merge of each with the next."""
    for k in range(n):
        tokens[k] = merges.tokens[data[at + k]]
    for k in range(n - 1):
        both = np.int64(data[at + k]) << 8 | np.int64(data[at + k + 1])
        waiting[k] = merges.of_bytes[both]
    waiting[n - 1] = NONE


@njit(cache=True, nogil=True)
def _merge_short(data: Pointer, at: int, n: int, merges: Merges, tokens: Pointer, waiting: Pointer) -> int:
    """tokens: (SHORT,) uint64 and waiting: (SHORT,) uint64 are written over."""
    _begin(data, at, n, merges, tokens, waiting)
    while n > 1:
        best, first = NONE, 0
        for k in range(n - 1):
            if waiting[k] < best:
                best, first = waiting[k], k
        if best == NONE:
            break
        n -= 1
        tokens[first] = best & _ID
        for k in range(first + 1, n):
            tokens[k] = tokens[k + 1]
            waiting[k] = waiting[k + 1]
        waiting[first] = NONE
        if first + 1 < n:
            waiting[first] = _merge_of(tokens[first], tokens[first + 1], merges.pairs, merges.shift)
        if first > 0:
            waiting[first - 1] = _merge_of(tokens[first - 1], tokens[first], merges.pairs, merges.shift)
    return n


@njit(cache=True, nogil=True)
def _push(heap: Pointer, size: int, entry: np.uint64) -> int:
    at = size
    while at > 0 and heap[(at - 1) >> 1] > entry:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = entry
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heap: Pointer, size: int) -> int:
    """Takes heap[0] out; returns how many are left."""
    size -= 1
    entry, at = heap[size], 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= entry:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = entry
    return size


class _Pairs(NamedTuple):
    """Of each place of a long pre-token, a place being a byte and then the first byte of a token. tokens and
    waiting: of uint64; before and after: of int64, where the token beside it begins, -1 and n at the ends.
    heap: of uint64, rank << 32 | place, which holds while that place still waits for that rank."""

    tokens: Pointer
    waiting: Pointer
    heap: Pointer
    before: Pointer
    after: Pointer


@njit(cache=True, nogil=True)
def _renew(at: int, n: int, merges: Merges, pairs: _Pairs, size: int) -> int:
    """Looks up what the token at `at` and the one after it merge into; returns the heap's size."""
    after, merge = pairs.after[at], NONE
    if after < n:
        merge = _merge_of(pairs.tokens[at], pairs.tokens[after], merges.pairs, merges.shift)
    pairs.waiting[at] = merge
    return size if merge == NONE else _push(pairs.heap, size, (merge & ~_ID) | np.uint64(at))


@njit(cache=True, nogil=True)
def _merge_places(n: int, merges: Merges, pairs: _Pairs) -> int:
    size, left = 0, n
    for at in range(n):
        pairs.before[at] = at - 1
        pairs.after[at] = at + 1
        if pairs.waiting[at] != NONE:
            size = _push(pairs.heap, size, (pairs.waiting[at] & ~_ID) | np.uint64(at))
    while size > 0:
        entry = pairs.heap[0]
        size = _pop(pairs.heap, size)
        at = np.int64(entry & _ID)
        merge = pairs.waiting[at]
        if merge == NONE or merge >> _HALF != entry >> _HALF:
            continue
        gone = pairs.after[at]
        after = pairs.after[gone]
        pairs.tokens[at] = merge & _ID
        pairs.waiting[gone] = NONE
        pairs.after[at] = after
        if after < n:
            pairs.before[after] = at
        left -= 1
        size = _renew(at, n, merges, pairs, size)
        if pairs.before[at] >= 0:
            size = _renew(pairs.before[at], n, merges, pairs, size)
    return left


@njit(cache=True, nogil=True)
def _merge_long(data: Pointer, at: int, n: int, merges: Merges) -> int:
    """Needs 56 bytes of memory for each byte."""
    tokens, waiting, heap = np.empty(n, np.uint64), np.empty(n, np.uint64), np.empty(3 * n, np.uint64)
    before, after = np.empty(n, np.int64), np.empty(n, np.int64)
    pairs = _Pairs(pointer(tokens), pointer(waiting), pointer(heap), pointer(before), pointer(after))
    _begin(data, at, n, merges, pairs.tokens, pairs.waiting)
    left = _merge_places(n, merges, pairs)
    for array in (tokens, waiting, heap):
        hold(array)
    for array in (before, after):
        hold(array)
    return left


@njit(cache=True, nogil=True)
def merged(data: Pointer, at: int, end: int, merges: Merges, tokens: Pointer, waiting: Pointer) -> int:
    """Tokens that data[at:end] becomes, at < end; a pre-token of 4 GiB or more is not for this.

    data: of uint8; tokens, waiting: of (SHORT,) uint64, written over; merges: as `pointed`.
    """
    n = end - at
    if n == 1:
        return 1
    if n <= SHORT:
        return _merge_short(data, at, n, merges, tokens, waiting)
    return _merge_long(data, at, n, merges)
