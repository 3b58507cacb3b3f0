"""The tasks of the step `dedup`: arrays come from files of parts, and go to files of the step.

    find_edges      one per range of hashes      buckets -> pairs that hold them together
    find_groups     one per run                  pairs -> groups, dealt out by bytes of text
    compare_texts   one per some groups          true similarity -> duplicates
    join            one per run                  all duplicates, by document, and the sizes of clusters

Survivors of the rules only: a dropped document never shadows a kept one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.dedup import exact, groups, minhash
from curate.parts import ArrowSink, Part, Texts, by_part, one_array, read_arrow, save_array
from curate.rundir import Attempt, Result, RunDir

Json = dict[str, Any]

EDGE_BYTES = 256 << 20
"""Bytes of hashes that one task sorts."""

TEXT_BYTES = 16 << 20
"""Texts that one task compares; a group is never split."""

DOCUMENT_BYTES = 1_000
"""What a document in a group takes besides its text."""

DUPLICATES = pa.schema(
    [
        ("document", pa.int64()),
        ("of", pa.int64()),
        ("similarity", pa.float64()),
        ("rule", pa.string()),  # exact | minhash
        ("of_part", pa.int64()),
        ("of_row", pa.int64()),  # in its file, for its key
    ]
)
"""All duplicates of a run, by document number."""

CLUSTERS = pa.schema([("document", pa.int64()), ("size", pa.int64())])
"""Documents with duplicates, and 1 + how many they have."""


def _result(task: Json, name: str) -> Result:
    return Result("dedup", task["fingerprint"], name)


def _parts(task: Json) -> list[Part]:
    return [Part.of(plain) for plain in task["parts"]]


def edge_tasks(common: Json) -> list[Json]:
    """The tasks of find_edges: as many ranges of hashes as keep each within EDGE_BYTES."""
    columns = (common["minhash"]["bands"] if common["minhash"] else 0) + bool(common["exact"])
    rows = sum(part["rows"] for part in common["parts"])
    count = -(-rows * columns * 16 // EDGE_BYTES) if columns else 0
    return [{**common, "range": [k, count], "say": f"dedup range {k} of {count}"} for k in range(count)]


def find_edges(task: Json) -> Json:
    """Pairs of documents with equal text or an equal band, whose hash lies in one range."""
    run, (k, count) = RunDir(Path(task["run"])), task["range"]
    result = _result(task, f"edges-{k:04d}")
    if run.committed(result):
        return run.sums(result)
    found = [groups.edges(values, documents) for values, documents in _buckets(run, task, k, count)]
    with run.attempt(result) as attempt:
        _save(attempt, "edges", np.concatenate([np.zeros((0, 2), np.int64), *found]))
        attempt.commit({"edges": sum(map(len, found))})
    return run.sums(result)


def _buckets(run: RunDir, task: Json, k: int, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(hashes: (m,) uint64, documents: (m,) int64) of the range, one kind of hash after another."""
    parts = _parts(task)
    if task["exact"]:
        yield _join([_in_range(*_text_hashes(run, part), k, count) for part in parts])
    if task["minhash"]:
        bands = [_bands(run, part, task["minhash"]["bands"]) for part in parts]
        for band in range(task["minhash"]["bands"]):
            yield _join([_in_range(values[:, band], documents, k, count) for values, documents in bands])


