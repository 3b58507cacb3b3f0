"""The straight line, in reading order: one config in, one mixed corpus out.

    config -> plan -> annotate -> quantiles -> decide -> dedup -> mix -> write -> account -> publish -> report

Every step is tasks from files to files (see rundir.py): what is committed is not done again, so running the
same build again resumes it, and after a change redoes only what the change touches.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.filesize import decimal

from curate import CallableModule, __version__, annotate, decide, ledger, located, writers
from curate import plan as planning
from curate.config import Config, from_dict, load
from curate.dedup import tasks as dedup
from curate.engines import Engine
from curate.engines.local import LocalEngine
from curate.errors import DISK_FULL, NO_ROOM, AuditError, BuildError, CurateError, Interrupted, UsageError
from curate.mix import tasks as mix
from curate.parts import Part
from curate.plan import Input, Pending, Plan, PlannedSource
from curate.progress import Reporter
from curate.report import audit, html, numbers, sentinels
from curate.rundir import Result, RunDir
from curate.writers import _shards as writing

Json = dict[str, Any]

WORKER_BYTES = 1_200_000_000
"""Memory that a worker may come to, by which their number is bounded."""

WORKER_LIMIT = 3_000_000_000
"""Memory at which a worker that reads documents is ended. What it worked on is taken apart: in smaller
batches, then one document at a time, and the one that needs so much is quarantined. Steps that see all
documents of a run may need more."""


@dataclass
class Build:
    """What the steps share: nothing that is not also on disk, but for the screen."""

    plan: Plan
    run: RunDir
    engine: Engine
    reporter: Reporter
    sample: float = 1.0
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        return self.plan.config

    def labels(self) -> dict[str, str]:
        """What every Parquet file of the run says of itself."""
        return {"curate": __version__, "run": self.plan.fingerprints["account"], "schema": ledger.CORPUS_NAME}

    def map(self, name: str, function: Callable[[Json], Json], tasks: Sequence[Json]) -> list[Json]:
        """Runs a step's tasks, shown on the screen; results in the order of tasks."""
        results: list[Json] = [{}] * len(tasks)
        began, left = time.monotonic(), [float(task.get("work", 1)) for task in tasks]
        with self.reporter.step(name, sum(left)) as step:

            def advance(counts: Json) -> None:
                if "warning" in counts:
                    self.reporter.warn(counts["warning"])
                size, index = counts.get("bytes", 0), counts["task"]
                done = min(size, left[index]) if "work" in tasks[index] else 0  # `work` is in bytes of text
                left[index] -= done
                step.advance(done, counts.get("documents", 0), size)

            for index, result in self.engine.run(function, tasks, advance):
                results[index] = result
                step.advance(left[index])
        self.timings[name] = self.timings.get(name, 0.0) + time.monotonic() - began
        return results


def build(
    config: Config | str | Path | Mapping[str, Any],
    out: str | Path,
    workers: int | None = None,
    sample: float = 1.0,
    reporter: Reporter | None = None,
    fork: bool = False,
) -> Json:
    """Builds `config` into the run directory `out`, resuming what is there. Returns the report.

    config: a Config, a YAML file, or the same as plain data (paths in it relative to the working directory).
    fork: workers are forks of this process, which saves each half a second of imports; for a process that has
    no threads and no state but curate's.

    Raises ConfigError or UsageError (exit code 2), InfeasibleMix (3), BuildError (1), Interrupted (130).
    """
    config, run, began = _config(config), RunDir(Path(out)), time.monotonic()
    with _signals_interrupt(), _full_disk_is_said(), run.lock() as lock:
        reporter = reporter or Reporter(run.log)
        with _end_is_logged(reporter):
            facts = run.read_facts()
            plan = make_plan(config, sample, facts.get("inputs"))
            _check_disk(plan, run)
            for manifest in run.sweep():
                reporter.warn(f"{manifest}: its outputs are not there. That task is done again.")
            reporter.event("build", config=str(plan.config.path), inputs=len(plan.inputs))
            line = _begin(plan, run, facts, workers, sample)
            with LocalEngine(worker_count(workers, len(plan.inputs)), [lock], fork) as engine:
                state = Build(plan, run, engine, reporter, sample)
                report = _line(state, began)
            done = {"seconds": report["seconds"], "timings": state.timings, **line}
            run.write_facts({**run.read_facts(), **done})
    return report


