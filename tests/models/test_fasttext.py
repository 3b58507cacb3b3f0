"""Promises about reading fastText classifiers."""

from __future__ import annotations

import numpy as np
import pytest

from curate.documents import Batch
from curate.models import fasttext


def predict(*texts: str) -> list[tuple[str, float]]:
    model = fasttext.load(fasttext.packaged_languages())
    batch = Batch.of(list(texts))
    codes, scores = model.predict(batch.data, batch.offsets)
    return [(model.labels[c], float(s)) for c, s in zip(codes, scores, strict=True)]


def test_nothing_in_nothing_out():
    codes, scores = fasttext.load(fasttext.packaged_languages()).predict(
        np.zeros(0, np.uint8), np.zeros(1, np.int64)
    )
    assert len(codes) == len(scores) == 0


def test_probabilities_stay_within_0_and_1():
    assert all(
        0 <= score <= 1 for _, score in predict("hello there, how are you", "x", "", "空は青い", "1 2 3")
    )


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"not a model, only words\n" * 40])
def test_a_file_that_is_no_model_is_a_sentence(tmp_path, content):
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.bin is not a fastText model"):
        fasttext.load(path)


@pytest.mark.parametrize("size", [64])
def test_a_model_that_is_cut_off_is_a_sentence_and_not_a_crash(tmp_path, size, capfd):
    path = tmp_path / "cut.ftz"
    path.write_bytes(fasttext.packaged_languages().read_bytes()[:size])
    with pytest.raises(ValueError, match=r"cut\.ftz"):
        fasttext.load(path)
    assert capfd.readouterr() == ("", "")


def test_loading_and_predicting_print_nothing(capfd):
    fasttext.FastText(fasttext.packaged_languages()).predict(
        np.frombuffer(b"hello", np.uint8), np.array([0, 5])
    )
    assert capfd.readouterr() == ("", "")
