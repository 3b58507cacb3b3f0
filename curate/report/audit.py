"""The over-filtering audit: what each rule costs, whom it hits, and whether it hits what reasons well.

From ledger and signals alone, one pass over their columns; no text is read. `report.json` holds it as

    audit.sample                    fraction of documents that got every signal, whatever happened to them
    audit.high_quantile             reasoning quantile from which a document counts as reasoning well
    audit.rules, audit.stages       a list, each entry:
        source, stage, rule         rule is missing for a stage as a whole
        soft                        whether the rule may be overruled by `rescue` (rules only)
        documents, tokens           that fail it, whatever else they fail (marginal loss); rescued ones too
        only                        {documents, tokens} that fail nothing else: what it alone costs
        dropped                     documents whose fate it is, as the first rule that they fail
        rescued                     documents that fail it and were kept for their reasoning
        scored, high                documents that fail it and have a reasoning quantile; of these, how many
                                    have at least `high_quantile`
        high_reasoning              high / scored, 0..1; null when none is scored. By chance it is 0.1
        audited                     documents of the audit sample that fail it: no gate hides any of those
        structures                  {kind: documents that fail it}
        samples                     keys of up to 20 that fail it, drawn evenly by a hash, the same each time
    audit.structures                {source: {kind: {documents, audited, dropped, rescued}}}
    audit.sentinels                 {source: what `sentinels.judge` found}, the kinds of source judged only
    audit.warnings                  sentences, empty when nothing is wrong

Documents behind a gate have no later signals, so no later rule is counted for them: compare `audited` with
the audit sample's own size for a rate that gates do not touch. Quarantined documents are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.parts import read_column, read_parquet
from curate.rules import Judged

Json = dict[str, Any]

HIGH = 0.9
"""Reasoning quantile from which a document counts as reasoning well."""
SAMPLES = 20
"""Keys shown of each rule."""
CONCERN = 0.2
"""Share of well-reasoning documents among those that a rule alone costs from which the audit warns: twice
what chance gives."""
ENOUGH = 50
"""Scored documents under which that share says nothing."""

LEDGER_COLUMNS = ["key", "source", "fate", "stage", "rule", "failed_rules", "tokens", "structure", "reason"]
LEDGER_COLUMNS += ["audited"]
QUANTILE = "reasoning.quantile"


@dataclass
class Failures:
    """Documents of one part of one source, all of them readable.

    documents, rules: (m,) int64 pairs, document d fails rule r; by document. names: of the rules. first:
    (n,) int64 index of the rule that is a document's fate, -1 for none.
    """

    source: str
    names: Sequence[str]
    documents: np.ndarray
    rules: np.ndarray
    first: np.ndarray
    keys: pa.Array
    tokens: np.ndarray
    structure: pa.Array
    quantile: np.ndarray
    rescued: np.ndarray
    audited: np.ndarray


@dataclass
class _Entry:
    """What is added up for a rule, or for a stage."""

    counts: dict[str, int] = field(default_factory=dict)
    structures: dict[str, int] = field(default_factory=dict)
    samples: list[tuple[int, str]] = field(default_factory=list)

    def add(self, name: str, value: Any) -> None:
        self.counts[name] = self.counts.get(name, 0) + int(value)

    def plain(self, **at: Any) -> Json:
        counts = self.counts
        return {
            **at,
            "documents": counts["documents"],
            "tokens": counts["tokens"],
            "only": {"documents": counts["only_documents"], "tokens": counts["only_tokens"]},
            "dropped": counts["dropped"],
            "rescued": counts["rescued"],
            "scored": counts["scored"],
            "high": counts["high"],
            "high_reasoning": counts["high"] / counts["scored"] if counts["scored"] else None,
            "audited": counts["audited"],
            "structures": dict(sorted(self.structures.items())),
            "samples": [key for _, key in sorted(self.samples)[:SAMPLES]],
        }


class Audit:
    """Adds up parts; `plain` is what report.json says."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], _Entry] = {}
        self._stages: dict[tuple[str, str], _Entry] = {}
        self._structures: dict[str, dict[str, dict[str, int]]] = {}
        self._seen = 0

    def add(self, part: Failures) -> None:
        """One part more."""
        n = len(part.first)
        if n == 0:
            return
        order = _scattered(self._seen + np.arange(n))
        self._seen += n
        stage_of = [name.partition(".")[0] for name in part.names]
        stages = sorted(set(stage_of))
        self._count(self._rules, part, part.rules, list(part.names), part.first, order)
        code = np.array([stages.index(stage) for stage in stage_of] or [0], np.int64)
        pairs = np.unique(np.stack([part.documents, code[part.rules]], 1), axis=0)
        first = np.where(part.first >= 0, code[part.first], -1)
        by_stage = _replaced(part, pairs[:, 0], pairs[:, 1])
        self._count(self._stages, by_stage, pairs[:, 1], stages, first, order)
        self._kinds(part)

    def _count(
        self,
        entries: dict[tuple[str, str], _Entry],
        part: Failures,
        of: np.ndarray,
        names: Sequence[str],
        first: np.ndarray,
        order: np.ndarray,
    ) -> None:
        """Adds up by `of`, (m,) the index in `names` that each failure belongs to."""
        alone = np.bincount(part.documents, minlength=len(first)) == 1
        kinds, codes = _coded(part.structure)
        for index, name in enumerate(names):
            here = part.documents[of == index]
            entry = entries.setdefault((part.source, name), _Entry())
            only, scored = here[alone[here]], here[~np.isnan(part.quantile[here])]
            entry.add("documents", len(here))
            entry.add("tokens", part.tokens[here].sum())
            entry.add("only_documents", len(only))
            entry.add("only_tokens", part.tokens[only].sum())
            entry.add("dropped", (first == index).sum())
            entry.add("rescued", part.rescued[here].sum())
            entry.add("scored", len(scored))
            entry.add("high", (part.quantile[scored] >= HIGH).sum())
            entry.add("audited", part.audited[here].sum())
            for kind, count in enumerate(np.bincount(codes[here], minlength=len(kinds)).tolist()):
                if count:
                    entry.structures[kinds[kind]] = entry.structures.get(kinds[kind], 0) + count
            least = here[np.argsort(order[here], kind="stable")[:SAMPLES]]
            found = zip(order[least].tolist(), part.keys.take(pa.array(least)).to_pylist(), strict=True)
            entry.samples = sorted([*entry.samples, *found])[:SAMPLES]

    def _kinds(self, part: Failures) -> None:
        kinds, codes = _coded(part.structure)
        of_source = self._structures.setdefault(part.source, {})
        everything = {
            "documents": np.ones(len(codes)),
            "audited": part.audited,
            "dropped": part.first >= 0,
            "rescued": part.rescued,
        }
        for name, weights in everything.items():
            for kind, count in zip(kinds, np.bincount(codes, weights, len(kinds)).tolist(), strict=True):
                entry = of_source.setdefault(kind, dict.fromkeys(everything, 0))
                entry[name] += int(count)

    def plain(self, sample: float, soft: Mapping[tuple[str, str], bool], sentinels: Json) -> Json:
        """The audit; see the head of this file. soft: by (source, `stage.rule`), of every rule in force."""
        rules = []
        for (source, name), entry in _most_first(self._rules):
            stage, _, rule = name.partition(".")
            rules.append(
                entry.plain(source=source, stage=stage, rule=rule, soft=soft.get((source, name), False))
            )
        stages = [
            entry.plain(source=source, stage=stage) for (source, stage), entry in _most_first(self._stages)
        ]
        return {
            "sample": sample,
            "high_quantile": HIGH,
            "rules": rules,
            "stages": stages,
            "structures": {source: dict(sorted(kinds.items())) for source, kinds in self._structures.items()},
            "sentinels": sentinels,
        }


