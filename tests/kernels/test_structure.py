"""Which kind a line has, and what is counted across lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels.structure import COUNTS, KINDS, lines

EXAMPLES = {
    "prose": [
        "The cat sat on the mat.",
        "Is this a question that somebody asked?",
        "because of this it is so that we have " * 4,
        "空は青い。なぜなら空気が短い波長の光をより強く散乱するからである。",
    ],
    "fragment": [
        "Home",
        "About us",
        "Sign in",
        "12 comments",
        "Ten words of a headline that ends without a full stop",
    ],
    "list": [
        "- a point that ends.",
        "* another one that goes on for long enough without an end",
        "1. first, why?",
    ],
    "entry": ["- a point", "* another point", "1. first", "(a) second", "• third", "12) last"],
    "table": ["| a | b | c |", "|---|---|", "one\ttwo\tthree", "left | middle | right | end"],
    "link": [
        "https://example.org/a/b/c",
        "- [Title](https://example.org/some/path)",
        "see <http://example.org/page>",
        "* [Home](/some/page.html)",
    ],
    "maths": [
        r"Let $x$ be an element of $G$.",
        r"\begin{align}",
        "he got 3*12=36 slices",
        "So 5 × 2 = 10.",
        "∀x ∈ S: x ≤ y",
        r"\[ a^2 + b^2 = c^2 \]",
    ],
    "code": [
        "    return {k: v for k, v in x}",
        "int main(void) {",
        "}",
        "x = f(y);",
        "// a comment",
        ">>> print(1)",
        "def f(x):",
    ],
}


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, found in EXAMPLES.items() for line in found]
)
def test_a_line_is_what_it_looks_like(kind, line):
    assert kinds(line) == {kind: 1}


def kinds(document: str) -> dict[str, int]:
    """Lines by kind, of the kinds there are."""
    counts = count(document)
    return {kind: counts[f"{kind}_lines"] for kind in KINDS if counts[f"{kind}_lines"]}


def count(document: str) -> dict[str, int]:
    """All counts of one document."""
    batch = Batch.of([document])
    return {name: int(column[0]) for name, column in lines(batch.data, batch.offsets).items()}


def test_rules_markup_and_blank_lines_are_no_lines():
    assert kinds("=====\n\n-----\n   \n* * *\n<BLOCK align=left>\n") == {}


def test_wrapped_lines_are_prose_together_and_a_menu_is_not():
    assert kinds("a line of wrapped text\nthat goes on\nand ends here.\n") == {"prose": 3}
    assert kinds("Home\nNews\nSport\nContact\nSign in") == {"fragment": 5}
    assert kinds("Home\nNews\nSport\nContact\nWe use cookies here.") == {"prose": 1, "fragment": 4}


def test_text_that_leads_into_a_formula_is_prose():
    assert kinds("Then it follows that\n$$x = y + z$$\n") == {"prose": 1, "maths": 1}


def test_everything_in_a_fence_is_code():
    assert kinds("```\nHome\nAbout us.\n```") == {"code": 4}


def test_letters_of_a_broken_encoding_are_no_maths():
    assert kinds("×òî âû ÷óâñòâóåòå, ÷åëîâåê.") == {"prose": 1}


def test_prices_are_no_maths():
    assert kinds("It costs $5 there and $7 here, says the shop.") == {"prose": 1}


@given(st.text(max_size=200))
def test_each_line_has_at_most_one_kind(document):
    counts = count(document)
    found = sum(counts[f"{kind}_lines"] for kind in KINDS)
    assert found <= document.count("\n") + 1
    assert sum(counts[f"{kind}_bytes"] for kind in KINDS) <= len(document.encode())


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_any_bytes_do_no_harm_and_documents_do_not_touch(documents):
    offsets = np.cumsum([0, *map(len, documents)])
    together = lines(np.frombuffer(b"".join(documents), np.uint8), offsets)
    for i, document in enumerate(documents):
        alone = lines(np.frombuffer(document, np.uint8), np.array([0, len(document)]))
        assert all(together[name][i] == alone[name][0] for name in COUNTS)
