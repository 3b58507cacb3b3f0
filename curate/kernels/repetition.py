"""How much of a document repeats itself: lines, paragraphs and word n-grams, by Gopher's definitions.

Rae et al. 2021 (arXiv 2112.11446), A1.1 and table A1. Words are those of `str.split()`; a line is what lies
between two newlines, a paragraph a run of lines without a blank one between; two lines are equal when their
words are, two paragraphs when their lines are. Characters are code points of words, so that layout weighs
nothing. Words are compared by 64-bit hashes, lines and n-grams by 34 bits and their place in a table, a
further 3 to 30 bits: of documents of a thousand words, one in some millions is expected to have a chance
equality.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, hold, pointer
from curate.kernels.text import (
    BEFORE,
    COUNTS,
    FACTOR,
    GAP,
    Tables,
    columns,
    count_words,
    pointed,
    read_words,
    tables,
    word_space,
)
from curate.kernels.words import frozen

FRACTIONS = (
    "duplicate_lines",  # lines that occurred before, of all lines
    "duplicate_line_characters",  # their characters, of all characters
    "duplicate_long_line_characters",  # the same, of lines of at least LONG_LINE characters only
    "duplicate_paragraphs",
    "duplicate_paragraph_characters",
    "top_2_gram",  # characters within occurrences of the commonest n-gram (0 when none occurs twice)
    "top_3_gram",
    "top_4_gram",
    "duplicate_5_grams",  # characters within n-grams that occur twice or more
    "duplicate_6_grams",
    "duplicate_7_grams",
    "duplicate_8_grams",
    "duplicate_9_grams",
    "duplicate_10_grams",
    "distinct_words",  # words that are different, per run of BLOCK words (of all of them, if there are fewer)
)
"""Columns of `measure`, in order; each 0..1, a character never counted twice."""

LONG_LINE: Final = 25
BLOCK: Final = 256
BLOCK_SLOTS: Final = 512
LAST_TOP: Final = 4
LAST_N: Final = 10
(LINES, LINE_CHARS, LONG_LINE_CHARS, PARAGRAPHS, PARAGRAPH_CHARS, TOP_2) = range(6)
DISTINCT: Final = len(FRACTIONS) - 1
COUNT: Final = np.uint64((1 << 30) - 1)  # the count in a slot; no document has more words
ONE: Final = np.uint64(1)
SEED: Final = np.uint64(0xCBF29CE484222325)


def measure(data: np.ndarray, offsets: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The counts of `text.statistics`, and the fractions of each document that repeat, in one reading.

    data: (n_bytes,) uint8 and offsets: (n + 1,) int64, as for `text.statistics`. Returns (n,) int64 arrays by
    the names in `text.COUNTS` and (n,) float64 arrays by those in `FRACTIONS`, 0 for a document without
    words. Scratch memory is touched in proportion to the largest document: about 60 bytes for each of its
    words.
    """
    n = len(offsets) - 1
    counts, fractions = np.zeros((n, len(COUNTS)), np.int64), np.zeros((n, len(FRACTIONS)))
    _measure(frozen(data, np.uint8), frozen(offsets, np.int64), tables(), counts, fractions)
    return columns(counts), {name: fractions[:, i] for i, name in enumerate(FRACTIONS)}


@njit(cache=True, nogil=True)
def _measure(
    data: np.ndarray, offsets: np.ndarray, tables: Tables, counts: np.ndarray, fractions: np.ndarray
) -> None:
    words, hashes = word_space(offsets)
    n = len(hashes)
    size = 8
    while size < 4 * n:
        size *= 2
    table = np.empty(size, np.uint64)
    sieve = np.empty(size, np.uint8)
    slots = np.empty(n, np.int32)
    places = np.empty(n, np.int32)
    grams = np.empty(n, np.uint64)
    seen = np.zeros(BLOCK_SLOTS, np.uint64)
    runs = 0
    text, known, keys = pointer(data), pointed(tables), pointer(hashes)
    slots_of, sieve_at, grams_at = pointer(table), pointer(sieve), pointer(grams)
    slots_at, places_at = pointer(slots), pointer(places)
    for d in range(len(counts)):
        row = pointer(counts[d])
        n_words = read_words(text, offsets[d], offsets[d + 1], known, words, keys, row)
        count_words(text, offsets[d], offsets[d + 1], known, words, keys, n_words, row)
        if n_words > 0:
            shares = pointer(fractions[d])
            _blocks(keys, words, n_words, slots_of, grams_at, places_at, shares)
            runs = _distinct(keys, n_words, pointer(seen), runs, shares)
            _n_grams(keys, words, n_words, slots_of, sieve_at, slots_at, places_at, grams_at, shares)
    for array in (hashes, table, grams, seen):
        hold(array)
    for array in (slots, places):
        hold(array)
    hold(sieve)


