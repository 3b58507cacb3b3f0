"""Classes of code points are those of Python's own string methods."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels import characters as ch
from tests.kernels.reference import same_unicode


@same_unicode
def test_classes_are_those_of_str_and_nothing_is_assigned_above_the_table():
    table = ch.classes()
    for code in range(ch.KNOWN):
        char = chr(code)
        flags = int(table[code])
        assert (flags & ch.LETTER > 0, flags & ch.SPACE > 0) == (char.isalpha(), char.isspace())
        assert flags & ch.DIGIT > 0 or not (char.isalnum() and not char.isalpha())
    assert not any(chr(code).isalnum() or chr(code).isspace() for code in range(ch.KNOWN, 0x110000))


@given(st.text(min_size=1, max_size=8))
def test_code_points_are_read_whole(text):
    data = np.frombuffer(text.encode(), np.uint8)
    data.flags.writeable = False
    found, i = [], 0
    while i < len(data):
        entry = ch.class_at(data, i, len(data), ch.classes())
        found.append(entry >> ch.SIZE)
        i += entry >> ch.SIZE
    assert found == [len(char.encode()) for char in text]
    assert ch.last_point(data, 0, len(data)) == len(text[:-1].encode())


@given(st.binary(min_size=1, max_size=8))
def test_broken_bytes_are_stepped_over_and_nothing_behind_the_end_is_read(data):
    array = np.frombuffer(data, np.uint8)
    entry = ch.class_at(array, 0, len(array), ch.classes())
    assert 1 <= entry >> ch.SIZE <= len(data)
