"""Text to tokens and sentences, for `kernels.reasoning`, and the table in which their words are looked up."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels import characters as ch
from curate.kernels.memory import Pointer, offset, pointer
from curate.kernels.reasoning_words import CLASSES, entries
from curate.kernels.words import frozen

LETTER, DIGIT, SPACE, NEWLINE, MARK, WIDE, SIGN, APOSTROPHE, QUOTE = range(1, 10)
"""What a byte is; WIDE: the first byte of UTF-8 that may be something else than a letter."""

WORD, NUMBER, SYMBOL = 1, 2, 3
"""What a token is. SYMBOL: a letter by itself, a name with digits, a LaTeX command."""

FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
PAIR: Final = np.uint64(0xD6E8FEB86659FD93)
START_KEY, NUMBER_KEY, SYMBOL_KEY = np.int64(2), np.int64(3), np.int64(5)
"""Stand for the start of a sentence, any number and any symbol in a pair."""
MARK_KEYS = (np.int64(7), np.int64(11), np.int64(13))
"""Stand for `?` that ends a sentence, `=`, and `:` or `;`: each counts as one more word of its sentence."""

STEM: Final = 6
"""Letters in which two words must agree to count as the same."""
SHORT_LINE: Final = 45
"""Bytes under which a line that no mark ends is a heading or an item: prose is wrapped at 60 and more."""
SLOT_BITS: Final = 16
"""Of the table of words and pairs."""
PLACE_UNIT: Final = 1 / 64
"""Worth of one step of what words say of a sentence's place."""

(KIND, KNOWN, EQUAL, SIZE, SLOT, PAIR_SLOT, KEY, STEM_KEY) = range(8)
"""Columns of a token, int64: what it is, its class (0: none), whether "=" comes before it, its bytes, where
it and the pair that it ends have a weight in the table (-1: none), hashes of it, and of its beginning and
kind. One cache line."""

(FIRST, COUNT, ASKS, EXCLAIMS, COMMAS, COLONS, BRACKETS, QUOTES, CODE, EQUALS, FURNITURE, STOPS) = range(12)
"""Columns of a sentence, int64: its first token, how many; marks in it; words of class `chrome`; whether a
mark ends it, rather than where its line or the text ends."""

(LINES, LINE_BYTES, BULLETS, FRAGMENTS, UNOPENED) = range(5)
"""What is counted of lines, and ends of LaTeX's environments and items that stand in none, float64."""
UNKNOWN: Final = 1 << 30
"""Open environments where a piece begins in the middle of its text: as many as may be closed."""

ENDS, RUNS_ON, ITEM_RUNS_ON = range(3)
"""How a line ends: with a clause or as a heading does, in the middle of prose, or of a list item."""

SMALL_I: Final = 0x69
C_CHROME: Final = CLASSES.index("chrome") + 1


class Table(NamedTuple):
    """What is known of bytes and words.

    bytes: (256,) uint8, the class of each byte. words: (2**SLOT_BITS,) uint32, open-addressed by hash, 0
    where empty: 16 bits of the hash, 8 of the class, 8 whether it was learnt. learnt: (2**SLOT_BITS + 1,)
    uint32, of each slot four int8, the lowest byte first: how much later in a text a sentence stands that has
    the word, how much it is like a first and a last one (in units of PLACE_UNIT), and the word's weight; the
    last entry is 0.
    """

    bytes: np.ndarray
    words: np.ndarray
    learnt: np.ndarray


@cache
def byte_classes() -> np.ndarray:
    """(256,) uint8: the class of each byte."""
    out = np.full(256, MARK, np.uint8)
    out[:0x21] = out[0x7F] = SPACE
    out[ch.NEWLINE], out[ord("'")] = NEWLINE, APOSTROPHE
    out[0x80:] = LETTER
    out[[0xC2, 0xC3, 0xE2]] = WIDE
    for first, last, kind in ((b"a", b"z", LETTER), (b"A", b"Z", LETTER), (b"0", b"9", DIGIT)):
        out[first[0] : last[0] + 1] = kind
    return frozen(out, np.uint8)


def key_of(word: str) -> int:
    """The hash of a word in lower case, as `_word` makes it."""
    key = 1
    for byte in word.encode():
        key = (key * int(FACTOR) + byte) % 2**64
    return key


def pair_key(first: int, second: int) -> int:
    """The hash of two words in a row."""
    return (first * int(PAIR) + second) % 2**64


