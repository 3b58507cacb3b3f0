"""A part of a source at rest: an input shard, or row groups of a large one, and where its step files lie.

Final texts lie in an Arrow IPC file, LZ4, in runs of at most RUN_BYTES sorted by document hash, in batches of
about BATCH_BYTES, so that an output shard, a range of hashes, decodes little more than what it takes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from curate.documents import buffers
from curate.rundir import Result, RunDir

RUN_BYTES = 64 << 20
BATCH_BYTES = 64 << 10
ALONE_BYTES = 16 << 10
"""A document over this is a batch of its own: decoding it costs nobody else."""

CACHED_BYTES = 8 << 20
"""Decoded batches that a reader of texts keeps."""


@dataclass(frozen=True)
class Part:
    """number: position among all parts of the run. shard: path of the input relative to the config. rows:
    documents, readable or not. base: number of its first document, when all of the run are counted
    through."""

    number: int
    source: str
    kind: str
    shard: str
    rows: int
    base: int
    units: Mapping[str, Result]

    def plain(self) -> dict[str, Any]:
        """As JSON for a task."""
        return {**vars(self), "units": {name: unit.plain() for name, unit in self.units.items()}}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Part:
        """The inverse of `plain`."""
        return cls(**{**plain, "units": {name: Result(*unit) for name, unit in plain["units"].items()}})

    def with_unit(self, name: str, result: Result) -> Part:
        """The same part with one more unit."""
        return replace(self, units={**self.units, name: result})

    def table(
        self, run: RunDir, unit: str, columns: Sequence[str] | None = None, name: str = "rows"
    ) -> pa.Table:
        """An Arrow output of one of its units, memory-mapped."""
        return read_arrow(run.output(self.units[unit], name), columns)


def by_part(parts: Sequence[Part], documents: np.ndarray) -> list[tuple[Part, np.ndarray, np.ndarray]]:
    """[(part, places in `documents`, rows in the part)] for (n,) int64 document numbers, in order of
    parts."""
    bases = np.array([part.base for part in parts])
    owner = np.searchsorted(bases, documents, side="right") - 1
    order = np.argsort(owner, kind="stable")
    owners, firsts = np.unique(owner[order], return_index=True)
    groups = np.split(order, firsts[1:]) if len(order) else []
    return [
        (parts[o], places, documents[places] - parts[o].base)
        for o, places in zip(owners.tolist(), groups, strict=True)
    ]


def read_arrow(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """An Arrow IPC file, memory-mapped; only `columns` when given."""
    options = None
    with pa.memory_map(str(path)) as source:
        if columns is not None:
            names = pa.ipc.open_file(source).schema.names
            options = pa.ipc.IpcReadOptions(included_fields=[names.index(column) for column in columns])
        table = pa.ipc.open_file(source, options=options).read_all()
        return table.select(columns) if columns is not None else table


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column of a table as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class ArrowSink:
    """An Arrow IPC file that grows batch by batch; `lz4` where it is read as a whole."""

    def __init__(self, path: Path, schema: pa.Schema, lz4: bool = True):
        self._file = pa.OSFile(str(path), "wb")
        options = pa.ipc.IpcWriteOptions(compression="lz4" if lz4 else None)
        self._writer = pa.ipc.new_file(self._file, schema, options=options)
        self.schema = schema

    def write(self, columns: Mapping[str, pa.Array]) -> None:
        """Appends columns of equal length, in the schema's order."""
        self._writer.write_batch(
            pa.record_batch([columns[name] for name in self.schema.names], schema=self.schema)
        )

    def __enter__(self) -> ArrowSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        self._file.close()


TEXTS = pa.schema([("text", pa.large_string())])


class TextWriter:
    """Writes final texts: `texts` (IPC), `positions` and `starts` (.npy) of a unit."""

    def __init__(self, texts: Path, positions: Path, starts: Path):
        self._paths = (positions, starts)
        self._sink = ArrowSink(texts, TEXTS)
        self._pending: list[tuple[np.ndarray, np.ndarray, pa.Array]] = []
        self._pending_bytes = 0
        self._rows: list[np.ndarray] = []
        self._starts: list[np.ndarray] = []
        self._written = 0

    def add(self, rows: np.ndarray, hash_high: np.ndarray, texts: pa.Array) -> None:
        """rows: (m,) int64 row of each document in the part. hash_high: (m,) uint64. texts: (m,) strings."""
        self._pending.append((rows, hash_high, texts))
        self._pending_bytes += texts.nbytes
        if self._pending_bytes >= RUN_BYTES:
            self._flush()

    def close(self, n: int) -> None:
        """Ends the files; n: documents of the part."""
        self._flush()
        self._sink.__exit__(None, None, None)
        positions = np.full(n, -1, np.int64)
        rows = np.concatenate([np.zeros(0, np.int64), *self._rows])
        positions[rows] = np.arange(len(rows))
        for path, array in zip(
            self._paths,
            (positions, np.concatenate([np.zeros(0, np.int64), *self._starts, [self._written]])),
            strict=True,
        ):
            with open(path, "wb") as file:
                np.save(file, array.astype(np.int64), allow_pickle=False)

    def _flush(self) -> None:
        if not self._pending:
            return
        rows = np.concatenate([rows for rows, _, _ in self._pending])
        order = np.argsort(np.concatenate([high for _, high, _ in self._pending]), kind="stable")
        texts = pa.chunked_array([texts for _, _, texts in self._pending]).take(pa.array(order))
        texts = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
        self._pending, self._pending_bytes = [], 0
        bounds = _cuts(np.diff(np.frombuffer(texts.buffers()[1], np.int64, len(texts) + 1, texts.offset * 8)))
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            self._sink.write({"text": texts.slice(start, end - start)})
        self._rows.append(rows[order])
        self._starts.append(bounds[:-1] + self._written)
        self._written += len(texts)


