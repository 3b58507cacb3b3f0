"""JSON lines: one object a line, plain, gzip or zstd as the first bytes tell, whatever the name.

A document's row is the number of its line, from 0. Blank lines are counted and are no documents. Of a key
that stands twice in an object the last value holds, as in most parsers.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from curate.readers._columns import dump
from curate.readers._records import DOCUMENTS, Part, Unreadable, one_line, records

if TYPE_CHECKING:
    from curate.readers import ReadConfig

SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".jsonl.zst", ".json.gz", ".json.zst")
MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
CHUNK_BYTES = 1 << 16
RECORD_BYTES = 200
"""What a record weighs besides its text, so that a million empty texts are more than one batch."""


def shards(path: Path) -> list[Path]:
    """The file, or all files in the folder and below that are named like JSON lines."""
    return sorted(p for p in path.rglob("*") if p.name.endswith(SUFFIXES)) if path.is_dir() else [path]


def files(path: Path) -> list[Path]:
    """The file."""
    return [path]


def parts(path: Path, config: ReadConfig, max_bytes: int) -> list[Part]:
    """One part a file: where its lines begin is not known before reading."""
    return [Part(str(path), "jsonl", path.stat().st_size)]


def read(part: Part, config: ReadConfig, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """The documents of a file, one a line. A stream that breaks off is one more record, without a row."""
    batch = _Batch(config)
    try:
        # A text takes at most three times its bytes in JSON's escapes, but for control characters.
        for row, line in numbered_lines(Path(part.path), 3 * config.max_document_bytes + (1 << 20)):
            batch.add(row, line)
            if batch.bytes >= batch_bytes:
                yield batch.flush()
    except (OSError, Unreadable) as error:
        yield batch.flush()
        raise Unreadable(f"the file breaks off after line {batch.line}: {one_line(error)}") from None
    yield batch.flush()


def numbered_lines(path: Path, limit: int) -> Iterator[tuple[int, bytes | int]]:
    """(line from 0, its bytes without the line's end), blank lines left out; the number of bytes of a line
    over `limit`, which is never held whole."""
    with pa.OSFile(str(path)) as file:
        magic = file.read(4)
        file.seek(0)
        codec = next((name for start, name in MAGIC.items() if magic.startswith(start)), None)
        stream = pa.CompressedInputStream(file, codec) if codec else file
        for row, line in enumerate(_lines(stream, limit)):
            if isinstance(line, int):
                yield row, line
                continue
            line = line.removeprefix(codecs.BOM_UTF8) if row == 0 else line
            if line := line.strip(b" \t\r"):
                yield row, line


def _lines(stream: pa.NativeFile, limit: int) -> Iterator[bytes | int]:
    pieces: list[bytes] = []
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        *ended, rest = chunk.split(b"\n")
        for end in ended:
            yield b"".join([*pieces, end]) if size + len(end) <= limit else size + len(end)
            pieces, size = [], 0
        size += len(rest)
        pieces = [*pieces, rest] if size <= limit else []
    if size:
        yield b"".join(pieces) if size <= limit else size


class _Batch:
    """Records in the making."""

    def __init__(self, config: ReadConfig):
        self.config = config
        self.line = 0
        self._clear()

    def _clear(self) -> None:
        self.rows: list[int] = []
        self.ids: list[str | None] = []
        self.texts: list[bytes | None] = []
        self.metas: list[str | None] = []
        self.errors: dict[int, str] = {}
        self.bytes = 0

    def add(self, row: int, line: bytes | int) -> None:
        self.line = row + 1
        identity, text, meta, error = parse(line, self.line, self.config)
        if error:
            self.errors[len(self.rows)] = error
        self.rows.append(row)
        self.ids.append(identity)
        self.texts.append(text)
        self.metas.append(meta)
        self.bytes += len(text or b"") + len(meta or "") + RECORD_BYTES

    def flush(self) -> pa.RecordBatch:
        rows, ids = pa.array(self.rows, pa.int64()), pa.array(self.ids, pa.string())
        texts, metas = pa.array(self.texts, pa.large_binary()), pa.array(self.metas, pa.large_string())
        batch = records(rows, ids, texts, metas, self.config.max_document_bytes)
        if self.errors:
            told = [self.errors.get(i, e) for i, e in enumerate(batch["error"].to_pylist())]
            batch = batch.set_column(4, DOCUMENTS.field("error"), pa.array(told, pa.string()))
        self._clear()
        return batch


def parse(
    line: bytes | int, number: int, config: ReadConfig
) -> tuple[str | None, bytes | None, str | None, str | None]:
    """(id, text, metadata, error) of line `number`, counted from 1 as editors do."""
    if isinstance(line, int):
        return None, None, None, f"line {number} of {line:,} bytes is too long for max_document_bytes"
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return None, None, None, f"line {number} is not UTF-8: {error.reason} at byte {error.start:,}"
    except (ValueError, RecursionError) as error:
        return None, None, None, f"line {number} is not JSON: {one_line(error)}"
    if not isinstance(value, dict):
        return None, None, None, f"line {number} holds {_kind(value)}, not an object"
    return _document(value, number, config)


def _document(
    value: dict[str, Any], number: int, config: ReadConfig
) -> tuple[str | None, bytes | None, str | None, str | None]:
    identity = _identity(value.get("id" if config.id is None else config.id))
    if config.text not in value:
        keys = ", ".join(list(value)[:20])
        return (
            identity,
            None,
            None,
            f"line {number} has no key '{config.text}'; it has {clean(keys) or 'none'}",
        )
    text = value[config.text]
    if text is not None and not isinstance(text, str):
        return identity, None, None, f"line {number}: '{config.text}' is {_kind(text)}, not a string"
    try:
        return identity, None if text is None else text.encode(), _meta(value, config), None
    except UnicodeEncodeError as error:
        return (
            identity,
            None,
            None,
            f"line {number}: the text has a lone surrogate at character {error.start:,}",
        )


def _meta(value: dict[str, Any], config: ReadConfig) -> str | None:
    apart = {config.text, config.id or "id"}
    wanted = (
        [k for k in value if k not in apart]
        if config.meta is None
        else [k for k in config.meta if k in value]
    )
    return clean(dump({key: value[key] for key in wanted})) if wanted else None


def _identity(value: Any) -> str | None:
    if value is None:
        return None
    return clean(value if isinstance(value, str) else dump(value))


def clean(text: str) -> str:
    """Lone surrogates, which UTF-8 cannot hold, as U+FFFD."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not text.isascii() else text


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
