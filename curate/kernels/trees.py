"""Additive models over a table of features: decision trees as flat arrays, and sums of weights.

Each row is evaluated by itself and in the same order, so that a score has the same bits in any batch.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, offset, pointer


class Trees(NamedTuple):
    """Trees whose nodes lie in one row.

    roots: (n_trees,) int32. feature: (n_nodes,) int16, -1 at a leaf; threshold: float32, rows at or below it
    go left; left, right: int32 nodes; value: float32, what a leaf adds, elsewhere the mean of the leaves
    below as training saw them. splits: (n_nodes,) int16, kids: (2 * n_nodes,) int32, depths: (n_trees,)
    int32: the same for a walk that takes as many steps in all rows: a leaf leads to itself.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    splits: np.ndarray
    kids: np.ndarray
    depths: np.ndarray


def planted(
    roots: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    value: np.ndarray,
) -> Trees:
    """The trees of these nodes; children come behind their parents."""
    leaf = feature < 0
    itself = np.arange(len(feature), dtype=np.int32)
    kids = np.stack([np.where(leaf, itself, left), np.where(leaf, itself, right)], 1).astype(np.int32).ravel()
    below = np.zeros(len(feature), np.int32)
    for node in np.flatnonzero(~leaf)[::-1]:
        below[node] = 1 + max(below[left[node]], below[right[node]])
    splits = np.maximum(feature, 0).astype(np.int16)
    return Trees(roots, feature, threshold, left, right, value, splits, kids, below[roots])


BLOCK: Final = 64
"""Rows that go through one tree after the other: they and the tree stay in the nearest cache."""


@njit(cache=True, nogil=True, forceinline=True)
def _below(node: int, row: Pointer, splits: Pointer, thresholds: Pointer, kids: Pointer) -> int:
    """The node after `node`; a leaf leads to itself."""
    right = np.uint64(row[np.uint64(splits[node])] > thresholds[node])
    return np.uint64(kids[np.uint64(2) * node + right])


@njit(cache=True, nogil=True)
def tree_sums(rows: np.ndarray, trees: Trees, out: np.ndarray) -> None:
    """Adds to out, (n,) float64, what the trees say of rows, (n, n_features) float32 without NaN."""
    splits, thresholds, kids = pointer(trees.splits), pointer(trees.threshold), pointer(trees.kids)
    flat, width, values = rows.ravel(), rows.shape[1], trees.value
    table = pointer(flat)
    for start in range(0, len(rows), BLOCK):
        for tree in range(len(trees.roots)):
            root, depth, i = np.uint64(trees.roots[tree]), trees.depths[tree], start
            end = min(start + BLOCK, len(rows))
            while i + 4 <= end:  # a step waits for the one before it: four rows wait at once
                a = b = c = d = root
                one, two = offset(table, i * width), offset(table, (i + 1) * width)
                three, four = offset(table, (i + 2) * width), offset(table, (i + 3) * width)
                for _ in range(depth):
                    a = _below(a, one, splits, thresholds, kids)
                    b = _below(b, two, splits, thresholds, kids)
                    c = _below(c, three, splits, thresholds, kids)
                    d = _below(d, four, splits, thresholds, kids)
                out[i] += values[a]
                out[i + 1] += values[b]
                out[i + 2] += values[c]
                out[i + 3] += values[d]
                i += 4
            while i < end:
                a, one = root, offset(table, i * width)
                for _ in range(depth):
                    a = _below(a, one, splits, thresholds, kids)
                out[i] += values[a]
                i += 1


@njit(cache=True, nogil=True)
def tree_parts(row: np.ndarray, trees: Trees, out: np.ndarray) -> None:
    """Adds to out, (n_features,) float64, how much each feature of one row moves the sum: at each split the
    change of the expected value (Saabas 2014)."""
    for root in trees.roots:
        node = root
        while trees.feature[node] >= 0:
            feature = trees.feature[node]
            after = trees.left[node] if row[feature] <= trees.threshold[node] else trees.right[node]
            out[feature] += trees.value[after] - trees.value[node]
            node = after


@njit(cache=True, nogil=True)
def linear_sums(rows: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """Adds rows @ weights.T to out, (n, k) float64; rows: (n, m) float32, weights: (k, m) float32."""
    turned, totals = np.ascontiguousarray(weights.T).astype(np.float64), np.empty(len(weights))
    for i in range(len(rows)):
        totals[:] = 0
        for j in range(rows.shape[1]):
            value = np.float64(rows[i, j])
            for k in range(len(weights)):
                totals[k] += value * turned[j, k]
        for k in range(len(weights)):
            out[i, k] += totals[k]
