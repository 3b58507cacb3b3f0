"""The packaged sentinels: short texts that a filter for reasoning must keep, and junk that it must drop.

All were written for this purpose (`data/sentinels/*.jsonl`: id, kind, good, text); no threshold was set on
them. Every build sends them through the stages and rules of each source of text before it reads any input, so
that a config that throws reasoning away says so in its first seconds. Rules on quantiles have no say here: a
sentinel belongs to no run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from curate import rules, stages
from curate.annotate import LoadedStage, annotate_batch
from curate.decide import judged_of
from curate.documents import Batch
from curate.rundir import Result, RunDir, fingerprint

Json = dict[str, Any]

VERSION = 1
"""Raised whenever the result changes for the same texts, stages and limits."""

LANGUAGE = "en"
"""What the sentinels are written in; sources that keep other languages only are not judged by them."""

TEXT_KINDS = ("web", "academic", "synthetic")
"""Kinds of source that they are sent through."""

LEAST_KEPT = 0.97
"""Fraction of the reasoning sentinels that a source must keep."""
LEAST_DROPPED = 0.95
"""Fraction of the junk sentinels that it must drop."""
LEAST_OF_A_KIND = 0.75
"""The same for each kind, which has a dozen texts at most: two of eight may fall, three are no accident."""


def version() -> str:
    """Changes with the texts, and with what is found in them."""
    return f"{VERSION} {fingerprint(texts())}"


@cache
def texts() -> tuple[Json, ...]:
    """The sentinels: {id, kind, good, text}."""
    folder = files("curate") / "data" / "sentinels"
    lines = (folder / "english.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def applies(kind: str, stage_configs: Sequence[Sequence[Any]]) -> bool:
    """Whether a source is one of text in the sentinels' language."""
    keep = next((config.get("keep") for name, config in stage_configs if name == "language"), None)
    return kind in TEXT_KINDS and (keep is None or LANGUAGE in keep)


def judge_source(task: Json) -> Json:
    """The task of the step `sentinels`: run, result, source, kind, stages; what `judge` finds, kept as the
    task's sums."""
    run, result = RunDir(Path(task["run"])), Result(*task["result"])
    if not run.committed(result):
        with run.attempt(result) as attempt:
            attempt.commit(judge(task["kind"], task["stages"]))
    return run.sums(result)


def judge(kind: str, stage_configs: Sequence[Sequence[Any]]) -> Json:
    """What rules in force do to the sentinels of a source.

    Returns {good: {documents, kept}, junk: {documents, dropped}, kinds: {kind: {good, documents, kept}},
    rules: [{rule, lost, alone, because}] (the rules that good sentinels fail, most first; alone: where no
    other rule fails), lost: [{id, rules}], passed: [ids of junk that is kept]}.
    """
    sentinels = texts()
    chosen = _deciding(stage_configs)
    batch = Batch.of([s["text"] for s in sentinels], kind, kind)
    n = len(batch)
    loaded = [LoadedStage.of(name, config) for name, config in chosen]
    state = annotate_batch(batch, loaded, np.ones(n, bool))
    in_force = judged_of(chosen)
    failed = rules.decide(state.batch.signals, in_force, n).failed
    names = [f"{judged.stage}.{judged.rule.name}" for judged in in_force]
    failing = [[names[i] for i in np.flatnonzero(failed[:, d])] for d in range(n)]
    for stage, errors in state.errors.items():
        for d in np.flatnonzero(errors.is_valid().to_numpy(zero_copy_only=False)):
            failing[d].append(f"{stage}.error")
    reasons = dict(zip(names, (judged.rule.because for judged in in_force), strict=True))
    return _summary(sentinels, failing, reasons)


