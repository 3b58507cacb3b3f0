"""Who takes turns, and what is a question or a proof."""

from __future__ import annotations

import pytest

from curate.documents import Batch
from curate.kernels.structure import lines


def count(document: str) -> dict[str, int]:
    """All counts of one document."""
    batch = Batch.of([document])
    return {name: int(column[0]) for name, column in lines(batch.data, batch.offsets).items()}


def test_a_returning_name_takes_turns_and_a_field_does_not():
    talk = "Anna: I think so, yes.\nBen Holt: Why would you think that?\nAnna: It rains.\nBen Holt: True."
    assert count(talk)["turns"] == 4
    assert count("Price: $5\nName: Anna\nPrice: $7\nName: Ben")["turns"] == 0


def test_a_name_that_comes_once_takes_no_turn():
    assert count("Note: this is new.\nWarning: this is old.\nIt ends here.")["turns"] == 0


def test_a_name_above_its_speech_takes_turns():
    speeches = [
        ("Socrates", "What?"),
        ("Phaedrus", "That it is so."),
        ("Socrates", "And why?"),
        ("Phaedrus", "It is."),
    ]
    talk = "\n\n".join(f"{name}\n {speech}" for name, speech in speeches)
    assert count(talk)["turns"] == 4


def test_markdown_names_take_turns():
    assert (
        count("**Judge:** Is it so?\n**Clerk:** It is.\n**Judge:** Then go on.\n**Clerk:** I will.")["turns"]
        == 4
    )


@pytest.mark.parametrize(
    "names", [("Q", "A"), ("Question", "Answer"), ("Q1", "A1"), ("**Problem**", "**Solution**")]
)
def test_questions_and_answers_say_so(names):
    assert count(f"{names[0]}: What is it?\n{names[1]}: It is this.")["qa_turns"] == 2


def test_questions_end_in_a_question_mark_of_any_width():
    assert count("Why?\n何ですか？\nBecause.")["questions"] == 2


def test_quotes_are_counted_and_prompts_are_not():
    assert count("> You wrote this.\nAnd I answer.\n>>> print(1)")["quoted"] == 1


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("\\begin{proof}\nLet $x$ be odd.\n\\end{proof}", 2),
        ("Proof. Let x be odd.\nThen it is not even. ∎", 2),
        ("Proof of the lemma\nSo it is.", 1),
        ("Proofread this text.\nIt has no end", 0),
    ],
)
def test_a_proof_is_marked(text, marks):
    assert count(text)["proof_marks"] == marks
