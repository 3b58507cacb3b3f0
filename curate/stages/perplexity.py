"""How predictable a document's prose is to an n-gram model of plain English: gibberish is not, boilerplate
is.

Wenzek et al. 2020 (CCNet) sort web text by a 5-gram model's perplexity. Here notation (formulas, code,
paths) is left out before scoring (`kernels.normal`), so that a proof is judged by its sentences; only what
no prose comes near is dropped, and everything finer is left to percentiles.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.documents import Batch
from curate.kernels.normal import normalise
from curate.models import checks, kenlm, ngram
from curate.rules import PerStructure, Rule, Signal, StageConfig, limit

VERSION = 1
REQUIRES: list[str] = []
OPTIONAL = ["language.label"]
EDITS = False
COST = 20.0

HIGHEST = 1e30
"""Values above say nothing more."""

SIGNALS = [
    Signal(
        "perplexity.value",
        pa.float32(),
        "perplexity per word of the prose, 1 and up; null under `min_words` words or marks, and in other "
        "languages than the model's",
        1,
        quantile="perplexity.quantile",
        by="structure.label",
        bucket="perplexity.bucket",
    ),
]
RULES = [
    Rule("perplexity.value", above="max", because="its prose is not language (gibberish, broken encoding)"),
    Rule(
        "perplexity.value", below="min", because="its prose says next to nothing (the same again and again)"
    ),
    Rule(
        "perplexity.quantile", above="max_quantile", soft=True, because="its prose is among the least likely"
    ),
    Rule(
        "perplexity.quantile", below="min_quantile", soft=True, because="its prose is among the most repeated"
    ),
]


class Config(StageConfig):
    """The model, the part of a text that it reads, and limits on both sides."""

    model: str = Field(
        "packaged",
        description="a model of `curate train language-model`, or a KenLM binary; packaged: English",
        json_schema_extra={"path": True},
    )
    sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="SHA-256 that the model file must have; null: any"
    )
    languages: list[str] | None = Field(
        ["en"],
        description="codes of `language.label` that the model can judge; null: all. Without stage `language` "
        "every text is judged",
    )
    windows: int = Field(8, ge=1, description="pieces of a longer text that are read, evenly spaced")
    window: int = Field(768, ge=64, description="bytes of each piece")
    min_words: int = Field(5, ge=1, description="words and marks of prose under which a text is not judged")
    max: PerStructure[float] = limit(
        3e6, description="perplexity per word (ours: prose lies under 1e5, letters drawn at random over 1e11)"
    )
    min: PerStructure[float] = limit(None, description="perplexity per word; off by default")
    max_quantile: PerStructure[float] = limit(
        None, maths=None, proof=None, code=None, code_mixed=None,
        description="fraction 0..1 of documents of the same structure, language and length that lie below: "
        "the least likely go (CCNet's tail: 0.67). Off; {default: 0.99} spares maths and code, 0.99 does not",
    )  # fmt: skip
    min_quantile: PerStructure[float] = limit(
        None, maths=None, proof=None, code=None, code_mixed=None,
        description="the same from below: the most repeated go. Off",
    )  # fmt: skip


def defaults(kind: str) -> dict[str, Any] | None:
    """Off for code."""
    return None if kind == "code" else {}


def _path(config: Config) -> Path:
    return ngram.packaged() if config.model == "packaged" else Path(config.model)


def files(config: Config) -> list[Path]:
    """The model's file."""
    return [_path(config)]


def load(config: Config) -> ngram.NGram | kenlm.KenLM:
    """The model. Raises ValueError with a sentence when the file is none, or not the one meant."""
    path = _path(config)
    checks.check_hash(path, config.sha256)
    return kenlm.load(path) if kenlm.is_kenlm(path) else ngram.load(path)


def annotate(batch: Batch, config: Config, model: ngram.NGram | kenlm.KenLM) -> dict[str, pa.Array]:
    """Perplexity of every document that the model can judge."""
    pieces, owners = windows(batch.offsets, _judged(batch, config), config.windows, config.window)
    out, bounds, words = normalise(batch.data, batch.offsets, pieces, owners)
    cost = np.minimum(-model.score(out, bounds) / np.maximum(words, 1), np.log10(HIGHEST))
    value = pa.array(10**cost, pa.float32(), mask=words < config.min_words)
    return {"perplexity.value": value}


def _judged(batch: Batch, config: Config) -> np.ndarray:
    """(n,) bool: documents in a language of the model."""
    labels = batch.signals.get("language.label")
    if labels is None or config.languages is None:
        return np.ones(len(batch), bool)
    known = pa.array(config.languages, pa.string())
    return pc.is_in(labels, value_set=known).to_numpy(zero_copy_only=False)


def windows(offsets: np.ndarray, judged: np.ndarray, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """((m, 2) int64 first and end byte, (m,) int64 document): all of a text of at most count * size bytes,
    else `count` pieces of it, evenly spaced from its beginning to its end."""
    first, sizes = offsets[:-1], np.diff(offsets)
    long = sizes > count * size
    pieces = np.where(judged, np.where(long, count, 1), 0)
    owners = np.repeat(np.arange(len(sizes)), pieces)
    number = np.arange(len(owners)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    length = np.where(long[owners], size, sizes[owners])
    begin = first[owners] + (sizes[owners] - length) * number // max(count - 1, 1)
    return np.stack([begin, begin + length], 1), owners
