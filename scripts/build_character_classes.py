"""Builds curate/data/tokenizer/classes.npz: what the split patterns of tokenizers ask of each code point.

Asks the regex engine of `tokenizers` itself about every code point (its Unicode is newer than Python's), and
its NFC, which is of an older Unicode: python scripts/build_character_classes.py (needs the extra `test`, and
the oldest Python that is supported: what it does not know is taken as unknown to NFC).
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from tokenizers import Regex, normalizers, pre_tokenizers

from curate.kernels.tokens_classes import (
    BLOCK,
    CASELESS,
    CODE_POINTS,
    LOWER,
    MARK,
    NUMBER,
    PUNCTUATION,
    SPACE,
    UNSTABLE,
    UPPER,
)

TARGET = Path(__file__).parents[1] / "curate/data/tokenizer/classes.npz"
CLASSES = {
    UPPER: r"[\p{Lu}\p{Lt}]",
    LOWER: r"\p{Ll}",
    CASELESS: r"[\p{Lm}\p{Lo}]",
    MARK: r"\p{M}",
    NUMBER: r"\p{N}",
    PUNCTUATION: r"[\p{P}\p{S}]",
    SPACE: r"\s",
}
_CHUNK = 4096


def code_points() -> list[int]:
    """Every one that UTF-8 can hold."""
    return [code for code in range(CODE_POINTS) if not 0xD800 <= code < 0xE000]


def members(pattern: str) -> Iterator[int]:
    """Code points that match, as the engine says."""
    split = pre_tokenizers.Split(Regex(f"{pattern}+"), "removed")
    every = code_points()
    for start in range(0, len(every), _CHUNK):
        chunk = every[start : start + _CHUNK]
        left = split.pre_tokenize_str("".join(map(chr, chunk)))
        others = {code for _, (begin, end) in left for code in chunk[begin:end]}
        yield from (code for code in chunk if code not in others)


def unstable(code: int) -> bool:
    """Whether text with this code point may differ from its NFC: it changes alone or after another (as
    Hangul vowels and marks do), or takes part in reordering."""
    character = chr(code)
    return (
        unicodedata.combining(character) != 0
        or unicodedata.normalize("NFC", character) != character
        or code in _seconds()
        or 0x1161 <= code <= 0x1175
        or 0x11A8 <= code <= 0x11C2
    )


@cache
def _seconds() -> frozenset[int]:
    """Second halves of canonical compositions."""
    found = set()
    for code in code_points():
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(int(parts[1], 16))
    return frozenset(found)


def newer() -> np.ndarray:
    """(k,) uint32: code points that the NFC of `tokenizers` takes as unassigned: no order, no composition."""
    theirs = normalizers.NFC()

    def differs(text: str) -> bool:
        return theirs.normalize_str(text) != unicodedata.normalize("NFC", text)

    found = []
    for code in code_points():
        character = chr(code)
        apart = unicodedata.normalize("NFD", character)
        probes = [character, apart, f"a{character}\u0323", f"a{character}\u0301", f"a\u0301{character}\u0345"]
        if unicodedata.category(character) == "Cn" or any(map(differs, probes)):
            found.append(code)
    return np.array(found, np.uint32)


def tables() -> dict[str, np.ndarray]:
    """places: (CODE_POINTS / BLOCK,) uint8 into blocks: (b, BLOCK) uint8 of flags; newer: (k, 2) uint32,
    first and last of each range."""
    flags = np.zeros(CODE_POINTS, np.uint8)
    for flag, pattern in CLASSES.items():
        flags[list(members(pattern))] |= flag
    flags[[code for code in code_points() if unstable(code)]] |= UNSTABLE
    blocks, places = np.unique(flags.reshape(-1, BLOCK), axis=0, return_inverse=True)
    if len(blocks) > 256:
        raise ValueError(f"{len(blocks)} blocks do not fit one byte")
    codes = newer().astype(np.int64)
    cuts = np.flatnonzero(np.diff(codes) > 1)
    ranges = np.stack([codes[np.r_[0, cuts + 1]], codes[np.r_[cuts, len(codes) - 1]]], axis=1)
    return {
        "places": places.reshape(-1).astype(np.uint8),
        "blocks": blocks,
        "newer": ranges.astype(np.uint32),
    }


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(TARGET, **tables())
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes", file=sys.stderr)
