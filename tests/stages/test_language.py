"""Promises about language identification."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from curate.documents import Batch
from curate.rules import decide, judged
from curate.stages import language
from curate.stages.conformance import check_stage

ENGLISH = "The committee met on Tuesday because the bridge had been closed since the storm. " * 6
GERMAN = "Der Ausschuss tagte am Dienstag, weil die Brücke seit dem Sturm gesperrt war. " * 6
NORWEGIAN = "Utvalget møttes på tirsdag fordi broen hadde vært stengt siden stormen kom i oktober. " * 6
CHINESE = "委员会于2024年星期二开会，因为自风暴以来大桥一直关闭，交通十分不便。" * 12
PROOF = (
    r"\begin{proof} Let $\mathcal{F}$ be a quasi-coherent $\mathcal{O}_X$-module. By Lemma \ref{lemma-1} "
    r"the map $\varphi : \mathcal{F}(U) \to \prod_{i} \mathcal{F}(U_i)$ is injective, so $\ker(\varphi) = 0$"
    r". \end{proof}"
)


def columns(*texts: str, **config: object) -> dict[str, list]:
    settings = language.Config(**config)
    found = language.annotate(Batch.of(list(texts)), settings, language.load(settings))
    return {name.split(".")[1]: column.to_pylist() for name, column in found.items()}


def fates(*texts: str, **config: object) -> list[str | None]:
    settings = language.Config(**config)
    found = language.annotate(Batch.of(list(texts)), settings, language.load(settings))
    rules = judged([("language", language, settings)])
    first = decide(found, rules, len(texts)).first
    return [rules[i].rule.name if i >= 0 else None for i in first]


@pytest.mark.parametrize("kind", ["web", "academic", "synthetic"])
def test_it_keeps_the_contract_of_stages(kind):
    check_stage(language, language.defaults(kind), kind)


def test_every_document_with_a_letter_gets_a_label():
    assert columns(ENGLISH, GERMAN, NORWEGIAN, CHINESE, "x")["label"][:4] == ["en", "de", "no", "zh"]
    assert columns("x")["label"] != [None]


def test_a_text_without_letters_is_not_judged():
    found = columns("", " \n ", "123 456 + 7 = ?", "\x00\x01")
    assert found == {"label": [None] * 4, "score": [None] * 4, "foreign_score": [None] * 4}
    assert fates("", "123 456 + 7 = ?") == [None, None]


def test_english_mathematics_is_english():
    assert fates(PROOF) == [None]
    assert columns(PROOF)["score"][0] > 0.65


def test_english_around_code_is_english():
    text = (
        "Write a function that returns the sum of all even numbers.\n\n"
        + "xs[i] = f(x_1, y2) -> {0x1f};\n" * 40
    )
    assert columns(text)["label"] == ["en"] and columns(text)["score"][0] > 0.65


def test_no_is_norwegian():
    assert fates(NORWEGIAN, ENGLISH, GERMAN, keep=["no", "en"]) == [None, None, "keep"]


def test_null_keeps_every_language():
    assert fates(GERMAN, CHINESE, keep=None) == [None, None]


def test_an_unknown_language_names_the_nearest():
    with pytest.raises(ValidationError, match=r"knows no language 'eng'\. Did you mean 'en'"):
        language.Config(keep=["eng"])


def test_the_gate_stops_only_what_is_surely_foreign_and_long_enough():
    found = columns(ENGLISH, GERMAN, "Hallo Welt, wie geht es dir?")["foreign_score"]
    assert found[0] == 0 and found[1] > 0.9 and found[2] is None


def test_a_change_of_keep_moves_only_the_gates_signal():
    narrow, wide = columns(ENGLISH, GERMAN, NORWEGIAN), columns(ENGLISH, GERMAN, NORWEGIAN, keep=["de", "no"])
    assert narrow["label"] == wide["label"] and narrow["score"] == wide["score"]


def test_a_text_is_judged_alike_whatever_lies_beside_it():
    texts = [ENGLISH, GERMAN, "", CHINESE, PROOF]
    together = columns(*texts)
    alone = [columns(text) for text in texts]
    assert together == {name: [one[name][0] for one in alone] for name in together}


def test_line_ends_change_nothing():
    assert columns(ENGLISH)["score"] == columns(ENGLISH.replace(" ", "\r\n"))["score"]


def test_all_labels_of_the_model_are_listed():
    assert set(language.load(language.Config()).labels) == language.LANGUAGES


def test_a_long_line_of_chinese_is_cut_between_characters():
    assert np.isfinite(columns("中" * 5000)["score"][0])


def test_a_text_that_begins_in_doubt_is_read_further():
    doubtful = "ok ok la la si si no no " * 30
    short = columns(doubtful + ENGLISH * 8, unsure_below=0)
    long = columns(doubtful + ENGLISH * 8)
    assert short["score"][0] < 0.8 < long["score"][0] and long["label"] == ["en"]


def test_a_model_that_is_not_the_one_meant_is_a_sentence():
    with pytest.raises(ValueError, match=r"lid\.176\.ftz is not the model that was meant"):
        language.load(language.Config(sha256="0" * 64))
    digest = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
    assert language.load(language.Config(sha256=digest))


def test_signals_move_only_with_the_version():
    """When this fails and the change is meant: raise VERSION, then correct both."""
    found = columns(ENGLISH, GERMAN, NORWEGIAN, CHINESE, PROOF, "x", "1")
    scores = [None if score is None else round(score, 2) for score in found["score"]]
    assert (language.VERSION, found["label"], scores) == (
        2,
        ["en", "de", "no", "zh", "en", "en", None],
        [1.0, 1.0, 0.9, 1.0, 0.68, 0.12, None],
    )
