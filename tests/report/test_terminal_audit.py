"""The audit can be read at a terminal, whatever there is to show."""

from __future__ import annotations

import io

from rich.console import Console

from curate.report import audit, terminal

from .test_audit import RULES, found, row


def shown(plain: dict) -> str:
    console = Console(file=io.StringIO(), width=120)
    for part in (terminal.audit_table(plain), *terminal.sentinels_of(plain)):
        console.print(part)
    return console.file.getvalue()


def test_every_stage_and_its_worst_rules_are_named() -> None:
    plain = {**found([row(i, [RULES[i % 4]]) for i in range(1, 40)]), "warnings": []}
    text = shown(plain)
    for name in ("language.keep", "heuristics", "min_words", "max_digits", "perplexity.max", "prose"):
        assert name in text


def test_warnings_are_shown_without_sentinels_too() -> None:
    rows = [row(i, ["heuristics.min_words"], quantile=0.95) for i in range(80)]
    plain = found(rows)
    text = shown({**plain, "warnings": audit.concerns(plain, 0.9)})
    assert "warning" in text and "heuristics.min_words" in text


def test_an_audit_of_nothing_is_a_table_without_rows() -> None:
    assert "Audit of filters" in shown({**found([]), "warnings": []})
