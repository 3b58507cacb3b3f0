"""Texts that a scanner of split patterns may get wrong."""

from __future__ import annotations

from hypothesis import strategies as st

ADDED = ("<|end|>", "<|endoftext|>", "<|end|", "[MASK]", "<think>", "  ", "字<|x|>")
"""Added tokens; one begins as another does, one is white space, one begins with a letter."""

GROUPS = (
    "abcXYZsdmtrevl'’",
    " \t\n\r\x0b\x0c\x1c\x85\xa0\u1680\u2028\u2029\u202f\u3000\u180e\u200b",
    "0123456789٣४Ⅷ½²〇߁",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~£€«»",
    "中文字一龥龦ぁゟ゠ヿ・ー゛\u3040\u3097\u3099",
    "\u0301\u0308\u0323\u093f\u20dd\u200d\u200c\ufe0f",
    "ǅʰªºﬁßſKİıΣσςéÀЖжאب",
    "\x00\x01\x1f\x7f\x80\xad\ufeff\ufffd\ufffe\U000e0001\U0010ffff",
    "😀👨👩",
)
_WORDS = (
    *ADDED,
    *("'s", "'S", "'ſ", "'re", "'LL", "can't", "I'VE", "HTTPServer", "iOS", "\r\n", "a" * 300, " " * 70),
    *("日本語のテキスト。", "naïve", "e\u0301", "क्षि", "3.14159", "x=1;\n\n\n  y", "/*/\n/", "<|en"),
)

CHARACTERS = st.one_of(*(st.sampled_from(group) for group in GROUPS), st.characters(codec="utf-8"))
RUNS = st.tuples(CHARACTERS, st.sampled_from([1, 1, 1, 1, 2, 3, 9])).map(lambda run: run[0] * run[1])
TEXTS = st.lists(st.one_of(RUNS, RUNS, st.sampled_from(_WORDS)), max_size=24).map("".join)
