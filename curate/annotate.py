"""The loop over stages: what one batch of documents goes through, and the task that does it for a part.

Editing stages come first, then the others by what they need. A gate stops the work on a document, except for
stages that are cheap enough for all (BEHIND_GATES) and for the audit sample, which gets every signal and
whose fate that never changes. A document on which a stage raises is quarantined, alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate import CallableModule, readers, rules, stages
from curate.decide import Histograms
from curate.dedup import minhash
from curate.documents import EDITS, Batch, Edited, buffers, hash_documents
from curate.engines.worker import leave_place, report_progress
from curate.errors import BuildError, UsageError, nearest
from curate.parts import ArrowSink, TextWriter, one_array, read_arrow
from curate.rules import Judged, Signal, StageConfig
from curate.rundir import Attempt, Result, RunDir
from curate.watch import STORE, Watch

Json = dict[str, Any]

BATCH_BYTES = 4 << 20
RETRY_BYTES = 1 << 20
"""Text of a batch, and of one in all further tries of a task: what these know of the deaths before them is
counted in batches."""

SILENCE = 900.0
"""Seconds that one stage may take for one batch before it counts as hung."""

VERSION = 2
"""Raised whenever `documents`, `text`, `signatures` or `histograms` change for the same input."""


@dataclass
class LoadedStage:
    """A stage ready to work. A stage whose result is stored already has no model: its columns are read."""

    name: str
    module: ModuleType
    config: StageConfig
    model: Any = None
    seconds: float = 0.0
    bytes: int = 0
    gates: list[Judged] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, config: Mapping[str, Any], load: bool = True) -> LoadedStage:
        """By name, with its config as JSON. Loads its model, when asked."""
        module = stages.find(name)
        settings = module.Config(**config)
        gates = [
            Judged(name, gate, rules.limit_of(settings, gate.name)) for gate in getattr(module, "GATES", [])
        ]
        began = time.process_time()
        try:
            stage = cls(name, module, settings, _model(name, settings.model_dump_json()) if load else None)
        except ValueError as error:
            raise UsageError(f"stage {name}: {error}") from error
        stage.seconds = time.process_time() - began
        stage.gates = [gate for gate in gates if gate.limit is not None]
        return stage

    @property
    def signals(self) -> Sequence[Signal]:
        """What it computes with its config."""
        return stages.signals(self.module, self.config)

    @property
    def everywhere(self) -> bool:
        """Whether it works on documents behind gates too."""
        return bool(getattr(self.module, "BEHIND_GATES", False))


@cache
def _model(name: str, config: str) -> Any:
    """A stage's model, loaded once per process and settings: a tokenizer takes longer than 5 MB of text."""
    module = stages.find(name)
    return module.load(module.Config.model_validate_json(config))


@dataclass
class Annotated:
    """What became of a batch of n documents.

    batch: final texts, and every signal. gated: (n,) bool. errors: by stage, (n,) sentences, null where all
    went well. edits: rows of EDITS, `row` the document in the batch. part: rows that a stage worked on, (m,)
    int64, and these documents: the next one often works on the same.
    """

    batch: Batch
    gated: np.ndarray
    errors: dict[str, pa.Array]
    edits: list[pa.Table]
    part: tuple[np.ndarray, Batch] | None = None


def annotate_batch(
    batch: Batch,
    loaded: Sequence[LoadedStage],
    audited: np.ndarray | None = None,
    stored: Mapping[str, Mapping[str, pa.Array]] | None = None,
    watch: Watch | None = None,
) -> Annotated:
    """Runs stages, in the order given, on a batch of n documents.

    audited: (n,) bool, documents that get every signal. stored: columns of stages that need not run again,
    with `error` among them. watch: knows the stages that the batch has killed a worker in.
    """
    n = len(batch)
    stored, watch = stored or {}, watch or Watch()
    state = Annotated(batch, np.zeros(n, bool), {}, [])
    exempt = np.zeros(n, bool) if audited is None else audited
    for stage in loaded:
        if stage.name in stored:
            columns = dict(stored[stage.name])
            state.errors[stage.name] = columns.pop("error")
        elif sentence := watch.verdict(stage.name):
            columns = {s.name: pa.nulls(n, s.type) for s in stage.signals}
            state.errors[stage.name] = pa.repeat(pa.scalar(sentence), n)
        else:
            broken = _broken(state, n)
            wanted = ~broken if stage.everywhere else ~broken & (~state.gated | exempt)
            columns = _run(stage, state, wanted)
        batch.signals.update(columns)
        if stage.gates:
            state.gated |= rules.decide(batch.signals, stage.gates, n).first >= 0
    return state


