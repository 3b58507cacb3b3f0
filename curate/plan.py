"""What there is to do: sources with their stages, inputs, and the fingerprint of every step. Runs nothing.

A fingerprint is the hash of plain data, its parts: content of inputs, the part of the config that matters,
versions of code, hashes of model files, fingerprints of the steps before. Parts are kept in run.json, so that
a build can say why a step runs again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Any

from curate import annotate, dedup, readers, stages, writers
from curate.config import Config
from curate.config import schema as config_schema
from curate.errors import UsageError, nearest
from curate.mix import shards
from curate.mix import tasks as mixing
from curate.mix.emphasis import column_of, path_matches
from curate.mix.kinds import UNNAMED
from curate.rules import PerStructure, StageConfig, limit_of
from curate.rundir import Result, RunDir, checksum, fingerprint
from curate.writers._shards import shard_groups, task_name

Json = dict[str, Any]

DECIDE_VERSION = 2

PART_BYTES = 64 << 20
"""Text that one task of annotate reads, where a shard can be split."""
PRIORITY = ("academic", "code", "synthetic", "web")
"""Kinds of source in order of preference when a text stands in several."""


@dataclass(frozen=True)
class PlannedStage:
    """A stage with its settings in one source."""

    name: str
    config: StageConfig

    @property
    def module(self) -> Any:
        return stages.find(self.name)

    def plain(self) -> list[Any]:
        """[name, config] as JSON."""
        return [self.name, self.config.model_dump(mode="json")]

    def files(self) -> list[Path]:
        """Model files that its result depends on."""
        return [Path(file) for file in getattr(self.module, "files", lambda _: [])(self.config)]

    def gates(self) -> list[list[Any]]:
        """[field, limit] of the gates in force."""
        found = [(g.name, _plain(limit_of(self.config, g.name))) for g in getattr(self.module, "GATES", [])]
        return [[name, limit] for name, limit in found if limit is not None]

    def own_parts(self) -> Json:
        """What its signals depend on within itself: not the limits that only rules and gates read."""
        dump = self.config.model_dump(mode="json")
        kept = set(getattr(self.module, "SIGNAL_FIELDS", []))
        for rule in [*self.module.RULES, *getattr(self.module, "GATES", [])]:
            if rule.name not in kept:
                _remove(dump, rule.name.split("."))
        files = self.files()
        names = {str(file) for file in files}
        dump = {key: value for key, value in dump.items() if str(value) not in names}
        hashes = [checksum(file)["blake3"] for file in files]
        return {"stage": self.name, "version": self.module.VERSION, "config": dump, "files": hashes}


def _remove(dump: Any, parts: Sequence[str]) -> None:
    for part in parts[:-1]:
        dump = dump.get(part) if isinstance(dump, dict) else None
    if isinstance(dump, dict):
        dump.pop(parts[-1], None)


def _plain(limit: Any) -> Any:
    return limit.plain() if isinstance(limit, PerStructure) else limit


@dataclass(frozen=True)
class PlannedSource:
    """A source with everything resolved. number: its place in the config."""

    number: int
    name: str
    kind: str
    read: readers.ReadConfig
    stages: tuple[PlannedStage, ...]

    def plain_stages(self) -> list[list[Any]]:
        """[[name, config as JSON], ...] in the order in which they run."""
        return [stage.plain() for stage in self.stages]

    @property
    def edits(self) -> bool:
        """Whether a stage may change texts."""
        return any(stage.module.EDITS for stage in self.stages)


@dataclass(frozen=True)
class Input:
    """What one task of annotate reads. content: hash of the file and of which rows; shard: path relative to
    the config."""

    source: int
    shard: str
    part: readers.Part
    content: str


@dataclass
class Plan:
    """A config with all its consequences that are known before anything is read.

    inputs are ordered by source and content, never by name: what the steps do does not depend on file names.
    """

    config: Config
    sources: list[PlannedSource]
    inputs: list[Input]
    hashes: dict[str, list[Any]] = field(default_factory=dict)
    sample: float = 1.0

    @cached_property
    def parts(self) -> dict[str, Json]:
        """Fingerprint parts by step; steps of a source are named `step/source`."""
        out: dict[str, Json] = {}
        for source in self.sources:
            units = _unit_parts(source, self.config, self.sample)
            out.update({f"{unit}/{source.name}": parts for unit, parts in units.items()})
        fps = {name: fingerprint(parts) for name, parts in out.items()}
        out |= _run_parts(self, fps)
        return out

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Fingerprint of each step, named as in `parts`."""
        return {name: fingerprint(parts) for name, parts in self.parts.items()}

    def units(self, given: Input) -> dict[str, Result]:
        """The results that annotating one input leaves, by unit."""
        name = self.sources[given.source].name
        return {
            step.split("/")[0]: Result(step.split("/")[0], fp, given.content)
            for step, fp in self.fingerprints.items()
            if step.endswith(f"/{name}") and not step.startswith("decide/")
        }

    def decision(self, given: Input) -> Result:
        """The result of deciding one input."""
        step = f"decide/{self.sources[given.source].name}"
        return Result("decide", self.fingerprints[step], given.content)

    def result(self, step: str, task: str = "run") -> Result:
        """The result of one task of a step of the run."""
        return Result(step, self.fingerprints[step], task)

    def resolved(self) -> Json:
        """The config with all defaults, those of stages included."""
        plain = self.config.resolved()
        for source in self.sources:
            entry = plain["sources"][source.name]
            entry["read"] = source.read.model_dump(mode="json", exclude_defaults=True)
            entry["stages"] = {
                name: next((s.config.model_dump(mode="json") for s in source.stages if s.name == name), None)
                for name in stages.names()
                if name != "tokens"
            }
        return plain


