"""Promises about our own n-gram files."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from curate.documents import Batch
from curate.kernels.ngram import encode
from curate.kernels.normal import normalise_all
from curate.models import kenlm, ngram
from curate.training import language_model

TEXTS = [
    "The cat sat on the mat, because the mat was warm. The dog did not.",
    "A dog is not a cat; a cat is warm! Is the mat warm? It is 20 degrees.",
    "The warm cat and the zyqx dog sat on don't know what, the dog said.",
] * 3


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "small.npz"
    language_model.train(TEXTS, path, order=4, prune=(0, 0, 0, 0))
    return path


def score(model: ngram.NGram | kenlm.KenLM, texts: list[str]) -> np.ndarray:
    batch = Batch.of(texts)
    text, bounds, _ = normalise_all(batch.data, batch.offsets)
    return model.score(text, bounds)


def names(model: ngram.NGram, texts: list[str]) -> list[str]:
    """The tokens of normalised texts, as they are called in an ARPA file."""
    known = [*model.words, *(c.upper() if c.isalpha() else f"<{c}>" for c in ngram.LETTERS)]
    batch = Batch.of(texts)
    text, bounds, _ = normalise_all(batch.data, batch.offsets)
    ids, ends = encode(text, bounds, model.vocabulary)
    return [" ".join(known[i] for i in ids[a : b - 1]) for a, b in pairwise(ends)]


def test_kenlm_gives_the_same_scores_to_the_same_ngrams(small, tmp_path, monkeypatch):
    model = ngram.load(small)
    ngram.write_arpa(model, tmp_path / "small.arpa")
    monkeypatch.setattr(kenlm, "_check", lambda path: None)
    oracle = kenlm.KenLM(tmp_path / "small.arpa")
    texts = [*TEXTS[:3], "on the dog the warm mat not a", "completely unseen words", "the", ""]
    lines = [(line + " ").encode() if line else b"" for line in names(model, texts)]
    bounds = np.cumsum([0, *map(len, lines)])
    expected = oracle.score(np.frombuffer(b"".join(lines), np.uint8), bounds)
    assert score(model, texts) == pytest.approx(expected, rel=1e-5)


def test_a_text_is_scored_alike_whatever_lies_beside_it(small):
    model = ngram.load(small)
    together = score(model, TEXTS)
    assert together.tolist() == [score(model, [text])[0] for text in TEXTS]


def test_the_same_model_is_the_same_bytes(small, tmp_path):
    model = ngram.load(small)
    ngram.save(tmp_path / "again.npz", model.words, model.trie)
    assert (tmp_path / "again.npz").read_bytes() == small.read_bytes()


def test_an_unknown_word_costs_as_much_as_its_letters_and_no_more_than_24_of_them():
    model = ngram.load(ngram.packaged())
    short, long, longer = score(model, ["qzxv", "qzxv" * 6, "qzxv" * 60])
    assert 0 > short > long == longer


@pytest.mark.parametrize("content", [b"", b"words\n" * 100, json.dumps({"a": 1}).encode()])
def test_a_file_that_is_no_model_is_a_sentence(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.npz is not a language model"):
        ngram.load(path)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
def test_a_model_that_is_cut_off_is_a_sentence(small, tmp_path, share):
    path = tmp_path / "cut.npz"
    content = small.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match=r"cut\.npz is not a language model"):
        ngram.load(path)


@pytest.mark.parametrize("name", ["first", "token", "prob", "backoff", "probs", "backoffs"])
def test_a_model_whose_parts_do_not_fit_is_a_sentence_and_no_crash(small, tmp_path, name):
    model = ngram.load(small)
    broken = model.trie._replace(**{name: getattr(model.trie, name)[:-1]})
    ngram.save(tmp_path / "odd.npz", model.words, broken)
    with pytest.raises(ValueError, match="do not fit together"):
        ngram.load(tmp_path / "odd.npz")


def test_another_form_of_file_is_named(small, tmp_path, monkeypatch):
    model = ngram.load(small)
    monkeypatch.setattr(ngram, "SCHEMA", "curate/language-model/9 words-9")
    ngram.save(tmp_path / "new.npz", model.words, model.trie)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"words-9.*Train it again"):
        ngram.load(tmp_path / "new.npz")


def test_the_packaged_model_is_the_one_that_its_card_describes():
    from hashlib import sha256

    path = ngram.packaged()
    assert sha256(path.read_bytes()).hexdigest() in path.with_suffix(".md").read_text()
    assert path.stat().st_size < 6_000_000
