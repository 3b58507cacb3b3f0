"""One file per input format. A reader turns a file into records of `DOCUMENTS`, and never raises for what
it finds in one: what cannot be read is a record too, with the reason as its `error`.

A reader is a module with

    shards(path) -> list[Path]      the shards at an existing path: itself, or what lies in a folder
    files(path) -> list[Path]       the files whose content a shard is made of
    parts(path, config, max_bytes) -> list[Part]
    read(part, config, batch_bytes) -> Iterator[pa.RecordBatch]

and may raise in all four: `parts` and `read` below turn that into a part or records that say so. One whose
shards say which columns they have has also `columns(path) -> list[str]`. Memory is
bounded by bytes: a reader holds a few batches or the largest document, whichever is more, however large the
file.
"""

from __future__ import annotations

import glob
import importlib
import os
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, field_validator

from curate.errors import UsageError, nearest
from curate.readers._content import Known, hashed, no_file, unchanged
from curate.readers._records import DOCUMENTS, Part, Unreadable, failures, one_line, sized

__all__ = [
    "DOCUMENTS",
    "Known",
    "Part",
    "ReadConfig",
    "Unreadable",
    "columns",
    "expand",
    "failures",
    "files",
    "find",
    "format_of",
    "hashed",
    "names",
    "parts",
    "read",
    "unchanged",
]

VERSION = 1
"""Raised whenever the records of an unchanged file change."""

BATCH_BYTES = 4 << 20
PART_BYTES = 256 << 20


class ReadConfig(BaseModel):
    """Where the documents of a source are, and which columns they are in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = Field(
        default="parquet",
        description="parquet; jsonl: one object a line, plain, gzip or zstd, told by content, not by name; "
        "text: folders of text files, one document each; datasets: a folder that Hugging Face `datasets` "
        "saved with save_to_disk",
        json_schema_extra={"enum": ["parquet", "jsonl", "text", "datasets"]},
    )
    paths: list[str] = Field(
        min_length=1,
        description="files or folders, relative to this config; * ? [] match names and ** folders, as in "
        "web/**/*.parquet",
    )
    text: str = Field(default="text", description="the column, or key, that holds the text")
    id: str | None = Field(
        default=None,
        description="the column that holds the id; null is `id` where there is one, and else ids made from "
        "source, file and row. The id of a text file is its path inside the folder",
    )
    meta: list[str] | None = Field(
        default=None,
        description="columns kept as metadata; null is all, of which a build reads those that output.columns "
        "names as `meta.<column>`",
    )
    ids: Literal["any", "unique"] = Field(
        default="any", description="any: a repeated id is counted and warned of; unique: it stops the build"
    )
    max_document_bytes: int = Field(
        default=100_000_000,
        ge=0,
        description="bytes of UTF-8; a longer document is quarantined, so that no single one can fill a "
        "worker's memory",
    )

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value not in names():
            raise ValueError(f"there is no format '{value}'. {nearest(value, names())}")
        return value


@cache
def names() -> tuple[str, ...]:
    """All formats."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")))


def find(name: str) -> ModuleType:
    """The reader of a format. Raises KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f"{__name__}.{name}")


def expand(config: ReadConfig, base: Path) -> list[Path]:
    """All shards that `config.paths` name, sorted, each once. Raises UsageError for a pattern that matches
    nothing."""
    reader = find(config.format)
    shards: set[Path] = set()
    for pattern in config.paths:
        matches = [Path(os.path.normpath(base / name)) for name in _matches(pattern, base)]
        found = [shard for match in matches for shard in reader.shards(match)]
        if not found:
            raise UsageError(_nothing_there(pattern, base, bool(matches), config.format))
        if gone := [shard for shard in found if not shard.exists()]:
            raise UsageError(f"'{pattern}' leads to {gone[0]}, which is not there")
        shards.update(found)
    return sorted(shards, key=lambda path: path.as_posix())


def files(path: Path, format: str) -> list[Path]:
    """The files whose content the shard at `path` is made of, sorted: the shard itself, or what is in its
    folder."""
    return list(find(format).files(path))


def columns(path: Path, format: str) -> list[str] | None:
    """The names of a shard's columns, None where only reading all of it would tell."""
    try:
        return list(find(format).columns(path))
    except Exception:
        return None


def parts(path: Path, config: ReadConfig, max_bytes: int = PART_BYTES) -> list[Part]:
    """The shard in pieces of about max_bytes of text, for one task each. A broken one is a single part, whose
    reading says what is wrong."""
    try:
        return list(find(config.format).parts(path, config, max_bytes))
    except Exception:
        return [Part(str(path), config.format, _size(path))]


def read(part: Part, config: ReadConfig, batch_bytes: int = BATCH_BYTES) -> Iterator[pa.RecordBatch]:
    """Batches of `DOCUMENTS`, rows ascending, with texts of batch_bytes or a single document. Each row of
    the part is one record, readable or not; where rows cannot be counted, one record without a row says
    what was lost."""
    return sized(_guarded(part, config, batch_bytes), batch_bytes)


def format_of(path: Path) -> str:
    """The format that a file's or folder's name and content speak for, for commands that are given files
    alone. Raises UsageError where there is none."""
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if path.is_dir():
        saved = any((path / name).exists() for name in ("state.json", "dataset_dict.json"))
        return "datasets" if saved else "parquet" if any(path.rglob("*.parquet")) else "text"
    with open(path, "rb") as file:
        if path.suffix == ".parquet" or file.read(4) == b"PAR1":
            return "parquet"
    return "jsonl" if {".jsonl", ".json", ".ndjson"} & set(path.suffixes) else "text"


def _guarded(part: Part, config: ReadConfig, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    reached = part.row
    try:
        path = Path(part.path)
        if path.exists() and not path.is_dir() and (why := no_file(path)):
            raise Unreadable(why)
        for batch in find(part.format).read(part, config, batch_bytes):
            reached += len(batch)
            yield batch
    except Unreadable as error:
        yield from failures(one_line(error), reached, part)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        yield from failures(f"cannot be read: {one_line(error)}", reached, part)


def _matches(pattern: str, base: Path) -> list[str]:
    if not glob.has_magic(pattern):
        return [pattern] if os.path.lexists(base / pattern) else []
    return glob.glob(pattern, root_dir=base, recursive=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _nothing_there(pattern: str, base: Path, matched: bool, format: str) -> str:
    if matched:
        return f"there is nothing of format {format} in '{pattern}'. Name the files, as in '{pattern}/*'"
    folder = base / pattern
    while not folder.is_dir():
        folder = folder.parent
    folder = Path(os.path.normpath(folder))
    inside = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    wanted = os.path.relpath(base / pattern, folder).split(os.sep)[0]
    hint = nearest(wanted, inside[:100]) if inside else "That folder is empty."
    return f"'{pattern}' matches no file; the search ended in {folder}. {hint}"
