"""Documents/s of grouping and resolving, on made-up documents.

python scripts/bench/groups.py [--documents N] [--bands B] [--template N]

First N documents, 30 % of them near-copies of earlier ones, each copy sharing a band with a chance of 0.6:
band by band, edges and groups. Then a group of `--template` dialogues that share a template and nothing
else, the worst case of resolving. CPU seconds of one thread, and the peak of memory, which includes making
the hashes.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator

import numpy as np

from curate.dedup import groups, minhash
from curate.dedup.exact import Preference
from curate.documents import Batch, hash_documents
from curate.kernels import minhash as kernels


class Clock:
    """CPU seconds since it was last asked."""

    def __init__(self) -> None:
        self._at = time.process_time()

    def lap(self) -> float:
        """Seconds."""
        before, self._at = self._at, time.process_time()
        return self._at - before


def band_hashes(count: int, bands: int, clock: Clock) -> Iterator[np.ndarray]:
    """A band at a time; the time to make it is not counted."""
    rng = np.random.default_rng(1)
    copy = np.flatnonzero(rng.random(count) < 0.3)[1:]
    original = (rng.random(len(copy)) ** 2 * copy).astype(np.int64)  # some are copied often
    for _ in range(bands):
        values = rng.integers(0, 2**64, count, np.uint64)
        shares = rng.random(len(copy)) < 0.6
        values[copy[shares]] = values[original[shares]]
        clock.lap()
        yield values


def bench_groups(count: int, bands: int) -> None:
    """Edges, union and members of `count` documents."""
    clock, documents, spent = Clock(), np.arange(count), {"edges": 0.0, "union": 0.0}
    pairs = 0

    def edges() -> Iterator[np.ndarray]:
        nonlocal pairs
        for values in band_hashes(count, bands, clock):
            found = groups.edges(values, documents)
            pairs += len(found)
            spent["edges"] += clock.lap()
            yield found
            spent["union"] += clock.lap()

    labels = groups.connect(count, edges())
    clock.lap()
    found, bounds = groups.members(labels)
    spent["members"] = clock.lap()
    total = sum(spent.values())
    times = ", ".join(f"{name} {seconds:.1f}" for name, seconds in spent.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} x {bands} bands: {pairs} edges, {len(found)} documents in {len(bounds) - 1} groups,")
    print(f"  {total:.1f} s ({times}), {count / total / 1e6:.2f} M documents/s, peak {peak:.0f} MB")


def bench_template(count: int) -> None:
    """One group of documents that are three quarters alike, none of them a duplicate."""
    rng = random.Random(2)
    vocabulary = [f"{a}{b}" for a in "bdfgklmnprst" for b in range(200)]
    template = " ".join(rng.choices(vocabulary, k=300))
    batch = Batch.of([f"{template} {' '.join(rng.choices(vocabulary, k=55))}" for _ in range(count)])
    signatures = kernels.signatures(batch.data, batch.offsets)
    bands = kernels.band_hashes(signatures)
    ones = np.ones(count, np.int64)
    preference = Preference(ones, batch.sizes, hash_documents(batch.data, batch.offsets), np.arange(count))

    def texts(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        some = batch.take(rows)
        return some.data, some.offsets

    minhash.resolve(ones[:9], bands[:9], signatures[:9], preference.take(np.arange(9)), texts)
    clock = Clock()
    found = minhash.resolve(ones, bands, signatures, preference, texts)
    seconds = clock.lap()
    print(f"{count} of one template: {(found.representative < 0).sum()} kept, {found.compared} compared,")
    print(f"  {found.left_out} left out, {seconds:.1f} s, {count / seconds:.0f} documents/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--bands", type=int, default=16)
    parser.add_argument("--template", type=int, default=10_000)
    given = parser.parse_args()
    bench_groups(given.documents, given.bands)
    bench_template(given.template)
