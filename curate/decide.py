"""From signals to fates: the steps `quantiles` and `decide`, which never read a text.

A quantile is the fraction of documents of the same source, language and length, and for some signals of the
same structure, that lie below (half of those that are equal counted), found from histograms that add up over
parts: a value's bin is the upper 20 bits of its float32, so bins are 2^-11 of the value wide and nothing
about them depends on the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate import rules, stages
from curate.errors import BuildError
from curate.parts import ArrowSink, Part, one_array, read_arrow
from curate.rules import Judged, Signal
from curate.rundir import Result, RunDir

Json = dict[str, Any]

SMALL_STRATUM = 200
"""Documents under which a stratum says little: its documents are ranked within the whole source."""

LENGTHS = np.array([500, 2_000, 8_000, 32_000])
"""Bytes at which a length bin ends and the next begins."""

HISTOGRAM = pa.schema(
    [
        ("signal", pa.string()),
        ("language", pa.string()),  # `en`, or `en/proof` for a signal that is ranked by structure too
        ("length", pa.int8()),
        ("bin", pa.int32()),
        ("count", pa.int64()),
    ]
)

CUTS = pa.schema([("source", pa.string()), *list(HISTOGRAM)[:-1], ("quantile", pa.float32())])
"""Quantile of each bin that occurs; language "" and length -1: the source as a whole."""

WHOLE = ("", -1)

DECISIONS = pa.schema(
    [
        (
            "rule",
            pa.int16(),
        ),  # index into the rules in force, -1: none failed, -2: could not be read or processed
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("failed", pa.list_(pa.int16())),
        ("rescued", pa.bool_()),  # failed only soft rules, and reasons too well to go
        ("alive", pa.bool_()),
        ("oversize", pa.bool_()),
        ("weight", pa.float64()),  # null: no score
    ]
)


def bins(values: np.ndarray) -> np.ndarray:
    """(n,) int32 bins of (n,) float32 values, in the same order as these."""
    bits = (np.asarray(values, np.float32) + np.float32(0)).view(np.int32)  # -0.0 is 0.0
    return np.where(bits >= 0, bits, -1 - (bits & 0x7FFFFFFF)) >> 12


class Histograms:
    """Counts of the values of signals that want a quantile, by language and length."""

    def __init__(self, signals: Sequence[Signal]):
        self.signals = [signal for signal in signals if signal.quantile]
        self._languages: dict[str, int] = {}
        self._counted: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {s.name: [] for s in self.signals}

    def add(self, columns: Mapping[str, pa.Array], sizes: np.ndarray) -> None:
        """columns: of n documents, `language.label` among them where there is one. sizes: (n,) bytes."""
        for signal in self.signals:
            languages, lengths = _strata(columns, sizes, signal.by)
            known = [self._languages.setdefault(n, len(self._languages)) for n in languages.names]
            codes = np.array(known, np.int64)[languages.codes]
            column = columns[signal.name]
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            values = bins(column.fill_null(0).to_numpy(zero_copy_only=False))
            found = (codes << 40 | lengths << 32 | values.astype(np.int64) + (1 << 31))[valid]
            self._counted[signal.name].append(np.unique(found, return_counts=True))

    def write(self, path: Path) -> None:
        """As an Arrow file of schema HISTOGRAM, sorted."""
        names = sorted(self._languages)
        places = np.zeros(len(names) + 1, np.int64)  # of a language in `names`, by its code
        places[[self._languages[name] for name in names]] = np.arange(len(names))
        with ArrowSink(path, HISTOGRAM) as sink:
            for signal, pieces in sorted(self._counted.items()):
                found = np.concatenate([np.zeros(0, np.int64), *(found for found, _ in pieces)])
                counts = np.concatenate([np.zeros(0, np.int64), *(counts for _, counts in pieces)])
                found = places[found >> 40] << 40 | found & ((1 << 40) - 1)
                distinct, inverse = np.unique(found, return_inverse=True)
                rows = {
                    "signal": pa.repeat(pa.scalar(signal), len(distinct)),
                    "language": pa.array(names, pa.string()).take(pa.array(distinct >> 40)),
                    "length": pa.array((distinct >> 32 & 0xFF).astype(np.int8)),
                    "bin": pa.array(((distinct & 0xFFFFFFFF) - (1 << 31)).astype(np.int32)),
                    "count": pa.array(np.bincount(inverse, counts, len(distinct)).astype(np.int64)),
                }
                sink.write(rows)


class _Coded:
    """Strings as codes: names[codes[i]]."""

    def __init__(self, column: pa.Array | None, n: int):
        if column is None:
            self.names, self.codes = [""], np.zeros(n, np.int64)
            return
        encoded = pc.fill_null(column.cast(pa.string()), "").dictionary_encode()
        self.names = encoded.dictionary.to_pylist()
        self.codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _strata(
    columns: Mapping[str, pa.Array], sizes: np.ndarray, by: str | None = None
) -> tuple[_Coded, np.ndarray]:
    languages = columns.get("language.label")
    if by is not None and by in columns:
        kinds = pc.fill_null(columns[by].cast(pa.string()), "")
        known = "" if languages is None else pc.fill_null(languages.cast(pa.string()), "")
        languages = pc.binary_join_element_wise(known, kinds, "/")
    return _Coded(languages, len(sizes)), np.searchsorted(LENGTHS, sizes, side="right")


def quantiles(task: Json) -> Json:
    """The task of the step `quantiles`: cut points from the histograms of all parts, and repeated ids
    counted.

    Raises BuildError where a source says `ids: unique` and an id stands twice, naming both places.
    """
    run, result = RunDir(Path(task["run"])), Result(*task["result"])
    parts = [Part.of(plain) for plain in task["parts"]]
    repeated = _repeated_ids(run, parts, set(task["unique_ids"]))
    with run.attempt(result) as attempt:
        with ArrowSink(attempt.path("rows"), CUTS) as sink:
            cuts = cut_points(pa.concat_tables([_histogram(run, part) for part in parts]))
            sink.write({name: one_array(cuts[name]) for name in CUTS.names})
        attempt.commit({"repeated_ids": repeated})
    return run.sums(result)


def _histogram(run: RunDir, part: Part) -> pa.Table:
    table = part.table(run, "histograms")
    return table.add_column(0, CUTS.field("source"), pa.repeat(pa.scalar(part.source), len(table)))


def cut_points(counts: pa.Table) -> pa.Table:
    """Rows of CUTS, sorted. counts: rows of HISTOGRAM with their source; of several with equal keys the sum
    counts."""
    language, length = (CUTS.get_field_index(name) for name in ("language", "length"))
    everywhere = (
        pa.repeat(pa.scalar(WHOLE[0]), len(counts)),
        pa.repeat(pa.scalar(WHOLE[1], pa.int8()), len(counts)),
    )
    whole = counts.set_column(language, CUTS.field("language"), everywhere[0])
    whole = whole.set_column(length, CUTS.field("length"), everywhere[1])
    keys = CUTS.names[:-1]
    summed = pa.concat_tables([counts, whole]).group_by(keys, use_threads=False).aggregate([("count", "sum")])
    rows = summed.sort_by([(name, "ascending") for name in keys])
    firsts = _runs(rows, keys[:-1])
    n = rows["count_sum"].to_numpy().astype(np.float64)
    stratum = np.repeat(np.arange(len(firsts)), np.diff(firsts, append=len(rows)))
    total = np.add.reduceat(n, firsts) if len(n) else n
    before = np.cumsum(n) - n
    ranks = (before - before[firsts][stratum] + n / 2) / total[stratum]
    keep = pc.or_(pc.equal(rows["length"], WHOLE[1]), pa.array(total[stratum] >= SMALL_STRATUM))
    quantile = pa.array(ranks.astype(np.float32))
    return rows.select(keys).append_column(CUTS.field("quantile"), quantile).filter(keep)


def _runs(table: pa.Table, names: Sequence[str]) -> np.ndarray:
    """(runs,) int64 rows at which one of these columns changes, 0 among them; the table is sorted by them."""
    change = np.zeros(len(table), bool)
    change[:1] = True
    for name in names:
        codes = one_array(table[name]).dictionary_encode().indices.to_numpy()
        change[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(change)


def _repeated_ids(run: RunDir, parts: Sequence[Part], unique: set[str]) -> int:
    """Documents whose id another document before them bears, over all sources."""
    hashes = [_hash_strings(part.table(run, "documents", ["id"])["id"]) for part in parts]
    everything = np.concatenate([np.zeros(0, np.uint64), *hashes])
    everything = everything[everything != 0]
    distinct, counts = np.unique(everything, return_counts=True)
    twice = distinct[counts > 1]
    if unique and len(twice):
        _complain(run, [p for p in parts if p.source in unique], set(twice.tolist()))
    return int(len(everything) - len(distinct))


def _hash_strings(column: pa.ChunkedArray) -> np.ndarray:
    """(n,) uint64, 0 for null; equal within one process only."""
    return np.fromiter(
        ((hash(v) & 0xFFFFFFFFFFFFFFFF or 1) if v is not None else 0 for v in column.to_pylist()),
        np.uint64,
        len(column),
    )


def _complain(run: RunDir, parts: Sequence[Part], twice: set[int]) -> None:
    seen: dict[str, str] = {}
    for part in parts:
        table = part.table(run, "documents", ["id", "row"])
        suspects = np.isin(_hash_strings(table["id"]), np.array(sorted(twice), np.uint64))
        for row in np.flatnonzero(suspects).tolist():
            name, place = table["id"][row].as_py(), f"{part.source}/{part.shard}:{table['row'][row].as_py()}"
            if name in seen:
                raise BuildError(
                    f"The id {name!r} stands twice, at {seen[name]} and at {place}, and source "
                    f"'{part.source}' says `ids: unique`. Mend the input, or say `ids: any`."
                )
            seen[name] = place


def with_quantiles(
    columns: Mapping[str, pa.Array], signals: Sequence[Signal], sizes: np.ndarray, cuts: pa.Table
) -> dict[str, pa.Array]:
    """columns, with the quantile signals and their buckets added. cuts: rows of CUTS of this source."""
    out = dict(columns)
    for signal in signals:
        if not signal.quantile:
            continue
        languages, lengths = _strata(columns, sizes, signal.by)
        column = columns[signal.name]
        valid = column.is_valid().to_numpy(zero_copy_only=False)
        values = bins(column.fill_null(0).to_numpy(zero_copy_only=False))
        ranks = np.zeros(len(column), np.float32)
        tables = _by_stratum(cuts.filter(pc.equal(cuts["signal"], signal.name)))
        for code, length in set(zip(languages.codes[valid].tolist(), lengths[valid].tolist(), strict=True)):
            here = valid & (languages.codes == code) & (lengths == length)
            edges, quantile = tables.get((languages.names[code], length)) or tables.get(WHOLE) or _NOTHING
            at = np.clip(np.searchsorted(edges, values[here]), 0, len(edges) - 1)
            ranks[here] = quantile[at]
        out[signal.quantile] = pa.array(ranks, pa.float32(), mask=~valid)
        if signal.bucket:
            thirds = np.array(BUCKETS)[np.minimum((ranks * 3).astype(np.int64), 2)]
            out[signal.bucket] = pa.array(thirds, pa.string(), mask=~valid)
    return out


BUCKETS = ("head", "middle", "tail")


_NOTHING = (np.zeros(1, np.int32), np.full(1, 0.5, np.float32))


def _by_stratum(cuts: pa.Table) -> dict[tuple[str, int], tuple[np.ndarray, np.ndarray]]:
    """(bins, quantiles) by language and length of the rows of CUTS of one source and signal."""
    firsts = _runs(cuts, ["language", "length"])
    at = cuts.select(["language", "length"]).take(pa.array(firsts)).to_pydict()
    edges, quantile = (np.split(cuts[name].to_numpy(), firsts[1:]) for name in ("bin", "quantile"))
    strata = zip(at["language"], at["length"], strict=True)
    return dict(zip(strata, zip(edges, quantile, strict=True), strict=True)) if len(cuts) else {}


def judged_of(stage_configs: Sequence[Sequence[Any]]) -> list[Judged]:
    """The rules in force of [[name, config as JSON], ...] in the order of stages."""
    found = [(name, stages.find(name)) for name, _ in stage_configs]
    configs = [stages.find(name).Config(**config) for name, config in stage_configs]
    return rules.judged([(n, module, config) for (n, module), config in zip(found, configs, strict=True)])


def signals_of(stage_configs: Sequence[Sequence[Any]]) -> list[Signal]:
    """All signals that these stages compute."""
    modules = [(stages.find(name), config) for name, config in stage_configs]
    return [
        signal for module, config in modules for signal in stages.signals(module, module.Config(**config))
    ]


def columns_of(run: RunDir, part: Part, stage_configs: Sequence[Sequence[Any]]) -> dict[str, pa.Array]:
    """All stored signals of a part, by name."""
    out: dict[str, pa.Array] = {}
    for name, _ in stage_configs:
        table = part.table(run, name)
        out.update({c: one_array(table[c]) for c in table.schema.names if c != "error"})
    return out


def failed_processing(
    run: RunDir, part: Part, stage_configs: Sequence[Sequence[Any]]
) -> list[tuple[str, pa.Array]]:
    """(stage, (n,) sentences, null where all went well), `read` first."""
    units = [("read", "documents"), *((name, name) for name, _ in stage_configs)]
    return [(stage, one_array(part.table(run, unit, ["error"])["error"])) for stage, unit in units]


def decide_part(task: Json) -> Json:
    """The task of the step `decide`: writes DECISIONS and the quantile signals of one part.

    sums: alive, and [stage, rule, documents, tokens] of the documents leaving at each rule.
    """
    run, result, part = RunDir(Path(task["run"])), Result(*task["result"]), Part.of(task["part"])
    if run.committed(result):
        return run.sums(result)
    configs = task["stages"]
    documents = part.table(run, "documents", ["bytes"])
    cuts = read_arrow(run.output(Result(*task["quantiles"]), "rows"))
    cuts = cuts.filter(pc.equal(cuts["source"], part.source))
    stored, signals = columns_of(run, part, configs), signals_of(configs)
    sizes = documents["bytes"].to_numpy()
    columns = with_quantiles(stored, signals, sizes, cuts)
    in_force = judged_of(configs)
    decision = rules.decide(columns, in_force, part.rows)
    broken = np.zeros(part.rows, bool)
    for _, errors in failed_processing(run, part, configs):
        broken |= errors.is_valid().to_numpy(zero_copy_only=False)
    saved = rescued(decision, in_force, columns.get("reasoning.quantile"), task["rescue"]) & ~broken
    decision.spare(saved)
    fine = ~broken & (decision.first < 0)
    tokens = columns["tokens.count"].fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    oversize = fine & (tokens > task["largest_document"])
    table = {
        "rule": pa.array(np.where(broken, -2, decision.first).astype(np.int16)),
        "value": pa.array(decision.value, mask=np.isnan(decision.value)),
        "threshold": pa.array(decision.threshold, mask=np.isnan(decision.threshold)),
        "failed": _lists(decision.failed),
        "rescued": pa.array(saved),
        "alive": pa.array(fine & ~oversize),
        "oversize": pa.array(oversize),
        "weight": weights(columns.get("reasoning.quantile"), task["weight_power"], part.rows),
    }
    derived = pa.table({name: columns[name] for signal in signals for name in signal.derived})
    with run.attempt(result) as attempt:
        with ArrowSink(attempt.path("rows"), DECISIONS) as sink:
            sink.write(table)
        with ArrowSink(attempt.path("quantiles"), derived.schema) as sink:
            sink.write({name: one_array(derived[name]) for name in derived.schema.names})
        attempt.commit(
            {"alive": int((fine & ~oversize).sum()), "alive_tokens": int(tokens[fine & ~oversize].sum())}
        )
    return run.sums(result)


def rescued(
    decision: rules.Decision, in_force: Sequence[Judged], quantile: pa.Array | None, least: float | None
) -> np.ndarray:
    """(n,) bool: failed some rule, only soft ones, and its reasoning quantile is at least `least`."""
    n = len(decision.first)
    if least is None or quantile is None:
        return np.zeros(n, bool)
    hard = np.array([not judged.rule.soft for judged in in_force], bool)
    soft_only = decision.failed.any(axis=0) & ~decision.failed[hard].any(axis=0)
    return soft_only & (quantile.fill_null(-1).to_numpy(zero_copy_only=False) >= least)


def _lists(failed: np.ndarray) -> pa.ListArray:
    """failed: (n_rules, n) bool, to the list of failed rules of each document."""
    documents, which = np.nonzero(failed.T)
    offsets = np.searchsorted(documents, np.arange(failed.shape[1] + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(which.astype(np.int16)))


LEAST_QUANTILE = 1e-3
"""A weight is never 0: with `tokens: max` every document that passed has its turn."""


def weights(quantile: pa.Array | None, power: float, n: int) -> pa.Array:
    """(n,) float64 quantile ** power, null where there is no score; up-sampling by quality, never a cut."""
    if quantile is None:
        return pa.nulls(n, pa.float64())
    values = quantile.cast(pa.float64()).fill_null(1.0).to_numpy(zero_copy_only=False)
    return pa.array(
        np.maximum(values, LEAST_QUANTILE) ** power, mask=~quantile.is_valid().to_numpy(zero_copy_only=False)
    )
