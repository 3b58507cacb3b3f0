"""The mixer: which documents, how often, in which shard and place, planned on metadata before a byte is
written.

    solve        how many tokens each source gives      budget.py
    draw         which documents these are              draw.py, kinds.py
    place        into which shard each copy goes        shards.py
    interleave   and where it stands there              shards.py

`plan` runs all four. Everything is whole tokens and hashes: the same documents make the same plan in
whatever order and files they came. What cannot be planned within tolerance is refused in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from curate.errors import InfeasibleMix
from curate.mix import draw, shards
from curate.mix.budget import Budget, MixRequest, MixSource, WhenShort, count, solve
from curate.mix.kinds import UNNAMED, Floors, sums
from curate.mix.shards import largest_documents, oversize

__all__ = [
    "Budget",
    "MixPlan",
    "MixRequest",
    "MixSource",
    "WhenShort",
    "largest_documents",
    "oversize",
    "plan",
    "solve",
]

CLOSE = 0.1
"""Fraction of the corpus tolerance, of each source's tokens, at which drawing stops looking for what fits."""

ORDER = 1
"""The stream of hashes that orders a source's documents within a shard; 0 draws them."""


@dataclass(frozen=True)
class MixPlan:
    """What is written where.

    One entry per copy, by shard and position: document: (m,) int64 row of the documents given; copy: (m,)
    int32, from 1; shard, position: (m,) int32, from 0. One per document: copies: (n,) int32, 0 is
    `unselected`; oversize: (n,) bool, larger than its source's part of a shard. tokens: (n_shards,
    n_sources) int64. corpus_error, shard_error: largest |achieved - planned| share, fractions. discourse: by
    source what kinds of it were drawn, see `Floors.report`. notes: sentences for a person.
    """

    request: MixRequest
    budget: Budget
    document: np.ndarray
    copy: np.ndarray
    shard: np.ndarray
    position: np.ndarray
    copies: np.ndarray
    oversize: np.ndarray
    tokens: np.ndarray
    corpus_error: float
    shard_error: float
    discourse: dict[str, dict[str, Any]]
    notes: tuple[str, ...]

    @property
    def n_shards(self) -> int:
        """Output shards."""
        return len(self.tokens)

    @property
    def total(self) -> int:
        """Tokens of the corpus."""
        return int(self.tokens.sum())

    @property
    def achieved(self) -> tuple[float, ...]:
        """The share of each source in the corpus."""
        return tuple(float(t) / self.total for t in self.tokens.sum(axis=0))

    @property
    def status(self) -> Literal["complete", "short"]:
        """`short` when fewer tokens than requested are planned, or could be drawn within the tolerance."""
        wanted = (self.budget.requested or 0) * (1 - self.request.corpus_tolerance)
        return "short" if self.total < wanted else self.budget.status


class _Documents(NamedTuple):
    """The columns that `plan` is given."""

    source: np.ndarray
    tokens: np.ndarray
    hash_high: np.ndarray
    hash_low: np.ndarray
    weight: np.ndarray
    tie: np.ndarray
    kind: np.ndarray


class _Drawn(NamedTuple):
    """The documents drawn from one source, in order of hash, then tie. rows: (d,) int64 into `_Documents`;
    tokens, hash_high, hash_low: their columns; copies: (d,) int32, all positive; available: documents there
    were; discourse: what kinds they are of, see `Floors.report`."""

    rows: np.ndarray
    tokens: np.ndarray
    hash_high: np.ndarray
    hash_low: np.ndarray
    copies: np.ndarray
    available: int
    discourse: dict[str, Any]

    @property
    def total(self) -> int:
        """Tokens drawn."""
        return int(self.tokens @ self.copies)


