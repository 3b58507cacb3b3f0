"""The task of the step `mix`: one small row per living document in, the plan of every shard out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate import mix
from curate.mix import MixRequest, MixSource
from curate.mix.emphasis import NONE, first_lines, told
from curate.mix.kinds import UNNAMED, sums
from curate.parts import ArrowSink, Part, one_array, read_arrow, save_array
from curate.rundir import Result, RunDir

Json = dict[str, Any]

VERSION = 2
"""Raised whenever the same documents would be mixed otherwise."""

DISCOURSE = "reasoning.discourse"
"""The signal that names the kind that floors are about."""

PLACED = pa.schema([("document", pa.int64()), ("copy", pa.int32()), ("bytes", pa.int64())])
"""One row per copy, by shard and position; document: its number in the run."""

CHOSEN = pa.schema(
    [
        ("document", pa.int64()),
        ("copies", pa.int32()),
        ("weight", pa.float64()),
        ("emphasis", pa.int16()),
        ("oversize", pa.bool_()),
    ]
)
"""One row per document that dedup kept, by number: copies 0 is `unselected`; weight as it was drawn, by
quality and the line of `mix.<source>.emphasis` that matched, counted from 1 (0: none)."""


def request_of(plain: Json) -> MixRequest:
    """A MixRequest from JSON."""
    sources = tuple(MixSource(**source) for source in plain["sources"])
    tolerance = plain["tolerance"]
    return MixRequest(
        sources,
        plain["tokens"],
        plain["min_tokens"],
        plain["when_short"],
        tolerance["corpus"],
        tolerance["shard"],
        plain["shard_tokens"],
        plain["seed"],
    )


def budget(plain: Json, unique: Sequence[int]) -> Json:
    """{tokens, status, notes, sources: {name: {share, tokens, unique_tokens, max_copies}}} that the request
    comes to.

    Raises InfeasibleMix.
    """
    return _budget(mix.solve(request_of(plain), unique))


def _budget(found: mix.Budget) -> Json:
    rows = zip(found.shares, found.tokens, found.unique, found.max_copies, strict=True)
    names = ("share", "tokens", "unique_tokens", "max_copies")
    sources = {n: dict(zip(names, row, strict=True)) for n, row in zip(found.names, rows, strict=True)}
    return {"tokens": found.total, "status": found.status, "notes": list(found.notes), "sources": sources}


def plan_mix(task: Json) -> Json:
    """Plans the corpus. task: run, result, parts, dedup (its result), request, emphasis: {lines: {source:
    [{match, weight}]}, allowed: of each part the numbers of lines that the path of its file matches}.

    sums: status, notes, sources, discourse, emphasis, dedup (its sums), shards: [{number, tokens, bytes}].
    """
    run, result = RunDir(Path(task["run"])), Result(*task["result"])
    if run.committed(result):
        return run.sums(result)
    request, dedup = request_of(task["request"]), Result(*task["dedup"])
    names = [source.name for source in request.sources]
    parts = [Part.of(plain) for plain in task["parts"]]
    gone = read_arrow(run.output(dedup, "duplicates"))["document"].to_numpy()
    kinds = {UNNAMED: 0}
    emphasis, given = task["emphasis"]["lines"], zip(parts, task["emphasis"]["allowed"], strict=True)
    rows = [
        _living(run, part, gone, names.index(part.source), kinds, emphasis.get(part.source, []), allowed)
        for part, allowed in given
    ]
    columns = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    documents, size, line = (columns.pop(name) for name in ("document", "bytes", "line"))
    columns["weight"] = _drawn_weights(columns["weight"], columns["source"], line, names, emphasis)
    plan = mix.plan(request, **columns, tie=documents, kinds=tuple(kinds))
    with run.attempt(result) as attempt:
        with ArrowSink(attempt.path("placed"), PLACED) as sink:
            at = {"document": documents[plan.document], "copy": plan.copy, "bytes": size[plan.document]}
            sink.write({name: pa.array(column, PLACED.field(name).type) for name, column in at.items()})
        starts = np.searchsorted(plan.shard, np.arange(plan.n_shards + 1))
        save_array(attempt.path("starts"), starts)
        with ArrowSink(attempt.path("chosen"), CHOSEN) as sink:
            chosen = {"document": documents, "copies": plan.copies, "oversize": plan.oversize}
            chosen |= {"weight": columns["weight"], "emphasis": line + 1}
            sink.write({name: pa.array(column, CHOSEN.field(name).type) for name, column in chosen.items()})
        emphasised = _emphasised(emphasis, names, columns, line, plan)
        sizes = np.add.reduceat(size[plan.document], starts[:-1]) if len(plan.document) else np.zeros(1)
        shards = [
            {"number": i, "tokens": int(plan.tokens[i].sum()), "bytes": int(sizes[i])}
            for i in range(plan.n_shards)
        ]
        attempt.commit(
            {
                **_budget(plan.budget),
                "status": plan.status,
                "notes": [*plan.notes, *_unmatched(emphasised)],
                "discourse": plan.discourse,
                "emphasis": emphasised,
                "dedup": run.sums(dedup),
                "shards": shards,
            }
        )
    return run.sums(result)


def _living(
    run: RunDir,
    part: Part,
    gone: np.ndarray,
    source: int,
    kinds: dict[str, int],
    lines: Sequence[Json],
    allowed: Sequence[int],
) -> dict[str, np.ndarray]:
    """What the mixer needs of the documents of a part that passed rules and dedup. gone: (m,) int64 numbers
    of duplicates, ascending. kinds: numbers of kinds of discourse; new ones are added. lines: of emphasis,
    allowed: those that the part's path matches."""
    decided = part.table(run, "decide", ["alive", "weight"])
    alive = one_array(decided["alive"]).to_numpy(zero_copy_only=False).copy()
    low, high = np.searchsorted(gone, [part.base, part.base + part.rows])
    alive[gone[low:high] - part.base] = False
    rows = np.flatnonzero(alive)
    at = pa.array(rows)
    documents = part.table(run, "documents", ["hash_high", "hash_low", "bytes"]).take(at)
    tokens = part.table(run, "tokens", ["tokens.count"]).take(at)["tokens.count"]
    weight = decided["weight"].take(at).to_numpy().astype(np.float64)
    return {
        "document": rows + part.base,
        "bytes": documents["bytes"].to_numpy(),
        "source": np.full(len(rows), source, np.int16),
        "tokens": tokens.to_numpy().astype(np.int64),
        "hash_high": documents["hash_high"].to_numpy(),
        "hash_low": documents["hash_low"].to_numpy(),
        "weight": weight,
        "kind": _kinds(run, part, at, kinds),
        "line": _lines(run, part, at, lines, allowed),
    }


