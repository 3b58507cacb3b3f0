"""What up-weighting by reasoning does to a corpus: python scripts/upweighting.py CORPUS [--floor F]
[--halves]

CORPUS is ../shared/corpus/bench. Draws half of the tokens (here bytes) of each source but code as the mixer
does, with the weight q ** power of each document's reasoning quantile q, and floors of kinds of discourse.
Prints by how much the mean quantile, weighted by tokens, exceeds that of uniform drawing, in the eyes of the
model that weighs; what is left of the kind that loses most (its portion of the tokens after, over before);
and the Gini index of copies.

With --halves two further models are trained, each on half of the origins of ../shared/corpus: one weighs,
the other judges, both ways. That says what is gained in the eyes of a model that has seen none of the same
origins.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.config import FLOOR
from curate.decide import LEAST_QUANTILE, LENGTHS
from curate.documents import Batch, hash_documents
from curate.mix import draw
from curate.mix.kinds import UNNAMED, Floors, sums
from curate.models import reasoning as models
from curate.report.numbers import gini

POWERS, SEED, PART = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0), 17, 0.5
LEAST_OF_KIND = 0.01
"""Portion of a source's tokens under which a kind of discourse is not reported."""


class Source(NamedTuple):
    """A source's documents. tokens: (n,) int64; fraction: (n,) float64; kind: (n,) integers; quantiles: (n,)
    float64 of each model."""

    name: str
    tokens: np.ndarray
    fraction: np.ndarray
    kind: np.ndarray
    quantiles: list[np.ndarray]


def main() -> None:
    """Prints a row per source, copies allowed and power, and one of all sources."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--floor", type=float, default=FLOOR, help="of every kind, 0..1")
    parser.add_argument("--halves", action="store_true", help="train two models that judge each other")
    given = parser.parse_args()
    judges = [models.load(models.packaged()), *(halves(given.corpus.parent) if given.halves else [])]
    names = [UNNAMED, *judges[0].kinds.tolist()]
    folders = sorted(p for p in given.corpus.iterdir() if p.is_dir() and p.name != "code")
    sources = [read(folder, judges) for folder in folders]
    second = "second, two ways" if given.halves else ""
    print(f"{'source':12} {'copies':>6} {'power':>6} {'gain':>7} {second:>16} {'least kind':>24} {'Gini':>6}")
    for most in (1, 4):
        for power in POWERS:
            found = [Drawn(source, names, power, given.floor, most) for source in sources]
            for one in found:
                print(f"{one.source.name:12} {most:6} {power:6.1f} {gained(one.gains)} {one.least()}")
            sizes = [source.tokens.sum() for source in sources]
            every = np.average([one.gains for one in found], axis=0, weights=sizes)
            print(f"{'all':12} {most:6} {power:6.1f} {gained(every)}")


def gained(gains: Sequence[float]) -> str:
    """Gains as a row has them."""
    return " ".join(f"{gain:+7.3f} " for gain in gains)


def halves(corpus: Path) -> Iterator[models.Model]:
    """Two models of stage `reasoning` that have no origin in common."""
    import reasoning_data

    from curate.training import reasoning as training

    rows = reasoning_data.rows(corpus, SEED)
    for half in (0, 1):
        yield training.train([r for r in rows if sha256(r.origin.encode()).digest()[0] % 2 == half], SEED)[0]


def read(folder: Path, judges: Sequence[models.Model]) -> Source:
    """The documents of a source, judged by all models; their kind is the first one's word."""
    tables = [pq.read_table(path, columns=["text"]) for path in sorted(folder.glob("*.parquet"))]
    texts = pa.concat_tables(tables)["text"].drop_null().cast(pa.large_string())
    batch = Batch.of(texts.combine_chunks())
    high, low = hash_documents(batch.data, batch.offsets).T.copy()
    judged = models.judge(judges[0], batch.data, batch.offsets)
    kind = np.where(judged.certainty >= 0.4, judged.kind + 1, 0)
    found = [quantiles(batch, models.score(model, batch.data, batch.offsets)) for model in judges]
    return Source(folder.name, batch.sizes, draw.fractions(high, low, SEED), kind, found)


def quantiles(batch: Batch, scores: np.ndarray) -> np.ndarray:
    """(n,) float64 in 0..1: rank of each score among those of a like length."""
    bins, out = np.searchsorted(LENGTHS, batch.sizes), np.zeros(len(batch))
    for number in np.unique(bins):
        mine = np.flatnonzero(bins == number)
        out[mine[np.argsort(scores[mine], kind="stable")]] = (np.arange(len(mine)) + 0.5) / len(mine)
    return out


class Drawn:
    """What is drawn of a source. gains: by the packaged model in its own eyes; then, where there are two
    more, by each in the other's."""

    def __init__(self, source: Source, names: Sequence[str], power: float, floor: float, most: int):
        self.source, self.names, self.power, self.most = source, names, power, most
        available = sums(source.kind, source.tokens, len(names))
        self.floors = Floors(names, available, np.full(len(names), floor))
        self.copies, self.kinds = self._draw(0)
        self.gains = [self._gain(self.copies, 0)]
        if len(source.quantiles) > 1:
            self.gains += [self._gain(self._draw(weighs)[0], judge) for weighs, judge in ((1, 2), (2, 1))]

    def _draw(self, model: int) -> tuple[np.ndarray, dict[str, dict[str, float]]]:
        s, target = self.source, int(self.source.tokens.sum() * PART)
        weight = np.maximum(s.quantiles[model], LEAST_QUANTILE) ** self.power
        return self.floors.draw(target, s.kind, s.tokens, s.fraction, weight, self.most, target // 10_000)

    def _gain(self, copies: np.ndarray, judge: int) -> float:
        s, target = self.source, int(self.source.tokens.sum() * PART)
        plain = draw.draw(target, s.tokens, s.fraction, np.ones(len(s.tokens)), 1, target // 10_000)
        means = [np.average(s.quantiles[judge], weights=s.tokens * times) for times in (copies, plain)]
        return float(means[0] - means[1])

    def least(self) -> str:
        """The kind that loses most, what is left of it, and the Gini index of copies."""
        left = {
            k: r["drawn"] / r["available"] for k, r in self.kinds.items() if r["available"] >= LEAST_OF_KIND
        }
        kind = min(left, key=lambda kind: left[kind])
        return f"{kind:>18} {left[kind]:5.2f} {gini(self.copies):6.2f}"


if __name__ == "__main__":
    main()
