"""The audit of filters says what each rule costs, whatever the parts that it reads its rows in."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.ledger import LEDGER
from curate.report import audit

RULES = ["language.keep", "heuristics.min_words", "heuristics.max_digits", "perplexity.max"]
SOFT = {("web", "heuristics.min_words"): True}


def row(number: int, failed: list[str], **facts: Any) -> dict[str, Any]:
    """A ledger row as the build writes it, with `quantile` beside."""
    fate = facts.pop("fate", "dropped" if failed and facts.get("reason") != "rescued" else "kept")
    stage, rule = failed[0].split(".", 1) if fate == "dropped" else (None, None)
    return {
        "key": f"web/a.parquet:{number}",
        "source": "web",
        "fate": fate,
        "stage": stage,
        "rule": rule,
        "failed_rules": failed,
        "tokens": 10 * number,
        "structure": "prose",
        "reason": None,
        "audited": False,
        "quantile": None,
        **facts,
    }


def found(rows: list[dict[str, Any]], cuts: tuple[int, ...] = ()) -> dict[str, Any]:
    """The audit of rows, read in parts cut at these places."""
    total = audit.Audit()
    schema = pa.schema([LEDGER.field(name) for name in audit.LEDGER_COLUMNS])
    for begin, end in zip((0, *cuts), (*cuts, len(rows)), strict=True):
        part = rows[begin:end]
        table = pa.Table.from_pylist(
            [{k: v for k, v in r.items() if k != "quantile"} for r in part], schema=schema
        )
        total.add(audit.of_rows(table, pa.chunked_array([[r["quantile"] for r in part]], pa.float32())))
    return total.plain(0.02, SOFT, {})


def rule_of(plain: dict[str, Any], name: str) -> dict[str, Any]:
    return next(r for r in plain["rules"] if f"{r['stage']}.{r['rule']}" == name)


@st.composite
def ledgers(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 40))):
        failed = draw(st.lists(st.sampled_from(RULES), unique=True, max_size=3))
        facts: dict[str, Any] = {
            "structure": draw(st.sampled_from(["prose", "proof", None])),
            "quantile": draw(st.sampled_from([None, 0.5, 0.95])),
            "audited": draw(st.booleans()),
        }
        if failed and draw(st.booleans()):
            facts["reason"] = "rescued"
        elif draw(st.integers(0, 5)) == 0:
            facts["fate"] = "quarantined"
        rows.append(row(number, failed, **facts))
    return rows


@settings(max_examples=60)
@given(rows=ledgers(), cut=st.integers(0, 40))
def test_every_number_is_what_counting_gives(rows: list[dict[str, Any]], cut: int) -> None:
    plain = found(rows, (min(cut, len(rows)),))
    read = [r for r in rows if r["fate"] != "quarantined"]
    names = {name for r in read for name in r["failed_rules"]}
    assert {f"{r['stage']}.{r['rule']}" for r in plain["rules"]} == names
    for name in names:
        here, entry = [r for r in read if name in r["failed_rules"]], rule_of(plain, name)
        only = [r for r in here if r["failed_rules"] == [name]]
        scored = [r for r in here if r["quantile"] is not None]
        assert entry["documents"] == len(here) and entry["tokens"] == sum(r["tokens"] for r in here)
        assert entry["only"] == {"documents": len(only), "tokens": sum(r["tokens"] for r in only)}
        assert entry["rescued"] == sum(r["reason"] == "rescued" for r in here)
        assert entry["dropped"] == sum(r["fate"] == "dropped" and r["failed_rules"][0] == name for r in here)
        assert (entry["scored"], entry["high"]) == (len(scored), sum(r["quantile"] > 0.9 for r in scored))
        assert entry["audited"] == sum(r["audited"] for r in here)
        assert entry["structures"] == dict(Counter(r["structure"] or "none" for r in here))
        assert len(entry["samples"]) == min(20, len(here))
        assert set(entry["samples"]) <= {r["key"] for r in here}
    for entry in plain["stages"]:
        stage = entry["stage"]
        here = [r for r in read if any(n.startswith(f"{stage}.") for n in r["failed_rules"])]
        only = [r for r in here if {n.split(".")[0] for n in r["failed_rules"]} == {stage}]
        assert (entry["documents"], entry["only"]["documents"]) == (len(here), len(only))
        assert sum(entry["structures"].values()) == len(here)


def test_the_parts_that_it_is_read_in_change_nothing() -> None:
    rows = [row(i, [RULES[i % 3]] if i % 2 else []) for i in range(200)]
    assert found(rows) == found(rows, (7, 7, 130))


def test_samples_are_drawn_from_everywhere_and_the_same_each_time() -> None:
    rows = [row(i, ["perplexity.max"]) for i in range(2000)]
    samples = rule_of(found(rows), "perplexity.max")["samples"]
    assert samples == rule_of(found(rows), "perplexity.max")["samples"]
    numbers = [int(key.rsplit(":")[-1]) for key in samples]
    assert len(set(numbers)) == 20 and min(numbers) < 500 and max(numbers) > 1500


@pytest.mark.parametrize(("share", "warned"), [(0.1, False), (0.3, True)])
def test_a_rule_that_hits_what_reasons_well_more_often_than_chance_is_named(share: float, warned: bool):
    rows = [row(i, ["heuristics.min_words"], quantile=0.95 if i < 100 * share else 0.4) for i in range(100)]
    sentences = audit.concerns(found(rows), 0.9)
    assert bool(sentences) is warned
    assert not warned or "--set sources.web.stages.heuristics.min_words=" in sentences[0]


@pytest.mark.parametrize(
    ("rule", "rescue", "told"),
    [
        ("heuristics.min_words", None, "`rescue: 0.9` would keep"),
        ("heuristics.min_words", 0.95, "`rescue: 0.9` would keep"),
        ("heuristics.min_words", 0.9, "`rescue: 0.9` kept 20 that fail it"),
        ("heuristics.min_words", 0.0, "`rescue: 0` kept 20 that fail it"),
        ("perplexity.max", None, ""),
    ],
)
def test_rescue_is_advised_only_where_it_is_off_and_may_overrule(rule: str, rescue: float | None, told: str):
    rows = [row(i, [rule], quantile=0.95, reason="rescued" if i < 20 else None) for i in range(60)]
    (sentence,) = audit.concerns(found(rows), rescue)
    assert told in sentence and ("rescue" in sentence) is bool(told)


def test_rules_say_whether_rescue_may_overrule_them() -> None:
    plain = found([row(1, ["heuristics.min_words"]), row(2, ["perplexity.max"])])
    assert rule_of(plain, "heuristics.min_words")["soft"] and not rule_of(plain, "perplexity.max")["soft"]
