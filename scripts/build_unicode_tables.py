"""Builds curate/data/unicode/words.npz and classes.npz: what kernels must know about each code point.

Asks the running CPython about every code point, so it is to be run on the version whose Unicode the package
promises (CPython 3.11: Unicode 14.0): python scripts/build_unicode_tables.py
"""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

import numpy as np

from curate.kernels.characters import CONTROL, DIGIT, KNOWN, LETTER, LOWER, SPACE
from curate.kernels.words import (
    ALONE,
    BLOCK,
    CASED,
    CODE_POINTS,
    FLAG_BITS,
    IGNORABLE,
    SPLIT,
    WORD,
    is_alone,
)

FOLDER = Path(__file__).parents[1] / "curate/data/unicode"


def record(code: int) -> int:
    """(lower - code) << FLAG_BITS | flags of one code point."""
    character = chr(code)
    # str.lower() of one sigma depends on what stands around it; the kernel sees to that.
    lower = "σ" if character == "Σ" else character.lower()
    # What str.lower() does to a sigma before this character tells Unicode's Cased and Case_Ignorable.
    before_nothing, before_letter = (("AΣ" + character + then).lower()[1] for then in ("", "A"))
    cased = before_nothing == "σ"
    flags = WORD * bool(re.match(r"\w", lower[0])) | ALONE * is_alone(code) | CASED * cased
    flags |= IGNORABLE * (not cased and before_letter == "σ") | SPLIT * (len(lower) > 1)
    if len(lower) > 1 and re.search(r"\w", lower[1:]):
        raise ValueError(f"U+{code:04X} is lower-cased to {lower!r}: SPLIT does not say that")
    return (ord(lower[0]) - code) << FLAG_BITS | flags


def tables() -> dict[str, np.ndarray]:
    """unicode: version. records: (k,) int32. blocks: (b, BLOCK) uint8 into records. places: (CODE_POINTS /
    BLOCK,) uint8 into blocks."""
    every = np.array([record(c) for c in range(CODE_POINTS)], np.int32)
    records, numbers = np.unique(every, return_inverse=True)
    blocks, places = np.unique(numbers.reshape(-1, BLOCK), axis=0, return_inverse=True)
    if max(len(records), len(blocks)) > 256:
        raise ValueError(f"{len(records)} records and {len(blocks)} blocks do not fit one byte")
    return {
        "unicode": np.array(unicodedata.unidata_version),
        "places": places.reshape(-1).astype(np.uint8),
        "blocks": blocks.astype(np.uint8),
        "records": records.astype(np.int32),
    }


def char_class(code: int) -> int:
    """Of `kernels.characters`, what Unicode says of one code point."""
    char = chr(code)
    if char.isalpha():
        return LETTER | (LOWER if char.islower() else 0)
    if char.isalnum():
        return DIGIT
    if char.isspace():
        return SPACE
    return CONTROL if unicodedata.category(char) == "Cc" else 0


def classes() -> dict[str, np.ndarray]:
    """unicode: version. places: (KNOWN / BLOCK,) uint8 into blocks: (b, BLOCK) uint8."""
    every = np.array([char_class(code) for code in range(KNOWN)], np.uint8)
    blocks, places = np.unique(every.reshape(-1, BLOCK), axis=0, return_inverse=True)
    version = np.array(unicodedata.unidata_version)
    return {"unicode": version, "places": places.reshape(-1).astype(np.uint8), "blocks": blocks}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, stored in (("words", tables()), ("classes", classes())):
        np.savez_compressed(FOLDER / f"{name}.npz", **stored)
        size = (FOLDER / f"{name}.npz").stat().st_size
        print(f"{name}.npz: {size} bytes, Unicode {unicodedata.unidata_version}", file=sys.stderr)
