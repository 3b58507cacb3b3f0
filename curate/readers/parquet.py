"""Parquet: only the columns asked for are read, a row group at a time, in batches sized by bytes.

A row group that cannot be decoded to its end is lost from there on, row by row, since the footer still
counts its rows; without a readable footer the file is one record. Files are not memory-mapped: a file that
is cut while it is read would end the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.readers._columns import Columns, choose, to_records
from curate.readers._records import Part, Unreadable, losses, one_line, runs

if TYPE_CHECKING:
    from curate.readers import ReadConfig

BUFFER_BYTES = 1 << 20
MAX_BATCH_ROWS = 8_192
DICTIONARY_FACTOR = 32
"""A value of a dictionary may be repeated by every row: a batch has at most the rows that keep it, whatever
they repeat, under this many times batch_bytes."""

MAX_GROUP_ROWS = 100_000_000
"""A footer that claims more rows in one row group is not believed: each lost row is a record."""


def shards(path: Path) -> list[Path]:
    """The file, or all *.parquet in the folder and below."""
    return sorted(path.rglob("*.parquet")) if path.is_dir() else [path]


def files(path: Path) -> list[Path]:
    """The file."""
    return [path]


def parts(path: Path, config: ReadConfig, max_bytes: int) -> list[Part]:
    """Runs of row groups of about max_bytes of text; one part, without a number of rows, when there is no
    footer."""
    with _open(path) as file:
        sizes = _text_sizes(file.metadata, config.text)
        counts = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    bounds = runs(np.array(sizes, np.int64), max_bytes)
    rows = np.cumsum([0, *counts]).tolist()
    return [
        Part(str(path), "parquet", sum(sizes[a:b]), a, b - 1, rows[a], rows[b] - rows[a])
        for a, b in pairwise(bounds)
    ] or [Part(str(path), "parquet", 0, rows=0)]


def read(part: Part, config: ReadConfig, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """The documents of the part's row groups."""
    with _open(Path(part.path)) as file:
        columns = choose(file.schema_arrow, config)
        last = file.num_row_groups - 1 if part.last is None else part.last
        groups = range(part.first or 0, last + 1)
        counts = [file.metadata.row_group(group).num_rows for group in groups]
        if part.rows is not None and sum(counts) != part.rows:
            raise Unreadable("the file has changed since the build began")
        sizes = _text_sizes(file.metadata, columns.text)
        row = part.row
        for group, count in zip(groups, counts, strict=True):
            mean, largest = (
                sizes[group] / max(1, count),
                _dictionary_bytes(part.path, file, group, columns.text),
            )
            batch_rows = min(
                batch_bytes / 4 / max(1, mean), DICTIONARY_FACTOR * batch_bytes / max(1, largest)
            )
            yield from _group(file, group, row, count, columns, int(min(max(1, batch_rows), MAX_BATCH_ROWS)))
            row += count


def _group(
    file: pq.ParquetFile, group: int, row: int, count: int, columns: Columns, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Exactly `count` records from `row` on."""
    done = 0
    try:
        batches = file.iter_batches(batch_rows, row_groups=[group], columns=columns.names, use_threads=False)
        for batch in batches:
            yield to_records(batch, row + done, columns)
            done += len(batch)
        if done < count:
            raise Unreadable("it ends early")
    except Exception as error:  # Arrow's MemoryError too: the demand is ours only where the file makes it
        start, end = row + done, row + count
        told = (
            f"row group {group} is unreadable from row {start} on (rows {row}-{end - 1}): {one_line(error)}"
        )
        yield from losses(told, start, end)


def _open(path: Path) -> pq.ParquetFile:
    if path.stat().st_size == 0:
        raise Unreadable("the file is empty (0 bytes)")
    try:
        file = pq.ParquetFile(
            path, buffer_size=BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True
        )
    except Exception as error:
        raise Unreadable(f"the Parquet footer cannot be read: {one_line(error)}") from None
    counts = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    if sum(counts) != file.metadata.num_rows or any(not 0 <= n <= MAX_GROUP_ROWS for n in counts):
        file.close()
        raise Unreadable("the Parquet footer contradicts itself: its row counts cannot be true")
    return file


def _dictionary_bytes(path: str, file: pq.ParquetFile, group: int, text: str) -> int:
    """Uncompressed size of the text column's dictionary, an upper bound of its largest value; 0 without one.

    It stands in the page's header, three Thrift compact i32 (type, uncompressed and compressed size), and
    nowhere in the footer (parquet-format, PageHeader).
    """
    metadata = file.metadata.row_group(group)
    paths = [metadata.column(i).path_in_schema for i in range(metadata.num_columns)]
    column = metadata.column(paths.index(text))
    if not column.has_dictionary_page:
        return 0
    with open(path, "rb") as raw:
        raw.seek(column.dictionary_page_offset)
        numbers = list(_leading_numbers(raw.read(16)))
    return numbers[1] if len(numbers) > 1 else 0


def _leading_numbers(header: bytes) -> Iterator[int]:
    """The non-negative i32 fields, 0x15 and a zigzag varint each, with which a Thrift compact struct
    begins."""
    at = 0
    while header[at : at + 1] == b"\x15":
        digits = list(takewhile(lambda byte: byte >= 128, header[at + 1 :]))
        digits += header[at + 1 + len(digits) :][:1]
        yield sum((byte & 127) << 7 * place for place, byte in enumerate(digits)) >> 1
        at += 1 + len(digits)


def _text_sizes(metadata: pq.FileMetaData, text: str) -> list[int]:
    """Uncompressed bytes of the text column in each row group; of all columns where it is not there."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    paths = [metadata.schema.column(i).path for i in range(len(metadata.schema))]
    if text not in paths:
        return [max(0, group.total_byte_size) for group in groups]
    return [max(0, group.column(paths.index(text)).total_uncompressed_size) for group in groups]