def table(keys: np.ndarray, weights: np.ndarray, places: np.ndarray | None = None) -> Table:
    """The table of all words with a class, and of the words and pairs with weights.

    keys: (n,) uint64 hashes of words and pairs; weights: (n,) int8; places: (n, 3) int8, None for zeros.
    Raises ValueError when they are too many.
    """
    known = entries()
    hashes = [pair_key(*map(key_of, words)) if len(words) == 2 else key_of(words[0]) for words in known]
    if len(hashes) + len(keys) > (1 << SLOT_BITS) // 2:
        raise ValueError(
            f"{len(keys):,} words and pairs are more than a table of {1 << SLOT_BITS:,} holds well"
        )
    words, of_slot = np.zeros(1 << SLOT_BITS, np.uint32), np.zeros((1 << SLOT_BITS) + 1, np.uint32)
    classes = np.fromiter(known.values(), np.uint32, len(known)) << 8
    learnt = np.ascontiguousarray(keys, np.uint64).view(np.int64)
    _fill(np.array(hashes, np.uint64).view(np.int64), classes, words)
    _fill(learnt, np.ones(len(keys), np.uint32), words)
    packed = np.zeros((len(keys), 4), np.int8)
    packed[:, 3] = weights
    if places is not None:
        packed[:, :3] = places
    _spread(learnt, packed.view("<u4")[:, 0].copy(), words, of_slot)
    return Table(byte_classes(), frozen(words, np.uint32), frozen(of_slot, np.uint32))


@njit(cache=True, nogil=True)
def _spread(keys: np.ndarray, values: np.ndarray, words: np.ndarray, of_slot: np.ndarray) -> None:
    known = pointer(words)
    for i in range(len(keys)):
        of_slot[find(keys[i], known)] = values[i]


@njit(cache=True, nogil=True)
def _fill(keys: np.ndarray, values: np.ndarray, words: np.ndarray) -> None:
    for i in range(len(keys)):
        mixed = np.uint64(keys[i]) * FACTOR
        tag = np.uint32((mixed >> np.uint64(16)) & np.uint64(0xFFFF)) | np.uint32(1)
        slot = np.int64(mixed >> np.uint64(64 - SLOT_BITS))
        while words[slot] != 0 and words[slot] >> np.uint32(16) != tag:
            slot = (slot + 1) & (len(words) - 1)
        words[slot] |= (tag << np.uint32(16)) | values[i]


@njit(cache=True, nogil=True)
def pointed(table: Table) -> Table:
    """The table with pointers in place of arrays."""
    return Table(pointer(table.bytes), pointer(table.words), pointer(table.learnt))


@njit(cache=True, nogil=True, forceinline=True)
def find(key: int, words: Pointer) -> int:
    """The slot of a word or pair; -1 where it is not in the table."""
    mixed = np.uint64(key) * FACTOR
    tag = np.uint32((mixed >> np.uint64(16)) & np.uint64(0xFFFF)) | np.uint32(1)
    slot = np.int64(mixed >> np.uint64(64 - SLOT_BITS))
    while words[np.uint64(slot)] != 0:
        if words[np.uint64(slot)] >> np.uint32(16) == tag:
            return slot
        slot = (slot + 1) & ((1 << SLOT_BITS) - 1)
    return -1


class Room(NamedTuple):
    """Where a piece is read into, row after row. tokens: (8 * m,) int64; sentences: (12 * m,) int64."""

    tokens: np.ndarray
    sentences: np.ndarray


def room(longest: int) -> Room:
    """For a piece of `longest` bytes."""
    most = longest // 2 + 3
    return Room(np.empty(8 * most, np.int64), np.empty(12 * most, np.int64))


@njit(cache=True, nogil=True, forceinline=True)
def _clear(sentences: Pointer, s: int) -> None:
    """Begins sentence s."""
    for column in range(12):
        sentences[12 * s + column] = 0


