"""Promises about opening KenLM models."""

from __future__ import annotations

import numpy as np
import pytest

from curate.models import kenlm

ARPA = """\\data\\
ngram 1=5
ngram 2=2

\\1-grams:
-1.0\t<unk>
-99\t<s>\t0
-0.9\t</s>
-0.5\tthe\t-0.25
-0.7\tcat\t0

\\2-grams:
-0.1\tthe cat
-0.2\t<s> the

\\end\\
"""


@pytest.mark.parametrize("content", [b"", b"words\n" * 100, bytes(500)])
def test_a_file_that_is_no_model_is_a_sentence_and_no_progress_bar(tmp_path, content, capfd):
    path = tmp_path / "x.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.bin is not a KenLM binary"):
        kenlm.load(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [60, 200])
def test_a_binary_that_is_cut_off_is_a_sentence(tmp_path, size, capfd):
    path = tmp_path / "cut.bin"
    path.write_bytes((kenlm.MAGIC + bytes(500))[:size])
    with pytest.raises(ValueError, match=r"cut\.bin is cut off or damaged"):
        kenlm.load(path)
    assert capfd.readouterr() == ("", "")


def test_an_arpa_file_is_told_from_a_binary(tmp_path):
    path = tmp_path / "x.arpa"
    path.write_text(ARPA)
    assert kenlm.is_kenlm(path)
    with pytest.raises(ValueError, match="build_binary trie"):
        kenlm.load(path)


def test_texts_are_scored_without_begin_and_end_of_sentence(tmp_path, monkeypatch):
    path = tmp_path / "x.arpa"
    path.write_text(ARPA)
    monkeypatch.setattr(kenlm, "_check", lambda path: None)
    text = np.frombuffer(b"the cat dog the ", np.uint8)
    found = kenlm.KenLM(path).score(text, np.array([0, 12, 12, 16]))
    assert found.tolist() == pytest.approx([-0.5 - 0.1 - 1.0, 0, -0.5])
