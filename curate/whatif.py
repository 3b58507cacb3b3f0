"""`curate whatif`: the funnel and mix that another config would have, from stored signals; nothing is
written.

Exact for fates by rules. Marked as estimated: documents that a changed gate lets in (they have no signals
behind it), and those that become unique because the document kept for them falls (new duplicates need
texts).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from curate import plan as planning
from curate import rules
from curate.config import load
from curate.decide import judged_of, rescued
from curate.ledger import Run
from curate.mix import tasks as mixing
from curate.plan import Plan
from curate.report import numbers

Json = dict[str, Any]


def ask(run: Run, sets: Sequence[str]) -> Json:
    """{funnel, mix, tokens, status, fates, before, estimated}: what a build with `sets` would report.

    Raises ConfigError for sets that no config can follow, InfeasibleMix where the mix could not be had.
    """
    config = load(run.dir.config, sets, base=Path(run.dir.read_facts()["base"]))
    plan = planning.make(config, hash_inputs=False)
    gates_changed = _gates_changed(run, plan)
    pieces = [
        _decide(plan, ledger, signals)
        for ledger, signals in zip(run.dir.files("ledger"), run.dir.files("signals"), strict=True)
    ]
    rows = pa.concat_tables(pieces)
    rows, promoted = _duplicates(rows)
    living = rows.filter(pc.equal(rows["fate"], "kept"))
    sums = {row["source"]: row["tokens_sum"] for row in _sum(living, "source")}
    unique = [sums.get(name) or 0 for name in config.sources]
    mix = mixing.budget(planning.mix_request(config), unique)
    return {
        "mix": mix["sources"],
        "tokens": mix["tokens"],
        "status": mix["status"],
        "notes": mix["notes"],
        "funnel": numbers.funnel(rows),
        "fates": _count(rows["fate"]),
        "before": {"report": {k: run.report[k] for k in ("mix", "tokens", "status", "funnel", "fates")}},
        "estimated": {"promoted_duplicates": promoted, "behind_changed_gates": gates_changed},
    }


def _gates_changed(run: Run, plan: Plan) -> int:
    """Documents behind gates, when a gate is not the one of the run; 0 when none changed."""
    before = planning.make(load(run.dir.config, base=plan.config.base), hash_inputs=False)
    changed = [
        a.name
        for a, b in zip(plan.sources, before.sources, strict=True)
        if [stage.gates() for stage in a.stages] != [stage.gates() for stage in b.stages]
    ]
    rows = run.ledger(["source", "rule"])
    gated = pc.starts_with(pc.fill_null(rows["rule"], ""), "gate_")
    here = pc.is_in(rows["source"], pa.array(changed, pa.string()))
    return int(pc.sum(pc.and_(gated, here)).as_py() or 0)


def _decide(plan: Plan, ledger: Path, signals: Path) -> pa.Table:
    """key, source, fate, stage, rule, tokens, bytes, duplicate_of, similarity of one part; `kept` is all that
    may come to the mixer."""
    rows, columns = pq.read_table(ledger), pq.read_table(signals)
    n = len(rows)
    source = next((s for s in plan.sources if n and s.name == rows["source"][0].as_py()), plan.sources[0])
    in_force = judged_of(source.plain_stages())
    given = {name: columns[name].combine_chunks() for name in columns.column_names}
    decision = rules.decide(given, in_force, n)
    decision.spare(rescued(decision, in_force, given.get("reasoning.quantile"), plan.config.rescue))
    fate, stage, rule = (
        rows[name].to_numpy(zero_copy_only=False).copy() for name in ("fate", "stage", "rule")
    )
    free = fate != "quarantined"
    duplicate = (fate == "duplicate") & (decision.first < 0)
    fate[free], stage[free], rule[free] = "kept", None, None
    fate[duplicate], stage[duplicate], rule[duplicate] = (
        "duplicate",
        "dedup",
        rows["rule"].filter(pa.array(duplicate)).to_numpy(zero_copy_only=False),
    )
    for i, judged in enumerate(in_force):
        here = free & (decision.first == i)
        fate[here], stage[here], rule[here] = "dropped", judged.stage, judged.rule.name
    tokens = rows["tokens"].fill_null(0).to_numpy()
    oversize = (fate == "kept") & (tokens > planning.largest_document(plan.config, source.name))
    fate[oversize], stage[oversize], rule[oversize] = "unselected", "mix", "oversize"
    table = rows.select(["key", "source", "tokens", "bytes", "duplicate_of", "similarity"])
    for name, column in (("fate", fate), ("stage", stage), ("rule", rule)):
        table = table.append_column(name, pa.array(column, pa.string()))
    return table


def _duplicates(rows: pa.Table) -> tuple[pa.Table, int]:
    """Duplicates whose kept document falls: the most similar of each takes its place. (rows, how many do)"""
    kept = rows.filter(pc.equal(rows["fate"], "kept"))["key"]
    orphan = pc.and_(
        pc.equal(rows["fate"], "duplicate"), pc.invert(pc.is_in(rows["duplicate_of"], kept.combine_chunks()))
    )
    places = np.flatnonzero(orphan.to_numpy())
    if not len(places):
        return rows, 0
    orphans = rows.take(pa.array(places)).append_column("place", pa.array(places))
    orphans = orphans.sort_by(
        [("duplicate_of", "ascending"), ("similarity", "descending"), ("key", "ascending")]
    )
    of = orphans["duplicate_of"].to_pylist()
    first = [i for i, name in enumerate(of) if i == 0 or name != of[i - 1]]
    chosen = orphans["place"].to_numpy()[first]
    fate, stage, rule = (
        rows[name].to_numpy(zero_copy_only=False).copy() for name in ("fate", "stage", "rule")
    )
    fate[chosen], stage[chosen], rule[chosen] = "kept", None, None
    for name, column in (("fate", fate), ("stage", stage), ("rule", rule)):
        index = rows.schema.get_field_index(name)
        rows = rows.set_column(index, name, pa.array(column, pa.string()))
    return rows, len(chosen)


def _sum(rows: pa.Table, by: str) -> list[Json]:
    return rows.group_by(by).aggregate([("tokens", "sum")]).to_pylist()


def _count(column: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in pc.value_counts(column.combine_chunks()).to_pylist()}


def render(found: Json) -> RenderableType:
    """Before and after, side by side."""
    before = found["before"]["report"]
    mix = Table(title="Mix", title_justify="left", title_style="bold", box=None, pad_edge=False)
    mix.add_column("source")
    for name in ("share now", "would be", "unique tokens now", "would be"):
        mix.add_column(name, justify="right")
    for name, row in found["mix"].items():
        old = before["mix"][name]
        mix.add_row(
            name,
            f"{old['planned']:.2%}",
            f"{row['share']:.2%}",
            f"{old['unique_tokens']:,}",
            f"{row['unique_tokens']:,}",
        )
    return Group(
        Text(
            f"{before['tokens']:,} tokens now, would be {found['tokens']:,} ({found['status']})", style="bold"
        ),
        "",
        mix,
        "",
        _funnel(before["funnel"], found["funnel"]),
        *(Text(f"note  {note}", style="yellow") for note in [*found["notes"], *_estimates(found)]),
    )


def _funnel(before: Sequence[Json], after: Sequence[Json]) -> Table:
    table = Table(title="Leaving at", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in ("source", "rule"):
        table.add_column(name)
    for name in ("documents now", "would be"):
        table.add_column(name, justify="right")
    old, new = (
        {(r["source"], f"{r['stage']}.{r['rule']}"): r["documents"] for r in rows if r["rule"] != "budget"}
        for rows in (before, after)
    )
    for at in sorted({*old, *new}):
        a, b = old.get(at, 0), new.get(at, 0)
        table.add_row(*at, f"{a:,}", f"{b:,}", style="bold" if a != b else "dim")
    return table


def _estimates(found: Json) -> list[str]:
    promoted, gated = found["estimated"].values()
    out = []
    if promoted:
        out.append(f"estimated: {promoted:,} duplicates would stand in for documents that fall")
    if gated:
        out.append(f"estimated: a gate changed, and {gated:,} documents behind it have not all signals")
    return out
