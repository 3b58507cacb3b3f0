"""The whole plan: exact in the corpus and in every shard, the same for the same documents, or refused in
words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import InfeasibleMix
from curate.mix import MixPlan, MixRequest, MixSource, plan
from tests.mix.corpora import NAMES, Columns, columns, lognormal, request

BENCH = Path(__file__).parents[2] / "../shared/corpus/bench"


def recomputed(found: MixPlan, corpus: Columns) -> tuple[float, float]:
    """(corpus error, shard error) from the copies alone, as an outsider would."""
    tokens, source = corpus["tokens"][found.document], corpus["source"][found.document]
    table = np.zeros((found.shard.max() + 1, len(found.budget.shares)))
    np.add.at(table, (found.shard, source), tokens)
    errors = np.abs(table / table.sum(axis=1, keepdims=True) - found.budget.shares)
    whole = np.abs(table.sum(axis=0) / table.sum() - found.budget.shares)
    return whole.max(), errors.max()


def holds(found: MixPlan, corpus: Columns) -> None:
    """What must be true of every plan."""
    whole, shard = recomputed(found, corpus)
    assert whole == pytest.approx(found.corpus_error) and shard == pytest.approx(found.shard_error)
    assert whole <= found.request.corpus_tolerance and shard <= found.request.shard_tolerance
    assert (np.bincount(found.document, minlength=len(found.copies)) == found.copies).all()
    limit = np.array(found.budget.max_copies)[corpus["source"]]
    assert (found.copies <= limit).all() and not found.copies[found.oversize].any()
    assert (np.lexsort((found.position, found.shard)) == np.arange(len(found.document))).all()
    pairs = found.document * (limit.max() + 1) + found.copy
    assert len(np.unique(pairs)) == len(pairs) and found.copy.min() == 1
    assert (found.copy <= found.copies[found.document]).all()
    drawn = np.bincount(corpus["source"], corpus["tokens"] * found.copies, len(found.budget.shares))
    assert (drawn <= found.budget.tokens).all() or found.budget.status == "complete"
    assert found.total == drawn.sum()


@pytest.mark.parametrize("tokens", [2_000_000, 4_000_000, None, 40_000_000])
@pytest.mark.parametrize("epochs", [(1, 1, 1, 1), (1, 2, 3, 2)])
def test_every_shard_has_the_planned_shares(tokens: int | None, epochs: tuple[float, ...]) -> None:
    corpus = lognormal(15_000)
    found = plan(request(epochs, tokens=tokens, shard_tokens=500_000), **corpus)
    holds(found, corpus)
    assert found.corpus_error < 1e-4 and found.shard_error < 2e-3
    assert found.n_shards == round(found.total / 500_000)


@settings(max_examples=25)
@given(st.data())
def test_a_plan_keeps_its_promises_or_is_refused(data: st.DataObject) -> None:
    n, seed = data.draw(st.integers(1, 3000)), data.draw(st.integers(0, 2**32))
    corpus = lognormal(n, seed, scored=data.draw(st.booleans()))
    asked = request(
        data.draw(st.sampled_from([(1, 1, 1, 1), (1, 2, 3, 2), (0.5, 1.5, 2.5, 7)])),
        tokens=data.draw(st.one_of(st.none(), st.integers(1, 5_000_000))),
        shard_tokens=data.draw(st.sampled_from([20_000, 100_000, 500_000])),
        when_short=data.draw(st.sampled_from(["relax", "shrink", "upsample", "fail"])),
        seed=seed,
    )
    try:
        found = plan(asked, **corpus)
    except InfeasibleMix as error:
        assert "mix." in str(error)
        return
    holds(found, corpus)


def same_plan(a: MixPlan, b: MixPlan, rows: np.ndarray) -> None:
    """b was made from rows `rows` of a's documents."""
    assert (rows[b.document] == a.document).all()
    assert (b.copy == a.copy).all() and (b.shard == a.shard).all() and (b.position == a.position).all()


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_the_order_in_which_documents_come_does_not_matter(seed: int) -> None:
    corpus = lognormal(2000, seed)
    corpus["hash_high"][:200] = corpus["hash_high"][200:400]
    corpus["hash_low"][:100] = corpus["hash_low"][200:300]  # equal hashes go by `tie`
    rows = np.random.default_rng(seed).permutation(2000)
    asked = request(tokens=1_500_000, shard_tokens=300_000)
    same_plan(plan(asked, **corpus), plan(asked, **{k: v[rows] for k, v in corpus.items()}), rows)


