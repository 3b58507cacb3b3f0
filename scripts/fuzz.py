"""Builds a corpus of over 200 broken or hostile shards (see hostile.py): `make fuzz`.

Nothing may end in a traceback, nothing may hang, every document must be in the ledger, `curate verify` must
agree, and no process may hold more memory than PEAK_BYTES says.

    python scripts/fuzz.py --rounds 10 --seed 1
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
import hostile

PEAK_BYTES = 2_000_000_000
"""Resident memory of the largest process. Bombs of 1 GB are among the shards, and pages of 128 MB."""

MEASURED = """
import pathlib, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
pathlib.Path(sys.argv[1]).write_text(str(peak))
sys.exit(code)
"""
"""Runs a command, and writes down what its largest process held."""

FORMATS = ("parquet", "jsonl", "datasets", "text")
STAGES = ("language", "structure", "heuristics")


@dataclass(frozen=True)
class Outcome:
    """What a build of hostile shards left."""

    shards: int
    documents: int
    fates: dict[str, int]
    seconds: float
    peak_bytes: int


def config(folder: Path, stages_off: list[str]) -> Path:
    """One source for each format; short texts pass, or there would be nothing to mix."""
    names = {name: name for name in FORMATS}
    patterns = {name: f"{name}/*.*" for name in FORMATS} | {"text": "text/books"}
    stages = dict.fromkeys(stages_off)
    sources = {
        name: {
            "kind": "web",
            "read": {"format": name, "paths": [patterns[name]], "max_document_bytes": 1_000_000},
            "stages": stages,
        }
        for name in names
    }
    mix: dict[str, object] = {name: {"share": 0.25, "range": [0, 1]} for name in names}
    mix["tolerance"] = {"corpus": 0.05, "shard": 1}  # few documents, and nobody knows which survive
    path = folder / "config.yaml"
    path.write_text(json.dumps({"sources": sources, "mix": mix, "output": {"shard_tokens": 20_000}}))
    return path


def fuzz(folder: Path, seed: int, stages_off: list[str], workers: int = 2, limit: float = 600.0) -> Outcome:
    """Makes the shards of a seed, builds them, and checks. Raises AssertionError."""
    expected = hostile.make(folder, seed)
    run = folder / "run"
    began = time.monotonic()
    command = ["build", str(config(folder, stages_off)), "-o", str(run), "-j", str(workers), "-q"]
    built = _curate(*command, limit=limit, peak=folder / "peak")
    assert built.returncode == 0, f"exit {built.returncode}: {built.stderr[-3000:]}"
    seconds = time.monotonic() - began
    peak = int((folder / "peak").read_text())
    for said in (built.stdout, built.stderr, (run / "log.jsonl").read_text()):
        assert "Traceback" not in said, said[-3000:]
    _all_accounted(run, expected)
    verified = _curate("verify", str(run), limit=limit)
    assert verified.returncode == 0, verified.stdout
    assert peak < PEAK_BYTES, f"a process held {peak / 1e9:.2f} GB"
    report = json.loads((run / "report.json").read_text())
    return Outcome(len(expected), report["input_documents"], report["fates"], seconds, peak)


def _curate(*words: str, limit: float, peak: Path | None = None) -> subprocess.CompletedProcess[str]:
    measured = [sys.executable, "-c", MEASURED, str(peak)] if peak else []
    command = [*measured, sys.executable, "-m", "curate", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=limit, errors="replace")


def _all_accounted(run: Path, expected: dict[str, int | None]) -> None:
    found: Counter[str] = Counter()
    for file in (run / "ledger").glob("*.parquet"):
        for row in pq.read_table(file, columns=["shard", "fate", "reason"]).to_pylist():
            found[row["shard"]] += 1
            if row["fate"] == "quarantined":
                assert row["reason"], row
                assert not re.search(r"Traceback|\n", row["reason"]), row
    wrong = {
        shard: (found[shard], rows)
        for shard, rows in expected.items()
        if found[shard] != rows and (rows is not None or not found[shard])
    }
    assert not wrong, f"ledger rows, and how many there should be: {wrong}"
    assert not found.keys() - expected.keys(), found.keys() - expected.keys()


def main() -> None:
    """The long form: all stages, and another seed each round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-j", "--workers", type=int, default=2)
    parser.add_argument("--off", nargs="*", default=[], help="stages that are not to run")
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found = fuzz(Path(folder), seed, options.off, options.workers)
        print(f"seed {seed}: {found}", flush=True)


if __name__ == "__main__":
    main()
