"""fastText's prediction: a text is the mean of vectors of its words, their characters' n-grams and its word
n-grams.

Joulin et al. 2017, "Bag of tricks for efficient text classification"; Bojanowski et al. 2017, section 3.2
(n-grams); the arithmetic is that of fastText 0.9 in single precision, in its order. Six times as fast on
short texts, since no string is made for an n-gram."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, hold, offset, ones, pointer, prefetch
from curate.kernels.words import frozen

HIERARCHICAL, NEGATIVE, SOFTMAX, ONE_VS_ALL = 1, 2, 3, 4
"""fastText's losses, by their numbers in its files."""

_PRIME, _BASIS = np.uint32(16777619), np.uint32(2166136261)
_LESS, _MORE = 60, 62

MOST_ROWS = 64
"""Rows that are asked for before the first of them is added."""

RECENT = 1 << 14
"""Words that are remembered, of all texts of a call: they are most of the next ones."""


class Model(NamedTuple):
    """Tables that kernels take.

    sizes: (6,) int64, least and most characters of an n-gram, most words of one, buckets, words, loss.
    vectors: (rows, dim) float32, of words, then of buckets. output: (labels, dim) float32; for hierarchical
    softmax the inner nodes of `tree`: (2 * labels - 1, 2) int32 children, -1 at leaves, the root last.
    words: (2^k, 2) uint64 hash and 1 + row of a word, 0 where empty. kept: (buckets / 64 + 1,) uint64 bits,
    buckets that have a row, in their order after the words'; before: (buckets / 64 + 1,) int32 rows of those
    before each 64 bits; both empty when all buckets have one."""

    sizes: np.ndarray
    vectors: np.ndarray
    output: np.ndarray
    tree: np.ndarray
    words: np.ndarray
    kept: np.ndarray
    before: np.ndarray


class _Recent(NamedTuple):
    """Words that were met: each at a place by its hash, where the next of that place takes over. hashes:
    (RECENT,) uint64, 0 where none is; counts: (RECENT,) int64 vectors; sums: (RECENT * dim,) float32 of
    them."""

    hashes: Pointer
    counts: Pointer
    sums: Pointer


class _Flat(NamedTuple):
    """The same as kernels read it: pointers, rows of `vectors` and `words` one after another. word_mask:
    slots - 1. pruned: whether some buckets have no row. rows: room for MOST_ROWS of them."""

    sizes: Pointer
    vectors: Pointer
    dim: int
    words: Pointer
    word_mask: np.uint64
    kept: Pointer
    before: Pointer
    pruned: bool
    rows: Pointer