def plan(
    request: MixRequest,
    source: np.ndarray,
    tokens: np.ndarray,
    hash_high: np.ndarray,
    hash_low: np.ndarray,
    weight: np.ndarray,
    tie: np.ndarray,
    kind: np.ndarray | None = None,
    kinds: Sequence[str] = (UNNAMED,),
) -> MixPlan:
    """The whole mix, from one row per living document, in any order.

    source: (n,) int16 index into request.sources. tokens: (n,) int64. hash_high, hash_low: (n,) uint64
    halves of the document hash. weight: (n,) float64, positive, NaN where there is no score. tie: (n,)
    int64 orders documents of the same hash. kind: (n,) int16 index into `kinds`, the names of kinds of
    discourse; None: all are of the first. Raises InfeasibleMix (exit 3) when the tokens or shares asked for
    cannot be had, or a tolerance is missed, with what would help.
    """
    kind = np.zeros(len(tokens), np.int16) if kind is None else kind
    documents = _Documents(source, tokens, hash_high, hash_low, weight, tie, kind)
    budget, too_large = _budget(request, documents)
    n_shards = shards.number_of_shards(budget.total, request.shard_tokens)
    floors = _floors(request, documents, too_large, kinds)
    drawn, placed = _draw_evenly(request, budget, documents, floors, too_large, n_shards)
    table = _tokens(drawn, placed, n_shards)
    order = shards.interleave(
        (_copies(request, one, where, n_shards) for one, where in zip(drawn, placed, strict=True)), n_shards
    )
    copies = np.zeros(len(tokens), np.int32)
    for one in drawn:
        copies[one.rows] = one.copies
    return MixPlan(
        request=request,
        budget=budget,
        document=order.document,
        copy=order.copy,
        shard=order.shard,
        position=order.position,
        copies=copies,
        oversize=too_large,
        tokens=table,
        corpus_error=_error(budget, table.sum(axis=0)),
        shard_error=_error(budget, table),
        discourse={name: one.discourse for name, one in zip(budget.names, drawn, strict=True)},
        notes=budget.notes,
    )


def _budget(request: MixRequest, documents: _Documents) -> tuple[Budget, np.ndarray]:
    """The budget without documents that are too large for the shards it makes, and which those are: (n,)
    bool.

    Before the documents are known their size is bounded by what is asked for (`oversize`); a corpus of less
    has smaller shards than that supposes, which leaves out a few more, and so on until none is too large.
    """
    too_large, needed = oversize(documents.tokens, documents.source, request)
    while True:
        unique = np.bincount(documents.source[~too_large], documents.tokens[~too_large], len(request.sources))
        try:
            budget = solve(request, [int(u) for u in unique])
        except InfeasibleMix as error:
            raise InfeasibleMix(f"{error}{_left_out(needed[too_large])}") from None
        n_shards = shards.number_of_shards(budget.total, request.shard_tokens)
        part = np.maximum(budget.shares, request.shard_tolerance) * budget.total / n_shards
        more = (documents.tokens > part[documents.source]) & ~too_large
        if n_shards == 1 or not more.any():
            return budget, too_large
        too_large |= more


def _left_out(needed: np.ndarray) -> str:
    """needed: (l,) int64 shard_tokens that would hold each document that was left out."""
    if not len(needed):
        return ""
    return (
        f" {len(needed)} documents larger than their source's part of a shard were left out; "
        f"output.shard_tokens: {int(needed.max())} would hold them."
    )


def _floors(
    request: MixRequest, documents: _Documents, too_large: np.ndarray, kinds: Sequence[str]
) -> list[Floors]:
    """The floors of each source's kinds, measured on all of its documents that can be drawn."""
    out = []
    for number, source in enumerate(request.sources):
        here = (documents.source == number) & ~too_large
        out.append(Floors.of(source, kinds, sums(documents.kind[here], documents.tokens[here], len(kinds))))
    return out


