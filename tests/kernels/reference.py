"""Words and shingles as their documentation defines them, in plain Python: the oracle of the kernels'
tests."""

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import curate

WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
MASK = (1 << 64) - 1

with np.load(Path(curate.__file__).parent / "data/unicode/words.npz") as stored:
    UNICODE = str(stored["unicode"])

same_unicode = pytest.mark.skipif(
    unicodedata.unidata_version != UNICODE,
    reason=f"this Python knows Unicode {unicodedata.unidata_version}, the packaged table is of {UNICODE}",
)


def words(text: str) -> list[str]:
    return WORDS.findall(text.lower())


def mix(value: int) -> int:
    for multiplier in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * multiplier & MASK
    return value ^ value >> 33


def word_hash(word: str) -> int:
    units = b"".join(
        bytes([code | 0x20]) if code < 0x80 else bytes(0x80 | code >> shift & 0x7F for shift in (14, 7, 0))
        for code in map(ord, word)
    )
    value = 0x243F6A8885A308D3
    for i in range(0, len(units), 8):
        value = mix(value ^ int.from_bytes(units[i : i + 8], "little"))
    return value


def shingle_hashes(text: str, shingle: int = 5) -> list[int]:
    hashes = [word_hash(word) for word in words(text)]
    sums = []
    for i in range(len(hashes) - shingle + 1):
        total = 0
        for value in hashes[i : i + shingle]:
            total = (total * 0xD1342543DE82EF95 + value) & MASK
        sums.append(mix(total))
    return sums


def jaccard(a: str, b: str, shingle: int = 5) -> float:
    """By the words themselves, without a hash."""
    sets = [{tuple(w[i : i + shingle]) for i in range(len(w) - shingle + 1)} for w in (words(a), words(b))]
    union = sets[0] | sets[1]
    return len(sets[0] & sets[1]) / len(union) if union else 1.0
