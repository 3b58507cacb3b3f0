"""Counting by our kernel, also of texts that a tokenizer brings to NFC first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from threading import Lock

import numpy as np

from curate.kernels import tokens, tokens_classes
from curate.kernels.tokens_added import added
from curate.tokenizer import _file

Counting = Callable[[np.ndarray, np.ndarray], np.ndarray]


def counting(found: _file.Read) -> Counting:
    """(data, offsets) → (n,) uint32 of a file that has a family. Threads take turns."""
    counter, turn = _file.counter(found), Lock()

    def count(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        with turn:
            return tokens.count(data, offsets, counter)

    return _normalizing(count, counter, turn, found) if _file.is_nfc(found) else count


def _normalizing(count: Counting, counter: tokens.Counter, turn: Lock, found: _file.Read) -> Counting:
    """Counts again, one by one, the few texts that NFC may change."""
    raw = _pattern(_file.added_tokens(found, normalized=False))
    after = counter._replace(raw=added([]))

    def count_one(text: str) -> int:
        parts = [part.encode() for part in map(nfc, raw.split(text))]
        offsets = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        with turn:
            counts = tokens.count(np.frombuffer(b"".join(parts), np.uint8), offsets, after)
        return int(counts.sum()) + len(parts) - 1

    def count_all(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        counts = count(data, offsets)
        for i in np.flatnonzero(tokens_classes.unstable(data, offsets)):
            counts[i] = count_one(data[offsets[i] : offsets[i + 1]].tobytes().decode("utf-8", "replace"))
        return counts

    return count_all


def _pattern(contents: list[str]) -> re.Pattern[str]:
    """Finds the first of these and, where several begin, the longest; nothing when there are none."""
    longest_first = sorted(filter(None, contents), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")


@cache
def _newer() -> re.Pattern[str]:
    ranges = (f"{chr(first)}-{chr(last)}" for first, last in tokens_classes.newer())
    return re.compile(f"([{''.join(ranges)}]+)")


def nfc(text: str) -> str:
    """The NFC of `tokenizers`, whatever Unicode Python knows: code points that are newer than it stay as and
    where they are, and nothing is composed or put in order across them."""
    return "".join(
        part if i % 2 else unicodedata.normalize("NFC", part) for i, part in enumerate(_newer().split(text))
    )
