"""How fast the mixer plans, and in how much memory: `python scripts/bench/mix.py [documents] [shard tokens]`.

Made-up documents of four sources, lognormal from 20 to 50,000 tokens, of 14 kinds that weigh ever less, each
with a floor of half; one line per request.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from curate.mix import MixRequest, MixSource, plan

SHARES = {"web": (0.55, 0.50, 0.60), "code": (0.18, 0.15, 0.20), "academic": (0.13, 0.10, 0.15)}
KINDS = tuple(map(str, range(14)))
SOURCES = {**SHARES, "synthetic": (0.14, 0.10, 0.15)}


def request(epochs: tuple[float, ...], tokens: int | None, shard_tokens: int) -> MixRequest:
    """The mix of configs/r1.yaml."""
    rows = zip(SOURCES.items(), epochs, strict=True)
    sources = tuple(
        MixSource(name, *shares, max_epochs=e, floors={"default": 0.5}) for (name, shares), e in rows
    )
    return MixRequest(sources, tokens, shard_tokens=shard_tokens)


def documents(n: int) -> dict[str, np.ndarray]:
    """n rows as `plan` takes them."""
    rng = np.random.default_rng(3)
    source = rng.choice(4, n, p=[0.6, 0.15, 0.05, 0.2]).astype(np.int16)
    tokens = rng.lognormal(np.array([6.5, 6.5, 7.5, 5.5])[source], 1.1)
    high, low = rng.integers(0, 1 << 64, (2, n), dtype=np.uint64)
    kind = rng.integers(0, len(KINDS), n).astype(np.int16)
    return {
        "source": source,
        "tokens": np.clip(tokens, 20, 50_000).astype(np.int64),
        "hash_high": high,
        "hash_low": low,
        "weight": (rng.random(n) + 0.001) * 0.8**kind,
        "kind": kind,
        "tie": np.arange(n),
    }


def rss() -> int:
    """Peak resident bytes of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(n: int = 10_000_000, shard_tokens: int = 50_000_000) -> None:
    few = documents(4000)
    started = time.perf_counter()
    plan(request((1, 2, 3, 2), None, 200_000), **few, kinds=KINDS)
    print(f"{'compile or load kernels, 4,000 documents':48} {time.perf_counter() - started:6.2f} s")
    columns, before = documents(n), rss()
    half = int(columns["tokens"].sum()) // 2
    for name, epochs, tokens in (
        ("half the tokens", (1, 1, 1, 1), half),
        ("max, one epoch", (1, 1, 1, 1), None),
        ("max, up to 3 epochs", (1, 2, 3, 2), None),
        ("max, 4 epochs each", (4, 4, 4, 4), None),
    ):
        cpu = time.process_time()
        found = plan(request(epochs, tokens, shard_tokens), **columns, kinds=KINDS)
        cpu = time.process_time() - cpu
        copies, error = len(found.document), f"errors {found.corpus_error:.0e}, {found.shard_error:.0e}"
        print(
            f"{name:22} {n / cpu / 1e6:6.2f} M documents/s, {cpu:6.2f} CPU s, {copies:,} copies in "
            f"{found.n_shards:,} shards, {error}, at most {(rss() - before) / n:.0f} bytes a document"
        )


if __name__ == "__main__":
    main(*(int(float(argument)) for argument in sys.argv[1:]))
