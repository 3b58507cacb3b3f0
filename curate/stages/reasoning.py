"""How well a text reasons: whether its claims are backed, its steps build on each other, its end is earned.

A score of the process, not of the topic, and nothing is dropped for it: it raises how often a document is
seen (DESIGN, idea 4). What it means, and where it errs, is on the model's card
(`data/models/reasoning-en.md`). It says nothing of code, of other languages and of texts too short to judge.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.documents import Batch
from curate.models import checks
from curate.models import reasoning as models
from curate.rules import Rule, Signal, StageConfig

VERSION = 6
REQUIRES: list[str] = []
OPTIONAL = ["language.label", "structure.label"]
EDITS = False
COST = 15.0

SIGNALS = [
    Signal(
        "reasoning.score",
        pa.float32(),
        "how likely a text reasons, 0..1; null under `min_words`, in other languages than the model's, "
        "and for code",
        0,
        1,
        quantile="reasoning.quantile",
    ),
    Signal(
        "reasoning.discourse",
        pa.string(),
        "what a text does: proof, worked_solution, argument, explanation, narrative, reference and others of "
        "the model; null where none is likely, and where there is no score",
    ),
]
RULES = [Rule("reasoning.score", below="min_score", soft=True, because="it hardly reasons")]


class Config(StageConfig):
    """The model, the part of a text that it reads, and a limit that is off."""

    model: str = Field(
        "packaged",
        description="a model of `curate train reasoning`; packaged: English",
        json_schema_extra={"path": True},
    )
    sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="SHA-256 that the model file must have; null: any"
    )
    fasttext: str | None = Field(
        None,
        description="a fastText classifier (.bin or .ftz) that joins the model's members with the same "
        "weight: the mean of four logits, its own kept within ±6, calibrated as that of three; null: none",
        json_schema_extra={"path": True},
    )
    fasttext_label: str = Field(
        "hq",
        min_length=1,
        description="its label for texts that are wanted, without `__label__` (DCLM, Li et al. 2024: hq)",
    )
    languages: list[str] | None = Field(
        ["en"],
        description="codes of `language.label` that the model can judge; null: all. Without stage `language` "
        "every text is judged",
    )
    windows: int = Field(
        models.WINDOWS, ge=1, description="pieces of a longer text that are read, evenly spaced"
    )
    window: int = Field(models.WINDOW, ge=64, description="bytes of each piece")
    min_words: int = Field(25, ge=0, description="words under which a text is not judged")
    min_certainty: float = Field(
        0.4, ge=0, le=1, description="probability under which a kind of discourse is not named"
    )
    min_score: float | None = Field(
        None,
        ge=0,
        le=1,
        description="score 0..1 under which a text is dropped; off by default: a curve loses less than a cut",
    )


def defaults(kind: str) -> dict[str, Any] | None:
    """Off for code."""
    return None if kind == "code" else {}


def _path(config: Config) -> Path:
    return models.packaged() if config.model == "packaged" else Path(config.model)


def files(config: Config) -> list[Path]:
    """The model's file, and that of a fastText classifier."""
    return [_path(config), *([Path(config.fasttext)] if config.fasttext else [])]


def kinds(config: Config) -> list[str]:
    """The kinds of discourse that the model knows. Raises ValueError like `load`."""
    return [str(kind) for kind in load(config).kinds]


def load(config: Config) -> models.Model:
    """The model, with the fastText member. Raises ValueError with a sentence when a file is none, not the one
    meant, or has no such label."""
    path = _path(config)
    checks.check_hash(path, config.sha256)
    model = models.load(path)
    if config.fasttext is None:
        return model
    return replace(model, outside=models.outside(Path(config.fasttext), config.fasttext_label))


def annotate(batch: Batch, config: Config, model: models.Model) -> dict[str, pa.Array]:
    """Score and kind of discourse of every document that the model can judge."""
    found = models.judge(
        model, batch.data, batch.offsets, _can_be_judged(batch, config), config.windows, config.window
    )
    known = found.words >= max(config.min_words, 1)
    named = known & (found.certainty >= config.min_certainty)
    kinds = pa.array(model.kinds.tolist(), pa.string())
    return {
        "reasoning.score": pa.array(found.score, pa.float32(), mask=~known),
        "reasoning.discourse": kinds.take(pa.array(found.kind, pa.int64(), mask=~named)),
    }


def _can_be_judged(batch: Batch, config: Config) -> np.ndarray:
    """(n,) bool: documents in a language of the model that are not code."""
    judged = np.ones(len(batch), bool)
    languages, structures = (batch.signals.get(name) for name in OPTIONAL)
    if languages is not None and config.languages is not None:
        known = pc.is_in(languages, value_set=pa.array(config.languages, pa.string()))
        judged &= known.to_numpy(zero_copy_only=False)
    if structures is not None:
        code = pc.fill_null(pc.equal(structures, "code"), False)
        judged &= ~code.to_numpy(zero_copy_only=False)
    return judged
