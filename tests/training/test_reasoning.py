"""Promises about training models of reasoning quality."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import UsageError
from curate.kernels.trees import planted, tree_sums
from curate.models import reasoning as models
from curate.training import labelled
from curate.training import reasoning as training

pytest.importorskip("lightgbm")
pytest.importorskip("sklearn")

THINGS = ["lamp", "bridge", "price", "dog", "river", "law", "seed", "clock", "wall", "song", "field", "coin"]
STEPS = [
    "The {a} failed because the {b} was broken, so the {a} had to wait.",
    "If the {b} holds, then the {a} must hold too, since one rests on the other.",
    "However, the {b} was fine; therefore the cause lies elsewhere.",
    "Suppose that the {a} is right. It follows that the {b} is wrong, which cannot be.",
    "We checked the {b} again, and hence know that the {a} is not the reason.",
]
LISTS = [
    "Our {a} comes in red and blue.",
    "Order the {b} today and get a free {a}.",
    "The {a} is near the {b}.",
    "Opening hours of the {b}: nine to five.",
    "See the {a}, the {b} and more.",
]


def passages(origins: int = 8, each: int = 12, seed: int = 1) -> list[dict]:
    """Half of the origins reason."""
    rng = random.Random(seed)
    out = []
    for number in range(origins):
        label = number % 2
        for _ in range(each):
            some = [rng.choice(STEPS if label else LISTS) for _ in range(rng.randint(4, 7))]
            text = " ".join(s.format(a=rng.choice(THINGS), b=rng.choice(THINGS)) for s in some)
            kind = "argument" if label else rng.choice(["promotion", "reference"])
            out.append({"text": text, "label": label, "origin": f"place {number}", "kind": kind})
    return out


def written(path: Path, rows: list[dict]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    data = written(folder / "data.jsonl", passages())
    return (*labelled.train_files([data], folder / "model.npz"), folder)


def test_a_model_tells_what_reasons_on_places_it_has_not_seen(made):
    _, report, _, _ = made
    assert report.mean_auc > 0.95 and set(report.auc) == {f"place {n}" for n in range(8)}


def test_no_passage_is_scored_by_a_model_that_saw_its_place(made):
    _, report, _, _ = made
    origins = np.array([row["origin"] for row in passages()])
    assert all(len(set(report.fold[origins == o].tolist())) == 1 for o in np.unique(origins))
    assert len(report.models) == report.fold.max() + 1 > 1


def test_texts_learnt_from_for_their_order_are_left_out_with_their_place():
    rows = [training.Row(**row) for row in passages()]
    more = [training.Row(row["text"], 1, row["origin"]) for row in passages(seed=2)]
    data = training.prepare(rows, ordered=more)
    taken = data.take(np.flatnonzero(data.origins != "place 3"))
    assert {text.origin for text in data.ordered} == set(data.origins.tolist())
    assert {text.origin for text in taken.ordered} == set(taken.origins.tolist())


def test_the_model_file_says_what_the_model_says(made):
    model, _, _, folder = made
    text = np.frombuffer(passages(seed=5)[1]["text"].encode(), np.uint8)
    bounds = np.array([0, len(text)])
    stored = models.load(folder / "model.npz")
    assert models.score(stored, text, bounds) == models.score(model, text, bounds)


def test_equal_passages_give_equal_bytes_whatever_the_format(made, tmp_path):
    folder = made[-1]
    data = written(tmp_path / "data.parquet", passages())
    labelled.train_files([data], tmp_path / "model.npz")
    assert (tmp_path / "model.npz").read_bytes() == (folder / "model.npz").read_bytes()


def test_the_card_names_every_place_and_its_figures(made):
    _, report, card, _ = made
    assert all(f"| {o} | {no} | {yes} |" in card.read_text() for o, (no, yes) in report.counts.items())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"origin": None}, "there is no origin"),
        ({"label": None}, "there is neither a label"),
        ({"label": 2}, "label is 2; it must be 0 or 1"),
        ({"label": None, "score": 7}, "score is 7; it must be a number from 0 to 5"),
    ],
)
def test_a_passage_that_cannot_be_learnt_from_is_named(tmp_path, row, problem):
    data = written(tmp_path / "data.jsonl", [*passages(2, 1), {**passages(1, 1)[0], **row}])
    with pytest.raises(UsageError, match=f"data.jsonl, row 2: {problem}"):
        list(labelled.read(data))


def test_grades_are_labels_and_a_two_is_neither(tmp_path):
    rows = [{"text": "t", "score": grade, "origin": "o"} for grade in (0, 1, 2, 2.5, 3, 4, 5)]
    found = labelled.read(written(tmp_path / "data.jsonl", rows))
    assert [row.label for row in found] == [0, 0, 1, 1, 1]


def test_too_few_places_are_a_sentence(tmp_path):
    data = written(tmp_path / "data.jsonl", passages(4))
    with pytest.raises(UsageError, match="from 2 origins"):
        labelled.train_files([data], tmp_path / "model.npz")


def test_a_missing_package_is_a_sentence_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(labelled, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'curate\[train\]'") as raised:
        labelled.train_files([], tmp_path / "model.npz")
    assert raised.value.exit_code == 2


scores = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12)


@given(scores, scores)
def test_auc_is_how_often_the_higher_is_higher(high, low):
    pairs = [(a > b) + (a == b) / 2 for a in high for b in low]
    assert training.auc(np.array(high), np.array(low)) == pytest.approx(np.mean(pairs))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_calibration_error_is_the_mean_gap_of_score_and_frequency(found):
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, label in found:
        bins.setdefault(min(int(score * 10), 9), []).append((score, label))
    gaps = [abs(sum(s - y for s, y in some)) for some in bins.values()]
    values, labels = np.array([s for s, _ in found]), np.array([float(y) for _, y in found])
    ours = training.calibration_error(values, labels, np.ones(len(found)))
    assert ours == pytest.approx(sum(gaps) / len(found), abs=1e-9)


@given(st.lists(st.sampled_from(["One.", "Two two?", "Three!", "Four\nlines.", "and"]), max_size=8))
def test_shuffling_keeps_every_sentence(some):
    text = " ".join(some)
    before, after = text.split(), training.shuffled(text, random.Random(1)).split()
    assert sorted(before) == sorted(after)


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_flat_trees_say_what_lightgbm_says(seed):
    import lightgbm

    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 5, (200, 4)).astype(np.float32)
    labels = (rows[:, 0] + rows[:, 1] > 4).astype(int)
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 5, "num_threads": 1, "seed": seed}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels), 7)
    arrays, bias = training.flat(booster.dump_model()["tree_info"])
    out = np.full(len(rows), bias)
    tree_sums(rows, planted(**arrays), out)
    np.testing.assert_allclose(out, booster.predict(rows, raw_score=True), atol=1e-5)
