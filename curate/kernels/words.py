"""Words as 64-bit hashes, computed over UTF-8 where it lies; no string is built.

A word is a maximal run of `\\w` in `str.lower()` of the text, and each character of U+3040-30FF and
U+3400-9FFF (kana, Han) is a word by itself, as in
`re.findall(r"[\\u3040-\\u30ff\\u3400-\\u9fff]|[^\\W\\u3040-\\u30ff\\u3400-\\u9fff]+", text.lower())`. Equal
to that on CPython 3.11 for every text, final sigmas and dotted capital I included. What is a letter comes
from a table of Unicode 14.0 (scripts/build_unicode_tables.py), so that words are the same on any Python.
Bytes that are not UTF-8 stand between words, as U+FFFD would.

A word's hash takes eight bytes at a time, h = mix(h ^ bytes), of its lower case: an ASCII character is one
byte, with bit 5 set, another is three, 7 bits of the code point in each, the high ones first. Words of ASCII
are found 64 bytes at a time, as runs of bits of a mask (`memory.between`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, between, load8, pointer, trailing_zeros

CODE_POINTS = 0x110000
BLOCK = 128

WORD, ALONE, SPLIT, CASED, IGNORABLE = 1, 2, 4, 8, 16
"""Flags of a code point: lower-cased it is `\\w`; it is a word by itself; its lower case ends with a mark
that is not `\\w` (U+0130); Cased and not Case_Ignorable; Case_Ignorable (Unicode 14.0, section 3.13)."""

FLAG_BITS = 5
_NOT_ASCII = 0xFF
_CAPITAL_SIGMA, _SIGMA, _FINAL_SIGMA = 0x3A3, 0x3C3, 0x3C2
HASH_SEED = 0x243F6A8885A308D3  # digits of pi
_FACTORS = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
WINDOW = 72
"""Bytes that must lie ahead where 64 are read at once: the last word of these begins in them, and is read in
eights."""
LOWER = 0x2020202020202020
"""Set in eight bytes of ASCII it makes small letters of capitals, and of no two other characters of words the
same."""


class Characters(NamedTuple):
    """Tables that kernels take. ascii: (256,) uint8, the lower case of a word's character, 0 for a separator,
    255 for a byte of a longer character. places: (8704,) uint8, blocks: (128 b,) uint8, records: (k,) int32 =
    (lower - code point) << FLAG_BITS | flags, at records[blocks[places[c >> 7] << 7 | c & 127]]."""

    ascii: np.ndarray
    places: np.ndarray
    blocks: np.ndarray
    records: np.ndarray


def is_alone(code: int) -> bool:
    """Whether a code point is a word by itself: kana and Han, which are written without spaces."""
    return 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF


def frozen(array: np.ndarray, dtype: type) -> np.ndarray:
    """A contiguous read-only view, so that a kernel is compiled once for writable and Arrow's arrays."""
    view: np.ndarray = np.ascontiguousarray(array, dtype).view()
    view.flags.writeable = False
    return view


@cache
def characters() -> Characters:
    """The packaged tables."""
    path = Path(__file__).parents[1] / "data/unicode/words.npz"
    with np.load(path, allow_pickle=False) as stored:
        places, blocks, records = (stored[name] for name in ("places", "blocks", "records"))
    ascii = np.full(256, _NOT_ASCII, np.uint8)
    found = records[blocks[places[0]]]
    blocks = blocks.reshape(-1)
    ascii[:128] = np.where(found & WORD, np.arange(128) + (found >> FLAG_BITS), 0)
    return Characters(
        frozen(ascii, np.uint8), frozen(places, np.uint8), frozen(blocks, np.uint8), frozen(records, np.int32)
    )


@njit(cache=True, nogil=True)
def pointed(characters: Characters) -> Characters:
    """The tables with pointers in place of arrays."""
    return Characters(
        pointer(characters.ascii),
        pointer(characters.places),
        pointer(characters.blocks),
        pointer(characters.records),
    )


