"""Promises about what texts do in numbers, held against plain Python."""

from __future__ import annotations

import itertools
import math
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels import reasoning as kernel
from curate.kernels import reasoning_tokens as rt
from curate.models import reasoning as models

WORDS = ["lamp", "river", "hence", "suppose", "because", "wall", "number", "answer", "finally", "stone"]
MARKS = ["?", " =.", ":."]
PAIRS = list(zip(WORDS, WORDS[1:] + WORDS[:1], strict=True))
KEYS = [
    *(rt.key_of(word) for word in WORDS),
    *(rt.pair_key(rt.key_of(one), rt.key_of(other)) for one, other in PAIRS),
    *map(int, rt.MARK_KEYS),
]
PLACES = np.random.default_rng(3).integers(-60, 60, (len(KEYS), 3)).astype(np.int8)
TABLE = rt.table(np.array(KEYS, np.uint64), np.zeros(len(KEYS), np.int8), PLACES)

CONTENT = {"lamp", "river", "wall", "stone", "answer"}
sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9)
texts = st.lists(sentence, min_size=1, max_size=9)
marked = st.lists(st.tuples(sentence, st.sampled_from([".", *MARKS])), min_size=1, max_size=9)


def features(
    *some: str, windows: int = models.WINDOWS, window: int = models.WINDOW
) -> list[dict[str, float]]:
    batch = Batch.of(list(some))
    pieces = models.pieces(batch.offsets, np.ones(len(some), bool), windows, window)
    rows, _ = kernel.features(batch.data, *pieces, len(some), TABLE)
    return [dict(zip(kernel.FEATURES, row, strict=True)) for row in rows.tolist()]


def said(words: list[str], mark: str) -> list[int]:
    """What the words, pairs and mark of a sentence say of its place."""
    total = np.zeros(3, int)
    if mark in MARKS:
        total += PLACES[2 * len(WORDS) + MARKS.index(mark)]
    for i, word in enumerate(words):
        total += PLACES[WORDS.index(word)]
        if i and (pair := (words[i - 1], word)) in PAIRS:
            total += PLACES[len(WORDS) + PAIRS.index(pair)]
    return total.tolist()


def in_place(ranks: list[int]) -> float:
    """Rank correlation in units of its spread over all orders of the same sentences."""
    n, mean = len(ranks), sum(ranks) / len(ranks)
    moved = sum((rank - mean) * (i - (n - 1) / 2) for i, rank in enumerate(ranks))
    return moved / math.sqrt(sum((rank - mean) ** 2 for rank in ranks) * n * (n + 1) / 12 + 1)


def ahead(values: list[int], at: int) -> float:
    logs = [value * rt.PLACE_UNIT for value in values]
    return logs[at] - math.log(sum(map(math.exp, logs)) / len(logs))


@given(marked)
def test_places_are_those_of_plain_python(some):
    [found] = features(" ".join(" ".join(words) + mark for words, mark in some))
    ranks, firsts, lasts = zip(*itertools.starmap(said, some), strict=True)
    wanted = (in_place(ranks), ahead(firsts, 0), ahead(lasts, -1)) if len(some) > 1 else (0, 0, 0)
    assert [found[name] for name in ("in_place", "first", "last")] == pytest.approx(wanted, abs=1e-4)


@given(texts)
def test_what_comes_back_in_the_next_sentence_is_counted_against_all_orders(some):
    [found] = features(". ".join(" ".join(words) for words in some) + ".")
    content = [CONTENT & set(words) for words in some]
    n, beyond, spread = len(some), 0.0, 0.25
    for word in set().union(*content):
        times = sum(word in words for words in content)
        if times > 1:
            adjacent = sum(word in a and word in b for a, b in itertools.pairwise(content))
            beyond += adjacent / (times - 1) - times / n
            spread += times / (n * (times - 1))
    assert found["near"] == pytest.approx(beyond / math.sqrt(spread), abs=1e-4)


@given(marked)
def test_of_two_sentences_with_a_word_the_places_are_compared(some):
    [found] = features(" ".join(" ".join(words) + mark for words, mark in some))
    ranks = [said(*one)[0] for one in some]
    rises = [
        ranks[b] - ranks[a]
        for word in CONTENT
        for a, b in itertools.pairwise(i for i, (words, _) in enumerate(some) if word in words)
    ]
    spread = math.sqrt(sum(rise**2 for rise in rises) + kernel.RISE**2)
    assert found["rising"] == pytest.approx(sum(rises) / spread, abs=1e-4)


@given(texts)
def test_words_of_one_sentence_are_counted_for_the_first(some):
    [found] = features(". ".join(" ".join(words) for words in some) + ".")
    n = len(some)
    once = [w for w in CONTENT if sum(w in words for words in some) == 1]
    beyond = sum(w in some[0] for w in once) - len(once) / n
    spread = len(once) * (1 - 1 / n) / n + 0.25
    assert found["once_first"] == pytest.approx(beyond / math.sqrt(spread), abs=1e-4)


def test_a_heading_goes_along_with_the_sentence_behind_it():
    apart, heading = features("Lamp river. Wall. Stone lamp.", "Lamp\n\nRiver. Wall. Stone lamp.")
    for name in ("near", "order", "once_first"):
        assert heading[name] == apart[name], name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (r"\begin{enumerate} \item A lamp. \item A wall: \[ x = y. \] \end{enumerate} That is all.", 0),
        (r"\item A wall. \begin{enumerate} \item A lamp. \end{enumerate} That is all.", 1),
        (r"A lamp. \end{proof} A wall. \] That is all.", 2),
        (r"A lamp, a table \\[2pt] \end{align} That is all.", 1),
    ],
    ids=["in order", "an item before its list", "ends of nothing", "a line break opens nothing"],
)
def test_what_ends_before_it_begins_is_counted(text, count):
    [found] = features(text)
    assert found["unopened"] == count


def test_what_a_piece_in_the_middle_of_a_text_ends_may_have_begun_before_it():
    [found] = features("A lamp and a wall. " * 60 + r"\end{proof} A lamp. " * 60, windows=3, window=600)
    assert found["unopened"] == 0


def test_of_a_long_text_only_its_own_first_and_last_sentences_are_such():
    middle = "lamp river stone. wall number answer. " * 40
    one, other = features(
        "hence lamp. " + middle + "finally suppose stone.",
        "suppose wall. " + middle + "because answer.",
        windows=3,
        window=600,
    )
    assert one["first"] != other["first"] and one["last"] != other["last"]


PROSE = (
    "We weighed the loaf after an hour and after two. It had lost a tenth of its weight in the first of "
    "them, and hardly anything in the second (see the table of March 3). Hence the crust, which closes "
    "early, keeps the water inside; baking on would only burn it. This was tested with a loaf that was cut "
    "in two: both halves went on losing weight, as one would expect of bread without a closed crust."
)
ITEM = "- a first item that is a good deal longer than any line of a page would be, and goes on"
MIXED = f"Results\n\n{PROSE}\n\n{ITEM}\n- a second one\n\nNotes\n{PROSE}"


@pytest.mark.parametrize("width", [60, 66, 72, 80, 100])
@pytest.mark.parametrize("text", [PROSE, MIXED], ids=["prose", "with headings and items"])
def test_no_feature_sees_where_prose_is_wrapped(text, width):
    lines = [textwrap.fill(line, width, break_on_hyphens=False) if line else "" for line in text.split("\n")]
    before, after = features(text, "\n".join(lines))
    assert after == pytest.approx(before, abs=1e-5)
