import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.dedup import groups

PAIRS = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40)


def components(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    """By spreading the smallest number until nothing changes."""
    label = list(range(count))
    changed = True
    while changed:
        changed = False
        for a, b in pairs:
            least = min(label[a], label[b])
            changed |= label[a] != least or label[b] != least
            label[a] = label[b] = least
    return label


def test_a_bucket_of_many_costs_one_edge_less_than_its_documents():
    values = np.array([7] * 10_000 + [1, 2, 3, 3], np.uint64)
    documents = np.arange(len(values)) * 3
    found = groups.edges(values, documents)
    assert found.shape == (10_000, 2)
    assert found.dtype == np.int64
    labels = groups.connect(int(documents.max()) + 1, [found])
    assert set(labels[documents[:10_000]].tolist()) == {0}
    assert labels[documents[-1]] == labels[documents[-2]] == documents[-2]


@given(st.lists(st.integers(0, 5), max_size=30))
def test_edges_connect_exactly_what_is_equal(values):
    found = groups.edges(np.array(values, np.uint64), np.arange(len(values)))
    labels = groups.connect(len(values), [found])
    assert labels.tolist() == [values.index(value) for value in values]


@given(PAIRS, st.randoms())
def test_groups_are_the_connected_components_in_whatever_order_edges_come(pairs, rng):
    shuffled = [pair[:: rng.choice((1, -1))] for pair in rng.sample(pairs, len(pairs))]
    cut = rng.randint(0, len(pairs))
    parts = [np.array(some, np.int64).reshape(-1, 2) for some in (shuffled[:cut], shuffled[cut:])]
    assert groups.connect(30, parts).tolist() == components(30, pairs)


@given(PAIRS)
def test_members_are_those_who_are_not_alone(pairs):
    label = components(30, pairs)
    documents, bounds = groups.members(groups.connect(30, [np.array(pairs, np.int64).reshape(-1, 2)]))
    found = [documents[a:b].tolist() for a, b in itertools.pairwise(bounds)]
    every = [[i for i in range(30) if label[i] == root] for root in range(30)]
    assert found == [group for group in every if len(group) > 1]


def test_no_edges_no_groups():
    none = groups.edges(np.zeros(0, np.uint64), np.zeros(0, np.int64))
    documents, bounds = groups.members(groups.connect(5, [none]))
    assert documents.tolist() == []
    assert bounds.tolist() == [0]
    assert groups.assign(np.zeros(0, np.int64), 10).tolist() == []


@given(st.lists(st.integers(0, 100), min_size=1), st.integers(0, 120))
def test_a_task_gets_at_most_one_group_above_its_limit(sizes, limit):
    tasks = groups.assign(np.array(sizes), limit)
    assert set(np.diff(tasks)) <= {0, 1}
    assert tasks[0] == 0
    for task in range(tasks[-1] + 1):
        assert sum(np.array(sizes)[tasks == task][:-1]) <= max(1, limit)


def test_too_many_documents_are_said():
    with pytest.raises(OverflowError, match="3000000000 documents"):
        groups.connect(3_000_000_000, [])
