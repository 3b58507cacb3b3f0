"""How cost grows: with workers, with input, with output shards.

    python scripts/bench/scaling.py [--config configs/bench.yaml]

Input: the first quarter of the rows of each shard, all, and all with three copies whose lines have their
words in another order, which no dedup takes for the same; near 4 and 16 is linear, under it the cost of
starting shows. Workers: on the largest. Shards: a rebuild with a tenth of `shard_tokens`, of documents up
to 1,000 tokens, which writes again and does nothing else.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import pipeline

Json = dict[str, Any]

COPIES = 3
"""Of the input, beside itself."""
SHARD_TOKENS = 5_000_000


def main() -> int:
    """Prints what `measure` finds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=pipeline.ROOT / "configs/bench.yaml")
    with tempfile.TemporaryDirectory(prefix="curate-scaling-") as folder:
        print(json.dumps(measure(parser.parse_args().config, Path(folder)), indent=1))
    return 0


def measure(config: Path, folder: Path) -> Json:
    """Times over the smallest, and peak memory of each."""
    inputs = {"1x": inputs_of(config, folder, 0.25), "4x": inputs_of(config, folder, 1)}
    inputs["16x"] = inputs_of(config, folder, 1 + COPIES)
    builds = {n: pipeline.build(given, folder / f"run-{n}", 1, []) for n, given in inputs.items()}
    two = pipeline.build(inputs["16x"], folder / "run-two", 2, [])
    out: Json = {
        "two_workers_speed_up": round(builds["16x"]["wall"] / two["wall"], 2),
        "two_workers_cpu": round(two["cpu"] / builds["16x"]["cpu"], 2),
    }
    for n, found in builds.items():
        out[f"cpu_of_{n}_input"] = round(found["cpu"] / builds["1x"]["cpu"], 2)
        out[f"rss_mb_of_{n}_input"] = found["rss_mb"]
    return {**out, **shards(config, folder)}


def inputs_of(config: Path, folder: Path, times: float) -> Path:
    """The config over `times` its input: the first rows of each shard, or all and copies."""
    whole = yaml.safe_load(config.read_text())
    for name, source in whole["sources"].items():
        target = folder / f"input-{times}" / name
        target.mkdir(parents=True, exist_ok=True)
        for pattern in source["read"]["paths"]:
            for path in sorted(config.parent.glob(pattern)):
                rows = pq.read_table(path, columns=["id", "text"])
                write(target / path.name, rows.slice(0, int(len(rows) * min(times, 1))))
                for copy in range(1, int(times)):
                    write(target / f"{copy}-{path.name}", mixed(rows, copy))
        source["read"]["paths"] = [f"{target}/*.parquet"]
    made = folder / f"input-{times}.yaml"
    made.write_text(yaml.safe_dump(whole))
    return made


def write(path: Path, rows: pa.Table) -> None:
    """One shard."""
    pq.write_table(rows, path, row_group_size=2000, compression="zstd")


def mixed(rows: pa.Table, seed: int) -> pa.Table:
    """The same documents with the words of each line in another order."""
    rng, texts = random.Random(seed), []
    for text in rows["text"].to_pylist():
        lines = [line.split(" ") for line in (text or "").split("\n")]
        texts.append("\n".join(" ".join(rng.sample(words, len(words))) for words in lines))
    ids = [f"{name}-{seed}" for name in rows["id"].to_pylist()]
    return pa.table({"id": ids, "text": pa.array(texts, pa.large_string())})


def shards(config: Path, folder: Path) -> Json:
    """Seconds of the step `write` with ten times as many shards over those with few."""
    given, run = inputs_of(config, folder, 1), folder / "run-shards"
    seconds = []
    for size in (SHARD_TOKENS, SHARD_TOKENS // 10):
        sets = [f"output.shard_tokens={size}", "mix.tolerance={shard: 0.05}", *small()]
        seconds.append(pipeline.build(given, run, 1, sets)["steps"]["write"])
    return {"write_of_10x_shards": round(seconds[1] / seconds[0], 2)}


def small() -> list[str]:
    """Settings that keep documents of up to 1,000 tokens or so."""
    kinds = ("web", "academic", "synthetic")
    return [f"sources.{kind}.stages.heuristics={{gopher: {{max_words: 700}}}}" for kind in kinds]


if __name__ == "__main__":
    raise SystemExit(main())