def test_names_of_sources_do_not_matter() -> None:
    corpus, asked = lognormal(3000), request(tokens=2_000_000, shard_tokens=300_000)
    renamed = [MixSource(s.name[::-1], s.share, s.low, s.high, s.max_epochs) for s in asked.sources]
    other = MixRequest(tuple(renamed), tokens=2_000_000, shard_tokens=300_000)
    same_plan(plan(asked, **corpus), plan(other, **corpus), np.arange(3000))


def test_read_only_columns_are_as_good() -> None:
    corpus = lognormal(500)
    for column in corpus.values():
        column.flags.writeable = False
    holds(plan(request(shard_tokens=200_000, corpus_tolerance=0.01), **corpus), corpus)


def test_max_with_one_epoch_uses_all_of_the_binding_source_whatever_it_weighs() -> None:
    corpus = lognormal(8000)
    corpus["tokens"][::50] = 0
    found = plan(request((1, 1, 1, 1), shard_tokens=500_000), **corpus)
    assert any((found.copies[corpus["source"] == s] == 1).all() for s in range(4))


def test_a_bigger_budget_keeps_the_documents_of_a_smaller_one() -> None:
    corpus = lognormal(8000)
    small, large = (plan(request(tokens=t, shard_tokens=500_000), **corpus) for t in (2_000_000, 3_000_000))
    assert (large.copies < small.copies).sum() <= 30


def test_no_kind_falls_under_its_floor_and_the_plan_says_which_floors_held() -> None:
    corpus = lognormal(8000)
    kind = (np.arange(8000) % 5).astype(np.int16)
    corpus["weight"] = corpus["weight"] * 0.2**kind
    names = ("unnamed", "proof", "argument", "news", "boilerplate")
    floors = {"default": 0.5, "boilerplate": 0.8, "news": 0}
    sources = tuple(replace(s, floors=floors) for s in request().sources)
    asked = replace(request(tokens=2_000_000, shard_tokens=500_000), sources=sources)
    found = plan(asked, **corpus, kind=kind, kinds=names)
    holds(found, corpus)
    free = plan(request(tokens=2_000_000, shard_tokens=500_000), **corpus, kind=kind, kinds=names)
    for s, source in enumerate(NAMES):
        mine = (corpus["source"] == s) & ~found.oversize
        there, drawn, without = (
            np.bincount(kind[mine], corpus["tokens"][mine] * times[mine])
            for times in (np.ones(8000, int), found.copies, free.copies)
        )
        for k, name in enumerate(names):
            row = found.discourse[source][name]
            assert row["available"] == pytest.approx(there[k] / there.sum())
            assert row["drawn"] == pytest.approx(drawn[k] / drawn.sum())
            assert row["floor"] == pytest.approx(floors.get(name, 0.5) * row["available"])
            assert row["drawn"] >= row["floor"]
            assert row["hit"] or drawn[k] <= without[k] or not row["floor"]
        assert found.discourse[source]["boilerplate"]["hit"]
        assert not found.discourse[source]["unnamed"]["hit"]
        assert without[4] / without.sum() < 0.1 < drawn[4] / drawn.sum()


def test_copies_stand_in_different_shards_and_never_side_by_side() -> None:
    corpus = lognormal(1500)
    several = plan(request((4, 4, 4, 4), shard_tokens=500_000), **corpus)
    assert several.n_shards > 4 and several.copies.max() == 4
    where = several.document * several.n_shards + several.shard
    assert len(np.unique(where)) == len(where)
    alone = plan(request((4, 4, 4, 4)), **corpus)
    assert alone.n_shards == 1
    assert (alone.document[1:] != alone.document[:-1]).all()


