"""A build of a million made-up documents: does every one have a fate, and how much memory does it take?

    python scripts/bench/million.py                      a million of 300 to 900 bytes, a tenth of them empty
    python scripts/bench/million.py --documents 50_000
    python scripts/bench/million.py --empty              a million empty ones

Prints one line of JSON: documents, fates, seconds, and the peak resident bytes of the build's own process, of
its largest worker and of `verify`; the first and the last hold a few bytes of every document.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SHARD = 100_000
"""Documents of an input shard."""

COMMON = """
the a of and to in is it that for was on are with they be at one have this from by not but what all were when
we there can an your which their said if do will each about how up out them then many some so these water
energy river theorem market history measure result question answer reason system people music garden because
therefore since thus while although number proof light winter large small simple early follows
"""
WORDS = np.array(COMMON.split())


def documents(n: int, seed: int) -> list[str]:
    """Sentences of common words; no two alike, as a number says which it is."""
    random_ = np.random.default_rng(seed)
    out = []
    for i in range(n):
        if random_.random() < 0.1:
            out.append("")
            continue
        lengths = random_.integers(7, 16, random_.integers(8, 14))
        words = WORDS[random_.integers(0, len(WORDS), lengths.sum())].tolist()
        ends = np.cumsum(lengths).tolist()
        sentences = [" ".join(words[a:b]) for a, b in zip([0, *ends], ends, strict=False)]
        out.append(". ".join([f"Document {seed} {i} is about this", *sentences]) + ".")
    return out


def make(folder: Path, count: int, empty: bool) -> None:
    """Input shards."""
    for number, first in enumerate(range(0, count, SHARD)):
        n = min(SHARD, count - first)
        texts = [""] * n if empty else documents(n, number)
        if first == 0:  # or there would be nothing to mix
            texts[:500] = documents(500, 10**6)
        pq.write_table(pa.table({"text": texts}), folder / f"{number:03d}.parquet", compression="zstd")


def config(folder: Path, stages_off: list[str]) -> Path:
    """One source; rules that made-up texts would fail are off."""
    stages: dict[str, Any] = {**dict.fromkeys(stages_off), "heuristics": {"preset": None}}
    stages.setdefault("language", {"min_score": 0.0})
    sources = {"web": {"kind": "web", "read": {"paths": [f"{folder}/*.parquet"]}, "stages": stages}}
    path = folder / "million.yaml"
    path.write_text(json.dumps({"sources": sources, "mix": {"web": {"share": 1.0}}}))
    return path


def main() -> None:
    """Makes, builds, verifies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("-j", "--workers", type=int, default=2)
    parser.add_argument("--off", nargs="*", default=[], help="stages that are not to run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.documents, options.empty)
        began = time.monotonic()
        words = [
            "build",
            str(config(folder, options.off)),
            "-o",
            str(folder / "run"),
            "-j",
            str(options.workers),
        ]
        code = (
            "import json, resource, sys; from curate import cli\n"
            "try: cli.main()\n"
            "finally:\n"
            "    of = lambda who: resource.getrusage(who).ru_maxrss * 1024\n"
            "    own, largest = of(resource.RUSAGE_SELF), of(resource.RUSAGE_CHILDREN)\n"
            "    print(json.dumps({'peak_bytes': own, 'worker_peak_bytes': largest}), file=sys.stderr)\n"
        )
        built = subprocess.run([sys.executable, "-c", code, *words, "-q"], capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        seconds = time.monotonic() - began
        report = json.loads((folder / "run" / "report.json").read_text())
        assert sum(report["fates"].values()) == report["input_documents"] == options.documents, report[
            "fates"
        ]
        verified = subprocess.run(
            [sys.executable, "-c", code, "verify", str(folder / "run")], capture_output=True, text=True
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
        said = json.loads(built.stderr.strip().splitlines()[-1])
        verify_peak = json.loads(verified.stderr.strip().splitlines()[-1])["peak_bytes"]
    facts = {"documents": options.documents, "fates": report["fates"], "seconds": round(seconds, 1)}
    print(json.dumps({**facts, **said, "verify_peak_bytes": verify_peak}))


if __name__ == "__main__":
    main()
