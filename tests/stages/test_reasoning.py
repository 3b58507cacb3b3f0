"""Promises about reasoning quality."""

from __future__ import annotations

import pyarrow as pa
import pytest

from curate.documents import Batch
from curate.rules import decide, judged
from curate.stages import reasoning
from curate.stages.conformance import check_stage

PROOF = (
    "Suppose that n is an odd integer. Then n = 2k + 1 for some integer k. Therefore n^2 = 4k^2 + 4k + 1, "
    "which is one more than an even number. Hence n^2 is odd. It follows that if n^2 is even, then n "
    "cannot be odd, so n must be even."
)
DIAGNOSIS = (
    "The lamp did not light. At first I thought that the bulb had failed, but a new bulb stayed dark too, "
    "so the fault had to lie before the socket. The fridge on the same circuit was still running, which "
    "means that the fuse was fine. That left the switch. I bridged it with a wire and the lamp came on; "
    "the switch was broken."
)
ADVERT = (
    "Discover our brand new summer collection! Free shipping on all orders over $50. Shop now and save up "
    "to 70% on your favourite styles. Sign up for our newsletter and get an exclusive discount on your "
    "first order. Hurry, offer ends soon!"
)
MENU = "Home\nAbout us\nContact\nLog in\nSign up\nPrivacy policy\nTerms of use\nCareers\nHelp\nSearch\n" * 3


def columns(*texts: str, kind: str = "web", signals: dict | None = None, **config: object) -> dict[str, list]:
    batch = Batch.of(list(texts), kind, kind)
    batch.signals.update(signals or {})
    chosen = reasoning.Config(**config)
    found = reasoning.annotate(batch, chosen, reasoning.load(chosen))
    return {name: column.to_pylist() for name, column in found.items()}


def scores(*texts: str, **config: object) -> list[float | None]:
    return columns(*texts, **config)["reasoning.score"]


@pytest.mark.parametrize("kind", ["web", "academic", "synthetic"])
def test_it_keeps_the_contract_of_stages(kind):
    check_stage(reasoning, reasoning.defaults(kind), kind)


def test_it_is_off_for_code():
    assert reasoning.defaults("code") is None


def test_a_proof_and_a_diagnosis_score_above_an_advert():
    proof, diagnosis, advert = scores(PROOF, DIAGNOSIS, ADVERT)
    assert min(proof, diagnosis) > advert


def test_other_languages_are_not_judged():
    signals = {"language.label": pa.array(["en", "de", None])}
    found = columns(PROOF, PROOF, PROOF, signals=signals)
    assert [score is not None for score in found["reasoning.score"]] == [True, False, False]
    assert found["reasoning.discourse"][1:] == [None, None]


def test_code_is_not_judged():
    signals = {"structure.label": pa.array(["prose", "code", None])}
    found = columns(PROOF, PROOF, PROOF, signals=signals)["reasoning.score"]
    assert [score is not None for score in found] == [True, False, True]


def test_too_few_words_are_not_judged():
    assert scores("Hence it is even.", "", PROOF)[:2] == [None, None]


def test_no_document_is_dropped_unless_asked():
    assert judged([("reasoning", reasoning, reasoning.Config())]) == []
    found = reasoning.annotate(
        Batch.of([PROOF, ADVERT]), reasoning.Config(), reasoning.load(reasoning.Config())
    )
    rules = judged([("reasoning", reasoning, reasoning.Config(min_score=0.6))])
    assert decide(found, rules, 2).first.tolist() == [-1, 0]


def test_a_text_is_judged_alike_whatever_lies_beside_it():
    texts = [PROOF, ADVERT * 90, "", DIAGNOSIS * 40, MENU]
    assert scores(*texts) == [scores(text)[0] for text in texts]


def test_the_packaged_model_is_what_the_result_depends_on():
    assert [path.name for path in reasoning.files(reasoning.Config())] == ["reasoning-en.npz"]


def test_a_file_that_is_no_model_is_a_sentence(tmp_path):
    path = tmp_path / "model.npz"
    path.write_text("no model")
    with pytest.raises(ValueError, match=r"model\.npz is not a reasoning model"):
        reasoning.load(reasoning.Config(model=str(path)))


def test_a_model_that_is_not_the_one_meant_is_a_sentence():
    with pytest.raises(ValueError, match=r"reasoning-en\.npz is not the model that was meant"):
        reasoning.load(reasoning.Config(sha256="0" * 64))
