"""Builds a config and measures it: MB/s per core, CPU seconds of all processes, peak memory of any.

    python scripts/bench/pipeline.py [--config configs/bench.yaml] [--out RUN] [-j N] [--set a.b=c ...]

Writes bench.json: {cpu, rss_mb, ...} of the build and its children.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Measures one build in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=ROOT / "configs/bench.yaml")
    parser.add_argument("--out", type=Path, help="run directory to keep; by default it is removed")
    parser.add_argument("-j", type=int, default=1, dest="workers")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="curate-bench-"))
    run = args.out or folder / "run"
    try:
        measured = build(args.config, run, args.workers, args.sets)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    args.json.write_text(json.dumps(measured, indent=1) + "\n")
    print_table(measured)
    return 0


def build(config: Path, run: Path, workers: int, sets: list[str]) -> dict[str, object]:
    """CPU seconds and peak memory of the build and all its children, and what its report says."""
    command = [sys.executable, "-m", "curate", "build", str(config), "-o", str(run), "-j", str(workers), "-q"]
    for value in sets:
        command += ["--set", value]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report = json.loads((run / "report.json").read_text())
    return {
        "cpu": round(cpu, 2),
        "rss_mb": round(after.ru_maxrss / 1024, 1),
        "wall": round(wall, 2),
        "workers": workers,
        "mb_per_s_per_core": round(report["input_bytes"] / 1e6 / cpu, 3),
        "documents_per_s": round(report["input_documents"] / wall, 1),
        "input_mb": round(report["input_bytes"] / 1e6, 2),
        "tokens": report["tokens"],
        "stages": report["stages"],
        "steps": report["steps"],
        "machine": {"cores": os.cpu_count(), "cpu": _cpu(), "python": platform.python_version()},
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def print_table(measured: dict[str, object]) -> None:
    """The figures, for a person."""
    stages = measured["stages"]
    assert isinstance(stages, dict)
    for name, spent in stages.items():
        rate = spent["bytes"] / 1e6 / spent["seconds"] if spent["seconds"] else 0.0
        print(f"{name:<12} {spent['seconds']:8.2f} s CPU {rate:9.1f} MB/s of what it was given")
    for name, seconds in measured["steps"].items():  # type: ignore[attr-defined]
        print(f"{name:<12} {seconds:8.2f} s wall")
    print(
        f"{measured['mb_per_s_per_core']} MB/s per core: {measured['input_mb']} MB, {measured['cpu']} CPU s, "
        f"{measured['wall']} s wall, -j {measured['workers']}, peak RSS {measured['rss_mb']} MB"
    )


if __name__ == "__main__":
    raise SystemExit(main())
