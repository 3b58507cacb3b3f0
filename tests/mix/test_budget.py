"""Feasibility: how many tokens each source gives, and what is said when that is too few."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import InfeasibleMix, UsageError
from curate.mix import MixRequest, MixSource, solve
from curate.mix.budget import nearest_shares
from tests.mix.corpora import RANGES, SHARES, request


@st.composite
def problems(draw: st.DrawFn) -> tuple[MixRequest, list[int]]:
    parts = np.array(draw(st.lists(st.integers(1, 50), min_size=1, max_size=6)))
    shares = parts / parts.sum()
    sources = []
    for i, share in enumerate(shares):
        low, high = share * draw(st.floats(0, 1)), share + (1 - share) * draw(st.floats(0, 1))
        epochs, copies = draw(st.sampled_from([0.5, 1, 1.5, 4])), draw(st.sampled_from([None, None, 1, 7]))
        sources.append(MixSource(f"s{i}", float(share), float(low), float(high), epochs, copies))
    policy = draw(st.sampled_from(["relax", "shrink", "upsample", "fail"]))
    tokens = draw(st.one_of(st.none(), st.integers(1, 10**7)))
    unique = draw(st.lists(st.integers(0, 10**6), min_size=len(parts), max_size=len(parts)))
    return MixRequest(tuple(sources), tokens, when_short=policy), unique


@given(problems())
def test_a_budget_keeps_ranges_stocks_and_sums(problem: tuple[MixRequest, list[int]]) -> None:
    asked, unique = problem
    try:
        budget = solve(asked, unique)
    except InfeasibleMix:
        return
    assert budget.total <= (asked.tokens or np.inf)
    assert (budget.status == "short") == (asked.tokens is not None and budget.total < asked.tokens)
    assert sum(budget.shares) == pytest.approx(1, abs=1e-6)
    for source, share, tokens, stock in zip(asked.sources, budget.shares, budget.tokens, unique, strict=True):
        assert source.low - 1e-9 <= share <= source.high + 1e-9
        assert abs(tokens - share * budget.total) <= len(unique) + 1
        assert tokens <= (source.stock(stock) if asked.when_short != "upsample" else tokens)
        assert tokens <= stock * budget.max_copies[asked.sources.index(source)]


@given(problems())
def test_max_uses_up_the_binding_source(problem: tuple[MixRequest, list[int]]) -> None:
    asked, unique = problem
    asked = MixRequest(asked.sources)
    stocks = [s.stock(u) for s, u in zip(asked.sources, unique, strict=True)]
    if min(stocks) == 0:
        return
    budget = solve(asked, unique)
    used = [s.share == x for s, x in zip(asked.sources, budget.shares, strict=True)]
    assert all(used)
    assert any(t == s for t, s in zip(budget.tokens, stocks, strict=True))


def grids(n: int, steps: int) -> np.ndarray:
    """All shares of n sources in whole steps that sum to 1."""
    cuts = itertools.product(range(steps + 1), repeat=n - 1)
    return np.array([(*c, steps - sum(c)) for c in cuts if sum(c) <= steps]) / steps


@settings(max_examples=60)
@given(st.data())
def test_relaxed_shares_are_the_nearest_that_a_search_of_all_finds(data: st.DataObject) -> None:
    steps, n = 20, data.draw(st.integers(2, 4))
    grid = grids(n, steps)
    target = grid[data.draw(st.integers(0, len(grid) - 1))]
    low = np.array([data.draw(st.integers(0, round(t * steps))) for t in target]) / steps
    high = np.array([data.draw(st.integers(round(x * steps), steps)) for x in low]) / steps
    inside = grid[((grid >= low - 1e-9) & (grid <= high + 1e-9)).all(axis=1)]
    found = nearest_shares(target, low, high)
    assert (found is None) == (len(inside) == 0)
    if found is not None:
        best = np.abs(inside - target).max(axis=1).min()
        widest = np.abs(found - target).max()
        assert widest <= best + 1e-9
        assert widest > best - 1 / steps - 1e-9  # a grid point lies that near to any shares
        assert (found >= low - 1e-9).all() and (found <= high + 1e-9).all()
        assert found.sum() == pytest.approx(1)
        if widest > best - 1e-9:  # the grid holds minimisers: none of them keeps an earlier source nearer
            rivals = inside[np.abs(inside - target).max(axis=1) < best + 1e-9]
            ours = np.abs(found - target)
            for rival in np.abs(rivals - target):
                apart = np.flatnonzero(np.abs(rival - ours) > 1e-9)
                assert not apart.size or ours[apart[0]] < rival[apart[0]]


def test_relax_moves_the_last_sources_of_the_config_first() -> None:
    found = solve(request((1, 1, 1, 1), tokens=1000), [600, 200, 110, 200])
    assert found.shares == pytest.approx((0.55, 0.19, 0.11, 0.15))
    assert found.status == "complete" and found.tokens == (550, 190, 110, 150)
    assert "academic 0.13 -> 0.11" in found.notes[0]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 400), min_size=4, max_size=4))
def test_relax_shrinks_to_the_most_tokens_that_the_ranges_allow(unique: list[int]) -> None:
    found = solve(request((1, 1, 1, 1), tokens=2000), unique)
    grid = grids(4, 50)
    low, high = np.array(RANGES).T
    inside = grid[((grid >= low - 1e-9) & (grid <= high + 1e-9)).all(axis=1)]
    most = min(2000.0, (np.array(unique) / inside).min(axis=1).max())
    assert found.total >= most - 4
    assert found.total <= most * 1.2


def test_shrink_keeps_the_shares() -> None:
    found = solve(request((1, 1, 1, 1), tokens=1000, when_short="shrink"), [600, 200, 65, 200])
    assert found.shares == SHARES
    assert (found.total, found.tokens[2], found.status) == (500, 65, "short")
    assert "mix.academic.max_epochs: 2" in found.notes[0]


def test_upsample_passes_max_epochs_but_not_a_stated_max_copies() -> None:
    found = solve(request((1, 1, 1, 1), tokens=1000, when_short="upsample"), [600, 200, 65, 200])
    assert (found.status, found.tokens, found.max_copies) == ("complete", (550, 180, 130, 140), (1, 1, 2, 1))
    assert found.epochs[2] == 2 and "academic is seen 2 times" in found.notes[0]
    once = MixRequest((MixSource("a", 1, 1, 1, 1, max_copies=1),), 100, when_short="upsample")
    with pytest.raises(InfeasibleMix, match="max_copies: 2"):
        solve(once, [50])


def test_a_refusal_names_source_need_stock_and_what_would_help() -> None:
    with pytest.raises(InfeasibleMix) as caught:
        solve(request((1, 1, 3, 1), tokens=10_800_000, when_short="fail"), [10**7, 10**7, 300_000, 10**7])
    assert str(caught.value) == (
        "mix.academic needs 1.404 M tokens; 900 k exist at max_epochs 3, so 6.923 M tokens are possible "
        "in all. Set mix.academic.max_epochs: 4.68, or lower tokens."
    )
    assert caught.value.exit_code == 3


@given(problems())
def test_what_a_refusal_or_note_advises_works(problem: tuple[MixRequest, list[int]]) -> None:
    asked, unique = problem
    if asked.tokens is None or min(unique) == 0:
        return
    needed = [asked.tokens * s.share / u for s, u in zip(asked.sources, unique, strict=True)]
    advice = ""
    try:
        advice = " ".join(solve(MixRequest(asked.sources, asked.tokens, when_short="shrink"), unique).notes)
    except InfeasibleMix as error:
        advice = str(error)
    for s, epochs in zip(asked.sources, needed, strict=True):
        if f"mix.{s.name}.max_epochs: " in advice:
            said = float(advice.split(f"mix.{s.name}.max_epochs: ")[1].split()[0].rstrip(","))
            assert epochs <= said * (1 + 1e-4)


def test_min_tokens_is_a_floor() -> None:
    with pytest.raises(InfeasibleMix, match="reaches 500 tokens, min_tokens asks for 501"):
        solve(request((1, 1, 1, 1), min_tokens=501), [600, 200, 65, 200])
    assert solve(request((1, 1, 1, 1), min_tokens=500), [600, 200, 65, 200]).total == 500


def test_a_source_without_tokens_is_named() -> None:
    for tokens in (None, 1000):
        with pytest.raises(InfeasibleMix, match=r"mix\.code has no tokens to draw, .* under 0\.15"):
            solve(request(tokens=tokens), [600, 0, 200, 200])


def test_a_source_without_tokens_is_left_out_where_its_range_allows_that() -> None:
    sources = (MixSource("web", 0.6, 0.5, 1), MixSource("code", 0.4, 0, 0.5))
    found = solve(MixRequest(sources), [600, 0])
    assert (found.shares, found.tokens) == ((1.0, 0.0), (600, 0))
    with pytest.raises(InfeasibleMix):
        solve(MixRequest(sources, when_short="shrink"), [600, 0])


def test_shares_that_sum_to_one_within_a_millionth_are_taken_as_they_are() -> None:
    thirds = tuple(MixSource(n, 0.3333333, 0.3333333, 0.3333333) for n in "abc")
    assert solve(MixRequest(thirds, 300), [200, 200, 200]).tokens == (100, 100, 100)
    with pytest.raises(UsageError, match=r"sum to 0\.66"):
        MixRequest(thirds[:2])
    with pytest.raises(UsageError, match="does not hold"):
        MixRequest((MixSource("a", 1, 0.5, 0.9),))


def test_a_single_source_gives_all_it_has() -> None:
    found = solve(MixRequest((MixSource("web", 1, 1, 1),)), [12_345])
    assert (found.tokens, found.status, found.epochs) == ((12_345,), "complete", (1.0,))
