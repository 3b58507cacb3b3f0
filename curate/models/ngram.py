"""N-gram models in our own file, which `training.language_model` writes and numba reads.

A `.npz` without pickles: the words, and the arrays of `kernels.ngram.Trie` under their names. Ten times as
fast as KenLM's Python module on the same n-grams, and in need of neither its wheel nor its compiler.
"""

from __future__ import annotations

import zipfile
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from curate.kernels import ngram
from curate.kernels.words import frozen

SCHEMA = "curate/language-model/1 words-1"
"""The file's form and the normalisation of `kernels.normal` that it was trained on."""

LETTERS = "abcdefghijklmnopqrstuvwxyz'~"
_TYPES = {
    "first": np.uint32,
    "token": np.uint16,
    "prob": np.uint8,
    "backoff": np.uint8,
    "probs": np.float32,
    "backoffs": np.float32,
}


class NGram:
    """A model ready to score. words: tokens 0 and up; the letters of spelt words come after them."""

    def __init__(self, words: list[str], trie: ngram.Trie):
        self.words, self.trie = words, trie
        self.vocabulary = ngram.vocabulary(words, LETTERS)
        self.edges = ngram.edges(trie)

    def score(self, text: np.ndarray, bounds: np.ndarray) -> np.ndarray:
        """(n,) float64: log10 probability of each text normalised by `kernels.normal`."""
        return ngram.score(text, bounds, self.vocabulary, self.trie, self.edges)


def packaged() -> Path:
    """The English model; its card lies beside it."""
    return Path(__file__).parents[1] / "data/models/perplexity-en.npz"


@cache
def load(path: Path) -> NGram:
    """Reads a model once per process. Raises ValueError with a sentence when the file is none."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError(
                f"{path} is not a language model: it does not begin as one (.npz, or KenLM's .bin)."
            )
    try:
        with np.load(path, allow_pickle=False) as stored:
            schema, words = str(stored["schema"]), stored["words"].tobytes().decode().split("\n")
            arrays = {name: frozen(stored[name], dtype) for name, dtype in _TYPES.items()}
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a language model, or cut off: {error}") from None
    if schema != SCHEMA:
        raise ValueError(f"{path} is written as '{schema}', and read here is '{SCHEMA}'. Train it again.")
    trie = ngram.Trie(**arrays)
    _check(path, trie, len(words) + len(LETTERS))
    return NGram(words, trie)


def save(path: Path, words: list[str], trie: ngram.Trie) -> None:
    """Writes a model; equal models are equal bytes."""
    text = np.frombuffer("\n".join(words).encode(), np.uint8)
    parts: dict[str, Any] = {"schema": np.array(SCHEMA), "words": text}
    parts |= {name: np.asarray(getattr(trie, name), dtype) for name, dtype in _TYPES.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **parts)


def write_arpa(model: NGram, path: Path) -> None:
    """Writes a model as ARPA text, which KenLM and SRILM read. Spelt letters are capitals, an apostrophe
    among them `<'>`; the markers of sentences, which our models do without, are there for form's sake."""
    names = np.array([*model.words, *(c.upper() if c.isalpha() else f"<{c}>" for c in LETTERS)])
    trie, levels = model.trie, level_ends(model.trie)
    order = len(levels)
    lines = [names]
    with path.open("w") as file:
        counts = np.diff([0, *levels]) + np.array([3] + [0] * (order - 1))
        print("\\data\\", file=file)
        print(*(f"ngram {n}={count}" for n, count in enumerate(counts, 1)), sep="\n", file=file)
        for n, (start, end) in enumerate(pairwise([0, *levels])):
            print(f"\n\\{n + 1}-grams:", file=file)
            if n == 0:
                print("-99\t<unk>\n-99\t<s>\t0\n-99\t</s>", file=file)
            probs = trie.probs[n, trie.prob[start:end]].tolist()
            last = n == order - 1
            backoffs = [0.0] * len(probs) if last else trie.backoffs[n, trie.backoff[start:end]].tolist()
            for prob, text, backoff in zip(probs, lines[n].tolist(), backoffs, strict=True):
                print(f"{prob:.7g}\t{text}" + ("" if last else f"\t{backoff:.7g}"), file=file)
            if not last:
                children = np.repeat(lines[n], np.diff(trie.first[start : end + 1]))
                before = names[trie.token[end : levels[n + 1]]]
                lines.append(np.char.add(np.char.add(before, " "), children))
        print("\n\\end\\", file=file)


def level_ends(trie: ngram.Trie) -> list[int]:
    """Where each level of the trie ends."""
    ends = [int(trie.first[0])]
    while ends[-1] < len(trie.token):
        ends.append(int(trie.first[ends[-1]]))
    return ends


def _check(path: Path, trie: ngram.Trie, tokens: int) -> None:
    """Raises ValueError where a kernel would read outside of the arrays."""
    first, nodes = trie.first.astype(np.int64), len(trie.token)
    sound = (
        len(first) == len(trie.backoff) + 1
        and len(trie.prob) == nodes >= tokens
        and len(first) > tokens
        and first[0] == tokens
        and bool(np.all(np.diff(first) >= 0))
        and first[-1] == nodes
        and trie.token.max(initial=0) < tokens
        and trie.probs.shape == trie.backoffs.shape
        and trie.probs.shape[1:] == (256,)
        and nodes < 1 << ngram.BITS
        and 2 <= len(trie.probs) <= ngram.HIGHEST_ORDER
        and _levels(first, tokens) == len(trie.probs)
    )
    if not sound:
        raise ValueError(f"{path} is a damaged language model: its parts do not fit together.")


def _levels(first: np.ndarray, tokens: int) -> int:
    """Levels of the trie; 0 when they do not end with the inner nodes."""
    levels, end = 1, tokens
    while end < len(first) - 1 and levels < 64:
        levels, end = levels + 1, int(first[end])
    return levels + 1 if end == len(first) - 1 else 0