def _replaced(part: Failures, documents: np.ndarray, of: np.ndarray) -> Failures:
    return Failures(**{**vars(part), "documents": documents, "rules": of})


def _most_first(entries: Mapping[tuple[str, str], _Entry]) -> list[tuple[tuple[str, str], _Entry]]:
    """Those that some document fails, by source, what fails most first."""
    hit = [item for item in entries.items() if item[1].counts["documents"]]
    return sorted(hit, key=lambda item: (item[0][0], -item[1].counts["documents"], item[0][1]))


def _coded(structure: pa.Array) -> tuple[list[str], np.ndarray]:
    encoded = structure.fill_null("none").dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _scattered(numbers: np.ndarray) -> np.ndarray:
    """(n,) uint64, no order left in them: the finaliser of splitmix64 (Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


# --- from a run's files


def of_run(task: Json) -> Json:
    """The audit without its sentences. task: files ([ledger, signals] paths), sample, soft ([source, rule,
    whether it is]), sentinels."""
    total = Audit()
    for ledger, signals in task["files"]:
        total.add(of_rows(read_parquet(ledger, LEDGER_COLUMNS), read_column(signals, QUANTILE)))
    soft = {(source, rule): is_soft for source, rule, is_soft in task["soft"]}
    return total.plain(task["sample"], soft, task["sentinels"])


def of_rows(rows: pa.Table, quantile: pa.ChunkedArray | None) -> Failures:
    """Failures from ledger rows of one source (LEDGER_COLUMNS), with their reasoning quantiles."""
    read = pc.not_equal(rows["fate"], "quarantined").to_numpy()
    if quantile is not None:
        quantile = quantile.filter(pa.array(read))
    rows = rows.filter(pa.array(read))
    n = len(rows)
    lists = rows["failed_rules"].combine_chunks()
    lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
    documents = np.repeat(np.arange(n), pc.list_value_length(lists).fill_null(0).to_numpy())
    encoded = lists.flatten().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    dropped = pc.equal(rows["fate"], "dropped")
    fate = pc.binary_join_element_wise(rows["stage"], rows["rule"], ".")
    fate = pc.if_else(dropped, fate, pa.scalar(None, pa.string()))
    at = pc.index_in(fate, value_set=pa.array(names, pa.string())).fill_null(-1)
    return Failures(
        source=rows["source"][0].as_py() if n else "",
        names=names,
        documents=documents,
        rules=encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        first=at.to_numpy().astype(np.int64),
        keys=_whole(rows["key"]),
        tokens=rows["tokens"].fill_null(0).to_numpy(),
        structure=_whole(rows["structure"]),
        quantile=np.full(n, np.nan) if quantile is None else _numbers(quantile),
        rescued=pc.fill_null(pc.equal(rows["reason"], "rescued"), False).to_numpy(),
        audited=pc.fill_null(rows["audited"], False).to_numpy(),
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.float64()).fill_null(np.nan).to_numpy()


def soft_rules(in_force: Mapping[str, Sequence[Judged]]) -> dict[tuple[str, str], bool]:
    """{(source, `stage.rule`): soft} of the rules in force by source."""
    return {
        (source, f"{judged.stage}.{judged.rule.name}"): judged.rule.soft
        for source, rules in in_force.items()
        for judged in rules
    }


def concerns(audit: Json, rescue: float | None) -> list[str]:
    """A sentence or more for each rule that hits well-reasoning documents more often than chance would, and
    what can be done. rescue: of the config, a quantile 0..1, None is off."""
    out = []
    for row in audit["rules"]:
        if row["scored"] >= ENOUGH and row["high_reasoning"] >= CONCERN:
            name, source = f"{row['stage']}.{row['rule']}", row["source"]
            overruled = _overruled(row, rescue) if row["soft"] else ""
            out.append(
                f"{row['high']:,} of {row['scored']:,} documents ({row['high_reasoning']:.0%}) that fail "
                f"{name} of source '{source}' are from the best tenth in reasoning. Read some: curate sample "
                f"RUN --rule {name}. {overruled}Try another limit: curate whatif RUN --set "
                f"sources.{source}.stages.{name}=..."
            )
    return out


def _overruled(row: Json, rescue: float | None) -> str:
    if rescue is None or rescue > HIGH:
        return f"`rescue: {HIGH:g}` would keep those of them that fail soft rules only. "
    return f"`rescue: {rescue:g}` kept {row['rescued']:,} that fail it. "
