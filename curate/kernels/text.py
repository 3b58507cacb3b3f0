"""Word, line and symbol statistics of documents, counted in one pass over their UTF-8.

A word is what Python's `str.split()` yields: a maximal run of code points that are not whitespace. A line is
what lies between two "\\n", stripped of whitespace; blank lines do not count. Lengths are in code points.
Nothing here judges: `stages/heuristics.py` makes signals of these counts, and rules of those.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import numpy as np
from numba import njit

COUNTS = (
    "characters",  # code points
    "newlines",  # "\n"
    "letters",  # str.isalpha
    "digits",  # str.isalnum, but no letter
    "controls",  # C0 and C1 controls that are no whitespace, DEL, and U+FFFD
    "spaceless",  # code points of scripts that are written without spaces between words
    "hashes",  # "#"
    "ellipses",  # "..." (as str.count) and "…"
    "braces",  # "{"
    "words",
    "word_characters",
    "letter_words",  # words with a letter
    "alnum_words",  # words with a letter or digit
    "lower_words",  # words that begin with a lower-case letter
    "function_words",  # words of FUNCTION_WORDS, any case
    "gopher_words",  # how many different ones of GOPHER_WORDS there are, any case
    "long_ascii",  # code points in ASCII words of at least LONG_WORD code points with a letter or digit
    "encoded",  # of these, the ones in words that spell base64 or hex: only its alphabet, a digit among it
    "lines",
    "bullet_lines",  # begin with one of BULLETS
    "ellipsis_lines",  # end in "..." or "…"
    "short_lines",  # at most SHORT_LINE code points
    "ended_lines",  # end in terminal punctuation
    "longest_line",  # code points
    "lorem_ipsum",  # times the phrase occurs, any case
    "c4_sentences",  # sentences in lines that C4 keeps
    "c4_any_sentences",  # the same without C4's terminal punctuation rule
)
"""Columns of `statistics`, in order."""

GOPHER_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Rae et al. 2021 (arXiv 2112.11446), A1.1."""

_OTHERS = """
a about after all also an any are as at because been before being but by can could did do does each either for
from had has he her here his how i if in into is it its let may me might more most must my no nor not now on
one only or other our out over per same shall she should since so some such than their them then there these
they this those though thus up us was we were what when where whether which while who why will would yet you
your
"""
FUNCTION_WORDS = (*GOPHER_WORDS, *_OTHERS.split())
"""English words that carry grammar and no topic."""

TERMINAL = ".!?\"'”’»…。．！？」』؟۔।॥።៕"
"""A line's last character when it ends a sentence: FineWeb's . ! ? " ' and their like in other scripts."""
CLOSERS = "\"')]}”’»」』）"
BULLETS = "-*•‣▪●○◦·–"
LONG_WORD: Final = 40
SHORT_LINE: Final = 30
C4_MIN_WORDS: Final = 3
"""Words that a line must have (Raffel et al. 2020, 2.2)."""
C4_MAX_WORD: Final = 1000
"""Code points of a word that costs its line (the reference implementation, c4_utils.py)."""

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
RARE: Final = 2048  # what `_rare` looks for
SIZE: Final = 16  # the bits above: how many bytes long a code point is
KNOWN: Final = 0x32400  # no letter, digit or space is assigned above

(
    CHARACTERS, NEWLINES, LETTERS, DIGITS, CONTROLS, SPACELESS_CHARS, HASHES, ELLIPSES, BRACES,
    WORDS, WORD_CHARACTERS, LETTER_WORDS, ALNUM_WORDS, LOWER_WORDS, FUNCTION, GOPHER, LONG_ASCII, ENCODED,
    LINES, BULLET_LINES, ELLIPSIS_LINES, SHORT_LINES, ENDED_LINES, LONGEST_LINE, LOREM, C4, C4_ANY,
) = range(len(COUNTS))  # fmt: skip


def statistics(data: np.ndarray, offsets: np.ndarray) -> dict[str, np.ndarray]:
    """The counts of each document.

    data: (n_bytes,) uint8 and offsets: (n + 1,) int64; document i is the UTF-8 data[offsets[i]:offsets[i +
    1]]. Returns (n,) int64 arrays by the names in `COUNTS`. Bytes that are not UTF-8 are counted as code
    points of no class; nothing outside a document is read.
    """
    table = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    _statistics(readonly(data), readonly(offsets), classes(), _word_table(), table)
    return {name: table[:, i] for i, name in enumerate(COUNTS)}


