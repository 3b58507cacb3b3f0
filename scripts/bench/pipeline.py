"""Builds a config and measures it: MB/s per core, CPU seconds of all processes, peak memory of any.

    python scripts/bench/pipeline.py [--config configs/bench.yaml] [--out RUN] [-j N] [--set a.b=c ...]
                                     [--budget TOKENS] [--start] [--limit] [--scaling] [--peer NAME ...]

--budget    another build with so many tokens
--start     start-up of the command; a smoke build that compiles every kernel, and one that need not
--limit     the libraries alone on the same bytes (limit.py), and the pipeline's CPU time over theirs
--scaling   one and two workers; 1, 4 and 16 times the input; ten times as many shards (scaling.py)
--peer      the same stages of a peer on a slice of the same files (peers.py): datatrove, dolma, text-dedup
--all       all of these

Prints tables, and writes bench.json: {cpu, rss_mb} of the build and its children, stages, steps, pipeline,
and what was asked for: budget, start, limit, scaling, peers; and the machine.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUDGET = 10_000_000

Json = dict[str, Any]


def main() -> int:
    """Measures what is asked for."""
    args = arguments()
    compileall.compile_dir(ROOT / "curate", quiet=2)  # as pip leaves them
    folder = Path(tempfile.mkdtemp(prefix="curate-bench-"))
    try:
        measured = measure(args, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    args.json.write_text(json.dumps(measured, indent=1) + "\n")
    print(f"{args.json} written")
    return 0


def arguments() -> argparse.Namespace:
    """From the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=ROOT / "configs/bench.yaml")
    parser.add_argument("--out", type=Path, help="run directory to keep; by default it is removed")
    parser.add_argument("-j", type=int, default=1, dest="workers")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    parser.add_argument("--budget", type=int, nargs="?", const=BUDGET)
    parser.add_argument("--peer", action="append", default=[], dest="peers")
    for name in ("start", "limit", "scaling", "all"):
        parser.add_argument(f"--{name}", action="store_true")
    args = parser.parse_args()
    if args.all:
        import peers

        args.start = args.limit = args.scaling = True
        args.budget, args.peers = args.budget or BUDGET, args.peers or list(peers.PEERS)
    return args


def measure(args: argparse.Namespace, folder: Path) -> Json:
    """bench.json; each part is printed as it is known."""
    run = args.out or folder / "run"
    found: Json = build(args.config, run, args.workers, args.sets)
    found["pipeline"] = {name: found[name] for name in PIPELINE}
    print_build(found)
    if args.budget:
        sets = [*args.sets, f"tokens={args.budget}"]
        found["budget"] = build(args.config, folder / "budget", args.workers, sets)
        print(f"tokens: {args.budget:,}: {line(found['budget'])}")
    if args.start:
        found["start"] = start(folder)
        print_facts("start, seconds", found["start"])
    if args.limit:
        import limit

        found["limit"] = limit.measure(args.config, run)
        found["limit"]["ratio"] = round(found["cpu"] / found["limit"]["total"], 2)
        print_facts("limit, CPU seconds of the libraries alone", found["limit"])
    if args.scaling:
        import scaling

        found["scaling"] = scaling.measure(args.config, folder)
        print_facts("scaling", found["scaling"])
    if args.peers:
        import peers

        rates = {"max": found["mb_per_s_per_core"]}
        rates |= {"budget": found["budget"]["mb_per_s_per_core"]} if args.budget else {}
        found["peers"] = peers.measure(args.peers, args.config, folder, rates)
        peers.print_table(found["peers"])
    return found


PIPELINE = ("cpu", "rss_mb", "wall", "workers", "mb_per_s_per_core", "documents_per_s", "input_mb", "tokens")


def build(config: Path, run: Path, workers: int, sets: list[str], **environment: str) -> Json:
    """CPU seconds and peak memory of the build and all its children, and what its report says."""
    command = [sys.executable, "-m", "curate", "build", str(config), "-o", str(run), "-j", str(workers), "-q"]
    for value in sets:
        command += ["--set", value]
    spent = run_measured(command, environment)
    report = json.loads((run / "report.json").read_text())
    return {
        **spent,
        "workers": workers,
        "mb_per_s_per_core": round(report["input_bytes"] / 1e6 / spent["cpu"], 3),
        "documents_per_s": round(report["input_documents"] / spent["wall"], 1),
        "input_mb": round(report["input_bytes"] / 1e6, 2),
        "kept": report["documents"],
        "tokens": report["tokens"],
        "stages": report["stages"],
        "steps": report["steps"],
        "machine": {"cores": os.cpu_count(), "cpu": cpu_name(), "python": platform.python_version()},
    }


def run_measured(command: list[str], environment: dict[str, str] | None = None) -> Json:
    """{cpu, rss_mb, wall} of a command and its children: seconds, and MB of the largest process."""
    script = (
        "import json, resource, subprocess, sys, time\n"
        "began = time.monotonic()\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "wall = time.monotonic() - began\n"
        "cpu = used.ru_utime + used.ru_stime\n"
        "print(json.dumps([done.returncode, cpu, used.ru_maxrss, wall, done.stderr]))\n"
    )  # in a process of its own: the peak of RUSAGE_CHILDREN is of all children since the start
    env = {**os.environ, **(environment or {})}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's modules are compiled once
    done = subprocess.run(
        [sys.executable, "-c", script, *command], stdout=subprocess.PIPE, env=env, check=True
    )
    code, cpu, rss, wall, said = json.loads(done.stdout)
    if code:
        raise SystemExit(f"{said}\n{' '.join(command)} ended with {code}")
    return {"cpu": round(cpu, 2), "rss_mb": round(rss / 1024, 1), "wall": round(wall, 2)}


def start(folder: Path) -> Json:
    """Wall seconds of `curate --help`, and of the smoke build with kernels to be compiled and compiled."""
    smoke, cache = ROOT / "configs/smoke.yaml", {"NUMBA_CACHE_DIR": str(folder / "kernels")}
    asked = [run_measured([sys.executable, "-m", "curate", "--help"])["wall"] for _ in range(5)]
    first = build(smoke, folder / "first", 2, [], **cache)["wall"]
    second = build(smoke, folder / "second", 2, [], **cache)["wall"]
    return {
        "help": min(asked),
        "smoke_first": first,
        "smoke_again": second,
        "compile": round(first - second, 2),
    }


def cpu_name() -> str:
    """As the system calls it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def line(measured: Json) -> str:
    """One build in one line."""
    return (
        f"{measured['mb_per_s_per_core']} MB/s per core: {measured['input_mb']} MB, {measured['cpu']} CPU s, "
        f"{measured['wall']} s wall, -j {measured['workers']}, peak RSS {measured['rss_mb']} MB"
    )


def print_build(measured: Json) -> None:
    """Stages and steps of a build, for a person."""
    for name, spent in measured["stages"].items():
        rate = spent["bytes"] / 1e6 / spent["seconds"] if spent["seconds"] else 0.0
        print(f"{name:<14} {spent['seconds']:8.2f} s CPU {rate:9.1f} MB/s of what it was given")
    for name, seconds in measured["steps"].items():
        print(f"{name:<14} {seconds:8.2f} s wall")
    print(line(measured), flush=True)


def print_facts(title: str, facts: Json) -> None:
    """A few figures, one a line."""
    print(f"\n{title}")
    for name, value in facts.items():
        print(f"  {name.replace('_', ' '):<44} {value}")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
