"""Documents in flight: what a reader yields, what a stage gets, how a document is named and hashed.

A `Batch` holds its texts as one UTF-8 buffer and offsets, the form that kernels read; a Python string is made
only on request.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from blake3 import blake3

from curate.kernels import gather as kernel

EDITS = pa.schema(
    [
        pa.field("row", pa.int64(), metadata={"unit": "row in the batch"}),
        ("stage", pa.string()),
        ("rule", pa.string()),
        ("offset", pa.int64()),  # byte in the text before the edit
        ("text", pa.large_string()),  # what was there
    ]
)
"""What an editing stage removed: enough to put it back."""


@dataclass
class Batch:
    """Some documents of one source: valid UTF-8, never null, possibly empty.

    source: the source's name. kind: web | code | academic | synthetic. data: (n_bytes,) uint8 and offsets: (n
    + 1,) int64, the text of document i is data[offsets[i]:offsets[i + 1]]. signals: columns of length n
    computed so far, by `stage.signal`.
    """

    source: str
    kind: str
    data: np.ndarray
    offsets: np.ndarray
    signals: dict[str, pa.Array] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Sequence[str] | pa.Array, source: str = "web", kind: str = "web") -> Batch:
        """A batch of strings, or of an Arrow string array without nulls."""
        array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string())
        return cls(source, kind, *buffers(array))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> np.ndarray:
        """(n,) int64 bytes of each text."""
        return np.diff(self.offsets)

    @property
    def nbytes(self) -> int:
        """Bytes of text in all."""
        return int(self.offsets[-1] - self.offsets[0])

    def texts(self) -> pa.LargeStringArray:
        """The texts as an Arrow array over the same buffers."""
        return pa.LargeStringArray.from_buffers(
            len(self), pa.py_buffer(np.ascontiguousarray(self.offsets)), pa.py_buffer(self.data)
        )

    def text(self, i: int) -> str:
        """Document i as a Python string."""
        return self.data[self.offsets[i] : self.offsets[i + 1]].tobytes().decode()

    def prefix(self, i: int, n_bytes: int) -> str:
        """At most the first n_bytes of document i, cut before a code point that does not fit."""
        start, end = int(self.offsets[i]), int(self.offsets[i + 1])
        return self.data[start : min(end, start + n_bytes)].tobytes().decode(errors="ignore")

    def take(self, rows: np.ndarray) -> Batch:
        """The documents at `rows` ((m,) int64), in that order, signals too."""
        picked = self.texts().take(pa.array(rows, pa.int64()))
        columns = {name: column.take(pa.array(rows, pa.int64())) for name, column in self.signals.items()}
        return Batch(self.source, self.kind, *buffers(picked), columns)


class Edited(NamedTuple):
    """What `annotate` of an editing stage returns: signals, the final texts (no nulls), and rows of
    `EDITS`."""

    columns: dict[str, pa.Array]
    texts: pa.Array
    edits: pa.Table


def buffers(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(data: (n_bytes,) uint8, offsets: (n + 1,) int64) of a string array without nulls; zero-copy but for
    32-bit offsets."""
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    bounds = (
        np.frombuffer(offsets, np.int64, len(array) + 1, array.offset * 8)
        if offsets
        else np.zeros(1, np.int64)
    )
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return content, bounds


def gather(arrays: Sequence[pa.Array], places: np.ndarray) -> pa.LargeStringArray:
    """What `pa.concat_arrays(arrays).take(places)` is, for string arrays without nulls, with one copy of each
    text in place of two. places: (n,) int64."""
    both = [buffers(array) for array in arrays]
    firsts = [data.ctypes.data + bounds[:-1] for data, bounds in both]
    sizes = [np.diff(bounds) for _, bounds in both]
    taken = np.concatenate([np.zeros(0, np.int64), *sizes])[places]
    content = pa.allocate_buffer(int(taken.sum()))
    bounds = kernel.gather(
        np.concatenate([np.zeros(0, np.int64), *firsts])[places], taken, np.frombuffer(content, np.uint8)
    )
    return pa.LargeStringArray.from_buffers(len(taken), pa.py_buffer(bounds), content)


def hash_documents(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(n, 2) uint64: BLAKE3 of each text, 128 bits, (high, low) big-endian, so that sorting rows sorts the
    hashes."""
    view, bounds = np.ascontiguousarray(data).data, offsets.tolist()
    digests = b"".join(blake3(view[a:b]).digest(16) for a, b in itertools.pairwise(bounds))
    return np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2)


def key(source: str, shard: str, row: int | None) -> str:
    """The name of a document that never repeats: `source/shard:row`, without a row for a shard that could not
    be counted."""
    return f"{source}/{shard}" if row is None else f"{source}/{shard}:{row}"


def keys(source: str, shard: str, rows: pa.Array) -> pa.StringArray:
    """`key` of many rows of a shard: (n,) int64, null where it could not be counted."""
    whole = pa.scalar(key(source, shard, None), pa.string())
    numbered = pc.binary_join_element_wise(whole, rows.cast(pa.string()), ":")
    return pc.coalesce(numbered, whole)
