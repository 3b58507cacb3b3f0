"""Made-up documents for tests of the mixer: sizes as real corpora have them, hashes from a seed."""

from __future__ import annotations

import numpy as np

from curate.mix import MixRequest, MixSource

NAMES = ("web", "code", "academic", "synthetic")
SHARES = (0.55, 0.18, 0.13, 0.14)
RANGES = ((0.50, 0.60), (0.15, 0.20), (0.10, 0.15), (0.10, 0.15))

Columns = dict[str, np.ndarray]


def request(epochs: tuple[float, ...] = (1, 2, 3, 2), **settings: object) -> MixRequest:
    """The mix of configs/r1.yaml."""
    rows = zip(NAMES, SHARES, RANGES, epochs, strict=True)
    sources = tuple(MixSource(name, share, low, high, e) for name, share, (low, high), e in rows)
    return MixRequest(sources, **settings)  # type: ignore[arg-type]


def columns(source: np.ndarray, tokens: np.ndarray, seed: int = 1, scored: bool = True) -> Columns:
    """The arguments of `plan` for documents of these sources and sizes."""
    rng = np.random.default_rng(seed)
    n = len(tokens)
    high, low = rng.integers(0, 1 << 64, (2, n), dtype=np.uint64)
    weight = np.where(rng.random(n) < 0.1, np.nan, rng.random(n) + 0.01) if scored else np.full(n, np.nan)
    return {
        "source": source.astype(np.int16),
        "tokens": tokens.astype(np.int64),
        "hash_high": high,
        "hash_low": low,
        "weight": weight,
        "tie": np.arange(n),
    }


def lognormal(n: int, seed: int = 1, scored: bool = True) -> Columns:
    """n documents of four sources, 100 to 50,000 tokens, medians as on the web, in code, papers and chats."""
    rng = np.random.default_rng(seed)
    source = rng.choice(4, n, p=[0.55, 0.2, 0.1, 0.15])
    medians = np.log([700, 600, 1600, 400])[source]
    return columns(source, np.clip(rng.lognormal(medians, 1.1), 100, 50_000), seed, scored)
