"""The parts of the token counter against what they stand for: a regex engine, byte-pair merging, a search."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from tokenizers import normalizers, pre_tokenizers

from curate.kernels import tokens, tokens_added, tokens_merge, tokens_split
from curate.kernels.memory import pointer
from curate.kernels.tokens_classes import CODE_POINTS, UNSTABLE, flags
from curate.kernels.words import frozen
from curate.tokenizer import _patterns
from curate.tokenizer._kernel import nfc
from tests.tokenizer.hostile import TEXTS

PATTERNS = list(_patterns.FAMILIES)
NAMES = [f"{family}-{i}" for i, family in enumerate(_patterns.FAMILIES.values())]
EVERY = [code for code in range(CODE_POINTS) if not 0xD800 <= code < 0xE000]


@njit(cache=True)
def _pieces(array: np.ndarray, arrays: tokens_split.Split, ends: np.ndarray) -> int:
    data, split, at, n = pointer(array), tokens_split.pointed(arrays), 0, 0
    while at < len(array):
        at = tokens_split.piece_end(data, at, len(array), split)
        ends[n] = at
        n += 1
    return n


def pieces(text: str, family: str) -> list[str]:
    """Pre-tokens by our scanner."""
    data = frozen(np.frombuffer(text.encode(), np.uint8), np.uint8)
    ends = np.zeros(len(data), np.int64)
    n = _pieces(data, tokens_split.split_of(family), ends)
    return [data[start:end].tobytes().decode() for start, end in pairwise([0, *ends[:n]])]


def engine(patterns: tuple[str, ...]) -> pre_tokenizers.PreTokenizer:
    """The same by the library's regex engine."""
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated") for pattern in patterns]
    )


@pytest.mark.parametrize("patterns", PATTERNS, ids=NAMES)
def test_pre_tokens_end_where_the_regex_ends_them(patterns: tuple[str, ...]) -> None:
    family, split = _patterns.FAMILIES[patterns], engine(patterns)

    @settings(max_examples=300)
    @given(TEXTS)
    def on_any(text: str) -> None:
        assert pieces(text, family) == [piece for piece, _ in split.pre_tokenize_str(text)]

    on_any()


@pytest.mark.parametrize("family", ["o200k", "deepseek"])
def test_every_code_point_is_of_the_class_that_the_regex_engine_says(family: str) -> None:
    split = engine(next(patterns for patterns, name in _patterns.FAMILIES.items() if name == family))
    assigned = [code for code in EVERY if code < 0x33500 or 0xE0000 <= code < 0xE0200 or code % 97 == 0]
    for start in range(0, len(assigned), 4096):
        text = "".join(f"a{c} {c}!{c}A\n" for c in map(chr, assigned[start : start + 4096]))
        assert pieces(text, family) == [piece for piece, _ in split.pre_tokenize_str(text)]


def test_contractions_fold_case_as_the_regex_engine_does() -> None:
    split = engine(next(patterns for patterns, name in _patterns.FAMILIES.items() if name == "cl100k"))
    letters = [chr(code) for code in EVERY[:0x20000] if chr(code).isalpha()]
    for template in ("'{}x", "'r{}x", "'v{}x", "'l{}x", "'{}ex", "'{}lx"):
        for start in range(0, len(letters), 8192):
            text = "\n".join(map(template.format, letters[start : start + 8192]))
            assert pieces(text, "cl100k") == [piece for piece, _ in split.pre_tokenize_str(text)]


def test_nfc_is_that_of_the_library_for_every_code_point() -> None:
    library = normalizers.NFC()
    for start in range(0, len(EVERY), 65536):
        text = "".join(f"a{c}\u0323\u0301{c}{c}\u1161" for c in map(chr, EVERY[start : start + 65536]))
        assert nfc(text) == library.normalize_str(text)


def test_text_is_in_nfc_where_no_code_point_says_that_it_may_not_be() -> None:
    library, random = normalizers.NFC(), np.random.default_rng(1)
    stable = [chr(code) for code in EVERY if not flags()[code] & UNSTABLE]
    for _ in range(2):
        text = "".join(random.permutation(stable))
        assert library.normalize_str(text) == text


LETTERS = b"abcd"
RULES = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=4, max_size=40)
Merging = dict[tuple[int, int], tuple[int, int]]


def named(number: int) -> int:
    """A token: one of the letters, and then what the first, the second … pair merges into."""
    return LETTERS[number] if number < len(LETTERS) else 256 + number - len(LETTERS)


def rules_of(pairs: list[tuple[int, int]]) -> Merging:
    """(rank, token) by pair of tokens that there are by then."""
    rules = {}
    for rank, (left, right) in enumerate(pairs):
        known = len(LETTERS) + rank
        rules[named(left % known), named(right % known)] = rank, 256 + rank
    return rules


