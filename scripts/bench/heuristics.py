"""MB/s per core of the heuristics and structure stages: python scripts/bench/heuristics.py [PARQUET ...]

Default: the first shard of each source of ../shared/corpus/bench. CPU seconds of one thread, best of three.
`statistics` is the part of `measure` without repetition; the stages add the columns that rules read.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.kernels import repetition, text
from curate.stages import heuristics, structure

sys.path.insert(0, str(Path(__file__).parent))
from clock import seconds

BENCH = Path(__file__).parents[2] / "../shared/corpus/bench"


def times(batch: Batch) -> dict[str, float]:
    """CPU seconds by kernel and stage."""
    data, offsets = batch.data, batch.offsets
    return {
        "statistics": seconds(lambda: text.statistics(data, offsets)),
        "measure": seconds(lambda: repetition.measure(data, offsets)),
        "heuristics": seconds(lambda: heuristics.annotate(batch, heuristics.Config(), None)),
        "structure": seconds(lambda: structure.annotate(batch, structure.Config(), None)),
    }


def main(files: list[str]) -> None:
    """Prints a row per file, and one for all."""
    paths = [Path(file) for file in files] or sorted(BENCH.glob("*/*-00000.parquet"))
    began = time.perf_counter()
    times(Batch.of(["a text to compile the kernels with"]))
    print(f"kernels compiled or loaded in {time.perf_counter() - began:.1f} s")
    columns = ("statistics", "measure", "heuristics", "structure", "both")
    print(f"{'MB/s per core':28}" + "".join(f"{name:>12}" for name in columns))
    total: dict[str, float] = {}
    n_bytes = 0
    for path in paths:
        texts = pq.read_table(path, columns=["text"])["text"].drop_null().cast(pa.large_string())
        batch = Batch.of(texts.combine_chunks())
        found = times(batch)
        total = {name: total.get(name, 0) + spent for name, spent in found.items()}
        n_bytes += batch.nbytes
        print_rates(path.stem, batch.nbytes, found)
    print_rates("all", n_bytes, total)


def print_rates(name: str, n_bytes: int, spent: dict[str, float]) -> None:
    """One row of the table."""
    both = spent["heuristics"] + spent["structure"]
    print(f"{name:28}" + "".join(f"{n_bytes / 1e6 / s:12.0f}" for s in [*spent.values(), both]))


if __name__ == "__main__":
    main(sys.argv[1:])
