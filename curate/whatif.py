"""`curate whatif`: the funnel and mix that another config would have, from stored signals; nothing is
written.

Exact for fates by rules. Marked as estimated: documents that a changed gate lets in (they have no signals
behind it), those that become unique because the document kept for them falls (new duplicates need texts), and
kinds of discourse (what is drawn depends on hashes of texts, which are in no published file).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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
from curate import rules, stages
from curate.config import Config, load
from curate.decide import judged_of, rescued, weights
from curate.documents import buffers, hash_documents
from curate.ledger import Run
from curate.located import split
from curate.mix import draw
from curate.mix import tasks as mixing
from curate.mix.kinds import UNNAMED, Floors, sums
from curate.parts import one_array, read_parquet
from curate.plan import Plan
from curate.report import audit, numbers, sentinels, terminal
from curate.rules import Judged

Json = dict[str, Any]

BEFORE = ("mix", "tokens", "status", "funnel", "fates", "discourse")
"""What is shown beside what would be."""


def ask(run: Run, sets: Sequence[str]) -> Json:
    """{funnel, mix, tokens, status, fates, discourse, audit, before, estimated}: what a build with `sets`
    would report.

    Raises ConfigError for sets that no config can follow, InfeasibleMix where the mix could not be had.
    """
    base = Path(run.dir.read_facts()["base"])
    config = load(run.dir.config, [*_presets(load(run.dir.config, base=base), sets), *sets], base=base)
    plan = planning.make(config, hash_inputs=False)
    gates_changed = _gates_changed(run, plan)
    total = audit.Audit()
    pieces = [
        _decide(plan, ledger, signals, total)
        for ledger, signals in zip(run.dir.files("ledger"), run.dir.files("signals"), strict=True)
    ]
    rows = pa.concat_tables(pieces)
    rows, promoted = _duplicates(rows)
    living = rows.filter(pc.equal(rows["fate"], "kept"))
    sums = {row["source"]: row["tokens_sum"] for row in _sum(living, "source")}
    unique = [sums.get(name) or 0 for name in config.sources]
    mix = mixing.budget(planning.mix_request(config), unique)
    factors, unseen = _factors(run, config)
    return {
        "mix": mix["sources"],
        "tokens": mix["tokens"],
        "status": mix["status"],
        "notes": [*mix["notes"], *_unknown(run, plan), *unseen],
        "funnel": numbers.funnel(rows),
        "fates": _count(rows["fate"]),
        "discourse": _discourse(config, living, mix["sources"], factors),
        "audit": _audit(plan, total),
        "before": {"report": {k: run.report[k] for k in BEFORE}},
        "estimated": {"promoted_duplicates": promoted, "behind_changed_gates": gates_changed},
    }


def _presets(config: Config, sets: Sequence[str]) -> Iterator[str]:
    """Assignments of what the presets in `sets` stand for: config.yaml names every limit of a run, and would
    win over a preset."""
    for assignment in sets:
        parts, value = split(assignment)
        if len(parts) != 5 or (parts[0], parts[2], parts[4]) != ("sources", "stages", "preset"):
            continue
        source, stage = config.sources.get(parts[1]), parts[3]
        if source is None or stage not in stages.names():
            continue
        module = stages.find(stage)
        given = {**(module.defaults(source.kind) or {}), "preset": value if value != "null" else None}
        settings = config.parse(module.Config, given, parts[:4]).model_dump(mode="json")
        for name, limit in settings.items():
            if name != "preset" and not name.startswith("gate_"):
                yield f"{'.'.join((*parts[:4], name))}={json.dumps(limit)}"


def _unknown(run: Run, plan: Plan) -> list[str]:
    """A note for each rule in force whose signal the run did not make."""
    have = {name for file in run.dir.files("signals") for name in pq.read_schema(file).names}
    wanted = {judged.rule.signal for source in plan.sources for judged in judged_of(source.plain_stages())}
    missing = sorted(wanted - have)
    if not missing:
        return []
    return [f"rules on {', '.join(missing)} are left out: the run has no such signal, so build to see them"]


def _factors(run: Run, config: Config) -> tuple[dict[str, np.ndarray], list[str]]:
    """(by source the weights of its lines of emphasis, that of none first; notes). Which line a document
    matches is known for the run's own lines: others stay as they were, with a note."""
    before, out, changed = load(run.dir.config, base=config.base).mix.shares, {}, []
    for name, entry in config.mix.shares.items():
        lines = entry.emphasis
        if [line.match for line in lines] != [line.match for line in before[name].emphasis]:
            lines = before[name].emphasis
            changed.append(f"mix.{name}.emphasis")
        out[name] = np.array([1.0, *(line.weight for line in lines)])
    told = f"{' and '.join(changed)} as in the run: what other lines match is in no signal, so build to see"
    return out, [told] if changed else []