def _config(given: Config | str | Path | Mapping[str, Any]) -> Config:
    if isinstance(given, Config):
        return given
    return from_dict(given, Path.cwd()) if isinstance(given, Mapping) else load(given)


def make_plan(config: Config, sample: float = 1.0, known: Mapping[str, list[Any]] | None = None) -> Plan:
    """The plan of a build; sample: fraction of documents and of tokens."""
    if not 0 < sample <= 1:
        raise UsageError(f"--sample {sample} is no fraction above 0 and up to 1, such as 0.01.")
    if sample < 1:
        scaled = {
            name: max(1, int(value * sample))
            for name in ("tokens", "min_tokens")
            if isinstance(value := getattr(config, name), int)
        }
        config = config.model_copy(update=scaled)
    return planning.make(config, known, sample=sample)


def worker_count(asked: int | None, tasks: int) -> int:
    """Workers: as many as asked, else one per core, as memory and the number of tasks allow."""
    if asked is not None:
        return max(1, asked)
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(cores, memory // WORKER_BYTES, max(tasks, 1)))


def pending(config: Config, run: RunDir, sample: float = 1.0) -> list[Pending]:
    """What a build would do, and why, without doing it."""
    return planning.pending(make_plan(config, sample, run.read_facts().get("inputs")), run)


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Turns SIGINT and SIGTERM into KeyboardInterrupt while the build runs (in the main thread only): who
    tries something, here or in a library, would take an Exception for a failure of what was tried."""
    try:
        raises = signal.default_int_handler
        before = {s: signal.signal(s, raises) for s in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: whoever runs it handles signals
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _end_is_logged(reporter: Reporter) -> Iterator[None]:
    """Says in the log why a build stopped, where there is room to say it. Raises Interrupted for
    KeyboardInterrupt."""
    try:
        try:
            yield
        except KeyboardInterrupt:
            raise Interrupted(
                "Interrupted. What was finished is kept: run the same command again to go on from here."
            ) from None
    except (CurateError, OSError) as error:
        with suppress(OSError):
            reporter.event("stopped", why=type(error).__name__, sentence=str(error))
        raise


@contextmanager
def _full_disk_is_said() -> Iterator[None]:
    """BuildError in place of the system's words, where this process finds no room; workers have their own."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise BuildError(DISK_FULL) from error


def _check_disk(plan: Plan, run: RunDir) -> None:
    """Raises BuildError when the disk cannot hold what a first build of this plan writes."""
    needed, free = planning.disk_needed(plan), shutil.disk_usage(run.path).free
    if not run.steps.exists() and needed > free:
        raise BuildError(
            f"{run.path} needs about {decimal(needed)} of disk, and {decimal(free)} are free. Make room, or "
            "name another disk with -o."
        )


def _begin(plan: Plan, run: RunDir, facts: Json, workers: int | None, sample: float) -> Json:
    """Writes config.yaml and run.json; returns what run.json says of this build."""
    about = {
        "schema": "curate/run/1",
        "curate": __version__,
        "python": platform.python_version(),
        "host": socket.gethostname(),
        "engine": "local",
        "workers": worker_count(workers, len(plan.inputs)),
        "seed": plan.config.seed,
        "sample": sample,
        "base": str(plan.config.base.resolve()),
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "inputs": plan.hashes,
        "fingerprints": plan.fingerprints,
    }
    run.write_config(located.dump(plan.resolved()))
    run.write_facts({**facts, **about, "fingerprint_parts": plan.parts})
    return about


def _line(build: Build, began: float) -> Json:
    load_kernels(build)
    watched = run_sentinels(build)
    annotated = run_annotate(build)
    parts = count_parts(build.plan, [counts["rows"] for counts in annotated])
    _stop_on_errors(build, annotated)
    repeated = run_quantiles(build, parts)
    parts = run_decide(build, parts)
    duplicates = run_dedup(build, parts)
    plan = run_mix(build, parts, duplicates)
    shards = run_write(build, parts, plan)
    fates = run_account(build, parts, plan)
    return publish(build, parts, annotated, shards, fates, repeated, watched, began)


def load_kernels(build: Build) -> None:
    """Each stage that has documents to read by the next worker that is free: a machine's first build compiles
    for the better part of a minute, and so does it on all cores."""
    tasks = {}
    for given in build.plan.inputs:
        source, units = build.plan.sources[given.source], build.plan.units(given)
        missing = {name for name, unit in units.items() if not build.run.committed(unit)}
        for name, config in source.plain_stages():
            if name in missing:
                tasks[json.dumps([name, config])] = {"stage": name, "config": config, "kind": source.kind}
        if "signatures" in missing and planning.signature_config(build.config):
            tasks[""] = {"stage": None}
    if tasks:
        build.map("kernels", annotate.load_kernels, list(tasks.values()))


def run_sentinels(build: Build) -> Json:
    """What the rules of each source of text do to the packaged sentinels, by source; a warning where that is
    not as it should be.

    Raises AuditError instead with `audit: strict`, before any input is read.
    """
    tasks = [sentinel_task(build, source) for source in build.plan.sources]
    tasks = [task for task in tasks if sentinels.applies(task["kind"], task["stages"])]
    missing = [task for task in tasks if not build.run.committed(Result(*task["result"]))]
    if missing:
        build.map("sentinels", sentinels.judge_source, missing)
    by_source = {task["source"]: build.run.sums(Result(*task["result"])) for task in tasks}
    wrong = sentinels.all_findings(by_source)
    if wrong and build.config.audit.strict:
        raise AuditError(wrong)
    for sentence in wrong:
        build.reporter.warn(sentence)
    return by_source


def sentinel_task(build: Build, source: PlannedSource) -> Json:
    name = planning.sentinels_fingerprint(source, sentinels.version())
    return {
        "say": f"sentinels {source.name}",
        "run": str(build.run.path),
        "result": Result("sentinels", name, source.name).plain(),
        "source": source.name,
        "kind": source.kind,
        "stages": source.plain_stages(),
    }


def run_annotate(build: Build) -> list[Json]:
    """Reads every input once; counts of each."""
    tasks = [annotate_task(build, given) for given in build.plan.inputs]
    return build.map("annotate", annotate.annotate_part, tasks)


def annotate_task(build: Build, given: Input) -> Json:
    source = build.plan.sources[given.source]
    return {
        "say": f"annotate {source.name}/{given.shard}",
        "silence": annotate.SILENCE,
        "memory": WORKER_LIMIT,
        "work": max(1, given.part.bytes),
        "run": str(build.run.path),
        "source": source.name,
        "kind": source.kind,
        "part": dataclasses.asdict(given.part),
        "known": build.plan.hashes[given.part.path],
        "read": source.read.model_dump(mode="json"),
        "stages": source.plain_stages(),
        "units": {name: unit.plain() for name, unit in build.plan.units(given).items()},
        "audit": build.config.audit.sample,
        "sample": build.sample,
        "minhash": planning.signature_config(build.config),
    }


def count_parts(plan: Plan, rows: Sequence[int]) -> list[Part]:
    """Parts of the run with documents counted through."""
    parts, base = [], 0
    for number, (given, n) in enumerate(zip(plan.inputs, rows, strict=True)):
        source = plan.sources[given.source]
        parts.append(Part(number, source.name, source.kind, given.shard, n, base, plan.units(given)))
        base += n
    return parts


def _stop_on_errors(build: Build, annotated: Sequence[Json]) -> None:
    rows = sum(counts["rows"] for counts in annotated)
    bad = sum(counts["errors"] for counts in annotated)
    if not bad:
        return
    first = next(counts["first_error"] for counts in annotated if counts["errors"])
    limit = build.config.max_quarantined
    if build.config.on_error == "stop":
        raise BuildError(
            f"{bad:,} documents cannot be read or processed, and `on_error: stop` is set: {first}"
        )
    if limit is not None and bad > limit * rows:
        raise BuildError(
            f"{bad:,} of {rows:,} documents are quarantined ({bad / rows:.2%}), over max_quarantined = "
            f"{limit:.2%}. The first: {first}"
        )


def run_quantiles(build: Build, parts: Sequence[Part]) -> Json:
    """Cut points of the signals that want a quantile; {repeated_ids}."""
    task = {
        "run": str(build.run.path),
        "result": build.plan.result("quantiles").plain(),
        "parts": [part.plain() for part in parts],
        "unique_ids": [s.name for s in build.plan.sources if s.read.ids == "unique"],
    }
    return build.map("quantiles", decide.quantiles, [task])[0]


def run_decide(build: Build, parts: Sequence[Part]) -> list[Part]:
    """Fates so far; the parts, with their decisions among their units."""
    tasks, out = [], []
    for part, given in zip(parts, build.plan.inputs, strict=True):
        source, result = build.plan.sources[given.source], build.plan.decision(given)
        out.append(part.with_unit("decide", result))
        tasks.append(
            {
                "say": f"decide {part.source}/{part.shard}",
                "run": str(build.run.path),
                "result": result.plain(),
                "part": part.plain(),
                "stages": source.plain_stages(),
                "quantiles": build.plan.result("quantiles").plain(),
                "rescue": build.config.rescue,
                "weight_power": build.config.mix.shares[part.source].weight_power,
                "largest_document": planning.largest_document(build.config, part.source),
            }
        )
    build.map("decide", decide.decide_part, tasks)
    return out


def run_dedup(build: Build, parts: Sequence[Part]) -> Result:
    """Which documents are duplicates, and of which: edges, groups, then texts compared."""
    result = build.plan.result("dedup")
    if build.run.committed(result):
        return result
    settings = build.config.dedup
    common = {
        "run": str(build.run.path),
        "parts": [part.plain() for part in parts],
        "priority": [planning.PRIORITY.index(part.kind) for part in parts],
        "exact": settings.exact,
        "minhash": settings.minhash.model_dump(mode="json") if settings.minhash else None,
        "fingerprint": result.fingerprint,
    }
    edges = dedup.edge_tasks(common)
    build.map("dedup edges", dedup.find_edges, edges)
    groups = build.map("dedup groups", dedup.find_groups, [{**common, "edges": len(edges)}])[0]
    tasks = [{**common, "group": number} for number in range(groups["tasks"])]
    build.map("dedup texts", dedup.compare_texts, tasks)
    last = {**common, "groups": groups["tasks"], "result": result.plain()}
    build.map("dedup join", dedup.join, [last])
    return result


def run_mix(build: Build, parts: Sequence[Part], duplicates: Result) -> Result:
    """Which documents, how many copies, in which shard and place."""
    result = build.plan.result("mix")
    task = {
        "run": str(build.run.path),
        "result": result.plain(),
        "parts": [part.plain() for part in parts],
        "dedup": duplicates.plain(),
        "request": planning.mix_request(build.config),
        "emphasis": planning.emphasis(build.plan),
    }
    build.map("mix", mix.plan_mix, [task])
    return result


def run_write(build: Build, parts: Sequence[Part], plan: Result) -> list[tuple[Result, str]]:
    """The output shards, some of them a task: (result, output) of each."""
    sizes = [shard["bytes"] for shard in build.run.sums(plan)["shards"]]
    suffix = writers.find(build.config.output.format).SUFFIX
    common = {
        "run": str(build.run.path),
        "format": build.config.output.format,
        "parts": [part.plain() for part in parts],
        "plan": plan.plain(),
        "columns": build.config.output.columns,
        "labels": build.labels(),
    }
    tasks, shards = [], []
    for group in writing.shard_groups(sizes):
        result = build.plan.result("write", writing.task_name(group))
        shards += [(result, writing.output_name(number, suffix)) for number in group]
        tasks.append(
            {
                **common,
                "say": f"write shards {group[0]} to {group[-1]}",
                "work": max(1, sum(sizes[number] for number in group)),
                "shards": group,
                "result": result.plain(),
            }
        )
    build.map("write", writing.write_shards, tasks)
    return shards


def run_account(build: Build, parts: Sequence[Part], plan: Result) -> list[Result]:
    """Ledger and signal rows of every part."""
    results = [build.plan.result("account", f"{part.number:06d}") for part in parts]
    names = [[part.source, part.shard] for part in parts]
    tasks = []
    for part, given, result in zip(parts, build.plan.inputs, results, strict=True):
        source = build.plan.sources[given.source]
        in_force = decide.judged_of(source.plain_stages())
        tasks.append(
            {
                "say": f"account {part.source}/{part.shard}",
                "run": str(build.run.path),
                "result": result.plain(),
                "part": part.plain(),
                "parts": names,
                "stages": [stage.name for stage in source.stages],
                "rules": [[j.stage, j.rule.name, j.rule.signal] for j in in_force],
                "dedup": build.plan.result("dedup").plain(),
                "plan": plan.plain(),
                "audit": build.config.audit.sample,
                "largest_document": planning.largest_document(build.config, part.source),
                "labels": build.labels(),
            }
        )
    build.map("account", ledger.account_part, tasks)
    return results


def publish(
    build: Build,
    parts: Sequence[Part],
    annotated: Sequence[Json],
    shards: Sequence[tuple[Result, str]],
    accounts: Sequence[Result],
    repeated: Json,
    watched: Json,
    began: float,
) -> Json:
    """Gives everything the names that people see; the report, which comes last, says that the run is
    whole."""
    run = build.run
    suffix = writers.find(build.config.output.format).SUFFIX
    files: dict[str, tuple[Result, str]] = {
        f"corpus/train-{i:05d}-of-{len(shards):05d}.{suffix}": shard for i, shard in enumerate(shards)
    }
    for name, number in _ledger_names(parts):
        files[f"ledger/{name}.parquet"] = (accounts[number], "ledger")
        files[f"signals/{name}.parquet"] = (accounts[number], "signals")
    counted, audited = run_report(build, files, watched)
    mixed = build.plan.result("mix")
    report = numbers.compute(run, build.config, files, annotated, mixed, counted, audited)
    report["repeated_ids"] = repeated["repeated_ids"]
    report["seconds"] = round(time.monotonic() - began, 2)
    report["steps"] = {name: round(seconds, 3) for name, seconds in build.timings.items()}
    report["files"] = {name: run.checksum(*at) for name, at in sorted(files.items())}
    texts = {"corpus/README.md": numbers.dataset_card(report, build.config), "report.html": html.page(report)}
    run.publish({name: run.output(*at) for name, at in files.items()}, texts, report)
    build.reporter.event("complete", **{k: report[k] for k in ("status", "tokens", "documents", "fates")})
    return report


def run_report(build: Build, files: Mapping[str, tuple[Result, str]], watched: Json) -> tuple[Json, Json]:
    """The numbers, and the over-filtering audit, of the ledger and signals about to be published."""
    names = sorted(name.partition("/")[2] for name in files if name.startswith("ledger/"))
    ledgers, signals = (
        [str(build.run.output(*files[f"{kind}/{name}"])) for name in names] for kind in ("ledger", "signals")
    )
    in_force = {source.name: decide.judged_of(source.plain_stages()) for source in build.plan.sources}
    audited = {
        "files": [*zip(ledgers, signals, strict=True)],
        "sample": build.config.audit.sample,
        "soft": [[*at, is_soft] for at, is_soft in audit.soft_rules(in_force).items()],
        "sentinels": watched,
    }
    counted, found = build.map("report", count_or_audit, [{"ledgers": ledgers}, audited])
    warnings = [*sentinels.all_findings(watched), *audit.concerns(found, build.config.rescue)]
    return counted, {**found, "warnings": warnings}


def count_or_audit(task: Json) -> Json:
    """One of the two tasks of `run_report`."""
    return audit.of_run(task) if "soft" in task else numbers.of_ledger(task)


def _ledger_names(parts: Sequence[Part]) -> Iterator[tuple[str, int]]:
    """(name, number of the part), in order of source and shard, so that names follow the user's files."""
    counts: dict[str, int] = {}
    for part in sorted(parts, key=lambda p: (p.source, p.shard, p.number)):
        counts[part.source] = counts.get(part.source, -1) + 1
        yield f"{part.source}-{counts[part.source]:05d}", part.number


sys.modules[__name__].__class__ = CallableModule
