"""fastText classifiers, read from their own files (.bin, .ftz) without fastText.

The library reads a file that is cut off without a word, or dies of it, and its Python module makes a string
of every text; here each part is checked, and prediction is a kernel (`kernels.fasttext`)."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from curate.kernels import fasttext as kernel
from curate.kernels.words import frozen

MAGIC, FORMAT, SUPERVISED = 793712314, 12, 3
PREFIX = "__label__"
"""What labels begin with in files, and not here."""
_CENTROIDS = 256


class FastText:
    """A classifier. labels: without `__label__`, in the order of the file."""

    def __init__(self, labels: list[str], model: kernel.Model):
        self.labels, self.model = labels, model

    def predict(self, data: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The likeliest label of each text, ((n,) int32 indices into labels, (n,) float32 probability,
        0..1)."""
        return kernel.predict(data, offsets, self.model)

    def chances(self, data: np.ndarray, offsets: np.ndarray, label: int) -> np.ndarray:
        """(n,) float32, 0..1: how likely each text has the label with this index."""
        return kernel.chances(data, offsets, self.model, label)


def packaged_languages() -> Path:
    """lid.176.ftz, which tells 176 languages apart; its card lies beside it."""
    return Path(__file__).parents[1] / "data/models/lid.176.ftz"


@cache
def load(path: Path) -> FastText:
    """Reads a model once per process. Raises ValueError with a sentence when the file is none."""
    content = path.read_bytes()
    if len(content) < 4 or struct.unpack_from("<i", content)[0] != MAGIC:
        raise ValueError(f"{path} is not a fastText model: it does not begin as one (.bin or .ftz).")
    try:
        return _parse(_Reader(content, 4))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


class _Reader:
    """Values from a buffer, in order; ValueError where it ends too early."""

    def __init__(self, content: bytes, at: int):
        self._content, self._at = content, at

    def array(self, dtype: str, count: int) -> np.ndarray:
        size = np.dtype(dtype).itemsize * count
        if count < 0 or self._at + size > len(self._content):
            raise ValueError("the fastText model is cut off or damaged. Fetch it again.")
        found = np.frombuffer(self._content, dtype, count, self._at)
        self._at += size
        return found

    def one(self, dtype: str) -> int:
        return int(self.array(dtype, 1)[0])

    def text(self) -> bytes:
        end = self._content.find(b"\0", self._at)
        if end < 0:
            raise ValueError("the fastText model is cut off or damaged. Fetch it again.")
        found = self._content[self._at : end]
        self._at = end + 1
        return found

    def end(self) -> None:
        if self._at != len(self._content):
            raise ValueError("something follows the end of the fastText model. Fetch it again.")


class _Dictionary(NamedTuple):
    words: list[bytes]
    labels: list[str]
    counts: list[int]
    pruned: np.ndarray
    """(k, 2) int32 bucket and row after the words', or (0, 2) with `all_buckets`."""
    all_buckets: bool


def _parse(reader: _Reader) -> FastText:
    version = reader.one("<i4")
    dim, _, _, _, _, word_ngrams, loss, kind, buckets, least, most, _ = reader.array("<i4", 12).tolist()
    reader.array("<f8", 1)
    if version != FORMAT:
        raise ValueError(f"a fastText model of format {version}; only {FORMAT} is read here.")
    if kind != SUPERVISED:
        raise ValueError("word vectors, no classifier. Give a model trained with `supervised`.")
    found = _dictionary(reader, buckets)
    quantised = bool(reader.one("u1"))
    vectors = _quantised(reader) if quantised else _dense(reader)
    output = _quantised(reader) if reader.one("u1") and quantised else _dense(reader)
    reader.end()
    rows = len(found.words) + (buckets if found.all_buckets else len(found.pruned))
    if len(vectors) < rows or vectors.shape[1] != dim or output.shape != (len(found.labels), dim) or dim < 1:
        raise ValueError("the parts of the fastText model do not fit together. Fetch it again.")
    tree = _huffman(found.counts) if loss == kernel.HIERARCHICAL else np.zeros((0, 2), np.int32)
    if buckets < 1:
        least, most, word_ngrams, buckets = 0, 0, 1, 1
    sizes = np.array([least, most, word_ngrams, buckets, len(found.words), loss], np.int64)
    if found.all_buckets:
        kept, before = np.zeros(0, np.uint64), np.zeros(0, np.int32)
    else:
        order, n = np.argsort(found.pruned[:, 0], kind="stable"), len(found.words)
        kept, before = kernel.bucket_table(found.pruned[order, 0], buckets)
        vectors = np.concatenate([vectors[:n], vectors[n + found.pruned[order, 1]]])
    arrays = (sizes, vectors, output, tree, kernel.word_table(found.words), kept, before)
    return FastText(found.labels, kernel.Model(*(frozen(a, a.dtype.type) for a in arrays)))


