import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from curate.documents import Batch
from curate.kernels.memory import pointer
from curate.kernels.words import characters, pointed, scan_words, word_hashes
from tests.kernels.reference import same_unicode, word_hash, words

TRICKY = "ΑΣσς'.:·^ \u0301\u0307İıIſKÅßẞǅⅠⓐ_-0٣²½あ゙゠・一㐀龯𠀀ꙮ\u00ad\u200d\x00\r\n\U0001d400𐐀"


@njit
def scan(data, at, end, known, some):
    return scan_words(pointer(data), 0, at, end, pointed(known), pointer(some), len(some))


def hashes_of(text: str) -> list[int]:
    batch = Batch.of([text])
    return word_hashes(batch.data, batch.offsets)[0].tolist()


def expected(text: str) -> list[int]:
    return [word_hash(word) for word in words(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello, World_2 it's", ["hello", "world_2", "it", "s"]),
        ("İstanbul", ["i", "stanbul"]),  # str.lower() leaves a combining dot, which is not \w
        ("ΟΔΟΣ ΣΑΣ' Σ ΑΣ'Α", ["οδος", "σας", "σ", "ασ", "α"]),  # a sigma that ends a word is another letter
        ("日本語のtext一", ["日", "本", "語", "の", "text", "一"]),
        ("…  ¡!", []),
    ],
)
def test_words_are_those_of_the_lower_case(text, found):
    assert words(text) == found
    assert hashes_of(text) == [word_hash(word) for word in found]


@same_unicode
@given(st.text())
def test_words_are_those_of_pythons_regular_expression(text):
    assert hashes_of(text) == expected(text)


@same_unicode
@given(st.text(st.sampled_from(TRICKY)))
def test_words_agree_where_lower_case_depends_on_the_neighbours(text):
    assert hashes_of(text) == expected(text)


@same_unicode
@given(st.lists(st.text(st.sampled_from("abcXYZ_09 .,\n")) | st.text(st.sampled_from(TRICKY)), min_size=1))
def test_words_of_long_texts_are_the_same_however_they_lie(parts):
    text = " ".join(parts) * (300 // max(sum(map(len, parts)), 1) + 1)  # many times 64 bytes
    assert hashes_of(text) == expected(text)


@same_unicode
def test_every_code_point_is_judged_as_python_judges_it():
    every = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    alone, inside = " ".join(every), " ".join(f"a{c}B" for c in every)
    known: dict[str, int] = {}
    for text in (alone, inside):
        found = words(text)
        known.update((word, word_hash(word)) for word in set(found) - known.keys())
        assert hashes_of(text) == [known[word] for word in found]


@same_unicode
@given(st.binary())
def test_bytes_that_are_not_utf8_stand_between_words(raw):
    found, _ = word_hashes(np.frombuffer(raw, np.uint8), np.array([0, len(raw)]))
    assert found.tolist() == expected(raw.decode("utf-8", "replace"))


@same_unicode
@given(st.lists(st.text()), st.text())
def test_a_document_has_its_own_words_wherever_it_lies(texts, before):
    batch = Batch.of([before, *texts])
    found, bounds = word_hashes(batch.data, batch.offsets[1:])
    assert [found[a:b].tolist() for a, b in itertools.pairwise(bounds)] == [expected(text) for text in texts]


@given(st.text(st.sampled_from(TRICKY + "ab ")), st.integers(1, 3))
def test_a_scan_goes_on_where_it_stopped(text, room):
    batch = Batch.of([text])
    at, end, found = 0, batch.nbytes, []
    while at < end:
        some = np.empty(room, np.uint64)
        n, at = scan(batch.data, at, end, characters(), some)
        found += some[:n].tolist()
    assert found == hashes_of(text)
