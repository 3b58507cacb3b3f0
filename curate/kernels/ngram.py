"""Back-off n-gram models over normalised text: tokens to numbers, numbers to log probabilities.

An unknown word is spelt: its letters are tokens of their own, so that no token is unknown and a word of a
random string costs as much as its letters do.

The n-grams lie in one trie of suffixes, level by level: node w < V is the token w; the children of node i
are the nodes first[i] .. first[i + 1] - 1, one for each token that was seen before the n-gram of i, in
rising order of that token (after KenLM's trie, Heafield 2011, section 2.2). To score, its edges become a
hash table, and a batch is looked up level by level, not token by token: lookups that do not wait for one
another hide the memory's latency (50 ns per token in place of 120)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, alike, between, hold, pointer, prefetch, trailing_zeros
from curate.kernels.words import WINDOW, frozen, hash_bytes, hash_within

SPELT = 24
"""Letters of an unknown word that are spelt; words of prose are shorter."""

HIGHEST_ORDER = 4


BITS = 24
"""Of a node's number in an edge, so that an edge, (parent, token, child), fills 64 bits."""

AT_ONCE = 8192
"""Tokens, rounded up to whole texts, that are looked up at once: few enough to stay in the cache."""

AHEAD = 64
"""Lookups whose slots are asked for before the first of them is read."""

SEPARATOR = 0xFFFF
"""Stands between texts; never a token."""


class Vocabulary(NamedTuple):
    """Tables that kernels take. keys: (2^k,) uint64 hashes of words, 0 where empty; ids: (2^k,) uint16 of
    each. letters: (256,) uint16, the token of a byte of a spelt word."""

    keys: np.ndarray
    ids: np.ndarray
    letters: np.ndarray


class Trie(NamedTuple):
    """first: (n_inner + 1,) uint32; token: (n_nodes,) uint16; prob: (n_nodes,) and backoff: (n_inner,)
    uint8, codes of the tables probs: (order, 256) and backoffs: (order, 256) float32, log10, by level."""

    first: np.ndarray
    token: np.ndarray
    prob: np.ndarray
    backoff: np.ndarray
    probs: np.ndarray
    backoffs: np.ndarray


@njit(cache=True, nogil=True)
def _word(text: Pointer, at: int) -> tuple[int, np.uint64]:
    """(end, hash) of the word at `at`, which a space follows; the hash is never 0."""
    stop = at
    while text[stop] != 32:
        stop += 1
    return stop, hash_within(text, at, stop) | np.uint64(1)


@njit(cache=True, nogil=True)
def _slot(value: np.uint64, keys: Pointer, mask: np.uint64) -> np.uint64:
    """Where a hash lies, or would."""
    slot = (value >> np.uint64(8)) & mask
    while keys[slot] != 0 and keys[slot] != value:
        slot = (slot + np.uint64(1)) & mask
    return slot


@njit(cache=True, nogil=True)
def _write(
    text: Pointer, at: int, stop: int, value: np.uint64, words: Vocabulary, ids: Pointer, found: int
) -> int:
    """Writes the tokens of the word text[at:stop], whose hash is `value`, to ids[found:]; where they end."""
    keys, known, letters = pointer(words.keys), pointer(words.ids), pointer(words.letters)
    slot = _slot(value, keys, np.uint64(len(words.keys) - 1))
    if keys[slot] == value:
        ids[found] = known[slot]
        return found + 1
    for i in range(at, min(stop, at + SPELT)):
        ids[found] = letters[text[i]]
        found += 1
    return found


@njit(cache=True, nogil=True)
def _encode(text: Pointer, at: int, end: int, size: int, words: Vocabulary, ids: Pointer, found: int) -> int:
    """Writes the tokens of text[at:end], at most end - at, to ids[found:]; returns where they end. size: of
    all text, what may be read."""
    while at < end:
        first = at
        spaces = between(text, at, 32, 32) if at + WINDOW <= size else np.uint64(0)
        if spaces == 0:  # a long word, or the last ones
            at, value = _word(text, at)
            found = _write(text, first, at, value, words, ids, found)
            at += 1
        while spaces != 0 and at < end:  # where a word ends is a bit of a mask
            stop = first + trailing_zeros(spaces)
            value = hash_bytes(text, at, stop - at, np.uint64(0)) | np.uint64(1)
            found = _write(text, at, stop, value, words, ids, found)
            spaces &= spaces - np.uint64(1)
            at = stop + 1
    return found


