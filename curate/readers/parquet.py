"""Parquet: only the columns asked for are read, a row group at a time, in batches sized by bytes.

A row group that cannot be decoded to its end is lost from there on, row by row, since the footer still
counts its rows; without a readable footer the file is one record. Files are not memory-mapped: a file that
is cut while it is read would end the process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.readers._columns import Columns, choose, to_records
from curate.readers._pages import DATA, DICTIONARY, Page, pages
from curate.readers._records import Part, Unreadable, as_one, losses, one_line, runs

if TYPE_CHECKING:
    from curate.readers import ReadConfig

BUFFER_BYTES = 1 << 20
MAX_BATCH_ROWS = 8_192
MAX_GROUP_ROWS = 100_000_000
"""A footer that claims more rows in one row group is not believed: each lost row is a record."""

PAGE_BYTES = 400 << 20
"""A page is decoded as a whole, so a larger one, or one of twice max_document_bytes if that is more, is not
read. Writers aim at 1 MB, but pyarrow puts at least 1,024 documents into a page: books make 300 MB."""

DICTIONARY_FACTOR = 32
"""A value of a dictionary may be repeated by every row: a batch has at most the rows that keep it, whatever
they repeat, under this many times batch_bytes."""


def shards(path: Path) -> list[Path]:
    """The file, or all *.parquet in the folder and below."""
    return sorted(path.rglob("*.parquet")) if path.is_dir() else [path]


def files(path: Path) -> list[Path]:
    """The file."""
    return [path]


def columns(path: Path) -> list[str]:
    """As its footer has them."""
    names: list[str] = pq.read_schema(path).names
    return names


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
        row = part.row
        for group, count in zip(groups, counts, strict=True):
            if group < last:
                _read_ahead(part.path, file.metadata.row_group(group + 1), columns)
            yield from _group(file, part.path, group, row, count, columns, batch_bytes)
            row += count


def _read_ahead(path: str, group: pq.RowGroupMetaData, columns: Columns) -> None:
    """Asks the system to fetch a row group while the one before it is worked on. Only a hint: what is wrong
    with the group is said when it is read."""
    if not hasattr(os, "posix_fadvise"):
        return
    with suppress(Exception), open(path, "rb") as file:
        for _, chunk in _chunks(group, columns):
            size = chunk.total_compressed_size
            os.posix_fadvise(file.fileno(), _start(chunk), size, os.POSIX_FADV_WILLNEED)


def _group(
    file: pq.ParquetFile, path: str, group: int, row: int, count: int, columns: Columns, batch_bytes: int
) -> Iterator[pa.RecordBatch]:
    """Exactly `count` records from `row` on."""
    done = 0
    try:
        reach = _reach(path, file.metadata.row_group(group), columns, batch_bytes)
        step = reach.batch_rows if reach.rows >= count else 1
        batches = file.iter_batches(step, row_groups=[group], columns=columns.names, use_threads=False)
        for batch in _joined(batches, reach.rows, batch_bytes):
            yield to_records(batch, row + done, columns)
            done += len(batch)
        if done < count:
            raise Unreadable(reach.why or "it ends early")
    except Exception as error:  # Arrow's MemoryError too: such a demand is the file's
        start, end = row + done, row + count
        told = (
            f"row group {group} is unreadable from row {start} on (rows {row}-{end - 1}): {one_line(error)}"
        )
        yield from losses(told, start, end)


def _joined(batches: Iterator[pa.RecordBatch], rows: int, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """The first `rows` rows in batches of up to about batch_bytes, since what is done with a batch costs as
    much for a small one. Where reading fails, what was read comes before the error."""
    waiting: list[pa.RecordBatch] = []
    n_bytes, failure = 0, None
    try:
        while rows > 0 and (batch := next(batches, None)) is not None:
            if waiting and n_bytes + batch.nbytes > batch_bytes:
                yield as_one(waiting)
                waiting, n_bytes = [], 0
            waiting.append(batch)
            rows, n_bytes = rows - len(batch), n_bytes + batch.nbytes
    except Exception as error:
        failure = error
    if waiting:
        yield as_one(waiting)
    if failure is not None:
        raise failure


class _Reach(NamedTuple):
    """rows: how many of a row group can be decoded in bounded memory, and why no more. batch_rows: at
    once."""

    rows: int
    why: str
    batch_rows: int


def _reach(path: str, group: pq.RowGroupMetaData, columns: Columns, batch_bytes: int) -> _Reach:
    """Looks at the headers of all pages that will be decoded."""
    limit = max(PAGE_BYTES, 2 * columns.limit)
    rows, why, text_bytes, dictionary = group.num_rows, "", 1, 1
    for name, chunk in _chunks(group, columns):
        found = _pages(path, chunk)
        too_large = next((i for i, page in enumerate(found) if page.bytes > limit), len(found))
        values = sum(page.values for page in found[:too_large] if page.kind in DATA)
        if values < chunk.num_values:
            told = _why(name, found[too_large].bytes if too_large < len(found) else None)
            rows, why = min((rows, why), (values if chunk.num_values == group.num_rows else 0, told))
        if name == columns.text:
            text_bytes = max(1, sum(page.bytes for page in found))
            dictionary = max((page.bytes for page in found if page.kind == DICTIONARY), default=1)
    fitting = min(
        batch_bytes / 4 * group.num_rows / text_bytes, DICTIONARY_FACTOR * batch_bytes / max(1, dictionary)
    )
    return _Reach(rows, why, int(min(max(1, fitting), MAX_BATCH_ROWS)))


def _chunks(group: pq.RowGroupMetaData, columns: Columns) -> Iterator[tuple[str, pq.ColumnChunkMetaData]]:
    """(column, chunk) of each leaf that is read; a struct has several."""
    for chunk in map(group.column, range(group.num_columns)):
        for name in columns.names:
            if chunk.path_in_schema == name or chunk.path_in_schema.startswith(f"{name}."):
                yield name, chunk


def _start(chunk: pq.ColumnChunkMetaData) -> int:
    """The first byte of a chunk."""
    start: int = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
    return start


def _pages(path: str, chunk: pq.ColumnChunkMetaData) -> list[Page]:
    start = _start(chunk)
    found, values = [], 0
    with open(path, "rb") as file:
        for page in pages(file, start, start + chunk.total_compressed_size):
            found.append(page)
            values += page.values if page.kind in DATA else 0
            if values >= chunk.num_values:
                break
    return found


def _why(name: str, page_bytes: int | None) -> str:
    if page_bytes is None:
        return f"a page header of column '{name}' is damaged"
    return f"a page of column '{name}' has {page_bytes:,} bytes; a larger max_document_bytes lets it be read"


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


def _text_sizes(metadata: pq.FileMetaData, text: str) -> list[int]:
    """Uncompressed bytes of the text column in each row group; of all columns where it is not there."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    paths = [metadata.schema.column(i).path for i in range(len(metadata.schema))]
    if text not in paths:
        return [max(0, group.total_byte_size) for group in groups]
    return [max(0, group.column(paths.index(text)).total_uncompressed_size) for group in groups]
