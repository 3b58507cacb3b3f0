"""Cleaning takes what is the page's, leaves what is the text's, and can be undone byte by byte."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.build import build
from curate.documents import Batch
from curate.ledger import Run
from curate.progress import Reporter
from curate.report import sentinels
from curate.stages import cleaning
from curate.stages.conformance import check_stage

TEXT = [
    "The ferry to the island runs twice a day, and in winter only when the wind allows it.",
    "We asked the captain why it does not run in the evening, since most people work until five.",
    "He said that the harbour on the other side has no light, and that nobody wants to pay for one.",
    "A light would cost less than what the islanders lose by staying at home, if his numbers are right.",
]
TOP = ["Skip to content", "Home", "News", "Sport", "Weather", "Sign in", "The ferry that nobody pays for"]
BOTTOM = ["12 comments", "Leave a reply", "Share this", "Twitter", "Facebook", "© 2019 The Island Paper"]


def cleaned(text: str) -> str:
    return cleaning.annotate(Batch.of([text]), cleaning.Config(), None).texts[0].as_py()


def test_it_keeps_the_contract_of_stages() -> None:
    check_stage(cleaning)


def test_it_is_off_by_default() -> None:
    assert all(cleaning.defaults(kind) is None for kind in ("web", "code", "academic", "synthetic"))


def test_a_page_loses_its_menus_and_keeps_its_title_and_text() -> None:
    assert cleaned("\n".join([*TOP, *TEXT, *BOTTOM])).splitlines() == [TOP[-1], *TEXT]


@pytest.mark.parametrize(
    "line",
    [
        "Read more...",
        "1,204 views",
        "3.4K likes",
        "We use cookies to improve your experience. By continuing you agree.",
        "Share on Facebook",
        "All rights reserved.",
        "Home | About | Contact | Login",
    ],
)
def test_lines_that_only_pages_say_go(line: str) -> None:
    assert cleaned("\n".join([line, *TEXT])) == "\n".join(TEXT)
    assert cleaned("\n".join([*TEXT, line])) == "\n".join(TEXT) + "\n"


@pytest.mark.parametrize(
    "line",
    [
        "Yes.",
        "HAMLET",
        "x = 3",
        "∫ |x| dx ≤ |a| + |b|",
        "P(A | B) = 1/2 | see above",
        "(C) 1999",
        "home",
        "like this:",
        "- Mars",
        "Report",
    ],
)
def test_lines_that_a_text_may_say_stay(line: str) -> None:
    for lines in ([line, *TEXT], [*TEXT[:2], line, *TEXT[2:]], [*TEXT, line]):
        assert cleaned("\n".join(lines)) == "\n".join(lines)


def test_a_name_above_each_speech_is_no_block_that_repeats() -> None:
    play = "\n".join(f"{name}\n{text}" for name, text in zip(["OLIVIA", "VIOLA"] * 2, TEXT, strict=True))
    assert cleaned(play) == play


def test_a_table_of_bars_is_no_menu() -> None:
    table = "\n".join(["name | mass | moons", "--- | --- | ---", "Mars | small | two", *TEXT])
    assert cleaned(table) == table


def test_a_page_of_nothing_else_is_left_to_the_rules() -> None:
    menu = "\n".join([*TOP, *BOTTOM])
    assert cleaned(menu) == menu


def test_no_sentinel_of_reasoning_loses_a_byte() -> None:
    texts = [s["text"] for s in sentinels.texts() if s["good"]]
    found = cleaning.annotate(Batch.of(texts), cleaning.Config(), None)
    assert sum(found.columns["cleaning.bytes"].to_pylist()) == 0


@settings(max_examples=100)
@given(
    st.lists(
        st.lists(st.sampled_from([*TOP, *TEXT, *BOTTOM, "", "é ü", "a | b | c"]), max_size=25), max_size=5
    )
)
def test_what_was_removed_can_be_put_back(pages: list[list[str]]) -> None:
    texts = ["\n".join(lines) for lines in pages]
    batch = Batch.of(pa.array(texts, pa.large_string()))
    found = cleaning.annotate(batch, cleaning.Config(), None)
    removed = found.columns["cleaning.removed"].to_pylist()
    assert [cleaning.restore(*pair) for pair in zip(found.texts.to_pylist(), removed, strict=True)] == texts
    sizes = [sum(len(t.encode()) for _, _, t in json.loads(r)) if r else 0 for r in removed]
    assert found.columns["cleaning.bytes"].to_pylist() == sizes
    for edit in found.edits.to_pylist():
        raw = texts[edit["row"]].encode()
        assert raw[edit["offset"] :].startswith(edit["text"].encode())


def test_a_build_writes_the_clean_text_and_explains_what_it_took(tmp_path: Path) -> None:
    texts = ["\n".join([*TOP, *(line + f" ({i})" for line in TEXT), *BOTTOM]) for i in range(30)]
    pq.write_table(pa.table({"text": texts, "id": [str(i) for i in range(30)]}), tmp_path / "a.parquet")
    source = {"read": {"paths": ["a.parquet"]}, "stages": {"cleaning": {}}}
    config = {"sources": {"web": source}, "mix": {"web": {"share": 1}}, "dedup": {"minhash": None}}
    config["output"] = {"shard_tokens": 20_000}
    from curate.config import from_dict

    build(from_dict(config, tmp_path), tmp_path / "run", 1, reporter=Reporter(quiet=True))
    run = Run(tmp_path / "run")
    (ledger, signals), *_ = run.explain("7")
    assert ledger["fate"] == "kept"
    corpus = pa.concat_tables([pq.read_table(file) for file in run.corpus()]).to_pylist()
    text = next(row["text"] for row in corpus if row["id"] == "7")
    assert "Skip to content" not in text and cleaning.restore(text, signals["cleaning.removed"]) == texts[7]
