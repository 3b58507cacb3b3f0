"""kill -9 at named places of the build and of its workers: the same command again ends in the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import SAMPLE, digest

CONFIG = {
    "tokens": 60_000,
    "sources": {
        "web": {"read": {"paths": [f"{SAMPLE}/web/web-00000.parquet"]}},
        "synthetic": {"read": {"paths": [f"{SAMPLE}/synthetic/synthetic-00000.parquet"]}},
    },
    "mix": {"web": {"share": 0.6}, "synthetic": {"share": 0.4}},
    "output": {"shard_tokens": 20_000},
}
"""JSON is YAML: two shards, three output shards."""

POINTS = [
    *(f"outputs-written:{n}" for n in (1, 5, 9)),
    *(f"manifest-written:{n}" for n in (2, 7)),
    *(f"committed:{n}" for n in (1, 8)),
    "write/output-begun:2",  # between the shards of one task
    "report-removed",
    "linked:1",
    "linked:4",
]


def run(folder: Path, fault: str | None = None) -> int:
    """`curate build` as a user runs it; its exit code."""
    env = {**os.environ, **({"CURATE_FAULT": fault} if fault else {})}
    return subprocess.run(command(folder), env=env, capture_output=True).returncode


def command(folder: Path) -> list[str]:
    config = folder / "config.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps(CONFIG))
    return [sys.executable, "-m", "curate", "build", str(config), "-o", str(folder / "run"), "-j", "1", "-q"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder) == 0
    return digest(folder / "run")


@pytest.mark.parametrize("point", POINTS)
def test_after_a_kill_the_same_command_ends_in_the_same_bytes(
    tmp_path: Path, point: str, undisturbed: dict[str, str]
) -> None:
    if run(tmp_path, point) != 0:  # a worker that died once was replaced, and the build went on
        assert not (tmp_path / "run/report.json").exists()
        assert run(tmp_path) == 0
    assert digest(tmp_path / "run") == undisturbed
    named = {
        output["file"]
        for manifest in (tmp_path / "run/steps").rglob("*.json")
        for output in json.loads(manifest.read_text())["outputs"].values()
    }
    there = {
        path.name for path in (tmp_path / "run/steps").rglob("*") if path.is_file() and path.suffix != ".json"
    }
    assert there == named


def test_an_interrupt_ends_with_130_and_a_sentence_and_goes_on(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    build = subprocess.Popen(command(tmp_path), stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "run/steps").exists():
        time.sleep(0.02)
    build.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = build.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert build.returncode == 130 and "Traceback" not in said and "again" in said
    events = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert events[-1]["event"] == "stopped" and events[-1]["why"] == "Interrupted"
    assert run(tmp_path) == 0 and digest(tmp_path / "run") == undisturbed


def test_an_interrupt_does_not_wait_until_the_inputs_are_hashed(tmp_path: Path) -> None:
    with open(tmp_path / "huge.jsonl", "wb") as file:
        file.truncate(200 << 30)  # minutes to hash, and no byte on the disk
    read = {"format": "jsonl", "paths": [str(tmp_path / "huge.jsonl")]}
    config = {"sources": {"web": {"read": read}}, "mix": {"web": {"share": 1}}}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    line = [
        sys.executable,
        "-m",
        "curate",
        "build",
        str(tmp_path / "c.yaml"),
        "-o",
        str(tmp_path / "run"),
        "-q",
    ]
    build = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    lock = tmp_path / "run" / ".lock"
    while not (lock.exists() and lock.read_text()):
        time.sleep(0.02)
    build.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = build.communicate(timeout=60)
    assert time.monotonic() - began < 5
    assert build.returncode == 130 and "Traceback" not in said
