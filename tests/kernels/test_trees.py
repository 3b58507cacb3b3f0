"""Promises about additive models."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.trees import linear_sums, planted, tree_sums


def grown(rng: np.random.Generator, features: int, trees: int):
    """Nodes of random trees, children behind their parents."""
    nodes: list[list[float]] = []
    roots = []

    def grow(depth: int) -> int:
        number = len(nodes)
        nodes.append([-1, 0.0, 0, 0, rng.normal()])
        if depth and rng.random() < 0.8:
            left, right = grow(depth - 1), grow(depth - 1)
            nodes[number][:4] = [rng.integers(features), rng.integers(3), left, right]
        return number

    for _ in range(trees):
        roots.append(grow(4))
    return roots, nodes


def walked(row: np.ndarray, roots: list[int], nodes: list[list[float]]) -> float:
    total = 0.0
    for root in roots:
        node = nodes[root]
        while node[0] >= 0:
            node = nodes[int(node[2] if row[int(node[0])] <= node[1] else node[3])]
        total += float(np.float32(node[4]))
    return total


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 200), st.integers(0, 6))
def test_trees_say_what_a_walk_through_each_says(seed, rows, trees):
    rng = np.random.default_rng(seed)
    roots, nodes = grown(rng, 3, trees)
    table = rng.integers(0, 4, (rows, 3)).astype(np.float32)
    columns = np.array(nodes, np.float64).reshape(-1, 5).T
    types = (np.int16, np.float32, np.int32, np.int32, np.float32)
    arrays = [column.astype(kind) for column, kind in zip(columns, types, strict=True)]
    out = np.zeros(rows)
    tree_sums(table, planted(np.array(roots, np.int32), *arrays), out)
    assert out.tolist() == [walked(row, roots, nodes) for row in table]


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 20), st.integers(1, 4))
def test_linear_sums_are_products_of_rows_and_weights(seed, rows, kinds):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, 5)).astype(np.float32)
    weights = rng.normal(size=(kinds, 5)).astype(np.float32)
    out = np.ones((rows, kinds))
    linear_sums(table, weights, out)
    np.testing.assert_allclose(out, 1 + table.astype(float) @ weights.T.astype(float), atol=1e-9)
