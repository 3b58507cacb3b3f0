"""`curate verify`: a run's promises, recomputed from its files alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.text import Text

from curate import ledger, located, readers
from curate.errors import VerificationError
from curate.mix.kinds import UNNAMED
from curate.mix.tasks import DISCOURSE
from curate.parts import read_column, read_parquet
from curate.report.numbers import mix_errors
from curate.rundir import RunDir, checksum

Json = dict[str, Any]

ROUNDING = 1e-9


@dataclass(frozen=True)
class Promise:
    """One thing that a run says of itself. seen: what was found, when it does not hold."""

    name: str
    holds: bool
    seen: str = ""


def verify(run: RunDir) -> list[Promise]:
    """All promises, in the order in which they build on each other; those after unreadable files are left
    out."""
    report = run.read_report()
    promises = [_files(run, report)]
    if not promises[0].holds:
        return promises
    columns = ["key", "source", "shard", "row", "fate", "rule", "duplicate_of", "copies", "tokens"]
    rows = ledger.read(run, columns)
    corpus = [read_parquet(f, ["key", "source", "tokens", "copy"]) for f in run.files("corpus")]
    checks: list[Callable[[], Promise]] = [
        lambda: _steps(run),
        lambda: _one_row_each(rows, report),
        lambda: _inputs(run, rows),
        lambda: _signals(run),
        lambda: _fates(rows, report),
        lambda: _corpus_is_kept(rows, corpus),
        lambda: _duplicates(rows),
        lambda: _tokens(rows, corpus, report),
        lambda: _shares(corpus, report),
        lambda: _discourse(run, rows, report),
    ]
    return promises + [check() for check in checks]


def must_hold(promises: Sequence[Promise]) -> None:
    """Raises VerificationError that names the first broken promise."""
    broken = [promise for promise in promises if not promise.holds]
    if broken:
        raise VerificationError(f"{len(broken)} of {len(promises)} promises broken. {broken[0].seen}")


def render(promises: Sequence[Promise]) -> RenderableType:
    """A line for each."""
    lines = []
    for promise in promises:
        mark = Text("✓ " if promise.holds else "✗ ", style="green" if promise.holds else "bold red")
        lines.append(mark.append(promise.name, style="none").append(f"  {promise.seen}", style="red"))
    return Group(*lines)


def _files(run: RunDir, report: Json) -> Promise:
    name = f"all {len(report['files'])} files are there, byte for byte as committed"
    for file, said in report["files"].items():
        path = run.path / file
        if not path.exists():
            return Promise(name, False, f"{path} is missing.")
        found = checksum(path)
        if found != said:
            what = "size" if found["bytes"] != said["bytes"] else "checksum"
            return Promise(
                name, False, f"{path}: its {what} is not what was committed; the file was changed."
            )
    said_names = set(report["files"])
    for kind in ("corpus", "ledger", "signals"):
        stray = [p for p in run.files(kind) if f"{kind}/{p.name}" not in said_names]
        if stray:
            return Promise(name, False, f"{stray[0]} is not of this run.")
    return Promise(name, True)


def _steps(run: RunDir) -> Promise:
    """What a resumed build would use; published files are links to some of it, and were read before."""
    count = 0
    for path, said in run.committed_outputs():
        count += 1
        if not path.exists() or path.stat().st_size != said["bytes"]:
            return Promise("steps", False, f"{path} is missing, or cut off; building again makes it anew.")
        if path.stat().st_nlink == 1 and checksum(path) != said:
            return Promise("steps", False, f"{path}: its checksum is not what was committed; remove it.")
    return Promise(f"all {count:,} files under steps/ are there, byte for byte as committed", True)


def _one_row_each(rows: pa.Table, report: Json) -> Promise:
    name = f"{len(rows):,} ledger rows: one for each input document"
    distinct = pc.count_distinct(rows["key"]).as_py()
    if distinct != len(rows):
        return Promise(name, False, f"{len(rows) - distinct} keys stand twice in the ledger.")
    if len(rows) != report["input_documents"]:
        return Promise(name, False, f"report.json says {report['input_documents']:,} documents.")
    return Promise(name, True)


def _inputs(run: RunDir, rows: pa.Table) -> Promise:
    """Against the footers of Parquet inputs that are as they were; a moved run may have none."""
    facts, compared = run.read_facts(), 0
    of_shard = Counter(zip(rows["source"].to_pylist(), rows["shard"].to_pylist(), strict=True))
    uncounted = rows.filter(rows["row"].is_null())
    blind = set(zip(uncounted["source"].to_pylist(), uncounted["shard"].to_pylist(), strict=True))
    sources = located.read(run.config).data["sources"] if facts.get("sample", 1) == 1 else {}
    formats = {name: source["read"].get("format", "parquet") for name, source in sources.items()}
    for (source, shard), found in of_shard.items():
        path = Path(os.path.normpath(Path(facts.get("base", ".")) / shard))
        if formats.get(source) != "parquet" or (source, shard) in blind or not _as_it_was(path, facts):
            continue
        compared += 1
        if (said := pq.read_metadata(path).num_rows) != found:
            seen = f"{path} has {said:,} rows by its footer, and {found:,} in the ledger."
            return Promise("the ledger has the rows of the inputs", False, seen)
    return Promise(
        f"the ledger has the rows that the footers of {compared} of {len(of_shard)} inputs say", True
    )


def _as_it_was(path: Path, facts: Json) -> bool:
    known = facts.get("inputs", {}).get(str(path))
    return bool(known) and path.is_file() and readers.unchanged(path, [path], known)


def _signals(run: RunDir) -> Promise:
    name = "signals and ledger speak of the same documents, in the same order"
    pairs = zip(run.files("ledger"), run.files("signals"), strict=True)
    for left, right in pairs:
        keys = [read_parquet(file, ["key"])["key"] for file in (left, right)]
        if left.name != right.name or keys[0] != keys[1]:
            return Promise(name, False, f"{right} has other documents than {left}.")
    return Promise(name, True)


def _fates(rows: pa.Table, report: Json) -> Promise:
    name = "every document has one fate, and the report counts them so"
    found = dict.fromkeys(ledger.FATES, 0) | Counter(rows["fate"].to_pylist())
    try:
        ledger.identity(found, len(rows))
    except AssertionError as error:
        return Promise(name, False, f"{error}.")
    if found != report["fates"]:
        return Promise(name, False, f"The ledger has {found}, report.json {report['fates']}.")
    return Promise(name, True)


def _corpus_is_kept(rows: pa.Table, corpus: Sequence[pa.Table]) -> Promise:
    name = f"the {sum(map(len, corpus)):,} corpus rows are the kept documents, as often as the ledger says"
    kept = rows.filter(pc.equal(rows["fate"], "kept"))
    wanted = pa.table({"key": kept["key"], "copies": kept["copies"]}).sort_by("key")
    keys = pa.concat_tables(corpus)["key"].combine_chunks() if corpus else pa.array([], pa.string())
    found = pa.table({"key": keys}).group_by("key").aggregate([("key", "count")]).sort_by("key")
    keys_wanted, keys_found = wanted["key"].to_pylist(), found["key"].to_pylist()
    if odd := sorted(set(keys_wanted) ^ set(keys_found)):
        return Promise(name, False, f"{odd[0]} is kept and not in the corpus, or in the corpus and not kept.")
    if len(keys_wanted) != len(keys_found):
        return Promise(name, False, "A document is kept twice.")
    wrong = np.flatnonzero(wanted["copies"].to_numpy() != found["key_count"].to_numpy())
    if len(wrong):
        return Promise(name, False, f"{wanted['key'][int(wrong[0])]} stands there another number of times.")
    return Promise(name, True)


def _duplicates(rows: pa.Table) -> Promise:
    name = "every duplicate names a document that dedup kept"
    stays = rows.filter(pc.is_in(rows["fate"], pa.array(["kept", "unselected"])))["key"]
    named = rows.filter(pc.equal(rows["fate"], "duplicate"))["duplicate_of"]
    lost = pc.invert(pc.is_in(named, stays.combine_chunks()))
    if pc.any(lost).as_py():
        return Promise(name, False, f"{named.filter(lost)[0]} was not kept, and a duplicate names it.")
    return Promise(name, True)


def _tokens(rows: pa.Table, corpus: Sequence[pa.Table], report: Json) -> Promise:
    name = f"{report['tokens']:,} tokens, as the ledger, the corpus and the report count them"
    kept = rows.filter(pc.equal(rows["fate"], "kept"))
    said = int(np.dot(kept["tokens"].to_numpy(), kept["copies"].to_numpy().astype(np.int64)))
    found = sum(pc.sum(table["tokens"]).as_py() or 0 for table in corpus)
    if not said == found == report["tokens"]:
        return Promise(name, False, f"Ledger {said:,}, corpus {found:,}, report {report['tokens']:,} tokens.")
    return Promise(name, True)


def _shares(corpus: Sequence[pa.Table], report: Json) -> Promise:
    name = "the shares are as reported, in the corpus and in every shard"
    shards = []
    for table in corpus:
        sums = table.group_by("source").aggregate([("tokens", "sum")]).to_pydict()
        shards.append(dict(zip(sums["source"], sums["tokens_sum"], strict=True)))
    total = sum(sum(shard.values()) for shard in shards)
    achieved = {
        source: {**row, "achieved": sum(s.get(source, 0) for s in shards) / total if total else 0.0}
        for source, row in report["mix"].items()
    }
    found, said = mix_errors(achieved, shards), (report["mix_max_error"], report["mix_max_shard_error"])
    if any(abs(a - b) > ROUNDING for a, b in zip(found, said, strict=True)):
        return Promise(name, False, f"Errors recomputed {found}, report.json says {said}.")
    return Promise(name, True)


def _discourse(run: RunDir, rows: pa.Table, report: Json) -> Promise:
    name = "kinds of discourse are drawn as reported"
    kinds = [_kinds(file) for file in run.files("signals")]
    if sum(map(len, kinds)) != len(rows):
        return Promise(name, False, "The signals are of other documents than the ledger.")
    living = rows.append_column("kind", pa.chunked_array(kinds, pa.string()))
    budget = pc.equal(pc.fill_null(living["rule"], ""), "budget")
    living = living.filter(pc.or_(pc.equal(living["fate"], "kept"), budget))
    drawn = pc.multiply(living["tokens"], living["copies"].cast(pa.int64()))
    sums = living.append_column("drawn", drawn).group_by(["source", "kind"])
    found = sums.aggregate([("tokens", "sum"), ("drawn", "sum")]).to_pylist()
    for source, said in report["discourse"].items():
        mine = {row["kind"]: row for row in found if row["source"] == source}
        for kind, row in said.items():
            for column, what in (("tokens_sum", "available"), ("drawn_sum", "drawn")):
                portion = mine.get(kind, {column: 0})[column] / max(sum(r[column] for r in mine.values()), 1)
                if abs(portion - row[what]) > ROUNDING:
                    seen = f"{source}: {kind} is {portion:.4%} of what is {what}, not {row[what]:.4%}."
                    return Promise(name, False, seen)
    return Promise(name, True)


def _kinds(signals: Path) -> pa.Array:
    """The kind of discourse of each document of a file of signals."""
    kinds = read_column(signals, DISCOURSE)
    if kinds is None:
        return pa.repeat(pa.scalar(UNNAMED), pq.read_metadata(signals).num_rows)
    return kinds.combine_chunks().fill_null(UNNAMED)
