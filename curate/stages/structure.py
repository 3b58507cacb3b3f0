"""What a document is: prose, dialogue, maths, code, a list of links.

Every limit of cleanliness may depend on `structure.label`: rules written for prose must not judge a proof.
The label follows from which kinds of lines hold the document's text (`kernels/structure.py`), by the
thresholds in `label`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from curate.documents import Batch
from curate.kernels.structure import KINDS, lines
from curate.rules import Rule, Signal, StageConfig

LABELS = {
    "prose": "sentences and paragraphs",
    "dialogue": "turns of named speakers",
    "q_and_a": "questions and their answers",
    "thread": "replies that quote what they answer, mostly sentences",
    "maths": "formulas or worked calculation among text",
    "proof": "maths that says that it proves",
    "code": "source code",
    "code_mixed": "text with code or commands",
    "list": "mostly list items",
    "table": "mostly rows of columns",
    "link_list": "mostly addresses",
    "boilerplate": "mostly fragments that are no sentences: menus, headings, captions",
}
"""The values of `structure.label`."""

VERSION = 2
REQUIRES: list[str] = []
EDITS = False
BEHIND_GATES = True
SIGNALS = [
    Signal(
        "structure.label",
        pa.string(),
        f"one of {', '.join(LABELS)}; null when there is no text but rules and markup",
    ),
    *(
        Signal(f"structure.{kind}", pa.float32(), f"fraction 0..1 of bytes in lines of kind {kind}", 0, 1)
        for kind in KINDS
    ),
    Signal(
        "structure.turns", pa.float32(), "fraction 0..1 of lines that begin a returning speaker's turn", 0, 1
    ),
    Signal("structure.questions", pa.float32(), "fraction 0..1 of lines that end in a question mark", 0, 1),
]
RULES: list[Rule] = []


class Config(StageConfig):
    """Nothing to set: rules of other stages set their limits by label."""


def load(config: Config) -> None:
    """No model."""


def annotate(batch: Batch, config: Config, model: None) -> dict[str, pa.Array]:
    """The label, and the share of each kind of line."""
    counts = lines(batch.data, batch.offsets)
    share, turns, questions = shares(counts)
    known = np.stack([counts[f"{kind}_lines"] for kind in KINDS]).sum(axis=0) > 0
    columns = {f"structure.{kind}": pa.array(share[kind].astype(np.float32)) for kind in KINDS}
    columns["structure.turns"] = pa.array(turns.astype(np.float32))
    columns["structure.questions"] = pa.array(questions.astype(np.float32))
    columns["structure.label"] = pa.array(label(counts), pa.string(), mask=~known)
    return columns


def shares(counts: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """(byte shares by kind of line, turns per line, questions per line), each (n,) float64 0..1."""
    n_bytes = np.maximum(sum(counts[f"{kind}_bytes"] for kind in KINDS), 1)
    n_lines = np.maximum(sum(counts[f"{kind}_lines"] for kind in KINDS), 1)
    by_kind = {kind: counts[f"{kind}_bytes"] / n_bytes for kind in KINDS}
    return by_kind, counts["turns"] / n_lines, counts["questions"] / n_lines


def label(counts: dict[str, np.ndarray]) -> np.ndarray:
    """(n,) labels: the first that applies. What is rare in other text and changes the limits most comes
    first."""
    share, turns, questions = shares(counts)
    n_lines = np.maximum(sum(counts[f"{kind}_lines"] for kind in KINDS), 1)
    quoted, short, ended = (counts[name] / n_lines for name in ("quoted", "short", "ended"))
    n_bytes = sum(counts[f"{kind}_bytes"] for kind in KINDS)
    maths = (share["maths"] >= 0.15) & (130 * counts["maths_marks"] >= n_bytes)
    code = share["code"] >= 0.1
    named = (counts["turns"] >= 2) & (turns >= 0.15)
    asked = (counts["qa_turns"] >= 2) | ((counts["questions"] >= 2) & (questions >= 0.2))
    fragments = share["fragment"] + share["entry"] >= 0.5
    chosen = [
        ("code", share["code"] >= 0.6),
        ("table", share["table"] >= 0.5),
        ("link_list", (share["link"] >= 0.4) & (share["link"] >= 3 * share["prose"])),
        ("proof", maths & (counts["proof_marks"] > 0)),
        ("maths", maths & (share["maths"] >= share["code"])),
        ("q_and_a", named & (counts["qa_turns"] >= 2)),
        ("dialogue", named),
        ("thread", (counts["quoted"] >= 2) & (quoted >= 0.1) & (share["prose"] >= 0.5)),
        ("code_mixed", code),
        (
            "boilerplate",
            fragments | ((n_lines >= 15) & (short >= 0.5) & (ended < 0.2) & (share["prose"] < 0.8)),
        ),
        ("list", share["list"] + share["entry"] >= 0.5),
        ("q_and_a", asked),
    ]
    return np.select([mask for _, mask in chosen], [name for name, _ in chosen], "prose")
