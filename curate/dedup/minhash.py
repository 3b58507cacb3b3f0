"""Near-duplicates: signatures at rest, and groups resolved by the true similarity of texts.

What is traded away: two texts of similarity s are compared with a chance of 1 - (1 - s^7)^16 (0.977 at 0.8,
0.9998 at 0.88), and only texts that were compared can be called duplicates. A larger number of bands finds
more and compares more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from curate.dedup.exact import Preference, inverse
from curate.documents import buffers
from curate.kernels import groups as walk
from curate.kernels import minhash as kernels
from curate.kernels.words import frozen

if TYPE_CHECKING:
    import datasketch

SIGNATURES = pa.schema(
    [
        ("row", pa.int64()),  # in the part
        ("hash_high", pa.uint64()),  # BLAKE3, 128 bits, of the final text
        ("hash_low", pa.uint64()),
        ("bytes", pa.int64()),  # of the final text
        ("bands", pa.list_(pa.uint64())),  # null where the text has no shingle
        ("signature", pa.list_(pa.uint32())),
    ]
)
"""One row per document that passed the gates."""

Texts = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Given documents ((m,) int64, ascending), their final texts: (data: (n_bytes,) uint8, offsets: (m + 1,)
int64)."""

ESTIMATE_MARGIN = 0.15
"""Texts are compared from an estimated similarity of `verify` minus this: 4 standard errors of an estimate
from 112 values at 0.8."""

FETCHED_BYTES = 32 << 20
"""Bytes of texts that are asked for at once; a larger document comes alone."""

SET_BYTES = 4
"""Most bytes of a set of shingle hashes per byte of its text."""


def signature_columns(
    data: np.ndarray, offsets: np.ndarray, bands: int = 16, rows: int = 7, shingle: int = 5
) -> dict[str, pa.Array]:
    """The columns `bands` and `signature` of SIGNATURES for the texts of a batch."""
    signatures = kernels.signatures(data, offsets, bands * rows, shingle=shingle)
    there = kernels.has_shingles(signatures)
    hashes = kernels.band_hashes(signatures[there], bands, rows)
    return {"bands": _lists(hashes, there), "signature": _lists(signatures[there], there)}


def _lists(matrix: np.ndarray, there: np.ndarray) -> pa.Array:
    ends = np.append(0, np.cumsum(there) * matrix.shape[1]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(matrix.reshape(-1)), mask=pa.array(~there))


