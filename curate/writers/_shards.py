"""The task of the step `write`: some output shards that follow each other, of about WRITE_BYTES in all.

Columns are text, id, key, source, tokens, copy, and those chosen in `output.columns`. Small columns are
gathered once for all shards of the task, texts a block at a time, and one manifest names all its shards: the
work hardly grows with their number (a disk takes 1 to 4 ms for each file that it makes durable, a shard of
half a million tokens 20 ms in all), and no more than two blocks of text are in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate import stages, writers
from curate.documents import keys
from curate.engines.worker import report_progress
from curate.parts import Part, Texts, by_part, metadata, one_array, read_arrow
from curate.rundir import Result, RunDir

Json = dict[str, Any]

WRITE_BYTES = 32 << 20
"""Text of the shards of one task."""

ROW_GROUP_BYTES = 12 << 20
"""Text of one row group, on which the peak of a worker's memory hangs; a larger document is one by itself."""

SCHEMA = pa.schema(
    [
        ("text", pa.large_string()),
        ("id", pa.string()),
        ("key", pa.string()),
        ("source", pa.string()),
        ("tokens", pa.int64()),
        ("copy", pa.int32()),
    ]
)


def shard_groups(sizes: Sequence[int]) -> list[list[int]]:
    """Numbers of the shards of each task, about as much for each; sizes: bytes of text of every shard."""
    ends = np.cumsum([0, *sizes], dtype=np.int64)
    tasks = max(1, -(-int(ends[-1]) // WRITE_BYTES))
    task = (ends[:-1] + ends[1:]) * tasks // max(2 * int(ends[-1]), 1)  # that its middle falls in
    return [[shard for shard, _ in group] for _, group in groupby(enumerate(task), key=lambda at: at[1])]


def task_name(shards: Sequence[int]) -> str:
    """Of the task that writes these."""
    return f"{shards[0]:05d}-{shards[-1]:05d}"


def output_name(shard: int, suffix: str) -> str:
    """Of a shard among the outputs of its task."""
    return f"{shard:05d}.{suffix}"


def write_shards(task: Json) -> Json:
    """Writes output shards. task: run, format, result, shards (their numbers), parts, plan (result of mix),
    columns (of signals and `meta.`), labels (what each file says of itself). Returns and keeps as sums
    {shards: {output: {rows, bytes, tokens: {source: n}}}, decoded_bytes}."""
    run, result = RunDir(Path(task["run"])), Result(*task["result"])
    if run.committed(result):
        return run.sums(result)
    parts, writer = [Part.of(plain) for plain in task["parts"]], writers.find(task["format"])
    placed, bounds = _placed(run, Result(*task["plan"]), task["shards"])
    small = _small_columns(run, parts, placed, task["columns"])
    groups = _row_groups(placed["bytes"].to_numpy(), task["shards"], bounds)
    texts, sums = Texts(run, parts), {}
    tables = _tables(texts, placed, small, groups, task["labels"])
    with run.attempt(result) as attempt:
        for number, found in groupby(tables, key=lambda at: at[0]):
            name = output_name(number, writer.SUFFIX)
            sums[name] = _write(attempt.path(name), writer, (table for _, table in found))
        attempt.commit({"shards": sums, "decoded_bytes": texts.decoded_bytes})
    return run.sums(result)


def _placed(run: RunDir, plan: Result, shards: Sequence[int]) -> tuple[pa.Table, np.ndarray]:
    """(rows of the plan of these shards, (shards + 1,) int64 where each begins)."""
    starts = np.load(run.output(plan, "starts"), allow_pickle=False)
    table = read_arrow(run.output(plan, "placed"))
    pieces = [table.slice(starts[shard], starts[shard + 1] - starts[shard]) for shard in shards]
    return pa.concat_tables(pieces).combine_chunks(), np.cumsum([0, *map(len, pieces)])


class _RowGroup(NamedTuple):
    """Rows [start, end) of what the task writes."""

    shard: int
    start: int
    end: int


def _row_groups(sizes: np.ndarray, shards: Sequence[int], bounds: np.ndarray) -> list[_RowGroup]:
    """Of about ROW_GROUP_BYTES, counted from the beginning of each shard, at least one a shard."""
    out = []
    for shard, begin, end in zip(shards, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        own = sizes[begin:end]
        block = (np.cumsum(own) - own) // ROW_GROUP_BYTES
        firsts = [begin, *(np.flatnonzero(np.diff(block)) + 1 + begin).tolist(), end]
        out += [_RowGroup(shard, *at) for at in pairwise(firsts)]
    return out


def _tables(
    texts: Texts,
    placed: pa.Table,
    small: Mapping[str, pa.Array],
    groups: Sequence[_RowGroup],
    labels: Mapping[str, str],
) -> Iterator[tuple[int, pa.Table]]:
    """(shard, row group), in order; texts of small ones are read together."""
    documents, sizes = placed["document"].to_numpy(), placed["bytes"].to_numpy()
    extra = [pa.field(name, column.type) for name, column in small.items() if name not in SCHEMA.names]
    schema = pa.schema([*SCHEMA, *extra], metadata=dict(labels))
    ends = np.cumsum([sizes[group.start : group.end].sum() for group in groups])
    for _, block in groupby(zip(groups, ends // ROW_GROUP_BYTES, strict=True), key=lambda at: at[1]):
        some = [group for group, _ in block]
        first, last = some[0].start, some[-1].end
        strings = texts.strings(documents[first:last])
        for shard, start, end in some:
            columns = {name: column.slice(start, end - start) for name, column in small.items()}
            columns["text"] = strings.slice(start - first, end - start)
            yield shard, pa.table([columns[name] for name in schema.names], schema=schema)


def _write(path: Path, writer: ModuleType, tables: Iterator[pa.Table]) -> Json:
    rows, size, tokens = 0, 0, Counter[str]()
    first = next(tables)
    with writer.Writer(path, first.schema) as file:
        for table in chain([first], tables):
            file.write(table)
            n_bytes = pc.sum(pc.binary_length(table["text"])).as_py() or 0
            rows, size = rows + len(table), size + n_bytes
            tokens.update(_tokens_by_source(table))
            report_progress(documents=len(table), bytes=n_bytes)
    return {"rows": rows, "bytes": size, "tokens": dict(sorted(tokens.items()))}


def _tokens_by_source(table: pa.Table) -> dict[str, int]:
    sums = table.group_by("source", use_threads=False).aggregate([("tokens", "sum")]).to_pydict()
    return dict(zip(sums["source"], sums["tokens_sum"], strict=True))


def _small_columns(
    run: RunDir, parts: Sequence[Part], placed: pa.Table, wanted: Sequence[str]
) -> dict[str, pa.Array]:
    """Everything but the texts, in the order of the plan."""
    documents = placed["document"].to_numpy()
    found, order = [], []
    for part, places, rows in by_part(parts, documents) or [(parts[0], documents, documents)]:
        order.append(places)
        found.append(pa.table(_of_part(run, part, pa.array(rows), wanted)))
    inverse = np.empty(len(documents), np.int64)
    inverse[np.concatenate(order)] = np.arange(len(documents))
    table = pa.concat_tables(found).take(pa.array(inverse))
    columns = {name: one_array(table[name]) for name in table.column_names}
    return {**columns, "copy": one_array(placed["copy"]).cast(pa.int32())}


def _of_part(run: RunDir, part: Part, at: pa.Array, wanted: Sequence[str]) -> dict[str, pa.Array]:
    metas = [name.removeprefix("meta.") for name in wanted if name.startswith("meta.")]
    names = ["id", "row", *(["meta"] if metas else [])]
    documents = part.table(run, "documents", names).take(at)
    own_keys = keys(part.source, part.shard, one_array(documents["row"]))
    tokens = part.table(run, "tokens", ["tokens.count"]).take(at)
    out = {
        "id": pc.coalesce(one_array(documents["id"]), own_keys),
        "key": own_keys,
        "source": pa.repeat(pa.scalar(part.source, pa.string()), len(at)),
        "tokens": one_array(tokens["tokens.count"]).cast(pa.int64()),
    }
    given = metadata(documents["meta"], metas) if metas else {}
    for name in wanted:
        if name.startswith("meta."):
            out[name] = given[name.removeprefix("meta.")]
        else:
            out[name] = _signal(run, part, name).take(at)
    return out


def _signal(run: RunDir, part: Part, name: str) -> pa.Array:
    unit = name.split(".")[0]
    if unit in part.units:
        table = part.table(run, unit)
        if name in table.schema.names:
            return one_array(table[name])
    derived = part.table(run, "decide", name="quantiles")
    if name in derived.schema.names:
        return one_array(derived[name])
    return pa.nulls(part.rows, _type(name))


def _type(name: str) -> pa.DataType:
    """Of a signal that this source has not; quantiles and buckets are no stage's own."""
    signals = stages.find(name.split(".")[0]).SIGNALS
    declared = {signal.name: signal.type for signal in signals}
    declared |= {signal.bucket: pa.string() for signal in signals if signal.bucket}
    return declared.get(name, pa.float32())