@njit(cache=True, nogil=True)
def read(
    data: Pointer,
    begin: int,
    end: int,
    table: Table,
    tokens: Pointer,
    sentences: Pointer,
    opened: int,
    lines: np.ndarray,
) -> int:
    """Splits data[begin:end] into tokens and sentences, and adds up its lines but those of page
    furniture; returns how many sentences.

    tokens and sentences as in a `room` for the piece; opened: environments that are open where it begins;
    lines: (5,) float64. A
    sentence ends after . ? ! before a space, at a blank line, after a heading, and before a list item.
    """
    kinds, words = table.bytes, table.words
    i, n, s, line, ended, equal, previous = begin, 0, 0, begin, False, False, START_KEY
    line_words, line_furniture, length, going = 0, 0, 0, ENDS
    _clear(sentences, 0)
    while i < end:
        kind, size = np.int64(kinds[data[np.uint64(i)]]), 1
        if kind == SPACE:
            i += 1
            continue
        if kind == WIDE:
            kind, size = _wide(data, i, end)
        if kind <= DIGIT:
            if ended and sentences[12 * s + COUNT] > 0:
                s += 1
                _clear(sentences, s)
                sentences[12 * s + FIRST] = n
            if ended:
                previous, ended = START_KEY, False
            i = _token(data, begin, i, end, kinds, tokens, n)
            previous = _look_up(previous, words, tokens, n)
            tokens[8 * n + EQUAL] = equal
            sentences[12 * s + COUNT] += 1
            sentences[12 * s + FURNITURE] += tokens[8 * n + KNOWN] == C_CHROME
            line_words += 1
            line_furniture += tokens[8 * n + KNOWN] == C_CHROME
            n, equal = n + 1, False
            continue
        if kind == NEWLINE:
            furniture = is_furniture(line_furniture, line_words)
            stops, length, going = _line(data, line, i, end, furniture, length, going, lines)
            ended |= stops
            line, line_words, line_furniture = i + 1, 0, 0
        elif kind >= MARK:
            equal |= data[i] == ch.EQUALS
            if data[i] == ch.BACKSLASH:
                opened = _environment(data, begin, i, end, opened, lines)
            stops = _mark(data, begin, i, end, kind, offset(sentences, 12 * s))
            sentences[12 * s + STOPS] |= stops
            ended |= stops
        i += size
    _line(data, line, end, end, is_furniture(line_furniture, line_words), length, going, lines)
    return s + 1


@njit(cache=True, nogil=True)
def _environment(data: Pointer, begin: int, i: int, end: int, opened: int, lines: np.ndarray) -> int:
    """How many environments are open behind the backslash at data[i], where `opened` are before it; counts
    what ends none, and an item of none. A formula set apart is one too; `\\\\[` only breaks a line."""
    if i + 4 >= end or (i > begin and data[i - 1] == ch.BACKSLASH):
        return opened
    b, c, d, e = data[i + 1], data[i + 2], data[i + 3], data[i + 4]
    if b == ch.OPEN_BRACKET or (b == 0x62 and c == 0x65 and d == 0x67 and e == 0x69):  # begi
        return opened + 1
    ends = b == ch.CLOSE_BRACKET or (b == 0x65 and c == 0x6E and d == 0x64 and e == ch.OPEN_BRACE)  # end{
    item = b == 0x69 and c == 0x74 and d == 0x65 and e == 0x6D  # item
    lines[UNOPENED] += opened == 0 and (ends or item)
    return max(opened - ends, 0)


@njit(cache=True, nogil=True, forceinline=True)
def _wide(data: Pointer, i: int, end: int) -> tuple[int, int]:
    """(what the code point at data[i] is, its bytes): punctuation and signs beyond ASCII."""
    b = data[i]
    if b == 0xC2 and i + 1 < end:
        return (QUOTE if data[i + 1] == 0xAB or data[i + 1] == 0xBB else SPACE), 2
    if b == 0xC3 and i + 1 < end:
        return (SIGN if data[i + 1] == 0x97 or data[i + 1] == 0xB7 else LETTER), 2
    if b == 0xE2 and i + 2 < end:
        c, d = data[i + 1], data[i + 2]
        if c == 0x80:
            if d == 0x98 or d == 0x99:
                return APOSTROPHE, 3
            return (QUOTE if 0x9C <= d <= 0x9F else SPACE), 3
        return (SIGN if 0x86 <= c <= 0x8B or 0xA8 <= c <= 0xAB else LETTER), 3
    return LETTER, 1


