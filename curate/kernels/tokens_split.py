"""Where the pre-tokens of a text end: the split patterns of byte-level tokenizers, read by hand.

A family is a pattern that many tokenizers share. What it asks of a code point is a byte of kinds, and what
is left of it a few switches (`Split`), so that one scanner reads them all. Nine in ten pre-tokens of English
are a space and then ASCII letters, and these are looked at eight bytes at a time.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels import tokens_classes as classes
from curate.kernels.memory import Pointer, load8, pointer, trailing_zeros
from curate.kernels.words import decode, frozen

# Kinds: what a pattern asks of a code point.
LETTER: Final = 1  # belongs to a run of letters
NUMBER: Final = 2
SPACE: Final = 4
TAIL: Final = 8  # follows a run of symbols; white space that is TAIL ends a pre-token of white space
SYMBOL: Final = 16  # belongs to a run of symbols, which a space may precede
PREFIX: Final = 32  # may precede a run of letters
UPPER: Final = 64  # o200k: stands in the first part of a run of letters
LOWER: Final = 128  # o200k: stands in its second part; what has no case stands in both
HAN: Final = 64  # DeepSeek: a letter among Han and kana, which stand apart from all else
KANA_SYMBOL: Final = 128  # DeepSeek: a symbol among them; what is not assigned there is of no kind


class Split(NamedTuple):
    """A family's pattern. kinds: (CODE_POINTS,) uint8; digits: most in one pre-token;
    contractions: `'s` and the like are none (0), lower-case ones (1) or of any case (2)."""

    kinds: np.ndarray
    digits: int
    contractions: int
    spaced_numbers: bool  # a space may precede numbers
    ascii_words: bool  # ASCII punctuation may precede ASCII letters
    cased: bool  # a run of letters ends where lower case becomes upper
    han: bool  # runs of Han and kana, and numbers, are cut out before the rest is read


ANY_NUMBER: Final = 1 << 62
_HIGH: Final = np.uint64(0x8080808080808080)
_LOW: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
_TO_LOWER: Final = np.uint64(0x2020202020202020)
_FROM_A: Final = np.uint64(0x1F1F1F1F1F1F1F1F)  # 0x80 - ord("a")
_AFTER_Z: Final = np.uint64(0x0505050505050505)  # 0x80 - ord("z") - 1
_APOSTROPHE: Final = 0x27
_BLANK: Final = 0x20


@njit(cache=True, nogil=True)
def _kind(data: Pointer, at: int, end: int, kinds: Pointer) -> tuple[int, int]:
    """(kinds, bytes) of the character at data[at], at < end."""
    byte = np.int64(data[at])
    if byte < 0x80:
        return np.int64(kinds[byte]), 1
    code, width = decode(data, at, end)
    return np.int64(kinds[code]), width


@njit(cache=True, nogil=True)
def _ascii_run(data: Pointer, at: int, end: int, fold: np.uint64) -> int:
    """End of the run of ASCII letters from `at`; fold: _TO_LOWER for any case, 0 for lower case."""
    while at + 8 <= end:
        word = load8(data, at)
        low = (word | fold) & _LOW
        letters = (low + _FROM_A) & ~(low + _AFTER_Z) & ~word
        others = ~letters & _HIGH
        if others:
            return at + (trailing_zeros(others) >> 3)
        at += 8
    while at < end:
        byte = np.uint64(data[at]) | (fold & np.uint64(0x20))
        if byte < np.uint64(0x61) or byte > np.uint64(0x7A):
            break
        at += 1
    return at


@njit(cache=True, nogil=True)
def _run(data: Pointer, at: int, end: int, kinds: Pointer, wanted: int) -> int:
    """End of the run of characters from `at` that are of a wanted kind."""
    while at < end:
        kind, width = _kind(data, at, end, kinds)
        if not kind & wanted:
            break
        at += width
    return at


@njit(cache=True, nogil=True)
def contraction(data: Pointer, at: int, end: int, mode: int) -> int:
    """End of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at `at`; `at` when there is none. A long s is an s
    of another case."""
    if mode == 0 or at + 1 >= end or data[at] != _APOSTROPHE:
        return at
    fold = 0x20 if mode == 2 else 0
    first = np.int64(data[at + 1]) | fold
    if first == ord("s") or first == ord("t") or first == ord("m") or first == ord("d"):
        return at + 2
    if at + 2 >= end:
        return at
    second = np.int64(data[at + 2])
    if mode == 2 and first == 0xE5 and second == 0xBF:  # 0xC5 0xBF, U+017F, with the bit that folds
        return at + 3 if data[at + 1] == 0xC5 else at
    second |= fold
    if (first == ord("r") or first == ord("v")) and second == ord("e"):
        return at + 3
    return at + 3 if first == ord("l") and second == ord("l") else at


@njit(cache=True, nogil=True)
def _cased(data: Pointer, at: int, end: int, split: Split) -> int:
    """End of `[UPPER]*[LOWER]+`, as a regex would go back to find it, else of `[UPPER]+`; and a
    contraction."""
    kinds, start, last, kind = split.kinds, at, at, 0
    while at < end:
        kind, width = _kind(data, at, end, kinds)
        if not kind & UPPER:
            break
        at += width
        if kind & LOWER:
            last = at
    if at < end and kind & LOWER and not kind & UPPER:
        while True:
            at = _ascii_run(data, at, end, np.uint64(0))
            after = _run(data, at, end, kinds, LOWER)
            if after == at:
                break
            at = after
    elif last > start:
        at = last
    return contraction(data, at, end, split.contractions)


@njit(cache=True, nogil=True)
def _letters(data: Pointer, at: int, end: int, split: Split) -> int:
    if split.cased:
        return _cased(data, at, end, split)
    while True:
        at = _ascii_run(data, at, end, _TO_LOWER)
        if at == end or data[at] < 0x80:
            return at
        after = _run(data, at, end, split.kinds, LETTER)
        if after == at:
            return at
        at = after


@njit(cache=True, nogil=True)
def _numbers(data: Pointer, at: int, end: int, split: Split) -> int:
    for _ in range(split.digits):
        if at == end:
            break
        kind, width = _kind(data, at, end, split.kinds)
        if not kind & NUMBER:
            break
        at += width
    return at


@njit(cache=True, nogil=True)
def _symbols(data: Pointer, at: int, end: int, kinds: Pointer) -> int:
    return _run(data, _run(data, at, end, kinds, SYMBOL), end, kinds, TAIL)


@njit(cache=True, nogil=True)
def _stands_apart(kind: int) -> bool:
    """Whether a character is among Han and kana, in DeepSeek's pattern."""
    return kind == 0 or kind & (HAN | KANA_SYMBOL) != 0


