"""MB/s per core of stage `reasoning` on real text: python scripts/bench/reasoning.py [PARQUET ...]

Default: the first shard of each source of ../shared/corpus/bench but code. CPU seconds of one thread, best of
three: features alone, then score and discourse as the stage makes them; `read` is the share that is read,
since of a long document only pieces are.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.kernels import reasoning as kernel
from curate.models import reasoning as models

sys.path.insert(0, str(Path(__file__).parent))
from clock import seconds

BENCH = Path(__file__).parents[2] / "../shared/corpus/bench"


def rates(batch: Batch, model: models.Model) -> list[float]:
    """MB/s of text of features and of the whole, MB/s of what is read of it, the share that is read."""
    n = len(batch)
    pieces, owners = models.pieces(batch.offsets, np.ones(n, bool), models.WINDOWS, models.WINDOW)
    read = int((pieces[:, 1] - pieces[:, 0]).sum())
    alone = seconds(lambda: kernel.features(batch.data, pieces, owners, n, model.table))
    whole = seconds(lambda: models.judge(model, batch.data, batch.offsets))
    return [batch.nbytes / 1e6 / alone, batch.nbytes / 1e6 / whole, read / 1e6 / whole, read / batch.nbytes]


def main(files: list[str]) -> None:
    """Prints a row per file."""
    found = sorted(path for path in BENCH.glob("*/*-00000.parquet") if path.parent.name != "code")
    paths = [Path(file) for file in files] or found
    model = models.load(models.packaged())
    began = time.perf_counter()
    rates(Batch.of(["a text to compile the kernels with"]), model)
    print(f"kernels compiled or loaded in {time.perf_counter() - began:.1f} s")
    print(f"{'MB/s per core':28} {'features':>10} {'whole':>10} {'of read':>10} {'read':>10}")
    total, spent = 0, 0.0
    for path in paths:
        texts = pq.read_table(path, columns=["text"])["text"].drop_null().cast(pa.large_string())
        batch = Batch.of(texts.combine_chunks())
        features, whole, of_read, share = rates(batch, model)
        total, spent = total + batch.nbytes, spent + batch.nbytes / whole
        print(f"{path.stem:28} {features:10.0f} {whole:10.0f} {of_read:10.0f} {share:10.2f}")
    print(f"{'all':28} {'':10} {total / spent:10.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
