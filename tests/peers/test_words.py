"""Words are cut as the originals cut them: their answers on these texts are written down here."""

from __future__ import annotations

import pytest

from curate.peers.words import named_segments, segments, tokens

SPACY = {
    "The answer is 3*4=12, isn't it?": "The answer is 3 * 4=12 , is n't it ?",
    "Let $f(x) = x^2$; then f'(x)=2x.": "Let $ f(x ) = x^2 $ ; then f'(x)=2x .",
    'He said: "No." (twice)': 'He said : " No . " ( twice )',
    "I can't go, but they'll.": "I ca n't go , but they 'll .",
    "See https://example.org/a?b=c, e.g. p. 3.": "See https://example.org/a?b=c , e.g. p. 3 .",
    "well-known and/or state-of-the-art": "well - known and/or state - of - the - art",
    "It's 10km, 5% or $7.50...": "It 's 10 km , 5 % or $ 7.50 ...",
    "def f(x): return x": "def f(x ): return x",
    "Dr. Who's U.S. visit at 5pm :)": "Dr. Who 's U.S. visit at 5 pm :)",
    "its hell, we're were": "its hell , we 're were",
}
"""`spacy.blank("en")`, 3.8."""

ANNEX_29 = {
    "can't 3.14 1,000 e.g. x_1 a:b": "can't 3.14 1,000 e.g x_1 a:b",
    "state-of-the-art, f(x)=2x": "state of the art f x 2x",
    "日本語のテキスト": "日 本 語 の テキスト",
    "naïve cafe\u0301 x²": "naïve cafe\u0301 x ²",
    "_name __init__": "",
}
"""uniseg 0.10, pieces that begin with a letter or digit."""


@pytest.mark.parametrize("text", SPACY)
def test_tokens_are_spacys(text: str) -> None:
    assert " ".join(tokens(text)) == SPACY[text]


@pytest.mark.parametrize("text", ANNEX_29)
def test_segments_are_those_of_annex_29(text: str) -> None:
    assert " ".join(segments(text)) == ANNEX_29[text]


def test_rust_counts_a_piece_with_a_letter_anywhere() -> None:
    assert named_segments("_name __init__ _") == ["_name", "__init__"]


def test_nothing_but_spaces_is_lost() -> None:
    for text in [*SPACY, *ANNEX_29]:
        assert "".join(tokens(text)) == "".join(text.split())