@njit(cache=True, nogil=True)
def _encode_all(
    text: np.ndarray, bounds: np.ndarray, words: Vocabulary, ids: np.ndarray, ends: np.ndarray
) -> None:
    for i in range(len(bounds) - 1):
        end = _encode(pointer(text), bounds[i], bounds[i + 1], len(text), words, pointer(ids), ends[i])
        ids[end] = SEPARATOR
        ends[i + 1] = end + 1


@njit(cache=True, nogil=True)
def _bucket(edge: np.uint64, shift: np.uint64) -> np.int64:
    """First slot of the bucket where the search for an edge, its child left out, begins: by the highest bits,
    which depend on all."""
    return np.int64((edge * np.uint64(0x9E3779B97F4A7C15)) >> shift) * 8


@njit(cache=True, nogil=True)
def _shift(edges: np.ndarray) -> np.uint64:
    """64 - log2 of the table's buckets."""
    shift = 64
    while 8 << (64 - shift) < len(edges):
        shift -= 1
    return np.uint64(shift)


@njit(cache=True, nogil=True)
def _fill_edges(first: np.ndarray, token: np.ndarray, edges: np.ndarray) -> None:
    mask, shift = len(edges) - 1, _shift(edges)
    for node in range(len(first) - 1):
        for child in range(first[node], first[node + 1]):
            edge = (np.uint64(node) << np.uint64(16) | np.uint64(token[child])) << np.uint64(BITS)
            slot = _bucket(edge, shift)
            while edges[slot] != 0:
                slot = (slot + 1) & mask
            edges[slot] = edge | np.uint64(child)


class _Reach(NamedTuple):
    """How far tokens are known, as pointers, an element for each token that is looked up at once.

    length, node: of the longest n-gram that ends at a token, and which it is. active: tokens whose n-gram may
    be longer. after: 4 numbers for each token, the sums of the back-offs of contexts that end there and have
    at least 1, 2, 3, 4 tokens. slots: where the next lookups begin."""

    length: Pointer
    node: Pointer
    active: Pointer
    after: Pointer
    slots: Pointer


@njit(cache=True, nogil=True)
def _edge(reach: _Reach, ids: Pointer, i: int, before: int) -> np.uint64:
    """From the n-gram that ends at token i to the one that begins `before` tokens before it."""
    token = ids[i - before] if i >= before else SEPARATOR
    return (np.uint64(reach.node[i]) << np.uint64(16) | np.uint64(token)) << np.uint64(BITS)


@njit(cache=True, nogil=True)
def _extend(ids: Pointer, n: int, before: int, edges: Pointer, shift: np.uint64, reach: _Reach) -> int:
    """Looks for n-grams with one token more, `before` tokens in all before the last, at the n active tokens;
    returns how many of these are active still. Slots are asked for some time before they are read."""
    mask, low, kept = (8 << np.int64(np.uint64(64) - shift)) - 1, np.uint64((1 << BITS) - 1), 0
    for start in range(0, n, AHEAD):
        end = min(n, start + AHEAD)
        for k in range(start, end):
            slot = _bucket(_edge(reach, ids, reach.active[k], before), shift)
            reach.slots[k - start] = slot
            prefetch(edges, slot)
        for k in range(start, end):
            i, slot = reach.active[k], reach.slots[k - start]
            edge = _edge(reach, ids, i, before)
            found = alike(edges, slot, edge, low)
            while found == 0 and edges[slot + 7] != 0:  # few buckets are full
                slot = (slot + 8) & mask
                found = alike(edges, slot, edge, low)
            hit, child = found != 0, edges[slot + (trailing_zeros(found) & 7)] & low
            reach.node[i] = child if hit else reach.node[i]
            reach.length[i] = before if hit else reach.length[i]
            reach.active[kept] = i
            kept += hit
    return kept


@njit(cache=True, nogil=True)
def _look_up(ids: Pointer, n: int, trie: Trie, edges: Pointer, shift: np.uint64, reach: _Reach) -> None:
    """Fills `reach` for n tokens, the last of which is a SEPARATOR."""
    order, backoff, backoffs, active = len(trie.probs), pointer(trie.backoff), trie.backoffs, 0
    for i in range(n):
        reach.node[i], reach.length[i] = ids[i], 0
        for k in range(order):
            reach.after[4 * i + k] = 0.0
        reach.active[active] = i
        if ids[i] != SEPARATOR:
            reach.after[4 * i] = backoffs[0, backoff[ids[i]]]
            active += i > 0
    for before in range(1, order):
        active = _extend(ids, active, before, edges, shift, reach)
        if before < order - 1:
            for k in range(active):
                i = reach.active[k]
                reach.after[4 * i + before] = backoffs[before, backoff[reach.node[i]]]
    for i in range(n):
        for k in range(order - 2, 0, -1):
            reach.after[4 * i + k - 1] += reach.after[4 * i + k]