def readonly(array: np.ndarray) -> np.ndarray:
    """The same memory, not writable: so that kernels are compiled for one kind of array, not two."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@cache
def classes() -> np.ndarray:
    """(KNOWN,) uint16: the classes (SPACE | LETTER | ...) of each code point, read-only."""
    table = np.zeros(KNOWN, np.uint16)
    for code in range(KNOWN):
        char = chr(code)
        if char.isalpha():
            table[code] = LETTER | (LOWER if char.islower() else 0)
        elif char.isalnum():
            table[code] = DIGIT
        elif char.isspace():
            table[code] = SPACE
        elif unicodedata.category(char) == "Cc":
            table[code] = CONTROL
    for chars, flag in (
        (TERMINAL, ENDS),
        (CLOSERS, CLOSES),
        (BULLETS, BULLET),
        ("\ufffd", CONTROL),
        ("#{.…jJ", RARE),
    ):
        table[[ord(c) for c in chars]] |= flag
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
    return readonly(table)


WORD_TABLE: Final = 1024  # slots; a power of two


@cache
def _word_table() -> np.ndarray:
    """(WORD_TABLE,) uint64: words of up to 8 bytes, packed big-endian, where `_slot` puts them, or next to
    it. The top bit marks one of GOPHER_WORDS; (WORD_TABLE:,) its index."""
    table = np.zeros(2 * WORD_TABLE, np.uint64)
    for word in FUNCTION_WORDS:
        key = np.uint64(int.from_bytes(word.encode(), "big"))
        slot = int(_slot(key))
        while table[slot] != 0:
            slot = (slot + 1) % WORD_TABLE
        table[slot] = key
        table[WORD_TABLE + slot] = 1 << GOPHER_WORDS.index(word) if word in GOPHER_WORDS else 0
    return readonly(table)


@njit(cache=True, nogil=True)
def _slot(key):
    return np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(54))


@njit(cache=True, nogil=True)
def wide(data, i, end, classes):
    """The code point at data[i], which is not ASCII: its classes, and its bytes in the bits from SIZE on.

    One integer, not a pair: numba returns pairs through memory, which would cost two thirds of the speed. A
    byte that begins no code point is one of no class.
    """
    b = np.int64(data[i])
    code, size = np.int64(0xFFFF), np.int64(1)
    if 0xC2 <= b < 0xE0 and i + 1 < end:
        code, size = ((b & 0x1F) << 6) | (data[i + 1] & 0x3F), 2
    elif 0xE0 <= b < 0xF0 and i + 2 < end:
        code, size = ((b & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F), 3
    elif 0xF0 <= b < 0xF5 and i + 3 < end:
        code = ((b & 0x07) << 18) | ((data[i + 1] & 0x3F) << 12) | ((data[i + 2] & 0x3F) << 6)
        code, size = code | (data[i + 3] & 0x3F), 4
    flags = np.int64(classes[code]) if code < KNOWN else NOT_ASCII
    return flags | (size << SIZE)


@njit(cache=True, nogil=True)
def class_at(data, i, end, classes):
    """The same for any code point."""
    if data[i] < 128:
        return np.int64(classes[data[i]]) | (1 << SIZE)
    return wide(data, i, end, classes)


# The line being read: a small array that `_document` and its helpers share.
(L_WORDS, L_START, L_END, L_FIRST, L_LAST, L_UNFIT, L_BREAKS, L_PENDING) = range(8)


@njit(cache=True, nogil=True)
def _statistics(data, offsets, classes, words, out):
    line = np.zeros(8, np.int64)
    for d in range(len(offsets) - 1):
        _document(data, offsets[d], offsets[d + 1], classes, words, line, out[d])


@njit(cache=True, nogil=True)
def _document(data, start, end, classes, words, line, row):
    i, char, letters, digits = start, 0, 0, 0
    line[:] = 0
    while i < end:
        first = np.int64(classes[data[i]]) if data[i] < 128 else wide(data, i, end, classes)
        if first & SPACE:
            if data[i] == 10:
                row[NEWLINES] += 1
                _close_line(data, classes, line, row)
            i += max(first >> SIZE, 1)
            char += 1
            continue
        stop, length, seen, common = i, 0, 0, -1
        while stop < end:
            b = data[stop]
            flags = np.int64(classes[b]) if b < 128 else wide(data, stop, end, classes)
            if flags & SPACE:
                break
            seen |= flags
            common &= flags
            letters += (flags >> 1) & 1
            digits += (flags >> 2) & 1
            length += 1
            stop += max(flags >> SIZE, 1)
        _count_word(row, length, first, seen, common)
        if seen & (RARE | CONTROL | SPACELESS):
            _rare(data, i, stop, classes, row, line)
        if common & LETTER and not seen & NOT_ASCII and stop - i < 8:
            _known_word(data, i, stop, words, row)
        if stop + 1 < end and data[stop] == 32:
            _phrase(data, i, stop, end, row, line)
        _extend_line(data, i, stop, char, char + length, first, classes, line)
        i = stop
        char += length
    _close_line(data, classes, line, row)
    row[CHARACTERS], row[LETTERS], row[DIGITS] = char, letters, digits
    row[GOPHER] = _bits(row[GOPHER])


@njit(cache=True, nogil=True)
def _count_word(row, length, first, seen, common):
    row[WORDS] += 1
    row[WORD_CHARACTERS] += length
    row[LETTER_WORDS] += (seen & LETTER) > 0
    row[ALNUM_WORDS] += (seen & (LETTER | DIGIT)) > 0
    row[LOWER_WORDS] += (first & LOWER) > 0
    if length >= LONG_WORD and not seen & NOT_ASCII and seen & (LETTER | DIGIT):
        row[LONG_ASCII] += length
        if common & BASE64 and seen & DIGIT:
            row[ENCODED] += length


@njit(cache=True, nogil=True)
def _rare(data, i, stop, classes, row, line):
    """Counts what few words have: symbols, controls, code points without spaces, "javascript"."""
    dots = 0
    while i < stop:
        flags = class_at(data, i, stop, classes)
        size = flags >> SIZE
        b = data[i]
        dots = dots + 1 if b == 46 else 0
        if dots == 3 or (size == 3 and b == 0xE2 and data[i + 1] == 0x80 and data[i + 2] == 0xA6):
            row[ELLIPSES] += 1
            dots = 0
        row[HASHES] += b == 35
        row[BRACES] += b == 123
        row[CONTROLS] += (flags & CONTROL) > 0
        row[SPACELESS_CHARS] += (flags & SPACELESS) > 0
        if b | 32 == 106 and _same(data, i, stop, JAVASCRIPT):
            line[L_UNFIT] = 1
        i += size


JAVASCRIPT: Final = b"javascript"


@njit(cache=True, nogil=True)
def _same(data, i, stop, phrase):
    """Whether data[i:stop] begins with `phrase` (lower-case ASCII), in any case."""
    if i < 0 or i + len(phrase) > stop:
        return False
    for k in range(len(phrase)):
        b = data[i + k]
        if (b | 32 if 65 <= b <= 90 else b) != phrase[k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _phrase(data, i, stop, end, row, line):
    """Looks for C4's phrases around the space at `stop`, which ends the word at i."""
    b = data[stop + 1] | 32
    if b == 105 and _same(data, stop, end, b" ipsum"):
        row[LOREM] += stop - 5 >= i and _same(data, stop - 5, stop, b"lorem")
    elif b == 112 and _same(data, stop, end, b" policy"):
        if stop - 7 >= i and _same(data, stop - 7, stop, b"privacy"):
            line[L_UNFIT] = 1
        if stop - 6 >= i and _same(data, stop - 6, stop, b"cookie"):
            line[L_UNFIT] = 1
    elif b == 99 and _same(data, stop, end, b" cookies"):
        if stop - 3 >= i and _same(data, stop - 3, stop, b"use"):
            line[L_UNFIT] = 1
        if stop - 4 >= i and _same(data, stop - 4, stop, b"uses"):
            line[L_UNFIT] = 1
    elif b == 111:
        if _same(data, stop, end, b" of use") and stop - 5 >= i and _same(data, stop - 5, stop, b"terms"):
            line[L_UNFIT] = 1
        if _same(data, stop, end, b" of cookies") and stop - 3 >= i and _same(data, stop - 3, stop, b"use"):
            line[L_UNFIT] = 1


