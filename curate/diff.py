"""`curate diff`: what changed between two runs: settings, mix, and which documents went another way.

Documents are matched by key. Where inputs were renamed they count as gone from one run and new in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from curate import plan as planning
from curate.config import load
from curate.ledger import Run
from curate.report import terminal

Json = dict[str, Any]

EXAMPLES = 3
"""Keys that are named of each way."""

COUNTS = ("tokens", "documents", "input_documents", "input_bytes", "shards", "mix_max_error", "seconds")


def compare(a: Run, b: Run) -> Json:
    """{settings: sentences, counts: {name: [a, b]}, mix: {source: {achieved, tokens, epochs: [a, b]}}, fates:
    {fate: [a, b]}, moved: [{before, after, documents, tokens, examples}], largest first}."""
    one, two = a.report, b.report
    sources = list(dict.fromkeys([*one["mix"], *two["mix"]]))
    return {
        "settings": planning.differences(_settings(a), _settings(b)),
        "counts": {name: [one[name], two[name]] for name in COUNTS},
        "mix": {name: _both(one["mix"].get(name), two["mix"].get(name)) for name in sources},
        "fates": {fate: [one["fates"][fate], two["fates"][fate]] for fate in one["fates"]},
        "moved": moved(a, b),
    }


def _settings(run: Run) -> Json:
    config = load(run.dir.config, base=Path(run.dir.read_facts()["base"]))
    return config.model_dump(mode="json", exclude={"path", "base"})


def _both(one: Json | None, two: Json | None) -> Json:
    return {name: [(one or {}).get(name), (two or {}).get(name)] for name in ("achieved", "tokens", "epochs")}


def moved(a: Run, b: Run) -> list[Json]:
    """Documents by where they ended in a and in b, where that differs; a document that is in one run only was
    or is `not there`."""
    joined = _ends(a).join(_ends(b), "key", join_type="full outer", right_suffix="_after")
    joined = joined.set_column(
        joined.schema.get_field_index("tokens"),
        "tokens",
        pc.coalesce(joined["tokens_after"], joined["tokens"]),
    )
    before, after = (pc.fill_null(joined[name], "not there") for name in ("end", "end_after"))
    ways = pa.table({"before": before, "after": after, "key": joined["key"], "tokens": joined["tokens"]})
    ways = ways.filter(pc.not_equal(before, after)).sort_by("key")
    found = ways.group_by(["before", "after"], use_threads=False).aggregate(
        [("key", "count"), ("tokens", "sum"), ("key", "list")]
    )
    rows = [
        {
            "before": row["before"],
            "after": row["after"],
            "documents": row["key_count"],
            "tokens": row["tokens_sum"] or 0,
            "examples": row["key_list"][:EXAMPLES],
        }
        for row in found.to_pylist()
    ]
    return sorted(rows, key=lambda row: (-row["documents"], row["before"], row["after"]))


def _ends(run: Run) -> pa.Table:
    """key, tokens and end of every document: `kept`, `kept 3 times`, or a fate and the rule, `dropped,
    language.keep`."""
    rows = run.ledger(["key", "tokens", "fate", "stage", "rule", "copies"])
    rule = pc.binary_join_element_wise(rows["stage"], rows["rule"], ".")
    rule = pc.binary_join_element_wise(rows["fate"], rule, ", ")
    times = pc.binary_join_element_wise("kept", rows["copies"].cast(pa.string()), "times", " ")
    end = pc.if_else(pc.greater(rows["copies"], 1), times, pc.coalesce(rule, rows["fate"]))
    return pa.table({"key": rows["key"], "tokens": rows["tokens"], "end": end})


def render(found: Json) -> RenderableType:
    """What changed, as tables; what did not is left out."""
    settings = [Text(f"  {sentence}") for sentence in found["settings"]] or [Text("  the same settings")]
    return Group(Text("Settings", style="bold"), *settings, "", _numbers(found), "", *_moved(found["moved"]))


def _numbers(found: Json) -> Table:
    table = terminal.titled("Numbers")
    table.add_column("")
    for name in ("before", "after"):
        table.add_column(name, justify="right")
    rows = [(name, pair) for name, pair in found["counts"].items()]
    rows += [(f"{name}, share", row["achieved"]) for name, row in found["mix"].items()]
    rows += list(found["fates"].items())
    for name, pair in rows:
        table.add_row(name, *(_figure(value) for value in pair), style="" if pair[0] != pair[1] else "dim")
    return table


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4%}" if value < 1 else f"{value:,.1f}"


def _moved(rows: Sequence[Json]) -> list[RenderableType]:
    if not rows:
        return [Text("Every document ended where it did before.", style="bold")]
    table = terminal.titled("Moved")
    for name in ("before", "after"):
        table.add_column(name, overflow="fold")
    for name in ("documents", "tokens"):
        table.add_column(name, justify="right")
    table.add_column("such as", overflow="fold", style="dim")
    for row in rows:
        sizes = (f"{row['documents']:,}", f"{row['tokens']:,}")
        table.add_row(row["before"], row["after"], *sizes, row["examples"][0])
    return [table]
