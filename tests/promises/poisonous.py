"""A stage from outside the package, and documents that it cannot bear."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pyarrow as pa

from curate.documents import Batch
from curate.rules import Signal, StageConfig

VERSION = 1
REQUIRES: list[str] = []
SIGNALS = [Signal("poisonous.length", pa.int64(), "bytes")]
RULES: list[object] = []
EDITS = False


class Config(StageConfig):
    """Nothing to set."""


def load(config: Config) -> None:
    """Needs no model."""


def annotate(batch: Batch, config: Config, model: None) -> dict[str, pa.Array]:
    """Bytes of each text, where it lives to tell."""
    for i in range(len(batch)):
        match batch.prefix(i, 30).split()[:2]:
            case ["POISON", "raise"]:
                raise ValueError("this text is poison")
            case ["POISON", "memory"]:
                np.zeros(1 << 60, np.uint8)
            case ["POISON", "crash"]:
                os.kill(os.getpid(), signal.SIGSEGV)
            case ["POISON", "eat"]:
                kept = np.ones(1_300_000_000, np.uint8)
                time.sleep(1e6 + kept[0])
            case ["POISON", "hang"]:
                time.sleep(1e6)
    return {"poisonous.length": pa.array(batch.sizes)}
