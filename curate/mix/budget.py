"""How many tokens each source gives: feasibility, solved before anything is drawn.

A source's stock is its unique tokens times the epochs that it may be seen. The target shares allow
min(stock / share) tokens. When more are asked for, the mix relaxes its shares, shrinks, upsamples or fails,
as the config says, and in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from curate.errors import InfeasibleMix, UsageError

WhenShort = Literal["relax", "shrink", "upsample", "fail"]

EPSILON = 1e-9
"""Shares nearer than this are the same share: far below one token in a billion."""


@dataclass(frozen=True)
class MixSource:
    """What part of the mix a source is: `mix.<name>` of the config.

    share, low, high: fractions of the corpus's tokens. max_epochs: tokens drawn over unique tokens, at most.
    max_copies: of one document; None is max_epochs rounded up. floors: by kind of discourse, and `default`
    for all others, the fraction of what plain drawing would give it that a kind gets at least.
    """

    name: str
    share: float
    low: float
    high: float
    max_epochs: float = 1.0
    max_copies: int | None = None
    floors: Mapping[str, float] = field(default_factory=dict)

    def floor(self, kind: str) -> float:
        """The floor of a kind of discourse, a fraction."""
        return self.floors.get(kind, self.floors.get("default", 0.0))

    @property
    def copies(self) -> int:
        """Most copies of one document."""
        return math.ceil(self.max_epochs) if self.max_copies is None else self.max_copies

    def stock(self, unique: int) -> int:
        """Tokens that can be drawn from `unique` tokens."""
        return unique * self.copies if self.copies <= self.max_epochs else int(unique * self.max_epochs)


@dataclass(frozen=True)
class MixRequest:
    """The corpus that is asked for. Sources in the order of the config; tokens None is `max`; tolerances are
    fractions. Raises UsageError when shares do not sum to 1 within 1e-6 or lie outside their ranges."""

    sources: tuple[MixSource, ...]
    tokens: int | None = None
    min_tokens: int | None = None
    when_short: WhenShort = "relax"
    corpus_tolerance: float = 0.001
    shard_tolerance: float = 0.01
    shard_tokens: int = 50_000_000
    seed: int = 17

    def __post_init__(self) -> None:
        total = sum(s.share for s in self.sources)
        if abs(total - 1) > 1e-6:
            raise UsageError(f"mix: the shares sum to {total:.6g}, not to 1.")
        for s in self.sources:
            if not 0 <= s.low <= s.share <= s.high <= 1:
                raise UsageError(f"mix.{s.name}: range [{s.low:g}, {s.high:g}] does not hold {s.share:g}.")


@dataclass(frozen=True)
class Budget:
    """A feasible mix; every tuple has one entry per source, in the order of the request.

    requested: tokens asked for, None for max. unique: tokens there are. shares: planned, each within its
    range. tokens: to draw. max_copies: of one document; more than the config's only under `upsample`.
    status: `short` when fewer tokens than requested are planned. notes: sentences for a person.
    """

    requested: int | None
    names: tuple[str, ...]
    unique: tuple[int, ...]
    shares: tuple[float, ...]
    tokens: tuple[int, ...]
    max_copies: tuple[int, ...]
    status: Literal["complete", "short"]
    notes: tuple[str, ...]

    @property
    def total(self) -> int:
        """Tokens planned in all."""
        return sum(self.tokens)

    @property
    def epochs(self) -> tuple[float, ...]:
        """Planned tokens over unique tokens; 0 for a source that gives none."""
        return tuple(t / u if u else 0.0 for t, u in zip(self.tokens, self.unique, strict=True))


@dataclass(frozen=True)
class _Problem:
    """The request in arrays, one entry per source: shares (float64) and tokens (int64)."""

    request: MixRequest
    unique: tuple[int, ...]
    target: np.ndarray
    low: np.ndarray
    high: np.ndarray
    stock: np.ndarray

    def most(self, shares: np.ndarray) -> float:
        """The most tokens that have these shares; not rounded, so that the source that binds gives all it
        has."""
        used = shares > 0
        return float(np.min(self.stock[used] / shares[used])) if used.any() else 0.0

    def binding(self) -> int:
        """The source that runs out first at the target shares."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return int(np.argmin(np.where(self.target > 0, self.stock / self.target, np.inf)))

    def feasible(self, total: int) -> bool:
        """Whether shares within their ranges give `total` tokens."""
        return nearest_shares(self.target, self.low, self.caps(total)) is not None

    def caps(self, total: float) -> np.ndarray:
        """The largest share each source can have in a corpus of `total` tokens."""
        caps: np.ndarray = np.minimum(self.high, self.stock / max(total, 1))
        return caps


