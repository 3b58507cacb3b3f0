"""What up-weighting by reasoning does to a corpus: python scripts/upweighting.py CORPUS [--config FILE]
[--powers 2 3] [--set A.B=C]

CORPUS is ../shared/corpus. Builds configs/bench.yaml at half of the tokens that `tokens: max` comes to,
uniformly and with each `weight_power`, with at most one copy of a document and at most four, and reads each
corpus back from its files. Three models of stage `reasoning` weigh in turn: the packaged one, and two that
are trained here, each on half of the origins of CORPUS/labelled. What `half 0` gains in the eyes of `half 1`,
and the other way round, is what is seen by a model that knows none of the same origins.

A row for each source that has scores, and one for all: by how much the mean quantile, weighted by tokens,
exceeds that of the uniform corpus in the eyes of each model, documents without a score left out; the kind of
discourse that loses most and what is left of it (its part of the source's tokens in the corpus, over that of
what could be drawn: no less than its floor); the Gini index of copies; for all, the mix error.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import reasoning_data

from curate import Run
from curate.mix.kinds import UNNAMED
from curate.models import reasoning as models
from curate.report.numbers import gini
from curate.training import reasoning as training

CONFIG = Path(__file__).resolve().parents[1] / "configs/bench.yaml"
POWERS, COPIES, SEED = (2.0, 2.5, 3.0, 4.0), (1, 4), 17


class Corpus(NamedTuple):
    """A corpus as its files have it, by document of the ledger, all (n,). source, kind: names; tokens,
    copies: int64; living: bool, could be drawn; quantile: float64 of the model that weighed, NaN without a
    score. shares: {source: planned, 0..1}."""

    source: np.ndarray
    kind: np.ndarray
    tokens: np.ndarray
    copies: np.ndarray
    living: np.ndarray
    quantile: np.ndarray
    shares: dict[str, float]

    @property
    def drawn(self) -> np.ndarray:
        """(n,) int64 tokens in the corpus."""
        return self.tokens * self.copies

    def scored(self) -> list[str]:
        """The sources of which documents have a score."""
        return sorted(set(self.source[~np.isnan(self.quantile)]))

    def mean(self, quantile: np.ndarray, here: np.ndarray) -> float:
        """Of the corpus's documents that are `here`, (n,) bool, and have a quantile, weighted by tokens."""
        here = here & ~np.isnan(quantile)
        return float(np.average(quantile[here], weights=self.drawn[here]))

    def left(self, source: str) -> tuple[float, str]:
        """What is left of the kind of discourse of a source that loses most, and its name."""
        here = self.living & (self.source == source)
        names, kind = np.unique(self.kind[here], return_inverse=True)
        there, came = (np.bincount(kind, tokens[here]) for tokens in (self.tokens, self.drawn))
        return min(zip((came / came.sum() / (there / there.sum())).tolist(), names.tolist(), strict=True))

    def error(self) -> float:
        """The largest difference between what part of the corpus a source is and was planned to be."""
        return max(
            abs(self.drawn[self.source == name].sum() / self.drawn.sum() - share)
            for name, share in self.shares.items()
        )


