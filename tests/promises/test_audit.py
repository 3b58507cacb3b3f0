"""A build says what its filters cost, and `whatif` says the same of other settings."""

from __future__ import annotations

from collections import Counter

import pyarrow.compute as pc
import pytest

from curate import calibrate, whatif
from curate.errors import UsageError
from curate.ledger import Run


def test_the_report_has_the_audit_of_the_ledger(built: Run) -> None:
    audit, ledger = built.report["audit"], built.ledger()
    read = ledger.filter(pc.not_equal(ledger["fate"], "quarantined")).to_pylist()
    failing = Counter((row["source"], name) for row in read for name in row["failed_rules"])
    found = {(r["source"], f"{r['stage']}.{r['rule']}"): r["documents"] for r in audit["rules"]}
    assert found == failing and found
    dropped = Counter(row["source"] for row in read if row["fate"] == "dropped")
    assert {
        s: n for s in dropped if (n := sum(r["dropped"] for r in audit["rules"] if r["source"] == s))
    } == {**dropped}
    keys = {row["key"]: row for row in read}
    for rule in audit["rules"]:
        for key in rule["samples"]:
            assert f"{rule['stage']}.{rule['rule']}" in keys[key]["failed_rules"]


def test_every_source_of_text_shows_its_sentinels_and_nothing_is_wrong(built: Run) -> None:
    audit = built.report["audit"]
    assert set(audit["sentinels"]) == {"web", "academic", "synthetic"}
    assert audit["warnings"] == []


def test_whatif_nothing_changes_has_the_same_audit(built: Run) -> None:
    assert whatif.ask(built, [])["audit"] == built.report["audit"]


def test_whatif_draws_kinds_of_discourse_as_a_build_would(built: Run) -> None:
    same, free = whatif.ask(built, []), whatif.ask(built, ["mix.academic.floors=0"])
    for source, kinds in built.report["discourse"].items():
        assert set(same["discourse"][source]) == set(kinds)
        for kind, row in kinds.items():
            found = same["discourse"][source][kind]
            assert (found["available"], found["floor"]) == pytest.approx((row["available"], row["floor"]))
            assert abs(found["drawn"] - row["drawn"]) < 0.1
    before, after = (found["discourse"]["academic"]["explanation"] for found in (same, free))
    assert after["floor"] == 0 and after["drawn"] < before["floor"] <= before["drawn"]


def test_whatif_knows_what_a_preset_would_throw_away(built: Run) -> None:
    found = whatif.ask(built, ["sources.web.stages.heuristics.preset=fineweb"])["audit"]
    rules = {r["rule"] for r in found["rules"] if (r["source"], r["stage"]) == ("web", "heuristics")}
    assert "gopher.min_letter_words" in rules and "min_letter_words" not in rules
    assert any("fineweb" in w or "gopher.min_letter_words" in w for w in found["warnings"])


def test_proposed_limits_fail_what_they_say(built: Run) -> None:
    found = calibrate.propose(built.dir.path, 0.01, None)
    assert found["limits"] and all(row["documents"] >= calibrate.ENOUGH for row in found["limits"])
    after = whatif.ask(built, found["sets"])["audit"]
    now = {(r["source"], f"{r['stage']}.{r['rule']}"): r["documents"] for r in built.report["audit"]["rules"]}
    for row in found["limits"]:
        if row["kind"] is None and row["rule"] == "min_words":
            rule = next(r for r in after["rules"] if (r["source"], r["rule"]) == (row["source"], row["rule"]))
            gated = now.get((row["source"], "heuristics.gate_min_words"), 0)
            behind = now.get((row["source"], "language.gate_score"), 0)
            assert rule["documents"] <= 0.01 * row["documents"] + gated + behind


def test_a_reference_too_small_to_learn_from_is_refused(built: Run) -> None:
    with pytest.raises(UsageError, match="lower --reasoning"):
        calibrate.propose(built.dir.path, 0.01, 0.9999)
