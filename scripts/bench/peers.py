"""The same stages of a peer on the same documents in the same run: CPU seconds, and the ratio.

    python scripts/bench/peers.py [--peer datatrove] [--mb 2] [--config configs/bench.yaml]

The peer is installed with pip into an environment of its own under build/peers/. It runs on a slice of the
web source, for it needs a CPU minute for 8 MB; curate runs on that slice and on the whole config, which it
is made for, and both ratios are printed. Start-up is in all figures.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
import pipeline

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = {"datatrove": ["datatrove[processing]==0.10.1", "spacy", "kenlm-ex", "pyarrow", "orjson"]}


def main() -> int:
    """Prints both and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", choices=sorted(REQUIRED), default="datatrove")
    parser.add_argument("--mb", type=float, default=2.0, help="size of the slice in MB of text")
    parser.add_argument("--config", type=Path, default=ROOT / "configs/bench.yaml")
    parser.add_argument("--python", help="an environment where the peer is installed already")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    args = parser.parse_args()
    python = args.python or environment(args.peer)
    with tempfile.TemporaryDirectory(prefix="curate-peers-") as folder:
        print(json.dumps(measure(args, python, Path(folder)), indent=1))
    return 0


def measure(args: argparse.Namespace, python: str, folder: Path) -> dict[str, object]:
    """MB/s per core of the peer and of curate on the slice, of curate on the whole config, and ratios."""
    size = slice_of(args.config, folder / "slice", args.mb)
    theirs = run_peer(args.peer, python, folder)
    config = folder / "slice.yaml"
    config.write_text("sources: {web: {read: {paths: ['slice/*.parquet']}}}\nmix: {web: {share: 1}}\n")
    ours = pipeline.build(config, folder / "run", 1, [])
    whole = pipeline.build(args.config, folder / "whole", 1, args.sets)
    peer_rate, slice_rate = size / theirs, size / float(str(ours["cpu"]))
    rate = float(str(whole["mb_per_s_per_core"]))
    return {
        "peer": args.peer,
        "slice_mb": round(size, 2),
        "peer_mb_per_s_per_core": round(peer_rate, 3),
        "curate_slice_mb_per_s_per_core": round(slice_rate, 3),
        "curate_mb_per_s_per_core": rate,
        "ratio_on_slice": round(slice_rate / peer_rate, 1),
        "ratio": round(rate / peer_rate, 1),
    }


def slice_of(config: Path, folder: Path, size: float) -> float:
    """The first documents of the web source, about `size` MB of text; how many MB they are."""
    from curate import plan
    from curate.config import load

    inputs = [i for i in plan.make(load(config), hash_inputs=False).inputs if i.source == 0]
    table = pq.read_table(inputs[0].part.path, columns=["id", "text"])
    sizes = pc.cumulative_sum(pc.binary_length(table["text"]).cast(pa.int64())).to_numpy()
    rows = int((sizes <= size * 1e6).sum())
    folder.mkdir()
    pq.write_table(table.slice(0, rows), folder / "slice.parquet")
    return float(sizes[rows - 1] / 1e6)


def run_peer(peer: str, python: str, folder: Path) -> float:
    """CPU seconds of the peer."""
    models = files("curate") / "data" / "models"
    script = Path(__file__).parent / f"{peer}_pipeline.py"
    command = [python, str(script), str(folder / "slice"), str(folder / peer)]
    command += [str(models / "lid.176.ftz"), str(models / "perplexity-en.bin")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["cpu"])


def environment(peer: str) -> str:
    """The Python of an environment with the peer, made when it is not there."""
    home = ROOT / "build/peers" / peer
    python = home / "bin/python"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *REQUIRED[peer]], check=True)
        (home / "ready").touch()
    return str(python)


if __name__ == "__main__":
    raise SystemExit(main())