def _broken(state: Annotated, n: int) -> np.ndarray:
    broken = np.zeros(n, bool)
    for errors in state.errors.values():
        broken |= errors.is_valid().to_numpy(zero_copy_only=False)
    return broken


def _run(stage: LoadedStage, state: Annotated, wanted: np.ndarray) -> dict[str, pa.Array]:
    """Columns of length n, null where not `wanted` or where the stage raised; edits take effect in
    `state`."""
    rows = np.flatnonzero(wanted)
    batch = state.batch
    part = batch if len(rows) == len(batch) else _part(state, rows)
    began = time.process_time()
    columns, edited, failures = _safely(stage, part)
    stage.seconds += time.process_time() - began
    stage.bytes += part.nbytes
    if edited is not None:
        _take_edits(state, edited, rows)
    n = len(batch)
    sentences = np.full(n, None, object)
    for local, sentence in failures:
        sentences[rows[local]] = sentence
    state.errors[stage.name] = pa.array(sentences, pa.string())
    return columns if part is batch else {name: _scatter(c, rows, n) for name, c in columns.items()}


def _part(state: Annotated, rows: np.ndarray) -> Batch:
    """The documents at `rows`, rising, with their signals."""
    if state.part is None or not np.array_equal(state.part[0], rows):
        state.part = rows, state.batch.take(rows)
    part = state.part[1]
    new = state.batch.signals.keys() - part.signals.keys()
    part.signals.update({name: _pick(state.batch.signals[name], rows) for name in new})
    return part


def _safely(
    stage: LoadedStage, batch: Batch, first: int = 0
) -> tuple[dict[str, pa.Array], Edited | None, list[tuple[int, str]]]:
    """(columns, edits, [(document, what was raised)]): halves the batch until the document at fault is
    alone."""
    try:
        result = stage.module.annotate(batch, stage.config, stage.model)
        return (result.columns, result, []) if isinstance(result, Edited) else (result, None, [])
    except MemoryError:
        raise
    except Exception as error:
        if len(batch) <= 1:
            nulls = {s.name: pa.nulls(len(batch), s.type) for s in stage.signals}
            return nulls, None, [(first, f"{stage.name} raised {type(error).__name__}: {error}")]
    middle = len(batch) // 2
    left, left_edit, left_failures = _safely(stage, batch.take(np.arange(middle)), first)
    right_rows = np.arange(middle, len(batch))
    right, right_edit, right_failures = _safely(stage, batch.take(right_rows), first + middle)
    columns = {name: pa.concat_arrays([left[name], right[name]]) for name in left}
    edited = _join_edits(batch, middle, columns, left_edit, right_edit)
    return columns, edited, left_failures + right_failures


def _join_edits(
    batch: Batch, middle: int, columns: dict[str, pa.Array], left: Edited | None, right: Edited | None
) -> Edited | None:
    if left is None and right is None:
        return None
    texts = batch.texts()
    kept = [left.texts if left else texts.slice(0, middle), right.texts if right else texts.slice(middle)]
    edits = [left.edits] if left else []
    edits += [_moved(right.edits, np.arange(len(batch)) + middle)] if right else []
    return Edited(columns, pa.concat_arrays(kept), pa.concat_tables(edits))


def _moved(edits: pa.Table, rows: np.ndarray) -> pa.Table:
    """edits with row i renamed rows[i]."""
    index = edits.schema.get_field_index("row")
    return edits.set_column(index, EDITS.field("row"), pa.array(rows[edits["row"].to_numpy()], pa.int64()))


def _take_edits(state: Annotated, edited: Edited, rows: np.ndarray) -> None:
    batch, state.part = state.batch, None
    if len(rows) == len(batch):
        texts = edited.texts
    else:
        places = np.arange(len(batch))
        places[rows] = len(batch) + np.arange(len(rows))
        texts = pa.concat_arrays([batch.texts(), edited.texts]).take(pa.array(places))
    changed = Batch.of(texts, batch.source, batch.kind)
    batch.data, batch.offsets = changed.data, changed.offsets
    state.edits.append(_moved(edited.edits, rows))


def _pick(column: pa.Array, rows: np.ndarray) -> pa.Array:
    """The column at `rows`, rising; itself when that is all of it."""
    return column if len(rows) == len(column) else column.take(pa.array(rows))