def solve(request: MixRequest, unique: Sequence[int]) -> Budget:
    """The planned tokens of each source, given how many unique tokens it has.

    `tokens: max` is the most that the target shares allow. More than that: `relax` takes the shares within
    their ranges that reach it (see `nearest_shares`), or, when none do, the most tokens that the ranges
    allow and the nearest shares that reach these; `shrink` keeps the shares and takes fewer tokens;
    `upsample` keeps shares and tokens and passes max_epochs, never a stated max_copies; `fail` raises. A
    source without a token is left out where `relax` and its range allow share 0. Raises InfeasibleMix,
    naming the source that binds and what would unbind it.
    """
    problem = _problem(request, unique)
    possible = problem.most(problem.target)
    if request.tokens is not None and request.tokens <= possible + 1e-6:
        budget = _budget(problem, problem.target, request.tokens, [])
    elif request.when_short == "relax" and (request.tokens is not None or possible == 0):
        budget = _relaxed(problem, possible)
    elif request.when_short == "upsample" and request.tokens is not None:
        budget = _upsampled(problem, request.tokens)
    elif request.when_short == "fail" and request.tokens is not None:
        raise InfeasibleMix(_refusal(problem, request.tokens, possible))
    else:
        budget = _budget(problem, problem.target, possible, [_binding_note(problem, possible)])
    _require(problem, budget)
    return budget


