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
    content = [{w for w in words if w in ("lamp", "river", "wall", "stone", "answer")} for words in some]
    n, beyond, spread = len(some), 0.0, 0.25
    for word in set().union(*content):
        times = sum(word in words for words in content)
        if times > 1:
            adjacent = sum(word in a and word in b for a, b in itertools.pairwise(content))
            beyond += adjacent / (times - 1) - times / n
            spread += times / (n * (times - 1))
    assert found["near"] == pytest.approx(beyond / math.sqrt(spread), abs=1e-4)


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
