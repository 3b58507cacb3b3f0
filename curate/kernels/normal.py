"""Text as an n-gram model reads it (normalisation `words-1`): lower-case words, punctuation, classes.

Tokens, one space after each:

- a word is a maximal run of letters, lower-cased, Latin letters without their accents, any letter beyond
  U+024F as `~`; an apostrophe between letters begins a new one (`don't` is `don 't`), a hyphen ends one;
- `. , ; : ? !` are tokens, other punctuation is not seen; the same mark twice in a row counts once;
- a number is `0`, whatever it is written with;
- notation (code, formulas, paths, markup; what `kernels.prose` leaves out) is `#`, several in a row one.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, between, load8, pointer, store8, trailing_zeros
from curate.kernels.words import LOWER, WINDOW, decode, frozen, letters

LETTER, WIDE, DIGIT, EDGE, SYMBOL, SPACE, SIGN = 1, 2, 4, 8, 16, 32, 64
"""What a byte does to a run without spaces: EDGE (punctuation) between letters and SYMBOL make it notation,
SIGN does so beside letters and belongs to numbers."""

_INNER = 128
_FOLDED = 0x250
_APOSTROPHE, _OTHER = 39, 126


class Spelling(NamedTuple):
    """Tables that kernels take. flags: (256,) uint8, of a byte. folded: (0x250,) uint8, what a character
    becomes: a lower-case letter, an apostrophe, one of `.,;:?!`, or 0 for what ends a word."""

    flags: np.ndarray
    folded: np.ndarray


@cache
def spelling() -> Spelling:
    """The tables, from Python's own Unicode data; the characters in question do not change between
    versions."""
    flags = np.full(256, SYMBOL, np.uint8)
    flags[:0x21] = flags[0x7F] = SPACE
    flags[0x80:] = LETTER | WIDE
    for members, kind in (('.,;:!?()[]"`', EDGE), ("-'*~", 0), ("$%+", SIGN)):
        flags[list(members.encode())] = kind
    for first, last, kind in (b"az\x01", b"AZ\x01", b"09\x04"):
        flags[first : last + 1] = kind
    folded = np.zeros(_FOLDED, np.uint8)
    for code in range(_FOLDED):
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if base.isalpha():
            folded[code] = ord(base) if base.isascii() else _OTHER
    folded[list(b"'.,;:?!")] = list(b"'.,;:?!")
    return Spelling(frozen(flags, np.uint8), frozen(folded, np.uint8))


@njit(cache=True, nogil=True)
def _fold(data: np.ndarray, at: int, end: int, folded: np.ndarray) -> tuple[int, int]:
    """(what the character at data[at] becomes, its bytes)."""
    if data[at] < 0x80:
        return int(folded[data[at]]), 1
    code, width = decode(data, at, end)
    if code < _FOLDED:
        return int(folded[code]), width
    if 0x2000 <= code < 0x2070 or 0x3000 <= code < 0x3020 or code >= 0xFE00:
        return (_APOSTROPHE if code == 0x2019 else 46 if code == 0x2026 else 0), width
    return _OTHER, width


@njit(cache=True, nogil=True)
def _run(data: np.ndarray, at: int, end: int, flags: np.ndarray) -> tuple[int, int]:
    """The run without spaces at data[at]: (where it ends, its flags)."""
    seen, edge = 0, False
    while at < end and flags[data[at]] == LETTER:
        seen = LETTER
        at += 1
    while at < end:
        flag = int(flags[data[at]])
        if flag & SPACE:
            break
        seen |= flag
        if flag & LETTER and edge:
            seen |= _INNER
        edge = flag & EDGE != 0 and seen & LETTER != 0
        at += 1
    return at, seen


@njit(cache=True, nogil=True)
def _is_notation(seen: int) -> bool:
    if seen & WIDE:
        return False
    if seen & LETTER:
        return seen & (SYMBOL | SIGN | DIGIT | _INNER) != 0
    return seen & SYMBOL != 0


@njit(cache=True, nogil=True)
def _words(
    data: np.ndarray, at: int, end: int, folded: np.ndarray, out: np.ndarray, to: int, begin: int
) -> tuple[int, int]:
    """Writes the words and punctuation of the run data[at:end] at out[to:], of a text that began at
    out[begin]: (where it stopped, tokens)."""
    first, tokens = to, 0
    while at < end:
        while at < end and data[at] < 0x80 and folded[data[at]] >= 97:
            out[to] = folded[data[at]]
            to += 1
            at += 1
        if at == end:
            break
        byte, width = _fold(data, at, end, folded)
        at += width
        if byte >= 97:
            out[to] = byte
            to += 1
            continue
        inner = to > first
        if inner:
            out[to] = 32
            to += 1
            tokens += 1
        if byte == _APOSTROPHE:
            first = to
            if inner and at < end and _fold(data, at, end, folded)[0] >= 97:
                out[to] = byte
                to += 1
            continue
        if byte > 0 and (to < begin + 2 or out[to - 2] != byte):
            out[to], out[to + 1] = byte, 32
            to += 2
            tokens += 1
        first = to
    if to > first:
        out[to] = 32
        return to + 1, tokens + 1
    return to, tokens


@njit(cache=True, nogil=True)
def _plain_words(data: Pointer, at: int, out: Pointer, to: int) -> int:
    """Writes the words that lie wholly in data[at:at + 64] at out[to:], up to one that is more than letters
    of ASCII and a mark behind them: bytes read | bytes written << 8 | tokens << 16. Reads WINDOW bytes."""
    marks = between(data, at, 0x21, 0x21) | between(data, at, 0x2C, 0x2C) | between(data, at, 0x2E, 0x2E)
    marks |= between(data, at, 0x3A, 0x3B) | between(data, at, 0x3F, 0x3F)
    left, plain = ~(between(data, at, 0x00, 0x20) | between(data, at, 0x7F, 0x7F)), letters(data, at)
    start, tokens, one = to, 0, np.uint64(1)
    while True:
        begin = trailing_zeros(left)
        carried = left + (one << np.uint64(begin & 63))  # the run becomes one bit, behind it
        end = trailing_zeros(carried)
        run, last = left & ~carried, one << np.uint64((end - 1) & 63)
        odd = run & ~plain
        marked = odd == last and run != last and last & marks != 0
        if end == 64 or begin == 64 or not (odd == 0 or marked):
            return begin | (to - start) << 8 | tokens << 16
        left &= carried
        size = end - begin - marked
        for i in range(0, size, 8):
            store8(out, to + i, load8(data, at + begin + i) | np.uint64(LOWER))
        to += size
        out[to], out[to + 1], out[to + 2] = 32, data[at + end - 1], 32
        to += 1 + 2 * marked
        tokens += 1 + marked


@njit(cache=True, nogil=True)
def _piece(
    data: np.ndarray, at: int, end: int, tables: Spelling, out: np.ndarray, to: int, begin: int
) -> tuple[int, int]:
    """Writes the tokens of data[at:end] at out[to:], of a text that began at out[begin]: (where it stopped,
    tokens that count)."""
    tokens = 0
    while at < end:
        if tables.flags[data[at]] & SPACE:
            at += 1
            continue
        if at + WINDOW <= end:
            read = _plain_words(data, at, out, to)
            if read > 0:
                at, to, tokens = at + (read & 0xFF), to + (read >> 8 & 0xFF), tokens + (read >> 16)
                continue
        after, seen = _run(data, at, end, tables.flags)
        sign = 35 if _is_notation(seen) else 48 if seen & DIGIT and not seen & LETTER else 0
        if sign == 0:
            to, found = _words(data, at, after, tables.folded, out, to, begin)
            tokens += found
        elif sign == 48 or to < begin + 2 or out[to - 2] != sign:
            out[to], out[to + 1] = sign, 32
            to += 2
            tokens += sign == 48
        at = after
    return to, tokens


@njit(cache=True, nogil=True)
def _whole_runs(
    data: np.ndarray, at: int, end: int, first: int, last: int, flags: np.ndarray
) -> tuple[int, int]:
    """data[at:end] of the text data[first:last] without runs that it cuts."""
    while first < at < end and not flags[data[at - 1]] & SPACE:
        at += 1
    while at < end < last and not flags[data[end]] & SPACE:
        end -= 1
    return at, end


@njit(cache=True, nogil=True)
def _normalise(
    data: np.ndarray,
    offsets: np.ndarray,
    pieces: np.ndarray,
    owners: np.ndarray,
    tables: Spelling,
    out: np.ndarray,
    bounds: np.ndarray,
    tokens: np.ndarray,
) -> None:
    text, to_text, to, piece = pointer(data), pointer(out), 0, 0
    pointed = Spelling(pointer(tables.flags), pointer(tables.folded))
    for i in range(len(offsets) - 1):
        while piece < len(owners) and owners[piece] == i:
            at, end = pieces[piece]
            at, end = _whole_runs(text, at, end, offsets[i], offsets[i + 1], pointed.flags)
            to, found = _piece(text, at, end, pointed, to_text, to, bounds[i])
            tokens[i] += found
            piece += 1
        bounds[i + 1] = to


def normalise(
    data: np.ndarray, offsets: np.ndarray, pieces: np.ndarray, owners: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normalises pieces of n texts.

    data: (n_bytes,) uint8, offsets: (n + 1,) int64, the text of document i is data[offsets[i]:offsets[i +
    1]]; pieces: (m, 2) int64 first and end byte of each, in the order of owners: (m,) int64, the document
    of each; what a piece cuts of a run without spaces is left out. Returns (out: (k,) uint8, bounds: (n +
    1,) int64, tokens: (n,) int64): document i became out[bounds[i]:bounds[i + 1]], ASCII, a space after
    each token, of which `tokens` are not notation."""
    out = np.empty(int(2 * (pieces[:, 1] - pieces[:, 0]).sum()) + 2, np.uint8)
    bounds, tokens = np.zeros(len(offsets), np.int64), np.zeros(len(offsets) - 1, np.int64)
    places = frozen(offsets, np.int64), frozen(pieces, np.int64), frozen(owners, np.int64)
    _normalise(frozen(data, np.uint8), *places, spelling(), out, bounds, tokens)
    return out[: bounds[-1]], bounds, tokens


def normalise_all(data: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`normalise` of whole texts."""
    pieces = np.stack([offsets[:-1], offsets[1:]], 1)
    return normalise(data, offsets, pieces, np.arange(len(pieces)))