def make(
    config: Config,
    known_hashes: Mapping[str, list[Any]] | None = None,
    hash_inputs: bool = True,
    sample: float = 1.0,
) -> Plan:
    """The plan of a config. known_hashes: `readers.Known` by path, from an earlier build.

    Raises ConfigError for parts of the config that stages and readers cannot follow, and where no file is
    found. hash_inputs False leaves contents empty: for looking only.
    """
    sources = [_source(config, number, name) for number, name in enumerate(config.sources)]
    _check_output(config, sources)
    _check_floors(config, sources)
    shards = {source.number: _shards(config, source) for source in sources}
    for source in sources:
        _check_emphasis(config, source, shards[source.number])
    files = {
        path: readers.files(path, source.read.format) for source in sources for path in shards[source.number]
    }
    hashes = _hash_all(files, known_hashes or {}) if hash_inputs else {}
    inputs = [i for source in sources for i in _inputs(config, source, shards[source.number], hashes)]
    inputs.sort(key=lambda i: (i.source, i.content, i.shard, i.part.first or 0))
    return Plan(config, sources, inputs, hashes, sample)


def _source(config: Config, number: int, name: str) -> PlannedSource:
    entry = config.sources[name]
    where = ("sources", name)
    read = config.parse(readers.ReadConfig, entry.read, (*where, "read"))
    meta = {column.removeprefix("meta.") for column in config.output.columns if column.startswith("meta.")}
    meta |= {column for _, column in _emphasis_columns(config, name)}
    if read.meta is None:
        read = read.model_copy(update={"meta": sorted(meta)})
    return PlannedSource(number, name, entry.kind, read, _stages(config, where, entry.kind, entry.stages))


def _emphasis_columns(config: Config, source: str) -> list[tuple[tuple[str, ...], str]]:
    """(where it is written, metadata column) of what the lines of a source's emphasis match."""
    entry = config.mix.shares.get(source)
    return [
        (("mix", source, "emphasis", str(number), what), column)
        for number, line in enumerate(entry.emphasis if entry else [])
        for what in line.match
        if (column := column_of(what))
    ]


def _check_emphasis(config: Config, source: PlannedSource, files: Sequence[Path]) -> None:
    """Raises ConfigError for a line that matches a column which the source's files do not have, as far as
    that can be seen without reading them, or which its config does not read."""
    for where, column in _emphasis_columns(config, source.name):
        kept = source.read.meta or []
        if column not in kept:
            told = f"reads the column '{column}', which sources.{source.name}.read.meta leaves out"
            raise config.error(where, f"{told}. {nearest(column, kept)}")
        known: set[str] | None = None
        for names in (readers.columns(file, source.read.format) for file in files):
            if names is not None:
                known = {*(known or ()), *names}
            if names is not None and column in names:
                break
        else:
            if known is not None:
                told = f"the files of source '{source.name}' have no column '{column}'"
                raise config.error(where, f"{told}. {nearest(column, sorted(known))}")