def _dictionary(reader: _Reader, buckets: int) -> _Dictionary:
    size, n_words, n_labels = reader.array("<i4", 3).tolist()
    _, pruned = reader.array("<i8", 2).tolist()
    entries = []
    for _ in range(size):
        word = reader.text()
        entries.append((word, reader.one("<i8"), reader.one("u1")))
    words = [word for word, _, kind in entries if kind == 0]
    labels = [(word.decode(errors="replace"), count) for word, count, kind in entries if kind == 1]
    if (len(words), len(labels)) != (n_words, n_labels) or not labels:
        raise ValueError("the dictionary of the fastText model is damaged. Fetch it again.")
    rows = reader.array("<i4", 2 * max(pruned, 0)).reshape(-1, 2)
    distinct = len(np.unique(rows[:, 0])) == len(rows)
    if len(rows) and (
        rows.min() < 0 or rows[:, 1].max() >= len(rows) or rows[:, 0].max() >= buckets or not distinct
    ):
        raise ValueError("the dictionary of the fastText model is damaged. Fetch it again.")
    names = [name.removeprefix(PREFIX) for name, _ in labels]
    return _Dictionary(words, names, [count for _, count in labels], rows, pruned < 0)


def _dense(reader: _Reader) -> np.ndarray:
    rows, dim = reader.array("<i8", 2).tolist()
    return reader.array("<f4", rows * dim if min(rows, dim) >= 0 else -1).reshape(rows, dim)


def _quantised(reader: _Reader) -> np.ndarray:
    """A product-quantised matrix, each row put together again (Jégou et al. 2011; Joulin et al. 2016, section
    3.1)."""
    normed = bool(reader.one("u1"))
    rows, dim = reader.array("<i8", 2).tolist()
    codes = reader.array("u1", reader.one("<i4"))
    parts, centroids = _quantiser(reader)
    if parts.sum() != dim or len(codes) != rows * len(parts):
        raise ValueError("the fastText model is cut off or damaged. Fetch it again.")
    out = np.empty((rows, dim), np.float32)
    codes = codes.reshape(rows, len(parts))
    start = 0
    for i, width in enumerate(parts.tolist()):
        table = centroids[start * _CENTROIDS : (start + width) * _CENTROIDS].reshape(_CENTROIDS, width)
        out[:, start : start + width] = table[codes[:, i]]
        start += width
    if normed:
        norms = reader.array("u1", rows)
        _, table = _quantiser(reader)
        out *= table[norms][:, None]
    return out


def _quantiser(reader: _Reader) -> tuple[np.ndarray, np.ndarray]:
    """(dimensions of each part, centroids, part after part)."""
    dim, count, width, last = reader.array("<i4", 4).tolist()
    if count < 1 or width < 1 or (count - 1) * width + last != dim:
        raise ValueError("the fastText model is cut off or damaged. Fetch it again.")
    return np.array([width] * (count - 1) + [last]), reader.array("<f4", dim * _CENTROIDS)


def _huffman(counts: list[int]) -> np.ndarray:
    """(2 * labels - 1, 2) int32: fastText's tree over labels, which come by falling count."""
    n = len(counts)
    if not all(0 <= count < 1e15 for count in counts):
        raise ValueError("the dictionary of the fastText model is damaged. Fetch it again.")
    weight = [float(c) for c in counts] + [1e15] * n
    tree = np.full((2 * n - 1, 2), -1, np.int32)
    leaf, node = n - 1, n
    for parent in range(n, 2 * n - 1):
        for side in (0, 1):
            if leaf >= 0 and weight[leaf] < weight[node]:
                tree[parent, side], leaf = leaf, leaf - 1
            else:
                tree[parent, side], node = node, node + 1
        weight[parent] = weight[tree[parent, 0]] + weight[tree[parent, 1]]
    return tree
