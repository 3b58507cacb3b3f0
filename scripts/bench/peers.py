"""The same stages of a peer on the same documents in the same run: CPU seconds, and the ratio.

    python scripts/bench/peers.py [--peer datatrove] [--mb 4] [--config configs/bench.yaml]

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
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.models import fasttext, ngram

sys.path.insert(0, str(Path(__file__).parent))
import pipeline

ROOT = Path(__file__).resolve().parents[2]
SLICE_MB = 4.0
REQUIRED = {"datatrove": ["datatrove[processing]==0.10.1", "spacy", "kenlm-ex", "pyarrow", "orjson"]}


def main() -> int:
    """Prints both and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", choices=sorted(REQUIRED), default="datatrove")
    parser.add_argument("--mb", type=float, default=SLICE_MB, help="size of the slice in MB of text")
    parser.add_argument("--config", type=Path, default=ROOT / "configs/bench.yaml")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curate-peers-") as folder:
        whole = pipeline.build(args.config, Path(folder) / "whole", 1, args.sets)
        rates = {"whole": float(whole["mb_per_s_per_core"])}
        print(json.dumps(measure(args.peer, args.config, Path(folder), rates, args.mb), indent=1))
    return 0


def measure(
    peer: str, config: Path, folder: Path, rates: dict[str, float], mb: float = SLICE_MB
) -> dict[str, float]:
    """MB/s per core of the peer and of curate on a slice of the web source; rates: those of curate on the
    whole config, by name; and the ratios."""
    python = environment(peer)
    size = slice_of(config, folder / "slice", mb)
    ngram.write_arpa(ngram.load(ngram.packaged()), folder / "model.arpa")
    theirs = size / run_peer(peer, python, folder)
    own = folder / "slice.yaml"
    own.write_text("sources: {web: {read: {paths: ['slice/*.parquet']}}}\nmix: {web: {share: 1}}\n")
    slice_rate = size / pipeline.build(own, folder / "slice-run", 1, ["output.shard_tokens=100000"])["cpu"]
    out = {"slice_mb": size, "mb_per_s_per_core": theirs, "curate_on_slice": slice_rate}
    ratios = {f"ratio_{name}": rate / theirs for name, rate in {"on_slice": slice_rate, **rates}.items()}
    return {name: round(value, 3) for name, value in {**out, **ratios}.items()}


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
    script = Path(__file__).parent / f"{peer}_pipeline.py"
    command = [python, str(script), str(folder / "slice"), str(folder / peer)]
    command += [str(fasttext.packaged_languages()), str(folder / "model.arpa")]
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