@njit(cache=True, nogil=True)
def _flattened(model: Model, rows: np.ndarray) -> _Flat:
    return _Flat(
        pointer(model.sizes),
        pointer(model.vectors.reshape(-1)),
        model.vectors.shape[1],
        pointer(model.words.reshape(-1)),
        np.uint64(len(model.words) - 1),
        pointer(model.kept),
        pointer(model.before),
        len(model.kept) > 0,
        pointer(rows),
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
def _row(value: np.uint64, model: _Flat) -> int:
    """Row of the word of a hash, -1 when it is unknown."""
    slot = np.int64((value >> np.uint64(8)) & model.word_mask)
    while model.words[2 * slot] != 0:
        if model.words[2 * slot] == value:
            return np.int64(model.words[2 * slot + 1]) - 1
        slot = (slot + 1) & np.int64(model.word_mask)
    return -1


@njit(cache=True, nogil=True)
def _bucket_row(bucket: int, model: _Flat) -> tuple[int, int]:
    """(row of a bucket, 1), or (any, 0) where it was pruned away."""
    if not model.pruned:
        return model.sizes[4] + bucket, 1
    bits, at = model.kept[bucket >> 6], np.uint64(bucket & 63)
    below = ones(bits & ((np.uint64(1) << at) - np.uint64(1)))
    return model.sizes[4] + model.before[bucket >> 6] + below, np.int64(bits >> at) & 1


@njit(cache=True, nogil=True)
def _add(model: _Flat, row: int, hidden: Pointer) -> int:
    if row < 0:
        return 0
    for d in range(model.dim):
        hidden[d] += model.vectors[row * model.dim + d]
    return 1


@njit(cache=True, nogil=True)
def _modulo(value: np.uint32, count: int, inverse: float) -> int:
    """value % count, by the inverse of count: a tenth of the time of a division."""
    rest = np.int64(value) - np.int64(np.float64(value) * inverse) * count
    return rest + (count if rest < 0 else 0) - (count if rest >= count else 0)


@njit(cache=True, nogil=True)
def _add_subwords(data: Pointer, first: int, end: int, model: _Flat, hidden: Pointer) -> int:
    """Adds the vectors of the n-grams of characters of `<word>`; returns how many. Rows are asked for before
    they are added."""
    least, most, count = model.sizes[0], model.sizes[1], model.sizes[3]
    inverse, waiting, found = 1.0 / count, 0, 0
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
                row, kept = _bucket_row(_modulo(value, count, inverse), model)
                model.rows[waiting] = row
                waiting += kept
                if kept:
                    prefetch(model.vectors, row * model.dim)
            n += 1
            if waiting == MOST_ROWS:
                found, waiting = found + _add_rows(model, waiting, hidden), 0
    return found + _add_rows(model, waiting, hidden)


@njit(cache=True, nogil=True)
def _add_rows(model: _Flat, n: int, hidden: Pointer) -> int:
    for k in range(n):
        _add(model, model.rows[k], hidden)
    return n


@njit(cache=True, nogil=True)
def _add_word(data: Pointer, first: int, end: int, model: _Flat, recent: _Recent, hidden: Pointer) -> int:
    """Adds the sum of the vectors of a word and its n-grams of characters; returns how many."""
    value = _word_hash(data, first, end)
    place = np.int64(value >> np.uint64(20)) & (RECENT - 1)
    at = place * model.dim
    if recent.hashes[place] != value:
        total = offset(recent.sums, at)
        for d in range(model.dim):
            total[d] = 0
        found = _add(model, _row(value, model), total)
        if model.sizes[1] > 0:
            found += _add_subwords(data, first, end, model, total)
        recent.hashes[place], recent.counts[place] = value, found
    for d in range(model.dim):
        hidden[d] += recent.sums[at + d]
    return recent.counts[place]


@njit(cache=True, nogil=True)
def _add_word_ngrams(hashes: Pointer, n: int, model: _Flat, hidden: Pointer) -> int:
    """Adds the vectors of n-grams of two words and more; hashes: of words, 32 bits, sign extended."""
    found = 0
    for i in range(n):
        value = np.uint64(hashes[i])
        for j in range(i + 1, min(n, i + model.sizes[2])):
            value = value * np.uint64(116049371) + np.uint64(hashes[j])
            row, kept = _bucket_row(np.int64(value % np.uint64(model.sizes[3])), model)
            found += _add(model, row if kept else -1, hidden)
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
    data: Pointer,
    at: int,
    end: int,
    model: _Flat,
    eos: Pointer,
    recent: _Recent,
    hashes: Pointer,
    hidden: Pointer,
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
        found += _add_word(data, at, stop, model, recent, hidden)
        if model.sizes[2] > 1:
            hashes[words] = _short_hash(data, at, stop)
            words += 1
        at = stop
    found += _add(model, _row(_word_hash(eos, 0, 4), model), hidden)
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
    met, counts = np.zeros(RECENT, np.uint64), np.empty(RECENT, np.int64)
    totals, rows = np.empty(RECENT * len(hidden), np.float32), np.empty(MOST_ROWS, np.int64)
    recent = _Recent(pointer(met), pointer(counts), pointer(totals))
    text, flat, line_end, words, sums = (
        pointer(data),
        _flattened(model, rows),
        pointer(eos),
        pointer(hashes),
        pointer(hidden),
    )
    for i in range(len(labels)):
        _embed(text, offsets[i], offsets[i + 1], flat, line_end, recent, words, sums)
        if label >= 0:
            best, score = label, _chance(hidden, model, label, above)
        elif model.sizes[5] == HIERARCHICAL:
            best, score = _descend(hidden, model, stack, values)
        else:
            best, score = _flat(hidden, model)
        labels[i], scores[i] = best, min(score, 1.0)
    for array in (hashes, counts, rows):
        hold(array)
    for array in (hidden, totals):
        hold(array)
    hold(met)


@njit(cache=True, nogil=True)
def _fill_words(table: np.ndarray, text: np.ndarray, bounds: np.ndarray) -> None:
    mask = np.uint64(len(table) - 1)
    for i in range(len(bounds) - 1):
        value = _word_hash(text, bounds[i], bounds[i + 1])
        slot = (value >> np.uint64(8)) & mask
        while table[slot, 0] != 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot, 0], table[slot, 1] = value, np.uint64(i + 1)


def word_table(words: list[bytes]) -> np.ndarray:
    """`words` of Model: word i has row i."""
    table = np.zeros((1 << (2 * len(words)).bit_length(), 2), np.uint64)
    bounds = np.concatenate([[0], np.cumsum([len(word) for word in words], dtype=np.int64)])
    _fill_words(table, frozen(np.frombuffer(b"".join(words), np.uint8), np.uint8), frozen(bounds, np.int64))
    return table


def bucket_table(kept: np.ndarray, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """`kept` and `before` of Model. kept: (k,) int buckets that have a row, rising."""
    bits = np.zeros((buckets // 64 + 1) * 64, bool)
    bits[kept] = True
    words = np.packbits(bits, bitorder="little").view(np.uint64)
    counts = bits.reshape(-1, 64).sum(axis=1)
    return words, (np.cumsum(counts) - counts).astype(np.int32)


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