@njit(cache=True, nogil=True)
def _spaces(data: Pointer, at: int, end: int, split: Split) -> int:
    """End of `\\s*[\\r\\n]+`, else `\\s+(?!\\S)`, else `\\s+`."""
    kinds, start, newline, last = split.kinds, at, at, at
    while at < end:
        kind, width = _kind(data, at, end, kinds)
        if not kind & SPACE:
            if split.han and (kind & NUMBER or _stands_apart(kind)):
                last = at
            break
        last = at
        at += width
        if kind & TAIL:
            newline = at
    if newline > start:
        return newline
    return at if at == end or last == start else last


@njit(cache=True, nogil=True)
def _unmatched(data: Pointer, at: int, end: int, kinds: Pointer, letters: int) -> int:
    """End of a run of characters of the kind at `at`, which no pattern takes; before one that precedes a
    letter, which it takes."""
    unmatched, width = _kind(data, at, end, kinds)
    at += width
    while at < end:
        kind, width = _kind(data, at, end, kinds)
        if kind != unmatched:
            break
        if at + width < end and _kind(data, at + width, end, kinds)[0] & letters:
            break
        at += width
    return at


@njit(cache=True, nogil=True)
def _han(data: Pointer, at: int, end: int, kinds: Pointer) -> int:
    """End of what begins with Han or kana; what else there is in their blocks is split as elsewhere."""
    kind, width = _kind(data, at, end, kinds)
    if kind:
        return _run(data, at, end, kinds, kind)
    after = _run(data, at + width, end, kinds, HAN)
    return after if after > at + width else _unmatched(data, at, end, kinds, HAN)


@njit(cache=True, nogil=True)
def piece_end(data: Pointer, at: int, end: int, split: Split) -> int:
    """End of the pre-token that begins at data[at], of the UTF-8 text that ends at `end`, at < end.

    data: of uint8; split: as `pointed`. The text before `at` must not matter, so call this only where a
    pre-token ended. Each byte that is not UTF-8 is read as U+FFFD.
    """
    kinds = split.kinds
    kind, width = _kind(data, at, end, kinds)
    if kind & LETTER:
        return _letters(data, at, end, split)
    if kind & NUMBER:
        return _numbers(data, at, end, split)
    if split.han and _stands_apart(kind):
        return _han(data, at, end, kinds)
    byte, after = np.int64(data[at]), at + width
    if byte == _APOSTROPHE and not split.cased:
        short = contraction(data, at, end, split.contractions)
        if short > at:
            return short
    if after < end:
        following, _ = _kind(data, after, end, kinds)
        if kind & PREFIX and following & LETTER:
            return _letters(data, after, end, split)
        if split.ascii_words and kind & SYMBOL and byte < 0x80 and following & LETTER:
            stop = _ascii_run(data, after, end, _TO_LOWER)
            if stop > after:
                return stop
        if byte == _BLANK:
            if following & SYMBOL:
                return _symbols(data, after, end, kinds)
            if following & NUMBER and split.spaced_numbers:
                return _numbers(data, after, end, split)
    if kind & SYMBOL:
        return _symbols(data, at, end, kinds)
    return _spaces(data, at, end, split) if kind & SPACE else _unmatched(data, at, end, kinds, LETTER)


