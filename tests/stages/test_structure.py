"""A document is named by what it is, and its rules follow."""

from __future__ import annotations

import pytest

from curate.documents import Batch
from curate.stages import structure
from curate.stages.conformance import check_stage

EXAMPLES = {
    "prose": "The river had risen in the night. By noon the lower field was a lake, and the road beyond "
    "it gone. "
    "Nobody in the village could remember such a spring.",
    "dialogue": "Anna: You say that it cannot be done.\nBen: I say that nobody has done it yet.\n"
    "Anna: That is not the same.\nBen: No, and the difference is where we should look.",
    "q_and_a": "Q: Why does ice float?\nA: It takes more room than the water that it was made of.\n"
    "Q: Does all matter do that?\nA: No, most of it shrinks when it freezes.",
    "thread": "> I would remove the lock here.\n\nThen two readers may see half a value.\n\n> Not if it "
    "is a word.\n\n"
    "It is two words on this machine.",
    "maths": "A box holds 12 eggs, and Kim buys 3 boxes.\nThat makes 12*3=36 eggs.\nShe uses 5, so "
    "36-5=31 are left.",
    "proof": "\\begin{lemma}\nThe sum of two odd numbers is even.\n\\end{lemma}\n\\begin{proof}\n"
    "Let $a = 2k+1$ and $b = 2m+1$.\nThen $a+b = 2(k+m+1)$.\n\\end{proof}",
    "code": "def add(a, b):\n    if not (a and b):\n        return {a: [b]}\n    total = f(a)[0] + "
    "g(b)[1];\n    return (total)",
    "code_mixed": "To list the files of a folder, the shell has a command of its own. You give it the "
    "name of the folder "
    "and it prints what is there, one name after another.\n```\nls -l /some/folder\nls -a /some/folder\n```\n"
    "The first form prints sizes too.",
    "list": "- Mix the flour with a little salt and two spoons of sugar.\n- Break the egg into it.\n"
    "- Add as much milk as the dough will take, and a spoon more",
    "table": "| name | mass | moons |\n|------|------|-------|\n| Mars | 0.11 | 2 |\n| Earth | 1 | 1 |",
    "link_list": "https://example.org/one/page\nhttps://example.org/another/page\n[Third](https://example.org/third)",
    "boilerplate": "Home\nAbout us\nContact\nSign in\nMy account\nHelp\nTerms\nPrivacy",
}


def label(text: str) -> str | None:
    """The label of one text."""
    return structure.annotate(Batch.of([text]), structure.Config(), None)["structure.label"].to_pylist()[0]


def test_it_is_a_stage():
    check_stage(structure)


def test_every_label_has_an_example():
    assert set(EXAMPLES) == set(structure.LABELS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_document_is_named_by_what_it_is(name):
    assert label(EXAMPLES[name]) == name


@pytest.mark.parametrize("name", EXAMPLES)
def test_line_ends_of_other_systems_change_nothing(name):
    assert label(EXAMPLES[name].replace("\n", "\r\n")) == name


def test_a_text_without_a_line_has_no_label():
    assert [label(text) for text in ("", " \n\t\n", "-----\n")] == [None, None, None]


def test_a_page_of_commands_that_opens_with_a_quote_is_no_thread():
    page = "# tar\n\n> Archiving utility.\n> More information: <https://example.org/tar>.\n\n" + "".join(
        f"- {what} an archive:\n\n`tar {flag}f {{{{path/to/file}}}}`\n\n"
        for what, flag in (("Create", "c"), ("Extract", "x"), ("List", "t"), ("Extend", "r"))
    )
    assert label(page) != "thread"
