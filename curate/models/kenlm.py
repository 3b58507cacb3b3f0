"""KenLM binaries, for models that were trained elsewhere.

Heafield 2011, "KenLM: faster and smaller language model queries". A file's header is checked before KenLM
sees it, since KenLM takes any other file for ARPA text and prints a progress bar while failing to read it.
One Python string per text and a fifth of the speed of `models.ngram`: for own models use that.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"mmap lm http://kheafield.com/code format version 5\n\0"

HEADER = 128
"""Bytes under which no binary can be: KenLM takes a shorter one for text."""


class KenLM:
    """A model over tokens of `kernels.normal`; a word that it lacks is its `<unk>`."""

    def __init__(self, path: Path):
        _check(path)
        self._model = _open(path)

    def score(self, text: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        """(n,) float64: log10 probability of each normalised text text[bounds[i]:bounds[i + 1]], with
        neither begin nor end of sentence."""
        raw, score = text.tobytes(), self._model.score
        return np.array([score(raw[a:b], bos=False, eos=False) for a, b in pairwise(bounds.tolist())], float)


def is_kenlm(path: Path) -> bool:
    """Whether a file is KenLM's or an ARPA file, going by its first bytes."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
    return head.startswith(b"mmap lm") or head.lstrip().startswith(b"\\data\\")


@cache
def load(path: Path) -> KenLM:
    """Opens a model once per process. Raises ValueError with a sentence when it is none."""
    return KenLM(path)


def _check(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(len(MAGIC))
    if head == MAGIC:
        if path.stat().st_size < HEADER:
            raise ValueError(f"{path} is cut off or damaged: it ends within its header.")
        return
    if head.startswith(b"mmap lm"):
        raise ValueError(f"{path} is a KenLM file of another version. Build it again with build_binary.")
    if head.lstrip().startswith(b"\\data\\"):
        raise ValueError(f"{path} is an ARPA file. Turn it into a binary: build_binary trie {path} model.bin")
    raise ValueError(f"{path} is not a KenLM binary: it does not begin as one.")


def _open(path: Path) -> Any:
    try:
        import kenlm
    except ImportError:
        raise ValueError(
            f"{path} is a KenLM model, which is read by another package: pip install kenlm-ex"
        ) from None
    config = kenlm.Config()
    config.show_progress = False
    try:
        return kenlm.Model(str(path), config)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{path} is cut off or damaged: KenLM says '{error}'.") from None
