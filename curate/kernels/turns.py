"""What lines do together: speakers take turns, questions are asked, words are quoted, a proof is given.

`structure` hands over each line that is no code. A turn is a line that begins with a name, or stands below
one, where the name comes back; so that a title or a field of a form is none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from curate.kernels import characters as ch

COUNTS = (
    "turns",  # of speakers whose name returns
    "qa_turns",  # lines whose name is Q, A, question, answer, problem, solution or explanation
    "questions",  # lines that end in "?"
    "quoted",  # lines that begin with ">"
    "proof_marks",  # lines that begin with "Proof" or \\begin{proof}, or end in ∎ or □
)
"""What `count` and `count_speaker` add up, in order."""
(TURNS, QA_TURNS, QUESTIONS, QUOTED, PROOFS) = range(len(COUNTS))

NAMES: Final = 64
"""Different names that are told apart in one document."""
NAME_BYTES: Final = 40
NAME_WORDS: Final = 5
LONG_SPEECH: Final = 10
"""Words from which what follows a name is speech, even without an end."""


@njit(cache=True, nogil=True)
def count(
    data: np.ndarray, first: int, last: int, classes: np.ndarray, names: np.ndarray, row: np.ndarray
) -> None:
    """Counts the line data[first:last], stripped of whitespace, in `row`. names: (2 * NAMES,) int64, hashes
    of names and how often each came, zeros for a new document."""
    closing = data[last - 1]
    row[QUESTIONS] += closing == ch.QUESTION or (
        closing == 0x9F and ch.begins(data, last - 3, last, b"\xef\xbc\x9f")
    )
    row[QUOTED] += data[first] == ch.GREATER and last - first > 1 and data[first + 1] != ch.GREATER
    row[PROOFS] += _is_proof(data, first, last)
    stop = _name(data, first, last, classes)
    if stop > first and _speaks(data, stop, last, classes):
        row[QA_TURNS] += _says_qa(data, first, stop)
        row[TURNS] += _returns(data, first, stop, names)


@njit(cache=True, nogil=True)
def count_speaker(
    data: np.ndarray, first: int, last: int, classes: np.ndarray, names: np.ndarray, row: np.ndarray
) -> None:
    """Counts a turn that a line of its own announces: a few words without an end, text right below."""
    if last - first <= NAME_BYTES and ch.class_at(data, first, last, classes) & ch.LETTER:
        row[TURNS] += _returns(data, first, last, names)


@njit(cache=True, nogil=True)
def _is_proof(data: np.ndarray, first: int, last: int) -> bool:
    if data[last - 1] == 0x8E or data[last - 1] == 0xA1:
        return ch.begins(data, last - 3, last, b"\xe2\x88\x8e") or ch.begins(
            data, last - 3, last, b"\xe2\x96\xa1"
        )
    if data[first] == ch.BACKSLASH:
        begin, end = (
            ch.begins(data, first, last, b"\\begin{proof}"),
            ch.begins(data, first, last, b"\\end{proof}"),
        )
        return begin or end or ch.begins(data, first, last, b"\\qed")
    if not ch.begins(data, first, last, b"proof"):
        return False
    behind = first + 5
    return behind == last or data[behind] == ch.DOT or data[behind] == ch.COLON or data[behind] == ch.BLANK


@njit(cache=True, nogil=True)
def _name(data: np.ndarray, first: int, last: int, classes: np.ndarray) -> int:
    """Where the name of "Name: ..." ends; `first` when there is none: few words that begin with a letter (or
    Markdown's **), and hold no mark of a sentence."""
    if data[first] != ch.STAR and not ch.class_at(data, first, last, classes) & ch.LETTER:
        return first
    spaces = 0
    for i in range(first, min(last, first + NAME_BYTES)):
        b = data[i]
        if b == ch.COLON:
            parted = i + 1 == last or data[i + 1] == ch.BLANK or data[i + 1] == ch.STAR
            return i if spaces < NAME_WORDS and parted else first
        spaces += b == ch.BLANK
        if b == ch.QUESTION or b == ch.EXCLAMATION or b == ch.SEMICOLON or b == ch.COMMA or b == ch.EQUALS:
            return first
    return first


@njit(cache=True, nogil=True)
def _speaks(data: np.ndarray, stop: int, last: int, classes: np.ndarray) -> bool:
    """Whether a sentence follows "Name:", and not the value of a field: it ends as sentences do, or is long;
    or nothing follows, as where speech begins on the next line."""
    while stop < last and (data[stop] == ch.COLON or data[stop] == ch.STAR):
        stop += 1
    if stop == last:
        return True
    spaces = 0
    for i in range(stop, last):
        spaces += data[i] == ch.BLANK
    return (
        spaces > LONG_SPEECH
        or ch.class_at(data, ch.last_point(data, stop, last), last, classes) & ch.ENDS > 0
    )


@njit(cache=True, nogil=True)
def _returns(data: np.ndarray, first: int, stop: int, names: np.ndarray) -> int:
    """Turns that a line with this name adds: none the first time, two the second, one from then on."""
    h = 0
    for i in range(first, stop):
        h = (h * 31 + data[i]) & 0x7FFFFFFFFFFF
    h += 1
    slot = h % NAMES
    for _ in range(NAMES):
        if names[slot] == 0 or names[slot] == h:
            names[slot] = h
            names[NAMES + slot] += 1
            return 2 if names[NAMES + slot] == 2 else 1 if names[NAMES + slot] > 2 else 0
        slot = (slot + 1) % NAMES
    return 0


@njit(cache=True, nogil=True)
def _says_qa(data: np.ndarray, first: int, stop: int) -> bool:
    while first < stop and data[first] == ch.STAR:
        first += 1
    if stop - first <= 3:  # Q, A1, Q12
        return data[first] == ch.CAPITAL_Q or data[first] == ch.CAPITAL_A
    for word in (b"question", b"answer", b"problem", b"solution", b"explanation"):
        if ch.begins(data, first, stop, word):
            return True
    return False