@njit(cache=True, nogil=True, forceinline=True)
def _token(data: Pointer, begin: int, i: int, end: int, kinds: Pointer, tokens: Pointer, n: int) -> int:
    """Reads the word or number at data[i] as token n; returns where it ends."""
    start, letters, digits, key, stem = i, 0, 0, np.uint64(1), np.uint64(0)
    number = kinds[data[i]] == DIGIT
    while not number and i < end:  # most words are only letters of ASCII
        byte = data[np.uint64(i)]  # unsigned: no check for an index from the end
        if byte >= 128 or kinds[byte] != LETTER:
            break
        key = key * FACTOR + np.uint64(byte | np.uint8(32))
        letters += 1
        i += 1
        if letters <= STEM:
            stem = key
    while i < end:
        b, size = np.uint64(data[i]), 1
        kind = np.int64(kinds[data[i]])
        if kind in (SPACE, NEWLINE):
            break
        if kind == WIDE:
            kind, size = _wide(data, i, end)
        if kind == LETTER and not number:
            letters += 1
            if b < np.uint64(128):
                b |= np.uint64(32)
        elif kind == DIGIT:
            digits += 1
        elif kind == APOSTROPHE and letters > 0 and i + size < end and kinds[data[i + size]] == LETTER:
            b = np.uint64(39)
        elif number and _joins(data, i, end, kinds):
            if b == np.uint64(ch.COMMA):
                i += 1
                continue
        else:
            break
        key = key * FACTOR + b
        if kind == LETTER:
            for k in range(i + 1, i + size):
                key = key * FACTOR + np.uint64(data[k])
        if letters + digits <= STEM:
            stem = key
        i += size
    kind = WORD
    if number:
        kind, stem = NUMBER, key
    elif (
        digits > 0
        or (start > begin and data[start - 1] == ch.BACKSLASH)
        or (letters == 1 and data[start] | 32 != ch.SMALL_A and data[start] | 32 != SMALL_I)
    ):
        kind, stem = SYMBOL, key
    tokens[8 * n + KIND], tokens[8 * n + SIZE] = kind, i - start
    tokens[8 * n + KEY] = NUMBER_KEY if kind == NUMBER else SYMBOL_KEY if kind == SYMBOL else np.int64(key)
    tokens[8 * n + STEM_KEY] = np.int64(stem * np.uint64(4) + np.uint64(kind))
    return i


@njit(cache=True, nogil=True, forceinline=True)
def _joins(data: Pointer, i: int, end: int, kinds: Pointer) -> bool:
    """Whether data[i] is the mark in 1,000 or 2.5."""
    mark = data[i] == ch.DOT or data[i] == ch.COMMA
    return mark and i + 1 < end and kinds[data[i + 1]] == DIGIT


@njit(cache=True, nogil=True, forceinline=True)
def _look_up(previous: int, words: Pointer, tokens: Pointer, n: int) -> int:
    """Finds token n, and the pair that it ends, in the table; returns its key for the next pair."""
    key = tokens[8 * n + KEY]
    slot, pair = find(key, words), find(joined(previous, key), words)
    tokens[8 * n + KNOWN], tokens[8 * n + SLOT], tokens[8 * n + PAIR_SLOT] = 0, -1, -1
    if slot >= 0:
        found = words[slot]
        tokens[8 * n + KNOWN] = (found >> np.uint32(8)) & np.uint32(0xFF)
        if found & np.uint32(0xFF):
            tokens[8 * n + SLOT] = slot
    if pair >= 0:
        found = words[pair]
        if found & np.uint32(0xFF00):
            tokens[8 * n + KNOWN] = (found >> np.uint32(8)) & np.uint32(0xFF)
        if found & np.uint32(0xFF):
            tokens[8 * n + PAIR_SLOT] = pair
    return key


@njit(cache=True, nogil=True, forceinline=True)
def joined(previous: int, key: int) -> int:
    """The hash of a pair."""
    return np.int64(np.uint64(previous) * PAIR + np.uint64(key))


