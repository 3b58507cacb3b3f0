"""Promises about `curate score` and `curate train`."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from curate.cli import app
from curate.documents import Batch
from curate.stages import reasoning

PROOF = (
    "Suppose that n is an odd integer. Then n = 2k + 1 for some integer k. Therefore n^2 = 4k^2 + 4k + 1, "
    "which is one more than an even number. Hence n^2 is odd. It follows that if n^2 is even, then n "
    "cannot be odd, so n must be even."
)
ADVERT = (
    "Discover our brand new summer collection! Free shipping on all orders over $50. Shop now and save up "
    "to 70% on your favourite styles. Sign up for our newsletter and get an exclusive discount on your "
    "first order. Hurry, offer ends soon!"
)
GERMAN = "Die Lampe brannte nicht, weil die Sicherung herausgeflogen war, und deshalb blieb es dunkel. " * 4


def run(*arguments: str, content: str | None = None) -> str:
    found = CliRunner().invoke(app, list(arguments), input=content, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def lines(*arguments: str, content: str | None = None) -> list[dict]:
    return [json.loads(line) for line in run(*arguments, content=content).splitlines()]


def stage_score(text: str) -> float:
    config = reasoning.Config()
    return reasoning.annotate(Batch.of([text]), config, reasoning.load(config))["reasoning.score"][0].as_py()


def test_json_lines_on_standard_input_are_documents():
    content = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in (("p", PROOF), ("a", ADVERT)))
    found = lines("score", "-", "--json", content=content)
    assert [one["id"] for one in found] == ["p", "a"]
    assert found[0]["score"] == stage_score(PROOF) > 0.5 > found[1]["score"]
    assert set(found[0]) == {"id", "score", "discourse", "contributions"}


def test_any_other_standard_input_is_one_text():
    [found] = lines("score", "-", "--json", content=PROOF)
    assert (found["id"], found["score"]) == ("-", stage_score(PROOF))


def test_a_text_file_is_one_document(tmp_path):
    path = tmp_path / "proof.txt"
    path.write_text(PROOF)
    [found] = lines("score", str(path), "--json")
    assert found["score"] == stage_score(PROOF)


def test_rows_of_a_table_have_their_place_when_they_have_no_id(tmp_path):
    pq.write_table(pa.table({"text": [PROOF, ADVERT]}), tmp_path / "t.parquet")
    found = lines("score", str(tmp_path / "t.parquet"), "--json")
    assert [one["id"] for one in found] == ["t.parquet:0", "t.parquet:1"]


def test_every_line_has_an_answer_and_a_reason_where_there_is_no_score():
    content = "\n".join(
        [json.dumps({"id": "p", "text": PROOF}), "{", json.dumps({"id": "g", "text": GERMAN})]
    )
    proof, broken, german = lines("score", "-", "--json", content=content + '\n{"id": "s", "text": "So."}')[
        :3
    ]
    assert proof["score"] is not None and "note" not in proof
    assert broken["score"] is None and broken["note"]
    assert german["score"] is None and "its language is de" in german["note"]


def test_contributions_say_what_speaks_for_and_against():
    [advert] = lines("score", "-", "--json", content=ADVERT)
    assert 1 <= len(advert["contributions"]) <= 5
    assert min(advert["contributions"], key=lambda c: c["weight"])["weight"] < 0
    sizes = [abs(c["weight"]) for c in advert["contributions"]]
    assert sizes == sorted(sizes, reverse=True)


def test_a_fasttext_classifier_judges_along_and_is_named(tmp_path):
    fasttext = pytest.importorskip("fasttext")
    (tmp_path / "train.txt").write_text(f"__label__good {PROOF}\n__label__cc {ADVERT}\n" * 20)
    found = fasttext.train_supervised(
        str(tmp_path / "train.txt"), dim=4, epoch=50, lr=1.0, thread=1, verbose=0
    )
    found.save_model(str(tmp_path / "small.bin"))
    options = ["--fasttext", str(tmp_path / "small.bin"), "--fasttext-label", "good"]
    [advert] = lines("score", "-", "--json", *options, content=ADVERT)
    assert any("small.bin" in c["what"] and c["weight"] < 0 for c in advert["contributions"])
    assert advert["score"] != stage_score(ADVERT)


def test_the_table_shows_the_same():
    assert "promotion" in run("score", "-", content=ADVERT)


def test_a_file_that_is_not_there_is_a_sentence_and_exit_2(tmp_path, capsys, monkeypatch):
    from curate import cli

    monkeypatch.setattr(sys, "argv", ["curate", "score", str(tmp_path / "none.txt")])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2 and "There is no file" in capsys.readouterr().err


def test_a_language_model_is_trained_from_any_files(tmp_path):
    texts = [f"the {w} is near the house and the {w} is old" for w in ("dog", "cat", "tree", "wall")] * 5
    pq.write_table(pa.table({"text": texts}), tmp_path / "t.parquet")
    said = run("train", "language-model", str(tmp_path / "t.parquet"), "-o", str(tmp_path / "lm.npz"))
    assert "20 documents" in said
    from curate.models import ngram

    assert "house" in ngram.load(tmp_path / "lm.npz").words
