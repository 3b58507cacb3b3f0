"""Documents at rest: one row for each, with its fate and why; the accounting identity; what reports ask.

A document is kept, dropped (by a rule), a duplicate (of a document that dedup kept), unselected (the mix had
no room) or quarantined (it could not be read or processed), exactly one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.documents import key, keys
from curate.errors import UsageError
from curate.parts import Part, one_array, read_arrow, read_parquet
from curate.rundir import Result, RunDir

Json = dict[str, Any]

FATES = ("kept", "dropped", "duplicate", "unselected", "quarantined")

SCHEMA_NAME = "curate/ledger/1"
SIGNALS_NAME = "curate/signals/1"
CORPUS_NAME = "curate/corpus/1"

LEDGER = pa.schema(
    [
        ("key", pa.string()),
        ("id", pa.string()),
        ("source", pa.string()),
        ("shard", pa.string()),
        ("row", pa.int64()),  # null: a shard that could not be counted
        ("fate", pa.string()),
        ("stage", pa.string()),  # null when kept
        ("rule", pa.string()),
        ("value", pa.float64()),  # of the signal that the rule reads; null when it is no number
        ("threshold", pa.float64()),
        (
            "reason",
            pa.string(),
        ),  # what a number cannot say: the language found, what could not be read, `rescued`
        ("failed_rules", pa.list_(pa.string())),  # `stage.rule`, all that it failed
        ("duplicate_of", pa.string()),  # key of the document kept by dedup
        ("similarity", pa.float64()),  # true Jaccard with that one
        ("cluster_size", pa.int64()),  # 1 + its duplicates, for documents kept by dedup
        ("bytes", pa.int64()),  # of the raw text
        ("tokens", pa.int64()),  # of the final text; null where there was none to read
        ("weight", pa.float64()),  # as it was drawn; null when it did not come to that
        ("emphasis", pa.int16()),  # line of mix.<source>.emphasis that is in the weight, from 1; null: none
        ("copies", pa.int32()),
        ("structure", pa.string()),
        ("audited", pa.bool_()),
    ]
)


# --- the task of the step `account`


def account_part(task: Json) -> Json:
    """Writes the ledger and signal rows of one part. task: run, result, part, rules ([[stage, rule, signal],
    ...] in force), parts ([[source, shard], ...] of the run by number), duplicates and plan (results), audit,
    labels. sums: documents by fate."""
    run, result, part = RunDir(Path(task["run"])), Result(*task["result"]), Part.of(task["part"])
    if run.committed(result):
        return run.sums(result)
    documents = _documents(run, part)
    signals = _signals(run, part, task["stages"])
    ledger = _rows(run, part, documents, signals, task)
    labels = task["labels"]
    fates = {row["values"]: row["counts"] for row in pc.value_counts(ledger["fate"]).to_pylist()}
    with run.attempt(result) as attempt:
        _write(attempt.path("ledger"), ledger, {**labels, "schema": SCHEMA_NAME})
        names = {name: ledger[name] for name in ("key", "id", "source")}
        _write(attempt.path("signals"), pa.table({**names, **signals}), {**labels, "schema": SIGNALS_NAME})
        attempt.commit({"fates": fates})
    return run.sums(result)


def _write(path: Path, table: pa.Table, labels: Mapping[str, str]) -> None:
    plain = [f.name for f in table.schema if f.name in ("key", "id", "duplicate_of", "row")]
    pq.write_table(
        table.replace_schema_metadata(dict(labels)),
        path,
        compression="zstd",
        use_dictionary=[f.name for f in table.schema if f.name not in plain and pa.types.is_string(f.type)],
        row_group_size=100_000,
    )


def _documents(run: RunDir, part: Part) -> dict[str, Any]:
    table = part.table(run, "documents", ["row", "id", "error", "hash_high", "bytes"])
    columns = {name: one_array(table[name]) for name in ("row", "error", "hash_high", "bytes")}
    own_keys = keys(part.source, part.shard, columns["row"])
    return {**columns, "key": own_keys, "id": pc.coalesce(one_array(table["id"]), own_keys)}


def _signals(run: RunDir, part: Part, stages: Sequence[str]) -> dict[str, pa.Array]:
    out: dict[str, pa.Array] = {}
    for stage in stages:
        table = part.table(run, stage)
        out.update({name: one_array(table[name]) for name in table.schema.names if name != "error"})
    derived = part.table(run, "decide", name="quantiles")
    return out | {name: one_array(derived[name]) for name in derived.schema.names}


def _rows(
    run: RunDir, part: Part, documents: Mapping[str, Any], signals: Mapping[str, pa.Array], task: Json
) -> pa.Table:
    n = part.rows
    decided = part.table(run, "decide")
    fate = np.full(n, "unselected", object)
    stage, rule = np.full(n, "mix", object), np.full(n, "budget", object)
    reason = np.full(n, None, object)
    _dropped(decided, task["rules"], signals, fate, stage, rule, reason)
    _quarantined(run, part, task["stages"], fate, stage, rule, reason)
    oversize = decided["oversize"].to_numpy()
    rule[oversize] = "oversize"
    value = one_array(decided["value"]).to_numpy(zero_copy_only=False).copy()
    threshold = one_array(decided["threshold"]).to_numpy(zero_copy_only=False).copy()
    tokens = signals["tokens.count"].cast(pa.int64())
    counted = tokens.fill_null(0).to_numpy(zero_copy_only=False)
    value[oversize], threshold[oversize] = counted[oversize], task["largest_document"]
    duplicate_of, similarity, cluster = _duplicates(run, part, task, fate, stage, rule)
    weight, line, copies = _selected(run, part, task, fate, rule)
    kept = fate == "kept"
    stage[kept], rule[kept] = None, None
    reason[decided["rescued"].to_numpy()] = "rescued"
    audited = documents["hash_high"].fill_null(2**64 - 1).to_numpy(zero_copy_only=False)
    columns = {
        "key": documents["key"],
        "id": documents["id"],
        "source": pa.repeat(pa.scalar(part.source), n),
        "shard": pa.repeat(pa.scalar(part.shard), n),
        "row": documents["row"],
        "fate": pa.array(fate, pa.string()),
        "stage": pa.array(stage, pa.string()),
        "rule": pa.array(rule, pa.string()),
        "value": pa.array(value, mask=np.isnan(value)),
        "threshold": pa.array(threshold, mask=np.isnan(threshold)),
        "reason": pa.array(reason, pa.string()),
        "failed_rules": _failed(decided, task["rules"]),
        "duplicate_of": duplicate_of,
        "similarity": similarity,
        "cluster_size": cluster,
        "bytes": documents["bytes"],
        "tokens": tokens,
        "weight": weight,
        "emphasis": line,
        "copies": copies,
        "structure": signals.get("structure.label", pa.nulls(n, pa.string())).cast(pa.string()),
        "audited": pa.array(audited < np.uint64(int(task["audit"] * (2**64 - 1)))),
    }
    return pa.table([columns[name] for name in LEDGER.names], schema=LEDGER)


def _dropped(
    decided: pa.Table,
    rules: Sequence[Sequence[str]],
    signals: Mapping[str, pa.Array],
    fate: np.ndarray,
    stage: np.ndarray,
    rule: np.ndarray,
    reason: np.ndarray,
) -> None:
    first = decided["rule"].to_numpy()
    for i, (stage_name, rule_name, signal) in enumerate(rules):
        here = np.flatnonzero(first == i)
        fate[here], stage[here], rule[here] = "dropped", stage_name, rule_name
        column = signals[signal]
        if len(here) and pa.types.is_string(column.type):
            reason[here] = column.take(pa.array(here)).to_pylist()


def _quarantined(
    run: RunDir,
    part: Part,
    stages: Sequence[str],
    fate: np.ndarray,
    stage: np.ndarray,
    rule: np.ndarray,
    reason: np.ndarray,
) -> None:
    for name, unit in [("read", "documents"), *((s, s) for s in stages)]:
        errors = one_array(part.table(run, unit, ["error"])["error"])
        here = np.flatnonzero(errors.is_valid().to_numpy(zero_copy_only=False))
        here = here[fate[here] != "quarantined"]
        fate[here], stage[here], rule[here] = "quarantined", name, "error"
        reason[here] = errors.take(pa.array(here)).to_pylist()


def _failed(decided: pa.Table, rules: Sequence[Sequence[str]]) -> pa.ListArray:
    names = pa.array([f"{stage}.{rule}" for stage, rule, _ in rules], pa.string())
    lists = one_array(decided["failed"])
    return pa.ListArray.from_arrays(lists.offsets, names.take(lists.values))


def _slice(table: pa.Table, part: Part) -> tuple[np.ndarray, pa.Table]:
    """(rows in the part, rows of `table` whose `document` lies in it); `table` is sorted by document."""
    documents = table["document"].to_numpy()
    low, high = np.searchsorted(documents, [part.base, part.base + part.rows])
    return documents[low:high] - part.base, table.slice(low, high - low)


def _duplicates(
    run: RunDir, part: Part, task: Json, fate: np.ndarray, stage: np.ndarray, rule: np.ndarray
) -> tuple[pa.Array, pa.Array, pa.Array]:
    found = Result(*task["dedup"])
    rows, table = _slice(read_arrow(run.output(found, "duplicates")), part)
    of, similar = np.full(part.rows, None, object), np.full(part.rows, np.nan)
    names = task["parts"]
    places = zip(table["of_part"].to_pylist(), table["of_row"].to_pylist(), strict=True)
    of[rows] = [key(names[number][0], names[number][1], row) for number, row in places]
    similar[rows] = table["similarity"].to_numpy()
    fate[rows], stage[rows], rule[rows] = "duplicate", "dedup", table["rule"].to_pylist()
    sizes, clusters = np.ones(part.rows, np.int64), _slice(read_arrow(run.output(found, "clusters")), part)
    sizes[clusters[0]] = clusters[1]["size"].to_numpy()
    judged = (fate == "unselected") & (rule != "oversize")
    return (
        pa.array(of, pa.string()),
        pa.array(similar, mask=np.isnan(similar)),
        pa.array(sizes, mask=~judged),
    )


def _selected(
    run: RunDir, part: Part, task: Json, fate: np.ndarray, rule: np.ndarray
) -> tuple[pa.Array, pa.Array, pa.Array]:
    rows, table = _slice(read_arrow(run.output(Result(*task["plan"]), "chosen")), part)
    weight, copies = np.full(part.rows, np.nan), np.zeros(part.rows, np.int32)
    weight[rows], copies[rows] = table["weight"].to_numpy(), table["copies"].to_numpy()
    line = np.zeros(part.rows, np.int16)
    line[rows] = table["emphasis"].to_numpy()
    fate[copies > 0] = "kept"
    rule[rows[table["oversize"].to_numpy()]] = "oversize"
    return pa.array(weight, mask=np.isnan(weight)), pa.array(line, mask=line == 0), pa.array(copies)


# --- what reports ask


def read(run: RunDir, columns: Sequence[str] | None = None) -> pa.Table:
    """The ledger of a complete run, or some of its columns, in order of source, shard and row."""
    files = run.must_be_complete().files("ledger")
    for file in files:
        _check_schema(file, SCHEMA_NAME)
    return pa.concat_tables([read_parquet(file, columns) for file in files])


def _check_schema(file: Path, known: str) -> None:
    name = (pq.read_schema(file).metadata or {}).get(b"schema", b"").decode()
    if name != known:
        raise UsageError(
            f"{file} says its schema is '{name}', and this curate reads {known}. Use the curate that made it."
        )


def find(run: RunDir, name: str) -> Iterator[tuple[Json, Json]]:
    """(ledger row, signals) of the documents whose id or key is `name`."""
    for ledger, signals in zip(run.must_be_complete().files("ledger"), run.files("signals"), strict=True):
        table = read_parquet(ledger, ["key", "id"])
        hits = pc.or_(pc.equal(table["id"], name), pc.equal(table["key"], name))
        rows = np.flatnonzero(hits.to_numpy())
        if len(rows):
            at = pa.array(rows)
            rows_of = [read_parquet(file).take(at).to_pylist() for file in (ledger, signals)]
            yield from zip(*rows_of, strict=True)


def identity(fates: Mapping[str, int], documents: int) -> None:
    """Raises AssertionError unless every document has one fate: the accounting identity."""
    assert set(fates) <= set(FATES), f"unknown fates: {set(fates) - set(FATES)}"
    assert sum(fates.values()) == documents, f"{sum(fates.values())} fates for {documents} documents"


class Run:
    """A complete run, opened to be asked.

    Raises UsageError where there is none, or where its build has not finished.
    """

    def __init__(self, path: str | Path):
        self.dir = RunDir(Path(path)).must_be_complete()

    @property
    def report(self) -> Json:
        """report.json."""
        return self.dir.read_report()

    def ledger(self, columns: Sequence[str] | None = None) -> pa.Table:
        """One row per input document, see LEDGER."""
        return read(self.dir, columns)

    def signals(self, columns: Sequence[str] | None = None) -> pa.Table:
        """key, id, source and every signal of every input document."""
        tables = [read_parquet(file, columns) for file in self.dir.files("signals")]
        return pa.concat_tables(tables, promote_options="default")

    def corpus(self) -> list[Path]:
        """The corpus's files."""
        return self.dir.files("corpus")

    def explain(self, name: str) -> list[tuple[Json, Json]]:
        """(ledger row, signals) of all documents whose id or key is `name`."""
        return list(find(self.dir, name))