def _scatter(column: pa.Array, rows: np.ndarray, n: int) -> pa.Array:
    """A column of n rows with `column` at `rows`, rising, and null elsewhere."""
    if len(rows) == n:
        return column
    places = np.full(n, -1, np.int64)
    places[rows] = np.arange(len(rows))
    return column.take(pa.array(places, mask=places < 0))


# --- the task of the step `kernels`

SAMPLE = "If n is even, n = 2k for some k; then n^2 = 4k^2 is even too, because 4k^2 = 2 (2k^2). " * 30

LABELS = {"language.label": "en", "structure.label": "prose"}
"""Signals with which the stages that read them have work to do on SAMPLE."""


def load_kernels(task: Json) -> Json:
    """Has one stage, {stage, config, kind}, or without one the search for near-duplicates, work on one text,
    so that its model and kernels are loaded, or compiled: once on a machine, for all processes to come."""
    if task["stage"] is None:
        minhash.compare_with_itself(SAMPLE)
    else:
        batch = Batch.of([SAMPLE], task["kind"], task["kind"])
        batch.signals.update({name: pa.array([label]) for name, label in LABELS.items()})
        annotate_batch(batch, [LoadedStage.of(task["stage"], task["config"])], np.ones(1, bool))
    return {}


# --- the task of the step `annotate`

ERROR = ("error", pa.string())

DOCUMENTS = pa.schema(
    [
        ("row", pa.int64()),  # in the file; what the key says
        ("id", pa.string()),  # null: to be made from the key
        ("meta", pa.large_string()),
        ("hash_high", pa.uint64()),  # BLAKE3, 128 bits, of the raw text; null where there is none
        ("hash_low", pa.uint64()),
        ("bytes", pa.int64()),  # of the raw text
        ERROR,  # why it could not be read
    ]
)
"""One row per document of a part, in the order of reading."""


def annotate_part(task: Json) -> Json:
    """Makes what is missing of a part's units: documents, one per stage, text, signatures, histograms.

    Returns {rows, readable, bytes, errors, first_error, stages: {name: {seconds, bytes}}, ran}.
    """
    run = RunDir(Path(task["run"]))
    units = {name: Result(*unit) for name, unit in task["units"].items()}
    missing = {name for name, unit in units.items() if not run.committed(unit)}
    if missing:
        with ExitStack() as stack:
            _PartWriter(task, run, units, missing, stack).work()
    counts = run.sums(units["documents"])
    spent = {name: run.sums(units[name]) for name, _ in task["stages"]}
    every = [counts, *spent.values()]
    first = next((sums["first_error"] for sums in every if sums["errors"]), None)
    total = {"errors": sum(sums["errors"] for sums in every), "first_error": first}
    return {**counts, **total, "stages": spent, "ran": sorted(missing)}