def _cuts(sizes: np.ndarray) -> np.ndarray:
    """Bounds of batches, (batches + 1,): about BATCH_BYTES each, documents over ALONE_BYTES alone."""
    alone = sizes > ALONE_BYTES
    block = np.cumsum(np.where(alone, 0, sizes)) // BATCH_BYTES
    first = np.ones(len(sizes), bool)
    first[1:] = alone[1:] | alone[:-1] | (block[1:] != block[:-1])
    return np.append(np.flatnonzero(first), len(sizes)).astype(np.int64)


class TextReader:
    """Final texts of a part by row; decoded batches are kept up to CACHED_BYTES, so reading in order of hash
    decodes each batch once."""

    def __init__(self, run: RunDir, unit: Result):
        self._paths = {name: run.output(unit, name) for name in ("texts", "positions", "starts")}
        self._cache: OrderedDict[int, pa.Array] = OrderedDict()
        self._cached_bytes = 0
        self.decoded_bytes = 0

    @cached_property
    def positions(self) -> np.ndarray:
        """(rows,) int64 place of each document's text, -1 where none is stored."""
        return np.asarray(np.load(self._paths["positions"], mmap_mode="r", allow_pickle=False))

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.asarray(np.load(self._paths["starts"], allow_pickle=False))

    @cached_property
    def _file(self) -> pa.ipc.RecordBatchFileReader:
        return pa.ipc.open_file(pa.memory_map(str(self._paths["texts"])))

    def read(self, rows: np.ndarray) -> pa.LargeStringArray:
        """Texts of documents `rows` ((m,) int64), in that order. Raises KeyError where none is stored."""
        places = self.positions[rows]
        if not len(places):
            return pa.array([], pa.large_string())
        if places.min() < 0:
            raise KeyError(f"no text is stored for row {int(rows[places < 0][0])}")
        order = np.argsort(places, kind="stable")
        ordered = places[order]
        batches, firsts = np.unique(
            np.searchsorted(self._starts, ordered, side="right") - 1, return_index=True
        )
        pieces = [
            self._batch(batch).take(pa.array(local - self._starts[batch]))
            for batch, local in zip(batches.tolist(), np.split(ordered, firsts[1:]), strict=True)
        ]
        inverse = np.empty(len(rows), np.int64)
        inverse[order] = np.arange(len(rows))
        return pa.concat_arrays(pieces).take(pa.array(inverse))

    def _batch(self, number: int) -> pa.Array:
        if number in self._cache:
            self._cache.move_to_end(number)
            return self._cache[number]
        texts = self._file.get_batch(number).column(0)
        self.decoded_bytes += texts.nbytes
        self._cache[number] = texts
        self._cached_bytes += texts.nbytes
        while self._cached_bytes > CACHED_BYTES and len(self._cache) > 1:
            self._cached_bytes -= self._cache.popitem(last=False)[1].nbytes
        return texts


def gather_texts(
    readers: Mapping[int, TextReader], parts: Sequence[Part], documents: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(data, offsets) of the final texts of (n,) int64 document numbers, in that order. readers: by part."""
    return buffers(gather_strings(readers, parts, documents))


def gather_strings(
    readers: Mapping[int, TextReader], parts: Sequence[Part], documents: np.ndarray
) -> pa.LargeStringArray:
    """The same as an Arrow array."""
    if not len(documents):
        return pa.array([], pa.large_string())
    groups = by_part(parts, documents)
    pieces = [readers[part.number].read(rows) for part, _, rows in groups]
    places = np.concatenate([places for _, places, _ in groups])
    inverse = np.empty(len(documents), np.int64)
    inverse[places] = np.arange(len(documents))
    return pa.concat_arrays(pieces).take(pa.array(inverse))
