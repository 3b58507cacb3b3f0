"""Promises about the tokens that a language model sees."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels.normal import normalise_all

RUNS = [
    "Word ",
    "an ",
    " ",
    "I'll ",
    "end.  ",
    "a,b ",
    "is:\n",
    "! ",
    "é ",
    "?? ",
    "\\frac ",
    "3 ",
    "x" * 70,
    ".",
]
"""What texts of many times 64 bytes are made of."""


def tokens(text: str) -> tuple[str, int]:
    batch = Batch.of([text])
    out, bounds, counts = normalise_all(batch.data, batch.offsets)
    return out[bounds[0] : bounds[1]].tobytes().decode("ascii"), int(counts[0])


def folded(character: str) -> str:
    code = ord(character)
    if character in "'.,;:?!’":
        return character.replace("’", "'")
    if code < 0x250:
        base = unicodedata.normalize("NFKD", character)[0].lower()
        return (base if base.isascii() else "~") if base.isalpha() else " "
    if character == "…":
        return "."
    return " " if 0x2000 <= code < 0x2070 or 0x3000 <= code < 0x3020 or code >= 0xFE00 else "~"


def reference(text: str) -> list[str]:
    """The definition of `words-1`, on strings."""
    found: list[str] = []
    for run in re.findall(r"[^\x00-\x20\x7f]+", text):
        letters = re.search(r"[a-zA-Z]", run)
        notation = re.search(r"[^a-zA-Z0-9.,;:!?()\[\]\"`'*~$%+-]", run)
        if letters:
            notation = notation or re.search(r"[0-9$%+]|[a-zA-Z].*[.,;:!?()\[\]\"`][a-zA-Z]", run)
        if run.isascii() and notation:
            found += ["#"] if found[-1:] != ["#"] else []
        elif run.isascii() and not letters and re.search("[0-9]", run):
            found.append("0")
        else:
            for token in re.findall(r"[a-z~]+|(?<=[a-z~])'[a-z~]+|[.,;:?!]", "".join(map(folded, run))):
                found += [token] if token not in ".,;:?!" or found[-1:] != [token] else []
    return found


@given(st.text(st.sampled_from(list("aZ é中’'.,;-($%1\\=…\n\x00")), max_size=50))
def test_tokens_are_those_of_the_definition(text):
    expected = reference(text)
    assert tokens(text) == ("".join(t + " " for t in expected), len(expected) - expected.count("#"))


@given(st.lists(st.sampled_from(RUNS), max_size=80))
def test_a_long_text_has_the_tokens_of_the_definition_too(runs):
    text = "".join(runs)
    expected = reference(text)
    assert tokens(text) == ("".join(t + " " for t in expected), len(expected) - expected.count("#"))


@given(st.text(max_size=100))
def test_any_text_becomes_ascii_tokens_with_one_space_after_each(text):
    found, count = tokens(text)
    assert re.fullmatch(r"((['a-z~][a-z~]*|[.,;:?!#0]) )*", found)
    assert count == sum(token != "#" for token in found.split())


@given(st.lists(st.text(max_size=30), max_size=6))
def test_a_text_does_not_depend_on_its_neighbours(texts):
    batch = Batch.of(texts)
    out, bounds, counts = normalise_all(batch.data, batch.offsets)
    together = [(out[a:b].tobytes().decode(), n) for (a, b), n in zip(pairwise(bounds), counts, strict=True)]
    assert together == [tokens(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't panic! The café's “well-known” dish.", "don 't panic ! the cafe 's well known dish . "),
        ("It costs $3.50, or 1,000 at most.", "it costs 0 or 0 at most . "),
        (r"Let $x_1 = 2y$ be \emph{even}; then", "let # be # then "),
        ("Wait... 'really'?", "wait . really ? "),
        ("See https://a.org/b?c=1 and foo.bar(x).", "see # and # "),
        ("数学", "~~ "),
    ],
)
def test_it_reads_as_people_would_expect(text, expected):
    assert tokens(text)[0] == expected


def test_notation_is_no_word():
    assert tokens("x_1 + y_2 = z_3") == ("# ", 0) or tokens("x_1 + y_2 = z_3")[1] == 0
