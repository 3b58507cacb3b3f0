"""The page of a report: it fetches nothing, hides nothing, and no name in the data can break it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from curate.ledger import Run
from curate.report import html

VOID = {"meta", "line", "rect", "br"}


class Structure(HTMLParser):
    """Collects the text of a page, and complains of a tag that is closed out of turn."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


@pytest.fixture(scope="module")
def report(built: Run) -> dict[str, Any]:
    return dict(built.report)


def test_a_run_has_its_page_and_it_fetches_nothing(built: Run) -> None:
    page = built.dir.page.read_text()
    assert page == html.page(built.report)
    assert "script" not in Structure(page).tags and not re.search(r"(src|href|url)\s*[=(]", page)


def test_every_figure_of_mix_fates_and_funnel_is_written_out(report: dict[str, Any]) -> None:
    seen = set(Structure(html.page(report)).seen)
    for row in report["mix"].values():
        assert {f"{row['tokens']:,}", f"{row['unique_tokens']:,}", f"{row['achieved']:.2%}"} <= seen
    for kinds in (report["discourse"]["web"], report["discourse"]["synthetic"]):
        for kind, row in kinds.items():
            assert {kind, *(f"{row[what]:.1%}" for what in ("available", "drawn", "floor"))} <= seen
    for row in report["sources"].values():
        assert {f"{n:,}" for n in row["fates"].values()} <= seen
    for row in report["audit"]["rules"]:
        assert {f"{row['stage']}.{row['rule']}", f"{row['only']['documents']:,}"} <= seen
    for row in report["funnel"]:
        assert {f"{row['stage']}.{row['rule']}", f"{row['documents']:,}", f"{row['tokens']:,}"} <= seen


def test_names_in_the_data_stay_text(report: dict[str, Any]) -> None:
    evil = "<script>alert(1)</script>\"'&"
    bad = {**report, "name": evil, "mix_notes": [evil]}
    bad["mix"] = {evil: report["mix"]["web"]}
    bad["drawing"] = {evil: report["drawing"]["web"]}
    bad["discourse"] = {evil: {evil: report["discourse"]["web"]["news"]}}
    line = {"match": {"domain": [evil]}, "weight": 2, "documents": 1, "tokens": 9, "drawn": 9, "epochs": 1}
    bad["emphasis"] = {evil: [line]}
    bad["funnel"] = [{**report["funnel"][0], "source": evil, "stage": evil}]
    bad["quarantine"] = [{"source": evil, "stage": "read", "reason": evil, "documents": 1}]
    found = Structure(html.page(bad))
    assert "script" not in found.tags and sum(evil in text for text in found.seen) >= 5


def test_an_empty_run_is_a_page_too(report: dict[str, Any]) -> None:
    nothing = {**report["audit"], "rules": [], "stages": [], "sentinels": {}}
    empty = {
        **report,
        "drawing": {},
        "discourse": {},
        "emphasis": {},
        "funnel": [],
        "quarantine": [],
        "structures": {},
        "stages": {},
        "audit": nothing,
    }
    Structure(html.page(empty))