@njit(cache=True, nogil=True)
def _known_word(data, i, stop, words, row):
    key = np.uint64(0)
    for k in range(i, stop):
        key = (key << np.uint64(8)) | np.uint64(data[k] | 32)
    slot = _slot(key)
    while words[slot] != 0:
        if words[slot] == key:
            row[FUNCTION] += 1
            row[GOPHER] |= np.int64(words[WORD_TABLE + slot])
            return
        slot = (slot + 1) % WORD_TABLE


@njit(cache=True, nogil=True)
def _bits(mask):
    n = 0
    while mask:
        n += mask & 1
        mask >>= 1
    return n


@njit(cache=True, nogil=True)
def _extend_line(data, i, stop, char, char_end, first, classes, line):
    """Adds the word at [i, stop) to the line."""
    if line[L_WORDS] == 0:
        line[L_START], line[L_FIRST] = i, char
    elif line[L_PENDING] and not first & LOWER:
        line[L_BREAKS] += 1
    line[L_WORDS] += 1
    line[L_END], line[L_LAST] = stop, char_end
    if char_end - char > C4_MAX_WORD:
        line[L_UNFIT] = 1
    line[L_PENDING] = not classes[data[stop - 1] & 127] & (LETTER | DIGIT) and _ends(data, i, stop, classes)


