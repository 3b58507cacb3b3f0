"""What the lines of a document are: prose, fragments, list items, table rows, links, maths, code.

Each line is read once and gets one kind, by marks that no language owns: punctuation, indentation, columns,
TeX and mathematical symbols, links, bullets. What lines do together, as speakers do, `turns` counts.
`stages/structure.py` names the document from these.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numba import njit

from curate.kernels import characters as ch
from curate.kernels import turns
from curate.kernels.memory import Pointer, hold, pointer
from curate.kernels.text import SHORT_LINE
from curate.kernels.words import frozen

KINDS = ("prose", "fragment", "list", "entry", "table", "link", "maths", "code")
"""Kinds of lines. prose: of a block (lines without a blank one or another kind between) that ends as a
sentence does, leads into a formula or code, or is long; fragment: other text, such as headings, menus and
captions; list: items of a list that are a sentence or long; entry: other items."""
(PROSE, FRAGMENT, LIST, ENTRY, TABLE, LINK, MATHS, CODE) = range(len(KINDS))

COUNTS = (
    *(f"{kind}_bytes" for kind in KINDS),  # bytes of the lines of each kind, without outer whitespace
    *(f"{kind}_lines" for kind in KINDS),
    "maths_marks",  # TeX commands and formulas in $; symbols and signs of equations count EQUATION
    "short",  # lines of at most SHORT_LINE characters, of any kind
    "ended",  # lines that end in terminal punctuation, of any kind
    *turns.COUNTS,
)
"""Columns of `lines`, in order. Lines of rules only (-----) and blank ones belong to no kind."""
(MARKS, SHORT, ENDED, TOGETHER) = range(2 * len(KINDS), 2 * len(KINDS) + 4)

WRAPPED_WORDS: Final = 10
"""Words from which a line without end punctuation may be wrapped text; menus have fewer."""
LONG_BLOCK: Final = 25
"""Words from which a block without end punctuation is text; headlines have fewer."""
LONG_ITEM: Final = 8
"""Words from which an item without end punctuation is a list's and not a menu's."""
LINK_WORDS: Final = 15
"""Words after an item's link up to which they are the link's description."""
MATHS_BYTES: Final = 300
"""Bytes of a line of maths that hold one mark of it at least: symbols at random have fewer."""
EQUATION: Final = 4
ENOUGH: Final = 60
"""Bytes per mark of maths from which no further ones are looked for."""
SPEAKER_WORDS: Final = 3
"""Words of a block's first line up to which it may be a speaker's name."""
RULE_BYTES: Final = 120
"""Bytes of a line that are looked at to tell a rule (-----) from text."""

# Fields of the packed counter that adds up a line: eight of eight bits, emptied every 255 bytes.
(SPACES, DIGITS, BRACKETS, OPERATORS, COLUMNS, WIDE, SLASHES, TEX) = range(8)
MATHS_MARKS: Final = 8  # behind the fields


def lines(data: np.ndarray, offsets: np.ndarray) -> dict[str, np.ndarray]:
    """Counts lines by kind. data: (n_bytes,) uint8 and offsets: (n + 1,) int64, as for `text.statistics`.
    Returns (n,) int64 arrays by the names in `COUNTS`."""
    out = np.zeros((len(offsets) - 1, len(COUNTS)), np.int64)
    _lines(frozen(data, np.uint8), frozen(offsets, np.int64), ch.classes(), _packed(), out)
    return {name: out[:, i] for i, name in enumerate(COUNTS)}


@cache
def _packed() -> np.ndarray:
    """(256,) uint64: a one in each field that the byte counts in."""
    table = np.zeros(256, np.uint64)
    fields = {
        SPACES: b" \t",
        DIGITS: b"0123456789",
        BRACKETS: b"{}()[];<>&_=",
        OPERATORS: b"=+*^<>",
        COLUMNS: b"|\t",
        WIDE: bytes(range(0xC2, 0xF5)),
        SLASHES: b"/",
        TEX: b"\\$",
    }
    for field, chars in fields.items():
        for c in chars:
            table[c] |= np.uint64(1 << (8 * field))
    return frozen(table, np.uint64)


# The block being read: its lines, words and bytes, the lines and bytes that are sentences by themselves,
# whether its last line ends one, whether it begins with a list's bullet, where its first line lies.
(B_LINES, B_WORDS, B_BYTES, B_GOOD_LINES, B_GOOD_BYTES, B_ENDED, B_ITEM, B_FIRST, B_LAST) = range(9)


@njit(cache=True, nogil=True)
def _lines(
    data: np.ndarray, offsets: np.ndarray, classes: np.ndarray, packed: np.ndarray, out: np.ndarray
) -> None:
    marks = np.zeros(9, np.int64)
    names = np.zeros(2 * turns.NAMES, np.int64)
    block = np.zeros(9, np.int64)
    text, kinds, bytes_of = pointer(data), pointer(classes), pointer(packed)
    for d in range(len(out)):
        names[:] = 0
        rows = pointer(out[d]), pointer(out[d, TOGETHER:])
        scratch = pointer(marks), pointer(names), pointer(block)
        _document(text, offsets[d], offsets[d + 1], kinds, bytes_of, *scratch, *rows)
    hold(marks)
    hold(names)
    hold(block)


@njit(cache=True, nogil=True)
def _document(
    data: Pointer,
    start: int,
    end: int,
    classes: Pointer,
    packed: Pointer,
    marks: Pointer,
    names: Pointer,
    block: Pointer,
    row: Pointer,
    together: Pointer,
) -> None:
    fenced = False
    i = start
    while i < end:
        first = i
        while first < end and (data[first] == ch.BLANK or data[first] == ch.TAB or data[first] == ch.RETURN):
            first += 1
        stop = first
        for k in range(9):
            marks[k] = 0
        total = np.uint64(0)
        room = 255
        while stop < end and data[stop] != ch.NEWLINE:
            total += packed[data[stop]]
            stop += 1
            room -= 1
            if room == 0:
                _unpack(total, marks)
                total, room = np.uint64(0), 255
        _unpack(total, marks)
        last = stop
        while last > first and (
            data[last - 1] == ch.BLANK or data[last - 1] == ch.TAB or data[last - 1] == ch.RETURN
        ):
            last -= 1
        if last == first:
            _close_block(block, False, row)
        else:
            fence = data[first] == ch.BACKTICK and _is_fence(data, first, last)
            ended = ch.class_at(data, ch.last_point(data, first, last), last, classes) & ch.ENDS > 0
            kind = CODE if fence or fenced else _kind(data, i, first, last, classes, marks)
            fenced ^= fence
            if kind in (PROSE, LIST):
                _extend_block(data, first, last, kind, ended, classes, marks, names, together, block, row)
            else:
                _close_block(block, kind in (MATHS, CODE, TABLE), row)
                if kind >= 0:
                    row[kind] += last - first
                    row[len(KINDS) + kind] += 1
            row[MARKS] += marks[MATHS_MARKS]
            if kind >= 0:
                row[SHORT] += last - first - 2 * marks[WIDE] <= SHORT_LINE
                row[ENDED] += ended
                if kind != CODE:
                    turns.count(data, first, last, classes, names, together)
        i = stop + 1
    _close_block(block, False, row)


@njit(cache=True, nogil=True)
def _extend_block(
    data: Pointer,
    first: int,
    last: int,
    kind: int,
    ended: bool,
    classes: Pointer,
    marks: Pointer,
    names: Pointer,
    together: Pointer,
    block: Pointer,
    row: Pointer,
) -> None:
    """Adds a line of text; an item begins a block of its own."""
    if kind == LIST:
        _close_block(block, False, row)
        block[B_ITEM] = 1
    if block[B_LINES] == 0:
        block[B_FIRST], block[B_LAST] = first, last
    elif block[B_LINES] == 1 and not (block[B_ENDED] or block[B_ITEM]) and block[B_WORDS] <= SPEAKER_WORDS:
        turns.count_speaker(data, block[B_FIRST], block[B_LAST], classes, names, together)
    words = marks[SPACES] + 1 + marks[WIDE] // 4
    block[B_LINES] += 1
    block[B_WORDS] += words
    block[B_BYTES] += last - first
    if words >= WRAPPED_WORDS or (ended and words >= 3):
        block[B_GOOD_LINES] += 1
        block[B_GOOD_BYTES] += last - first
    block[B_ENDED] = ended


@njit(cache=True, nogil=True)
def _close_block(block: Pointer, leads: bool, row: Pointer) -> None:
    """Gives the block's lines their kind; leads: a formula, code or a table follows at once."""
    n, words = block[B_LINES], block[B_WORDS]
    if n == 0:
        return
    ended = block[B_ENDED] or leads
    kind, other = PROSE, FRAGMENT
    if block[B_ITEM]:
        good = ended or words >= LONG_ITEM
        kind, other = LIST, ENTRY
    else:
        good = (ended and words >= 3) or words >= LONG_BLOCK
    if n > 3 and words < 4 * n:  # a menu, or a sentence below one: each line stands for itself
        row[kind] += block[B_GOOD_BYTES]
        row[len(KINDS) + kind] += block[B_GOOD_LINES]
        row[other] += block[B_BYTES] - block[B_GOOD_BYTES]
        row[len(KINDS) + other] += n - block[B_GOOD_LINES]
    else:
        kind = kind if good else other
        row[kind] += block[B_BYTES]
        row[len(KINDS) + kind] += n
    for k in range(9):
        block[k] = 0


