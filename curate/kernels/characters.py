"""Classes of code points, read from UTF-8 where it lies."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numba import njit

from curate.kernels.words import frozen

TERMINAL = ".!?\"'”’»…。．！？」』؟۔।॥።៕"
"""A line's last character when it ends a sentence: FineWeb's . ! ? " ' and their like in other scripts."""
CLOSERS = "\"')]}”’»」』）"
BULLETS = "-*•‣▪●○◦·–"

# ASCII, as kernels compare it.
(TAB, NEWLINE, RETURN, BLANK, EXCLAMATION, QUOTE, HASH, DOLLAR) = b'\t\n\r !"#$'
(OPEN, CLOSE, STAR, PLUS, COMMA, DASH, DOT, SLASH, ZERO, NINE) = b"()*+,-./09"
(COLON, SEMICOLON, LESS, EQUALS, GREATER, QUESTION) = b":;<=>?"
(OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, CARET, UNDERSCORE, BACKTICK) = b"[\\]^_`"
(CAPITAL_A, CAPITAL_J, CAPITAL_Q, CAPITAL_Z, SMALL_A, SMALL_J, SMALL_P, SMALL_X, SMALL_Z) = b"AJQZajpxz"
(OPEN_BRACE, BAR, CLOSE_BRACE) = b"{|}"

# Bits of a code point's classes.
SPACE: Final = 1
LETTER: Final = 2
DIGIT: Final = 4
LOWER: Final = 8
ENDS: Final = 16  # terminal punctuation
CLOSES: Final = 32
BASE64: Final = 64
CONTROL: Final = 128
SPACELESS: Final = 256
BULLET: Final = 512
NOT_ASCII: Final = 1024
RULE: Final = 8192  # what rules between paragraphs are drawn with; 2048 and 4096 are `text`'s
SIZE: Final = 16  # the three bits from here: how many bytes long a code point is
SHORTEST: Final = (0, 1, 0x80, 0x800, 0x10000)  # the least code point that takes so many bytes
KNOWN: Final = 0x32400  # no letter, digit or space is assigned above


@cache
def classes() -> np.ndarray:
    """(KNOWN,) uint16: the classes (SPACE | LETTER | ...) of each code point, read-only; what is a letter, a
    digit, a space or a control is Unicode 14.0's word (scripts/build_unicode_tables.py), on any Python."""
    path = Path(__file__).parents[1] / "data/unicode/classes.npz"
    with np.load(path, allow_pickle=False) as stored:
        table = stored["blocks"][stored["places"]].reshape(-1).astype(np.uint16)
    for chars, flag in ((TERMINAL, ENDS), (CLOSERS, CLOSES), (BULLETS, BULLET), ("\ufffd", CONTROL)):
        table[[ord(c) for c in chars]] |= flag
    table[list(b"-=+|_~*# :.^")] |= RULE
    table[[c for c in range(128) if chr(c).isalnum() or chr(c) in "+/=-_"]] |= BASE64
    # Thai to Tibetan, Myanmar, Khmer; kana and Han, as near-duplicate shingles take them (DESIGN.md, Dedup).
    for low, high in (
        (0x0E00, 0x0FFF),
        (0x1000, 0x109F),
        (0x1780, 0x17FF),
        (0x3040, 0x30FF),
        (0x3400, 0x9FFF),
    ):
        table[low : high + 1][table[low : high + 1] & LETTER > 0] |= SPACELESS
    table[128:] |= NOT_ASCII
    return frozen(table, np.uint16)


@njit(cache=True, nogil=True)
def wide(data: np.ndarray, i: int, end: int, classes: np.ndarray) -> int:
    """The code point at data[i], which is not ASCII: its classes, and its bytes in the bits from SIZE on.

    One integer, not a pair: numba returns pairs through memory, at two thirds of the speed. A byte that
    begins no code point (cut off, overlong, or without its continuation) is one of no class.
    """
    b = data[i]
    code, size = 0, 1
    if 0xC2 <= b < 0xE0 and i + 1 < end and data[i + 1] & 0xC0 == 0x80:
        code, size = ((b & 0x1F) << 6) | (data[i + 1] & 0x3F), 2
    elif i + 2 < end and data[i + 1] & 0xC0 == 0x80 and data[i + 2] & 0xC0 == 0x80:
        tail = ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F)
        if 0xE0 <= b < 0xF0:
            code, size = ((b & 0x0F) << 12) | tail, 3
        elif 0xF0 <= b < 0xF5 and i + 3 < end and data[i + 3] & 0xC0 == 0x80:
            code, size = ((b & 0x07) << 18) | (tail << 6) | (data[i + 3] & 0x3F), 4
    if code < SHORTEST[size]:
        return NOT_ASCII | (1 << SIZE)
    flags: int = classes[code] if code < KNOWN else NOT_ASCII
    return flags | (size << SIZE)


@njit(cache=True, nogil=True)
def class_at(data: np.ndarray, i: int, end: int, classes: np.ndarray) -> int:
    """The same for any code point."""
    if data[i] >= 128:
        return wide(data, i, end, classes)
    flags: int = classes[data[i]] | (1 << SIZE)
    return flags


@njit(cache=True, nogil=True)
def last_point(data: np.ndarray, start: int, stop: int) -> int:
    """Where the last code point of data[start:stop] begins."""
    i = stop - 1
    while i > start and stop - i < 4 and data[i] & 0xC0 == 0x80:
        i -= 1
    return i


@njit(cache=True, nogil=True)
def begins(data: np.ndarray, i: int, stop: int, phrase: bytes) -> bool:
    """Whether data[i:stop] begins with `phrase` (lower-case ASCII), in any case."""
    if i < 0 or i + len(phrase) > stop:
        return False
    for k in range(len(phrase)):
        b = data[i + k]
        if (b | 32 if CAPITAL_A <= b <= CAPITAL_Z else b) != phrase[k]:
            return False
    return True