def _check_output(config: Config, sources: Sequence[PlannedSource]) -> None:
    if config.output.format not in writers.names():
        known = nearest(config.output.format, writers.names())
        raise config.error(("output", "format"), f"there is no format '{config.output.format}'. {known}")
    planned = [stage for source in sources for stage in source.stages]
    signals = [signal for stage in planned for signal in stages.signals(stage.module, stage.config)]
    known_names = {name for s in signals for name in (s.name, *s.derived)}
    for column in config.output.columns:
        if not column.startswith("meta.") and column not in known_names:
            raise config.error(
                ("output", "columns"), f"there is no signal {column}. {nearest(column, known_names)}"
            )


def _check_floors(config: Config, sources: Sequence[PlannedSource]) -> None:
    """Raises ConfigError for floors of kinds of discourse that a source's model does not know."""
    for source in sources:
        where = ("mix", source.name, "floors")
        named = [kind for kind in config.mix.shares[source.name].floors if kind not in ("default", UNNAMED)]
        stage = next((stage for stage in source.stages if stage.name == "reasoning"), None)
        if named and stage is None:
            raise config.error(
                where, f"names {named[0]}, and stage 'reasoning' is off here: no kinds are known"
            )
        known = [*stage.module.kinds(stage.config), UNNAMED] if named and stage else named
        for kind in named:
            if kind not in known:
                raise config.error(
                    (*where, kind), f"there is no such kind of discourse. {nearest(kind, known)}"
                )


def _stages(
    config: Config, where: tuple[str, ...], kind: str, given: Mapping[str, Mapping[str, Any] | None]
) -> tuple[PlannedStage, ...]:
    for name in given:
        if name not in stages.names() or name == "tokens":
            known = [n for n in stages.names() if n != "tokens"]
            raise config.error((*where, "stages", name), f"there is no such stage. {nearest(name, known)}")
    chosen = []
    for name in stages.names():
        defaults = _defaults(name, kind)
        settings = given.get(name, defaults)
        if name == "tokens":
            settings = config.tokenizer.model_dump()
        if settings is None:
            continue
        if name in given:
            settings = {**(defaults or {}), **settings}
        parsed = config.parse(stages.find(name).Config, settings, (*where, "stages", name))
        stage = PlannedStage(name, _located(parsed, config.base))
        if missing := [file for file in stage.files() if not file.is_file()]:
            place = (*where, "stages", name, *_named_by(stage.config, missing[0]))
            raise config.error(place, f"there is no file {missing[0]}")
        chosen.append(stage)
    return _in_order(config, where, chosen)


def _named_by(settings: StageConfig, file: Path) -> tuple[str, ...]:
    """The field whose value is this file, if one's is."""
    return tuple(name for name in type(settings).model_fields if str(getattr(settings, name)) == str(file))[
        :1
    ]


def _defaults(name: str, kind: str) -> dict[str, Any] | None:
    """Settings of a stage for a kind of source, None where it is off; a stage without an opinion is on."""
    stage = stages.find(name)
    return stage.defaults(kind) if hasattr(stage, "defaults") else {}


def _located(settings: StageConfig, base: Path) -> StageConfig:
    """Settings with the paths of files (fields marked `path` in their JSON schema) made absolute."""
    changes = {}
    for name, info in type(settings).model_fields.items():
        value, extra = getattr(settings, name), info.json_schema_extra
        if isinstance(extra, dict) and extra.get("path") and str(value) not in ("None", "packaged"):
            changes[name] = type(value)(base / value)
    return settings.model_copy(update=changes) if changes else settings


