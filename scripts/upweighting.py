"""What up-weighting by reasoning does to a corpus: python scripts/upweighting.py CORPUS [--second MODEL.npz]

CORPUS is ../shared/corpus/bench. Draws half of the tokens (here bytes) of each source but code by `mix.draw`,
with the weight q ** power of each document's reasoning quantile q. Prints by how much the mean quantile,
weighted by tokens, exceeds that of uniform drawing, in the eyes of the model that weighs and of a second one;
what is left of the kind of discourse that loses most (its share of tokens after, over before); and the Gini
index of copies.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.decide import LEAST_QUANTILE, LENGTHS
from curate.documents import Batch, hash_documents
from curate.mix import draw
from curate.models import reasoning as models

POWERS, SEED, SHARE = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0), 17, 0.5
LEAST_OF_KIND = 0.01
"""Share of a source's tokens under which a kind of discourse is not reported."""


def main() -> None:
    """Prints a row per source, copies allowed and power."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--second", type=Path, help="another model, to judge by")
    given = parser.parse_args()
    first = models.load(models.packaged())
    second = models.load(given.second) if given.second else first
    print(
        f"{'source':12} {'copies':>6} {'power':>6} {'gain':>7} {'second':>7} {'least kind':>24} {'Gini':>6}"
    )
    for folder in sorted(p for p in given.corpus.iterdir() if p.is_dir() and p.name != "code"):
        batch = read(folder)
        hashes = hash_documents(batch.data, batch.offsets)
        fraction = draw.fractions(hashes[:, 0].copy(), hashes[:, 1].copy(), SEED)
        judged = models.judge(first, batch.data, batch.offsets)
        kinds = np.where(judged.certainty >= 0.4, judged.kind, -1)
        mine, other = (
            quantiles(batch, models.score(model, batch.data, batch.offsets)) for model in (first, second)
        )
        for row in rows(batch.sizes, fraction, mine, other, kinds, first.kinds):
            print(f"{folder.name:12} {row}")


def read(folder: Path) -> Batch:
    """The documents of a source."""
    tables = [pq.read_table(path, columns=["text"]) for path in sorted(folder.glob("*.parquet"))]
    texts = pa.concat_tables(tables)["text"].drop_null().cast(pa.large_string())
    return Batch.of(texts.combine_chunks())


def quantiles(batch: Batch, scores: np.ndarray) -> np.ndarray:
    """(n,) float64 in 0..1: rank of each score among those of a like length."""
    bins, out = np.searchsorted(LENGTHS, batch.sizes), np.zeros(len(batch))
    for number in np.unique(bins):
        mine = np.flatnonzero(bins == number)
        out[mine[np.argsort(scores[mine], kind="stable")]] = (np.arange(len(mine)) + 0.5) / len(mine)
    return out


def rows(
    tokens: np.ndarray,
    fraction: np.ndarray,
    mine: np.ndarray,
    other: np.ndarray,
    kinds: np.ndarray,
    names: np.ndarray,
) -> Iterator[str]:
    """One for each number of copies and power."""
    target = int(tokens.sum() * SHARE)
    for most in (1, 4):
        base = [0.0, 0.0]
        for power in POWERS:
            weight = np.maximum(mine, LEAST_QUANTILE) ** power
            copies = draw.draw(target, tokens, fraction, weight, most)
            means = [float(np.average(q, weights=tokens * copies)) for q in (mine, other)]
            base = means if power == 0 else base
            left, kind = least(tokens, copies, kinds, names)
            gains = [mean - start for mean, start in zip(means, base, strict=True)]
            figures = f"{most:6} {power:6.1f} {gains[0]:+7.3f} {gains[1]:+7.3f}"
            yield f"{figures} {kind:>18} {left:5.2f} {gini(copies):6.2f}"


def least(tokens: np.ndarray, copies: np.ndarray, kinds: np.ndarray, names: np.ndarray) -> tuple[float, str]:
    """(share of tokens after over before, name) of the kind that loses most."""
    before = np.bincount(kinds + 1, tokens, len(names) + 1) / tokens.sum()
    after = np.bincount(kinds + 1, tokens * copies, len(names) + 1) / (tokens * copies).sum()
    known = np.flatnonzero(before[1:] >= LEAST_OF_KIND)
    ratio = after[1:][known] / before[1:][known]
    worst = int(np.argmin(ratio))
    return float(ratio[worst]), str(names[known[worst]])


def gini(copies: np.ndarray) -> float:
    """0 where all have as many copies, towards 1 where few have all."""
    ranked = np.sort(copies).astype(np.float64)
    n = len(ranked)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ranked / (n * ranked.sum()))


if __name__ == "__main__":
    main()