def _audit(plan: Plan, total: audit.Audit) -> Json:
    """The audit that a build would report, its sentinels too."""
    given = {source.name: (source.kind, source.plain_stages()) for source in plan.sources}
    watched = sentinels.judge_all(given)
    in_force = {name: judged_of(configs) for name, (_, configs) in given.items()}
    found = total.plain(plan.config.audit.sample, audit.soft_rules(in_force), watched)
    return {
        **found,
        "warnings": [*sentinels.all_findings(watched), *audit.concerns(found, plan.config.rescue)],
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


def _decide(plan: Plan, ledger: Path, signals: Path, total: audit.Audit) -> pa.Table:
    """key, source, fate, stage, rule, tokens, bytes, duplicate_of, similarity, weight, kind and line of
    emphasis of one part; `kept` is all that may come to the mixer. Its failures are added to `total`."""
    rows, columns = read_parquet(ledger), read_parquet(signals)
    n = len(rows)
    source = next((s for s in plan.sources if n and s.name == rows["source"][0].as_py()), plan.sources[0])
    in_force = judged_of(source.plain_stages())
    given = {name: columns[name].combine_chunks() for name in columns.column_names}
    decision = rules.decide(given, in_force, n)
    saved = rescued(decision, in_force, given.get("reasoning.quantile"), plan.config.rescue)
    decision.spare(saved)
    _count_failures(total, rows, given, decision, in_force, saved)
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
    power = plan.config.mix.shares[source.name].weight_power
    kind = given.get(mixing.DISCOURSE, pa.nulls(n, pa.string())).fill_null(UNNAMED)
    weight = weights(given.get("reasoning.quantile"), power, n)
    line = rows["emphasis"].fill_null(0).cast(pa.int64())
    return table.append_column("weight", weight).append_column("kind", kind).append_column("emphasis", line)


def _discourse(config: Config, living: pa.Table, budget: Json, factors: Mapping[str, np.ndarray]) -> Json:
    """By source what kinds of discourse would be drawn; each document's key is hashed here in place of its
    text, so portions are those of another seed."""
    out = {}
    for source in mixing.request_of(planning.mix_request(config)).sources:
        mine, planned = living.filter(pc.equal(living["source"], source.name)), budget[source.name]
        kinds = one_array(mine["kind"]).dictionary_encode()
        kind, names = kinds.indices.to_numpy(), kinds.dictionary.to_pylist()
        tokens, weight = (mine[name].to_numpy() for name in ("tokens", "weight"))
        high, low = hash_documents(*buffers(one_array(mine["key"]))).T.copy()
        floors = Floors.of(source, names, sums(kind, tokens, len(names)))
        target, fraction = planned["tokens"], draw.fractions(high, low, config.seed)
        weight = draw.filled_weights(weight) * factors[source.name][mine["emphasis"].to_numpy()]
        given = (tokens, fraction, weight, planned["max_copies"])
        _, out[source.name] = floors.draw(target, kind, *given, enough=target // 10_000)
    return out


def _count_failures(
    total: audit.Audit,
    rows: pa.Table,
    given: dict[str, pa.Array],
    decision: rules.Decision,
    in_force: Sequence[Judged],
    saved: np.ndarray,
) -> None:
    read = np.flatnonzero(pc.not_equal(rows["fate"], "quarantined").to_numpy())
    documents, of = np.nonzero(decision.failed[:, read].T)
    quantile = given.get(audit.QUANTILE)
    missing = np.full(len(rows), np.nan)
    at = pa.array(read)
    total.add(
        audit.Failures(
            source=rows["source"][0].as_py() if len(rows) else "",
            names=[f"{judged.stage}.{judged.rule.name}" for judged in in_force],
            documents=documents,
            rules=of,
            first=decision.first[read].astype(np.int64),
            keys=rows["key"].combine_chunks().take(at),
            tokens=rows["tokens"].fill_null(0).to_numpy()[read],
            structure=rows["structure"].combine_chunks().take(at),
            quantile=(
                missing if quantile is None else quantile.cast(pa.float64()).fill_null(np.nan).to_numpy()
            )[read],
            rescued=saved[read],
            audited=rows["audited"].fill_null(False).to_numpy()[read],
        )
    )


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
    mix = terminal.titled("Mix")
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
        "",
        _kinds(before["discourse"], found["discourse"]),
        "",
        terminal.audit_table(found["audit"]),
        *terminal.sentinels_of(found["audit"]),
        *(Text(f"note  {note}", style="yellow") for note in [*found["notes"], *_estimates(found)]),
    )


def _funnel(before: Sequence[Json], after: Sequence[Json]) -> Table:
    table = terminal.titled("Leaving at")
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


def _kinds(before: Json, after: Json, most: int = 4) -> Table:
    """The largest kinds of discourse of each source that has some."""
    table = terminal.titled("Drawn by discourse (estimated)")
    for name in ("source", "kind"):
        table.add_column(name)
    for name in ("available", "drawn now", "would be", "floor"):
        table.add_column(name, justify="right")
    for source, kinds in terminal.judged(after).items():
        for kind in sorted(kinds, key=lambda kind: -kinds[kind]["available"])[:most]:
            row, old = kinds[kind], before[source].get(kind, {"drawn": 0.0})
            portions = (row["available"], old["drawn"], row["drawn"], row["floor"])
            table.add_row(source, kind, *(f"{portion:.1%}" for portion in portions))
    return table


def _estimates(found: Json) -> list[str]:
    promoted, gated = found["estimated"].values()
    out = []
    if promoted:
        out.append(f"estimated: {promoted:,} duplicates would stand in for documents that fall")
    if gated:
        out.append(f"estimated: a gate changed, and {gated:,} documents behind it have not all signals")
    return out