@njit(cache=True, nogil=True)
def mix(value: np.uint64) -> np.uint64:
    """MurmurHash3's 64-bit finaliser: every bit of the result depends on every bit of `value`."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(_FACTORS[0])
    value ^= value >> np.uint64(33)
    value *= np.uint64(_FACTORS[1])
    return value ^ (value >> np.uint64(33))


@njit(cache=True, nogil=True)
def letters(data: Pointer, at: int) -> np.uint64:
    """Which of data[at:at + 64] are letters of ASCII, a bit for each as `between` has it."""
    return between(data, at, 0x61, 0x7A) | between(data, at, 0x41, 0x5A)


@njit(cache=True, nogil=True)
def hash_bytes(data: Pointer, at: int, size: int, bits: np.uint64) -> np.uint64:
    """Hash of data[at:at + size], `bits` set in each eight of them; of two of up to eight bytes, none of
    them zero, never the same. Reads up to data[at + size + 7]. size: 1 and up."""
    value = np.uint64(HASH_SEED)
    while size > 8:
        value = mix(value ^ (load8(data, at) | bits))
        at += 8
        size -= 8
    rest = np.uint64(64 - 8 * size)
    return mix(value ^ ((load8(data, at) | bits) << rest >> rest))


@njit(cache=True, nogil=True)
def hash_within(data: Pointer, at: int, end: int) -> np.uint64:
    """`hash_bytes` of data[at:end], no bits set, where nothing behind it may be read. Zeros at the end, which
    only words that are not read in eights may have, make it another word."""
    value, block, shift = np.uint64(HASH_SEED), np.uint64(0), np.uint64(0)
    for i in range(at, end):
        block |= np.uint64(data[i]) << shift
        shift = (shift + np.uint64(8)) & np.uint64(63)
        if shift == 0 or i + 1 == end:
            value, block = mix(value ^ block), np.uint64(0)
    return value if at == end or data[end - 1] else value ^ np.uint64(end - at)


def hash_of(word: bytes) -> int:
    """`hash_bytes` in Python, no bits set."""
    value = HASH_SEED
    for i in range(0, len(word), 8):
        value ^= int.from_bytes(word[i : i + 8], "little")
        for factor in _FACTORS:
            value = (value ^ value >> 33) * factor % 2**64
        value ^= value >> 33
    return value


@njit(cache=True, nogil=True)
def decode(data: Pointer, at: int, end: int) -> tuple[np.int64, int]:
    """(code point, its bytes) at data[at]; (U+FFFD, 1) where data[at:end] does not begin with well-formed
    UTF-8 (RFC 3629)."""
    lead = np.int64(data[at])
    if lead < 0x80:
        return lead, 1
    width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or at + width > end:
        return np.int64(0xFFFD), 1
    code = lead & (0x7F >> width)
    for i in range(at + 1, at + width):
        byte = np.int64(data[i])
        if byte & 0xC0 != 0x80:
            return np.int64(0xFFFD), 1
        code = code << 6 | (byte & 0x3F)
    too_long = (width == 3 and code < 0x800) or (width == 4 and code < 0x10000)
    if too_long or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return np.int64(0xFFFD), 1
    return code, width


@njit(cache=True, nogil=True)
def _record(code: np.int64, characters: Characters) -> np.int64:
    return np.int64(
        characters.records[characters.blocks[np.int64(characters.places[code >> 7]) << 7 | code & 127]]
    )


@njit(cache=True, nogil=True)
def _cased_before(data: Pointer, first: int, at: int, characters: Characters) -> bool:
    """Whether the last character of data[first:at] that is not Case_Ignorable is Cased."""
    while at > first:
        start = at - 1
        while start > first and at - start < 4 and data[start] & 0xC0 == 0x80:
            start -= 1
        code, width = decode(data, start, at)
        if start + width != at:
            return False
        record = _record(code, characters)
        if not record & IGNORABLE:
            return bool(record & CASED)
        at = start
    return False


@njit(cache=True, nogil=True)
def _cased_after(data: Pointer, at: int, end: int, characters: Characters) -> bool:
    """Whether the first character of data[at:end] that is not Case_Ignorable is Cased."""
    while at < end:
        code, width = decode(data, at, end)
        record = _record(code, characters)
        if not record & IGNORABLE:
            return bool(record & CASED)
        at += width
    return False


@njit(cache=True, nogil=True)
def _lower(
    data: Pointer, first: int, at: int, end: int, characters: Characters
) -> tuple[np.uint64, np.int64, int]:
    """(lower case, flags, bytes) of the character that is not ASCII at data[at], of the text
    data[first:end]."""
    code, width = decode(data, at, end)
    record = _record(code, characters)
    lower = code + (record >> FLAG_BITS)
    if code == _CAPITAL_SIGMA:  # Unicode's Final_Sigma, as str.lower() applies it
        ends = _cased_before(data, first, at, characters) and not _cased_after(data, at + 2, end, characters)
        lower = np.int64(_FINAL_SIGMA if ends else _SIGMA)
    return np.uint64(lower), record, width


@njit(cache=True, nogil=True)
def scan_words(
    data: Pointer, first: int, at: int, end: int, characters: Characters, words: Pointer, room: int
) -> tuple[int, int]:
    """Fills `words`, uint64 and `room` of them, with the hashes of the next words from data[at] of the text
    data[first:end]. characters: `pointed`.

    Returns how many there are, and where to go on: at `end`, or when `words` is full.
    """
    found = 0
    while at < end and found < room:
        if data[at] < 0x80 and at + WINDOW <= end:
            before = at
            found, at = _scan_window(data, at, words, found, room)
            if at > before:
                continue
        found, at = _scan_word(data, first, at, end, characters, words, found)
    return found, at


@njit(cache=True, nogil=True)
def _scan_window(data: Pointer, at: int, words: Pointer, found: int, room: int) -> tuple[int, int]:
    """The words that lie wholly in data[at:at + 64], up to the first byte that is not ASCII; where the next
    may begin. Reads WINDOW bytes."""
    wide = between(data, at, 0x80, 0xFF)
    left = letters(data, at) | between(data, at, 0x30, 0x39) | between(data, at, 0x5F, 0x5F)
    stop = trailing_zeros(wide)
    done = 0
    while found < room:
        start = trailing_zeros(left)
        if start >= stop:
            return found, at + stop
        carried = left + (np.uint64(1) << np.uint64(start))  # the run becomes one bit, behind it
        done = trailing_zeros(carried)
        if done >= stop:
            return found, at + start
        left &= carried
        words[found] = hash_bytes(data, at + start, done - start, np.uint64(LOWER))
        found += 1
    return found, at + done


@njit(cache=True, nogil=True)
def _scan_word(
    data: Pointer, first: int, at: int, end: int, characters: Characters, words: Pointer, found: int
) -> tuple[int, int]:
    """The word at data[at], or what separates it from the next: (words, where the next may begin)."""
    start, value, block, bits, skip = at, np.uint64(HASH_SEED), np.uint64(0), np.uint64(0), 0
    while at < end:
        unit, width, flags = np.uint64(characters.ascii[data[at]]), 1, 0
        if unit == 0:
            skip = 1
            break
        if unit == _NOT_ASCII:
            unit, flags, width = _lower(data, first, at, end, characters)
            if flags & ALONE and at > start:
                break
            if not flags & (WORD | ALONE):
                skip = width
                break
        if unit < 0x80:
            unit, more = unit | np.uint64(0x20), 1
        else:
            high, middle = unit >> np.uint64(14), (unit & np.uint64(0x3F80)) << np.uint64(1)
            unit, more = np.uint64(0x808080) | high | middle | (unit & np.uint64(0x7F)) << np.uint64(16), 3
        for _ in range(more):
            block |= (unit & np.uint64(0xFF)) << bits
            unit >>= np.uint64(8)
            bits += np.uint64(8)
            if bits == 64:
                value, block, bits = mix(value ^ block), np.uint64(0), np.uint64(0)
        at += width
        if flags & (ALONE | SPLIT):
            break
    if at > start:
        words[found] = mix(value ^ block) if bits > 0 else value
        found += 1
    return found, at + skip


@njit(cache=True, nogil=True)
def _all_words(
    data: np.ndarray, offsets: np.ndarray, characters: Characters, words: np.ndarray, bounds: np.ndarray
) -> None:
    text, known = pointer(data), pointed(characters)
    for i in range(len(offsets) - 1):
        first, end, to = offsets[i], offsets[i + 1], words[bounds[i] :]
        found, _ = scan_words(text, first, first, end, known, pointer(to), len(to))
        bounds[i + 1] = bounds[i] + found


def word_hashes(data: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Words of each document in order, as hashes.

    data: (n_bytes,) uint8, offsets: (n + 1,) int64, the text of document i is data[offsets[i]:offsets[i +
    1]]. Returns (words: (n_words,) uint64, bounds: (n + 1,) int64): those of document i are
    words[bounds[i]:bounds[i + 1]]. Equal words have equal hashes; two others with a chance of 2^-64.
    """
    offsets = frozen(offsets, np.int64)
    most = (
        int(offsets[-1] - offsets[0]) + len(offsets)
    ) // 2 + 1  # two bytes or the text's end for each word
    words, bounds = np.empty(most, np.uint64), np.zeros(len(offsets), np.int64)
    _all_words(frozen(data, np.uint8), offsets, characters(), words, bounds)
    return words[: bounds[-1]].copy(), bounds