def main() -> None:
    """Prints a row per number of copies, power, model that weighs, and source."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--powers", type=float, nargs="+", default=POWERS)
    parser.add_argument("--set", action="append", default=[], dest="sets", help="as `curate build` has it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curate-upweighting-") as folder:
        weighs = {"packaged": "packaged"}
        for half, model in enumerate(halves(given.corpus)):
            weighs[f"half {half}"] = f"{folder}/half-{half}.npz"
            models.save(Path(weighs[f"half {half}"]), model)
        measure(Builds(given.config, given.sets, Path(folder) / "run"), weighs, given.powers)


def halves(corpus: Path) -> Iterator[models.Model]:
    """Two models of stage `reasoning` that have no origin in common."""
    rows = reasoning_data.rows(corpus, SEED)
    ordered = reasoning_data.ordered(corpus, rows)
    for half in (0, 1):
        some, more = ([r for r in given if _half(r.origin) == half] for given in (rows, ordered))
        yield training.train(some, SEED, more)[0]


def _half(origin: str) -> int:
    return sha256(origin.encode()).digest()[0] % 2


class Builds:
    """Builds of one config, one after the other into the same run directory: what is the same is reused."""

    def __init__(self, config: Path, sets: Sequence[str], run: Path):
        self.config, self.run = config, run
        self.sets = list(sets)
        most = self.build(["tokens=max"])
        self.scored, self.sources = most.scored(), list(most.shares)
        self.sets.append(f"tokens={most.drawn.sum() // 2}")

    def weighed(self, model: str, copies: int, power: float) -> Corpus:
        """The corpus that `model` weighs."""
        sets = [f"sources.{name}.stages.reasoning.model={model}" for name in self.scored]
        for name in self.sources:
            sets += [f"mix.{name}.max_copies={copies}", f"mix.{name}.weight_power={power}"]
        return self.build(sets)

    def build(self, sets: Sequence[str]) -> Corpus:
        """Builds as a user would, and reads back what there is on disk."""
        flags = [f"--set={one}" for one in [*self.sets, *sets]]
        command = [
            sys.executable,
            "-m",
            "curate",
            "build",
            str(self.config),
            "-o",
            str(self.run),
            "-q",
            *flags,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return read(Run(self.run))


def read(run: Run) -> Corpus:
    """What the ledger, the signals and the corpus's files of a run say."""
    ledger = run.ledger(["key", "source", "tokens", "fate", "rule"])
    signals = run.signals()
    at = pc.index_in(ledger["key"], value_set=signals["key"].combine_chunks())
    signals = signals.select(["reasoning.discourse", "reasoning.quantile"]).take(at)
    written = pa.concat_tables([pq.read_table(path, columns=["key", "tokens"]) for path in run.corpus()])
    rows = pc.index_in(written["key"], value_set=ledger["key"].combine_chunks()).to_numpy()
    tokens = ledger["tokens"].fill_null(0).to_numpy()
    assert (tokens[rows] == written["tokens"].to_numpy()).all(), "the ledger and the corpus disagree"
    budget = pc.fill_null(pc.equal(ledger["rule"], "budget"), False)
    return Corpus(
        source=ledger["source"].to_numpy(),
        kind=signals["reasoning.discourse"].fill_null(UNNAMED).to_numpy(),
        tokens=tokens,
        copies=np.bincount(rows, minlength=len(ledger)),
        living=pc.or_(pc.equal(ledger["fate"], "kept"), budget).to_numpy(),
        quantile=signals["reasoning.quantile"].cast(pa.float64()).fill_null(np.nan).to_numpy(),
        shares={name: row["target"] for name, row in run.report["mix"].items()},
    )


def measure(builds: Builds, weighs: dict[str, str], powers: Sequence[float]) -> None:
    """Prints the table. weighs: {name: file} of the models."""
    plain = {name: builds.weighed(model, 1, 0) for name, model in weighs.items()}
    print(
        f"{'copies':>6} {'power':>5} {'weighs':9}{'source':10}", *(f"{name:>8}" for name in weighs), end=" "
    )
    print(f"{'least kind':>18} {'left':>5} {'Gini':>5} {'mix error':>9}")
    for copies in COPIES:
        for power in powers:
            for name, model in weighs.items():
                corpus = builds.weighed(model, copies, power)
                for source in [*builds.scored, "all"]:
                    here = (corpus.source == source) | (source == "all")
                    gains = [
                        corpus.mean(one.quantile, here) - plain[name].mean(one.quantile, here)
                        for one in plain.values()
                    ]
                    print(
                        f"{copies:6} {power:5.1f} {name:9}{source:10}",
                        *(f"{g:+8.3f}" for g in gains),
                        end=" ",
                    )
                    print(ending(corpus, source, here))


def ending(corpus: Corpus, source: str, here: np.ndarray) -> str:
    """What a row says of the corpus that no model judges."""
    if source == "all":
        return f"{'':24} {gini(corpus.copies[here & corpus.living]):5.2f} {corpus.error():9.6f}"
    left, kind = corpus.left(source)
    return f"{kind:>18} {left:5.2f} {gini(corpus.copies[here & corpus.living]):5.2f}"


if __name__ == "__main__":
    main()
