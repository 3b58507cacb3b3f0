"""Word, line and symbol statistics of documents, counted in one pass over their UTF-8.

A word is what Python's `str.split()` yields: a maximal run of code points that are not whitespace. A line is
what lies between two "\\n", stripped of whitespace; blank lines do not count. Lengths are in code points.
Nothing here judges: `stages/heuristics.py` makes signals of these counts, and rules of those.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels import characters as ch
from curate.kernels.memory import Pointer, between, hold, ones, pointer, trailing_zeros
from curate.kernels.words import WINDOW, frozen, hash_bytes, hash_of, hash_within, letters

COUNTS = (
    "characters",  # code points
    "newlines",  # "\n"
    "letters",  # str.isalpha
    "digits",  # str.isalnum, but no letter
    "controls",  # C0 and C1 controls that are no whitespace, DEL, and U+FFFD
    "wide_letters",  # letters outside ASCII
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

LONG_WORD: Final = 40
SHORT_LINE: Final = 30
C4_MIN_WORDS: Final = 3
"""Words that a line must have (Raffel et al. 2020, 2.2)."""
C4_MAX_WORD: Final = 1000
"""Code points of a word that costs its line (the reference implementation, c4_utils.py)."""

# Bits that only words need, above those of `characters`.
SLOW: Final = 2048  # bytes that `_slow` looks at: not ASCII, controls, # { . j
UNFIT: Final = 4096  # of a word: what costs C4 its line
IS_LETTER: Final = 20  # LETTER once more, and
IS_DIGIT: Final = 52  # DIGIT, placed so that entries add up to counts

(
    CHARACTERS, NEWLINES, LETTERS, DIGITS, CONTROLS, WIDE_LETTERS, SPACELESS_CHARS, HASHES, ELLIPSES, BRACES,
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
    _statistics(frozen(data, np.uint8), frozen(offsets, np.int64), tables(), table)
    return columns(table)


def columns(table: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of a (n, len(COUNTS)) table by name."""
    return {name: table[:, i] for i, name in enumerate(COUNTS)}


class Tables(NamedTuple):
    """What a kernel must know of characters and words.

    classes: (KNOWN,) uint16, the classes (SPACE | LETTER | ...) of each code point. bytes: (256,) int64,
    those of each ASCII byte, with IS_LETTER and IS_DIGIT; NOT_ASCII | SLOW of all others. functions: (2 *
    BUCKETS * BUCKET,) uint64, hashes of FUNCTION_WORDS in small, Capital and CAPITAL letters by bucket, and
    as far behind again a bit for each of GOPHER_WORDS. tails: (2 * 256,) uint8, which share a bit where a
    last and a last but one byte end a word as the first ones of C4's phrases end: use, uses, terms,
    privacy, cookie, lorem.
    """

    classes: np.ndarray
    bytes: np.ndarray
    functions: np.ndarray
    tails: np.ndarray


@cache
def tables() -> Tables:
    """The tables, made once a process in a tenth of a second."""
    return Tables(
        ch.classes(),
        frozen(_byte_table(), np.int64),
        frozen(_function_table(), np.uint64),
        frozen(_tail_table(), np.uint8),
    )


def _byte_table() -> np.ndarray:
    table = np.full(256, ch.NOT_ASCII | SLOW, np.int64)
    table[:128] = ch.classes()[:128]
    table[table & ch.CONTROL > 0] |= SLOW
    table[[ord(c) for c in "#{.jJ"]] |= SLOW
    table[table & ch.LETTER > 0] |= 1 << IS_LETTER
    table[table & ch.DIGIT > 0] |= 1 << IS_DIGIT
    return table


def _tail_table() -> np.ndarray:
    table = np.zeros(512, np.uint8)
    for bit, tail in enumerate((b"se", b"es", b"ms", b"cy", b"ie", b"em")):
        for first, last in (tail, tail.upper()):
            table[256 + first] |= 1 << bit
            table[last] |= 1 << bit
    return table


FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
"""Takes a word's hash to its slot in a table."""
ONE, NOTHING = np.uint64(1), np.uint64(0)
BUCKETS: Final = 1024
BUCKET: Final = 4  # slots, compared all at once: a loop would be a branch that no processor predicts


def _function_table() -> np.ndarray:
    table = np.zeros(2 * BUCKETS * BUCKET, np.uint64)
    for word in FUNCTION_WORDS:
        for form in sorted({word, word.title(), word.upper()}):
            key = hash_of(form.encode())
            slot = ((key * int(FACTOR) % 2**64) >> 54) * BUCKET
            slot += int(np.count_nonzero(table[slot : slot + BUCKET]))
            table[slot] = key
            table[BUCKETS * BUCKET + slot] = 1 << GOPHER_WORDS.index(word) if word in GOPHER_WORDS else 0
    return table


