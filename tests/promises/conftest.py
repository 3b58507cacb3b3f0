"""A build of the packaged sample that many promises are read from, made once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from curate import build as building
from curate.config import from_dict
from curate.ledger import Run
from curate.progress import Reporter

Json = dict[str, Any]

SAMPLE = Path(str(files("curate") / "data" / "sample"))
TEXT = {"code": "content"}
ID = {"code": "path"}


def sample_config(base: Path = SAMPLE, **changes: Any) -> dict[str, Any]:
    """The sample's four sources with their shares, and the changes asked for."""
    sources = {
        name: {
            "read": {
                "paths": [f"{base}/{name}/*.parquet"],
                "text": TEXT.get(name, "text"),
                "id": ID.get(name),
            }
        }
        for name in ("web", "code", "academic", "synthetic")
    }
    mix = {
        "web": {"share": 0.55, "range": [0.50, 0.60]},
        "code": {"share": 0.18, "range": [0.15, 0.20], "max_epochs": 2},
        "academic": {"share": 0.13, "range": [0.10, 0.15], "max_epochs": 3},
        "synthetic": {"share": 0.14, "range": [0.10, 0.15], "max_epochs": 2},
    }
    config = {"tokens": 400_000, "sources": sources, "mix": mix, "output": {"shard_tokens": 100_000}}
    return {**config, **changes}


def build(config: dict[str, Any], run: Path, workers: int = 2) -> dict[str, Any]:
    """Builds quietly; the report."""
    return building.build(
        from_dict(config, SAMPLE), run, workers, reporter=Reporter(run / "log.jsonl", quiet=True)
    )


def digest(run: Path) -> dict[str, str]:
    """sha256 of every published Parquet file."""
    found = sorted(p for kind in ("corpus", "ledger", "signals") for p in (run / kind).glob("*.parquet"))
    return {str(p.relative_to(run)): sha256(p.read_bytes()).hexdigest() for p in found}


class InProcess:
    """An engine without processes: what matters here is what is reused."""

    name = "local"

    def __init__(self, *_: object):
        pass

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(
        self, function: Callable[[Json], Json], tasks: list[Json], on_progress: object
    ) -> Iterator[tuple[int, Json]]:
        for index, task in enumerate(tasks):
            yield index, json.loads(json.dumps(function(json.loads(json.dumps(task)))))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds run in this process and wait for no disk: where workers and power cuts are not the matter, ten
    times as fast."""
    monkeypatch.setattr(building, "LocalEngine", InProcess)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample, built with every default."""
    path = tmp_path_factory.mktemp("runs") / "sample"
    build(sample_config(), path)
    return Run(path)


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A config over files of the test's own: small(web=[...paths])."""

    def make(**paths: Any) -> dict[str, Any]:
        share = 1 / len(paths)
        sources = {name: {"kind": "web", "read": read} for name, read in paths.items()}
        mix = {name: {"share": share} for name in paths}
        return {"sources": sources, "mix": mix, "output": {"shard_tokens": 20_000}}

    return make
