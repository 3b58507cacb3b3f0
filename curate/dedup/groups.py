"""From equal bands to groups of documents, and groups to tasks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from curate.kernels import groups as kernels

MOST_DOCUMENTS = 2**31


def edges(values: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """(k, 2) int64 pairs of documents that hold each bucket together: m - 1 for a bucket of m.

    values: (m,) uint64 band hashes, of one band or of a range of all (see `exact.ranges`), documents: (m,)
    int64. All rows of a value must be there. Takes 32 bytes a row.
    """
    order = np.argsort(values)
    ordered = values[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    return np.column_stack((documents[order[same]], documents[order[same + 1]])).astype(np.int64, copy=False)


def connect(count: int, parts: Iterable[np.ndarray]) -> np.ndarray:
    """(count,) int32: of each document the smallest one of its group, itself when it is alone.

    parts: arrays of edges ((k, 2) int64), read one at a time; the result does not depend on their order.
    Takes 4 bytes a document and one part. OverflowError above 2^31 documents.
    """
    if count > MOST_DOCUMENTS:
        raise OverflowError(f"{count} documents: groups are found for at most {MOST_DOCUMENTS} in one run")
    parents = np.arange(count, dtype=np.int32)
    for part in parts:
        kernels.union(parents, np.ascontiguousarray(part, np.int64))
    kernels.flatten(parents)
    return parents


def members(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(documents: (m,) int64, bounds: (groups + 1,) int64) of the groups of two and more in `connect`'s
    labels: group g is documents[bounds[g]:bounds[g + 1]], ascending; groups by their smallest document."""
    away = np.flatnonzero(labels != np.arange(len(labels), dtype=labels.dtype))
    documents = np.union1d(away, labels[away])
    documents = documents[np.argsort(labels[documents], kind="stable")]
    firsts = np.flatnonzero(labels[documents] == documents)
    return documents, np.append(firsts, len(documents))


def assign(sizes: np.ndarray, limit: int) -> np.ndarray:
    """(groups,) int64: the task of each group, 0, 1, …, in order of groups.

    sizes: (groups,) int64, what each costs, in any unit. A task gets `limit` and at most one group more:
    groups are never split. What is found does not depend on it.
    """
    before = np.cumsum(sizes) - sizes
    return np.unique(before // max(1, limit), return_inverse=True)[1].reshape(-1)