def test_documents_too_large_for_their_part_of_a_shard_are_left_out_and_marked() -> None:
    corpus = lognormal(8000)
    corpus["tokens"][:3] = 260_000
    found = plan(request(tokens=3_000_000, shard_tokens=500_000), **corpus)
    assert found.oversize[:3].all() and found.oversize.sum() == (corpus["tokens"] > 50_000).sum()
    holds(found, corpus)


def test_a_corpus_smaller_than_one_shard_is_one_shard() -> None:
    corpus = lognormal(3000)
    found = plan(request(tokens=200_000), **corpus)
    assert found.n_shards == 1 and found.shard_error == found.corpus_error
    holds(found, corpus)


def test_one_source_alone_is_a_mix() -> None:
    corpus = lognormal(2000)
    corpus["source"][:] = 0
    found = plan(MixRequest((MixSource("web", 1, 1, 1),), shard_tokens=100_000), **corpus)
    assert found.total == corpus["tokens"][~found.oversize].sum() and found.corpus_error == 0


def test_a_source_without_documents_is_refused_by_name() -> None:
    corpus = lognormal(2000)
    corpus["source"][corpus["source"] == 1] = 0
    with pytest.raises(InfeasibleMix, match=r"mix\.code has no tokens"):
        plan(request(), **corpus)


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(InfeasibleMix, match="has no tokens"):
        plan(request(), **{name: column[:0] for name, column in lognormal(10).items()})


def test_too_few_documents_for_the_tolerance_are_refused_with_the_tolerance_that_holds() -> None:
    corpus = columns(np.arange(8) % 4, np.array([700, 701, 333, 512, 620, 590, 450, 415]))
    with pytest.raises(
        InfeasibleMix, match=r"come no nearer to .* Set|or set mix\.tolerance\.corpus: "
    ) as error:
        plan(request(), **corpus)
    said = float(str(error.value).rsplit(" ", 1)[1].rstrip("."))
    holds(plan(request(corpus_tolerance=said, shard_tolerance=said), **corpus), corpus)


def test_shards_that_cannot_be_even_are_refused_with_a_size_that_can() -> None:
    rng = np.random.default_rng(2)
    source = np.repeat(np.arange(4), [2000, 800, 20, 700])
    tokens = np.concatenate([rng.integers(100, 900, 2000), rng.integers(100, 900, 800)])
    tokens = np.concatenate([tokens, np.full(20, 9000), rng.integers(100, 900, 700)])
    corpus = columns(source, tokens)
    with pytest.raises(InfeasibleMix, match=r"mix\.academic: its documents, of up to 9 k tokens") as error:
        plan(request((1, 1, 1, 1), shard_tokens=100_000), **corpus)
    size = int(str(error.value).split("output.shard_tokens: ")[1].split(",")[0])
    assert size < 1_400_000
    holds(plan(request((1, 1, 1, 1), shard_tokens=size), **corpus), corpus)


def test_equal_weights_and_no_scores_draw_the_same() -> None:
    corpus = lognormal(3000, scored=False)
    asked = request(tokens=1_000_000, shard_tokens=300_000)
    ones = {**corpus, "weight": np.ones(3000)}
    same_plan(plan(asked, **corpus), plan(asked, **ones), np.arange(3000))


@pytest.mark.skipif(not BENCH.exists(), reason="needs ../shared/corpus/bench")
@pytest.mark.parametrize("tokens", [None, 10_000_000, 2_000_000])
@pytest.mark.parametrize("shard_tokens", [50_000_000, 500_000, 200_000])
def test_real_sizes_are_mixed_exactly(tokens: int | None, shard_tokens: int) -> None:
    sizes = [
        pc.fill_null(pc.binary_length(pq.read_table(f, columns=["text"])["text"]), 0).to_numpy() // 4
        for name in NAMES
        for f in sorted((BENCH / name).glob("*.parquet"))
    ]
    files = [i for i, name in enumerate(NAMES) for _ in (BENCH / name).glob("*.parquet")]
    corpus = columns(np.repeat(files, [len(s) for s in sizes]), np.concatenate(sizes))
    found = plan(request(tokens=tokens, shard_tokens=shard_tokens), **corpus)
    holds(found, corpus)
    assert found.corpus_error < 1e-4 and found.shard_error < 2e-3
