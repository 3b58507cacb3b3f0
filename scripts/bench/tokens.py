"""MB/s per core of exact token counts, and that all agree: python scripts/bench/tokens.py [--path PARQUET]

Compares our kernel, kitoken and `tokenizers` (extra `test`) on each text of ../shared/corpus/bench, or of the
files named. CPU seconds of one thread; the table of the kernel is empty at the first file and warm after it.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # read when it is imported

import kitoken
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tokenizers

from curate import tokenizer
from curate.documents import Batch

BENCH = Path(__file__).parents[2] / "../shared/corpus/bench"
Counting = Callable[[np.ndarray, np.ndarray], np.ndarray]


def one_by_one(length: Callable[[str], int]) -> Counting:
    """Counts by a library that takes strings."""

    def count(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        return np.array([length(text) for text in Batch("", "", data, offsets).texts().to_pylist()])

    return count


def libraries(file: Path) -> dict[str, Counting]:
    """kitoken and `tokenizers`."""
    ours, theirs = kitoken.Kitoken.from_tokenizers_file(str(file)), tokenizers.Tokenizer.from_file(str(file))
    return {
        "kitoken": one_by_one(lambda text: len(ours.encode(text, True))),
        "tokenizers": one_by_one(lambda text: len(theirs.encode(text, add_special_tokens=False).ids)),
    }


def timed(count: Counting, batch: Batch) -> tuple[np.ndarray, float]:
    """(counts, CPU seconds)."""
    began = time.process_time()
    counts = count(batch.data, batch.offsets)
    return counts, time.process_time() - began


def compare(counters: dict[str, Counting], paths: list[Path]) -> None:
    """Prints a row per file. AssertionError where two counters differ."""
    texts = size = tokens = 0
    spent = dict.fromkeys(counters, 0.0)
    print(f"{'MB/s per core':28} {'MB':>8} " + " ".join(f"{name:>12}" for name in counters))
    for path in paths:
        column = pq.read_table(path, columns=["text"])["text"].drop_null().cast(pa.large_string())
        batch = Batch.of(column.combine_chunks())
        found = {name: timed(count, batch) for name, count in counters.items()}
        first = found["kernel"][0]
        for name, (counts, seconds) in found.items():
            assert np.array_equal(counts, first), f"{name} differs in {path}"
            spent[name] += seconds
        rates = " ".join(f"{batch.nbytes / 1e6 / seconds:12.1f}" for _, seconds in found.values())
        print(f"{path.stem:28} {batch.nbytes / 1e6:8.1f} {rates}", flush=True)
        texts, size, tokens = texts + len(batch), size + batch.nbytes, tokens + int(first.sum())
    rates = " ".join(f"{size / 1e6 / seconds:12.1f}" for seconds in spent.values())
    print(f"{'all':28} {size / 1e6:8.1f} {rates}")
    print(f"equal counts of {texts:,} texts, {tokens:,} tokens")


def main() -> None:
    """Loads, compares, and says what loading took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", nargs="*", type=Path, default=sorted(BENCH.glob("*/*.parquet")))
    parser.add_argument("--file", type=Path, help="tokenizer.json; by default the packaged one")
    parser.add_argument("--only-kernel", action="store_true", help="compare with nobody")
    options = parser.parse_args()
    file, before = options.file or tokenizer.packaged_file(), resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    kernel = tokenizer.load(file)
    kernel.count(np.frombuffer(b"a text", np.uint8), np.array([0, 6]))
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert kernel.info.kernel, f"{file} is not of a family that the kernel knows"
    print(f"{kernel.info.family}: loaded, and compiled or read, in {time.perf_counter() - began:.1f} s")
    print(f"memory at most {(after.ru_maxrss - before.ru_maxrss) / 1e3:.0f} MB more than before")
    counters: dict[str, Counting] = {"kernel": kernel.count}
    if not options.only_kernel:
        counters |= libraries(file)
    compare(counters, options.path)


if __name__ == "__main__":
    main()