def _deciding(stage_configs: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The stages that decide, and those whose signals these read: no score is made for nobody."""
    reads = {name: _reads(name) for name, _ in stage_configs}
    wanted = {name for name, config in stage_configs if judged_of([(name, config)])}
    while more := {owner for name in wanted for owner in reads[name] if owner in reads} - wanted:
        wanted |= more
    return [pair for pair in stage_configs if pair[0] in wanted or stages.find(pair[0]).EDITS]


def _reads(name: str) -> set[str]:
    module = stages.find(name)
    signals = [*module.REQUIRES, *getattr(module, "OPTIONAL", [])]
    per_structure = ["structure.label"] if module.RULES else []
    return {signal.split(".")[0] for signal in [*signals, *per_structure]} - {name}


def _summary(sentinels: Sequence[Json], failing: Sequence[Sequence[str]], reasons: Mapping[str, str]) -> Json:
    kinds: Json = {}
    lost, alone = Counter[str](), Counter[str]()
    for sentinel, names in zip(sentinels, failing, strict=True):
        entry = kinds.setdefault(sentinel["kind"], {"good": sentinel["good"], "documents": 0, "kept": 0})
        entry["documents"] += 1
        entry["kept"] += not names
        if sentinel["good"]:
            lost.update(names)
            alone.update(names if len(names) == 1 else ())
    pairs = list(zip(sentinels, failing, strict=True))
    good, junk = ([k for k in kinds.values() if k["good"] is kept] for kept in (True, False))
    order = sorted(lost, key=lambda name: (-lost[name], -alone[name], name))
    return {
        "good": {"documents": _sum(good, "documents"), "kept": _sum(good, "kept")},
        "junk": {
            "documents": _sum(junk, "documents"),
            "dropped": _sum(junk, "documents") - _sum(junk, "kept"),
        },
        "kinds": kinds,
        "rules": [
            {"rule": name, "lost": lost[name], "alone": alone[name], "because": reasons.get(name, "")}
            for name in order
        ],
        "lost": [{"id": s["id"], "rules": list(names)} for s, names in pairs if s["good"] and names],
        "passed": [s["id"] for s, names in pairs if not s["good"] and not names],
    }


def _sum(rows: Sequence[Json], name: str) -> int:
    return sum(row[name] for row in rows)


# --- whether that is good enough


def judge_all(sources: Mapping[str, tuple[str, Sequence[Sequence[Any]]]]) -> Json:
    """What `judge` says of those it applies to; sources: (kind, stages with their configs) by name."""
    return {name: judge(*source) for name, source in sources.items() if applies(*source)}


def all_findings(by_source: Mapping[str, Json]) -> list[str]:
    """`findings` of every source."""
    return [sentence for name, found in by_source.items() for sentence in findings(name, found)]


def findings(source: str, found: Json) -> list[str]:
    """A sentence for each floor under which a source's sentinels fall; none when all hold."""
    good, junk = found["good"], found["junk"]
    few = [
        f"{kind} {entry['kept']} of {entry['documents']}"
        for kind, entry in found["kinds"].items()
        if entry["good"] and entry["kept"] < LEAST_OF_A_KIND * entry["documents"]
    ]
    out = []
    if good["kept"] < LEAST_KEPT * good["documents"] or few:
        share = good["kept"] / good["documents"]
        kinds = f"; under {LEAST_OF_A_KIND:.0%} of a kind: {', '.join(few)}" if few else ""
        out.append(
            f"source '{source}' keeps {good['kept']} of {good['documents']} reasoning sentinels "
            f"({share:.0%}, floor {LEAST_KEPT:.0%}{kinds}). {_at_fault(source, found)}"
        )
    many = [
        f"{kind} {entry['kept']} of {entry['documents']}"
        for kind, entry in found["kinds"].items()
        if not entry["good"] and entry["documents"] - entry["kept"] < LEAST_OF_A_KIND * entry["documents"]
    ]
    if junk["dropped"] < LEAST_DROPPED * junk["documents"] or many:
        kinds = f" Kept of a kind: {', '.join(many)}." if many else ""
        out.append(
            f"source '{source}' drops {junk['dropped']} of {junk['documents']} junk sentinels "
            f"({junk['dropped'] / junk['documents']:.0%}, floor {LEAST_DROPPED:.0%}).{kinds} Is a rule off "
            "that the preset `structured` has?"
        )
    return out


def _at_fault(source: str, found: Json, most: int = 6) -> str:
    """The rules that good sentinels fail, and how to turn the first one off."""
    rows = found["rules"]
    if not rows:
        return ""
    named = [f"{row['rule']} ({row['lost']}, {row['alone']} by it alone)" for row in rows[:most]]
    more = f", and {len(rows) - most} more" if len(rows) > most else ""
    stage, _, field = rows[0]["rule"].partition(".")
    change = "preset=structured" if stage == "heuristics" and "." in field else f"{field}=null"
    told = f"Rules at fault, with the sentinels that fail them: {', '.join(named)}{more}."
    return f"{told} Try --set sources.{source}.stages.{stage}.{change}"