@njit(cache=True, nogil=True)
def _is_fence(data: Pointer, first: int, last: int) -> bool:
    return (
        last - first >= 3
        and data[first] == ch.BACKTICK
        and data[first + 1] == ch.BACKTICK
        and data[first + 2] == ch.BACKTICK
    )


@njit(cache=True, nogil=True)
def _unpack(total: np.uint64, marks: Pointer) -> None:
    for field in range(8):
        marks[field] += np.int64((total >> np.uint64(8 * field)) & np.uint64(255))


@njit(cache=True, nogil=True)
def _kind(data: Pointer, start: int, first: int, last: int, classes: Pointer, marks: Pointer) -> int:
    """The kind of the line data[first:last], which is indented by first - start bytes; PROSE for any text,
    LIST for any item, until the block decides; -1 for rules and markup."""
    opening, closing = data[first], data[last - 1]
    if opening < 128 and classes[opening] & ch.RULE and _is_rule(data, first, last, classes):
        return TABLE if marks[COLUMNS] >= 2 else -1
    if opening == ch.LESS and closing == ch.GREATER:  # <BLOCK>
        return -1
    if marks[COLUMNS] >= 2 and _is_row(data, first, last):
        return TABLE
    if marks[SLASHES] and _is_link(data, first, last):
        return LINK
    if (marks[BRACKETS] or opening == ch.SLASH) and _is_code(data, first - start, first, last, marks):
        return CODE
    if marks[TEX] or marks[WIDE] or marks[OPERATORS]:
        marks[MATHS_MARKS] = _maths_marks(data, first, last, marks[DIGITS])
        if marks[MATHS_MARKS] * MATHS_BYTES >= last - first:
            return MATHS
    return LIST if _is_item(data, first, last) else PROSE


