"""How cost grows: with workers, with input, with output shards.

    python scripts/bench/scaling.py [--config configs/bench.yaml]

Input: the first quarter of the rows of each shard, all, and all with three copies whose lines have their
words in another order, which no dedup takes for the same; near 4 and 16 is linear, under it the cost of
starting shows. Workers: on the largest, and on the input itself. Shards: the step `write` alone, with
`shard_tokens` and a tenth of it in turns, of documents up to 1,000 tokens: the median of the turns' ratios,
and the least of all turns; and how many bytes of text it decodes for each that is stored and that it writes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from curate import build
from curate.config import load
from curate.parts import Part, read_arrow
from curate.progress import Reporter
from curate.rundir import Result, RunDir

sys.path.insert(0, str(Path(__file__).parent))
import pipeline

Json = dict[str, Any]

COPIES = 3
"""Of the input, beside itself."""
SHARD_TOKENS = 5_000_000
TURNS = 10
"""Of writing, the first of which does not count."""


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
    out: Json = {}
    for n in ("4x", "16x"):
        two = pipeline.build(inputs[n], folder / f"run-two-{n}", 2, [])
        out[f"two_workers_speed_up_at_{n}_input"] = round(builds[n]["wall"] / two["wall"], 2)
        out[f"two_workers_cpu_at_{n}_input"] = round(two["cpu"] / builds[n]["cpu"], 2)
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
    """The step `write` with ten times as many shards over that with few, in this process."""
    run = folder / "run-shards"
    sets = [
        [f"output.shard_tokens={size}", "mix.tolerance={shard: 0.05}", *small()]
        for size in (SHARD_TOKENS, SHARD_TOKENS // 10)
    ]
    pipeline.build(config, run, 1, sets[0])
    few, many = (mixed_build(config, run, some) for some in sets)
    turns = [(written(few), written(many)) for _ in range(TURNS)][1:]
    out: Json = {}
    for what in ("wall", "cpu"):
        seconds = [[turn[at][what] for turn in turns] for at in (0, 1)]
        out[f"write_{what}_of_10x_shards"] = round(median(b / a for a, b in zip(*seconds, strict=True)), 2)
        out[f"write_least_{what}_of_10x_shards"] = round(min(seconds[1]) / min(seconds[0]), 2)
        out[f"write_least_{what}"] = [round(min(some), 3) for some in seconds]
    for name in ("shards", "decoded_per_byte_stored", "decoded_per_byte_written"):
        out[name] = [turns[0][at][name] for at in (0, 1)]
    return out


class Here:
    """An engine that runs tasks in this process: `write` has no others."""

    name = "here"

    def run(
        self, function: Callable[[Json], Json], tasks: Sequence[Json], _progress: Callable[[Json], None]
    ) -> Iterator[tuple[int, Json]]:
        """Results in order."""
        return ((number, function(task)) for number, task in enumerate(tasks))

    def close(self) -> None:
        """Nothing to end."""


def mixed_build(config: Path, run: Path, sets: list[str]) -> tuple[build.Build, list[Part], Result]:
    """A build that has come to its mix, the parts, and the mix."""
    directory = RunDir(run)
    plan = build.make_plan(load(config, sets), known=directory.read_facts().get("inputs"))
    state = build.Build(plan, directory, Here(), Reporter(directory.log, quiet=True))
    counts = build.run_annotate(state)
    parts = build.run_decide(state, build.count_parts(plan, [count["rows"] for count in counts]))
    return state, parts, build.run_mix(state, parts, build.run_dedup(state, parts))


def written(at_mix: tuple[build.Build, list[Part], Result]) -> Json:
    """Seconds of `write`, its shards, and bytes of text decoded for each stored and written."""
    state, parts, plan = at_mix
    shutil.rmtree(state.run.steps / "write", ignore_errors=True)
    os.sync()
    wall, cpu = time.perf_counter(), time.process_time()
    shards = build.run_write(state, parts, plan)
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    sums = [state.run.sums(result) for result in {result for result, _ in shards}]
    size = sum(shard["bytes"] for some in sums for shard in some["shards"].values())
    decoded = sum(some["decoded_bytes"] for some in sums)
    texts = [read_arrow(state.run.output(part.units["text"], "texts")) for part in parts]
    return {
        **spent,
        "shards": len(shards),
        "decoded_per_byte_stored": round(decoded / sum(table.nbytes for table in texts), 2),
        "decoded_per_byte_written": round(decoded / size, 2),
    }


def small() -> list[str]:
    """Settings that keep documents of up to 1,000 tokens or so."""
    kinds = ("web", "academic", "synthetic")
    return [f"sources.{kind}.stages.heuristics={{gopher: {{max_words: 700}}}}" for kind in kinds]


if __name__ == "__main__":
    raise SystemExit(main())
