"""Presets of other pipelines decide as these do; what the originals said of our texts is in verdicts.json
(`scripts/peer_agreement.py --record`)."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from curate.documents import Batch
from curate.peers import PEERS, dclm, olmo3, repeats
from curate.rules import decide, judged
from curate.stages import heuristics, signals
from curate.stages.conformance import check_stage

PRESETS = [part.replace("_", "-") for part in PEERS]
SENTENCE = "The river rose in the night and the men had to move to the hill with all that they could carry. "


def _script(name: str) -> ModuleType:
    folder = Path(__file__).parents[2] / "scripts"
    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.remove(str(folder))
    return module


def failed(texts: list[str], preset: str) -> list[list[str]]:
    """The rules that each text fails."""
    batch, config = Batch.of(texts), heuristics.Config(preset=preset)
    rules = judged([("heuristics", heuristics, config)])
    found = decide(heuristics.annotate(batch, config, None), rules, len(texts)).failed
    return [
        [r.rule.name for r, fails in zip(rules, found[:, i], strict=True) if fails] for i in range(len(texts))
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_they_are_presets_of_the_stage(preset: str) -> None:
    check_stage(heuristics, {"preset": preset})


@pytest.mark.parametrize("preset", ["gopher-datatrove", "dolma", "dclm"])
def test_they_decide_as_the_originals_do(preset: str) -> None:
    script = _script("peer_agreement")
    said = json.loads((Path(__file__).parent / "verdicts.json").read_text())[preset]
    texts = [text for text in script.packaged() if script.digest(text) in said]
    assert len(texts) > 500, "the packaged texts changed: record the originals' verdicts again"
    ours = [bool(names) for names in failed(texts, preset)]
    theirs = [said[script.digest(text)] for text in texts]
    different = [i for i, reason in enumerate(theirs) if bool(reason) != ours[i]]
    assert len(different) <= 0.005 * len(texts), [(theirs[i], texts[i][:80]) for i in different]


def test_their_signals_are_made_only_where_asked_for() -> None:
    assert len(signals(heuristics, heuristics.Config())) == len(heuristics.OWN_SIGNALS)
    names = {s.name for s in signals(heuristics, heuristics.Config(preset="dolma"))}
    assert "heuristics.dolma.words" in names and "heuristics.dclm.words" not in names


def test_a_limit_of_theirs_can_stand_alone() -> None:
    config = heuristics.Config(dolma={"min_words": 50})
    assert config.dolma.min_words == 50 and config.dolma.min_letter_words is None
    assert config.min_words.default == 20


@pytest.mark.parametrize("part", PEERS)
def test_every_limit_reads_what_is_measured(part: str) -> None:
    peer = PEERS[part]
    assert {field.split("_", 1)[1] for field in peer.rules.model_fields} == set(peer.measures)
    assert set(peer.measure(SENTENCE * 4)) == set(peer.measures)
    assert peer.measure(" \n ") == {} or part == "dolma"


# OLMo 3 cannot be installed: a text just inside and one just outside of its limits.
WORDS = [
    f"{a}{b}{c}" for a in ("lo", "mi", "ra", "tu") for b in ("nen", "sil", "pat") for c in ("da", "ke", "so")
]
"""36 words of seven letters."""


def prose(n: int, each: str = "") -> str:
    """n different words in sentences of ten, with stop words."""
    words = [f"{WORDS[i % 36]}{WORDS[i // 36 % 36]}"[: 4 + i % 7] for i in range(n)]
    words[:4] = ["the", "be", "to", "of"]
    return " ".join(f"{w}{each}" + (". " if i % 10 == 9 else "") for i, w in enumerate(words)).strip()


OLMO3 = {
    "min_words": (prose(50), prose(49)),
    "max_symbols": (prose(99) + " " + "#" * 10, prose(99) + " " + "#" * 11),
    "max_bullet_lines": ("- a\n" * 9 + "a", "- a\n" * 10 + "a"),
    "max_ellipsis_lines": ("so...\n" * 3 + "so\n" * 7, "so. . .\n" * 4 + "so\n" * 6),
    "max_letterless_words": (prose(80) + " 1" * 20, prose(80) + " 1" * 21),
    "min_stop_words": ("The tHe", "the theme"),
    "min_characters": ("a" * 150, "a" * 149),
    "max_duplicate_lines": ("a\na\na\nb\nc\nd\ne\nf\ng\nh", "a\na\na\na\nb\nc\nd\ne\nf\ng"),
    "min_sentences": ("One two. " * 5, "One two. " * 4),
    "max_removed_words": (prose(95) + "\nA B C D E", prose(94) + "\nA B C D E F"),
    "max_mean_word_length": ("ö" * 5, "ö" * 5 + "a"),
}


@pytest.mark.parametrize("rule", OLMO3)
def test_olmo3_is_as_its_code_has_it(rule: str) -> None:
    inside, outside = ([name] for name in failed(list(OLMO3[rule]), "olmo3"))
    assert (f"olmo3.{rule}" in inside[0], f"olmo3.{rule}" in outside[0]) == (False, True)


def test_a_list_of_names_is_no_sentence_to_olmo3() -> None:
    names = "Anna Berta Carla Dora Emma Frida Greta Hanna Ida Jana Klara Lena Marta. "
    assert olmo3.measure(names + SENTENCE * 4)["list_sentences"] == pytest.approx(0.2)
    assert "olmo3.max_list_sentences" in failed([names + SENTENCE * 4], "olmo3")[0]
    assert "olmo3.max_list_sentences" not in failed([names + SENTENCE * 5], "olmo3")[0]


LINES = {
    "THIS IS SHOUTED": True,
    "This is not SHOUTED": False,
    "12345": True,
    "3.4k likes": True,
    "14 views!": True,
    "14 views of the bridge": False,
    "Word": True,
    "": False,
}


@pytest.mark.parametrize("line", LINES)
def test_dclm_removes_lines_that_say_nothing(line: str) -> None:
    assert dclm._stays(line) is not LINES[line]


def test_a_run_of_words_is_covered_once() -> None:
    words = list("abcdeabcdex")
    assert dict(repeats.covering(words))["duplicate_5_grams"] == 10 / 11
    assert dict(repeats.covering(words))["duplicate_6_grams"] == 0