def _draw_evenly(
    request: MixRequest,
    budget: Budget,
    documents: _Documents,
    floors: Sequence[Floors],
    too_large: np.ndarray,
    n_shards: int,
) -> tuple[list[_Drawn], list[np.ndarray]]:
    """What is drawn from each source, and the shards of its copies: (m,) int32 each.

    Where few large documents leave shards out of tolerance, their source is drawn once more without its
    larger half of sizes, and again, as long as the smaller ones hold its tokens. Raises InfeasibleMix.
    """
    drawn = [_draw(request, budget, s, documents, floors[s], too_large) for s in range(len(floors))]
    _check_corpus(request, budget, drawn)
    excuse, passed_over = "", too_large
    while True:
        placed = _place(request, drawn, n_shards)
        table = _tokens(drawn, placed, n_shards)
        if _error(budget, table) <= request.shard_tolerance:
            return drawn, placed
        excuse = excuse or _uneven(request, budget, drawn, table)
        i = _most_uneven(table)[1]
        large = documents.tokens > drawn[i].tokens.max(initial=0) // 2
        passed_over = passed_over | (large & (documents.source == i))
        drawn[i] = _draw(request, budget, i, documents, floors[i], passed_over)
        if drawn[i].total < budget.tokens[i] * (1 - request.corpus_tolerance):
            raise InfeasibleMix(excuse)


def _draw(
    request: MixRequest,
    budget: Budget,
    source: int,
    documents: _Documents,
    floors: Floors,
    too_large: np.ndarray,
) -> _Drawn:
    """The documents that give one source its planned tokens."""
    rows = np.flatnonzero((documents.source == source) & ~too_large)
    rows = rows[_in_order(documents.hash_high[rows], documents.hash_low[rows], documents.tie[rows])]
    high, low, tokens = documents.hash_high[rows], documents.hash_low[rows], documents.tokens[rows]
    target, kind = budget.tokens[source], documents.kind[rows]
    enough = int(CLOSE * request.corpus_tolerance * target)
    f, weight = draw.fractions(high, low, request.seed), draw.filled_weights(documents.weight[rows])
    copies, discourse = floors.draw(target, kind, tokens, f, weight, budget.max_copies[source], enough)
    some = copies > 0
    return _Drawn(rows[some], tokens[some], high[some], low[some], copies[some], len(rows), discourse)


