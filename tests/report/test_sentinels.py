"""A config that throws reasoning away, or keeps junk, is told so before it reads anything."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from curate import plan
from curate.build import build
from curate.config import from_dict
from curate.errors import AuditError
from curate.progress import Reporter
from curate.report import sentinels

from ..promises.conftest import SAMPLE, sample_config


def judged(kind: str, **stages: Any) -> dict[str, Any]:
    """What the sentinels come to in a source of this kind, with the changes to its stages."""
    source = {"kind": kind, "read": {"paths": [f"{SAMPLE}/web/*.parquet"]}, "stages": stages}
    config = from_dict({"sources": {"one": source}, "mix": {"one": {"share": 1}}}, SAMPLE)
    return sentinels.judge(kind, plan.make(config, hash_inputs=False).sources[0].plain_stages())


def test_there_are_as_many_controls_as_texts_that_reason() -> None:
    found = sentinels.texts()
    good = [s for s in found if s["good"]]
    assert len(found) >= 120 and len(good) >= 60 and len(found) - len(good) >= 60
    assert len({s["id"] for s in found}) == len({s["text"] for s in found}) == len(found)
    assert {s["kind"] for s in good} == {
        *("dialogue", "debate", "worked_maths", "proof", "q_and_a", "error_correction", "design_rationale"),
        *("code_mixed", "short_problem"),
    }
    assert {s["kind"] for s in found} - {s["kind"] for s in good} == {
        *("menu", "seo", "gibberish", "link_list", "template_spam", "base64")
    }


@pytest.mark.parametrize("kind", sentinels.TEXT_KINDS)
def test_the_defaults_keep_reasoning_and_drop_junk(kind: str) -> None:
    found = judged(kind)
    assert found["good"]["kept"] >= 0.97 * found["good"]["documents"]
    assert found["junk"]["dropped"] >= 0.95 * found["junk"]["documents"]
    assert sentinels.findings("one", found) == []


@pytest.mark.parametrize("preset", ["gopher", "c4", "fineweb"])
def test_published_presets_are_found_out_with_the_rules_at_fault(preset: str) -> None:
    found = judged("web", heuristics={"preset": preset})
    (sentence, *_) = sentinels.findings("one", found)
    worst = found["rules"][0]["rule"]
    assert f"{worst} (" in sentence and "sources.one.stages.heuristics.preset=structured" in sentence
    assert found["rules"][0]["lost"] == sum(worst in lost["rules"] for lost in found["lost"])


def test_a_source_without_rules_is_told_that_it_keeps_junk() -> None:
    found = judged("web", heuristics={"preset": None}, language=None, perplexity=None)
    assert "junk" in sentinels.findings("one", found)[0]


def test_the_counts_add_up() -> None:
    found = judged("web", heuristics={"preset": "gopher"})
    kinds = Counter(s["kind"] for s in sentinels.texts())
    assert {kind: entry["documents"] for kind, entry in found["kinds"].items()} == kinds
    good = [e for e in found["kinds"].values() if e["good"]]
    assert sum(e["kept"] for e in good) == found["good"]["kept"]
    assert len(found["lost"]) == found["good"]["documents"] - found["good"]["kept"]
    assert len(found["passed"]) == found["junk"]["documents"] - found["junk"]["dropped"]


def test_sources_of_code_and_of_other_languages_are_not_judged_by_english_prose() -> None:
    assert not sentinels.applies("code", [])
    assert not sentinels.applies("web", [["language", {"keep": ["de"]}]])
    assert sentinels.applies("web", [["language", {"keep": ["de", "en"]}]])
    assert sentinels.applies("web", [["language", {"keep": None}]]) and sentinels.applies("academic", [])


def test_strict_stops_a_build_before_it_reads_and_names_the_rules(tmp_path: Path) -> None:
    config = sample_config(audit="strict")
    config["sources"]["web"]["stages"] = {"heuristics": {"preset": "fineweb"}}
    with pytest.raises(AuditError, match=r"heuristics\.gopher\.min_letter_words") as caught:
        build(config, tmp_path / "run", 1, reporter=Reporter(tmp_path / "log.jsonl", quiet=True))
    assert caught.value.exit_code == 1
    assert not (tmp_path / "run" / "steps" / "documents").exists()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.findings) == (str(caught.value), caught.value.findings)


def test_check_says_it_before_a_build_does() -> None:
    from curate import outlook

    config = sample_config()
    config["sources"]["web"]["stages"] = {"heuristics": {"preset": "gopher"}}
    (sentence,) = outlook.look(from_dict(config, SAMPLE))["warnings"]
    assert "'web'" in sentence and "heuristics.gopher.min_letter_words" in sentence