@njit(cache=True, nogil=True)
def _total(first: int, end: int, trie: Trie, reach: _Reach) -> float:
    """log10 probability of the tokens first .. end - 1: of each the longest n-gram's, and the back-off of
    each context that is longer than that n-gram's."""
    prob, probs, total = pointer(trie.prob), trie.probs, 0.0
    for i in range(first, end):
        length = np.int64(reach.length[i])
        total += probs[length, prob[reach.node[i]]]
        if i > first:
            total += reach.after[4 * (i - 1) + length]
    return total


@njit(cache=True, nogil=True)
def _score(ids: np.ndarray, ends: np.ndarray, trie: Trie, edges: np.ndarray, out: np.ndarray) -> None:
    text, longest = 0, 0
    for i in range(len(out)):
        longest = max(longest, ends[i + 1] - ends[i])
    size = longest + AT_ONCE
    length, node, active = np.empty(size, np.uint8), np.empty(size, np.uint32), np.empty(size, np.uint32)
    after, slots = np.empty(4 * size), np.empty(AHEAD, np.int64)
    reach = _Reach(pointer(length), pointer(node), pointer(active), pointer(after), pointer(slots))
    while text < len(out):
        first, start = text, ends[text]
        while text < len(out) and (text == first or ends[text] - start < AT_ONCE):
            text += 1
        some = ids[start : ends[text]]
        _look_up(pointer(some), len(some), trie, pointer(edges), _shift(edges), reach)
        for i in range(first, text):
            out[i] = _total(ends[i] - start, ends[i + 1] - start - 1, trie, reach)
    for array in (node, active):
        hold(array)
    hold(after)
    hold(length)
    hold(slots)


@njit(cache=True, nogil=True)
def _fill(keys: np.ndarray, ids: np.ndarray, text: np.ndarray, n: int) -> None:
    at, mask = 0, np.uint64(len(keys) - 1)
    for i in range(n):
        stop, value = _word(pointer(text), at)
        slot = _slot(value, pointer(keys), mask)
        keys[slot], ids[slot] = value, i
        at = stop + 1


def vocabulary(words: list[str], letters: str) -> Vocabulary:
    """Tables for `words`, tokens 0 and up, and for the letters of spelt words, the tokens after them. The
    last letter stands for bytes that are none of them."""
    text = np.frombuffer("".join(f"{word} " for word in words).encode(), np.uint8)
    keys = np.zeros(1 << (2 * len(words)).bit_length(), np.uint64)
    ids = np.zeros(len(keys), np.uint16)
    _fill(keys, ids, frozen(text, np.uint8), len(words))
    spelt = np.full(256, len(words) + len(letters) - 1, np.uint16)
    spelt[list(letters.encode())] = len(words) + np.arange(len(letters))
    return Vocabulary(frozen(keys, np.uint64), frozen(ids, np.uint16), frozen(spelt, np.uint16))


def edges(trie: Trie) -> np.ndarray:
    """(2^k,) uint64: a hash table of the trie's edges, parent, token and child in 24, 16 and 24 bits, at
    most two thirds full, in buckets of eight that are compared at once: how far to search is a branch that no
    processor foresees."""
    size = 1 << (3 * len(trie.token) // 2 + 8).bit_length()
    room = np.zeros(size + 8, np.uint64)
    first = -room.ctypes.data % 64 // 8  # a bucket is a line of the cache
    table = room[first : first + size]
    _fill_edges(trie.first, trie.token, table)
    return frozen(table, np.uint64)


def encode(text: np.ndarray, bounds: np.ndarray, words: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """(ids: (m,) uint16, ends: (n + 1,) int64): the tokens of normalised text i, text[bounds[i]:bounds[i +
    1]], are ids[ends[i]:ends[i + 1] - 1], and a SEPARATOR follows. text: (n_bytes,) uint8, each token
    followed by a space."""
    ids, ends = np.empty(len(text) + len(bounds), np.uint16), np.zeros(len(bounds), np.int64)
    _encode_all(frozen(text, np.uint8), frozen(bounds, np.int64), words, ids, ends)
    return ids[: ends[-1]], ends


def score(
    text: np.ndarray, bounds: np.ndarray, words: Vocabulary, trie: Trie, edges: np.ndarray
) -> np.ndarray:
    """(n,) float64: log10 probability of each normalised text text[bounds[i]:bounds[i + 1]], with neither
    begin nor end of sentence. text: (n_bytes,) uint8, each token followed by a space; edges: of
    `edges(trie)`."""
    ids, ends = encode(text, bounds, words)
    out = np.zeros(len(bounds) - 1)
    _score(ids, ends, trie, edges, out)
    return out
