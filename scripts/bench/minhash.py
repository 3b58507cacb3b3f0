"""MB/s per core of the MinHash kernels on real text: python scripts/bench/minhash.py [PARQUET ...]

Default: the first shard of each source of ../shared/corpus/bench. CPU seconds of one thread, best of three.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.kernels import minhash, words

sys.path.insert(0, str(Path(__file__).parent))
from clock import seconds

BENCH = Path(__file__).parents[2] / "../shared/corpus/bench"


def rates(batch: Batch) -> dict[str, float]:
    """MB/s of text by kernel."""
    signatures = minhash.signatures(batch.data, batch.offsets)
    kernels = {
        "words": lambda: words.word_hashes(batch.data, batch.offsets),
        "signatures": lambda: minhash.signatures(batch.data, batch.offsets),
        "bands": lambda: minhash.band_hashes(signatures),
        "sets": lambda: minhash.shingle_sets(batch.data, batch.offsets),
    }
    return {name: batch.nbytes / 1e6 / seconds(work) for name, work in kernels.items()}


def main(files: list[str]) -> None:
    """Prints a row per file."""
    paths = [Path(file) for file in files] or sorted(BENCH.glob("*/*-00000.parquet"))
    began = time.perf_counter()
    rates(Batch.of(["a text to compile the kernels with"]))
    print(f"kernels compiled or loaded in {time.perf_counter() - began:.1f} s")
    print(f"{'MB/s per core':28} {'words':>10} {'signatures':>10} {'bands':>10} {'sets':>10}")
    for path in paths:
        texts = pq.read_table(path, columns=["text"])["text"].drop_null().cast(pa.large_string())
        found = rates(Batch.of(texts.combine_chunks()))
        print(f"{path.stem:28} " + " ".join(f"{rate:10.0f}" for rate in found.values()))


if __name__ == "__main__":
    main(sys.argv[1:])