class _PartWriter:
    """The open outputs of one part: what is missing is computed and written, what is stored is read."""

    def __init__(
        self, task: Json, run: RunDir, units: Mapping[str, Result], missing: set[str], stack: ExitStack
    ):
        names = [name for name, _ in task["stages"]]
        self.task, self.missing = task, missing
        self.watch = Watch(task.get("deaths", ()), "documents" in missing)
        self.loaded = [LoadedStage.of(name, config, name in missing) for name, config in task["stages"]]
        self.stored = {n: _Slices(run.output(units[n], "rows")) for n in names if n not in missing}
        self.attempts = {name: stack.enter_context(run.attempt(units[name])) for name in sorted(missing)}
        self.sinks = {name: stack.enter_context(sink) for name, sink in self._open().items()}
        self.texts = _text_writer(self.attempts["text"]) if "text" in missing else None
        self.histograms = Histograms([s for stage in self.loaded for s in stage.signals])
        self.rows = self.readable = self.bytes = 0
        self.errors: dict[str, tuple[int, str]] = {}

    def _open(self) -> dict[str, ArrowSink]:
        schemas = {
            "documents": DOCUMENTS,
            "edits": EDITS,
            "signatures": minhash.SIGNATURES,
        }
        for stage in self.loaded:
            schemas[stage.name] = pa.schema([*((s.name, s.type) for s in stage.signals), ERROR])
        wanted = {name: schema for name, schema in schemas.items() if name in self.attempts}
        return {name: ArrowSink(self.attempts[name].path("rows"), schema) for name, schema in wanted.items()}

    def work(self) -> None:
        """Reads the part once, and commits every unit that was missing."""
        for records in self.watch.batches(_records(self.task), readers.Part(**self.task["part"])):
            self._batch(records)
        leave_place()
        self._must_be_unchanged()
        if self.texts is not None:
            self.texts.close(self.rows)
        if "histograms" in self.missing:
            self.histograms.write(self.attempts["histograms"].path("rows"))
        self._commit()

    def _must_be_unchanged(self) -> None:
        """Raises BuildError where the shard is no longer what the results would be named by."""
        part = readers.Part(**self.task["part"])
        path, some = Path(part.path), slice(part.first, None if part.last is None else part.last + 1)
        if not readers.unchanged(path, readers.files(path, part.format), self.task["known"], some):
            raise BuildError(
                f"{self.task['say']}: {path} was changed while the build read it. Run the same command again."
            )

    def _batch(self, records: pa.RecordBatch) -> None:
        n = len(records)
        rows = np.flatnonzero(records["error"].is_null().to_numpy(zero_copy_only=False))
        batch = Batch.of(_pick(records["text"], rows), self.task["source"], self.task["kind"])
        raw, sizes, before = hash_documents(batch.data, batch.offsets), batch.sizes, batch.data
        audited = raw[:, 0] < np.uint64(int(self.task["audit"] * (2**64 - 1)))
        stored = {
            name: {c: _pick(v, rows) for c, v in slices.next(n).items()}
            for name, slices in self.stored.items()
        }
        state = annotate_batch(batch, self.loaded, audited, stored, self.watch)
        self.watch.verdict(STORE)
        final = raw if batch.data is before else hash_documents(batch.data, batch.offsets)
        self._write_documents(records, rows, raw, sizes)
        self._write_signals(state, rows, n)
        self._write_texts(state, rows, raw, final)
        self.rows, self.readable = self.rows + n, self.readable + len(rows)
        self.bytes += int(sizes.sum())
        report_progress(documents=n, bytes=int(sizes.sum()))

    def _write_documents(
        self, records: pa.RecordBatch, rows: np.ndarray, raw: np.ndarray, sizes: np.ndarray
    ) -> None:
        if "documents" not in self.sinks:
            return
        n = len(records)
        computed = {
            "hash_high": _scatter(pa.array(raw[:, 0]), rows, n),
            "hash_low": _scatter(pa.array(raw[:, 1]), rows, n),
            "bytes": _scatter(pa.array(sizes), rows, n).fill_null(0),
        }
        given = {name: records[name] for name in ("row", "id", "meta", "error")}
        self.sinks["documents"].write({**given, **computed})
        self._count_errors("documents", records["error"])

    def _write_signals(self, state: Annotated, rows: np.ndarray, n: int) -> None:
        for stage in self.loaded:
            if stage.name in self.sinks:
                columns = {s.name: state.batch.signals[s.name] for s in stage.signals}
                columns["error"] = state.errors[stage.name]
                self.sinks[stage.name].write({c: _scatter(v, rows, n) for c, v in columns.items()})
                self._count_errors(stage.name, columns["error"])
        if "edits" in self.sinks:
            for edits in state.edits:
                moved = _moved(edits, rows + self.rows)
                self.sinks["edits"].write({c: moved[c].combine_chunks() for c in EDITS.names})

    def _write_texts(self, state: Annotated, rows: np.ndarray, raw: np.ndarray, final: np.ndarray) -> None:
        """What only documents past the gates have: text, signatures, a place in the histograms."""
        if not self.missing & {"text", "signatures", "histograms"}:
            return
        past = np.flatnonzero(~state.gated)
        batch = state.batch if len(past) == len(state.batch) else state.batch.take(past)
        if self.texts is not None:
            self.texts.add(rows[past] + self.rows, raw[past, 0], batch.texts())
        if "histograms" in self.missing:
            self.histograms.add(batch.signals, batch.sizes)
        if "signatures" in self.sinks:
            own = {
                "row": pa.array(rows[past] + self.rows),
                "hash_high": pa.array(final[past, 0]),
                "hash_low": pa.array(final[past, 1]),
                "bytes": pa.array(batch.sizes),
            }
            self.sinks["signatures"].write({**own, **signature_columns(batch, self.task["minhash"])})

    def _count_errors(self, name: str, errors: pa.Array) -> None:
        found = errors.drop_null()
        if len(found):
            count, first = self.errors.get(name, (0, found[0].as_py()))
            self.errors[name] = (count + len(found), first)

    def _commit(self) -> None:
        sums: dict[str, Json] = {
            "documents": {"rows": self.rows, "readable": self.readable, "bytes": self.bytes}
        }
        for stage in self.loaded:
            sums[stage.name] = {"seconds": round(stage.seconds, 4), "bytes": stage.bytes}
        for name, attempt in self.attempts.items():
            count, first = self.errors.get(name, (0, ""))
            attempt.commit({**sums.get(name, {}), "errors": count, "first_error": first})