@njit(cache=True, nogil=True)
def _is_rule(data: Pointer, first: int, last: int, classes: Pointer) -> bool:
    for i in range(first, min(last, first + RULE_BYTES)):
        if data[i] >= 128 or not classes[data[i]] & ch.RULE:
            return False
    return True


@njit(cache=True, nogil=True)
def _is_row(data: Pointer, first: int, last: int) -> bool:
    """Columns: two tabs or more between cells, or bars with a space or the line's end beside them."""
    tabs, bars = 0, 0
    for i in range(first, last):
        tabs += data[i] == ch.TAB
        if data[i] == ch.BAR:
            bars += i == first or i + 1 == last or (data[i - 1] == ch.BLANK and data[i + 1] == ch.BLANK)
    return tabs >= 2 or bars >= 3 or (bars == 2 and data[first] == ch.BAR)


@njit(cache=True, nogil=True)
def _is_link(data: Pointer, first: int, last: int) -> bool:
    """At least half of the line is addresses: what follows "://" or, in Markdown, "](". Or it is an item that
    begins with a link, and few words come after."""
    inside, i, words = 0, first, 0
    while i < last:
        web = data[i] == ch.COLON and i + 2 < last and data[i + 1] == ch.SLASH and data[i + 2] == ch.SLASH
        if web or (data[i] == ch.CLOSE_BRACKET and i + 1 < last and data[i + 1] == ch.OPEN):
            while i < last and data[i] != ch.BLANK and data[i] != ch.CLOSE and data[i] != ch.GREATER:
                inside += 1
                i += 1
            words = 0
        words += i < last and data[i] == ch.BLANK
        i += 1
    if 2 * inside >= last - first:
        return True
    return (
        inside > 0
        and words <= LINK_WORDS
        and data[first + 2] == ch.OPEN_BRACKET
        and _is_item(data, first, last)
    )


@njit(cache=True, nogil=True)
def _is_code(data: Pointer, indent: int, first: int, last: int, marks: Pointer) -> bool:
    """Ends as statements and blocks do, or is indented or dense with brackets and not wordy."""
    length = last - first
    tail, head = data[last - 1], data[first]
    brackets = marks[BRACKETS]
    if tail == ch.SEMICOLON or tail == ch.OPEN_BRACE or tail == ch.CLOSE_BRACE:  # ; { }
        return length <= 2 or (not marks[TEX] and (brackets >= 2 or 12 * brackets >= length))
    if (
        head == ch.SLASH and length > 1 and (data[first + 1] == ch.SLASH or data[first + 1] == ch.STAR)
    ):  # // /*
        return True
    if (
        length > 3 and head == ch.GREATER and data[first + 1] == ch.GREATER and data[first + 2] == ch.GREATER
    ):  # >>>
        return True
    if marks[TEX]:
        return False
    if tail == ch.COLON and brackets >= 2 and data[last - 2] == ch.CLOSE:  # ):
        return True
    return (8 * brackets >= length and brackets >= 3) or (
        indent >= 4 and 16 * brackets >= length and brackets >= 2
    )


