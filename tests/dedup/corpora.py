"""Made-up texts that are hard to deduplicate, and the whole of dedup over texts in memory."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from curate.dedup import exact, groups, minhash
from curate.dedup.exact import Preference
from curate.documents import Batch, hash_documents
from curate.kernels import minhash as kernels

WORDS = [a + b + c for a in "bdfgklmnprstvz" for b in "aeiou" for c in ("la", "ren", "sto", "mi", "k", "")]


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def edited(text: str, rate: float, rng: random.Random) -> str:
    """Every word is replaced with probability `rate`."""
    return " ".join(rng.choice(WORDS) if rng.random() < rate else word for word in text.split())


def dialogues(rng: random.Random, count: int, template: int = 150, topic: int = 50) -> list[str]:
    """Answers of one assistant on different topics: most of each is the template, the rest its own."""
    opening, closing = sentence(rng, template // 2), sentence(rng, template - template // 2)
    return [
        f"{opening} . {sentence(rng, topic)} . {closing} {sentence(rng, topic // 4)}" for _ in range(count)
    ]


def clusters(rng: random.Random, count: int) -> list[str]:
    """Texts and copies of them at every edit rate, copies of copies, equal ones, short ones, one template."""
    texts = dialogues(rng, count // 4)
    texts += [sentence(rng, rng.choice((2, 4, 5, 8, 60, 200))) for _ in range(count // 4)]
    while len(texts) < count:
        texts.append(edited(rng.choice(texts), rng.choice((0, 0, 0.003, 0.01, 0.02, 0.05)), rng))
    rng.shuffle(texts)
    return texts


@dataclass(frozen=True)
class Corpus:
    """Texts with what decides which is kept."""

    texts: list[str]
    priority: np.ndarray
    tie: np.ndarray

    @classmethod
    def of(cls, texts: list[str], priority: list[int] | None = None) -> Corpus:
        return cls(texts, np.array(priority or [0] * len(texts)), np.arange(len(texts)))

    def shuffled(self, order: np.ndarray) -> Corpus:
        return Corpus([self.texts[i] for i in order], self.priority[order], self.tie[order])


@dataclass(frozen=True)
class Settings:
    verify: float = 0.8
    max_comparisons: int = 64
    memory: int = 256 << 20
    hash_ranges: int = 1
    task_bytes: int = 1 << 40


@dataclass(frozen=True)
class Found:
    """of: index of the document kept, -1 for a kept one. compared, left_out, bytes: sums of all tasks."""

    of: np.ndarray
    similarity: np.ndarray
    compared: int = 0
    left_out: int = 0
    bytes: int = 0


def deduplicate(corpus: Corpus, settings: Settings | None = None) -> Found:
    """As the build does it, step by step."""
    settings = settings or Settings()
    batch = Batch.of(pa.array(corpus.texts, pa.large_string()))
    hashes = hash_documents(batch.data, batch.offsets)
    preference = Preference(corpus.priority, batch.sizes, hashes, corpus.tie)
    same = find_equal(hashes, preference, settings.hash_ranges)
    columns = minhash.signature_columns(batch.data, batch.offsets)
    there, bands = minhash.matrix(columns["bands"], 16)
    _, signatures = minhash.matrix(columns["signature"], 112)
    alive = np.flatnonzero(there & (same == np.arange(len(batch))))
    stored = exact.inverse(np.flatnonzero(there)) if there.all() else np.cumsum(there) - 1
    documents, bounds = find_groups(bands[stored[alive]], alive, len(batch), settings)
    near, similarity = np.full(len(batch), -1), np.full(len(batch), np.nan)
    total = Found(near, similarity)
    sizes = np.add.reduceat(batch.sizes[documents], bounds[:-1]) if len(documents) else np.zeros(0, np.int64)
    label = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    task = groups.assign(sizes, settings.task_bytes)[label]
    for number in range(task.max(initial=-1) + 1):
        mine = documents[task == number]
        found = minhash.resolve(
            label[task == number],
            bands[stored[mine]],
            signatures[stored[mine]],
            preference.take(mine),
            lambda rows, mine=mine: (lambda b: (b.data, b.offsets))(batch.take(mine[rows])),
            verify=settings.verify,
            max_comparisons=settings.max_comparisons,
            memory=settings.memory,
        )
        near[mine] = np.where(found.representative < 0, -1, mine[found.representative])
        similarity[mine] = found.similarity
        counts = {
            name: getattr(total, name) + getattr(found, name) for name in ("compared", "left_out", "bytes")
        }
        total = replace(total, **counts)
    of, settled = exact.settle(same, near, similarity)
    return replace(total, of=of, similarity=settled)


def find_equal(hashes: np.ndarray, preference: Preference, parts: int) -> np.ndarray:
    """Exact duplicates, range by range of the hash."""
    same = np.empty(len(hashes), np.int64)
    part = exact.ranges(hashes[:, 0], parts)
    for number in range(parts):
        rows = np.flatnonzero(part == number)
        same[rows] = rows[exact.representatives(hashes[rows], preference.take(rows).rank())]
    return same


def find_groups(
    bands: np.ndarray, documents: np.ndarray, count: int, settings: Settings
) -> tuple[np.ndarray, np.ndarray]:
    """Groups from bands, range by range of the band hash."""
    values, numbers = bands.reshape(-1), np.repeat(documents, bands.shape[1])
    part = exact.ranges(values, settings.hash_ranges)
    every = (groups.edges(values[part == i], numbers[part == i]) for i in range(settings.hash_ranges))
    return groups.members(groups.connect(count, every))


def signatures_of(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(signatures, band hashes)."""
    batch = Batch.of(texts)
    signatures = kernels.signatures(batch.data, batch.offsets)
    return signatures, kernels.band_hashes(signatures)
