"""`curate sample`: some documents of one fate, with their texts.

Texts of kept documents stand in the corpus; all others are read again from their shard, and their hash is
checked, since an input may have changed since the build.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.text import Text

from curate import ledger, located, readers
from curate.errors import UsageError, nearest
from curate.ledger import Run
from curate.report import terminal

Json = dict[str, Any]

EXCERPT = 600
"""Characters of a text that are shown."""


def draw(run: Run, fate: str, rule: str | None, source: str | None, n: int, seed: int = 17) -> list[Json]:
    """n ledger rows with `text`, drawn evenly by seed. Raises UsageError when nothing matches."""
    if fate not in ledger.FATES:
        raise UsageError(f"There is no fate '{fate}'. {nearest(fate, ledger.FATES)}")
    rows = run.ledger()
    chosen = pc.equal(rows["fate"], fate)
    if rule:
        stage, _, field = rule.partition(".")
        named = pc.and_(pc.equal(rows["stage"], stage), pc.equal(rows["rule"], field))
        chosen = pc.and_(chosen, pc.fill_null(named, False))
    if source:
        chosen = pc.and_(chosen, pc.equal(rows["source"], source))
    found = rows.filter(chosen)
    if not len(found):
        raise UsageError(_nothing(rows, fate, rule, source))
    at = np.sort(np.random.default_rng(seed).permutation(len(found))[:n])
    out = found.take(pa.array(at)).to_pylist()
    texts = read_texts(run, out)
    return [{**row, "text": text} for row, text in zip(out, texts, strict=True)]


def _nothing(rows: pa.Table, fate: str, rule: str | None, source: str | None) -> str:
    of = rows.filter(pc.equal(rows["fate"], fate))
    pairs = zip(of["stage"].to_pylist(), of["rule"].to_pylist(), strict=True)
    there = sorted({f"{stage}.{name}" for stage, name in pairs if stage})
    where = " ".join(w for w in (f"at {rule}" if rule else "", f"in {source}" if source else "") if w)
    hint = f" {nearest(rule, there)}" if rule and there else ""
    return f"No document is {fate} {where}".rstrip() + f".{hint}"


def read_texts(run: Run, rows: Sequence[Json]) -> list[str | None]:
    """The raw text of each ledger row, read again from its shard; None where it cannot be had."""
    facts = run.dir.read_facts()
    settings = located.read(run.dir.config).data
    base = Path(facts["base"])
    out: list[str | None] = [None] * len(rows)
    shards = {(row["source"], row["shard"]) for row in rows}
    for source, shard in sorted(shards):
        mine = [i for i, row in enumerate(rows) if (row["source"], row["shard"]) == (source, shard)]
        wanted = {rows[i]["row"]: i for i in mine if rows[i]["row"] is not None}
        config = readers.ReadConfig(**settings["sources"][source]["read"])
        for row, text in _find(base / shard, config, set(wanted)):
            out[wanted[row]] = text
    return out


def _find(path: Path, config: readers.ReadConfig, wanted: set[int]) -> Any:
    for part in readers.parts(path, config):
        for records in readers.read(part, config):
            rows = records["row"].to_pylist()
            for i in [i for i, row in enumerate(rows) if row in wanted]:
                wanted.discard(rows[i])
                yield rows[i], records["text"][i].as_py()
            if not wanted:
                return


def render(found: Sequence[Json]) -> RenderableType:
    """Each document: its name and fate, why, and the beginning of its text."""
    parts: list[RenderableType] = []
    for row in found:
        head = Text(f"{row['key']}  ", style="bold")
        head.append(row["fate"], style=f"bold {terminal.COLOURS[row['fate']]}")
        text = (
            row["text"]
            if row["text"] is not None
            else "(the text cannot be read again: has the input moved?)"
        )
        more = f" … {len(text) - EXCERPT:,} characters more" if len(text) > EXCERPT else ""
        body = Text(text[:EXCERPT].strip(), style="dim").append(more, style="italic")
        parts += [head, Text(f"  {terminal.why(row)}"), body, ""]
    return Group(*parts)