def _kinds(run: RunDir, part: Part, at: pa.Array, known: dict[str, int]) -> np.ndarray:
    """(n,) int16 number of each document's kind of discourse, 0 where it has none."""
    if "reasoning" not in part.units:
        return np.zeros(len(at), np.int16)
    labels = part.table(run, "reasoning", [DISCOURSE]).take(at)[DISCOURSE]
    found = one_array(labels).dictionary_encode()
    numbers = [known.setdefault(name, len(known)) for name in found.dictionary.to_pylist()]
    return np.array([*numbers, 0], np.int16)[found.indices.fill_null(-1).to_numpy()]


def _lines(
    run: RunDir, part: Part, at: pa.Array, lines: Sequence[Json], allowed: Sequence[int]
) -> np.ndarray:
    """(n,) int16 number of the line of emphasis that each document matches first, -1 where none does."""
    if not allowed:
        return np.full(len(at), NONE, np.int16)
    documents = part.table(run, "documents", ["id", "meta"]).take(at)
    return first_lines([line["match"] for line in lines], allowed, documents)


def _drawn_weights(
    weight: np.ndarray,
    source: np.ndarray,
    line: np.ndarray,
    names: Sequence[str],
    emphasis: Mapping[str, Sequence[Json]],
) -> np.ndarray:
    """(n,) float64 weights as they are drawn: the source's mean where a document has no score, times that of
    the line of emphasis that it matches."""
    out = weight.copy()
    for s, name in enumerate(names):
        here = source == s
        factors = np.array([*(one["weight"] for one in emphasis.get(name, [])), 1.0])
        out[here] = mix.draw.filled_weights(weight[here]) * factors[line[here]]
    return out


def _emphasised(
    emphasis: Mapping[str, Sequence[Json]],
    names: Sequence[str],
    columns: Mapping[str, np.ndarray],
    line: np.ndarray,
    plan: mix.MixPlan,
) -> Json:
    """By source what each line of emphasis matched first: [{match, weight, documents, tokens: of these,
    drawn: tokens, epochs}]."""
    out = {}
    for name, lines in emphasis.items():
        mine = np.flatnonzero((columns["source"] == names.index(name)) & (line >= 0) & ~plan.oversize)
        tokens, copies = columns["tokens"][mine], plan.copies[mine]
        counts = (np.ones(len(mine), np.int64), tokens, tokens * copies)
        table = [sums(line[mine], one, len(lines)).tolist() for one in counts]
        out[name] = [
            {**one, "documents": n, "tokens": there, "drawn": drawn, "epochs": drawn / max(there, 1)}
            for one, n, there, drawn in zip(lines, *table, strict=True)
        ]
    return out


def _unmatched(emphasised: Json) -> Iterator[str]:
    """A sentence for each line of emphasis without a document."""
    for source, lines in emphasised.items():
        for number, line in enumerate(lines, 1):
            if not line["documents"]:
                what = f"Line {number} of mix.{source}.emphasis ({told(line['match'])})"
                yield f"{what} matched no document that came to the mix, or lines before it took them all."