def _in_order(
    config: Config, where: tuple[str, ...], chosen: Sequence[PlannedStage]
) -> tuple[PlannedStage, ...]:
    """Editing stages first, then each after those whose signals it reads, cheap before dear."""
    made = {s.name: stage.name for stage in chosen for s in stage.module.SIGNALS}
    for stage in chosen:
        for signal in stage.module.REQUIRES:
            if signal not in made:
                owner = signal.split(".")[0]
                raise config.error(
                    (*where, "stages", stage.name),
                    f"needs the signal {signal}, and stage '{owner}' is off here. Turn it on, or "
                    f"'{stage.name}' off.",
                )
    waiting = sorted(chosen, key=lambda s: (not s.module.EDITS, getattr(s.module, "COST", 1.0), s.name))
    ordered: list[PlannedStage] = []
    while waiting:
        done = {stage.name for stage in ordered}
        stage = next(s for s in waiting if {made[n] for n in _reads(s) if n in made} <= done | {s.name})
        waiting.remove(stage)
        ordered.append(stage)
    return tuple(ordered)


def _reads(stage: PlannedStage) -> list[str]:
    return [*stage.module.REQUIRES, *getattr(stage.module, "OPTIONAL", [])]


def _shards(config: Config, source: PlannedSource) -> list[Path]:
    try:
        return readers.expand(source.read, config.base)
    except UsageError as error:
        raise config.error(("sources", source.name, "read", "paths"), str(error)) from None


def _inputs(
    config: Config, source: PlannedSource, files: Iterable[Path], hashes: Mapping[str, list[Any]]
) -> Iterator[Input]:
    for path in files:
        content = hashes[str(path)][-1] if hashes else ""
        for part in readers.parts(path, source.read, PART_BYTES):
            rows = [part.first, part.last]
            yield Input(source.number, _relative(path, config.base), part, fingerprint([content, rows]))


