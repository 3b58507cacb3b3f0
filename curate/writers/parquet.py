"""Output shards as Parquet: text, id, key, source, tokens, copy, and the columns chosen in `output.columns`.

A shard is written row group by row group in the order of the plan; of its texts no more than one row group is
in memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import key
from curate.engines.worker import report_progress
from curate.parts import Part, TextReader, by_part, gather_strings, read_arrow
from curate.rundir import Result, RunDir

Json = dict[str, Any]

SUFFIX = "parquet"

ROW_GROUP_BYTES = 16 << 20
"""Text of one row group."""

COMPRESSION = {"compression": "zstd", "compression_level": 3}

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


def write_shard(task: Json) -> Json:
    """Writes one output shard. task: run, result, parts, plan (result of mix), shard, columns (of signals and
    `meta.`), labels (what the file says of itself). Returns {rows, bytes, tokens: {source: n}}."""
    run, result = RunDir(Path(task["run"])), Result(*task["result"])
    if run.committed(result):
        return run.sums(result)
    parts = [Part.of(plain) for plain in task["parts"]]
    placed = _placed(run, Result(*task["plan"]), task["shard"])
    small = _small_columns(run, parts, placed, task["columns"])
    with run.attempt(result) as attempt:
        size = _write(attempt.path(SUFFIX), run, parts, placed, small, task["labels"])
        attempt.commit({"rows": len(placed), "bytes": size, "tokens": _tokens_by_source(small)})
    return run.sums(result)


def _tokens_by_source(small: Mapping[str, pa.Array]) -> dict[str, int]:
    table = pa.table({"source": small["source"], "tokens": small["tokens"]})
    sums = table.group_by("source").aggregate([("tokens", "sum")]).to_pydict()
    return dict(sorted(zip(sums["source"], sums["tokens_sum"], strict=True)))


def _placed(run: RunDir, plan: Result, shard: int) -> pa.Table:
    starts = np.load(run.output(plan, "starts"), allow_pickle=False)
    table = read_arrow(run.output(plan, "placed"))
    return table.slice(starts[shard], starts[shard + 1] - starts[shard]).combine_chunks()


def _small_columns(
    run: RunDir, parts: Sequence[Part], placed: pa.Table, wanted: Sequence[str]
) -> dict[str, pa.Array]:
    """Everything but the texts, in the order of the plan."""
    documents = placed["document"].to_numpy()
    pieces: dict[str, list[pa.Array]] = {}
    order = []
    for part, places, rows in by_part(parts, documents):
        order.append(places)
        for name, column in _of_part(run, part, rows, wanted).items():
            pieces.setdefault(name, []).append(column)
    inverse = np.empty(len(documents), np.int64)
    inverse[np.concatenate(order)] = np.arange(len(documents))
    back = pa.array(inverse)
    columns = {name: pa.concat_arrays(found).take(back) for name, found in pieces.items()}
    return {**columns, "copy": placed["copy"].combine_chunks().cast(pa.int32())}


def _of_part(run: RunDir, part: Part, rows: np.ndarray, wanted: Sequence[str]) -> dict[str, pa.Array]:
    at = pa.array(rows)
    metas = [name.removeprefix("meta.") for name in wanted if name.startswith("meta.")]
    names = ["id", "row", *(["meta"] if metas else [])]
    documents = part.table(run, "documents", names).take(at)
    keys = [key(part.source, part.shard, row) for row in documents["row"].to_pylist()]
    ids = [i if i is not None else k for i, k in zip(documents["id"].to_pylist(), keys, strict=True)]
    tokens = part.table(run, "tokens", ["tokens.count"]).take(at)["tokens.count"]
    out = {
        "id": pa.array(ids, pa.string()),
        "key": pa.array(keys, pa.string()),
        "source": pa.repeat(pa.scalar(part.source, pa.string()), len(rows)),
        "tokens": tokens.combine_chunks().cast(pa.int64()),
    }
    for name in wanted:
        if name.startswith("meta."):
            out[name] = _meta(documents["meta"], name.removeprefix("meta."))
        else:
            out[name] = _signal(run, part, name).take(at)
    return out


def _meta(column: pa.ChunkedArray, name: str) -> pa.Array:
    values = [json.loads(text).get(name) if text is not None else None for text in column.to_pylist()]
    plain = [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
    return pa.array(plain, pa.string())


def _signal(run: RunDir, part: Part, name: str) -> pa.Array:
    unit = name.split(".")[0]
    if unit in part.units:
        table = part.table(run, unit)
        if name in table.schema.names:
            return table[name].combine_chunks()
    derived = part.table(run, "decide", name="quantiles")
    if name in derived.schema.names:
        return derived[name].combine_chunks()
    return pa.nulls(part.rows, pa.float32())


def _write(
    path: Path,
    run: RunDir,
    parts: Sequence[Part],
    placed: pa.Table,
    small: Mapping[str, pa.Array],
    labels: Mapping[str, str],
) -> int:
    extra = [pa.field(name, column.type) for name, column in small.items() if name not in SCHEMA.names]
    schema = pa.schema([*SCHEMA, *extra], metadata=dict(labels))
    readers = {part.number: TextReader(run, part.units["text"]) for part in parts}
    documents, sizes = placed["document"].to_numpy(), placed["bytes"].to_numpy()
    total = 0
    with pq.ParquetWriter(
        path, schema, use_dictionary=["source"], write_statistics=["tokens"], **COMPRESSION
    ) as writer:
        for start, end in _row_groups(sizes):
            texts = gather_strings(readers, parts, documents[start:end])
            columns = {"text": texts, **{name: c.slice(start, end - start) for name, c in small.items()}}
            writer.write_table(pa.table([columns[name] for name in schema.names], schema=schema))
            total += int(sizes[start:end].sum())
            report_progress(documents=end - start, bytes=int(sizes[start:end].sum()))
    return total


def _row_groups(sizes: np.ndarray) -> list[tuple[int, int]]:
    """[start, end) of row groups of about ROW_GROUP_BYTES; a larger document is one by itself."""
    block = (np.cumsum(sizes) - sizes) // ROW_GROUP_BYTES
    first = np.flatnonzero(np.append(True, block[1:] != block[:-1])) if len(sizes) else np.zeros(0, np.int64)
    return list(zip(first.tolist(), [*first[1:].tolist(), len(sizes)], strict=True)) if len(sizes) else []