@njit(cache=True, nogil=True)
def pointed(tables: Tables) -> Tables:
    """The tables with pointers in place of arrays."""
    return Tables(
        pointer(tables.classes), pointer(tables.bytes), pointer(tables.functions), pointer(tables.tails)
    )


(START, STOP, AT, BEFORE, GAP, MARKS) = range(6)
"""Columns of a document's words, (n + 1, 6) int32, as `read_words` leaves them: where the word starts and
stops, in bytes from the document's start; code points of the document before it; code points of the words
before it (in row n: of all); newlines before it; the classes that some of it has and, << 16, those that all
of it has. In rows, since arrays of their own would lie at the same offsets of their pages, and push each
other out of the cache."""


@njit(cache=True, nogil=True)
def word_space(offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Room for the words of the largest document: (their columns, their hashes: uint64).

    Sized for the worst case, a space after each letter; pages that no document reaches are never touched.
    """
    longest = 0
    for d in range(len(offsets) - 1):
        longest = max(longest, offsets[d + 1] - offsets[d])
    n = longest // 2 + 2
    return np.empty((n, 6), np.int32), np.empty(n, np.uint64)


@njit(cache=True, nogil=True)
def _statistics(data: np.ndarray, offsets: np.ndarray, tables: Tables, out: np.ndarray) -> None:
    words, hashes = word_space(offsets)
    text, known, keys = pointer(data), pointed(tables), pointer(hashes)
    for d in range(len(out)):
        row = pointer(out[d])
        n = read_words(text, offsets[d], offsets[d + 1], known, words, keys, row)
        count_words(text, offsets[d], offsets[d + 1], known, words, keys, n, row)
    hold(hashes)


@njit(cache=True, nogil=True)
def read_words(
    data: Pointer,
    start: int,
    end: int,
    tables: Tables,
    words: np.ndarray,
    hashes: Pointer,
    row: Pointer,
) -> int:
    """Splits data[start:end] into words; counts what needs no word in `row`. Returns how many there are."""
    i, n, more = start, 0, 0
    words[0, BEFORE] = words[0, GAP] = 0
    while i < end:
        entry = tables.bytes[data[i]]
        if i + WINDOW <= end and not entry & ch.NOT_ASCII:
            read = _read_window(data, i, start, more, words, n, hashes, row)
            n += read >> 8
            i += read & 0xFF
            if read > 0:
                continue
        if entry & (ch.SPACE | ch.NOT_ASCII):
            size = 1 if entry & ch.SPACE else _wide_space(data, i, end)
            if size > 0:
                newline = data[i] == ch.NEWLINE
                words[n, GAP] += newline
                row[NEWLINES] += newline
                i += size
                more += size - 1
                continue
        begin = i
        words[n, START], words[n, AT], words[n + 1, GAP] = begin - start, begin - start - more, 0
        i = _read_word(data, begin, end, tables, words, n, row)
        words[n, STOP], hashes[n] = i - start, hash_within(data, begin, i)
        n += 1
        more += i - begin - (words[n, BEFORE] - words[n - 1, BEFORE])
    row[CHARACTERS], row[WORDS], row[WORD_CHARACTERS] = end - start - more, n, words[n, BEFORE]
    return n


@njit(cache=True, nogil=True)
def _read_window(
    data: Pointer, at: int, start: int, more: int, words: np.ndarray, n: int, hashes: Pointer, row: Pointer
) -> int:
    """Reads the words that lie wholly in data[at:at + 64], up to one with a byte that `_slow` must look at;
    more: bytes less code points of the document data[start:] so far. Returns bytes read | words << 8."""
    alphas, digits = letters(data, at), between(data, at, ch.ZERO, ch.NINE)
    newlines = between(data, at, ch.NEWLINE, ch.NEWLINE)
    dots = between(data, at, ch.DOT, ch.DOT)
    js = between(data, at, ch.SMALL_J, ch.SMALL_J) | between(data, at, ch.CAPITAL_J, ch.CAPITAL_J)
    as_ = between(data, at, ch.SMALL_A, ch.SMALL_A) | between(data, at, ch.CAPITAL_A, ch.CAPITAL_A)
    slow = between(data, at, 0x7F, 0xFF) | between(data, at, 0x00, 0x08) | between(data, at, 0x0E, 0x1B)
    slow |= dots & (dots << ONE) | js & (as_ >> ONE)
    left = ~(between(data, at, ch.TAB, ch.RETURN) | between(data, at, 0x1C, ch.BLANK))
    last, found, gaps = min(trailing_zeros(slow), 63), 0, newlines
    while True:
        begin = trailing_zeros(left)
        first = ONE << np.uint64(begin & 63)
        carried = left + first  # the run becomes one bit, behind it
        end = trailing_zeros(carried)
        if end > last or end - begin >= LONG_WORD or begin == 64:
            break
        run = left & ~carried
        left &= carried
        words[n, START], words[n, STOP] = at + begin - start, at + end - start
        words[n, AT] = at + begin - start - more
        words[n, GAP] += ones(gaps & (first - ONE))
        gaps &= ~(first - ONE)
        words[n, MARKS] = ch.LETTER * (alphas & run != 0) | ch.DIGIT * (digits & run != 0)
        words[n + 1, BEFORE], words[n + 1, GAP] = words[n, BEFORE] + end - begin, 0
        hashes[n] = hash_bytes(data, at + begin, end - begin, NOTHING)
        n += 1
        found += 1
    read = ~np.uint64(0) if begin == 64 else (ONE << np.uint64(begin)) - ONE
    words[n, GAP] += ones(gaps & read)
    row[NEWLINES] += ones(newlines & read)
    row[LETTERS] += ones(alphas & read)
    row[DIGITS] += ones(digits & read)
    row[HASHES] += ones(between(data, at, ch.HASH, ch.HASH) & read)
    row[BRACES] += ones(between(data, at, ch.OPEN_BRACE, ch.OPEN_BRACE) & read)
    return begin | found << 8


@njit(cache=True, nogil=True)
def _read_word(
    data: Pointer, i: int, end: int, tables: Tables, words: np.ndarray, n: int, row: Pointer
) -> int:
    """Reads the word at data[i], a byte at a time; where it ends."""
    entries, begin, more, total = tables.bytes, i, 0, np.int64(0)
    seen, common = np.int64(0), np.int64(-1)
    while i < end:
        b = data[i]
        entry = entries[b]
        if entry & (ch.SPACE | SLOW):
            # A call costs as much as five words: not for each full stop.
            if entry & SLOW and (b != ch.DOT or (i > begin and data[i - 1] == ch.DOT)):
                entry = _slow(data, i, begin, end, entry, tables.classes, row)
            if entry & ch.SPACE:
                break
            size = (entry >> ch.SIZE) & 7
            if size > 1:
                i += size - 1
                more += size - 1
        seen |= entry
        common &= entry
        total += entry >> IS_LETTER
        i += 1
    words[n, MARKS] = (seen & 0xFFFF) | ((common & 0x7FFF) << 16)
    words[n + 1, BEFORE] = words[n, BEFORE] + i - begin - more
    row[LETTERS] += total & 0xFFFFFFFF
    row[DIGITS] += total >> 32
    return i


@njit(cache=True, nogil=True)
def _wide_space(data: Pointer, i: int, end: int) -> int:
    """Bytes of the code point at data[i], which is not ASCII, if it is whitespace, else 0."""
    b = data[i]
    if b == 0xC2 and i + 1 < end:
        return 2 if data[i + 1] == 0x85 or data[i + 1] == 0xA0 else 0
    if i + 2 >= end or b < 0xE1 or b > 0xE3:
        return 0
    c, d = data[i + 1], data[i + 2]
    if b == 0xE2:
        few = c == 0x80 and (d <= 0x8A or d == 0xA8 or d == 0xA9 or d == 0xAF)
        return 3 if few or (c == 0x81 and d == 0x9F) else 0
    return 3 if (b == 0xE1 and c == 0x9A and d == 0x80) or (b == 0xE3 and c == 0x80 and d == 0x80) else 0


@njit(cache=True, nogil=True)
def _slow(data: Pointer, i: int, begin: int, end: int, entry: int, classes: Pointer, row: Pointer) -> int:
    """The entry of a byte that is not ASCII or must be counted by itself; begin: where its word does."""
    b = data[i]
    if b >= 128:
        entry = ch.wide(data, i, end, classes)
        row[WIDE_LETTERS] += (entry & ch.LETTER) > 0
        row[SPACELESS_CHARS] += (entry & ch.SPACELESS) > 0
        row[CONTROLS] += (entry & ch.CONTROL) > 0
        row[ELLIPSES] += _is_ellipsis(data, i, end)
        return entry | ((entry & ch.LETTER) << (IS_LETTER - 1)) | ((entry & ch.DIGIT) << (IS_DIGIT - 2))
    row[CONTROLS] += (entry & ch.CONTROL) > 0
    row[HASHES] += b == ch.HASH
    row[BRACES] += b == ch.OPEN_BRACE
    if b == ch.DOT and (i + 1 == end or data[i + 1] != ch.DOT):
        first = i
        while first > begin and data[first - 1] == ch.DOT:
            first -= 1
        row[ELLIPSES] += (i + 1 - first) // 3
    elif b | 32 == ch.SMALL_J and ch.begins(data, i, end, b"javascript"):
        entry |= UNFIT
    return entry


@njit(cache=True, nogil=True)
def count_words(
    data: Pointer,
    start: int,
    end: int,
    tables: Tables,
    words: np.ndarray,
    hashes: Pointer,
    n: int,
    row: Pointer,
) -> None:
    """Counts n words, and the lines that they make, in `row`."""
    letter_words, alnum_words, lower_words, function_words, gopher_words = 0, 0, 0, 0, 0
    line, bullet, sentences, unfit, ended, closed = 0, False, 1, False, False, 0
    for w in range(n):
        i, stop = start + words[w, START], start + words[w, STOP]
        first = tables.bytes[data[i]]
        if first & ch.NOT_ASCII:
            first = ch.wide(data, i, end, tables.classes)
        if words[w, GAP] > 0 or w == 0:
            if w > 0:
                fits = w - line >= C4_MIN_WORDS and not unfit
                length = words[w - 1, AT] - words[line, AT] + words[w, BEFORE] - words[w - 1, BEFORE]
                a, b = start + words[line, START], start + words[w - 1, STOP]
                _close_line(data, a, b, length, bullet, closed, fits, sentences, row)
            line, bullet, sentences, unfit, ended = w, first & ch.BULLET > 0, 1, False, False
        seen, common = words[w, MARKS] & 0xFFFF, words[w, MARKS] >> 16
        letter_words += (seen & ch.LETTER) > 0
        alnum_words += (seen & (ch.LETTER | ch.DIGIT)) > 0
        lower_words += (first & ch.LOWER) > 0
        known = _known_word(hashes[w], tables.functions)
        function_words += known & 1
        gopher_words |= known >> 1
        if tables.tails[data[stop - 1]] & tables.tails[256 + data[stop - 2]]:
            unfit |= _phrase(data, i, stop, end, row)
        if stop - i >= LONG_WORD:
            unfit |= _long_word(words[w + 1, BEFORE] - words[w, BEFORE], seen, common, row)
        unfit |= (seen & UNFIT) > 0
        sentences += ended and not first & ch.LOWER
        closed = tables.bytes[data[stop - 1]]
        if closed & ch.NOT_ASCII:
            closed = ch.class_at(data, ch.last_point(data, i, stop), stop, tables.classes)
        ended = (closed & ch.ENDS) > 0
        if closed & ch.CLOSES:
            ended = _ends(data, i, stop, tables.classes)
    if n > 0:
        fits = n - line >= C4_MIN_WORDS and not unfit
        length = words[n - 1, AT] - words[line, AT] + words[n, BEFORE] - words[n - 1, BEFORE]
        a, b = start + words[line, START], start + words[n - 1, STOP]
        _close_line(data, a, b, length, bullet, closed, fits, sentences, row)
    row[LETTER_WORDS], row[ALNUM_WORDS], row[LOWER_WORDS] = letter_words, alnum_words, lower_words
    row[FUNCTION], row[GOPHER] = function_words, _bits(gopher_words)


@njit(cache=True, nogil=True)
def _long_word(length: int, seen: int, common: int, row: Pointer) -> bool:
    """Counts a word of many bytes; returns whether it costs C4 its line."""
    if length >= LONG_WORD and seen & (ch.LETTER | ch.DIGIT) and not seen & ch.NOT_ASCII:
        row[LONG_ASCII] += length
        row[ENCODED] += length if common & ch.BASE64 and seen & ch.DIGIT else 0
    return length > C4_MAX_WORD


@njit(cache=True, nogil=True)
def _known_word(key: np.uint64, functions: Pointer) -> int:
    """1 if the word is one of FUNCTION_WORDS, and << 1 the bit that it has if it is one of GOPHER_WORDS."""
    slot = np.int64((key * FACTOR) >> np.uint64(54)) * BUCKET
    second, third, last = functions[slot + 1] == key, functions[slot + 2] == key, functions[slot + 3] == key
    found = (functions[slot] == key) | second | third | last
    place = slot + second + 2 * third + 3 * last
    return found | (np.int64(functions[BUCKETS * BUCKET + place]) << 1) * found


@njit(cache=True, nogil=True)
def _bits(mask: int) -> int:
    n = 0
    while mask:
        n += mask & 1
        mask >>= 1
    return n


@njit(cache=True, nogil=True)
def _phrase(data: Pointer, i: int, stop: int, end: int, row: Pointer) -> bool:
    """Counts "lorem ipsum" around the space at `stop`, which ends the word at i; returns whether one of C4's
    phrases on cookies and terms is there."""
    if _follows(data, i, stop, end, b"lorem", b" ipsum"):
        row[LOREM] += 1
    return (
        _follows(data, i, stop, end, b"use", b" cookies")
        or _follows(data, i, stop, end, b"uses", b" cookies")
        or _follows(data, i, stop, end, b"use", b" of cookies")
        or _follows(data, i, stop, end, b"terms", b" of use")
        or _follows(data, i, stop, end, b"privacy", b" policy")
        or _follows(data, i, stop, end, b"cookie", b" policy")
    )


@njit(cache=True, nogil=True)
def _follows(data: Pointer, i: int, stop: int, end: int, left: bytes, right: bytes) -> bool:
    """Whether data[i:stop] ends in `left` and `right` comes next, in any case."""
    return (
        stop - len(left) >= i
        and ch.begins(data, stop - len(left), stop, left)
        and ch.begins(data, stop, end, right)
    )


@njit(cache=True, nogil=True)
def _ends(data: Pointer, i: int, stop: int, classes: Pointer) -> bool:
    """Whether the word ends a sentence: terminal punctuation, then closing quotes and brackets only."""
    while stop > i:
        at = ch.last_point(data, i, stop)
        flags = ch.class_at(data, at, stop, classes)
        if not flags & ch.CLOSES:
            return (flags & ch.ENDS) > 0
        stop = at
    return False


@njit(cache=True, nogil=True)
def _is_ellipsis(data: Pointer, i: int, stop: int) -> bool:
    return i + 2 < stop and data[i] == 0xE2 and data[i + 1] == 0x80 and data[i + 2] == 0xA6


@njit(cache=True, nogil=True)
def _close_line(
    data: Pointer,
    a: int,
    b: int,
    length: int,
    bullet: bool,
    closed: int,
    fits: bool,
    sentences: int,
    row: Pointer,
) -> None:
    """Counts the line data[a:b] of `length` code points; closed: the classes of its last one; fits: C4
    keeps it if it ends well."""
    row[LINES] += 1
    row[BULLET_LINES] += bullet
    row[SHORT_LINES] += length <= SHORT_LINE
    row[LONGEST_LINE] = max(row[LONGEST_LINE], length)
    if closed & ch.ENDS:
        row[ENDED_LINES] += 1
        dots = b - a >= 3 and data[b - 1] == ch.DOT and data[b - 2] == ch.DOT and data[b - 3] == ch.DOT
        row[ELLIPSIS_LINES] += dots or (b - a >= 3 and _is_ellipsis(data, b - 3, b))
    if fits:
        row[C4_ANY] += sentences
        if closed & ch.ENDS or data[b - 1] == ch.CLOSE_BRACKET:
            row[C4] += sentences if _c4_ends(data, a, b) else 0


@njit(cache=True, nogil=True)
def _c4_ends(data: Pointer, start: int, stop: int) -> bool:
    """Whether a line, its trailing [12], [edit] and [citation needed] cut, ends in . ! ? or ", but not in
    "..."."""
    cut = stop
    while cut >= 0:
        stop, cut = cut, _citation(data, start, cut)
    if stop <= start:
        return False
    b = data[stop - 1]
    if b == ch.DOT:
        return not (stop - start >= 3 and data[stop - 2] == ch.DOT and data[stop - 3] == ch.DOT)
    return b == ch.EXCLAMATION or b == ch.QUESTION or b == ch.QUOTE


@njit(cache=True, nogil=True)
def _citation(data: Pointer, start: int, stop: int) -> int:
    """Where the citation mark begins that data[start:stop] ends in, -1 when there is none."""
    if stop - start < 2 or data[stop - 1] != ch.CLOSE_BRACKET:
        return -1
    for mark in (b"[edit]", b"[citation needed]"):
        if stop - len(mark) >= start and ch.begins(data, stop - len(mark), stop, mark):
            return stop - len(mark)
    i = stop - 2
    while i > start and ch.ZERO <= data[i] <= ch.NINE:
        i -= 1
    return i if data[i] == ch.OPEN_BRACKET else -1
