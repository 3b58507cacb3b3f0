"""Drawing: the copies of lowest rank, then what fits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.mix import draw as drawing
from curate.mix.draw import draw, filled_weights, fractions, mixed, reserved
from tests.mix.corpora import lognormal


def ranked(
    tokens: np.ndarray, f: np.ndarray, weight: np.ndarray, max_copies: int
) -> list[tuple[float, int, int]]:
    """(rank, document, copy) of every copy, in order: the definition, written down at once."""
    return sorted(
        ((k - f[i]) / weight[i], i, k) for i in range(len(tokens)) for k in range(1, max_copies + 1)
    )


@st.composite
def sources(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    n, seed = draw(st.integers(1, 120)), draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    tokens = rng.integers(draw(st.sampled_from([0, 1])), draw(st.sampled_from([2, 50, 3000])), n)
    weight = rng.random(n) ** draw(st.sampled_from([0, 1, 3])) + 1e-3
    return tokens, rng.random(n), weight, draw(st.integers(1, 7))


@given(sources(), st.floats(0, 1.1))
def test_drawing_takes_the_lowest_ranks_until_the_first_that_does_not_fit(
    source: tuple[np.ndarray, np.ndarray, np.ndarray, int], part: float
) -> None:
    tokens, f, weight, max_copies = source
    target = int(part * tokens.sum() * max_copies)
    enough = int(tokens.max())
    copies = draw(target, tokens, f, weight, max_copies, enough)
    expected, left = np.zeros(len(tokens), int), target
    for _, i, _ in ranked(tokens, f, weight, max_copies):
        if (left <= enough and target < tokens.sum() * max_copies) or not target:
            break
        expected[i] += 1
        left -= tokens[i]
    assert copies.tolist() == expected.tolist()


@given(sources(), st.floats(0, 1.1))
def test_a_target_is_never_exceeded_nor_the_most_copies(
    source: tuple[np.ndarray, np.ndarray, np.ndarray, int], part: float
) -> None:
    tokens, f, weight, max_copies = source
    target = int(part * tokens.sum() * max_copies)
    copies = draw(target, tokens, f, weight, max_copies)
    assert (copies >= 0).all() and (copies <= max_copies).all()
    assert tokens @ copies <= target
    if target >= tokens.sum() * max_copies > 0:
        assert (copies == max_copies).all()


@given(sources(), st.floats(0, 1))
def test_what_is_missing_is_less_than_any_copy_left(
    source: tuple[np.ndarray, np.ndarray, np.ndarray, int], part: float
) -> None:
    tokens, f, weight, max_copies = source
    target = int(part * tokens.sum() * max_copies)
    copies = draw(target, tokens, f, weight, max_copies)
    left = tokens[(copies < max_copies) & (tokens > 0)]
    assert target - tokens @ copies < left.min(initial=2**40)


Kinds = tuple[np.ndarray, np.ndarray]


@st.composite
def kinds(draw: st.DrawFn, tokens: np.ndarray, target: int) -> Kinds:
    """(kind of each document, floors): a fraction, 0 to 1, of what plain sampling gives each kind."""
    rng, n = np.random.default_rng(draw(st.integers(0, 2**32))), draw(st.integers(1, 5))
    kind = rng.integers(0, n, len(tokens))
    portions = np.bincount(kind, tokens, n) / max(tokens.sum(), 1)
    fraction = np.full(n, draw(st.sampled_from([0, 0.5, 0.8, 1]))) * (rng.random(n) < 0.8)
    return kind, np.ceil(fraction * portions * target * (1 - 2**-50)).astype(np.int64)


def with_floors(
    source: tuple[np.ndarray, np.ndarray, np.ndarray, int], target: int, found: Kinds
) -> np.ndarray:
    """The copies drawn, where the last gap is never filled."""
    kind, floors = found
    least = reserved(target, *source, floors, kind)
    return draw(target, *source, enough=int(source[0].max()), least=least)


@given(st.data(), sources(), st.floats(0, 1))
def test_floors_are_reserved_by_rank_and_the_rest_goes_by_rank_over_all(
    data: st.DataObject, source: tuple[np.ndarray, np.ndarray, np.ndarray, int], part: float
) -> None:
    tokens, _, _, max_copies = source
    target = int(part * tokens.sum() * max_copies)
    kind, floors = data.draw(kinds(tokens, target))
    order = [(i, k) for _, i, k in ranked(*source)]

    def reserve(reach: bool) -> list[tuple[int, int]]:
        out = []
        for number, floor in enumerate(floors):
            have = 0
            for i, k in order:
                if kind[i] == number and have < floor and (reach or have + tokens[i] < floor):
                    out.append((i, k))
                    have += tokens[i]
                elif kind[i] == number:
                    break
        return out

    taken = reserve(True)
    if sum(tokens[i] for i, _ in taken) > target:
        taken = reserve(False)
    left = target - sum(tokens[i] for i, _ in taken)
    for copy in [copy for copy in order if copy not in set(taken)]:
        if left <= tokens.max() or not target:
            break
        taken.append(copy)
        left -= tokens[copy[0]]
    if target < tokens.sum() * max_copies:
        expected = np.bincount([i for i, _ in taken], minlength=len(tokens))
        assert with_floors(source, target, (kind, floors)).tolist() == expected.tolist()


@given(st.data(), sources(), st.floats(0, 1.1))
def test_every_kind_has_its_floor_but_for_one_document_where_whole_ones_leave_no_room(
    data: st.DataObject, source: tuple[np.ndarray, np.ndarray, np.ndarray, int], part: float
) -> None:
    tokens, _, _, max_copies = source
    target = min(int(part * tokens.sum() * max_copies), int(tokens.sum() * max_copies))
    kind, floors = data.draw(kinds(tokens, target))
    copies = draw(target, *source, least=reserved(target, *source, floors, kind))
    assert tokens @ copies <= target and (copies >= 0).all() and (copies <= max_copies).all()
    drawn = np.bincount(kind, tokens * copies, len(floors))
    largest = np.array([tokens[kind == k].max(initial=0) for k in range(len(floors))])
    room = (floors + largest)[floors > 0].sum() <= target
    assert (drawn >= floors - (0 if room else largest)).all()


def test_no_floors_change_nothing() -> None:
    corpus = lognormal(3000)
    f, weight = fractions(corpus["hash_high"], corpus["hash_low"], 17), filled_weights(corpus["weight"])
    given_ = (corpus["tokens"], f, weight, 2)
    kind = np.arange(3000) % 7
    least = reserved(900_000, *given_, np.zeros(7, np.int64), kind)
    assert not least.any()
    assert (draw(900_000, *given_, least=least) == draw(900_000, *given_)).all()


def test_with_floors_too_a_bigger_budget_only_adds_but_for_the_last_few_of_each_kind() -> None:
    corpus = lognormal(5000)
    kind, tokens = np.arange(5000) % 6, corpus["tokens"]
    f = fractions(corpus["hash_high"], corpus["hash_low"], 17)
    weight = filled_weights(corpus["weight"]) * 0.3**kind
    portions = np.bincount(kind, tokens) / tokens.sum()
    before = np.zeros(5000, int)
    for target in range(200_000, 9_000_000, 400_000):
        floors = np.ceil(0.7 * portions * target).astype(np.int64)
        least = reserved(target, tokens, f, weight, 3, floors, kind)
        copies = draw(target, tokens, f, weight, 3, enough=target // 10_000, least=least)
        assert (copies < before).sum() <= 12
        assert (np.bincount(kind, tokens * copies) >= floors).all()
        before = copies


def test_the_window_does_not_change_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    tokens, f, weight = rng.integers(1, 4000, 5000), rng.random(5000), rng.random(5000) + 1e-3
    kind = np.searchsorted([0.1, 0.3], weight)

    def drawn(target: int) -> np.ndarray:
        floors = np.ceil(0.8 * target * np.bincount(kind, tokens) / tokens.sum()).astype(np.int64)
        least = reserved(target, tokens, f, weight, 3, floors, kind)
        return draw(target, tokens, f, weight, 3, enough=9, least=least)

    whole = [drawn(t) for t in (10_000, 3_000_000, 20_000_000)]
    for window, chunk in ((16, 100), (1000, 1 << 20)):
        monkeypatch.setattr(drawing, "WINDOW", window)
        monkeypatch.setattr(drawing, "CHUNK", chunk)
        for target, expected in zip((10_000, 3_000_000, 20_000_000), whole, strict=True):
            assert (drawn(target) == expected).all()


def test_a_bigger_budget_only_adds_but_for_the_last_few() -> None:
    corpus = lognormal(5000)
    f = fractions(corpus["hash_high"], corpus["hash_low"], 17)
    weight = filled_weights(corpus["weight"])
    before = np.zeros(5000, int)
    for target in range(200_000, 9_000_000, 400_000):
        copies = draw(target, corpus["tokens"], f, weight, 3, enough=target // 10_000)
        assert (copies < before).sum() <= 12
        before = copies


def test_weights_are_expected_copies_and_equal_weights_plain_sampling() -> None:
    n = 40_000
    corpus = lognormal(n)
    f = fractions(corpus["hash_high"], corpus["hash_low"], 17)
    tokens, heavy = np.full(n, 100), np.arange(n) % 2 == 0
    copies = draw(n * 75, tokens, f, np.where(heavy, 0.8, 0.4), 4)
    assert copies[heavy].mean() == pytest.approx(2 * copies[~heavy].mean(), rel=0.02)
    assert draw(n * 50, tokens, f, np.ones(n), 4).max() == 1


def test_another_seed_draws_other_documents() -> None:
    corpus = lognormal(2000)
    high, low = corpus["hash_high"], corpus["hash_low"]
    a, b = (draw(300_000, corpus["tokens"], fractions(high, low, s), np.ones(2000), 1) for s in (1, 2))
    assert 0 < (a & b).sum() < 0.6 * a.sum()


def test_a_document_without_a_score_weighs_its_sources_mean() -> None:
    assert filled_weights(np.array([0.2, np.nan, 0.6])).tolist() == pytest.approx([0.2, 0.4, 0.6])
    assert filled_weights(np.array([np.nan, np.nan])).tolist() == [1, 1]


def splitmix(x: int) -> int:
    """One step of splitmix64, from its published C."""
    x = (x + 0x9E3779B97F4A7C15) % 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


@settings(max_examples=50)
@given(*[st.integers(0, 2**64 - 1)] * 3, st.integers(0, 3))
def test_the_hash_is_splitmix64_over_seed_stream_and_document(
    high: int, low: int, seed: int, stream: int
) -> None:
    found = mixed(np.array([high], np.uint64), np.array([low], np.uint64), seed, stream)
    assert int(found[0]) == splitmix(splitmix(splitmix(splitmix(seed) ^ stream) ^ high) ^ low)
    f = fractions(np.array([high], np.uint64), np.array([low], np.uint64), seed)
    assert 0 <= f[0] < 1


def test_too_little_left_to_fit_is_mended_by_an_exchange() -> None:
    tokens = np.array([5000] * 40 + [5090, 5170])
    f = np.linspace(0.99, 0.01, 42)
    copies = draw(5000 * 40 + 180, tokens, f, np.ones(42), 1, enough=10)
    assert tokens @ copies >= 5000 * 40 + 170


def test_documents_without_tokens_cost_nothing_and_are_drawn_with_the_rest() -> None:
    tokens, f = np.array([0, 10, 0, 10]), np.array([0.9, 0.8, 0.7, 0.1])
    assert draw(20, tokens, f, np.ones(4), 1).tolist() == [1, 1, 1, 1]
    assert draw(10, tokens, f, np.ones(4), 1).tolist() == [1, 1, 0, 0]  # reached: nothing more
    assert draw(0, tokens, f, np.ones(4), 1).tolist() == [0, 0, 0, 0]
