"""Exact token counts of byte-level BPE tokenizers, without making the tokens.

Text repeats its pre-tokens so much that a table of counts answers 98 % of them. So a text is cut at its added
tokens and then into pre-tokens, each is looked up, and only one that is new is merged. The table is a cache:
what it holds is exact, and no count depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels import tokens_added, tokens_merge, tokens_split
from curate.kernels.memory import Pointer, load8, pointer, prefetch
from curate.kernels.tokens_added import Added, next_added
from curate.kernels.tokens_merge import SHORT, Merges, merged
from curate.kernels.tokens_split import Split, piece_end
from curate.kernels.words import frozen

SLOT_BITS: Final = 20
"""2^20 slots, 16 MB."""

LONGEST: Final = 255
"""Bytes of the longest pre-token that is kept."""

MOST: Final = (1 << SLOT_BITS) * 6 // 10
"""Pre-tokens that are kept; the next are merged each time."""

_SHIFT: Final = np.uint64(64 - SLOT_BITS)
_MASK: Final = (1 << SLOT_BITS) - 1
_AT_ONCE: Final = 64
_C1: Final = np.uint64(0x9E3779B97F4A7C15)
_C2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_SEED: Final = np.uint64(0x243F6A8885A308D3)
_COUNT_BITS: Final = np.uint64(8)
_COUNT: Final = np.uint64(0xFF)


class Table(NamedTuple):
    """Counts of pre-tokens. slots: (2 << SLOT_BITS,) uint64, open-addressed: a key, then 48 bits that check
    it, 8 of the length and 8 of the count, 0 for an empty slot. used: (1,) int64 slots in use.

    Up to 8 bytes the key is the bytes themselves, mixed reversibly; what is longer is told apart by 112 bits
    of hash and the length.
    """

    slots: np.ndarray
    used: np.ndarray


class Scratch(NamedTuple):
    """Written over. tokens, waiting: (SHORT,) uint64; ends: (_AT_ONCE,) int64; keys and names: (_AT_ONCE,)
    uint64."""

    tokens: np.ndarray
    waiting: np.ndarray
    ends: np.ndarray
    keys: np.ndarray
    names: np.ndarray


class Counter(NamedTuple):
    """A tokenizer as the kernel sees it. raw: added tokens that are looked for in the text, before `added`,
    which are looked for in what is between them."""

    raw: Added
    added: Added
    split: Split
    merges: Merges
    table: Table
    scratch: Scratch


def counter(raw: Added, added: Added, split: Split, merges: Merges) -> Counter:
    """A counter whose table holds nothing yet; its memory is touched as it fills."""
    scratch = Scratch(
        np.empty(SHORT, np.uint64),
        np.empty(SHORT, np.uint64),
        np.empty(_AT_ONCE, np.int64),
        np.empty(_AT_ONCE, np.uint64),
        np.empty(_AT_ONCE, np.uint64),
    )
    table = Table(np.zeros(2 << SLOT_BITS, np.uint64), np.zeros(1, np.int64))
    return Counter(raw, added, split, merges, table, scratch)


@njit(cache=True, nogil=True)
def _pointed(counter: Counter) -> Counter:
    """The counter with pointers in place of arrays."""
    scratch = counter.scratch
    return Counter(
        tokens_added.pointed(counter.raw),
        tokens_added.pointed(counter.added),
        tokens_split.pointed(counter.split),
        tokens_merge.pointed(counter.merges),
        Table(pointer(counter.table.slots), pointer(counter.table.used)),
        Scratch(
            pointer(scratch.tokens),
            pointer(scratch.waiting),
            pointer(scratch.ends),
            pointer(scratch.keys),
            pointer(scratch.names),
        ),
    )


@njit(cache=True, nogil=True)
def _first_bytes(data: Pointer, at: int, n: int, end: int) -> np.uint64:
    """The n <= 8 bytes from data[at] as one little-endian number; the text ends at `end`."""
    if at + 8 <= end:
        spare = np.uint64(64 - 8 * n)
        return (load8(data, at) << spare) >> spare
    word = np.uint64(0)
    for k in range(n):
        word |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return word


@njit(cache=True, nogil=True)
def _name(data: Pointer, at: int, stop: int, end: int) -> tuple[np.uint64, np.uint64]:
    """(key, check and length) of data[at:stop], a pre-token of 1 to LONGEST bytes of a text that ends at
    `end`."""
    n = stop - at
    if n <= 8:
        word = _first_bytes(data, at, n, end)
        return (word ^ word >> np.uint64(32)) * _C1, np.uint64(n)
    first, second = _SEED, np.uint64(n)
    while at + 8 < stop:
        word = load8(data, at)
        first = (first ^ word) * _C1
        first ^= first >> np.uint64(32)
        second = (second + word) * _C2
        second ^= second >> np.uint64(29)
        at += 8
    word = load8(data, stop - 8)
    first = (first ^ word) * _C1
    first = (first ^ (first >> np.uint64(32))) * _C2
    second = (second + word) * _C2
    return first, (second >> np.uint64(16)) << _COUNT_BITS | np.uint64(n)


@njit(cache=True, nogil=True)
def _find(key: np.uint64, name: np.uint64, slots: Pointer) -> tuple[int, int]:
    """(slot, count that it stores); a count of 0 and the slot that is free for it when none is stored."""
    slot = np.int64(key >> _SHIFT)
    while True:
        stored = slots[2 * slot + 1]
        if not stored:
            return slot, 0
        if slots[2 * slot] == key and stored >> _COUNT_BITS == name:
            return slot, np.int64(stored & _COUNT)
        slot = (slot + 1) & _MASK


@njit(cache=True, nogil=True)
def _keep(slot: int, key: np.uint64, name: np.uint64, count: int, table: Table) -> None:
    """Stores a count in a free slot, unless the table is as full as it may be."""
    if table.used[0] < MOST:
        table.slots[2 * slot] = key
        table.slots[2 * slot + 1] = name << _COUNT_BITS | np.uint64(count)
        table.used[0] += 1


@njit(cache=True, nogil=True)
def _merge(data: Pointer, at: int, stop: int, counter: Counter) -> int:
    return merged(data, at, stop, counter.merges, counter.scratch.tokens, counter.scratch.waiting)


@njit(cache=True, nogil=True)
def _recall(data: Pointer, at: int, stop: int, k: int, counter: Counter) -> int:
    """Tokens of the pre-token data[at:stop], the k-th of those that are named."""
    if stop - at > LONGEST:
        return _merge(data, at, stop, counter)
    key, name = counter.scratch.keys[k], counter.scratch.names[k]
    slot, count = _find(key, name, counter.table.slots)
    if count == 0:
        count = _merge(data, at, stop, counter)
        _keep(slot, key, name, count, counter.table)
    return count


@njit(cache=True, nogil=True)
def _tokens(data: Pointer, at: int, end: int, counter: Counter) -> int:
    """Tokens of a text without added ones. Pre-tokens are named some at a time, so that their slots are on
    the way from memory while the next are read."""
    scratch, total = counter.scratch, 0
    while at < end:
        n, start = 0, at
        while at < end and n < _AT_ONCE:
            stop = piece_end(data, at, end, counter.split)
            if stop - at <= LONGEST:
                key, name = _name(data, at, stop, end)
                prefetch(counter.table.slots, 2 * np.int64(key >> _SHIFT))
                scratch.keys[n] = key
                scratch.names[n] = name
            scratch.ends[n] = stop
            at = stop
            n += 1
        for k in range(n):
            total += _recall(data, start, scratch.ends[k], k, counter)
            start = scratch.ends[k]
    return total


@njit(cache=True, nogil=True)
def _count_between(data: Pointer, at: int, end: int, counter: Counter) -> int:
    total = 0
    while at < end:
        start, stop = next_added(data, at, end, counter.added)
        total += _tokens(data, at, start, counter) + (stop > start)
        at = stop
    return total


@njit(cache=True, nogil=True)
def _count(array: np.ndarray, offsets: np.ndarray, arrays: Counter, counts: np.ndarray) -> None:
    data, counter = pointer(array), _pointed(arrays)
    for i in range(len(counts)):
        at, end, total = offsets[i], offsets[i + 1], 0
        while at < end:
            start, stop = next_added(data, at, end, counter.raw)
            total += _count_between(data, at, start, counter) + (stop > start)
            at = stop
        counts[i] = total


def count(data: np.ndarray, offsets: np.ndarray, counter: Counter) -> np.ndarray:
    """(n,) uint32 tokens of each text. data: (n_bytes,) uint8, offsets: (n + 1,) int64: text i is the UTF-8
    in data[offsets[i]:offsets[i + 1]]. Fills the counter's table as it goes: one thread at a time."""
    counts = np.empty(len(offsets) - 1, np.uint32)
    _count(frozen(data, np.uint8), frozen(offsets, np.int64), counter, counts)
    return counts


@njit(cache=True, nogil=True)
def _keep_whole(array: np.ndarray, offsets: np.ndarray, arrays: Counter) -> None:
    data, counter = pointer(array), _pointed(arrays)
    for i in range(len(offsets) - 1):
        at, stop = offsets[i], offsets[i + 1]
        if _merge(data, at, stop, counter) > 1:
            key, name = _name(data, at, stop, stop)
            slot, count = _find(key, name, counter.table.slots)
            if count == 0:
                _keep(slot, key, name, 1, counter.table)


def keep_whole(vocabulary: Iterable[bytes], counter: Counter) -> None:
    """Puts those of the vocabulary ahead that merging would not arrive at: they count as one where they are a
    whole pre-token. The table must be empty, and keeps them for good: each of 1 to LONGEST bytes, MOST at
    most."""
    contents = list(vocabulary)
    offsets = np.cumsum([0, *map(len, contents)], dtype=np.int64)
    data = np.frombuffer(b"".join(contents), np.uint8)
    _keep_whole(frozen(data, np.uint8), frozen(offsets, np.int64), counter)
