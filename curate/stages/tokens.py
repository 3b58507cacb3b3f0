"""Exact token counts of the final text, for every readable document, behind the gates too.

Always on: the mix speaks of tokens. Its settings are the config's `tokenizer`, the same for all sources.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate import tokenizer
from curate.documents import Batch
from curate.rules import Rule, Signal, StageConfig

VERSION = 1
REQUIRES: list[str] = []
EDITS = False
BEHIND_GATES = True
COST = 15.0

SIGNALS = [
    Signal(
        "tokens.count",
        pa.uint32(),
        "tokens of the final text, end-of-text included when asked; never null",
        0,
    )
]
RULES: list[Rule] = []


class Config(StageConfig):
    """Which tokenizer counts."""

    file: str | None = Field(
        None,
        description="tokenizer.json or tiktoken file; null: the packaged one of DeepSeek-V3",
        json_schema_extra={"path": True},
    )
    eos: bool = Field(False, description="whether the end-of-text token after each document is counted")


def _path(config: Config) -> Path | None:
    return None if config.file in (None, "packaged") else Path(config.file)


def files(config: Config) -> list[Path]:
    """The tokenizer's file, when it is not the packaged one."""
    path = _path(config)
    return [path] if path else []


def load(config: Config) -> tokenizer.Tokenizer:
    """The tokenizer. Raises ValueError with a sentence when the file is no tokenizer."""
    return tokenizer.load(_path(config))


def annotate(batch: Batch, config: Config, model: tokenizer.Tokenizer) -> dict[str, pa.Array]:
    """(n,) uint32 counts, exact."""
    counts = model.count(batch.data, batch.offsets) + np.uint32(config.eos)
    return {"tokens.count": pa.array(counts, pa.uint32())}
