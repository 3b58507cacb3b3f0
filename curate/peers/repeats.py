"""How much of a text repeats itself, as the pipelines count that after Gopher (Rae et al. 2021, table A1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

Length = Callable[[str], int]

STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
"""Gopher's; A1.1."""
TOP = (2, 3, 4)
ALL = (5, 6, 7, 8, 9, 10)

MEASURES = {
    "duplicate_lines": "fraction of lines",
    "duplicate_paragraphs": "fraction of paragraphs",
    "duplicate_line_characters": "fraction of characters",
    "duplicate_paragraph_characters": "fraction of characters",
    **{f"top_{n}_gram": "fraction of characters" for n in TOP},
    **{f"duplicate_{n}_grams": "fraction of characters" for n in ALL},
}


def grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of n words."""
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def of_all(pieces: Sequence[str], length: Length = len) -> tuple[float, float]:
    """(fraction of pieces that occur twice or more, their fraction of characters), every occurrence
    counted."""
    counts = Counter(pieces)
    total = sum(map(length, pieces))
    often = {piece: count for piece, count in counts.items() if count > 1}
    characters = sum(length(piece) * count for piece, count in often.items())
    return sum(often.values()) / max(len(pieces), 1), characters / max(total, 1)


def covered(words: Sequence[str], places: Sequence[int], n: int, length: Length = len) -> int:
    """Characters of the words in runs of n that begin at `places`, each word once."""
    inside = {i for place in places for i in range(place, place + n)}
    return sum(length(words[i]) for i in inside)


def covering(words: Sequence[str], length: Length = len) -> Iterator[tuple[str, float]]:
    """(`duplicate_5_grams`, ...): the fraction of characters of the words that lie in a run of n words that
    occurs twice or more. Where no run of n does, none of n + 1 can."""
    total = max(sum(map(length, words)), 1)
    again = True
    for n in ALL:
        share = 0.0
        if again:
            runs = grams(words, n)
            counts = Counter(runs)
            places = [i for i, run in enumerate(runs) if counts[run] > 1]
            again = bool(places)
            share = covered(words, places, n, length) / total
        yield f"duplicate_{n}_grams", share
