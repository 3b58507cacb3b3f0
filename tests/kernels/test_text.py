"""Statistics against a plain-Python oracle, over arbitrary Unicode."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels import characters, text
from tests.kernels.reference import same_unicode

WORDS = """
the The of AND that because word. end! quote." x dots... … # {a} 3.14 [12] javascript JavaScript [edit] - •
空は青い。 คำ مرحبا ١٢ ² ÉTÉ aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBsb25nIHdvcmQ0Mg== https://example.org/a/very/long/address/indeed/x
"""
PHRASES = """lorem ipsum|Lorem Ipsum|privacy policy|Cookie Policy|uses cookies|use of cookies|terms of
use|use cookies |[citation
needed]|e\u0301|\U0001f600|\x00|\ufffd|\u2028|\u00a0|\x85|\x1c|........................................"""
SPACES = [" ", " ", " ", " ", "\n", "\n", "\n", "\r\n", "\n\n", "\t", "\u3000", "\x0b"]
PIECES = [*WORDS.split(), *PHRASES.split("|"), *SPACES, *SPACES]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60)


def oracle(document: str) -> dict[str, int]:
    """What `COUNTS` says, in plain Python."""
    words, lower = document.split(), document.translate({c: c + 32 for c in range(65, 91)})
    lines = [line.strip() for line in document.split("\n") if line.strip()]
    long = [w for w in words if len(w) >= text.LONG_WORD and w.isascii() and any(c.isalnum() for c in w)]
    code = [w for w in long if re.fullmatch(r"[A-Za-z0-9+/=_-]+", w) and re.search(r"\d", w)]
    spaceless = r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
    c4 = [(line, sentences(line)) for line in lines if fits_c4(line)]
    return {
        "characters": len(document),
        "newlines": document.count("\n"),
        "letters": sum(c.isalpha() for c in document),
        "digits": sum(c.isalnum() and not c.isalpha() for c in document),
        "controls": len(re.findall(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffd]", document)),
        "wide_letters": sum(c.isalpha() and not c.isascii() for c in document),
        "spaceless": sum(c.isalpha() for c in re.findall(spaceless, document)),
        "hashes": document.count("#"),
        "ellipses": document.count("...") + document.count("…"),
        "braces": document.count("{"),
        "words": len(words),
        "word_characters": sum(map(len, words)),
        "letter_words": sum(any(c.isalpha() for c in w) for w in words),
        "alnum_words": sum(any(c.isalnum() for c in w) for w in words),
        "lower_words": sum(w[0].isalpha() and w[0].islower() for w in words),
        "function_words": sum(w in text.FUNCTION_WORDS for w in lower.split()),
        "gopher_words": len(set(text.GOPHER_WORDS) & set(lower.split())),
        "long_ascii": sum(map(len, long)),
        "encoded": sum(map(len, code)),
        "lines": len(lines),
        "bullet_lines": sum(line[0] in characters.BULLETS for line in lines),
        "ellipsis_lines": sum(line.endswith(("...", "…")) for line in lines),
        "short_lines": sum(len(line) <= 30 for line in lines),
        "ended_lines": sum(line[-1] in characters.TERMINAL for line in lines),
        "longest_line": max(map(len, lines), default=0),
        "lorem_ipsum": lower.count("lorem ipsum"),
        "c4_sentences": sum(n for line, n in c4 if ends_for_c4(line)),
        "c4_any_sentences": sum(n for _, n in c4),
    }


def fits_c4(line: str) -> bool:
    """C4's line rules but the one on punctuation."""
    lower = line.translate({c: c + 32 for c in range(65, 91)})
    phrases = [
        "javascript",
        "terms of use",
        "privacy policy",
        "cookie policy",
        "uses cookies",
        "use of cookies",
        "use cookies",
    ]
    return (
        len(line.split()) >= 3
        and max(map(len, line.split())) <= 1000
        and not any(p in lower for p in phrases)
    )


def ends_for_c4(line: str) -> bool:
    """C4's rule on punctuation, after marks of citation at the end are cut."""
    line = re.sub(r"(?:\[[0-9]*\]|\[edit\]|\[citation needed\])+$", "", line, flags=re.IGNORECASE)
    return line.endswith((".", "!", "?", '"')) and not line.endswith("...")


def sentences(line: str) -> int:
    """One, and one more for each word that ends a sentence and is followed by none in lower case."""
    words = line.split()
    pairs = itertools.pairwise(words)
    ends = [
        (w.rstrip(characters.CLOSERS)[-1:] or " ") in characters.TERMINAL
        and not (n[0].isalpha() and n[0].islower())
        for w, n in pairs
    ]
    return 1 + sum(ends)


@same_unicode
@given(st.lists(texts, max_size=4))
def test_counts_are_those_of_plain_python(documents):
    batch = Batch.of(documents)
    counts = text.statistics(batch.data, batch.offsets)
    for i, document in enumerate(documents):
        assert {name: int(column[i]) for name, column in counts.items()} == oracle(document)


broken = st.lists(
    st.sampled_from([b"\xc2", b"\xc2\xa0", b"\xe2\x80", b"\xf0\x80\x82", b"\xa0", b"\x85", b" ", b"+", b"ab"])
)


@given(st.lists(st.binary(max_size=40) | broken.map(b"".join), min_size=1, max_size=4))
def test_bytes_that_are_no_utf8_are_counted_and_nothing_outside_is_read(documents):
    data = np.frombuffer(b"".join(documents), np.uint8)
    offsets = np.cumsum([0, *map(len, documents)])
    together = text.statistics(data, offsets)
    for i, document in enumerate(documents):
        alone = text.statistics(np.frombuffer(document, np.uint8), np.array([0, len(document)]))
        assert {k: v[i] for k, v in together.items()} == {k: v[0] for k, v in alone.items()}


@pytest.mark.parametrize(
    "code", [0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
)
def test_every_unicode_space_parts_words(code):
    batch = Batch.of([f"a{chr(code)}b"])
    assert text.statistics(batch.data, batch.offsets)["words"][0] == 2


def test_every_function_word_is_found():
    batch = Batch.of(
        [" ".join(text.FUNCTION_WORDS), " ".join(w.title() for w in text.FUNCTION_WORDS), "xthe thex th"]
    )
    counts = text.statistics(batch.data, batch.offsets)
    assert counts["function_words"].tolist() == [len(text.FUNCTION_WORDS)] * 2 + [0]
    assert counts["gopher_words"].tolist() == [8, 8, 0]
    assert (
        len(set(text.FUNCTION_WORDS)) == len(text.FUNCTION_WORDS) and max(map(len, text.FUNCTION_WORDS)) < 8
    )
