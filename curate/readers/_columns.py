"""Columns of an Arrow table as records: which ones hold text, id and metadata, and what they become."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.types as types

from curate.readers._records import Unreadable, records

if TYPE_CHECKING:
    from curate.readers import ReadConfig


class Columns(NamedTuple):
    """Names of the columns to read. limit: bytes of the longest document."""

    text: str
    id: str | None
    meta: tuple[str, ...]
    limit: int

    @property
    def names(self) -> list[str]:
        """All of them, each once."""
        return list(dict.fromkeys([self.text, *([self.id] if self.id else []), *self.meta]))


def choose(schema: pa.Schema, config: ReadConfig) -> Columns:
    """The columns that a config asks for. Raises Unreadable when the text or id is not there, or is of
    another type."""
    _must_be_there(schema, config.text, "text")
    if not _is_text(schema.field(config.text).type):
        told = schema.field(config.text).type
        raise Unreadable(
            f"the text column '{config.text}' holds {told}, not strings. {_string_columns(schema)}"
        )
    name = config.id or ("id" if schema.get_all_field_indices("id") else None)
    if name is not None:
        _must_be_there(schema, name, "id")
        if types.is_nested(_plain(schema.field(name).type)):
            raise Unreadable(
                f"the id column '{name}' holds {schema.field(name).type}, not strings or numbers"
            )
    others = [n for n in schema.names if n not in (config.text, name)]
    meta = others if config.meta is None else [n for n in config.meta if n in schema.names]
    return Columns(
        config.text, name, tuple(n for n in meta if schema.names.count(n) == 1), config.max_document_bytes
    )


def to_records(batch: pa.RecordBatch, row: int, columns: Columns) -> pa.RecordBatch:
    """A batch of DOCUMENTS, its first row being `row` of the shard."""
    n = len(batch)
    ids = pa.nulls(n, pa.string()) if columns.id is None else as_ids(batch[columns.id])
    return records(
        pa.array(np.arange(row, row + n)),
        ids,
        as_bytes(batch[columns.text]),
        as_json(batch, columns.meta),
        columns.limit,
    )


def as_bytes(array: pa.Array) -> pa.Array:
    """Any array of strings or bytes as large_binary or large_string, unchecked."""
    array = _storage(array)
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if types.is_large_binary(array.type) or types.is_large_string(array.type):
        return array
    return array.cast(pa.large_string() if types.is_string(array.type) else pa.large_binary())


def as_ids(array: pa.Array) -> pa.StringArray:
    """Strings as they are, numbers as people write them, bytes that are no UTF-8 in hexadecimal."""
    array = _storage(array)
    if _is_text(array.type):
        texts = array if types.is_string(array.type) else as_bytes(array).view(pa.large_string())
        try:
            texts.validate(full=True)
            return texts.cast(pa.string())
        except pa.ArrowInvalid:
            return pa.array(
                [_text_or_hex(v) for v in as_bytes(array).view(pa.large_binary()).to_pylist()], pa.string()
            )
    if types.is_fixed_size_binary(array.type):
        return pa.array([_hex(v) for v in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def as_json(batch: pa.RecordBatch, names: tuple[str, ...]) -> pa.LargeStringArray | None:
    """One JSON object a row, keys in the order given; None when there is no column. Times and decimals
    become strings, bytes their text or base64, NaN and infinities null, maps lists of pairs."""
    if not names:
        return None
    columns = [_without_times(_storage(batch[name])).to_pylist() for name in names]
    return pa.array(
        [dump(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)], pa.large_string()
    )


def dump(value: object) -> str:
    """Compact JSON, the same for equal values, always valid."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_odd)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), default=_odd)


def _odd(value: object) -> str:
    return _text_or_base64(value) if isinstance(value, bytes) else str(value)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text_or_base64(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _text_or_hex(value: bytes | None) -> str | None:
    try:
        return value.decode() if value is not None else None
    except UnicodeDecodeError:
        return _hex(value)


def _hex(value: bytes | None) -> str | None:
    return value.hex() if value is not None else None


def _storage(array: pa.Array) -> pa.Array:
    return array.storage if isinstance(array.type, pa.BaseExtensionType) else array


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type without extension and dictionary."""
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return kind.value_type if types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    strings = (types.is_string, types.is_large_string, types.is_string_view)
    bytestrings = (types.is_binary, types.is_large_binary, types.is_binary_view)
    return any(test(_plain(kind)) for test in (*strings, *bytestrings))


def _without_times(array: pa.Array) -> pa.Array:
    """Temporal and decimal values as strings, inside structs and lists too: Python's own lose nanoseconds."""
    target = _timeless(array.type)
    return array if target == array.type else array.cast(target)


def _timeless(kind: pa.DataType) -> pa.DataType:
    if types.is_dictionary(kind):
        return _timeless(kind.value_type)
    if types.is_duration(kind):
        return pa.int64()
    if types.is_temporal(kind) or types.is_decimal(kind):
        return pa.string()
    if types.is_struct(kind):
        return pa.struct([field.with_type(_timeless(field.type)) for field in kind])
    if types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_timeless(kind.value_type)))
    if types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_timeless(kind.value_type)))
    return kind


def _must_be_there(schema: pa.Schema, name: str, role: str) -> None:
    times = len(schema.get_all_field_indices(name))
    if times == 1:
        return
    told = f"there are {times} columns '{name}'" if times else f"there is no {role} column '{name}'"
    raise Unreadable(f"{told}. {_string_columns(schema)}")


def _string_columns(schema: pa.Schema) -> str:
    names = [field.name for field in schema if _is_text(field.type)]
    return f"Columns of strings: {', '.join(names)}" if names else "No column holds strings"
