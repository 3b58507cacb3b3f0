"""Makes a language model for stage `perplexity` from texts: n-grams with modified Kneser-Ney smoothing.

Chen & Goodman 1999, "An empirical study of smoothing techniques for language modeling", section 3; what
KenLM's `lmplz` computes (Heafield et al. 2013), in numpy, so that it works wherever `curate` does. Trades
memory for that: about 60 bytes per token of training text, so 50 million words take 3 GB; `lmplz` sorts on
disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from curate import readers
from curate.documents import Batch
from curate.errors import UsageError
from curate.kernels import ngram
from curate.kernels.normal import normalise_all
from curate.models import ngram as models

BITS = 16
"""Of a token in a packed n-gram: n-grams are uint64, the last token highest, so that sorting them makes a
trie of suffixes."""


@dataclass(frozen=True)
class Trained:
    """What was made: documents, tokens of training text after spelling, words, n-grams kept by order."""

    documents: int
    tokens: int
    words: int
    ngrams: tuple[int, ...]


def train(
    documents: Iterable[str],
    output: Path,
    *,
    order: int = 3,
    prune: Sequence[int] = (0, 1, 2),
    words: int = 30_000,
    least: int = 3,
) -> Trained:
    """Trains on `documents` and writes `output`.

    order: longest n-gram, 2 to 4. prune: for each order, n-grams seen at most so often are left out; must
    not fall, the first must be 0. words: size of the vocabulary, the most frequent ones seen in at least
    `least` documents; others are spelt. The same documents in the same order give the same bytes. Raises
    UsageError when there is too little text.
    """
    prune = [*prune, *[prune[-1]] * order][:order]
    if not 2 <= order <= ngram.HIGHEST_ORDER or prune[0] != 0 or sorted(prune) != prune:
        raise UsageError(
            f"order {order} with prune {prune}: order is 2 to 4, prune begins with 0 and never falls."
        )
    text, bounds = _normalised(documents)
    chosen = vocabulary(text, bounds, words, least)
    if not chosen:
        raise UsageError(
            f"no word occurs in {least} of the {len(bounds) - 1} documents: too little text to learn from."
        )
    ids, _ = ngram.encode(text, bounds, ngram.vocabulary(chosen, models.LETTERS))
    trie = estimate(ids, len(chosen) + len(models.LETTERS), order, prune)
    models.save(output, chosen, trie)
    levels = tuple(np.diff([0, *models.level_ends(trie)]).tolist())
    return Trained(len(bounds) - 1, len(ids) - len(bounds) + 1, len(chosen), levels)


def texts(paths: Sequence[Path], column: str = "text") -> Iterator[str]:
    """The texts of files of any format that a reader can read; what cannot be read is left out. Raises
    UsageError for a file that is not there."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"There is no file {path}.")
        form = readers.format_of(path)
        config = readers.ReadConfig(format=form, paths=[str(path.absolute())], text=column, meta=[])
        for shard in readers.expand(config, Path()):
            for part in readers.parts(shard, config):
                for records in readers.read(part, config):
                    yield from records["text"].drop_null().to_pylist()