class _Slices:
    """A stored table, handed out in runs of rows."""

    def __init__(self, path: Path):
        self._table = read_arrow(path)
        self._at = 0

    def next(self, n: int) -> dict[str, pa.Array]:
        piece = self._table.slice(self._at, n)
        self._at += n
        return {name: one_array(piece[name]) for name in piece.column_names}


def _text_writer(attempt: Attempt) -> TextWriter:
    return TextWriter(attempt.path("texts"), attempt.path("positions"), attempt.path("starts"))


def _records(task: Json) -> Iterator[pa.RecordBatch]:
    part, config = readers.Part(**task["part"]), readers.ReadConfig(**task["read"])
    for records in readers.read(part, config, BATCH_BYTES if task.get("try", 1) == 1 else RETRY_BYTES):
        yield records if task["sample"] >= 1 else _sampled(records, task["sample"])


def _sampled(records: pa.RecordBatch, share: float) -> pa.RecordBatch:
    """The records whose document hash lies in the lowest `share` of hashes, and those that cannot be read."""
    hashes = hash_documents(*buffers(records["text"].fill_null("")))
    chosen = pa.array(hashes[:, 0] < np.uint64(int(share * 2**64)))
    return records.filter(pc.or_(chosen, records["error"].is_valid()))


def signature_columns(batch: Batch, settings: Json | None) -> dict[str, pa.Array]:
    """Bands and signatures of the texts; nulls when near-duplicates are not looked for."""
    if settings:
        return minhash.signature_columns(batch.data, batch.offsets, **settings)
    return {
        name: pa.nulls(len(batch), minhash.SIGNATURES.field(name).type) for name in ("bands", "signature")
    }


# --- stages alone


def annotate(
    documents: Sequence[str] | Iterable[pa.RecordBatch],
    stages_: Sequence[str | tuple[str, Mapping[str, Any]]],
    kind: str = "web",
) -> pa.Table:
    """Signals of texts, or of what a reader yields: columns id, error, then those of the stages (in an order
    in which each finds what it reads).

    Raises KeyError for a stage that is not there.
    """
    named = [(stage, {}) if isinstance(stage, str) else stage for stage in stages_]
    loaded = [LoadedStage.of(name, config) for name, config in named]
    return pa.concat_tables([_annotated(records, loaded, kind) for records in _as_records(documents)])


def annotate_files(
    paths: Sequence[Path], names: Sequence[str], out: Path, kind: str, text: str = "text"
) -> int:
    """Stages on files of any format, signals to one Parquet file; the number of documents.

    Raises UsageError for a stage or a file that is not there.
    """
    for name in names:
        if name not in stages.names():
            raise UsageError(f"There is no stage '{name}'. {nearest(name, stages.names())}")
    loaded = [LoadedStage.of(name, {}) for name in names]
    rows, writer = 0, None
    try:
        for path in paths:
            config = readers.ReadConfig(format=readers.format_of(path), paths=[str(path)], text=text, meta=[])
            for shard in readers.expand(config, Path()):
                for part in readers.parts(shard, config):
                    for records in readers.read(part, config, BATCH_BYTES):
                        table = _annotated(records, loaded, kind)
                        writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
                        writer.write_table(table)
                        rows += len(table)
    finally:
        if writer:
            writer.close()
    return rows


def _as_records(documents: Sequence[str] | Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    if isinstance(documents, Sequence) and all(isinstance(text, str) for text in documents):
        n = len(documents)
        texts = pa.array(documents, pa.large_string())
        columns = {"id": pa.nulls(n, pa.string()), "text": texts, "error": pa.nulls(n, pa.string())}
        return [pa.record_batch(columns)]
    return documents


def _annotated(records: pa.RecordBatch, loaded: Sequence[LoadedStage], kind: str) -> pa.Table:
    n = len(records)
    rows = np.flatnonzero(records["error"].is_null().to_numpy(zero_copy_only=False))
    batch = Batch.of(_pick(records["text"], rows), kind, kind)
    state = annotate_batch(batch, loaded, np.ones(len(rows), bool))
    names = [signal.name for stage in loaded for signal in stage.signals]
    signals = {name: _scatter(state.batch.signals[name], rows, n) for name in names}
    errors = pc.coalesce(records["error"], *(_scatter(e, rows, n) for e in state.errors.values()))
    return pa.table({"id": records["id"], "error": errors, **signals})


sys.modules[__name__].__class__ = CallableModule