@njit(cache=True, nogil=True, forceinline=True)
def _mark(data: Pointer, begin: int, i: int, end: int, kind: int, row: Pointer) -> bool:
    """Counts the mark at data[i] in its sentence's row; returns whether it ends the sentence."""
    b = data[i]
    if kind == SIGN:
        row[EQUALS] += b == 0xE2 and i + 2 < end and data[i + 1] == 0x87
        return False
    if kind >= APOSTROPHE or b == ch.QUOTE:
        row[QUOTES] += kind == QUOTE or b == ch.QUOTE
        return False
    closes = i + 1 >= end or data[i + 1] <= 32 or data[i + 1] == ch.QUOTE or data[i + 1] == ch.CLOSE
    closes |= i + 2 < end and data[i + 1] == 0xE2 and data[i + 2] == 0x80
    if b == ch.DOT:
        return closes and not (i - 2 >= begin and data[i - 2] == ch.DOT)  # e.g., U.S.
    if b == ch.QUESTION or b == ch.EXCLAMATION:
        row[ASKS] = row[ASKS] or (b == ch.QUESTION and closes)
        row[EXCLAIMS] += b == ch.EXCLAMATION and closes
        return closes
    row[COMMAS] += b == ch.COMMA
    row[COLONS] += b == ch.COLON or b == ch.SEMICOLON
    row[BRACKETS] += b == ch.OPEN
    row[EQUALS] += b == ch.EQUALS
    code = b == ch.OPEN_BRACE or b == ch.LESS or b == ch.UNDERSCORE or b == ch.SLASH or b == ch.BAR
    row[CODE] += code or b == ch.BACKTICK or b == ch.HASH or b == 0x40 or b == ch.OPEN_BRACKET
    return False


@njit(cache=True, nogil=True, forceinline=True)
def is_furniture(words: int, count: int) -> bool:
    """Whether a sentence or line of `count` words, `words` of them of page furniture, belongs to the page and
    not to its text."""
    return words > 0 and ((words >= 2 and 8 * words >= count) or 4 * words >= count)


@njit(cache=True, nogil=True)
def _line(
    data: Pointer,
    first: int,
    last: int,
    end: int,
    furniture: bool,
    length: int,
    going: int,
    lines: np.ndarray,
) -> tuple[bool, int, int]:
    """Counts the line data[first:last] unless it is furniture. length: bytes of what it may go on with,
    going: how that ends. Returns whether a sentence cannot go on behind it, and both for the next line.

    What is wrapped is one line, however wide: a line of prose goes on with the next, but for list items,
    blank lines and headings. A short line is a heading only where no sentence runs on into it.
    """
    stop = last
    while first < stop and data[first] <= 32:
        first += 1
    while stop > first and data[stop - 1] <= 32:
        stop -= 1
    if stop == first:
        return True, 0, ENDS
    item = going != RUNS_ON and _is_item(data, first, stop)
    closed = _is_closed(data[stop - 1])
    fragment = stop - first < SHORT_LINE and not closed and not item and going == ENDS
    joins = length >= SHORT_LINE and not item and not fragment
    before = length if joins else 0
    length = before + joins + stop - first
    if not furniture:
        lines[LINES] += not joins
        lines[LINE_BYTES] += min(length, 200) - min(before, 200)
        lines[BULLETS] += item
        lines[FRAGMENTS] += fragment
    in_item = item or (joins and going == ITEM_RUNS_ON)
    going = ENDS if closed or length < SHORT_LINE else ITEM_RUNS_ON if in_item else RUNS_ON
    after = last + 1
    while after < end and (data[after] == ch.BLANK or data[after] == ch.TAB):
        after += 1
    ended = after < end and (data[after] == ch.NEWLINE or (going != RUNS_ON and _is_item(data, after, end)))
    return fragment or ended, length, going


@njit(cache=True, nogil=True, forceinline=True)
def _is_closed(b: int) -> bool:
    """Whether a line that ends in this byte ends a clause."""
    closed = b == ch.DOT or b == ch.QUESTION or b == ch.EXCLAMATION or b == ch.COMMA or b == ch.COLON
    return closed or b == ch.SEMICOLON or b == ch.QUOTE or b == ch.CLOSE


@njit(cache=True, nogil=True)
def _is_item(data: Pointer, first: int, stop: int) -> bool:
    """Whether a line begins as the items of lists, headings and tables do."""
    b = data[first]
    if b == ch.DASH or b == ch.STAR or b == ch.PLUS or b == ch.HASH or b == ch.BAR:
        return True
    if b == 0xE2 and first + 2 < stop and data[first + 1] == 0x80 and data[first + 2] == 0xA2:
        return True
    at = first + (b == ch.OPEN)
    while at < stop and (ch.ZERO <= data[at] <= ch.NINE) and at - first < 4:
        at += 1
    lettered = b == ch.OPEN and at == first + 1 and at < stop and data[at] | 32 >= ch.SMALL_A
    at += lettered
    return at > first and at < stop and ((data[at] == ch.DOT and not lettered) or data[at] == ch.CLOSE)