def _in_order(high: np.ndarray, low: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """(n,) int64: what sorts by high, low, tie; in the time of sorting `high` as long as it hardly
    repeats."""
    order = np.argsort(high)
    same = high[order[1:]] == high[order[:-1]]
    if same.any():
        runs = np.flatnonzero(np.append(same, False) | np.append(False, same))
        repeats = order[runs]
        order[runs] = repeats[np.lexsort((tie[repeats], low[repeats], high[repeats]))]
    return order


def _place(request: MixRequest, drawn: Sequence[_Drawn], n_shards: int) -> list[np.ndarray]:
    """(m,) int32 shards of the copies of each source."""
    size = sum(one.total for one in drawn) / n_shards
    even = shards.AIM * request.shard_tolerance * size
    return [
        shards.place(one.tokens, one.copies, one.hash_high, n_shards, shards.BOULDER * size, even)
        for one in drawn
    ]


def _copies(request: MixRequest, one: _Drawn, shard: np.ndarray, n_shards: int) -> shards.Drawn:
    """One source's copies; those of one document that share a shard want to stand evenly spread in it."""
    which = np.repeat(np.arange(len(one.rows)), one.copies)
    number = np.arange(len(which)) - np.repeat(np.cumsum(one.copies) - one.copies, one.copies)
    want = draw.mixed(one.hash_high, one.hash_low, request.seed, ORDER)[which]
    if one.copies.max(initial=0) > n_shards:
        together = (one.copies // n_shards + 1).astype(np.uint64)
        apart = np.uint64((1 << 64) - 1) // together
        want += (number // n_shards).astype(np.uint64) * apart[which]
    return shards.Drawn(one.rows[which], want, (number + 1).astype(np.int32), shard, one.tokens[which])


def _tokens(drawn: Sequence[_Drawn], placed: Sequence[np.ndarray], n_shards: int) -> np.ndarray:
    """(n_shards, n_sources) int64 tokens."""
    columns = [
        np.bincount(shard, np.repeat(one.tokens, one.copies), n_shards)
        for one, shard in zip(drawn, placed, strict=True)
    ]
    return np.stack(columns, axis=1).astype(np.int64)


def _errors(budget: Budget, tokens: np.ndarray) -> np.ndarray:
    """|achieved - planned| share: (..., n_sources) float64 for tokens of that shape; 0 where there are
    none."""
    total = tokens.sum(axis=-1, keepdims=True)
    return np.where(total > 0, np.abs(tokens / np.maximum(total, 1) - np.array(budget.shares)), 0.0)


def _error(budget: Budget, tokens: np.ndarray) -> float:
    return float(_errors(budget, tokens).max())


def _check_corpus(request: MixRequest, budget: Budget, drawn: Sequence[_Drawn]) -> None:
    """Raises InfeasibleMix when whole documents do not add up to the shares, or to min_tokens."""
    tokens = np.array([one.total for one in drawn])
    errors, total = _errors(budget, tokens), int(tokens.sum())
    if total == 0 or errors.max() > request.corpus_tolerance:
        i = int(np.argmin(tokens / np.maximum(budget.tokens, 1)))
        raise InfeasibleMix(
            f"mix.{budget.names[i]}: its {drawn[i].available} documents come no nearer to the "
            f"{count(budget.tokens[i])} tokens of its share {budget.shares[i]:.4g} than {count(tokens[i])}; "
            f"shares are {errors.max():.2g} off the plan, the tolerance is {request.corpus_tolerance:g}. Ask "
            f"for more tokens, give it more or smaller documents, or set "
            f"mix.tolerance.corpus: {_rounded_up(errors.max())}."
        )
    if request.min_tokens is not None and total < request.min_tokens * (1 - request.corpus_tolerance):
        raise InfeasibleMix(
            f"Whole documents make {count(total)} of the {count(budget.total)} tokens planned; min_tokens "
            f"asks for {count(request.min_tokens)}. Add documents, or lower min_tokens."
        )


def _most_uneven(table: np.ndarray) -> tuple[int, int]:
    """(shard, source) with the tokens farthest from an equal part; another source may miss its share by
    more only because these tokens swell the shard."""
    away = np.abs(table - table.mean(axis=0))
    j, i = np.unravel_index(int(np.argmax(away)), away.shape)
    return int(j), int(i)


def _uneven(request: MixRequest, budget: Budget, drawn: Sequence[_Drawn], table: np.ndarray) -> str:
    """Why shards miss the shares, and the smallest shards found that do not."""
    errors = _errors(budget, table)
    j, i = _most_uneven(table)
    n_shards, total = len(table), int(table.sum())
    while _error(budget, table) > request.shard_tolerance and n_shards > 1:
        n_shards //= 2
        table = _tokens(drawn, _place(request, drawn, n_shards), n_shards)
    return (
        f"mix.{budget.names[i]}: its documents, of up to {count(drawn[i].tokens.max(initial=0))} tokens, "
        f"cannot be spread evenly over {len(errors)} shards of {count(total / len(errors))}: in shard {j} "
        f"its share is {errors[j, i]:.2g} off the plan, the tolerance is {request.shard_tolerance:g}. "
        f"Set output.shard_tokens: {-(-total // n_shards)}, or "
        f"mix.tolerance: {{corpus: {request.corpus_tolerance:g}, shard: {_rounded_up(errors.max())}}}."
    )


def _rounded_up(error: float) -> str:
    """An error as a tolerance that holds it, two digits."""
    digits = 1 - int(np.floor(np.log10(error)))
    return f"{np.ceil(error * 10.0**digits) / 10.0**digits:.2g}"
