"""Kills builds of the sample until it believes that nothing is lost: `make chaos`.

The sample is shared/corpus/sample beside the repository where that is there, else the packaged one. Each
round is one run directory. A build is killed (SIGKILL) again and again, its parent or a worker, at a random
moment or at a named place of the commit, and the same command goes on. In the end the run must be, byte for
byte, what an undisturbed build leaves, without one stray file, and `curate verify` must agree.

    python scripts/chaos.py --kills 100 --seed 1                       every named place, and 30 more
    python scripts/chaos.py --kills 4 --config configs/smoke.yaml      a minute on two busy cores
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT.parent / "shared" / "corpus" / "sample"
SMOKE = ROOT / "configs" / "smoke.yaml"

STEPS = (
    *("documents", "text", "signatures", "histograms", "tokens", "language", "structure", "heuristics"),
    *("perplexity", "reasoning", "quantiles", "decide", "dedup", "mix", "write", "account"),
)
COMMIT = ("output-begun", "outputs-written", "manifest-written", "committed")
PUBLISH = ("report-removed", "linked:1", "linked:5")
POINTS = (*(f"{step}/{point}" for step in STEPS for point in COMMIT), *PUBLISH)
"""Every named place: what rundir.fault is called with."""

Json = dict[str, Any]


@dataclass
class Chaos:
    """What is built, and what an undisturbed build of it leaves."""

    config: Path
    folder: Path
    workers: int = 1
    whole: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def command(self, run: Path) -> list[str]:
        """`curate build`, as a user types it."""
        options = ["-o", str(run), "-j", str(self.workers), "-q"]
        return [sys.executable, "-m", "curate", "build", str(self.config), *options]

    def undisturbed(self) -> None:
        """Builds once, and remembers every published byte and how long the work took."""
        run = self.folder / "undisturbed"
        subprocess.run(self.command(run), check=True, capture_output=True)
        self.whole = digest(run)
        self.seconds = json.loads((run / "report.json").read_text())["seconds"]

    def start(self, run: Path, fault: str | None = None) -> subprocess.Popen[bytes]:
        """A build that goes on; fault: where it is to die by itself."""
        env = {**os.environ, "CURATE_FAULT": fault or ""}
        pipe = subprocess.PIPE
        return subprocess.Popen(self.command(run), env=env, stdout=pipe, stderr=pipe, start_new_session=True)


def sample_config(folder: Path) -> Path:
    """A config for the larger sample, where it is there; the smoke config elsewhere."""
    if not SAMPLE.is_dir():
        return SMOKE
    shares = {"web": 0.5, "code": 0.2, "academic": 0.2, "synthetic": 0.1}
    sources = {name: {"read": {"paths": [f"{SAMPLE}/{name}/*.parquet"]}} for name in shares}
    mix = {name: {"share": share, "range": [0.05, 0.7], "max_epochs": 2} for name, share in shares.items()}
    config = folder / "sample.yaml"
    output = {"shard_tokens": 200_000}
    config.write_text(json.dumps({"tokens": 1_000_000, "sources": sources, "mix": mix, "output": output}))
    return config


def digest(run: Path) -> dict[str, str]:
    """sha256 of every published file of data, and of what report.json says but for seconds."""
    files = sorted(p for kind in ("corpus", "ledger", "signals") for p in (run / kind).iterdir())
    found = {str(p.relative_to(run)): sha256(p.read_bytes()).hexdigest() for p in files}
    report = json.loads((run / "report.json").read_text())
    timed = ("seconds", "steps", "stages")
    plain = json.dumps({k: v for k, v in report.items() if k not in timed}, sort_keys=True)
    return {**found, "report.json": sha256(plain.encode()).hexdigest()}


def stray(run: Path) -> set[str]:
    """Files of a complete run that nobody names."""
    manifests = list((run / "steps").glob("*/*/*.json"))
    outputs = {
        str(m.parent / o["file"]) for m in manifests for o in json.loads(m.read_text())["outputs"].values()
    }
    known = {str(m) for m in manifests} | outputs
    known |= {str(run / name) for name in json.loads((run / "report.json").read_text())["files"]}
    plain = (
        "config.yaml",
        "run.json",
        "report.json",
        "report.html",
        "log.jsonl",
        ".lock",
        "corpus/README.md",
    )
    known |= {str(run / name) for name in plain}
    return {str(path) for path in run.rglob("*") if path.is_file()} - known


def children(process: int) -> list[int]:
    """Processes that `process` started."""
    try:
        return [int(p) for p in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def kill_at_random(chaos: Chaos, run: Path, random_: random.Random, whom: str) -> bool:
    """Starts a build and kills its parent or a worker at a random moment; whether it was alive by then."""
    build = chaos.start(run)
    log = run / "log.jsonl"
    before = log.stat().st_size if log.exists() else 0
    if whom == "worker" or random_.random() < 0.9:  # the others die while they still import
        while build.poll() is None and not (log.exists() and log.stat().st_size > before):
            time.sleep(0.005)
    time.sleep(random_.uniform(0, chaos.seconds))
    victims = children(build.pid) if whom == "worker" else [build.pid]
    alive = build.poll() is None and bool(victims)
    if alive:
        os.kill(random_.choice(victims), signal.SIGKILL)
    _, said = build.communicate()
    assert build.returncode == (-signal.SIGKILL if alive and whom == "parent" else 0), said.decode()
    return alive


def kill_at_place(chaos: Chaos, run: Path, point: str) -> bool:
    """Starts a build that dies at a named place, the parent or a worker (which is replaced, and may die there
    again); whether it came there."""
    deaths = _deaths(run)
    build = chaos.start(run, point)
    _, said = build.communicate()
    assert b"Traceback" not in said and build.returncode in (-signal.SIGKILL, 0, 1), said.decode()
    return build.returncode != 0 or _deaths(run) > deaths


def _deaths(run: Path) -> int:
    log = run / "log.jsonl"
    return log.read_text().count("was killed by signal 9") if log.exists() else 0


def assert_same(chaos: Chaos, run: Path) -> None:
    """The same command again ends in the same bytes, and nothing lies around."""
    done = subprocess.run(chaos.command(run), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = digest(run)
    different = {name for name in {*found, *chaos.whole} if found.get(name) != chaos.whole.get(name)}
    assert not different, f"{run}: differs from an undisturbed build in {sorted(different)}"
    assert not stray(run), f"{run}: nobody names {sorted(stray(run))}"
    command = [sys.executable, "-m", "curate", "verify", str(run)]
    check = subprocess.run(command, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout


def torment(chaos: Chaos, kills: int, seed: int, points: Sequence[str] = POINTS) -> Counter[str]:
    """Kills and compares until `kills` have hit, each named place once among them, as far as that suffices;
    how many hit a parent, a worker, a named place."""
    random_, hits, waiting = random.Random(seed), Counter[str](), list(points)
    random_.shuffle(waiting)
    while hits.total() < kills:
        run, happened = chaos.folder / "run", []
        while len(happened) < 4 and not (run / "report.json").exists():
            if waiting and random_.random() < 0.7:
                kill = waiting.pop()
                hits["place"] += (hit := kill_at_place(chaos, run, kill))
            else:
                kill = random_.choice(("parent", "parent", "worker"))
                hits[kill] += (hit := kill_at_random(chaos, run, random_, kill))
            happened.append(kill if hit else f"{kill} (too late)")
        if (run / "report.json").exists():  # also where the parent died right after its last step
            assert digest(run) == chaos.whole, f"a run with a report was not whole after {happened}"
        assert_same(chaos, run)
        print(f"{hits.total():3d} of {kills}  {', '.join(happened)}: the same bytes", flush=True)
        shutil.rmtree(run)
    return hits


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--config", type=Path, help="what is built; the sample if it is not named")
    parser.add_argument("-j", "--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(options.config or sample_config(Path(folder)), Path(folder), options.workers)
        chaos.undisturbed()
        hits = torment(chaos, options.kills, options.seed)
    said = ", ".join(f"{n} at a {whom}" for whom, n in sorted(hits.items()))
    print(f"{sum(hits.values())} kills hit ({said}); every build ended in the bytes of the undisturbed one")


if __name__ == "__main__":
    main()
