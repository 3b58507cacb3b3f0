"""How large the pages of a Parquet column are: what decoding it will take, which only the pages' headers
tell.

A page is decoded as a whole, so one that holds a 500 MB document, or a dictionary of such, takes that much
memory whatever the batches. Headers are Thrift structs in compact form (parquet-format, `PageHeader`), one
before each page; reading them costs microseconds a page, which mostly has a megabyte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

WINDOW_BYTES = 1 << 16
"""Read at once for a header. Statistics in it are short: Arrow writes none over 4 kB."""

DICTIONARY = 2
DATA = (0, 3)


class Page(NamedTuple):
    """kind: DATA or DICTIONARY or others. bytes: uncompressed. values: how many it holds, nulls too."""

    kind: int
    bytes: int
    values: int


def pages(file: BinaryIO, start: int, end: int) -> Iterator[Page]:
    """The pages of a column chunk that lies between two offsets; ends early where a header makes no sense."""
    while start < end:
        file.seek(start)
        try:
            header, length = _struct(file.read(WINDOW_BYTES), 0)
            kind, size, packed = header[1], header[2], header[3]
            counts = header.get(5) or header.get(7) or header.get(8) or {}
            page = Page(kind, size, counts.get(1, 0))
        except (IndexError, KeyError, AttributeError, TypeError, RecursionError):
            return
        if size < 0 or packed < 0 or page.values < 0:
            return
        yield page
        start += length + packed


def _struct(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """(fields by number, end). Booleans, numbers and structs have their value, all else is skipped."""
    fields: dict[int, Any] = {}
    number = 0
    while data[at]:
        step, kind = data[at] >> 4, data[at] & 15
        at += 1
        if step:
            number += step
        else:
            number, at = _zigzag(data, at)
        fields[number], at = _value(data, at, kind)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (1, 2):  # the type is the value
        return kind == 1, at
    if kind in (4, 5, 6):
        return _zigzag(data, at)
    if kind in (3, 7):
        return None, at + (1 if kind == 3 else 8)
    if kind == 8:
        length, at = _varint(data, at)
        return None, at + length
    if kind == 12:
        return _struct(data, at)
    raise KeyError(kind)  # lists and maps: no page header has them


def _zigzag(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return value >> 1 ^ -(value & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at
