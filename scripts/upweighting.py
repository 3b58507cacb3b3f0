"""What up-weighting by reasoning does to a corpus: python scripts/upweighting.py CORPUS [--config FILE]
[--powers 2 3] [--set A.B=C]

CORPUS is ../shared/corpus. Builds configs/bench.yaml at half of the tokens that `tokens: max` comes to,
uniformly and with each `weight_power`, with at most one copy of a document and at most four, and reads each
corpus back from its files. Models of stage `reasoning` weigh in turn: the packaged one, and pairs that are
trained here, each of a pair on half of the origins of CORPUS/labelled, so that neither knows an origin of the
other. How far two such models agree hangs on which of them knows the few origins that fill a source (court
arguments are 38 % of the tokens of web), so there are SPLITS pairs.

A row for each source that has scores, and one for all: by how much the mean quantile, weighted by tokens,
exceeds that of the uniform corpus, documents without a score left out, in the eyes of the model that weighs
and of the other one of its pair (mean over pairs, and of the pairs that agree least and most); the kind of
discourse that loses most and what is left of it (its part of the source's tokens in the corpus, over that of
what could be drawn: no less than its floor); the Gini index of copies; for all, the mix error. Of halves the
last three are the worst there is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
POWERS, COPIES, SPLITS, SEED = (2.0, 2.5, 3.0), (1, 4), 8, 17


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

    def of(self, source: str) -> np.ndarray:
        """(n,) bool: documents of a source, or `all`."""
        found: np.ndarray = (self.source == source) | (source == "all")
        return found

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
        pairs = []
        for number, models_of in enumerate(halves(given.corpus)):
            pairs.append([f"{folder}/{number}-{half}.npz" for half in (0, 1)])
            for path, model in zip(pairs[-1], models_of, strict=True):
                models.save(Path(path), model)
        measure(Builds(given.config, given.sets, Path(folder) / "run"), pairs, given.powers)


def halves(corpus: Path) -> Iterator[list[models.Model]]:
    """SPLITS pairs of models of stage `reasoning` that have no origin in common, calibrated as the packaged
    one is: quantiles hang on it only where a guard leaves a part of a logit."""
    rows = reasoning_data.rows(corpus, SEED)
    data = training.prepare(rows, SEED, reasoning_data.ordered(corpus, rows))
    calibration = models.load(models.packaged()).calibration
    for number in range(SPLITS):
        half = split(data, SEED + number)
        some = [data.take(np.flatnonzero(half == k)) for k in (0, 1)]
        yield [replace(training.fit(part, SEED), calibration=calibration) for part in some]


def split(data: training.Data, seed: int) -> np.ndarray:
    """(n,) int64: the half that each row's origin is in. Both have as many origins of each label and kind of
    discourse, by what an origin has most of."""
    rng = np.random.default_rng(seed)
    has: dict[str, Counter[tuple[int, str]]] = {}
    for origin, label, kind in zip(data.origins.tolist(), data.labels.tolist(), data.kinds, strict=True):
        has.setdefault(origin, Counter())[label, kind or ""] += 1
    names = sorted(sorted(has), key=lambda origin: (has[origin].most_common(1)[0][0], rng.random()))
    half = {origin: i % 2 for i, origin in enumerate(names)}
    return np.array([half[origin] for origin in data.origins.tolist()])


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


def measure(builds: Builds, pairs: Sequence[Sequence[str]], powers: Sequence[float]) -> None:
    """Prints the table. pairs: files of two models that have no origin in common."""
    packaged = ["packaged"]
    plain = {model: builds.weighed(model, 1, 0) for model in sum(pairs, packaged)}
    print(f"{'copies':>6} {'power':>5} {'weighs':9}{'source':10}{'own':>6} {'other':>6}", end=" ")
    print(f"{'least..most':>14} {'least kind':>18} {'left':>5} {'Gini':>5} {'mix error':>9}")
    for copies in COPIES:
        for power in powers:
            for weighs, groups in (("packaged", [packaged]), ("halves", pairs)):
                corpora = [[builds.weighed(model, copies, power) for model in group] for group in groups]
                for source in [*builds.scored, "all"]:
                    print(f"{copies:6} {power:5.1f} {weighs:9}{source:10}", end="")
                    print(row([[plain[m] for m in group] for group in groups], corpora, source))


def row(plain: Sequence[Sequence[Corpus]], corpora: Sequence[Sequence[Corpus]], source: str) -> str:
    """What the table says of a source, or of all. plain: of each pair the uniform corpora of its models;
    corpora: those that they weigh."""
    gains = [gain(*pair, source) for pair in zip(plain, corpora, strict=True)]
    own = np.mean([np.diag(one) for one in gains])
    others = [np.mean(np.diag(one[::-1])) for one in gains if len(one) == 2]
    said = f"{min(others):+.3f}..{max(others):+.3f}" if others else ""
    every = [corpus for group in corpora for corpus in group]
    left, kind = min(corpus.left(source) for corpus in every) if source != "all" else (np.nan, "")
    spread = max(gini(one.copies[one.of(source) & one.living]) for one in every)
    error = f"{max(one.error() for one in every):9.6f}" if source == "all" else ""
    mean = f"{np.mean(others):+6.3f}" if others else ""
    kept = f"{left:5.2f}" if kind else ""
    return f"{own:+6.3f} {mean:>6} {said:>14} {kind:>18} {kept:>5} {spread:5.2f} {error}"


def gain(plain: Sequence[Corpus], corpora: Sequence[Corpus], source: str) -> np.ndarray:
    """(k, k): by how much what model i weighs exceeds plain drawing in the eyes of model j."""
    here = corpora[0].of(source)
    return np.array(
        [
            [corpus.mean(eyes.quantile, here) - eyes.mean(eyes.quantile, here) for eyes in plain]
            for corpus in corpora
        ]
    )


if __name__ == "__main__":
    main()