@njit(cache=True, nogil=True)
def _maths_marks(data: Pointer, first: int, last: int, n_digits: int) -> int:
    """TeX commands and $...$, and EQUATION for each mathematical symbol or sign of an equation between
    numbers, which chance does not make; no more of them than tell that the line is maths."""
    found, equals, operations, inside, previous, solid = 0, 0, 0, False, ch.BLANK, ch.BLANK
    i = first
    while i < last and found * ENOUGH < last - first:
        b = data[i]
        if b == ch.BACKSLASH:
            found += _is_command(data, i, last)
            i += i + 1 < last and data[i + 1] == ch.BACKSLASH
        elif b == ch.DOLLAR:
            after = data[i + 1] if i + 1 < last else ch.BLANK
            if inside and previous != ch.BLANK and not _letter(after) and not _digit(after):
                found, inside = found + 1, False
            else:
                inside = after != ch.BLANK and not _letter(previous) and not _digit(previous)
        elif b == ch.EQUALS:
            equals += previous != ch.EQUALS
        elif b >= 0xC2:
            found += EQUATION * _is_symbol(data, i, last)
        elif _operates(b) and _digit(solid):
            k = i + 1
            while k < last and data[k] == ch.BLANK:
                k += 1
            operations += k < last and _digit(data[k])
        previous = b
        solid = solid if b == ch.BLANK else b
        i += 1
    if n_digits > 0 and (operations > 0 or 8 * n_digits >= last - first):
        found += EQUATION * equals
    return found


@njit(cache=True, nogil=True)
def _is_command(data: Pointer, i: int, last: int) -> bool:
    """A backslash and two letters or more, with no digit behind; \\( or \\[; \\\\ at the line's end."""
    k = i + 1
    while k < last and _letter(data[k]):
        k += 1
    if k == i + 1:
        opens = k < last and (data[k] == ch.OPEN or data[k] == ch.OPEN_BRACKET)
        return opens or (k + 1 == last and data[k] == ch.BACKSLASH)
    return k > i + 2 and not (k < last and _digit(data[k]))


@njit(cache=True, nogil=True)
def _operates(b: int) -> bool:
    return b == ch.PLUS or b == ch.STAR or b == ch.SLASH or b == ch.DASH or b == ch.SMALL_X or b == ch.CARET


@njit(cache=True, nogil=True)
def _digit(b: int) -> bool:
    return ch.ZERO <= b <= ch.NINE


@njit(cache=True, nogil=True)
def _letter(b: int) -> bool:
    return ch.SMALL_A <= (b | 32) <= ch.SMALL_Z


@njit(cache=True, nogil=True)
def _is_symbol(data: Pointer, i: int, last: int) -> bool:
    """U+2200-22FF but the bullet operator, supplements A and B, mathematical alphabets, and × and ÷ between
    ASCII (elsewhere they are letters of another encoding)."""
    b = data[i]
    if i + 2 < last and b == 0xE2:
        if 0x88 <= data[i + 1] <= 0x8B:
            return not (data[i + 1] == 0x88 and data[i + 2] == 0x99)
        return data[i + 1] == 0xA8 or data[i + 1] == 0xA9
    if i + 1 < last and b == 0xC3:
        alone = i > 0 and data[i - 1] < 128 and (i + 2 == last or data[i + 2] < 128)
        return alone and (data[i + 1] == 0x97 or data[i + 1] == 0xB7)
    return i + 3 < last and b == 0xF0 and data[i + 1] == 0x9D and 0x90 <= data[i + 2] <= 0x9F


@njit(cache=True, nogil=True)
def _is_item(data: Pointer, first: int, last: int) -> bool:
    """A bullet or a short number or letter with . or ), then a space."""
    i = first
    if last - i >= 2 and (data[i] == ch.DASH or data[i] == ch.STAR or data[i] == ch.PLUS):
        return data[i + 1] == ch.BLANK
    if last - i >= 4 and data[i] == 0xE2 and (data[i + 1] == 0x80 or data[i + 1] == 0x97):
        return data[i + 1] == 0x97 or data[i + 2] == 0xA2 or data[i + 2] == 0xA3
    if data[i] == ch.OPEN:
        i += 1
    k = i
    while k < last and k - i < 3 and ch.ZERO <= data[k] <= ch.NINE:
        k += 1
    if k == i and k < last and _letter(data[k]):
        k += 1
    return k > i and k + 1 < last and (data[k] == ch.DOT or data[k] == ch.CLOSE) and data[k + 1] == ch.BLANK
