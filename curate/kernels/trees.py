"""Additive models over a table of features: decision trees as flat arrays, and sums of weights.

Each row is evaluated by itself and in the same order, so that a score has the same bits in any batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit


class Trees(NamedTuple):
    """Trees whose nodes lie in one row.

    roots: (n_trees,) int32. feature: (n_nodes,) int16, -1 at a leaf; threshold: float32, rows at or below it
    go left; left, right: int32 nodes; value: float32, what a leaf adds, elsewhere the mean of the leaves
    below as training saw them.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray


@njit(cache=True, nogil=True)
def tree_sums(rows: np.ndarray, trees: Trees, out: np.ndarray) -> None:
    """Adds to out, (n,) float64, what the trees say of rows, (n, n_features) float32 without NaN."""
    for i in range(len(rows)):
        for root in trees.roots:
            node = root
            while trees.feature[node] >= 0:
                low = rows[i, trees.feature[node]] <= trees.threshold[node]
                node = trees.left[node] if low else trees.right[node]
            out[i] += trees.value[node]


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
    for i in range(len(rows)):
        for k in range(len(weights)):
            total = 0.0
            for j in range(rows.shape[1]):
                total += np.float64(rows[i, j]) * np.float64(weights[k, j])
            out[i, k] += total
