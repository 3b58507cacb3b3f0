"""How cost grows: with workers, with input, with output shards.

    python scripts/bench/scaling.py [--config configs/bench.yaml]

Input: the first 1/16 and 1/4 of the rows of each shard, and all; near 4 and 16 is linear, under it the cost
of starting shows. Shards: a rebuild with a tenth of `shard_tokens`, of documents up to 1,000 tokens, which
writes again and does nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import pipeline

Json = dict[str, Any]

PARTS = (16, 4, 1)
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
    builds = {n: pipeline.build(part_of(config, folder, n), folder / f"run-{n}", 1, []) for n in PARTS}
    two = pipeline.build(part_of(config, folder, 1), folder / "run-two", 2, [])
    least = builds[PARTS[0]]["cpu"]
    out: Json = {
        "two_workers_speed_up": round(builds[1]["wall"] / two["wall"], 2),
        "two_workers_cpu": round(two["cpu"] / builds[1]["cpu"], 2),
    }
    for n, found in builds.items():
        out[f"cpu_of_{PARTS[0] // n}x_input"] = round(found["cpu"] / least, 2)
        out[f"rss_mb_of_{PARTS[0] // n}x_input"] = found["rss_mb"]
    return {**out, **shards(config, folder)}


def part_of(config: Path, folder: Path, n: int) -> Path:
    """The config over the first 1/n of the rows of each of its shards."""
    whole = yaml.safe_load(config.read_text())
    for name, source in whole["sources"].items():
        target = folder / f"part-{n}" / name
        target.mkdir(parents=True, exist_ok=True)
        for pattern in source["read"]["paths"]:
            for path in sorted(config.parent.glob(pattern)):
                rows = pq.read_table(path)
                pq.write_table(rows.slice(0, -(-len(rows) // n)), target / path.name, row_group_size=2000)
        source["read"]["paths"] = [f"{target}/*.parquet"]
    made = folder / f"part-{n}.yaml"
    made.write_text(yaml.safe_dump(whole))
    return made


def shards(config: Path, folder: Path) -> Json:
    """Seconds of the step `write` with ten times as many shards over those with few."""
    given, run = part_of(config, folder, 1), folder / "run-shards"
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