def _normalised(documents: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    pieces, sizes = [np.zeros(0, np.uint8)], [np.zeros(1, np.int64)]
    rest = iter(documents)
    while some := list(islice(rest, 1000)):
        batch = Batch.of(some)
        text, bounds, _ = normalise_all(batch.data, batch.offsets)
        pieces.append(text.copy())
        sizes.append(np.diff(bounds))
    return np.concatenate(pieces), np.cumsum(np.concatenate(sizes))


def vocabulary(text: np.ndarray, bounds: np.ndarray, size: int, least: int) -> list[str]:
    """The most frequent tokens of normalised texts that occur in at least `least` of them; ties by
    spelling."""
    counts: Counter[bytes] = Counter()
    documents: Counter[bytes] = Counter()
    raw, ends = text.tobytes(), bounds.tolist()
    for a, b in pairwise(ends):
        tokens = raw[a:b].split()
        counts.update(tokens)
        documents.update(set(tokens))
    common = sorted((w for w in counts if documents[w] >= least), key=lambda w: (-counts[w], w))
    return [word.decode() for word in common[: min(size, 2**BITS - 64)]]


@dataclass
class _Level:
    """N-grams of one order, sorted. keys: (m,) uint64; counts: (m,) int64 raw; adjusted: (m,) float64, of
    the highest order raw, else how many tokens were seen before the n-gram."""

    keys: np.ndarray
    counts: np.ndarray
    adjusted: np.ndarray


def estimate(ids: np.ndarray, tokens: int, order: int, prune: Sequence[int]) -> ngram.Trie:
    """Modified Kneser-Ney over texts of tokens, a SEPARATOR after each, interpolated, discounts by order
    from the counts of counts; the probability that pruned n-grams had goes to the back-off."""
    levels = _count(ids, order)
    keys, probs = np.arange(tokens, dtype=np.uint64) << np.uint64(64 - BITS), np.full(tokens, 1 / tokens)
    all_keys: list[np.ndarray] = []
    all_probs: list[np.ndarray] = []
    backoffs: list[np.ndarray] = []
    for n, level in enumerate(levels, 1):
        kept = level.counts > prune[n - 1]
        if not kept.any():
            break
        share, context, rest = _discounted(level, kept)
        mine = level.keys[kept]
        if n == 1:
            probs *= rest[0]
            probs[mine >> np.uint64(64 - BITS)] += share
        else:
            found = np.searchsorted(context, keys).clip(max=len(context) - 1)
            backoffs.append(np.where(context[found] == keys, rest[found], 1.0))
            lower = probs[np.searchsorted(keys, mine & _mask(n - 1))]
            keys, probs = mine, share + rest[np.searchsorted(context, mine << np.uint64(BITS))] * lower
        all_keys.append(keys)
        all_probs.append(probs)
    if not backoffs:
        raise UsageError("no two words follow one another often enough: too little text to learn from.")
    return _trie(all_keys, all_probs, backoffs)


def _mask(n: int) -> np.uint64:
    """Selects the last n tokens of a packed n-gram."""
    return np.uint64(((1 << BITS * n) - 1) << (64 - BITS * n))


def _count(ids: np.ndarray, order: int) -> list[_Level]:
    """Every order's n-grams. Each text is preceded by a separator, so that its first n-grams were seen after
    something; n-grams that begin with it count for nothing else."""
    padded = np.concatenate([[ngram.SEPARATOR], ids[:-1]]).astype(np.uint64)
    border = padded == ngram.SEPARATOR
    levels: list[_Level] = []
    packed, valid = np.zeros(len(padded), np.uint64), np.ones(len(padded), bool)
    raw: list[tuple[np.ndarray, np.ndarray]] = []
    for n in range(order):
        shifted = np.concatenate([np.zeros(n, np.uint64), padded[: len(padded) - n]])
        valid[:n] = False
        packed |= shifted << np.uint64(64 - BITS * (n + 1))
        raw.append(np.unique(packed[valid & ~_any_border(border, n)], return_counts=True))
    for n, (keys, counts) in enumerate(raw, 1):
        inner = (keys >> np.uint64(64 - BITS * n)) & np.uint64(2**BITS - 1) != ngram.SEPARATOR
        keys, counts = keys[inner], counts[inner]
        adjusted = counts if n == order else np.unique(raw[n][0] & _mask(n), return_counts=True)[1]
        levels.append(_Level(keys, counts, adjusted.astype(np.float64)))
    return levels


def _any_border(border: np.ndarray, n: int) -> np.ndarray:
    """Where one of the last n tokens of the n-gram of n + 1 tokens that ends here is a border."""
    out = np.zeros(len(border), bool)
    for k in range(max(n, 1)):
        out[k:] |= border[: len(border) - k]
    return out


def _discounted(level: _Level, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(share of each kept n-gram after discount, sorted contexts, what each context leaves to the lower
    order)."""
    discount = _discounts(level.adjusted)[np.minimum(level.adjusted, 3).astype(np.int64)]
    context, where = np.unique(level.keys << np.uint64(BITS), return_inverse=True)
    total = np.bincount(where, level.adjusted)
    share = (level.adjusted - discount)[kept] / total[where[kept]]
    rest = 1 - np.bincount(where[kept], share, len(context))
    return share, context, rest


def _discounts(adjusted: np.ndarray) -> np.ndarray:
    """(4,) float64: D0 = 0, D1, D2, D3+ (Chen & Goodman 1999, equation 26); lmplz's fallback 0.5, 1, 1.5
    where the counts of counts do not allow them."""
    n1, n2, n3, n4 = (np.count_nonzero(adjusted == c) for c in (1, 2, 3, 4))
    if 0 in (n1, n2, n3, n4):
        return np.array([0, 0.5, 1, 1.5])
    y = n1 / (n1 + 2 * n2)
    found = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    sound = np.all(found[1:] > 0) and np.all(found <= np.arange(4))
    return found if sound else np.array([0, 0.5, 1, 1.5])


def _trie(keys: list[np.ndarray], probs: list[np.ndarray], backoffs: list[np.ndarray]) -> ngram.Trie:
    order, sizes = len(keys), [len(k) for k in keys]
    starts = np.cumsum([0, *sizes])
    first, token = [], []
    for n, mine in enumerate(keys, 1):
        token.append(((mine >> np.uint64(64 - BITS * n)) & np.uint64(2**BITS - 1)).astype(np.uint16))
        if n < order:
            first.append(starts[n] + np.searchsorted(keys[n] & _mask(n), mine))
    first.append(np.array([starts[-1]]))
    prob_codes, prob_tables = zip(*(_quantise(np.log10(p)) for p in probs), strict=True)
    low = [np.log10(np.maximum(b, 1e-7)) for b in backoffs]
    back_codes, back_tables = zip(*(_quantise(b) for b in low), strict=True)
    return ngram.Trie(
        np.concatenate(first).astype(np.uint32),
        np.concatenate(token),
        np.concatenate(prob_codes),
        np.concatenate(back_codes),
        np.stack(prob_tables),
        np.stack([*back_tables, np.zeros(256, np.float32)]),
    )


def _quantise(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """((m,) uint8 codes, (256,) float32 what each means): bins of equal population, each its mean (Federico
    & Bertoldi 2006, section 3.1)."""
    ranked = np.sort(values)
    edges = np.unique(ranked[np.linspace(0, len(ranked) - 1, 257).astype(np.int64)[1:-1]])
    codes = np.searchsorted(edges, values, side="left").astype(np.uint8)
    sums, counts = np.bincount(codes, values, 256), np.bincount(codes, minlength=256)
    return codes, (sums / np.maximum(counts, 1)).astype(np.float32)
