"""fastText's prediction: a text is the mean of vectors of its words, their characters' n-grams and its word
n-grams.

Joulin et al. 2017, "Bag of tricks for efficient text classification"; Bojanowski et al. 2017, section 3.2
(n-grams); the arithmetic is that of fastText 0.9 in single precision, in its order. Six times as fast on
short texts, since no string is made for an n-gram."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, hold, pointer
from curate.kernels.words import frozen

HIERARCHICAL, NEGATIVE, SOFTMAX, ONE_VS_ALL = 1, 2, 3, 4
"""fastText's losses, by their numbers in its files."""

_PRIME, _BASIS = np.uint32(16777619), np.uint32(2166136261)
_LESS, _MORE = 60, 62


class Model(NamedTuple):
    """Tables that kernels take.

    sizes: (6,) int64, least and most characters of an n-gram, most words of one, buckets, words, loss.
    vectors: (rows, dim) float32, of words, then of buckets. output: (labels, dim) float32; for hierarchical
    softmax the inner nodes of `tree`: (2 * labels - 1, 2) int32 children, -1 at leaves, the root last.
    words: (2^k, 2) uint64 hash and 1 + row of a word, 0 where empty. kept: (buckets / 8 + 1,) uint8 bits,
    buckets that have a row; buckets: (2^k, 2) int64 bucket and row, -1 where empty; both empty when row =
    words + bucket for all."""

    sizes: np.ndarray
    vectors: np.ndarray
    output: np.ndarray
    tree: np.ndarray
    words: np.ndarray
    kept: np.ndarray
    buckets: np.ndarray


class _Flat(NamedTuple):
    """The same as kernels read it: pointers, rows of `vectors`, `words` and `buckets` one after another.
    word_mask, bucket_mask: slots - 1, the latter -1 when all buckets have a row."""

    sizes: Pointer
    vectors: Pointer
    dim: int
    words: Pointer
    word_mask: np.uint64
    kept: Pointer
    buckets: Pointer
    bucket_mask: int


@njit(cache=True, nogil=True)
def _flattened(model: Model) -> _Flat:
    return _Flat(
        pointer(model.sizes),
        pointer(model.vectors.reshape(-1)),
        model.vectors.shape[1],
        pointer(model.words.reshape(-1)),
        np.uint64(len(model.words) - 1),
        pointer(model.kept),
        pointer(model.buckets.reshape(-1)),
        len(model.buckets) - 1,
    )


@njit(cache=True, nogil=True)
def _word_hash(data: np.ndarray, first: int, end: int) -> np.uint64:
    """FNV-1a of 64 bits, never 0; tells words apart where fastText compares strings."""
    value = np.uint64(0xCBF29CE484222325)
    for i in range(first, end):
        value = (value ^ np.uint64(data[i])) * np.uint64(0x100000001B3)
    return (value ^ (value >> np.uint64(29))) | np.uint64(1)


@njit(cache=True, nogil=True)
def _step(value: np.uint32, byte: int) -> np.uint32:
    """One byte more of fastText's hash: FNV-1a of 32 bits, of signed chars."""
    signed = np.uint32(byte) if byte < 128 else np.uint32(byte | 0xFFFFFF00)
    return np.uint32((value ^ signed) * _PRIME)


@njit(cache=True, nogil=True)
def _row(data: Pointer, first: int, end: int, model: _Flat) -> int:
    """Row of a word, -1 when it is unknown."""
    value = _word_hash(data, first, end)
    slot = np.int64((value >> np.uint64(8)) & model.word_mask)
    while model.words[2 * slot] != 0:
        if model.words[2 * slot] == value:
            return np.int64(model.words[2 * slot + 1]) - 1
        slot = (slot + 1) & np.int64(model.word_mask)
    return -1


@njit(cache=True, nogil=True)
def _bucket_row(bucket: int, model: _Flat) -> int:
    """Row of a bucket, -1 when it was pruned away."""
    if model.bucket_mask < 0:
        return model.sizes[4] + bucket
    if not model.kept[bucket >> 3] >> (bucket & 7) & 1:
        return -1
    slot = bucket & model.bucket_mask
    while model.buckets[2 * slot] != bucket:
        slot = (slot + 1) & model.bucket_mask
    return model.buckets[2 * slot + 1]


@njit(cache=True, nogil=True)
def _add(model: _Flat, row: int, hidden: Pointer) -> int:
    if row < 0:
        return 0
    for d in range(model.dim):
        hidden[d] += model.vectors[row * model.dim + d]
    return 1


@njit(cache=True, nogil=True)
def _add_subwords(data: Pointer, first: int, end: int, model: _Flat, hidden: Pointer) -> int:
    """Adds the vectors of the n-grams of characters of `<word>`; returns how many."""
    least, most, count, found = model.sizes[0], model.sizes[1], np.uint32(model.sizes[3]), 0
    for i in range(first - 1, end + 1):
        if first <= i < end and data[i] & 0xC0 == 0x80:
            continue
        value, at, n = _BASIS, i, 1
        while at <= end and n <= most:
            byte = _LESS if at < first else _MORE if at == end else np.int64(data[at])
            value = _step(value, byte)
            at += 1
            while first <= at < end and data[at] & 0xC0 == 0x80:
                value = _step(value, np.int64(data[at]))
                at += 1
            if n >= least and not (n == 1 and (i < first or at > end)):
                found += _add(model, _bucket_row(np.int64(value % count), model), hidden)
            n += 1
    return found


