"""What readers yield, and the few things that all of them do with it: check texts, cut batches to size,
report loss."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DOCUMENTS = pa.schema(
    [
        pa.field("row", pa.int64(), metadata={"null": "the rows of the shard cannot be counted"}),
        pa.field("id", pa.string(), metadata={"null": "to be made from the key"}),
        pa.field("text", pa.large_string(), metadata={"null": "there is an error"}),
        pa.field(
            "meta", pa.large_string(), metadata={"form": "JSON object", "null": "no column was asked for"}
        ),
        pa.field("error", pa.string(), metadata={"form": "one sentence", "null": "the text can be read"}),
    ]
)
"""One record per document. `row` is its place in the shard from 0: row of a table, line of a JSONL file
(blank lines are counted, and are no documents), place of a text file among those of its folder sorted by
path."""

BATCH_ROWS = 65_536
"""Most records of a batch, where texts are tiny or missing."""


@dataclass(frozen=True)
class Part:
    """What one task reads: a shard or, where first and last are given, a run of its units (row groups,
    files).

    path, format: of the shard. bytes: estimate of the text in it, uncompressed where the format tells.
    first, last: first and last unit. row: of its first document. rows: documents in it, None when that is
    not known before reading.
    """

    path: str
    format: str
    bytes: int
    first: int | None = None
    last: int | None = None
    row: int = 0
    rows: int | None = None


class Unreadable(Exception):
    """Why the rest of a part is lost, as a sentence: raised by readers, turned into records by
    `readers.read`."""


def records(
    rows: pa.Array, ids: pa.Array, texts: pa.Array, metas: pa.Array | None, limit: int
) -> pa.RecordBatch:
    """A batch of DOCUMENTS from columns of equal length; texts are large_binary or large_string and
    unchecked."""
    texts, errors = checked(texts, limit)
    metas = pa.nulls(len(rows), pa.large_string()) if metas is None else metas
    return pa.record_batch([rows, ids, texts, metas, errors], schema=DOCUMENTS)


def checked(texts: pa.Array, limit: int) -> tuple[pa.LargeStringArray, pa.StringArray]:
    """(texts, errors): null, over-long and badly encoded texts are null and have a sentence.

    Arrow's own check for UTF-8 runs at 7 GB/s, so only a batch that fails it is looked at document by
    document.
    """
    errors = {}
    lengths = pc.binary_length(texts)
    sizes = (pc.fill_null(lengths, -1) if texts.null_count else lengths).to_numpy()
    if sizes.min(initial=0) < 0 or sizes.max(initial=0) > limit:
        for i in np.flatnonzero(sizes < 0).tolist():
            errors[i] = "the text is null"
        for i in np.flatnonzero(sizes > limit).tolist():
            errors[i] = f"document of {sizes[i]:,} bytes is over max_document_bytes, {limit:,}"
    strings = texts.view(pa.large_string())
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        errors |= {i: sentence for i, sentence in _badly_encoded(texts) if i not in errors}
    if not errors:
        return strings, pa.nulls(len(strings), pa.string())
    bad = np.zeros(len(strings), bool)
    bad[list(errors)] = True
    good = pc.if_else(pa.array(bad), pa.scalar(None, pa.large_binary()), texts.view(pa.large_binary()))
    return good.view(pa.large_string()), pa.array([errors.get(i) for i in range(len(strings))], pa.string())


def _badly_encoded(texts: pa.Array) -> Iterator[tuple[int, str]]:
    for i, value in enumerate(texts.view(pa.large_binary())):
        try:
            (value.as_py() or b"").decode()
        except UnicodeDecodeError as error:
            yield i, f"the text is not UTF-8: {error.reason} at byte {error.start:,}"


def failures(error: str, row: int, part: Part) -> Iterator[pa.RecordBatch]:
    """Records for all of the part from `row` on; one without a row where nobody knows how many there are."""
    if part.rows is None:
        yield lost(error, None, 1)
    else:
        yield from losses(error, row, part.row + part.rows)


def losses(error: str, start: int, end: int) -> Iterator[pa.RecordBatch]:
    """Records for rows start to end - 1, which share an error."""
    for row in range(start, end, BATCH_ROWS):
        yield lost(error, row, min(BATCH_ROWS, end - row))


def lost(error: str, row: int | None, n: int) -> pa.RecordBatch:
    """n records from `row` on that share an error."""
    rows = pa.nulls(n, pa.int64()) if row is None else pa.array(np.arange(row, row + n))
    empty = [pa.nulls(n, DOCUMENTS.field(name).type) for name in ("id", "text", "meta")]
    return pa.record_batch([rows, *empty, pa.repeat(pa.scalar(error), n)], schema=DOCUMENTS)


def sized(batches: Iterator[pa.RecordBatch], batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """The same records in batches of up to batch_bytes of text and BATCH_ROWS, a larger document alone."""
    waiting: list[pa.RecordBatch] = []
    size = count = 0
    for batch in batches:
        for piece in _cut(batch, batch_bytes):
            n_bytes = _text_bytes(piece)
            if waiting and (size + n_bytes > batch_bytes or count + len(piece) > BATCH_ROWS):
                yield as_one(waiting)
                waiting, size, count = [], 0, 0
            waiting.append(piece)
            size, count = size + n_bytes, count + len(piece)
    if waiting:
        yield as_one(waiting)


def as_one(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """The same records in one batch."""
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def _cut(batch: pa.RecordBatch, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    if len(batch) <= BATCH_ROWS and _text_bytes(batch) <= batch_bytes:
        yield batch
        return
    sizes = pc.fill_null(pc.binary_length(batch["text"]), 0).to_numpy()
    for start, end in pairwise(runs(sizes, batch_bytes)):
        yield batch.slice(start, end - start)


def runs(sizes: np.ndarray, most: int) -> list[int]:
    """Bounds, first 0 and last n, of the fewest runs in order that sum to at most `most`; a larger size is
    a run of its own, and none has more than BATCH_ROWS members."""
    ends = np.cumsum(sizes)
    bounds = [0] if len(sizes) else []
    while bounds and bounds[-1] < len(sizes):
        start = bounds[-1]
        before = ends[start - 1] if start else 0
        fits = int(np.searchsorted(ends, before + most, side="right"))
        bounds.append(min(max(fits, start + 1), start + BATCH_ROWS))
    return bounds


def _text_bytes(batch: pa.RecordBatch) -> int:
    texts = batch["text"]
    if not len(texts):
        return 0
    bounds = np.frombuffer(texts.buffers()[1], np.int64, len(texts) + 1, texts.offset * 8)
    return int(bounds[-1] - bounds[0])


def one_line(error: BaseException | str) -> str:
    """An error's first line without paths or trailing dots, for a sentence that is the same wherever the
    file is."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r"'?/[^\s']+/([^\s/']+)'?", r"\1", first)[:300].rstrip(". ")