@njit(cache=True, nogil=True)
def pointed(split: Split) -> Split:
    """The pattern as `piece_end` reads it: kinds is a pointer."""
    return Split(
        pointer(split.kinds),
        split.digits,
        split.contractions,
        split.spaced_numbers,
        split.ascii_words,
        split.cased,
        split.han,
    )


def _kinds(letters: int, symbols: np.ndarray, prefix: np.ndarray, tail: str) -> np.ndarray:
    """(CODE_POINTS,) uint8. letters: flags of `tokens_classes`; symbols, prefix: (CODE_POINTS,) bool, where
    nothing else is said of a code point."""
    flags = classes.flags()
    kinds = np.zeros(len(flags), np.uint8)
    kinds[flags & letters != 0] |= LETTER
    kinds[flags & classes.NUMBER != 0] |= NUMBER
    kinds[flags & classes.SPACE != 0] |= SPACE
    kinds[symbols] |= SYMBOL
    kinds[prefix] |= PREFIX
    for character in tail:
        kinds[ord(character)] |= TAIL
    return kinds


_LETTERS = classes.UPPER | classes.LOWER | classes.CASELESS
_NEWLINES = "\r\n"


def _lacks(flags: int) -> np.ndarray:
    """(CODE_POINTS,) bool: has none of these flags of `tokens_classes`."""
    found: np.ndarray = classes.flags() & flags == 0
    return found


def _before_letters(flags: int) -> np.ndarray:
    """(CODE_POINTS,) bool: `[^\\r\\n…]`."""
    found = _lacks(flags)
    found[[ord(character) for character in _NEWLINES]] = False
    return found


def _split(kinds: np.ndarray, digits: int, contractions: int, **switches: bool) -> Split:
    off = dict.fromkeys(("spaced_numbers", "ascii_words", "cased", "han"), False)
    return Split(frozen(kinds, np.uint8), digits, contractions, **{**off, **switches})


def _gpt2() -> Split:
    blank = np.zeros(classes.CODE_POINTS, bool)
    blank[_BLANK] = True
    kinds = _kinds(_LETTERS, _lacks(_LETTERS | classes.NUMBER | classes.SPACE), blank, "")
    return _split(kinds, ANY_NUMBER, 1, spaced_numbers=True)


def _cl100k(digits: int, marks: int = 0) -> Split:
    letters = _LETTERS | marks
    symbols = _lacks(letters | classes.NUMBER | classes.SPACE)
    return _split(_kinds(letters, symbols, _before_letters(_LETTERS | classes.NUMBER), _NEWLINES), digits, 2)


def _o200k(digits: int, contractions: int) -> Split:
    symbols = _lacks(_LETTERS | classes.NUMBER | classes.SPACE)
    prefix = _before_letters(_LETTERS | classes.NUMBER)
    kinds = _kinds(_LETTERS | classes.MARK, symbols, prefix, _NEWLINES + "/")
    kinds[~_lacks(classes.UPPER | classes.CASELESS | classes.MARK)] |= UPPER
    kinds[~_lacks(classes.LOWER | classes.CASELESS | classes.MARK)] |= LOWER
    return _split(kinds, digits, contractions, cased=True)


def _deepseek() -> Split:
    letters = _LETTERS | classes.MARK
    prefix = _before_letters(_LETTERS | classes.PUNCTUATION | classes.NUMBER)
    kinds = _kinds(letters, ~_lacks(classes.PUNCTUATION), prefix, _NEWLINES)
    for first, last in ((0x4E00, 0x9FA5), (0x3040, 0x30FF)):
        block = kinds[first : last + 1]
        block[:] = np.where(block & LETTER, HAN, np.where(block & SYMBOL, KANA_SYMBOL, 0))
    return _split(kinds, 3, 0, ascii_words=True, han=True)


FAMILIES = {
    "gpt2": _gpt2,
    "cl100k": lambda: _cl100k(3),
    "qwen2": lambda: _cl100k(1),
    "qwen3.5": lambda: _cl100k(1, classes.MARK),
    "o200k": lambda: _o200k(3, 2),
    "tekken": lambda: _o200k(1, 0),
    "deepseek": _deepseek,
}


@cache
def split_of(family: str) -> Split:
    """The pattern of one of `FAMILIES`."""
    return FAMILIES[family]()
