"""Documents that kill: what is done when a worker dies, is out of memory or hangs on one.

A worker says where it is before each stage of each batch. When it dies there, the next try of its task is
told (`deaths`) and takes that batch document by document. A document that is alone when a worker dies again
is quarantined, with the stage and the cause; nothing else of the task is lost. Where reading itself dies
twice, the rest of the part is lost. Such a quarantine says that the machine caused it: another build may
differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa

from curate.engines.worker import report_place
from curate.readers import Part, failures

Json = dict[str, Any]

READ, STORE = "read", "store"
"""Where a batch is before and after its stages."""

ONE_BY_ONE = 4096
"""A suspicious batch of up to this many documents is taken one by one; a larger one in 256 pieces first."""


class Watch:
    """Says where the task is, and keeps away from what killed it before.

    deaths: what the engine says of earlier tries, [{place, why}]. fresh: whether the task writes the
    documents anew; only then can a record be lost.
    """

    def __init__(self, deaths: Sequence[Json] = (), fresh: bool = True):
        self.suspects: list[range] = []
        self.condemned: dict[int, tuple[str, str]] = {}
        self.lost: tuple[int, str] | None = None
        self._first = self._n = 0
        read_before = False
        for death in deaths:
            stage, first, n = death["place"] or ("", 0, 0)
            sentence = f"caused by the machine: alone with this document, a worker {death['why']}"
            if stage == READ and read_before and fresh:
                self.lost = (
                    first,
                    f"caused by the machine: reading from here, a worker {death['why']}, twice",
                )
            elif n == 1 and any(first in suspect for suspect in self.suspects):
                self.condemned[first] = (stage, sentence)
            elif n:
                self.suspects.append(range(first, first + n))
            read_before |= stage == READ
        if not fresh:
            self.condemned = {i: found for i, found in self.condemned.items() if found[0] != STORE}

    def batches(self, records: Iterator[pa.RecordBatch], part: Part) -> Iterator[pa.RecordBatch]:
        """The same records in smaller batches where some are suspicious; from `lost` on only errors."""
        reached, row = 0, part.row
        while self.lost is None or reached < self.lost[0]:
            report_place(READ, reached, 0)
            if (batch := next(records, None)) is None:
                return
            for start, end in pairwise(self._bounds(reached, len(batch))):
                self._first, self._n = reached + start, end - start
                yield self._checked(batch.slice(start, end - start))
            reached += len(batch)
            row = (batch["row"][len(batch) - 1].as_py() or 0) + 1 if len(batch) else row
        for batch in failures(self.lost[1], row, part):
            self._first, self._n = reached, len(batch)
            yield batch
            reached += len(batch)

    def verdict(self, stage: str) -> str | None:
        """Says that the batch is at `stage`; the sentence when its only document died there before."""
        condemned, sentence = self.condemned.get(self._first, ("", ""))
        if self._n == 1 and condemned == stage:
            return sentence
        report_place(stage, self._first, self._n)
        return None

    def _bounds(self, first: int, n: int) -> list[int]:
        bounds = {0, n}
        for suspect in self.suspects:
            step = 1 if len(suspect) <= ONE_BY_ONE else -(-len(suspect) // 256)
            cuts = {*range(suspect.start, suspect.stop, step), suspect.stop}
            bounds |= {cut - first for cut in cuts if first < cut < first + n}
        return sorted(bounds)

    def _checked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch, with an error in place of a document that could not be stored."""
        stage, sentence = self.condemned.get(self._first, ("", ""))
        if len(batch) != 1 or stage != STORE:
            return batch
        columns = {name: batch[name] for name in batch.schema.names}
        columns |= {"text": pa.nulls(1, batch["text"].type), "error": pa.array([sentence], pa.string())}
        return pa.record_batch(columns, schema=batch.schema)
