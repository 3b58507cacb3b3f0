"""`curate check`: what a build would read, run and could have, without building.

Tokens are estimated: the stages run on the first megabyte of each source, and what passes there is taken for
the rest. Duplicates are not foreseen, so a build finds somewhat less.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from curate import plan as planning
from curate import readers, rules, tokenizer
from curate.annotate import LoadedStage, annotate_batch
from curate.build import WORKER_BYTES, worker_count
from curate.config import Config
from curate.decide import judged_of
from curate.documents import Batch
from curate.errors import InfeasibleMix
from curate.mix import tasks as mixing
from curate.plan import Plan, PlannedSource
from curate.report import sentinels

Json = dict[str, Any]

LOOKED_AT = 1 << 20
"""Bytes of each source that are read for the estimate."""


def look(config: Config) -> Json:
    """What the build would do, as plain data. Raises ConfigError where it could not begin."""
    plan = planning.make(config, hash_inputs=False)
    sources = {source.name: _source(plan, source) for source in plan.sources}
    unique = [sources[source.name]["tokens_to_be_had"] for source in plan.sources]
    mix, problem = _mix(config, unique)
    workers = worker_count(None, len(plan.inputs))
    return {
        "name": config.name,
        "config": str(config.path),
        "sources": sources,
        "tokenizer": _tokenizer(plan),
        "mix": mix,
        "problem": problem,
        "warnings": _warnings(plan),
        "disk_needed": planning.disk_needed(plan),
        "disk_free": shutil.disk_usage(Path.cwd()).free,
        "workers": workers,
        "memory_needed": workers * WORKER_BYTES,
    }


def _warnings(plan: Plan) -> list[str]:
    """Where filters would drop packaged reasoning, or keep packaged junk; with `audit: strict` no build
    begins."""
    given = {source.name: (source.kind, source.plain_stages()) for source in plan.sources}
    return sentinels.all_findings(sentinels.judge_all(given))


def _source(plan: Plan, source: PlannedSource) -> Json:
    inputs = [i for i in plan.inputs if i.source == source.number]
    text = sum(i.part.bytes for i in inputs)
    looked = _look_at(source, [i.part for i in inputs])
    per_byte = looked["passing_tokens"] / looked["bytes"] if looked["bytes"] else 0.0
    return {
        "kind": source.kind,
        "files": len({i.shard for i in inputs}),
        "text_bytes": text,
        "stages": [stage.name for stage in source.stages],
        "models": sorted({str(f) for stage in source.stages for f in stage.files()}),
        "looked_at": looked,
        "tokens_to_be_had": int(text * per_byte),
    }


def _tokenizer(plan: Plan) -> Json:
    """Whose tokens are counted, by whom, and at what rate (MB/s per core)."""
    stage = next(stage for stage in plan.sources[0].stages if stage.name == "tokens")
    info = tokenizer.describe(next(iter(stage.files()), None))
    return {**dataclasses.asdict(info), "rate": info.rate}


def _look_at(source: PlannedSource, parts: list[readers.Part]) -> Json:
    """Counts of the first documents: {documents, bytes, tokens, passing_tokens, errors, first_error}."""
    counts: Json = {"documents": 0, "bytes": 0, "tokens": 0, "passing_tokens": 0, "errors": 0}
    counts["first_error"] = None
    loaded = [LoadedStage.of(*stage.plain()) for stage in source.stages]
    in_force = judged_of(source.plain_stages())
    for part in parts:
        for records in readers.read(part, source.read, LOOKED_AT):
            _count(counts, records, source, loaded, in_force)
            if counts["bytes"] >= LOOKED_AT:
                return counts
    return counts


def _count(
    counts: Json,
    records: pa.RecordBatch,
    source: PlannedSource,
    loaded: list[LoadedStage],
    in_force: list[rules.Judged],
) -> None:
    errors = records["error"].drop_null()
    if len(errors) and counts["first_error"] is None:
        counts["first_error"] = errors[0].as_py()
    texts = records["text"].drop_null()
    batch = Batch.of(texts, source.name, source.kind)
    state = annotate_batch(batch, loaded, np.ones(len(batch), bool))
    tokens = state.batch.signals["tokens.count"].to_numpy(zero_copy_only=False).astype(np.int64)
    decision = rules.decide(state.batch.signals, in_force, len(batch))
    counts["documents"] += len(batch)
    counts["errors"] += len(errors)
    counts["bytes"] += batch.nbytes
    counts["tokens"] += int(tokens.sum())
    counts["passing_tokens"] += int(tokens[decision.first < 0].sum())


def _mix(config: Config, unique: list[int]) -> tuple[Json, str | None]:
    try:
        return mixing.budget(planning.mix_request(config), unique), None
    except InfeasibleMix as error:
        return {"tokens": 0, "sources": {}, "status": "infeasible", "notes": []}, str(error)


def render(found: Json) -> RenderableType:
    """The outlook as tables."""
    table = Table(box=None, pad_edge=False)
    table.add_column("source")
    for name in ("files", "text", "passing", "tokens to be had"):
        table.add_column(name, justify="right")
    table.add_column("stages", overflow="fold")
    for name, row in found["sources"].items():
        seen = row["looked_at"]
        passing = f"{seen['passing_tokens'] / seen['tokens']:.0%}" if seen["tokens"] else "-"
        tokens = f"about {row['tokens_to_be_had']:,}"
        size = f"{row['text_bytes'] / 1e6:,.1f} MB"
        table.add_row(name, f"{row['files']:,}", size, passing, tokens, ", ".join(row["stages"]))
    return Group(
        Text(f"{found['config']}: valid", style="bold green"),
        "",
        table,
        "",
        _mix_line(found),
        _tokenizer_line(found["tokenizer"]),
        *(Text(f"note  {note}", style="yellow") for note in found["mix"]["notes"]),
        *(Text(f"warning  {sentence}", style="yellow") for sentence in found["warnings"]),
        *_errors(found),
        Text(
            f"needs about {found['disk_needed'] / 1e9:,.2f} GB of disk ({found['disk_free'] / 1e9:,.0f} GB "
            f"free) and {found['memory_needed'] / 1e9:.0f} GB of memory with {found['workers']} workers"
        ),
        Text("estimated from the first megabyte of each source; duplicates are not foreseen", style="dim"),
    )


def _mix_line(found: Json) -> Text:
    if found["problem"]:
        return Text(f"mix: {found['problem']}", style="red")
    shares = ", ".join(f"{name} {row['share']:.1%}" for name, row in found["mix"]["sources"].items())
    return Text(f"mix: about {found['mix']['tokens']:,} tokens ({found['mix']['status']}): {shares}")


def _tokenizer_line(info: Json) -> Text:
    counted = f"tokens: those of {info['name']}, counted at about {info['rate']} MB/s per core"
    if info["kernel"]:
        return Text(counted)
    return Text(f"{counted} by a library, for our kernel does not know its kind", style="yellow")


def _errors(found: Json) -> list[Text]:
    return [
        Text(
            f"note  {name}: {seen['errors']:,} documents cannot be read: {seen['first_error']}",
            style="yellow",
        )
        for name, row in found["sources"].items()
        if (seen := row["looked_at"])["errors"]
    ]
