"""Promises about reading fastText classifiers, held against fastText itself."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import fasttext as library
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.documents import Batch
from curate.models import fasttext

WORDS = ["alpha", "beta", "gamma", "delta", "über", "空", "naïve", "end", "of", "the", "long-word", "x1", "y"]
KINDS = {
    "softmax": {"loss": "softmax", "minn": 0, "maxn": 0},
    "softmax, word bigrams": {"loss": "softmax", "wordNgrams": 2, "bucket": 500},
    "hierarchical, characters": {"loss": "hs", "minn": 2, "maxn": 4, "bucket": 1000},
    "negative sampling, both": {"loss": "ns", "minn": 1, "maxn": 3, "wordNgrams": 3, "bucket": 700},
    "one against all": {"loss": "ova", "minn": 3, "maxn": 3, "bucket": 300},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> dict[str, Path]:
    """Small models of fastText's, one of each kind, and two that are quantised."""
    folder, rng, out = tmp_path_factory.mktemp("fasttext"), random.Random(3), {}
    lines = [
        f"__label__{k} " + " ".join(rng.choices(WORDS[k : k + 6], k=8)) for k in range(6) for _ in range(60)
    ]
    (folder / "train.txt").write_text("\n".join(lines))
    for kind, options in KINDS.items():
        model = library.train_supervised(
            str(folder / "train.txt"), dim=6, epoch=3, thread=1, verbose=0, minCount=1, **options
        )
        out[kind] = folder / f"{len(out)}.bin"
        model.save_model(str(out[kind]))
        if "characters" in kind or "bigrams" in kind:
            model.quantize(dsub=4, qnorm="bigrams" in kind, cutoff=400 if "characters" in kind else 0)
            out[kind + ", quantised"] = folder / f"{len(out)}.ftz"
            model.save_model(str(out[kind + ", quantised"]))
    return out


def predict(model: fasttext.FastText, *texts: str) -> list[tuple[str, float]]:
    batch = Batch.of(list(texts))
    codes, scores = model.predict(batch.data, batch.offsets)
    return [(model.labels[c], float(s)) for c, s in zip(codes, scores, strict=True)]


def check_like_fasttext(path: Path, texts: list[str], within: float = 2e-4) -> None:
    ours, theirs = fasttext.load(path), library.load_model(str(path))
    found = predict(ours, *texts)
    for text, (label, score) in zip(texts, found, strict=True):
        labels, scores = theirs.predict([text], k=-1)
        probability = dict(zip(labels[0], map(float, scores[0]), strict=True))
        assert score == pytest.approx(min(max(probability.values()), 1), abs=within), text
        assert probability["__label__" + label] == pytest.approx(max(probability.values()), abs=within), text


@pytest.mark.parametrize(
    "kind", [*KINDS, "hierarchical, characters, quantised", "softmax, word bigrams, quantised"]
)
def test_predictions_are_fasttexts(trained, kind):
    rng = random.Random(5)
    texts = [
        "",
        "alpha",
        "unseen words é",
        "\x0b空 空\t空",
        *(" ".join(rng.choices(WORDS, k=9)) for _ in range(40)),
    ]
    rounded = 0.01 if kind.startswith(("negative", "one")) else 2e-4  # fastText's sigmoid is a table of 512
    check_like_fasttext(trained[kind], texts, rounded)


@pytest.mark.parametrize(
    "kind", [*KINDS, "hierarchical, characters, quantised", "softmax, word bigrams, quantised"]
)
def test_the_chances_of_each_label_are_fasttexts(trained, kind):
    rng = random.Random(6)
    texts = ["", "alpha", *(" ".join(rng.choices(WORDS, k=9)) for _ in range(20))]
    ours, theirs = fasttext.load(trained[kind]), library.load_model(str(trained[kind]))
    batch, rounded = Batch.of(texts), 0.01 if kind.startswith(("negative", "one")) else 2e-4
    for number, label in enumerate(ours.labels):
        found = ours.chances(batch.data, batch.offsets, number)
        for text, chance in zip(texts, found.tolist(), strict=True):
            labels, scores = theirs.predict([text], k=-1)
            wanted = dict(zip(labels[0], map(float, scores[0]), strict=True))["__label__" + label]
            assert chance == pytest.approx(min(wanted, 1), abs=rounded), (text, label)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=60))
def test_languages_are_fasttexts_for_any_text(text):
    check_like_fasttext(fasttext.packaged_languages(), [text])


def test_a_text_is_judged_alike_whatever_lies_beside_it():
    model = fasttext.load(fasttext.packaged_languages())
    texts = ["hello there, how are you", "", "Wie geht es dir heute?", "空は青い"]
    assert predict(model, *texts) == [predict(model, text)[0] for text in texts]
    assert [label for label, _ in predict(model, texts[0], texts[2], texts[3])] == ["en", "de", "ja"]


def test_nothing_in_nothing_out():
    model = fasttext.load(fasttext.packaged_languages())
    codes, scores = model.predict(np.zeros(0, np.uint8), np.zeros(1, np.int64))
    assert len(codes) == len(scores) == 0


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"not a model, only words\n" * 40])
def test_a_file_that_is_no_model_is_a_sentence(tmp_path, content):
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.bin is not a fastText model"):
        fasttext.load(path)


@pytest.mark.parametrize("size", [4, 64, 100, 5_000, 300_000, 900_000, 938_012])
def test_a_model_that_is_cut_off_is_a_sentence_and_not_a_crash(tmp_path, size):
    path = tmp_path / "cut.ftz"
    path.write_bytes(fasttext.packaged_languages().read_bytes()[:size])
    with pytest.raises(ValueError, match=r"cut\.ftz: .*(cut off|damaged)"):
        fasttext.load(path)


def test_no_damage_makes_prediction_leave_its_tables(tmp_path, trained):
    """Bytes of the header and dictionary changed at random: a sentence, or a model that still answers."""
    rng, texts = random.Random(11), ["alpha beta", "unseen über words", ""]
    content = trained["hierarchical, characters, quantised"].read_bytes()
    path = tmp_path / "odd.ftz"
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(4, 600)] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            model = fasttext.load.__wrapped__(path)
        except ValueError as error:
            assert str(path) in str(error)
            continue
        if abs(model.model.sizes[:3]).max() < 100:  # else it answers, slowly
            assert all(0 <= score <= 1 or np.isnan(score) for _, score in predict(model, *texts))


def test_word_vectors_are_no_classifier(tmp_path):
    (tmp_path / "text.txt").write_text("one two three four five\n" * 20)
    model = library.train_unsupervised(
        str(tmp_path / "text.txt"), dim=4, epoch=1, thread=1, minCount=1, verbose=0
    )
    model.save_model(str(tmp_path / "vectors.bin"))
    with pytest.raises(ValueError, match=r"vectors\.bin: word vectors, no classifier"):
        fasttext.load(tmp_path / "vectors.bin")


def test_loading_and_predicting_print_nothing(capfd):
    predict(fasttext.load.__wrapped__(fasttext.packaged_languages()), "hello")
    assert capfd.readouterr() == ("", "")


def test_labels_come_without_their_prefix():
    labels = fasttext.load(fasttext.packaged_languages()).labels
    assert len(labels) == 176 and not any(a == b or "_" in a for a, b in pairwise(labels))
