import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.dedup import exact
from curate.dedup.exact import Preference


def preference(rows: list[tuple[int, int, int, int]]) -> Preference:
    """Of (priority, bytes, hash, tie)."""
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    hashes = np.column_stack((np.zeros(len(rows), np.uint64), columns[2].astype(np.uint64)))
    return Preference(columns[0], columns[1], hashes, columns[3])


def test_academic_goes_before_web_then_the_longer_then_hash_then_tie():
    best_first = [(0, 5, 9, 9), (1, 8, 9, 9), (1, 7, 3, 9), (1, 7, 4, 1), (1, 7, 4, 2), (3, 99, 0, 0)]
    assert preference(best_first).rank().tolist() == [0, 1, 2, 3, 4, 5]
    assert preference(best_first[::-1]).rank().tolist() == [5, 4, 3, 2, 1, 0]


def test_hashes_are_ordered_as_128_bits_without_a_sign():
    hashes = np.array([[2**63, 0], [1, 2**64 - 1], [1, 5]], np.uint64)
    ones = np.ones(3, np.int64)
    assert Preference(ones, ones, hashes, np.arange(3)).rank().tolist() == [2, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30), st.randoms())
def test_the_preferred_of_equal_texts_stands_for_all(values, rng):
    hashes = np.array(values, np.uint64).reshape(-1, 2)
    rank = np.array(rng.sample(range(100), len(values)), np.int64)
    found = exact.representatives(hashes, rank)
    for i, value in enumerate(values):
        same = [j for j, other in enumerate(values) if other == value]
        assert found[i] == min(same, key=lambda j: rank[j])


def test_a_copy_of_a_near_duplicate_is_a_duplicate_of_what_is_kept():
    same = np.array([0, 1, 1, 3, 3])  # 2 is a copy of 1, 4 of 3
    near = np.array([-1, 0, -1, -1, -1])  # 1 is near 0
    similarity = np.array([np.nan, 0.9, np.nan, np.nan, np.nan])
    of, value = exact.settle(same, near, similarity)
    assert of.tolist() == [-1, 0, 0, -1, 3]
    np.testing.assert_array_equal(value, [np.nan, 0.9, 0.9, np.nan, 1.0])


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(1, 1000))
def test_ranges_of_a_hash_are_in_order_and_cover_all(values, parts):
    hashes = np.array(sorted(values), np.uint64)
    found = exact.ranges(hashes, parts)
    assert (np.diff(found) >= 0).all()
    assert all(0 <= part < parts for part in found)
    assert exact.ranges(np.array([0, 2**64 - 1], np.uint64), parts).tolist() == [0, parts - 1]
