"""Promises about which words of a text are language."""

from __future__ import annotations

import itertools
import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels.prose import REACH, prose_words

EDGE = re.escape('.,;:!?()[]"`')
PLAIN = re.compile(rf"[{EDGE}'*~\-]*[a-zA-Z]([a-zA-Z'*~\-]*)[{EDGE}'*~\-]*")


def words(text: str, limit: int = 10_000) -> str:
    batch = Batch.of([text])
    out, bounds = prose_words(batch.data, batch.offsets, limit)
    return out[bounds[0] : bounds[1]].tobytes().decode()


def expected(text: str) -> str:
    found = [w for w in re.split(r"[\x00-\x20\x7f]+", text) if re.search(r"[a-zA-Z]|[^\x00-\x7f]", w)]
    plain = [w for w in found if not w.isascii() or PLAIN.fullmatch(w)]
    return "".join(word + " " for word in plain or found)


@given(st.text(st.sampled_from(list("ab Z.,-'($\\1é中\n\r\x00")), max_size=60))
def test_it_takes_the_words_that_its_definition_names(text):
    assert words(text) == expected(text)


@given(st.text(max_size=200), st.integers(1, 40))
def test_a_limit_never_cuts_a_character(text, limit):
    cut, whole = words(text, limit), words(text[: limit * REACH])
    assert len(cut.encode()) <= limit + 1
    if whole == expected(text) and len(text.encode()) <= limit * REACH:
        assert expected(text).startswith(cut)


def test_notation_is_left_out():
    assert (
        words(r"Let $x_1$ be even, so n = 2k (see \ref{a} or [Smith]).")
        == "Let be even, so n (see or [Smith]). "
    )


def test_a_text_of_notation_only_keeps_its_words():
    assert words("x_1 + f(x) = 2") == "x_1 f(x) "


@given(st.lists(st.text(max_size=40), max_size=6))
def test_a_text_does_not_depend_on_its_neighbours(texts):
    batch = Batch.of(texts)
    out, bounds = prose_words(batch.data, batch.offsets, 30)
    assert [out[a:b].tobytes().decode() for a, b in itertools.pairwise(bounds)] == [
        words(t, 30) for t in texts
    ]
    assert bounds[0] == 0 and np.all(np.diff(bounds) >= 0)
