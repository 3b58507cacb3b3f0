"""Folders of text files: each file is a document, its id the path inside the folder.

A folder is one shard, however many files it has; a document's row is its place among them, sorted by path.
Hidden files and folders are left out. A path of the config may also name a single file, which is then a
shard of one.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from curate.readers._content import no_file
from curate.readers._records import Part, Unreadable, losses, one_line, records, runs

if TYPE_CHECKING:
    from curate.readers import ReadConfig


def shards(path: Path) -> list[Path]:
    """The folder or the file itself; none where the folder holds no file."""
    return [path] if files(path) or not path.is_dir() else []


def files(path: Path) -> list[Path]:
    """All files in the folder and below, sorted by their path in it; links to folders are not followed."""
    if not path.is_dir():
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(found, key=lambda file: file.relative_to(path).as_posix())


def columns(path: Path) -> list[str]:
    """A text file has none."""
    return []


def parts(path: Path, config: ReadConfig, max_bytes: int) -> list[Part]:
    """Runs of files of about max_bytes."""
    sizes = np.array([_size(file) for file in files(path)], np.int64)
    bounds = runs(sizes, max_bytes)
    return [Part(str(path), "text", int(sizes[a:b].sum()), a, b - 1, a, b - a) for a, b in pairwise(bounds)]


def read(part: Part, config: ReadConfig, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """The documents of the part, a file each."""
    folder = Path(part.path)
    found = files(folder)
    last = len(found) - 1 if part.last is None else part.last
    if last >= len(found):
        raise Unreadable("files are gone since the build began")
    for row in range(part.first or 0, last + 1):
        yield from _document(found[row], folder, row, config.max_document_bytes)


def _document(file: Path, folder: Path, row: int, limit: int) -> Iterator[pa.RecordBatch]:
    size = _size(file)
    if size > limit:
        yield from losses(f"document of {size:,} bytes is over max_document_bytes, {limit:,}", row, row + 1)
        return
    try:
        why = no_file(file)
        text = b"" if why else file.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        why = f"the file cannot be read: {one_line(error.strerror or error)}"
    if why:
        yield from losses(why, row, row + 1)
        return
    name = file.relative_to(folder).as_posix() if file != folder else file.name
    identity = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    columns = (pa.array([row]), pa.array([identity]), pa.array([text], pa.large_binary()))
    yield records(*columns, None, limit)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
