"""Folders that Hugging Face `datasets` wrote with `save_to_disk`: a dataset, or a dictionary of splits.

Read as what they are, Arrow streams named by each dataset's state.json, without the package. Each such file
is a shard. A folder of Parquet files, the other form a dataset comes in, is format `parquet`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from curate.errors import UsageError
from curate.readers._columns import choose, to_records
from curate.readers._records import Part, Unreadable, losses, one_line

if TYPE_CHECKING:
    from curate.readers import ReadConfig


def shards(path: Path) -> list[Path]:
    """The Arrow files of a saved dataset or of all splits of a saved dictionary; an Arrow file itself. Raises
    UsageError for a folder that is neither."""
    if not path.is_dir():
        return [path]
    splits = _json(path / "dataset_dict.json").get("splits")
    if splits is not None:
        return [file for split in splits for file in shards(path / Path(split).name)]
    state = _json(path / "state.json")
    if "_data_files" not in state:
        raise UsageError(
            f"{path} was not written by save_to_disk: it has neither dataset_dict.json nor state.json. For a "
            "folder of Parquet files say format: parquet"
        )
    if state.get("_indices_data_files"):
        raise UsageError(
            f"{path} has a selection that was not written out; call flatten_indices() and save it again"
        )
    return [path / Path(entry["filename"]).name for entry in state["_data_files"]]


def files(path: Path) -> list[Path]:
    """The file."""
    return [path]


def parts(path: Path, config: ReadConfig, max_bytes: int) -> list[Part]:
    """One part a file: `datasets` starts a new one every 500 MB."""
    return [Part(str(path), "datasets", path.stat().st_size)]


def read(part: Part, config: ReadConfig, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """The documents of an Arrow stream. A batch that contradicts itself is lost row by row, as it says how
    many it has."""
    with pa.OSFile(part.path) as file, pa.ipc.open_stream(file) as stream:
        columns = choose(stream.schema, config)
        row = 0
        while batch := _next(stream, row):
            if error := _contradiction(batch.select(columns.names)):
                yield from losses(
                    f"rows {row}-{row + len(batch) - 1} are unreadable: {error}", row, row + len(batch)
                )
            else:
                yield to_records(batch, row, columns)
            row += len(batch)


def _next(stream: pa.RecordBatchReader, row: int) -> pa.RecordBatch | None:
    try:
        return stream.read_next_batch()
    except StopIteration:
        return None
    except Exception as error:
        raise Unreadable(f"the file breaks off after row {row}: {one_line(error)}") from None


def _contradiction(batch: pa.RecordBatch) -> str | None:
    """What is wrong with its buffers. Nothing may be read from them before: offsets may point anywhere."""
    for column in batch.columns:
        try:
            (column.view(pa.binary()) if pa.types.is_string(column.type) else column).validate(full=True)
        except pa.ArrowInvalid as error:
            return one_line(error)
    return None


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {one_line(error)}") from None
    return value if isinstance(value, dict) else {}
