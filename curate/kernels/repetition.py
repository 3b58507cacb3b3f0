"""How much of a document repeats itself: lines, paragraphs and word n-grams, by Gopher's definitions.

Rae et al. 2021 (arXiv 2112.11446), A1.1 and table A1. Words are those of `str.split()`; a line is what lies
between two "\\n", a paragraph a run of lines without a blank one between; two of them are equal when their
words are. Characters are code points of words, so that layout weighs nothing. Words, lines and n-grams are
compared by 64-bit hashes: a chance equality is expected once in about 10^7 documents of a million words.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from curate.kernels.text import SPACE, classes, readonly, wide

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
)
"""Columns of `repetition`, in order; each 0..1, a character never counted twice."""

LONG_LINE: Final = 25
LAST_TOP: Final = 4
LAST_N: Final = 10
(LINES, LINE_CHARS, LONG_LINE_CHARS, PARAGRAPHS, PARAGRAPH_CHARS, TOP_2) = range(6)
MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
SEED: Final = np.uint64(0xCBF29CE484222325)
FNV: Final = np.uint64(0x100000001B3)


def repetition(data: np.ndarray, offsets: np.ndarray) -> dict[str, np.ndarray]:
    """The fractions of each document that repeat.

    data: (n_bytes,) uint8 and offsets: (n + 1,) int64, as for `text.statistics`. Returns (n,) float64 arrays
    by the names in `FRACTIONS`; 0 for a document without words. Scratch memory is touched in proportion to
    the largest document: about 30 bytes for each of its words.
    """
    out = np.zeros((len(offsets) - 1, len(FRACTIONS)))
    _repetition(readonly(data), readonly(offsets), classes(), out)
    return {name: out[:, i] for i, name in enumerate(FRACTIONS)}


@njit(cache=True, nogil=True)
def _repetition(data, offsets, classes, out):
    longest = 0
    for d in range(len(out)):
        longest = max(longest, offsets[d + 1] - offsets[d])
    # Sized for the worst case, a space after each letter; pages that no document reaches are never touched.
    n = longest // 2 + 2
    size = 4
    while size < 2 * n:
        size *= 2
    hashes = np.empty(n, np.uint64)
    before = np.empty(n + 1, np.int32)
    breaks = np.empty(n, np.int32)
    keys = np.empty(size, np.uint64)
    counts = np.empty(size, np.int32)
    slots = np.empty(n, np.int32)
    places = np.empty(n, np.int32)
    grams = np.empty(n, np.uint64)
    for d in range(len(out)):
        n_words, n_breaks = _scan(data, offsets[d], offsets[d + 1], classes, hashes, before, breaks)
        if n_words > 0:
            _blocks(hashes, before, breaks, n_breaks, keys, counts, out[d])
            _n_grams(hashes, before, n_words, keys, counts, slots, places, grams, out[d])


@njit(cache=True, nogil=True)
def _scan(data, start, end, classes, hashes, before, breaks):
    """Words of a document: their hashes, the characters before each, and after which ones a line (w + 1) or a
    paragraph (-w - 1) ends. Returns (words, line ends)."""
    i, n, n_breaks, chars, newlines = start, 0, 0, 0, 0
    before[0] = 0
    while i < end:
        flags = np.int64(classes[data[i]]) if data[i] < 128 else wide(data, i, end, classes)
        if flags & SPACE:
            newlines += data[i] == 10
            i += max(flags >> 16, 1)
            continue
        if newlines > 0 and n > 0:
            breaks[n_breaks] = n if newlines == 1 else -n
            n_breaks += 1
        newlines = 0
        h = SEED
        while i < end:
            b = data[i]
            if b < 128:
                if classes[b] & SPACE:
                    break
                h = (h ^ np.uint64(b)) * FNV
                i += 1
            else:
                flags = wide(data, i, end, classes)
                if flags & SPACE:
                    break
                for _ in range(flags >> 16):
                    h = (h ^ np.uint64(data[i])) * FNV
                    i += 1
            chars += 1
        hashes[n] = h ^ (h >> np.uint64(29))
        n += 1
        before[n] = chars
    if n > 0:
        breaks[n_breaks] = -n
        n_breaks += 1
    return n, n_breaks


@njit(cache=True, nogil=True)
def _clear(keys, counts, n):
    """Empties a table for up to n keys; returns the shift that takes a hash to a slot."""
    size, shift = 4, 62
    while size < 2 * n:
        size *= 2
        shift -= 1
    keys[:size] = 0
    counts[:size] = 0
    return np.uint64(shift)


@njit(cache=True, nogil=True)
def _insert(keys, counts, shift, key):
    """Counts `key` once more; returns its slot."""
    mask = (np.int64(1) << np.int64(np.uint64(64) - shift)) - 1
    slot = np.int64((key * MULTIPLIER) >> shift)
    while keys[slot] != key and counts[slot] != 0:
        slot = (slot + 1) & mask
    keys[slot] = key
    counts[slot] += 1
    return slot


@njit(cache=True, nogil=True)
def _blocks(hashes, before, breaks, n_breaks, keys, counts, row):
    """Lines, then paragraphs, that occurred before."""
    for paragraphs in range(2):
        shift = _clear(keys, counts, n_breaks)
        n, again, chars, long_chars, word, h = 0, 0, 0, 0, 0, SEED
        first = 0
        for k in range(n_breaks):
            last = abs(breaks[k])
            while word < last:
                h = (h ^ hashes[word]) * MULTIPLIER
                h ^= h >> np.uint64(32)
                word += 1
            if paragraphs and breaks[k] > 0:
                continue
            n += 1
            if counts[_insert(keys, counts, shift, h)] > 1:
                length = before[last] - before[first]
                again += 1
                chars += length
                long_chars += length if length >= LONG_LINE else 0
            first, h = last, SEED
        total = before[word]
        row[PARAGRAPHS if paragraphs else LINES] = again / n
        row[PARAGRAPH_CHARS if paragraphs else LINE_CHARS] = chars / total
        if not paragraphs:
            row[LONG_LINE_CHARS] = long_chars / total


@njit(cache=True, nogil=True)
def _n_grams(hashes, before, n_words, keys, counts, slots, places, grams, row):
    """An n-gram can occur twice only where the (n - 1)-gram does that it begins with: so each n looks only at
    the places that the one before left over, which in ordinary text are few after n = 3."""
    n_places = n_words
    for i in range(n_words):
        places[i] = i
        grams[i] = hashes[i]
    for n in range(2, LAST_N + 1):
        while n_places > 0 and places[n_places - 1] + n > n_words:
            n_places -= 1
        if n_places < 2:
            return
        shift = _clear(keys, counts, n_places)
        for k in range(n_places):
            g = (grams[k] * MULTIPLIER) ^ hashes[places[k] + n - 1]
            g ^= g >> np.uint64(32)
            grams[k] = g
            slots[k] = _insert(keys, counts, shift, g)
        if n <= LAST_TOP:
            chars = _top(before, n, counts, slots, places, n_places)
        kept = 0
        for k in range(n_places):
            if counts[slots[k]] > 1:
                places[kept] = places[k]
                grams[kept] = grams[k]
                kept += 1
        n_places = kept
        if n > LAST_TOP:
            chars = _covered(before, n, places, n_places)
        row[TOP_2 + n - 2] = chars / before[n_words]


@njit(cache=True, nogil=True)
def _top(before, n, counts, slots, places, n_places):
    """Characters within occurrences of the commonest n-gram; of equally common ones, the longest, then the
    first."""
    best, best_count, best_length = -1, 1, 0
    for k in range(n_places):
        count = counts[slots[k]]
        if count >= best_count and count > 1:
            length = before[places[k] + n] - before[places[k]]
            if count > best_count or length > best_length:
                best, best_count, best_length = slots[k], count, length
    chars, reached = 0, 0
    for k in range(n_places):
        if best >= 0 and slots[k] == best:
            chars += before[places[k] + n] - before[max(places[k], reached)]
            reached = places[k] + n
    return chars


@njit(cache=True, nogil=True)
def _covered(before, n, places, n_places):
    """Characters within the n-grams at `places`, overlaps once."""
    chars, reached = 0, 0
    for k in range(n_places):
        chars += before[places[k] + n] - before[max(places[k], reached)]
        reached = places[k] + n
    return chars