@njit(cache=True, nogil=True)
def last_point(data, start, stop):
    """Where the last code point of data[start:stop] begins."""
    i = stop - 1
    while i > start and stop - i < 4 and data[i] & 0xC0 == 0x80:
        i -= 1
    return i


@njit(cache=True, nogil=True)
def _ends(data, i, stop, classes):
    """Whether the word ends a sentence: terminal punctuation, then closing quotes and brackets only."""
    while stop > i:
        at = last_point(data, i, stop)
        flags = class_at(data, at, stop, classes)
        if not flags & CLOSES:
            return (flags & ENDS) > 0
        stop = at
    return False


@njit(cache=True, nogil=True)
def _close_line(data, classes, line, row):
    if line[L_WORDS] == 0:
        return
    start, stop, length = line[L_START], line[L_END], line[L_LAST] - line[L_FIRST]
    first = class_at(data, start, stop, classes)
    at = last_point(data, start, stop)
    last = class_at(data, at, stop, classes)
    dots = stop - start >= 3 and data[stop - 1] == 46 and data[stop - 2] == 46 and data[stop - 3] == 46
    row[LINES] += 1
    row[BULLET_LINES] += (first & BULLET) > 0
    row[ELLIPSIS_LINES] += dots or (
        stop - at == 3 and data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == 0xA6
    )
    row[SHORT_LINES] += length <= SHORT_LINE
    row[ENDED_LINES] += (last & ENDS) > 0
    row[LONGEST_LINE] = max(row[LONGEST_LINE], length)
    if line[L_WORDS] >= C4_MIN_WORDS and not line[L_UNFIT]:
        row[C4_ANY] += line[L_BREAKS] + 1
        if _c4_ends(data, start, stop):
            row[C4] += line[L_BREAKS] + 1
    line[:] = 0


@njit(cache=True, nogil=True)
def _c4_ends(data, start, stop):
    """Whether a line, its trailing [12], [edit] and [citation needed] cut, ends in . ! ? or ", but not in
    "..."."""
    cut = stop
    while cut >= 0:
        stop, cut = cut, _citation(data, start, cut)
    if stop <= start:
        return False
    b = data[stop - 1]
    if b == 46:
        return not (stop - start >= 3 and data[stop - 2] == 46 and data[stop - 3] == 46)
    return b == 33 or b == 63 or b == 34


@njit(cache=True, nogil=True)
def _citation(data, start, stop):
    """Where the citation mark begins that data[start:stop] ends in, -1 when there is none."""
    if stop - start < 2 or data[stop - 1] != 93:
        return -1
    for mark in (b"[edit]", b"[citation needed]"):
        if stop - len(mark) >= start and _same(data, stop - len(mark), stop, mark):
            return stop - len(mark)
    i = stop - 2
    while i > start and 48 <= data[i] <= 57:
        i -= 1
    return i if data[i] == 91 else -1
