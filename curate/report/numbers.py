"""The numbers of a run, from its ledger: what report.json says, and the dataset card made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate import __version__, ledger
from curate.config import Config
from curate.parts import read_parquet
from curate.rundir import Result, RunDir

Json = dict[str, Any]

REPORT_NAME = "curate/report/1"

COLUMNS = ["source", "fate", "stage", "rule", "tokens", "bytes", "copies", "weight", "structure", "reason"]


def of_ledger(task: Json) -> Json:
    """What `compute` takes from the ledger; task: ledgers, the paths of its files."""
    rows = pa.concat_tables([read_parquet(path, COLUMNS) for path in task["ledgers"]])
    fates = dict.fromkeys(ledger.FATES, 0) | _counts(rows["fate"])
    ledger.identity(fates, len(rows))
    kept = rows.filter(pc.equal(rows["fate"], "kept"))
    return {
        "documents": int(pc.sum(rows["copies"]).as_py() or 0),
        "documents_of": {source: n for (source,), (n,) in _grouped(kept, ["source"], [("copies", "sum")])},
        "input_documents": len(rows),
        "input_tokens": int(pc.sum(rows["tokens"]).as_py() or 0),
        "drawing": drawing(rows),
        "fates": fates,
        "sources": by_source(rows),
        "funnel": funnel(rows),
        "quarantine": quarantine(rows),
        "structures": structures(rows),
    }


def compute(
    run: RunDir,
    config: Config,
    files: Mapping[str, tuple[Result, str]],
    annotated: Sequence[Json],
    mix: Result,
    counted: Json,
    audited: Json,
) -> Json:
    """report.json without what only the build knows (seconds, files). files: (result, output) by published
    name. annotated: counts of each part. mix: the mixer's result. counted: what `of_ledger` found. audited:
    the over-filtering audit."""
    written = [at for name, at in files.items() if name.startswith("corpus/")]
    sums = {result: run.sums(result) for result, _ in written}
    shards = [sums[result]["shards"][output]["tokens"] for result, output in written]
    plan = run.sums(mix)
    shares = mix_table(counted["documents_of"], config, plan, shards)
    corpus_error, shard_error = mix_errors(shares, shards)
    return {
        "schema": REPORT_NAME,
        "curate": __version__,
        "name": config.name,
        "status": plan["status"],
        "requested_tokens": config.tokens,
        "tokens": sum(sum(shard.values()) for shard in shards),
        "documents": counted["documents"],
        "unique_documents": counted["fates"]["kept"],
        "input_documents": counted["input_documents"],
        "input_bytes": sum(counts["bytes"] for counts in annotated),
        "input_tokens": counted["input_tokens"],
        "mix": shares,
        "mix_max_error": corpus_error,
        "mix_max_shard_error": shard_error,
        "mix_notes": plan["notes"],
        "drawing": counted["drawing"],
        "discourse": plan["discourse"],
        "emphasis": plan["emphasis"],
        "shards": len(shards),
        "written": {
            "bytes": sum(sums[result]["shards"][output]["bytes"] for result, output in written),
            "decoded_bytes": sum(task["decoded_bytes"] for task in sums.values()),
        },
        "fates": counted["fates"],
        "sources": {name: counted["sources"].get(name, nothing()) for name in config.sources},
        "funnel": counted["funnel"],
        "quarantine": counted["quarantine"],
        "structures": counted["structures"],
        "dedup": plan["dedup"],
        "stages": stage_times(annotated),
        "audit": audited,
    }


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in pc.value_counts(column.combine_chunks()).to_pylist()}


def mix_table(
    documents: Mapping[str, int], config: Config, plan: Json, shards: Sequence[Mapping[str, int]]
) -> Json:
    """mix.<source>: shares as fractions, tokens, and how often the source's unique tokens were used.
    documents: in the corpus, by source."""
    total = sum(sum(shard.values()) for shard in shards)
    out = {}
    for name in config.sources:
        share, planned = config.mix.shares[name], plan["sources"][name]
        tokens = sum(shard.get(name, 0) for shard in shards)
        unique = planned["unique_tokens"]
        out[name] = {
            "target": share.share,
            "planned": planned["share"],
            "low": share.low,
            "high": share.high,
            "achieved": tokens / total if total else 0.0,
            "tokens": tokens,
            "documents": documents.get(name, 0),
            "unique_tokens": unique,
            "epochs": tokens / unique if unique else 0.0,
        }
    return out


def mix_errors(mix: Json, shards: Sequence[Mapping[str, int]]) -> tuple[float, float]:
    """(largest |achieved - planned| in the corpus, the same in any shard), fractions."""
    planned = {name: row["planned"] for name, row in mix.items()}
    corpus = max((abs(row["achieved"] - row["planned"]) for row in mix.values()), default=0.0)
    worst = 0.0
    for shard in shards:
        if total := sum(shard.values()):
            worst = max(worst, *(abs(shard.get(n, 0) / total - share) for n, share in planned.items()))
    return corpus, worst


def _grouped(
    rows: pa.Table, by: Sequence[str], sums: Sequence[tuple[str, str]]
) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """[(key, sums)] sorted by key."""
    table = rows.group_by(list(by)).aggregate(list(sums)).to_pydict()
    keys = list(zip(*(table[name] for name in by), strict=True))
    names = [f"{name}_{how}" if name else how for name, how in sums]
    values = list(zip(*(table[name] for name in names), strict=True))
    return sorted(zip(keys, values, strict=True), key=lambda row: tuple(map(str, row[0])))


TENTHS = 10


def drawing(rows: pa.Table) -> Json:
    """Per source how weights told: {epochs: tokens drawn over tokens there of each tenth of the tokens by
    weight, lowest weights first; gini: of how often documents stand in the corpus, 0 when all do alike}."""
    living = rows.filter(pc.is_valid(rows["weight"]))
    out = {}
    for source in pc.unique(living["source"]).to_pylist():
        mine = living.filter(pc.equal(living["source"], source)).sort_by("weight")
        tokens, copies = (mine[name].to_numpy().astype(np.float64) for name in ("tokens", "copies"))
        tenth = np.minimum((np.cumsum(tokens) - tokens / 2) * TENTHS / max(tokens.sum(), 1), TENTHS - 1)
        there = np.bincount(tenth.astype(np.int64), tokens, TENTHS)
        drawn = np.bincount(tenth.astype(np.int64), tokens * copies, TENTHS)
        out[source] = {"epochs": (drawn / np.maximum(there, 1)).round(4).tolist(), "gini": gini(copies)}
    return dict(sorted(out.items()))


def gini(values: np.ndarray) -> float:
    """Gini coefficient, 0..1, of (n,) values from 0 up: half the mean difference of two over the mean."""
    n, total = len(values), float(values.sum())
    if not total:
        return 0.0
    return round(float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(values)) / (n * total), 4)


def funnel(rows: pa.Table) -> list[Json]:
    """Documents and tokens leaving at each rule, largest first within a source."""
    leaving = rows.filter(pc.not_equal(rows["fate"], "kept"))
    found = _grouped(leaving, ["source", "stage", "rule", "fate"], [("bytes", "count"), ("tokens", "sum")])
    out = [
        {
            "source": at[0],
            "stage": at[1],
            "rule": at[2],
            "fate": at[3],
            "documents": count,
            "tokens": tokens or 0,
        }
        for at, (count, tokens) in found
    ]
    return sorted(out, key=lambda row: (row["source"], -row["documents"], row["stage"], row["rule"]))


def nothing() -> Json:
    """What `by_source` says of a source without documents."""
    return {"documents": 0, "bytes": 0, "tokens": 0, "fates": dict.fromkeys(ledger.FATES, 0)}


def by_source(rows: pa.Table) -> Json:
    """Per source: documents, bytes and tokens read, and documents by fate."""
    out: Json = {}
    read = _grouped(rows, ["source"], [("fate", "count"), ("bytes", "sum"), ("tokens", "sum")])
    for (source,), (documents, size, tokens) in read:
        out[source] = {**nothing(), "documents": documents, "bytes": size, "tokens": tokens or 0}
    for (source, fate), (count,) in _grouped(rows, ["source", "fate"], [("bytes", "count")]):
        out[source]["fates"][fate] = count
    return out


def quarantine(rows: pa.Table, most: int = 10) -> list[Json]:
    """The commonest reasons why documents were quarantined."""
    bad = rows.filter(pc.equal(rows["fate"], "quarantined"))
    found = _grouped(bad, ["source", "stage", "reason"], [("fate", "count")])
    found.sort(key=lambda row: -row[1][0])
    return [
        {"source": at[0], "stage": at[1], "reason": at[2], "documents": count}
        for at, (count,) in found[:most]
    ]


def structures(rows: pa.Table) -> Json:
    """Per structure: documents, and the fraction of them that rules dropped."""
    out = {}
    for (kind,), (documents,) in _grouped(rows, ["structure"], [("fate", "count")]):
        here = rows.filter(pc.equal(rows["structure"], kind)) if kind is not None else None
        if here is not None:
            dropped = pc.sum(pc.equal(here["fate"], "dropped")).as_py() or 0
            out[kind] = {"documents": documents, "dropped": dropped / documents}
    return out


def stage_times(annotated: Sequence[Json]) -> Json:
    """Per stage: CPU seconds and bytes of text it was given."""
    out: Json = {}
    for counts in annotated:
        for name, spent in counts["stages"].items():
            entry = out.setdefault(name, {"seconds": 0.0, "bytes": 0})
            entry["seconds"] = round(entry["seconds"] + spent["seconds"], 4)
            entry["bytes"] += spent["bytes"]
    return out


def dataset_card(report: Json, config: Config) -> str:
    """corpus/README.md: what `datasets` reads, and what a person wants to know. Nothing in it depends on when
    or where it was built."""
    rows = "\n".join(
        f"| {name} | {m['achieved']:.2%} | {m['tokens']:,} | {m['documents']:,} | {m['epochs']:.2f} |"
        for name, m in report["mix"].items()
    )
    return f"""---
configs:
- config_name: default
  data_files:
  - split: train
    path: train-*.parquet
---
# {config.name}

{report["tokens"]:,} tokens in {report["documents"]:,} documents, made by curate {__version__} from
{report["input_documents"]:,} documents. Every shard carries the same mix.

| source | share | tokens | documents | epochs |
|---|---|---|---|---|
{rows}

Columns: `text`, `id`, `key` (the document's name in the ledger), `source`, `tokens`, `copy`.
"""