@njit(cache=True, nogil=True)
def _clear(table: Pointer, n: int) -> np.uint64:
    """Empties a table for up to n keys; returns the shift that takes a hash to a slot."""
    size, shift = 4, 62
    while size < 2 * n:
        size *= 2
        shift -= 1
    for slot in range(size):
        table[slot] = 0
    return np.uint64(shift)


@njit(cache=True, nogil=True)
def _insert(table: Pointer, shift: np.uint64, key: np.uint64) -> np.int64:
    """Counts `key` once more; returns its slot. A slot holds 34 bits of the key, then the count."""
    mask = (np.int64(1) << np.int64(np.uint64(64) - shift)) - 1
    slot = np.int64((key * FACTOR) >> shift)
    entry = table[slot]
    while entry != np.uint64(0) and (entry ^ key) > COUNT:
        slot = (slot + 1) & mask
        entry = table[slot]
    table[slot] = max(entry, key & ~COUNT) + ONE
    return slot


@njit(cache=True, nogil=True)
def _blocks(
    hashes: Pointer,
    words: np.ndarray,
    n_words: int,
    table: Pointer,
    lines: Pointer,
    ends: Pointer,
    row: Pointer,
) -> None:
    """Lines, then paragraphs, that occurred before."""
    n, h = 0, SEED
    for w in range(n_words):
        h = (h ^ hashes[w]) * FACTOR
        h ^= h >> np.uint64(32)
        if w + 1 == n_words or words[w + 1, GAP] > 0:
            lines[n], ends[n] = h, w + 1
            n, h = n + 1, SEED
    again, chars, long_chars = _repeated(lines, ends, n, words, table)
    row[LINES], row[LINE_CHARS] = again / n, chars / words[n_words, BEFORE]
    row[LONG_LINE_CHARS] = long_chars / words[n_words, BEFORE]
    m, h = 0, SEED
    for k in range(n):
        h = (h ^ lines[k]) * FACTOR
        h ^= h >> np.uint64(32)
        if k + 1 == n or words[ends[k], GAP] > 1:
            lines[m], ends[m] = h, ends[k]
            m, h = m + 1, SEED
    again, chars, _ = _repeated(lines, ends, m, words, table)
    row[PARAGRAPHS], row[PARAGRAPH_CHARS] = again / m, chars / words[n_words, BEFORE]


@njit(cache=True, nogil=True)
def _repeated(
    blocks: Pointer, ends: Pointer, n: int, words: np.ndarray, table: Pointer
) -> tuple[int, int, int]:
    """(blocks that occurred before, their characters, those of the ones of LONG_LINE and more)."""
    again, chars, long_chars = 0, 0, 0
    shift = _clear(table, n)
    for k in range(n):
        if table[_insert(table, shift, blocks[k])] & COUNT > ONE:
            length = words[ends[k], BEFORE] - (words[ends[k - 1], BEFORE] if k > 0 else 0)
            again += 1
            chars += length
            long_chars += length if length >= LONG_LINE else 0
    return again, chars, long_chars


