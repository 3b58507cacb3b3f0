"""Takes lines out of web pages that are the page's and not the text's: menus, share bars, banners, counters.

Published cleaners delete what looks unlike a sentence, and with it formulas, options and short answers
(C4's rule on line ends costs GSM8K a quarter of its characters). Here a line goes only when it says what
pages say, or stands in a run of fragments at the top or bottom that does, or comes again with its
neighbours. What only many pages of a site can show is not looked for. Everything removed is kept: as rows
of the edits' file, and in `cleaning.removed`, which `explain` shows, so that it can be put back byte by
byte.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from curate.documents import EDITS as EDIT_ROWS
from curate.documents import Batch, Edited
from curate.kernels import chrome
from curate.rules import Rule, Signal, StageConfig

VERSION = 1
REQUIRES: list[str] = []
EDITS = True
BEHIND_GATES = True
COST = 0.5
SIGNALS = [
    Signal("cleaning.lines", pa.int64(), "lines removed", low=0),
    Signal("cleaning.bytes", pa.int64(), "bytes removed, newlines counted", low=0),
    Signal(
        "cleaning.removed",
        pa.string(),
        "what was removed, as JSON: [[rule, byte of the raw text, text], ...]; null when nothing was",
    ),
]
RULES: list[Rule] = []


class Config(StageConfig):
    """Nothing to set: a page loses such lines, or the stage is off."""


def defaults(kind: str) -> dict[str, Any] | None:
    """Off; `cleaning: {}` turns it on. It takes 5 % of the bytes of raw pages, 2 % of those that extractors
    leave, and under 0.02 % of reasoning text, mostly planted menus (`scripts/cleaning.py`): safe to turn
    on, but to edit texts is the user's choice."""
    return None


def load(config: Config) -> None:
    """No model."""


def annotate(batch: Batch, config: Config, model: None) -> Edited:
    """The texts without those lines."""
    n = len(batch)
    gone = chrome.removals(batch.data, batch.offsets)
    counts = np.bincount(gone[:, 0], minlength=n)
    sizes = np.bincount(gone[:, 0], gone[:, 2] - gone[:, 1], n).astype(np.int64)
    edits = _edits(batch, gone)
    columns = {
        "cleaning.lines": pa.array(counts.astype(np.int64)),
        "cleaning.bytes": pa.array(sizes),
        "cleaning.removed": pa.array(_told(edits, n), pa.string()),
    }
    if not len(gone):
        return Edited(columns, batch.texts(), edits)
    cleaned = Batch(batch.source, batch.kind, *chrome.without(batch.data, batch.offsets, gone))
    return Edited(columns, cleaned.texts(), edits)


def _edits(batch: Batch, gone: np.ndarray) -> pa.Table:
    """Rows of EDITS, one for each run of lines that one rule removes."""
    rows: dict[str, list[Any]] = {name: [] for name in EDIT_ROWS.names}
    last = (-1, -1, -1)
    begins: list[int] = []
    for document, begin, end, rule in gone.tolist():
        if (document, begin, rule) == last:
            rows["text"][-1] += batch.data[begin:end].tobytes()
        else:
            offset = begin - int(batch.offsets[document])
            for name, value in zip(
                EDIT_ROWS.names,
                (document, "cleaning", chrome.RULES[rule], offset, batch.data[begin:end].tobytes()),
                strict=True,
            ):
                rows[name].append(value)
        last = (document, end, rule)
        begins.append(begin)
    rows["text"] = [text.decode() for text in rows["text"]]
    return pa.table(rows, schema=EDIT_ROWS)


def _told(edits: pa.Table, n: int) -> list[str | None]:
    by_document: dict[int, list[Any]] = {}
    for edit in edits.to_pylist():
        by_document.setdefault(edit["row"], []).append([edit["rule"], edit["offset"], edit["text"]])
    return [
        json.dumps(found, ensure_ascii=False) if (found := by_document.get(i)) else None for i in range(n)
    ]


def restore(text: str, removed: str | None) -> str:
    """The raw text, from the final one and `cleaning.removed`."""
    raw = text.encode()
    for _, offset, piece in json.loads(removed) if removed else []:
        raw = raw[:offset] + piece.encode() + raw[offset:]
    return raw.decode()