def nearest_shares(target: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
    """Shares within [low, high], with the sum of `target`, whose largest deviation from `target` is least.

    Where that leaves a choice, the first source deviates least, then the second, and so on. None when there
    are no such shares. All (n_sources,) float64; low <= target, high may be under both.
    """
    missing = float(np.maximum(target - high, 0).sum())
    slack = np.maximum(high - target, 0)
    if (low > high + EPSILON).any() or slack.sum() < missing - EPSILON:
        return None
    widest = max(float(np.max(target - high)), _level(slack, missing), 0.0)
    least, most = np.minimum(np.maximum(low, target - widest), high), np.minimum(high, target + widest)
    shares, left = np.zeros(len(target)), float(target.sum())
    for i in range(len(target)):
        room = left - most[i + 1 :].sum(), left - least[i + 1 :].sum()
        shares[i] = min(max(min(max(target[i], room[0]), room[1]), least[i]), most[i])
        left -= shares[i]
    return shares


def _level(slack: np.ndarray, amount: float) -> float:
    """The least height at which sum(min(slack, height)) reaches `amount`, or the largest slack."""
    before = 0.0
    for i, height in enumerate(slack := np.sort(slack)):
        others = len(slack) - i
        if before + others * height >= amount:
            return (amount - before) / others
        before += float(height)
    return float(slack[-1])


def _problem(request: MixRequest, unique: Sequence[int]) -> _Problem:
    counts = tuple(int(u) for u in unique)
    sources = list(zip(request.sources, counts, strict=True))
    return _Problem(
        request,
        counts,
        np.array([s.share for s, _ in sources]),
        np.array([s.low for s, _ in sources]),
        np.array([s.high for s, _ in sources]),
        np.array([s.stock(u) for s, u in sources], np.int64),
    )


def _relaxed(problem: _Problem, possible: float) -> Budget:
    """The shares nearest to the targets that reach the tokens asked for, or the most that the ranges
    allow."""
    asked = problem.request.tokens
    if asked is None:  # a source is empty: the other shares are what `max` is counted by
        shares = nearest_shares(problem.target, problem.low, np.where(problem.stock > 0, problem.high, 0.0))
        total = 0.0 if shares is None else problem.most(shares)
    else:
        total = asked if problem.feasible(asked) else _most_in_ranges(problem, int(possible), asked)
        shares = nearest_shares(problem.target, problem.low, problem.caps(total))
    if shares is None or total == 0:
        raise InfeasibleMix(_refusal(problem, asked, possible))
    names = [s.name for s in problem.request.sources]
    moved = ", ".join(
        f"{name} {was:.4g} -> {now:.4g}"
        for name, was, now in zip(names, problem.target, shares, strict=True)
        if abs(was - now) > EPSILON
    )
    note = f"The target shares allow {count(possible)} tokens. Shares moved within their ranges: {moved}."
    return _budget(problem, shares, total, [note])


def _most_in_ranges(problem: _Problem, enough: int, too_many: int) -> int:
    """The largest total between two for which there are shares within the ranges."""
    while too_many - enough > 1:
        middle = (enough + too_many) // 2
        enough, too_many = (middle, too_many) if problem.feasible(middle) else (enough, middle)
    return enough


def _upsampled(problem: _Problem, total: int) -> Budget:
    """The asked shares and tokens, with as many epochs as they need."""
    notes = []
    for s, share, unique in zip(problem.request.sources, problem.target, problem.unique, strict=True):
        enough = unique > 0 if s.max_copies is None else unique * s.max_copies >= share * total
        if share > 0 and not enough:
            raise InfeasibleMix(_refusal(problem, total, problem.most(problem.target)))
        if unique and share * total > s.stock(unique):
            notes.append(
                f"{s.name} is seen {share * total / unique:.3g} times, above max_epochs {s.max_epochs:g}."
            )
    return _budget(problem, problem.target, total, notes)


def _budget(problem: _Problem, shares: np.ndarray, total: float, notes: list[str]) -> Budget:
    request, tokens = problem.request, whole_tokens(shares, total)
    if request.when_short != "upsample":
        tokens = np.minimum(tokens, problem.stock)
    short = request.tokens is not None and total < request.tokens - 1e-6
    if short:
        asked = count(request.tokens or 0)
        notes = [f"{count(total)} of the {asked} tokens asked for are possible. {_way_out(problem)}", *notes]
    return Budget(
        requested=request.tokens,
        names=tuple(s.name for s in request.sources),
        unique=problem.unique,
        shares=tuple(float(x) for x in shares),
        tokens=tuple(int(t) for t in tokens),
        max_copies=tuple(
            max(s.copies, -(-int(t) // u) if u else 0)
            for s, t, u in zip(request.sources, tokens, problem.unique, strict=True)
        ),
        status="short" if short else "complete",
        notes=tuple(notes),
    )


def whole_tokens(shares: np.ndarray, total: float) -> np.ndarray:
    """(n,) int64 tokens that sum to `total` times the sum of shares: rounded down, the largest remainders
    up."""
    exact = shares * total
    tokens = np.floor(exact * (1 + 1e-15) + 1e-6).astype(np.int64)
    left = round(float(exact.sum())) - int(tokens.sum())
    tokens[np.argsort(tokens - exact, kind="stable")[: max(left, 0)]] += 1
    return tokens


def _require(problem: _Problem, budget: Budget) -> None:
    """Raises InfeasibleMix for a corpus without a token, or with fewer than min_tokens."""
    if budget.total == 0:
        raise InfeasibleMix(_refusal(problem, problem.request.tokens, 0))
    least = problem.request.min_tokens
    if least is not None and budget.total < least:
        raise InfeasibleMix(
            f"The mix reaches {count(budget.total)} tokens, min_tokens asks for {count(least)}. "
            f"{_way_out(problem)}"
        )


def _refusal(problem: _Problem, asked: int | None, possible: float) -> str:
    """Which source binds, what it needs and has, and what would help."""
    i = problem.binding()
    s = problem.request.sources[i]
    if problem.stock[i] == 0:
        least = s.low if problem.request.when_short == "relax" else s.share
        why = f"may not go under {least:g}" if least else "cannot be made up for within the other ranges"
        return (
            f"mix.{s.name} has no tokens to draw, and its share {why}. Give it documents that pass its "
            f"stages, or take it out (with range [0, ...] and when_short: relax it is left out by itself)."
        )
    need = f"{count(math.ceil(s.share * asked))} tokens" if asked else "more tokens"
    return (
        f"mix.{s.name} needs {need}; {count(int(problem.stock[i]))} exist at {_limit(s)}, so "
        f"{count(possible)} tokens are possible in all. {_way_out(problem)}"
    )


def _limit(s: MixSource) -> str:
    """The setting that bounds a source's stock."""
    return f"max_copies {s.max_copies}" if s.copies < s.max_epochs else f"max_epochs {s.max_epochs:g}"


def _way_out(problem: _Problem) -> str:
    """What would let every source give what is asked of it."""
    request = problem.request
    wanted = max(request.tokens or 0, request.min_tokens or 0)
    sets = []
    for s, unique, stock in zip(request.sources, problem.unique, problem.stock, strict=True):
        if unique and s.share * wanted > stock:
            epochs = math.ceil(100 * s.share * wanted / unique) / 100
            sets.append(f"mix.{s.name}.max_epochs: {epochs:g}")
            if s.max_copies is not None and s.max_copies < epochs:
                sets.append(f"mix.{s.name}.max_copies: {math.ceil(epochs)}")
    raised = f"Set {' and '.join(sets)}, or lower" if sets else "Add documents, or lower"
    return f"{raised} {'tokens' if wanted == request.tokens else 'min_tokens'}."


def _binding_note(problem: _Problem, possible: float) -> str:
    s = problem.request.sources[problem.binding()]
    return (
        f"{s.name} binds: the target shares allow {count(possible)} tokens. A larger mix.{s.name}.max_epochs "
        f"(now {s.max_epochs:g}) or more of its documents allow more."
    )


def count(tokens: float) -> str:
    """A number of tokens as people say it: 950, 14.3 k, 1.4 M, 2.35 B."""
    for unit, size in (("B", 10**9), ("M", 10**6), ("k", 10**3)):
        if tokens >= size:
            return f"{tokens / size:.4g} {unit}"
    return str(int(tokens))