def _relative(path: Path, base: Path) -> str:
    name = Path(os.path.relpath(path, base)).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _hash_all(files: Mapping[Path, Sequence[Path]], known: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """`readers.Known` by shard; files: what each shard is made of. A file that nobody touched is not read."""
    paths, stop = sorted(files), Event()
    with ThreadPoolExecutor(2) as pool:
        try:
            found = pool.map(lambda path: readers.hashed(path, files[path], known, stop), paths)
            return dict(zip(map(str, paths), found, strict=True))
        except BaseException:  # Ctrl-C does not wait until terabytes are read
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


# --- fingerprints


def _unit_parts(source: PlannedSource, config: Config, sample: float) -> dict[str, Json]:
    """Parts of what annotate leaves for a source: documents, each stage, text, signatures, histograms."""
    read = source.read.model_dump(mode="json", exclude={"paths", "ids", "meta"})
    own = {"version": annotate.VERSION, "readers": readers.VERSION, "read": read, "sample": sample}
    out: dict[str, Json] = {"documents": {**own, "meta": source.read.meta}}
    fps = {"documents": fingerprint(own)}  # metadata says nothing of texts: another column reads, no more
    gates: Json = {}  # gating stages, and their limits by name
    for stage in source.stages:
        before = [s.name for s in source.stages if s.module.EDITS and s.name in fps]
        before += [n.split(".")[0] for n in _reads(stage) if n.split(".")[0] in fps]
        after: Json = {name: fps[name] for name in ["documents", *before]}
        if gates and not getattr(stage.module, "BEHIND_GATES", False):
            after |= {"gates": dict(gates), "audit": config.audit.sample}
        out[stage.name] = {**stage.own_parts(), "kind": source.kind, "after": after}
        fps[stage.name] = fingerprint(out[stage.name])
        for name, limit in stage.gates():
            gates |= {stage.name: fps[stage.name], f"{stage.name}.{name}": limit}
    editing = {s.name: fps[s.name] for s in source.stages if s.module.EDITS}
    text = {"version": annotate.VERSION, "after": {"documents": fps["documents"], **editing}, "gates": gates}
    ranked = {s.name: fps[s.name] for s in source.stages if any(g.quantile for g in s.module.SIGNALS)}
    labels = {name: fps[name] for name in ("language", "structure") if name in fps}
    out["text"] = text
    if editing:
        out["edits"] = {"edits": editing}
    out["signatures"] = {
        "version": dedup.VERSION,
        "minhash": signature_config(config),
        "after": fingerprint(text),
    }
    out["histograms"] = {
        "version": annotate.VERSION,
        "after": {**ranked, **labels, "text": fingerprint(text)},
    }
    return out


def sentinels_fingerprint(source: PlannedSource, version: str) -> str:
    """Names what the sentinels' texts of this version come to in a source."""
    stages_of = {stage.name: [stage.own_parts(), _limits(stage)] for stage in source.stages}
    return fingerprint({"version": version, "kind": source.kind, "stages": stages_of})


def signature_config(config: Config) -> Json | None:
    """What signatures depend on: {bands, rows, shingle}, None when near-duplicates stay."""
    minhash = config.dedup.minhash
    return minhash.model_dump(include={"bands", "rows", "shingle"}) if minhash else None


def _run_parts(plan: Plan, fps: Mapping[str, str]) -> dict[str, Json]:
    """Parts of the steps after annotate, in the order of the line."""
    config = plan.config
    shares = config.mix.shares

    def each(unit: str) -> list[list[str]]:
        names = [plan.sources[i.source].name for i in plan.inputs]
        return [[n, i.content, fps[f"{unit}/{n}"]] for n, i in zip(names, plan.inputs, strict=True)]

    unique = [s.name for s in plan.sources if s.read.ids == "unique"]
    out: dict[str, Json] = {
        "quantiles": {"version": DECIDE_VERSION, "histograms": each("histograms"), "unique_ids": unique}
    }
    for source in plan.sources:
        out[f"decide/{source.name}"] = {
            "version": DECIDE_VERSION,
            "quantiles": fingerprint(out["quantiles"]),
            "signals": {stage.name: fps[f"{stage.name}/{source.name}"] for stage in source.stages},
            "limits": {stage.name: _limits(stage) for stage in source.stages},
            "rescue": config.rescue,
            "weight_power": shares[source.name].weight_power,
            "largest_document": largest_document(config, source.name),
        }
    decided = {s.name: fingerprint(out[f"decide/{s.name}"]) for s in plan.sources}
    out["dedup"] = {
        "version": dedup.VERSION,
        "priority": [PRIORITY.index(source.kind) for source in plan.sources],
        "signatures": each("signatures"),
        "text": {s.name: fps[f"text/{s.name}"] for s in plan.sources},
        "decide": decided,
        "config": config.dedup.model_dump(mode="json"),
    }
    out["mix"] = {
        "version": mixing.VERSION,
        "dedup": fingerprint(out["dedup"]),
        "request": mix_request(config),
        "emphasis": emphasis(plan),
        "meta": {s.name: s.read.meta for s in plan.sources if config.mix.shares[s.name].emphasis},
    }
    names = [[plan.sources[i.source].name, i.shard] for i in plan.inputs]
    out["write"] = {
        "version": writers.VERSION,
        "mix": fingerprint(out["mix"]),
        "output": config.output.model_dump(mode="json"),
        "meta": {s.name: s.read.meta for s in plan.sources},
        "names": names,
    }
    out["account"] = {"mix": fingerprint(out["mix"]), "names": names, "version": writers.VERSION}
    return out


def _limits(stage: PlannedStage) -> Json:
    every = [*stage.module.RULES, *getattr(stage.module, "GATES", [])]
    return {rule.name: _plain(limit_of(stage.config, rule.name)) for rule in every}


def largest_document(config: Config, source: str) -> int:
    """Tokens that the source's least part of a shard can hold: a larger document is `mix.oversize`."""
    largest = shards.largest_documents(mixing.request_of(mix_request(config)))
    return int(largest[list(config.sources).index(source)])


def mix_request(config: Config) -> Json:
    """What the mixer is asked for, as JSON."""
    shares = [
        {
            "name": name,
            "share": entry.share,
            "low": entry.low,
            "high": entry.high,
            "max_epochs": entry.max_epochs,
            "max_copies": entry.max_copies,
            "floors": entry.floors,
        }
        for name, entry in ((name, config.mix.shares[name]) for name in config.sources)
    ]
    return {
        "sources": shares,
        "tokens": None if config.tokens == "max" else config.tokens,
        "min_tokens": config.min_tokens,
        "when_short": config.mix.when_short,
        "tolerance": config.mix.tolerance.model_dump(),
        "shard_tokens": config.output.shard_tokens,
        "seed": config.seed,
    }


def emphasis(plan: Plan) -> Json:
    """{lines: {source: [{match, weight}]}, allowed: of each input the numbers of lines that its path
    matches}: here alone are paths known."""
    shares = plan.config.mix.shares
    lines = {s.name: shares[s.name].emphasis for s in plan.sources if shares[s.name].emphasis}
    allowed = []
    for given in plan.inputs:
        mine = enumerate(lines.get(plan.sources[given.source].name, []))
        paths = [(number, line.match.get("path")) for number, line in mine]
        allowed.append([number for number, path in paths if path is None or path_matches(path, given.shard)])
    plain = {
        name: [{"match": one.match, "weight": one.weight} for one in some] for name, some in lines.items()
    }
    return {"lines": plain, "allowed": allowed}


STEP_BYTES = 0.75
"""Bytes under steps/ for each byte of text: final text in LZ4, signals, signatures; measured on documents of
4 kB, more where they are shorter."""

CORPUS_BYTES = 0.45
"""Bytes of the corpus and the ledger for each byte of text, in zstd, one epoch."""


def disk_needed(plan: Plan) -> int:
    """Bytes that a build may come to, estimated from the bytes of text."""
    return int(sum(given.part.bytes for given in plan.inputs) * plan.sample * (STEP_BYTES + CORPUS_BYTES))


# --- what would run, and why


@dataclass(frozen=True)
class Pending:
    """A step, how many of its tasks are to be done, and why."""

    step: str
    tasks: int
    of: int
    why: str


def pending(plan: Plan, run: RunDir) -> list[Pending]:
    """What a build would do now, step by step."""
    before = run.read_facts().get("fingerprint_parts", {})
    out = []
    for source in plan.sources:
        mine = [i for i in plan.inputs if plan.sources[i.source] is source]
        units = [u for u in plan.parts if u.endswith(f"/{source.name}")]
        for unit in units:
            step = unit.split("/")[0]
            results = [Result(step, plan.fingerprints[unit], i.content) for i in mine]
            out.append(_pending(unit, results, run, plan, before))
    for step in ("quantiles", "dedup", "mix"):
        out.append(_pending(step, [plan.result(step)], run, plan, before))
    mixed = run.manifest(plan.result("mix"))
    groups = shard_groups([shard["bytes"] for shard in mixed["sums"]["shards"]] if mixed else [])
    written = [plan.result("write", task_name(group)) for group in groups]
    out.append(_pending("write", written, run, plan, before))
    accounts = [plan.result("account", f"{number:06d}") for number in range(len(plan.inputs))]
    out.append(_pending("account", accounts, run, plan, before))
    return out


def _pending(
    unit: str, results: Sequence[Result], run: RunDir, plan: Plan, before: Mapping[str, Json]
) -> Pending:
    missing = [result for result in results if not run.committed(result)]
    if results and not missing:
        return Pending(unit, 0, len(results), "done")
    if unit not in before:
        why = "never ran"
    elif before[unit] == plan.parts[unit]:
        why = "new input, or unfinished"
    else:
        why = "; ".join(differences(before[unit], plan.parts[unit])) or "changed"
    return Pending(unit, len(missing), len(results), why)


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """What differs between two trees of plain data, at most six leaves: `path: old -> new` where both are
    short enough to read, else that `path` changed."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(k for k in now if k not in before)]
        found = [differences(before.get(k), now.get(k), f"{path}.{k}" if path else str(k)) for k in keys]
        return [d for some in found for d in some][:6]
    if before == now:
        return []
    if isinstance(before, dict) and "default" in before and now is not None:  # a limit by structure
        return differences(before, dict.fromkeys(before, now), path)
    if isinstance(now, dict) and "default" in now and before is not None:
        return differences(dict.fromkeys(now, before), now, path)
    if before is None or (now is None and isinstance(before, dict)):
        return [f"{path} is {'new' if before is None else 'gone'}"]
    unreadable = len(f"{before}{now}") > 60 or _is_fingerprint(before) or _is_fingerprint(now)
    return [f"{path} changed" if unreadable else f"{path}: {before} -> {now}"]


def _is_fingerprint(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{16}", value) is not None


def schema() -> Json:
    """JSON schema of a config file, the settings of all stages and readers included."""
    models = {name: stages.find(name).Config for name in stages.names() if name != "tokens"}
    return config_schema(models, readers.ReadConfig)
