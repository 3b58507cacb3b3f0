"""Whatever happens to inputs, config and builds, in any order: what is reused equals a fresh build."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from curate import build as building
from curate import rundir
from curate.config import from_dict
from curate.errors import CurateError
from curate.progress import Reporter
from curate.report.verify import verify
from curate.rundir import RunDir

from .conftest import SAMPLE, digest

Json = dict[str, Any]

OFF = ("language", "structure", "perplexity", "reasoning")
"""Stages that are not needed for what is promised here."""

POINTS = ("output-begun", "outputs-written", "manifest-written", "committed", "report-removed", "linked")


class Killed(BaseException):
    """The process is gone at this point."""


def sample_texts() -> list[str]:
    texts = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])["text"].to_pylist()
    return [text for text in texts if text and 300 < len(text) < 1_500][:40]


class Cache(RuleBasedStateMachine):
    """One run directory, that lives through everything; a fresh one for each comparison."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.inputs, self.run = self.folder / "in", self.folder / "run"
        self.inputs.mkdir()
        self.texts = sample_texts()
        self.stages: Json = {**dict.fromkeys(OFF), "heuristics": {}}
        self.shard_tokens, self.made = 2_000, 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize()
    def two_shards(self) -> None:
        self.add_shard(0, 20)
        self.add_shard(15, 20)

    @rule(first=st.integers(0, 39), n=st.integers(0, 12))
    def add_shard(self, first: int, n: int) -> None:
        self.made += 1
        pq.write_table(
            pa.table({"text": self.texts[first : first + n]}), self.inputs / f"{self.made:03d}.parquet"
        )

    @rule(which=st.integers(0, 99), name=st.sampled_from(["a", "m", "z"]))
    def rename_shard(self, which: int, name: str) -> None:
        self.made += 1
        shards = sorted(self.inputs.iterdir())
        shards[which % len(shards)].rename(self.inputs / f"{name}{self.made}.parquet")

    @rule(which=st.integers(0, 99), first=st.integers(0, 39))
    def rewrite_shard(self, which: int, first: int) -> None:
        shards = sorted(self.inputs.iterdir())
        pq.write_table(pa.table({"text": self.texts[first : first + 6]}), shards[which % len(shards)])

    @rule()
    def touch_all(self) -> None:
        for path in self.inputs.iterdir():
            path.touch()

    @rule(words=st.sampled_from([5, 100, 150]))
    def change_threshold(self, words: int) -> None:
        self.stages["heuristics"] = {**self.stages["heuristics"], "min_words": words}
        self.build(self.run)

    @rule(words=st.sampled_from([1, 90, 120]))
    def change_gate(self, words: int) -> None:
        self.stages["heuristics"] = {**self.stages["heuristics"], "gate_min_words": words}
        self.build(self.run)

    @rule(tokens=st.sampled_from([1_000, 2_000, 5_000]))
    def change_shards(self, tokens: int) -> None:
        self.shard_tokens = tokens

    @rule(point=st.sampled_from(POINTS), passes=st.integers(1, 30))
    def kill(self, point: str, passes: int) -> None:
        """What is on the disk at that moment is what the next build finds."""
        left, snapshot = passes, self.folder / "snapshot"

        def fault(here: str, step: str = "") -> None:
            nonlocal left
            left -= here == point
            if here == point and left == 0:
                shutil.copytree(self.run, snapshot)
                raise Killed

        before, rundir.fault = rundir.fault, fault
        try:
            self.build(self.run)
        except Killed:
            shutil.rmtree(self.run)
            snapshot.rename(self.run)
        finally:
            rundir.fault = before

    @rule()
    def rebuild(self) -> None:
        fresh = self.folder / "fresh"
        outcomes = [self.build(path) for path in (self.run, fresh)]
        assert outcomes[0] == outcomes[1]
        shutil.rmtree(fresh)

    def build(self, run: Path) -> dict[str, str] | str:
        """Digests of what it published, or why it did not; whatever broke would be an error by itself."""
        read = {"paths": [f"{self.inputs}/*.parquet"]}
        sources = {"web": {"kind": "web", "read": read, "stages": self.stages}}
        output = {"shard_tokens": self.shard_tokens}
        mix = {"web": {"share": 1}, "tolerance": {"corpus": 1, "shard": 1}}
        config = from_dict({"sources": sources, "mix": mix, "output": output}, self.folder)
        reporter = Reporter(run / "log.jsonl", quiet=True)
        try:
            building.build(config, run, 1, reporter=reporter)
        except CurateError as error:
            return str(error)
        finally:
            reporter.close()
        assert all(promise.holds for promise in verify(RunDir(run)))
        return digest(run)


@pytest.mark.usefixtures("in_process")
def test_what_is_reused_equals_what_a_fresh_build_makes() -> None:
    limits = settings(
        max_examples=int(os.environ.get("CURATE_EXAMPLES", "6")),
        stateful_step_count=8,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Cache, settings=limits)