@njit(cache=True, nogil=True)
def _distinct(hashes: Pointer, n_words: int, seen: Pointer, runs: int, row: Pointer) -> int:
    """Fills `distinct_words`. seen: slots of 40 bits of a word, then the run that it belongs to, so that none
    need be emptied; runs: how many there were before, in all documents. Returns how many there are now."""
    found, size = 0, min(n_words, BLOCK)
    n = n_words // size
    for run in range(n):
        runs = runs % 0xFFFFFF + 1
        stamp = np.uint64(runs)
        for w in range(run * size, run * size + size):
            key = hashes[w] * FACTOR
            slot = np.int64(key >> np.uint64(55))
            name = (key << np.uint64(24)) | stamp
            while seen[slot] != name and seen[slot] & np.uint64(0xFFFFFF) == stamp:
                slot = (slot + 1) % BLOCK_SLOTS
            found += seen[slot] != name
            seen[slot] = name
    row[DISTINCT] = found / (n * size)
    return runs


@njit(cache=True, nogil=True)
def _n_grams(
    hashes: Pointer,
    words: np.ndarray,
    n_words: int,
    table: Pointer,
    sieve: Pointer,
    slots: Pointer,
    places: Pointer,
    grams: Pointer,
    row: Pointer,
) -> None:
    """An n-gram can occur twice only where the (n - 1)-gram does that it begins with: so each n looks only at
    the places that the one before left over, which in ordinary text are few after n = 3."""
    n_places = n_words
    for i in range(n_words):
        places[i] = i
        grams[i] = hashes[i]
    for n in range(2, LAST_N + 1):
        while n_places > 0 and places[n_places - 1] + n > n_words:
            n_places -= 1
        for k in range(n_places):
            g = (grams[k] * FACTOR) ^ hashes[places[k] + n - 1]
            grams[k] = g ^ (g >> np.uint64(32))
        n_places = _sift(grams, places, n_places, sieve)
        if n_places < 2:
            return
        shift = _clear(table, n_places)
        for k in range(n_places):
            slots[k] = _insert(table, shift, grams[k])
        if n <= LAST_TOP:
            chars = _top(words, n, table, slots, places, n_places)
        kept = 0
        for k in range(n_places):
            places[kept] = places[k]
            grams[kept] = grams[k]
            kept += table[slots[k]] & COUNT > ONE
        n_places = kept
        if n > LAST_TOP:
            chars = _covered(words, n, places, n_places)
        row[TOP_2 + n - 2] = chars / words[n_words, BEFORE]


@njit(cache=True, nogil=True)
def _sift(grams: Pointer, places: Pointer, n: int, sieve: Pointer) -> int:
    """Takes out most n-grams that occur once, and no other: those whose byte of `sieve` counts one. Without a
    branch that depends on the text, it costs a third of a place in the table. Returns how many are left."""
    size, shift = 8, 61
    while size < 4 * n:
        size *= 2
        shift -= 1
    for at in range(size):
        sieve[at] = 0
    for k in range(n):
        at = np.int64((grams[k] * FACTOR) >> np.uint64(shift))
        sieve[at] = (sieve[at] << 1) | 1
    left = 0
    for k in range(n):
        at = np.int64((grams[k] * FACTOR) >> np.uint64(shift))
        places[left] = places[k]
        grams[left] = grams[k]
        left += sieve[at] > 1
    return left


@njit(cache=True, nogil=True)
def _top(words: np.ndarray, n: int, table: Pointer, slots: Pointer, places: Pointer, n_places: int) -> int:
    """Characters within occurrences of the commonest n-gram; of equally common ones, the longest, then the
    first."""
    best, best_count, best_length = -1, ONE, 0
    for k in range(n_places):
        count = table[slots[k]] & COUNT
        if count >= best_count and count > ONE:
            length = words[places[k] + n, BEFORE] - words[places[k], BEFORE]
            if count > best_count or length > best_length:
                best, best_count, best_length = slots[k], count, length
    chars, reached = 0, 0
    if best >= 0:
        for k in range(n_places):
            if slots[k] == best:
                chars += words[places[k] + n, BEFORE] - words[max(places[k], reached), BEFORE]
                reached = places[k] + n
    return chars


@njit(cache=True, nogil=True)
def _covered(words: np.ndarray, n: int, places: Pointer, n_places: int) -> int:
    """Characters within the n-grams at `places`, overlaps once."""
    chars, reached = 0, 0
    for k in range(n_places):
        chars += words[places[k] + n, BEFORE] - words[max(places[k], reached), BEFORE]
        reached = places[k] + n
    return chars
