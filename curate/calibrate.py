"""`curate calibrate`: limits that a reference sample would pass, from percentiles of its signals.

The reference is what you trust: a run over text that should be kept, a config of such sources (the first
megabytes are annotated), or of any run the documents that reason best (`--reasoning`). Each limit in force is
moved so that it alone fails a chosen share of the reference; limits by structure move for each kind that has
enough documents. Nothing is changed: the proposals are printed as `--set` for `whatif` and `build`.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from curate import plan as planning
from curate import readers
from curate.annotate import LoadedStage, annotate_batch
from curate.config import load
from curate.decide import judged_of
from curate.documents import Batch
from curate.errors import UsageError
from curate.ledger import Run
from curate.parts import read_parquet
from curate.plan import PlannedSource
from curate.report import audit
from curate.rules import LABELS, Judged, PerStructure, decide

Json = dict[str, Any]

ENOUGH = 200
"""Documents from which a percentile is proposed: the last half per cent is one document."""
LOOKED_AT = 4 << 20
"""Bytes of each source that are annotated where a config is given."""
DIGITS = 3
"""Significant digits of a proposal, rounded to the side that fails fewer."""

Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Proposal:
    """A limit, and the one at which `fail` of the reference would fail it.

    kind: the structure that it is for, None for all others. now, proposed: limits; fails: fraction of the
    reference that fails it now; documents: how many were measured.
    """

    source: str
    stage: str
    rule: str
    kind: str | None
    now: float
    proposed: float
    fails: float
    documents: int


def propose(given: Path, fail: float, reasoning: float | None) -> Json:
    """{fail, documents: {source: n}, limits: [proposals], sets: [assignments]}.

    given: a complete run or a config. fail: share of the reference that each limit may fail. reasoning: the
    least reasoning quantile of a document of the reference, None for all. Raises UsageError where no source
    has enough documents.
    """
    if not 0 <= fail < 1:
        raise UsageError(f"--fail {fail} is no fraction from 0 up to 1, such as 0.005.")
    references = list(_of_run(given, reasoning) if given.is_dir() else _of_config(given))
    found = [p for source, columns in references for p in _source(source, columns, fail)]
    documents = {source.name: _length(columns) for source, columns in references}
    if not found:
        told = ", ".join(f"{name} {n}" for name, n in documents.items())
        raise UsageError(
            f"No source has {ENOUGH} documents to learn from ({told}). Give a larger sample"
            + (", or lower --reasoning." if reasoning is not None else ".")
        )
    in_force = {source.name: judged_of(source.plain_stages()) for source, _ in references}
    rows = [vars(proposal) for proposal in found]
    return {"fail": fail, "documents": documents, "limits": rows, "sets": list(_sets(found, in_force))}


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()))) if columns else 0


# --- the reference


def _of_run(path: Path, least: float | None) -> Iterator[tuple[PlannedSource, Columns]]:
    """(source, signals of its readable documents past the gates) of a run."""
    run = Run(path)
    plan = planning.make(load(run.dir.config, base=Path(run.dir.read_facts()["base"])), hash_inputs=False)
    parts: dict[str, list[pa.Table]] = {source.name: [] for source in plan.sources}
    for ledger, signals in zip(run.dir.files("ledger"), run.dir.files("signals"), strict=True):
        rows = read_parquet(ledger, ["source", "fate", "failed_rules"])
        gated = pc.list_value_length(rows["failed_rules"].combine_chunks()).to_numpy(zero_copy_only=False) > 0
        gated &= _gated(rows["failed_rules"])
        chosen = pc.not_equal(rows["fate"], "quarantined").to_numpy() & ~gated
        table = read_parquet(signals)
        if least is not None:
            if audit.QUANTILE not in table.column_names:
                continue
            chosen &= table[audit.QUANTILE].fill_null(-1).to_numpy() >= least
        if len(rows):
            parts[rows["source"][0].as_py()].append(table.filter(pa.array(chosen)))
    for source in plan.sources:
        table = pa.concat_tables(parts[source.name]) if parts[source.name] else pa.table({})
        yield source, {name: _whole(table[name]) for name in table.column_names}


def _gated(failed: pa.ChunkedArray) -> np.ndarray:
    names = failed.to_pylist()
    return np.array([any(".gate_" in name for name in found or ()) for found in names], bool)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _of_config(path: Path) -> Iterator[tuple[PlannedSource, Columns]]:
    """(source, signals) of the first documents of each source of a config."""
    plan = planning.make(load(path), hash_inputs=False)
    for source in plan.sources:
        loaded = [LoadedStage.of(*stage.plain()) for stage in source.stages]
        parts = [given.part for given in plan.inputs if given.source == source.number]
        yield source, _annotated(source, parts, loaded)


def _annotated(
    source: PlannedSource, parts: Sequence[readers.Part], loaded: Sequence[LoadedStage]
) -> Columns:
    pieces: list[Columns] = []
    size = 0
    for part in parts:
        for records in readers.read(part, source.read, LOOKED_AT):
            texts = records["text"].filter(records["error"].is_null())
            batch = Batch.of(texts, source.name, source.kind)
            state = annotate_batch(batch, loaded)
            past = pa.array(~state.gated)
            pieces.append({name: column.filter(past) for name, column in batch.signals.items()})
            size += batch.nbytes
            if size >= LOOKED_AT:
                break
        if size >= LOOKED_AT:
            break
    return {name: pa.concat_arrays([p[name] for p in pieces]) for name in pieces[0]} if pieces else {}


# --- the proposals


def _source(source: PlannedSource, columns: Columns, fail: float) -> Iterator[Proposal]:
    n = _length(columns)
    for judged in judged_of(source.plain_stages()):
        column = columns.get(judged.rule.signal)
        quantile = judged.rule.signal.endswith("quantile")
        if judged.rule.not_in or judged.rule.name.startswith("gate_") or quantile or column is None:
            continue
        failed = decide(columns, [judged], n).failed[0]
        values = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
        for kind, now, here in _by_kind(judged, columns, n):
            measured = here & ~np.isnan(values)
            if now is not None and measured.sum() >= ENOUGH:
                yield Proposal(
                    source=source.name,
                    stage=judged.stage,
                    rule=judged.rule.name,
                    kind=kind,
                    now=now,
                    proposed=_limit(values[measured], judged, fail, isinstance(now, int)),
                    fails=float(failed[measured].mean()),
                    documents=int(measured.sum()),
                )


def _by_kind(judged: Judged, columns: Columns, n: int) -> Iterator[tuple[str | None, Any, np.ndarray]]:
    """(kind, limit, (n,) bool documents that it judges); kind None: all that no other entry is for."""
    limit = judged.limit
    if not isinstance(limit, PerStructure):
        yield None, limit, np.ones(n, bool)
        return
    rest = np.ones(n, bool)
    labels = [columns[name] for name in LABELS if name in columns]
    for kind, value in limit.kinds.items():
        here = np.zeros(n, bool)
        for label in labels:
            here |= pc.fill_null(pc.equal(label, kind), False).to_numpy(zero_copy_only=False)
        rest &= ~here
        yield kind, value, here
    yield None, limit.default, rest


def _limit(values: np.ndarray, judged: Judged, fail: float, whole: bool) -> float:
    """The tightest limit that at most `fail` of the values fail, as a number that a person would write."""
    below = judged.rule.below is not None
    ordered = np.sort(values) if below else np.sort(-values)
    edge = abs(float(ordered[int(fail * len(ordered))]))
    if whole:
        return math.floor(edge) if below else math.ceil(edge)
    if edge == 0 or not math.isfinite(edge):
        return edge
    step = 10.0 ** (math.floor(math.log10(edge)) - DIGITS + 1)
    rounded = (math.floor if below else math.ceil)(round(edge / step, 6)) * step
    return float(f"{rounded:.{DIGITS}g}")


def _sets(found: Sequence[Proposal], in_force: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    """`a.b=c` for each limit that would change; a limit by structure as a mapping."""
    by_rule: dict[tuple[str, str, str], dict[str | None, float]] = {}
    for p in found:
        by_rule.setdefault((p.source, p.stage, p.rule), {})[p.kind] = p.proposed
    for (source, stage, rule), limits in by_rule.items():
        now = next(j.limit for j in in_force[source] if (j.stage, j.rule.name) == (stage, rule))
        value: Any = limits.get(None)
        if isinstance(now, PerStructure) and now.kinds:
            value = {"default": now.default, **now.kinds} | {
                kind or "default": v for kind, v in limits.items()
            }
        yield f"sources.{source}.stages.{stage}.{rule}={json.dumps(value)}"


def render(found: Json, given: Path) -> RenderableType:
    """The proposals as a table, then as options."""
    table = Table(box=None, pad_edge=False)
    for name in ("source", "limit", "for"):
        table.add_column(name, overflow="fold")
    for name in ("documents", "now", "fails", "proposed"):
        table.add_column(name, justify="right")
    for row in found["limits"]:
        name = f"{row['stage']}.{row['rule']}"
        numbers = [f"{row['documents']:,}", f"{row['now']:g}", f"{row['fails']:.2%}", f"{row['proposed']:g}"]
        style = "bold" if row["fails"] > 2 * found["fail"] else ""
        table.add_row(row["source"], name, row["kind"] or "", *numbers, style=style)
    lines = [
        Text(f"--set {shlex.quote(assignment)}", style="cyan", no_wrap=True, overflow="ignore")
        for assignment in found["sets"]
    ]
    head = f"The tightest limits that {1 - found['fail']:.1%} of the reference pass, each by itself"
    hint = f"See what they would do: curate whatif {given} --set ..." if given.is_dir() else ""
    return Group(Text(head, style="bold"), "", table, "", *lines, *([hint] if hint else []))