def _join(pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    values, documents = zip(*pieces, strict=True)
    return np.concatenate(values), np.concatenate(documents)


def _in_range(values: np.ndarray, documents: np.ndarray, k: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    here = exact.ranges(values, count) == k if count > 1 else slice(None)
    return values[here], documents[here]


def _living(run: RunDir, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """(places in the signatures, rows in the part) of the documents that passed all rules."""
    rows = one_array(part.table(run, "signatures", ["row"])["row"]).to_numpy()
    alive = one_array(part.table(run, "decide", ["alive"])["alive"]).to_numpy(zero_copy_only=False)
    places = np.flatnonzero(alive[rows])
    return places, rows[places]


def _text_hashes(run: RunDir, part: Part) -> tuple[np.ndarray, np.ndarray]:
    places, rows = _living(run, part)
    return one_array(part.table(run, "signatures", ["hash_high"])["hash_high"]).to_numpy()[
        places
    ], rows + part.base


def _bands(run: RunDir, part: Part, bands: int) -> tuple[np.ndarray, np.ndarray]:
    places, rows = _living(run, part)
    column = one_array(part.table(run, "signatures", ["bands"])["bands"])
    there, values = minhash.matrix(column, bands)
    at = np.cumsum(there) - 1
    shingled = there[places]
    return values[at[places[shingled]]], rows[shingled] + part.base


def find_groups(task: Json) -> Json:
    """Groups of connected documents, dealt out to tasks. task: edges, how many edge tasks there were."""
    run, result, parts = RunDir(Path(task["run"])), _result(task, "groups"), _parts(task)
    if run.committed(result):
        return run.sums(result)
    names = [_result(task, f"edges-{k:04d}") for k in range(task["edges"])]
    count = parts[-1].base + parts[-1].rows if parts else 0
    labels = groups.connect(count, (_load(run, name, "edges") for name in names))
    documents, bounds = groups.members(labels)
    group = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    costs = _sizes(run, parts, documents) + DOCUMENT_BYTES
    of_task = groups.assign(np.bincount(group, costs, len(bounds) - 1).astype(np.int64), TEXT_BYTES)
    tasks = int(of_task[-1]) + 1 if len(of_task) else 0
    starts = np.searchsorted(of_task[group], np.arange(tasks + 1)) if tasks else np.zeros(1, np.int64)
    with run.attempt(result) as attempt:
        _save(attempt, "documents", documents)
        _save(attempt, "groups", group)
        _save(attempt, "starts", starts)
        attempt.commit({"tasks": tasks, "groups": len(bounds) - 1, "documents": len(documents)})
    return run.sums(result)


def _sizes(run: RunDir, parts: list[Part], documents: np.ndarray) -> np.ndarray:
    sizes = np.zeros(len(documents), np.int64)
    for part, places, rows in by_part(parts, documents):
        table = part.table(run, "signatures", ["row", "bytes"])
        at = np.searchsorted(table["row"].to_numpy(), rows)
        sizes[places] = table["bytes"].to_numpy()[at]
    return sizes


class _Documents(NamedTuple):
    """Columns of the documents of a task, each of length n but `bands` and `signatures`, of those with
    any."""

    hashes: np.ndarray
    sizes: np.ndarray
    priority: np.ndarray
    shingled: np.ndarray
    bands: np.ndarray
    signatures: np.ndarray
    ids: pa.Array


def compare_texts(task: Json) -> Json:
    """Duplicates among the documents of some groups. task: group, the number of the task."""
    run, number = RunDir(Path(task["run"])), task["group"]
    result = _result(task, f"texts-{number:06d}")
    if run.committed(result):
        return run.sums(result)
    dealt, parts = _result(task, "groups"), _parts(task)
    start, end = _load(run, dealt, "starts")[number : number + 2]
    documents = np.array(_load(run, dealt, "documents")[start:end])
    group = np.array(_load(run, dealt, "groups")[start:end])
    columns = _columns(run, task, parts, documents)
    preference = exact.Preference(
        columns.priority, columns.sizes, columns.hashes, _ties(columns.ids, documents)
    )
    n = len(documents)
    same = exact.representatives(columns.hashes, preference.rank()) if task["exact"] else np.arange(n)
    near, similarity, counts = _near(run, task, parts, documents, group, columns, preference, same)
    of, similarity = exact.settle(same, near, similarity)
    found = np.flatnonzero(of >= 0)
    equal = (columns.hashes[found] == columns.hashes[of[found]]).all(axis=1)
    with run.attempt(result) as attempt:
        _save(attempt, "documents", documents[found])
        _save(attempt, "of", documents[of[found]])
        _save(attempt, "similarity", similarity[found])
        _save(attempt, "exact", equal)
        attempt.commit({**counts, "exact": int(equal.sum()), "near": int((~equal).sum())})
    return run.sums(result)


def _near(
    run: RunDir,
    task: Json,
    parts: list[Part],
    documents: np.ndarray,
    group: np.ndarray,
    columns: _Documents,
    preference: exact.Preference,
    same: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, Json]:
    """(near, similarity, counts) as `exact.settle` takes them: one text of each class of equal ones is
    compared."""
    n, settings = len(documents), task["minhash"]
    near, similarity = np.full(n, -1, np.int64), np.full(n, np.nan)
    if not settings:
        return near, similarity, {"compared": 0, "left_out": 0}
    chosen = np.flatnonzero((same == np.arange(n)) & columns.shingled)
    at = np.cumsum(columns.shingled) - 1
    texts = Texts(run, parts)
    resolution = minhash.resolve(
        group[chosen],
        columns.bands[at[chosen]],
        columns.signatures[at[chosen]],
        preference.take(chosen),
        lambda rows: texts.buffers(documents[chosen[rows]]),
        shingle=settings["shingle"],
        verify=settings["verify"],
        max_comparisons=settings["max_comparisons"],
    )
    of = resolution.representative
    near[chosen] = np.where(of >= 0, chosen[of], -1)
    similarity[chosen] = resolution.similarity
    return near, similarity, {"compared": resolution.compared, "left_out": resolution.left_out}


def _columns(run: RunDir, task: Json, parts: list[Part], documents: np.ndarray) -> _Documents:
    pieces: list[pa.Table] = []
    order, priority = [], np.zeros(len(documents), np.int64)
    for part, places, rows in by_part(parts, documents):
        priority[places] = task["priority"][part.number]
        table = part.table(run, "signatures")
        at = pa.array(np.searchsorted(table["row"].to_numpy(), rows))
        ids = part.table(run, "documents", ["id"]).take(pa.array(rows))["id"]
        pieces.append(table.take(at).append_column("id", ids))
        order.append(places)
    table = pa.concat_tables(pieces).take(pa.array(exact.inverse(np.concatenate(order))))
    hashes = np.column_stack([table["hash_high"].to_numpy(), table["hash_low"].to_numpy()])
    sizes, ids = table["bytes"].to_numpy(), one_array(table["id"])
    if not task["minhash"]:
        nothing = np.zeros((0, 0))
        return _Documents(hashes, sizes, priority, np.zeros(len(documents), bool), nothing, nothing, ids)
    bands, rows_of_band = task["minhash"]["bands"], task["minhash"]["rows"]
    shingled, values = minhash.matrix(table["bands"], bands)
    _, signatures = minhash.matrix(table["signature"], bands * rows_of_band)
    return _Documents(hashes, sizes, priority, shingled, values, signatures, ids)


def _ties(ids: pa.Array, documents: np.ndarray) -> np.ndarray:
    """(n,) int64 rank by id, then by number, which follows the content of shards and not their names."""
    by_id = pc.rank(ids, tiebreaker="dense").to_numpy()
    return exact.inverse(np.lexsort((documents, by_id)))


def join(task: Json) -> Json:
    """Puts the duplicates of all tasks together. task: groups, how many there were; result."""
    run, result, parts = RunDir(Path(task["run"])), Result(*task["result"]), _parts(task)
    if run.committed(result):
        return run.sums(result)
    names = [_result(task, f"texts-{number:06d}") for number in range(task["groups"])]
    documents, of, similarity, equal = (
        np.concatenate([np.zeros(0, kind), *(_load(run, name, output) for name in names)])
        for output, kind in (
            ("documents", np.int64),
            ("of", np.int64),
            ("similarity", float),
            ("exact", bool),
        )
    )
    order = np.argsort(documents)
    documents, of, similarity, equal = documents[order], of[order], similarity[order], equal[order]
    kept, copies = np.unique(of, return_counts=True)
    of_part, of_row = _places(run, parts, of)
    table = {
        "document": pa.array(documents),
        "of": pa.array(of),
        "similarity": pa.array(similarity),
        "rule": pa.array(np.where(equal, "exact", "minhash").astype(object), pa.string()),
        "of_part": pa.array(of_part),
        "of_row": pa.array(of_row),
    }
    sums = [run.sums(name) for name in names]
    counts = {name: sum(s[name] for s in sums) for name in ("exact", "near", "compared", "left_out")}
    with run.attempt(result) as attempt:
        with ArrowSink(attempt.path("duplicates"), DUPLICATES) as sink:
            sink.write(table)
        with ArrowSink(attempt.path("clusters"), CLUSTERS) as sink:
            sink.write({"document": pa.array(kept), "size": pa.array(copies + 1)})
        attempt.commit({**counts, "clusters": len(kept)})
    return run.sums(result)


def _places(run: RunDir, parts: list[Part], documents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(part number, row in its file) of documents, each (n,) int64."""
    numbers, rows = np.zeros(len(documents), np.int64), np.zeros(len(documents), np.int64)
    for part, places, local in by_part(parts, documents):
        numbers[places] = part.number
        rows[places] = part.table(run, "documents", ["row"])["row"].to_numpy()[local]
    return numbers, rows


def _save(attempt: Attempt, name: str, array: np.ndarray) -> None:
    save_array(attempt.path(name), array)


def _load(run: RunDir, result: Result, name: str) -> np.ndarray:
    return np.asarray(np.load(run.output(result, name), mmap_mode="r", allow_pickle=False))


def duplicates(run: RunDir, result: Result) -> pa.Table:
    """Rows of DUPLICATES of a finished dedup."""
    return read_arrow(run.output(result, "duplicates"))
