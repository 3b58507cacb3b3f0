"""A part of a source at rest: an input shard, or row groups of a large one, and where its step files lie.

Final texts lie in an Arrow IPC file, LZ4, in runs of at most RUN_BYTES sorted by document hash, in batches of
about BATCH_BYTES, so that an output shard, a range of hashes, decodes little more than what it takes.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import buffers, gather
from curate.rundir import Result, RunDir

RUN_BYTES = 64 << 20
BATCH_BYTES = 64 << 10
ALONE_BYTES = 16 << 10
"""A document over this is a batch of its own: decoding it costs nobody else."""

CACHED_BYTES = 32 << 20
"""Decoded batches that a reader of texts keeps, of all parts together."""

WRITTEN_BYTES = 256 << 10
"""Handed to the system at once: Arrow writes a batch in a dozen pieces."""

OPEN_PARTS = 200
"""Parts that a reader of texts holds open, by two files each: systems allow 1,024."""


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
    mapped = _mapped(path)
    included = None
    if columns is not None:
        names = pa.ipc.open_file(mapped).schema.names
        included = [names.index(column) for column in columns]
    table = _open(mapped, included).read_all()
    return table.select(columns) if columns is not None else table


def _mapped(path: Path) -> pa.Buffer:
    with pa.memory_map(str(path)) as source:
        return source.read_buffer()


def _open(mapped: pa.Buffer, included: list[int] | None = None) -> pa.ipc.RecordBatchFileReader:
    """Workers are the threads: to hand a batch to another, as Arrow does with a file and unless it is told
    not to, costs a third of decoding it."""
    options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=included)
    return pa.ipc.open_file(mapped, options=options)


def read_parquet(path: str | Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A Parquet file of ours; only `columns` when given. `pq.read_table` makes a dataset of it: 2 ms a file,
    and a tenth of a second for the import."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=columns, use_threads=False)


def read_column(path: str | Path, name: str) -> pa.ChunkedArray | None:
    """A column of a Parquet file of ours; None where it has none of that name."""
    with pq.ParquetFile(path) as file:
        return file.read([name], use_threads=False)[name] if name in file.schema_arrow.names else None


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column of a table as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def metadata(column: pa.ChunkedArray, names: Sequence[str]) -> dict[str, pa.StringArray]:
    """Columns of the input from the JSON objects of `documents`, by name: strings as they are, all else as
    JSON writes it."""
    rows = [json.loads(text) if text is not None else {} for text in column.to_pylist()]
    return {name: pa.array([_as_text(row.get(name)) for row in rows], pa.string()) for name in names}


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def save_array(path: Path, array: np.ndarray) -> None:
    """What `np.load` reads. np.save itself says of a full disk only that it wrote less than asked."""
    array = np.ascontiguousarray(array)
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)


class ArrowSink:
    """An Arrow IPC file that grows batch by batch. `lz4` for texts; everything else is small beside them and
    is read in place."""

    def __init__(self, path: Path, schema: pa.Schema, lz4: bool = False):
        self._file = pa.BufferedOutputStream(pa.OSFile(str(path), "wb"), WRITTEN_BYTES)
        options = pa.ipc.IpcWriteOptions(compression="lz4" if lz4 else None, use_threads=False)
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
        self._sink = ArrowSink(texts, TEXTS, lz4=True)
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
            save_array(path, array.astype(np.int64))

    def _flush(self) -> None:
        if not self._pending:
            return
        rows = np.concatenate([rows for rows, _, _ in self._pending])
        order = np.argsort(np.concatenate([high for _, high, _ in self._pending]), kind="stable")
        texts = gather([texts for _, _, texts in self._pending], order)
        self._pending, self._pending_bytes = [], 0
        bounds = _cuts(np.diff(buffers(texts)[1]))
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


class _Batches:
    """Decoded batches of texts by file and number, the last used up to CACHED_BYTES."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Path, int], pa.Array] = OrderedDict()
        self._bytes = 0
        self.decoded_bytes = 0

    def get(self, path: Path, file: pa.ipc.RecordBatchFileReader, number: int) -> pa.Array:
        at = (path, number)
        if at in self._kept:
            self._kept.move_to_end(at)
            return self._kept[at]
        texts = file.get_batch(number).column(0)
        self._kept[at] = texts
        self.decoded_bytes += texts.nbytes
        self._bytes += texts.nbytes
        while self._bytes > CACHED_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return texts


class _TextFile:
    """Final texts of one part by row."""

    def __init__(self, paths: Mapping[str, Path], batches: _Batches):
        self._path, self._batches = paths["texts"], batches
        self._file = _open(_mapped(self._path))
        self._positions = np.load(paths["positions"], mmap_mode="r", allow_pickle=False)
        self._starts = np.load(paths["starts"], allow_pickle=False)

    def read(self, rows: np.ndarray) -> tuple[list[pa.Array], np.ndarray]:
        """(texts in the order in which they are stored, (m,) int64 which of `rows` each is). Raises KeyError
        where none is stored."""
        places = self._positions[rows]
        if len(places) and places.min() < 0:
            raise KeyError(f"no text is stored for row {int(rows[places < 0][0])}")
        order = np.argsort(places, kind="stable")
        ordered = places[order]
        owner = np.searchsorted(self._starts, ordered, side="right") - 1
        firsts = np.flatnonzero(np.diff(owner, prepend=-1))
        bounds = np.append(firsts, len(ordered)).tolist()
        local = ordered - self._starts[owner]
        pieces = [
            self._batches.get(self._path, self._file, batch).take(pa.array(local[start:end]))
            for batch, start, end in zip(owner[firsts].tolist(), bounds[:-1], bounds[1:], strict=True)
        ]
        return pieces, order


class Texts:
    """Final texts of a run's documents. Reading in order of hash decodes each batch once."""

    def __init__(self, run: RunDir, parts: Sequence[Part]):
        self._run, self._parts = run, parts
        self._batches = _Batches()
        self._files: OrderedDict[int, _TextFile] = OrderedDict()

    @property
    def decoded_bytes(self) -> int:
        """Bytes of text decoded so far."""
        return self._batches.decoded_bytes

    def strings(self, documents: np.ndarray) -> pa.LargeStringArray:
        """Texts of (n,) int64 document numbers, in that order. Raises KeyError where none is stored."""
        pieces, inverse, done = [], np.empty(len(documents), np.int64), 0
        for part, places, rows in by_part(self._parts, documents):
            found, order = self._file(part).read(rows)
            pieces += found
            inverse[places[order]] = np.arange(done, done + len(rows))
            done += len(rows)
        return gather(pieces, inverse)

    def buffers(self, documents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same as (data, offsets)."""
        return buffers(self.strings(documents))

    def _file(self, part: Part) -> _TextFile:
        if part.number not in self._files:
            self._files[part.number] = _TextFile(self._run.outputs(part.units["text"]), self._batches)
        self._files.move_to_end(part.number)
        if len(self._files) > OPEN_PARTS:
            self._files.popitem(last=False)
        return self._files[part.number]