@njit(cache=True, nogil=True)
def _add_word_ngrams(hashes: Pointer, n: int, model: _Flat, hidden: Pointer) -> int:
    """Adds the vectors of n-grams of two words and more; hashes: of words, 32 bits, sign extended."""
    found = 0
    for i in range(n):
        value = np.uint64(hashes[i])
        for j in range(i + 1, min(n, i + model.sizes[2])):
            value = value * np.uint64(116049371) + np.uint64(hashes[j])
            bucket = np.int64(value % np.uint64(model.sizes[3]))
            found += _add(model, _bucket_row(bucket, model), hidden)
    return found


@njit(cache=True, nogil=True)
def _short_hash(data: np.ndarray, first: int, end: int) -> np.int64:
    """fastText's hash of a word, as the signed number that its word n-grams start from."""
    value = _BASIS
    for i in range(first, end):
        value = _step(value, np.int64(data[i]))
    return np.int64(np.int32(value))


@njit(cache=True, nogil=True)
def _is_space(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13 or byte == 0


@njit(cache=True, nogil=True)
def _embed(
    data: Pointer, at: int, end: int, model: _Flat, eos: Pointer, hashes: Pointer, hidden: Pointer
) -> int:
    """Sets hidden to the mean vector of the text data[at:end] and the end of line, of 4 bytes; returns how
    many there were."""
    for d in range(model.dim):
        hidden[d] = 0
    found, words = 0, 0
    while at < end:
        if _is_space(data[at]):
            at += 1
            continue
        stop = at
        while stop < end and not _is_space(data[stop]):
            stop += 1
        found += _add(model, _row(data, at, stop, model), hidden)
        if model.sizes[1] > 0:
            found += _add_subwords(data, at, stop, model, hidden)
        if model.sizes[2] > 1:
            hashes[words] = _short_hash(data, at, stop)
            words += 1
        at = stop
    found += _add(model, _row(eos, 0, 4, model), hidden)
    if model.sizes[2] > 1:
        hashes[words] = _short_hash(eos, 0, 4)
        found += _add_word_ngrams(hashes, words + 1, model, hidden)
    if found:
        for d in range(model.dim):
            hidden[d] *= np.float32(1.0) / np.float32(found)
    return found


@njit(cache=True, nogil=True)
def _dot(a: np.ndarray, row: int, b: np.ndarray) -> np.float32:
    total = np.float32(0)
    for d in range(len(b)):
        total += a[row, d] * b[d]
    return total


@njit(cache=True, nogil=True)
def _descend(hidden: np.ndarray, model: Model, stack: np.ndarray, scores: np.ndarray) -> tuple[int, float]:
    """The likeliest leaf of the tree and the log of its probability, branches that cannot win left out."""
    best, label = -np.inf, -1
    labels = len(model.tree) // 2 + 1
    stack[0], scores[0], depth = len(model.tree) - 1, 0.0, 1
    while depth:
        depth -= 1
        node, score = stack[depth], scores[depth]
        if score < best:
            continue
        left, right = model.tree[node]
        if left < 0:
            best, label = score, node
            continue
        p = np.float32(1.0) / (np.float32(1.0) + np.exp(-_dot(model.output, node - labels, hidden)))
        low, high = score + np.log(1.0 - p + 1e-5), score + np.log(p + 1e-5)
        if low > high:  # the likelier branch last, so that it is taken first
            left, right, low, high = right, left, high, low
        stack[depth], scores[depth], stack[depth + 1], scores[depth + 1] = left, low, right, high
        depth += 2
    return label, np.exp(best)


@njit(cache=True, nogil=True)
def _flat(hidden: np.ndarray, model: Model) -> tuple[int, float]:
    """The likeliest label and its probability, by softmax or each label's own sigmoid."""
    best, label, total = float(_dot(model.output, 0, hidden)), 0, 1.0
    for i in range(1, len(model.output)):
        value = float(_dot(model.output, i, hidden))
        if value > best:
            total = total * np.exp(best - value) + 1.0
            best, label = value, i
        else:
            total += np.exp(value - best)
    return label, 1.0 / total if model.sizes[5] == SOFTMAX else 1.0 / (1.0 + np.exp(-best))


@njit(cache=True, nogil=True)
def _chance(hidden: np.ndarray, model: Model, label: int, above: np.ndarray) -> float:
    """The probability of one label; above: the node over each of the tree, -1 over the root."""
    if model.sizes[5] == HIERARCHICAL:
        labels, node, log = len(model.tree) // 2 + 1, label, 0.0
        while above[node] >= 0:
            parent = above[node]
            p = np.float32(1.0) / (np.float32(1.0) + np.exp(-_dot(model.output, parent - labels, hidden)))
            log += np.log((p if model.tree[parent, 1] == node else 1.0 - p) + 1e-5)
            node = parent
        return np.exp(log)
    mine, total = float(_dot(model.output, label, hidden)), 0.0
    if model.sizes[5] != SOFTMAX:
        return 1.0 / (1.0 + np.exp(-mine))
    for i in range(len(model.output)):
        total += np.exp(float(_dot(model.output, i, hidden)) - mine)
    return 1.0 / total


@njit(cache=True, nogil=True)
def _predict(
    data: np.ndarray,
    offsets: np.ndarray,
    model: Model,
    eos: np.ndarray,
    label: int,
    labels: np.ndarray,
    scores: np.ndarray,
) -> None:
    """label: the one whose probability is wanted, -1 for the likeliest."""
    longest = 0
    above = np.full(len(model.tree), -1, np.int64)
    for node in range(len(model.tree)):
        if model.tree[node, 0] >= 0:
            above[model.tree[node, 0]] = above[model.tree[node, 1]] = node
    for i in range(len(labels)):
        longest = max(longest, offsets[i + 1] - offsets[i])
    hidden = np.empty(model.vectors.shape[1], np.float32)
    hashes = np.empty(longest // 2 + 2, np.int64)
    stack, values = np.empty(len(model.tree) + 2, np.int64), np.empty(len(model.tree) + 2)
    text, flat, line_end, words, sums = (
        pointer(data),
        _flattened(model),
        pointer(eos),
        pointer(hashes),
        pointer(hidden),
    )
    for i in range(len(labels)):
        _embed(text, offsets[i], offsets[i + 1], flat, line_end, words, sums)
        if label >= 0:
            best, score = label, _chance(hidden, model, label, above)
        elif model.sizes[5] == HIERARCHICAL:
            best, score = _descend(hidden, model, stack, values)
        else:
            best, score = _flat(hidden, model)
        labels[i], scores[i] = best, min(score, 1.0)
    hold(hashes)
    hold(hidden)


@njit(cache=True, nogil=True)
def _fill_words(table: np.ndarray, text: np.ndarray, bounds: np.ndarray) -> None:
    mask = np.uint64(len(table) - 1)
    for i in range(len(bounds) - 1):
        value = _word_hash(text, bounds[i], bounds[i + 1])
        slot = (value >> np.uint64(8)) & mask
        while table[slot, 0] != 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot, 0], table[slot, 1] = value, np.uint64(i + 1)


@njit(cache=True, nogil=True)
def _fill_buckets(kept: np.ndarray, table: np.ndarray, pruned: np.ndarray, words: int) -> None:
    for i in range(len(pruned)):
        bucket = np.int64(pruned[i, 0])
        kept[bucket >> 3] |= np.uint8(1 << (bucket & 7))
        slot = bucket & (len(table) - 1)
        while table[slot, 0] >= 0:
            slot = (slot + 1) & (len(table) - 1)
        table[slot, 0], table[slot, 1] = bucket, words + pruned[i, 1]


def word_table(words: list[bytes]) -> np.ndarray:
    """`words` of Model: word i has row i."""
    table = np.zeros((1 << (2 * len(words)).bit_length(), 2), np.uint64)
    bounds = np.concatenate([[0], np.cumsum([len(word) for word in words], dtype=np.int64)])
    _fill_words(table, frozen(np.frombuffer(b"".join(words), np.uint8), np.uint8), frozen(bounds, np.int64))
    return table


def bucket_table(pruned: np.ndarray, buckets: int, words: int) -> tuple[np.ndarray, np.ndarray]:
    """`kept` and `buckets` of Model. pruned: (k, 2) int32, a bucket that has a vector, and which after the
    words'."""
    kept = np.zeros(buckets // 8 + 1, np.uint8)
    table = np.full((1 << (2 * len(pruned)).bit_length(), 2), -1, np.int64)
    _fill_buckets(kept, table, frozen(pruned, np.int32), words)
    return kept, table


def predict(data: np.ndarray, offsets: np.ndarray, model: Model) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest label of each text and its probability.

    data: (n_bytes,) uint8, offsets: (n + 1,) int64, text i is data[offsets[i]:offsets[i + 1]]; line ends
    are spaces. Returns ((n,) int32 labels, (n,) float32 in 0..1)."""
    return _predicted(data, offsets, model, -1)


def chances(data: np.ndarray, offsets: np.ndarray, model: Model, label: int) -> np.ndarray:
    """(n,) float32 in 0..1: the probability of the label with this number, of the same texts as `predict`
    takes."""
    return _predicted(data, offsets, model, label)[1]


def _predicted(
    data: np.ndarray, offsets: np.ndarray, model: Model, label: int
) -> tuple[np.ndarray, np.ndarray]:
    labels, scores = np.zeros(len(offsets) - 1, np.int32), np.zeros(len(offsets) - 1, np.float32)
    eos = frozen(np.frombuffer(b"</s>", np.uint8), np.uint8)
    _predict(frozen(data, np.uint8), frozen(offsets, np.int64), model, eos, label, labels, scores)
    return labels, scores