def matrix(column: pa.Array | pa.ChunkedArray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Undoes `signature_columns`: (there: (n,) bool, values: (m, width)) of a list column, values only of
    those that are there; zero-copy for an array."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    there = values.is_valid().to_numpy(zero_copy_only=False)
    return there, values.flatten().to_numpy().reshape(-1, width)


def to_datasketch(signature: np.ndarray) -> datasketch.MinHash:
    """A signature ((p,) uint32) as a `datasketch.MinHash` (datasketch 2), to be put into its indexes."""
    import datasketch

    return datasketch.MinHash(hashvalues=signature, seed=1, scheme="affine32")


class Resolution(NamedTuple):
    """representative: (n,) int64, the document kept that each is a duplicate of, -1 for those kept.
    similarity: (n,) float64, true Jaccard similarity with it, NaN for those kept. compared: documents
    compared with a kept one. left_out: kept ones that share a band and were neither compared nor ruled out
    by an estimate. bytes: texts read."""

    representative: np.ndarray
    similarity: np.ndarray
    compared: int
    left_out: int
    bytes: int


def resolve(
    groups: np.ndarray,
    bands: np.ndarray,
    signatures: np.ndarray,
    preference: Preference,
    texts: Texts,
    *,
    shingle: int = 5,
    verify: float = 0.8,
    max_comparisons: int = 64,
    memory: int = 256 << 20,
) -> Resolution:
    """Finds near-duplicates inside groups.

    In each group documents go in order of preference. A document is compared with kept ones that share a
    band with it, where the signatures do not put them under `verify` - ESTIMATE_MARGIN: at most
    `max_comparisons`, most shared bands first. At `verify` (0..1) and above it is a duplicate of the most
    similar, else it is kept too. groups: (n,) int64, the group of each document; whole groups. bands: (n,
    b) uint64. signatures: (n, p) uint32. Besides these it takes 200 bytes a document, `memory` bytes for
    sets of shingles, FETCHED_BYTES of text and the sets of that. Each text is read at most once while all
    that are needed fit into `memory`.
    """
    rows = np.lexsort((preference.rank(), groups))
    buckets, filling = _buckets(bands, rows)
    task = walk.Task(
        rows=rows,
        signatures=frozen(signatures, np.uint32),
        buckets=buckets,
        sizes=preference.sizes[rows].astype(np.int64),
        verify=float(verify),
        least_equal=max(0, int(np.ceil((verify - ESTIMATE_MARGIN) * signatures.shape[1] - 1e-9))),
        most=int(max_comparisons),
        room=max(1, memory // SET_BYTES),
    )
    progress = _start(groups[rows], filling)
    sets, read = _no_sets(task), 0
    while True:
        walk.advance(task, sets, progress)
        if not progress.wanted.any():
            break
        read += _load(task, sets, progress.wanted, texts, shingle)
    place = inverse(rows)
    representative = progress.representative[place]
    of = np.where(representative < 0, -1, rows[representative])
    compared, left_out = progress.counts.tolist()
    return Resolution(of, progress.similarity[place], compared, left_out, read)


def compare_with_itself(text: str) -> Resolution:
    """All that near-duplicates go through, for one text and a copy of it; so that kernels are there."""
    data, offsets = buffers(pa.array([text, text], pa.large_string()))
    columns = signature_columns(data, offsets)
    (_, bands), (_, signatures) = matrix(columns["bands"], 16), matrix(columns["signature"], 112)
    like, same = np.zeros(2, np.int64), np.zeros((2, 2), np.uint64)
    preference = Preference(like, np.diff(offsets), same, np.arange(2))
    return resolve(like, bands, signatures, preference, lambda rows: (data, offsets))


def _buckets(bands: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Names the buckets of `rows`: ((n, b) int32, the same number for equal hashes of a band, -1 for that
    of one document only; (buckets,) int64, the documents of each)."""
    names, sizes, named = np.empty((len(rows), bands.shape[1]), np.int32), [np.zeros(0, np.int64)], 0
    for band, hashes in enumerate(bands.T):
        _, bucket, count = np.unique(hashes[rows], return_inverse=True, return_counts=True)
        shared = count > 1
        names[:, band] = np.where(shared, np.cumsum(shared) - 1 + named, -1)[bucket]
        sizes.append(count[shared])
        named += len(sizes[-1])
    return names, np.concatenate(sizes)


def _start(groups: np.ndarray, filling: np.ndarray) -> walk.Progress:
    n = len(groups)
    firsts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1])) if n else np.zeros(0, np.int64)
    return walk.Progress(
        next=firsts.copy(),
        ends=np.append(firsts[1:], n)[: len(firsts)],
        starts=np.cumsum(filling) - filling,
        filled=np.zeros(len(filling), np.int64),
        members=np.empty(filling.sum(), np.int32),
        representative=np.full(n, -1, np.int64),
        similarity=np.full(n, np.nan),
        counts=np.zeros(2, np.int64),
        shared=np.zeros(n, np.int32),
        wanted=np.zeros(n, bool),
    )


def _no_sets(task: walk.Task) -> walk.Sets:
    """Room for all sets that may be in memory at once; memory is taken as it fills."""
    n, largest = len(task.rows), int(task.sizes.max(initial=0))
    most = max(task.room, 2 * largest) * SET_BYTES // 8 + n
    return walk.Sets(np.full(n, -1, np.int64), np.zeros(n, np.int64), np.empty(most, np.uint64))


def _load(task: walk.Task, sets: walk.Sets, wanted: np.ndarray, texts: Texts, shingle: int) -> int:
    """Adds the sets that are wanted and not there, after emptying all when they would not fit; bytes of
    texts read.

    Texts are read in the order of the caller's documents, which is that in which they are stored.
    """
    if task.sizes[wanted | (sets.starts >= 0)].sum() > task.room:
        sets.starts[:] = -1
    there = np.flatnonzero(sets.starts >= 0)
    end = int((sets.starts[there] + sets.lengths[there]).max(initial=0))
    new = np.flatnonzero(wanted & (sets.starts < 0))
    new = new[np.argsort(task.rows[new])]
    for some in _pieces(new, task.sizes[new]):
        hashes, bounds = kernels.shingle_sets(*texts(task.rows[some]), shingle)
        sets.starts[some] = bounds[:-1] + end
        sets.lengths[some] = np.diff(bounds)
        sets.hashes[end : end + len(hashes)] = hashes
        end += len(hashes)
    return int(task.sizes[new].sum())


def _pieces(documents: np.ndarray, sizes: np.ndarray) -> Iterator[np.ndarray]:
    """Cuts documents into runs of at most FETCHED_BYTES, or of one."""
    start, total = 0, 0
    for i, size in enumerate(sizes.tolist()):
        if total + size > FETCHED_BYTES and i > start:
            yield documents[start:i]
            start, total = i, 0
        total += size
    yield documents[start:]
