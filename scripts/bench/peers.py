"""The same stages of peers on the same documents in the same run: CPU seconds of all processes, and ratios.

    python scripts/bench/peers.py [--peer NAME ...] [--mb MB] [--config configs/bench.yaml]

Each peer is installed with pip into an environment of its own under build/peers/ and does what its script
here says (datatrove_pipeline.py and so on) on a slice of the web source, as large as it does in a minute or
two. curate builds the same slice with the stages that do the same and no others (it counts tokens all the
same), and the whole config with all of them: both ratios are printed. Start-up is in all figures; writing
the slice, as Parquet and as JSON lines, is in none. A peer that cannot be installed or run says why.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from curate.models import fasttext, ngram

sys.path.insert(0, str(Path(__file__).parent))
import pipeline

ROOT = Path(__file__).resolve().parents[2]
START_MB = 0.1

Json = dict[str, Any]


class Peer(NamedTuple):
    """mb: of the slice. runs: its stages, in words. stages, dedup: the parts of our config that do the same.
    install: with pip; alone: before that and without what it declares to need."""

    mb: float
    runs: str
    stages: Json
    dedup: Json
    install: Sequence[str]
    alone: Sequence[str] = ()


NO_STAGES = dict.fromkeys(("cleaning", "language", "heuristics", "perplexity", "reasoning"))

PEERS = {
    "datatrove": Peer(
        mb=12,
        runs="language, Gopher + C4 + FineWeb rules, perplexity, MinHash",
        stages={"cleaning": None, "heuristics": {"preset": "fineweb"}, "reasoning": None},
        dedup={"exact": True, "minhash": {}},
        install=["datatrove[processing]==0.10.1", "spacy", "kenlm-ex", "pyarrow", "orjson"],
    ),
    "dolma": Peer(
        mb=40,
        runs="language, Gopher + C4 rules, exact dedup",
        stages={
            **NO_STAGES,
            "language": {},
            "heuristics": {"preset": "gopher", "c4": {"max_braces": 0, "max_lorem_ipsum": 0}},
        },
        dedup={"exact": True, "minhash": None},
        install=[
            "dolma==1.2.1",
            "boto3==1.28.17",
        ],  # the only one that its s3fs takes: pip would try them all
    ),
    "text-dedup": Peer(
        mb=150,
        runs="exact dedup, MinHash",
        stages=NO_STAGES,
        dedup={"exact": True, "minhash": {}},
        install=[
            *("datasets", "numpy", "scipy", "xxhash", "click", "click-option-group", "rich", "tqdm", "regex"),
            *("psutil", "ftfy", "bitarray", "zstandard", "setuptools"),
        ],
        alone=["text-dedup==0.4.0"],  # it declares Spark and TensorFlow too, for other methods
    ),
}


class Failed(Exception):
    """A peer that cannot be measured; the text says why in one line."""


def main() -> int:
    """Prints a table and the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", choices=PEERS, action="append", default=[], dest="peers")
    parser.add_argument("--mb", type=float, help="size of the slice in MB of text")
    parser.add_argument("--config", type=Path, default=ROOT / "configs/bench.yaml")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curate-peers-") as folder:
        whole = pipeline.build(args.config, Path(folder) / "whole", 1, args.sets)
        rates = {"whole": float(whole["mb_per_s_per_core"])}
        found = measure(args.peers or list(PEERS), args.config, Path(folder), rates, args.mb)
    print(json.dumps(found, indent=1))
    print_table(found)
    return 0


def measure(
    names: list[str], config: Path, folder: Path, rates: dict[str, float], mb: float | None = None
) -> Json:
    """What `measure_one` finds of each peer, or {failed: why}."""
    found: Json = {}
    for name in names:
        try:
            found[name] = measure_one(name, config, folder, rates, mb)
        except Failed as error:
            found[name] = {"runs": PEERS[name].runs, "failed": str(error)}
    return found


def measure_one(
    name: str, config: Path, folder: Path, rates: dict[str, float], mb: float | None = None
) -> Json:
    """MB/s per core of a peer and of curate on a slice of the web source, and the ratios; rates: those of
    curate on the whole config, by name. Without start: less the CPU time of both on next to nothing."""
    peer = PEERS[name]
    _, start, own_start = run_both(name, config, folder / f"start-{name}", START_MB)
    size, theirs, ours = run_both(name, config, folder / name, mb or peer.mb)
    rate = size / theirs["cpu"]
    all_rates = {"same_stages": size / ours["cpu"], **rates}
    without = (theirs["cpu"] - start["cpu"]) / (ours["cpu"] - own_start["cpu"])
    return {
        "package": theirs["package"],
        "runs": peer.runs,
        "slice_mb": round(size, 2),
        "cpu": theirs["cpu"],
        "cpu_start": start["cpu"],
        "kept": theirs["kept"],
        "curate_cpu": ours["cpu"],
        "curate_cpu_start": own_start["cpu"],
        "curate_kept": ours["kept"],
        "mb_per_s_per_core": round(rate, 3),
        **{f"curate_{of}": round(value, 3) for of, value in all_rates.items()},
        **{f"ratio_{of}": round(value / rate, 2) for of, value in all_rates.items()},
        "ratio_same_stages_without_start": round(without, 1),
    }