def merges_of(rules: Merging) -> tokens_merge.Merges:
    rows = [(*pair, *merge) for pair, merge in rules.items()]
    return tokens_merge.merges(np.array(rows, np.int64), np.arange(256))


def merged(content: bytes, rules: Merging) -> int:
    """Byte-pair merging, word for word."""
    found = list(content)
    while True:
        waiting = [(rules[pair][0], i) for i, pair in enumerate(pairwise(found)) if pair in rules]
        if not waiting:
            return len(found)
        _, i = min(waiting)
        found[i : i + 2] = [rules[found[i], found[i + 1]][1]]


def counter_of(merges: tokens_merge.Merges, added: tuple[bytes, ...] = ()) -> tokens.Counter:
    nothing = tokens_added.added([])
    return tokens.counter(nothing, tokens_added.added(added), tokens_split.split_of("cl100k"), merges)


def count(contents: list[bytes], counter: tokens.Counter) -> list[int]:
    offsets = np.cumsum([0, *map(len, contents)])
    return tokens.count(np.frombuffer(b"".join(contents), np.uint8), offsets, counter).tolist()


WORDS = st.binary(min_size=tokens_merge.SHORT + 1, max_size=300).map(
    lambda content: bytes(LETTERS[byte % len(LETTERS)] for byte in content)
)


@settings(max_examples=150)
@given(RULES, WORDS, st.integers(1, tokens_merge.SHORT))
def test_merging_takes_the_lowest_rank_first_however_long(
    pairs: list[tuple[int, int]], word: bytes, short: int
) -> None:
    rules = rules_of(pairs)
    texts = [word, word[:short], word[-short:]]
    assert count(texts, counter_of(merges_of(rules))) == [merged(text, rules) for text in texts]


def plain() -> tokens_merge.Merges:
    """Merges a few letters, so that pre-tokens differ in their counts."""
    pairs = [b"ab", b"cd", b"ef", b"gh"]
    return merges_of({(pair[0], pair[1]): (i, 256 + i) for i, pair in enumerate(pairs)})


def pairs_of(text: bytes) -> int:
    return len(text) - len(re.findall(b"ab|cd|ef|gh", text))


def test_counts_do_not_depend_on_what_the_table_holds() -> None:
    words = np.random.default_rng(1).integers(97, 105, (900_000, 9), np.uint8)
    words[:, -1] = ord("!")
    texts = [row.tobytes() for row in words[::90]]
    full = counter_of(plain())
    tokens.count(words.reshape(-1), np.array([0, words.size]), full)
    assert full.table.used[0] == tokens.MOST
    expected = [pairs_of(text) for text in texts]
    fresh = counter_of(plain())
    assert count(texts, full) == count(texts, fresh) == count(texts, fresh) == expected
    assert count(texts[::-1], counter_of(plain())) == expected[::-1]


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 15, 16, 17, 255, 256, 300])
def test_a_pre_token_counts_the_same_wherever_it_lies(length: int) -> None:
    word = (b"abcdefg" * 50)[:length]
    for before in (b"", b"!" * 3, b"!" * 9):
        for after in (b"", b"!", b"!" * 9):
            buffer = np.frombuffer(before + word + after, np.uint8)
            offsets = np.array([len(before), len(before) + length])
            assert tokens.count(buffer, offsets, counter_of(plain())).tolist() == [pairs_of(word)]


def test_pre_tokens_that_differ_in_one_byte_or_in_length_are_told_apart() -> None:
    texts = []
    for length in range(1, 40):
        for place in range(length):
            texts += [bytes(97 + (k == place) + 2 * (k > place) for k in range(length))]
            texts += [b"\x00" * length, b"x" * place + b"ab" + b"x" * (length - place)]
    counter = counter_of(plain())
    assert count(texts, counter) == count(texts, counter) == [pairs_of(text) for text in texts]


PARTS = st.lists(st.sampled_from([b"<", b"<a", b"<ab>", b">", b"b", b"<a<", b"|", b"a"]), max_size=12)


@settings(max_examples=300)
@given(st.lists(PARTS.map(b"".join), max_size=4), PARTS.map(b"".join))
def test_the_first_added_token_is_found_and_of_several_there_the_longest(
    contents: list[bytes], text: bytes
) -> None:
    longest_first = sorted(filter(None, contents), key=len, reverse=True)
    pattern: Any = re.compile(b"|".join(map(re.escape, longest_first)) or b"(?!)")
    between = [part for part in pattern.split(text) if part]
    counter = counter_of(plain(), tuple(contents))
    expected = len(pattern.findall(text)) + sum(map(pairs_of, between))
    assert count([text], counter) == [expected]
