"""Floors: how much of a source's tokens each kind of discourse keeps when others weigh more.

A portion is what part of its source's tokens a kind is. A floor is a fraction of the portion that the kind
has of all documents there are, which is what plain drawing would give it: floors of at most 1 can always be
had together, and grow no faster than the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.mix import draw
from curate.mix.budget import MixSource

UNNAMED = "unnamed"
"""The kind of documents of which no kind is likely, or that were not judged: what a classifier cannot name
should not fare worse for it."""


def sums(kind: np.ndarray, tokens: np.ndarray, n_kinds: int) -> np.ndarray:
    """(n_kinds,) int64 tokens by kind; kind: (n,) integers from 0."""
    return np.bincount(kind, tokens, n_kinds).astype(np.int64)


@dataclass(frozen=True)
class Floors:
    """The kinds of one source: all (n_kinds,). available: int64 tokens that there are. fractions: float64,
    0..1, of its portion of them that each kind keeps."""

    names: Sequence[str]
    available: np.ndarray
    fractions: np.ndarray

    @classmethod
    def of(cls, source: MixSource, names: Sequence[str], available: np.ndarray) -> Floors:
        """The floors of `source`, for kinds of these names."""
        return cls(names, available, np.array([source.floor(name) for name in names]))

    @property
    def portions(self) -> np.ndarray:
        """(n_kinds,) float64 portions of what is available."""
        portions: np.ndarray = self.available / max(int(self.available.sum()), 1)
        return portions

    def tokens(self, target: int) -> np.ndarray:
        """(n_kinds,) int64: the least of `target` tokens that each kind has to have. Rounding must not ask
        for a token more than there is: 90553 / 150817 * 150817 is more than 90553."""
        return np.ceil(self.fractions * self.portions * target * (1 - 2**-50)).astype(np.int64)

    def draw(
        self,
        target: int,
        kind: np.ndarray,
        tokens: np.ndarray,
        fraction: np.ndarray,
        weight: np.ndarray,
        max_copies: int,
        enough: int,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """((n,) int32 copies, `report`) of what is drawn. kind: (n,) integers from 0; others as for
        `draw.draw`."""
        given = (tokens, fraction, weight, max_copies)
        least = draw.reserved(target, *given, self.tokens(target), kind)
        copies = draw.draw(target, *given, enough=enough, least=least)
        reserved, drawn = (sums(kind, tokens * times, len(self.names)) for times in (least, copies))
        return copies, self.report(reserved, drawn, enough)

    def report(self, reserved: np.ndarray, drawn: np.ndarray, enough: int) -> dict[str, Any]:
        """{kind: {available, drawn, floor: portions, hit}} of the kinds that are there.

        reserved: (n_kinds,) int64 tokens drawn to reach floors; drawn: in all; enough: what is no more than
        the filling of the last gap. hit: others weigh more, and nothing but the floor was drawn.
        """
        there, came = self.portions, drawn / max(int(drawn.sum()), 1)
        hit = (reserved > 0) & (drawn <= reserved + enough) & (came < there)
        rows = zip(
            self.names, there.tolist(), came.tolist(), self.fractions.tolist(), hit.tolist(), strict=True
        )
        return {
            name: {"available": portion, "drawn": now, "floor": fraction * portion, "hit": held}
            for name, portion, now, fraction, held in rows
            if portion
        }