def run_both(name: str, config: Path, folder: Path, mb: float) -> tuple[float, Json, Json]:
    """MB of a slice, what the peer's script reports of it, and the measures of our build."""
    peer, given, own = PEERS[name], folder / "slice", folder / "own.yaml"
    python = environment(name)
    size = slice_of(config, given, mb)
    ngram.write_arpa(ngram.load(ngram.packaged()), folder / "model.arpa")
    theirs = run_peer(name, python, given, folder / "peer", folder / "model.arpa")
    source = {"read": {"paths": [f"{given}/*.parquet"]}, "stages": peer.stages}
    own.write_text(
        yaml.safe_dump({"sources": {"web": source}, "mix": {"web": {"share": 1}}, "dedup": peer.dedup})
    )
    return size, theirs, pipeline.build(own, folder / "run", 1, [])


def slice_of(config: Path, folder: Path, size: float) -> float:
    """The first documents of the first source, at most `size` MB of text, as one Parquet file and one of JSON
    lines; how many MB they are."""
    from curate import plan
    from curate.config import load

    inputs = [i for i in plan.make(load(config), hash_inputs=False).inputs if i.source == 0]
    paths = sorted({given.part.path for given in inputs})
    table = pa.concat_tables([pq.read_table(path, columns=["id", "text"]) for path in paths])
    table = table.filter(pc.is_valid(table["text"])).combine_chunks()
    sizes = pc.cumulative_sum(pc.binary_length(table["text"]).cast(pa.int64())).to_numpy()
    rows = int((sizes <= size * 1e6).sum())
    folder.mkdir(parents=True)
    pq.write_table(table.slice(0, rows), folder / "slice.parquet")
    with gzip.open(folder / "slice.jsonl.gz", "wt", encoding="utf-8", compresslevel=1) as file:
        for row in table.slice(0, rows).to_pylist():
            file.write(json.dumps({"source": "web", **row}) + "\n")
    return float(sizes[rows - 1] / 1e6)


def run_peer(name: str, python: str, given: Path, work: Path, perplexity: Path) -> Json:
    """What the peer's script reports (clock.py). Raises Failed."""
    script = Path(__file__).parent / f"{name.replace('-', '_')}_pipeline.py"
    command = [
        python,
        str(script),
        str(given),
        str(work),
        str(fasttext.packaged_languages()),
        str(perplexity),
    ]
    return json.loads(checked(command).splitlines()[-1])


def environment(name: str) -> str:
    """The Python of an environment with the peer, made when it is not there. Raises Failed."""
    home, peer = ROOT / "build/peers" / name, PEERS[name]
    python, ready = str(home / "bin/python"), home / "ready"
    wanted = json.dumps([peer.alone, peer.install])
    if not ready.exists() or ready.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        checked([sys.executable, "-m", "venv", str(home)])
        pip = [python, "-m", "pip", "install", "-q"]
        if peer.alone:
            checked([*pip, "--no-deps", *peer.alone])
        checked([*pip, *peer.install])
        ready.write_text(wanted)
    return python


def checked(command: list[str]) -> str:
    """What a command prints. Raises Failed with the last line of its errors."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise Failed(
            f"{Path(command[0]).name} {' '.join(command[1:4])} ended with {done.returncode}: {said[-1]}"
        )
    return done.stdout


def print_table(found: Json) -> None:
    """A row for each peer; in brackets: without start-up."""
    print(f"\n{'peer':<18} {'MB':>6} {'MB/s':>6} {'curate, same stages':>20} {'ratio':>14}   what it runs")
    for name, facts in found.items():
        if "failed" in facts:
            print(f"{name:<18} not measured: {facts['failed']}")
            continue
        ratio = f"{facts['ratio_same_stages']:.1f}x ({facts['ratio_same_stages_without_start']:.0f}x)"
        of_all = facts.keys() - {"ratio_same_stages", "ratio_same_stages_without_start"}
        whole = [f"{key[6:]} {facts[key]:.1f}x" for key in sorted(of_all) if key.startswith("ratio_")]
        print(
            f"{facts['package']:<18} {facts['slice_mb']:6.1f} {facts['mb_per_s_per_core']:6.2f} "
            f"{facts['curate_same_stages']:20.2f} {ratio:>14}   {facts['runs']}"
            f"; curate's whole pipeline: {', '.join(whole)}"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
