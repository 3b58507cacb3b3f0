"""Character classes of split patterns: what `\\p{L}`, `\\p{N}`, `\\s` and the like say of each code point.

Taken from the regex engine of `tokenizers` itself (scripts/build_character_classes.py), so that our scanners
see letters where it sees them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numba import njit

from curate.kernels.memory import load8, pointer
from curate.kernels.words import decode, frozen

CODE_POINTS = 0x110000
BLOCK = 128

UPPER, LOWER, CASELESS, MARK, NUMBER, PUNCTUATION, SPACE, UNSTABLE = (1 << bit for bit in range(8))
"""Flags of a code point: Lu or Lt; Ll; Lm or Lo; M; N; P or S; `\\s`; and text with it may not be in NFC."""

_NOT_ASCII = np.uint64(0x8080808080808080)


def _stored() -> dict[str, np.ndarray]:
    path = Path(__file__).parents[1] / "data/tokenizer/classes.npz"
    with np.load(path, allow_pickle=False) as stored:
        return dict(stored)


@cache
def flags() -> np.ndarray:
    """(CODE_POINTS,) uint8."""
    stored = _stored()
    return stored["blocks"][stored["places"]].reshape(-1)


@cache
def newer() -> np.ndarray:
    """(k, 2) uint32, first and last: code points which the NFC of `tokenizers` (of an older Unicode than
    Python's) leaves as and where they are."""
    return _stored()["newer"]


@njit(cache=True, nogil=True)
def _unstable(array: np.ndarray, offsets: np.ndarray, flags: np.ndarray, found: np.ndarray) -> None:
    data, flags_of = pointer(array), pointer(flags)
    for i in range(len(found)):
        at, end = offsets[i], offsets[i + 1]
        while at < end and not found[i]:
            if at + 8 <= end and not load8(data, at) & _NOT_ASCII:
                at += 8
                continue
            code, width = decode(data, at, end)
            found[i] = flags_of[code] & UNSTABLE != 0
            at += width


def unstable(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(n,) bool: whether text i, the UTF-8 in data[offsets[i]:offsets[i + 1]], may not be in NFC. data:
    (n_bytes,) uint8, offsets: (n + 1,) int64."""
    found = np.zeros(len(offsets) - 1, np.bool_)
    _unstable(frozen(data, np.uint8), frozen(offsets, np.int64), frozen(flags(), np.uint8), found)
    return found
