"""The run directory: every path in it, and how a task's result becomes true.

A task writes its outputs under names that no other attempt uses, makes them durable, and then creates its
manifest only if there is none: the first manifest wins, and what no manifest names does not exist. So a kill
at any moment leaves either a finished task or one that is done again; two attempts never mix.

    RUN/steps/<step>/<fingerprint>/<task>.json                manifest: outputs, sizes, checksums, sums
    RUN/steps/<step>/<fingerprint>/<task>.<attempt>.<name>    an output

Nobody else joins a path inside a run directory.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import IO, Any

from blake3 import blake3

from curate.errors import BuildError, UsageError

MANIFEST = "curate/manifest/1"
PUBLISHED = ("corpus", "ledger", "signals")

LOCK_PATIENCE = 10.0
"""Seconds that a build waits for the workers of one that was killed: they die with it, once the system call
that they are in ends."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """Names what one task leaves: `task` is unique within (step, fingerprint)."""

    step: str
    fingerprint: str
    task: str

    def plain(self) -> list[str]:
        """As JSON, to be sent to a worker: Result(*plain) is the same."""
        return [self.step, self.fingerprint, self.task]


@dataclass
class Attempt:
    """One try at a task: ask for paths, write to them, then `commit` once."""

    result: Result
    folder: Path
    token: str
    outputs: dict[str, Path] = field(default_factory=dict)
    sums: Json | None = None

    def path(self, name: str) -> Path:
        """Where to write the output called `name`; nobody else writes there."""
        fault("output-begun", self.result.step)
        self.outputs[name] = self.folder / f"{self.result.task}.{self.token}.{name}"
        return self.outputs[name]

    def commit(self, sums: Json | None = None) -> None:
        """Says that all outputs are complete; `sums` are small counts to keep with them. True on leaving."""
        self.sums = sums or {}


@dataclass(frozen=True)
class RunDir:
    """A run's directory, existing or to be."""

    path: Path

    # --- names that people see

    @property
    def config(self) -> Path:
        return self.path / "config.yaml"

    @property
    def facts(self) -> Path:
        return self.path / "run.json"

    @property
    def report(self) -> Path:
        return self.path / "report.json"

    @property
    def page(self) -> Path:
        return self.path / "report.html"

    @property
    def log(self) -> Path:
        return self.path / "log.jsonl"

    @property
    def steps(self) -> Path:
        return self.path / "steps"

    def files(self, kind: str) -> list[Path]:
        """Published Parquet files of `corpus`, `ledger` or `signals`, in order of name."""
        return sorted((self.path / kind).glob("*.parquet"))

    def must_exist(self) -> RunDir:
        """Itself, or UsageError when there is no run here."""
        if not self.facts.exists():
            raise UsageError(
                f"{self.path} is no run directory: it has no run.json. `curate build` makes one."
            )
        return self

    def must_be_complete(self) -> RunDir:
        """Itself, or UsageError when the build has not come to its end."""
        if not self.must_exist().report.exists():
            raise UsageError(
                f"{self.path}: this build has not finished. Run the same `curate build` again, or see "
                f"`curate status {self.path}`."
            )
        return self

    # --- results of tasks

    def manifest(self, result: Result) -> Json | None:
        """What a committed task left, None when it is not committed."""
        try:
            return json.loads(self._manifest_path(result).read_bytes())
        except FileNotFoundError:
            return None

    def committed(self, result: Result) -> bool:
        """Whether the task is done."""
        return self._manifest_path(result).exists()

    def sums(self, result: Result) -> Json:
        """The counts that a committed task left."""
        return self._must(result)["sums"]

    def output(self, result: Result, name: str) -> Path:
        """Path of a committed output."""
        return self._folder(result) / str(self._must(result)["outputs"][name]["file"])

    def outputs(self, result: Result) -> dict[str, Path]:
        """Paths of all committed outputs, by name."""
        folder = self._folder(result)
        return {name: folder / str(o["file"]) for name, o in self._must(result)["outputs"].items()}

    def checksum(self, result: Result, name: str) -> Json:
        """{bytes, blake3} of a committed output."""
        return _checksum_of(self._must(result)["outputs"][name])

    def committed_outputs(self) -> Iterator[tuple[Path, Json]]:
        """(path, {bytes, blake3}) of every output that a manifest names."""
        for manifest in sorted(self.steps.glob("*/*/*.json")):
            for output in json.loads(manifest.read_bytes())["outputs"].values():
                yield manifest.parent / output["file"], _checksum_of(output)

    @contextlib.contextmanager
    def attempt(self, result: Result) -> Iterator[Attempt]:
        """A try at a task; what it wrote is gone unless it called `commit` and no other attempt was first."""
        folder = self._folder(result)
        folder.mkdir(parents=True, exist_ok=True)
        attempt = Attempt(result, folder, secrets.token_hex(4))
        won = False
        try:
            yield attempt
            won = attempt.sums is not None and self._create_manifest(attempt)
        finally:
            if not won:  # or its manifest is there, and only making it durable failed
                named = (self.manifest(result) or {"outputs": {}})["outputs"].values()
                for path in attempt.outputs.values():
                    if path.name not in {o["file"] for o in named}:
                        path.unlink(missing_ok=True)

    def _create_manifest(self, attempt: Attempt) -> bool:
        outputs = {}
        for name, path in sorted(attempt.outputs.items()):
            outputs[name] = {"file": path.name, **checksum(path)}
            sync(path)
        fault("outputs-written", attempt.result.step)
        content = {"schema": MANIFEST, "outputs": outputs, "sums": attempt.sums}
        return create(self._manifest_path(attempt.result), dump(content), attempt.result.step)

    def _must(self, result: Result) -> Json:
        manifest = self.manifest(result)
        if manifest is None:
            raise BuildError(
                f"{self._manifest_path(result)} is missing: `curate clean` drops steps. Build again."
            )
        return manifest

    def _folder(self, result: Result) -> Path:
        return self.steps / result.step / result.fingerprint

    def _manifest_path(self, result: Result) -> Path:
        return self._folder(result) / f"{result.task}.json"

    def sweep(self) -> list[Path]:
        """Removes outputs that no manifest names: leavings of killed attempts, in this build or an earlier
        one. A manifest whose outputs are not there goes too, so that its task is done again; these are
        returned. Only under the lock, and while no task runs."""
        gone = []
        for path in self.path.glob(".*.tmp"):
            path.unlink()
        for folder in self.steps.glob("*/*"):
            sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
            whole = set()
            for name in [name for name in sizes if name.endswith(".json")]:
                if (outputs := _whole(folder / name, sizes)) is None:
                    gone.append(folder / name)
                else:
                    whole |= {name, *outputs}
            for name in sizes.keys() - whole:
                (folder / name).unlink()
        return gone

    def clean(self) -> int:
        """Drops steps/, returns the bytes that were in it (published files are links and stay)."""
        size = sum(p.stat().st_size for p in self.steps.rglob("*") if p.is_file() and p.stat().st_nlink == 1)
        shutil.rmtree(self.steps, ignore_errors=True)
        return size

    # --- publishing

    def publish(self, files: Mapping[str, Path], texts: Mapping[str, str], report: Json) -> None:
        """Makes exactly `files` (path in the run: committed output) and `texts` (path: content) visible, with
        `report` as report.json, last.

        Killed between any two operations, the run has no report.json and the same build goes on.
        """
        self.sweep()
        self.report.unlink(missing_ok=True)
        self.page.unlink(missing_ok=True)
        fault("report-removed")
        for kind in PUBLISHED:
            (self.path / kind).mkdir(parents=True, exist_ok=True)
            for path in sorted((self.path / kind).iterdir()):
                if f"{kind}/{path.name}" not in {*files, *texts}:
                    path.unlink()
                    fault("stale-removed")
        for name, source in sorted(files.items()):
            link(source, self.path / name)
            fault("linked")
        for name, text in sorted(texts.items()):
            replace(self.path / name, text.encode())
        for kind in PUBLISHED:
            sync(self.path / kind)
        replace(self.report, dump(report))

    def write_config(self, text: str) -> None:
        """config.yaml, resolved."""
        replace(self.config, text.encode())

    def write_facts(self, facts: Json) -> None:
        """run.json."""
        replace(self.facts, dump(facts))

    def read_facts(self) -> Json:
        """run.json, empty when there is none yet or it is damaged."""
        try:
            return json.loads(self.facts.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}

    def read_report(self) -> Json:
        """report.json of a complete run."""
        return json.loads(self.must_be_complete().report.read_bytes())

    @contextlib.contextmanager
    def lock(self, patience: float = LOCK_PATIENCE) -> Iterator[int]:
        """Holds the run directory for one build; the descriptor of the lock.

        Workers inherit it, so the lock ends with the last process of the build, and no sooner: it cannot go
        stale, and nobody sweeps files under a worker whose build was killed. Workers of a dead build are
        waited for, up to `patience` seconds.

        Raises UsageError that names the holder.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / ".lock", "a+") as file:
            self._acquire(file, patience)
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            try:
                yield file.fileno()
            finally:
                file.truncate(0)

    def _acquire(self, file: IO[str], patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip()
            if _lives(holder):
                raise UsageError(
                    f"{self.path} is being built by {holder}. Wait for it, stop it, or name another "
                    "directory with -o."
                )
            if time.monotonic() > deadline:  # or somebody only looks: `curate status`
                raise UsageError(
                    f"{self.path} is held by workers of a build that is gone ({holder or 'unknown'}). Stop "
                    "them, or name another directory with -o."
                )
            time.sleep(LOCK_PATIENCE / 200)

    def locked(self) -> bool:
        """Whether a build holds the directory now."""
        try:
            with open(self.path / ".lock") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False


def _lives(holder: str) -> bool:
    """Whether `process N on HOST` is there; yes where this machine cannot tell."""
    found = re.fullmatch(r"process (\d+) on (.*)", holder)
    if found is None:
        return False
    return found[2] != socket.gethostname() or Path(f"/proc/{found[1]}").exists()


def _whole(manifest: Path, sizes: Mapping[str, int]) -> list[str] | None:
    """The outputs that a manifest names; None where one is missing or cut off, or it cannot be read."""
    try:
        outputs = json.loads(manifest.read_bytes())["outputs"].values()
        complete = all(sizes.get(output["file"]) == output["bytes"] for output in outputs)
        return [output["file"] for output in outputs] if complete else None
    except (ValueError, KeyError, TypeError):
        return None


# --- durable files


def fingerprint(parts: object) -> str:
    """16 hex digits that name `parts` (plain JSON data)."""
    content = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return blake3(content.encode("utf-8", "surrogatepass")).hexdigest(8)


def checksum(path: Path, stop: Event | None = None) -> Json:
    """{bytes, blake3} of a file; blake3 with 16 bytes, as hex. stop: ends it early, with no such thing."""
    digest = blake3()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            if stop is not None and stop.is_set():
                break
        return {"bytes": file.tell(), "blake3": digest.hexdigest(16)}


def _checksum_of(output: Json) -> Json:
    """What `checksum` said of an output in a manifest."""
    return {name: value for name, value in output.items() if name != "file"}


def dump(content: Json) -> bytes:
    """JSON as we write it for people and scripts."""
    options: Json = {"indent": 1, "allow_nan": False}
    try:
        return (json.dumps(content, ensure_ascii=False, **options) + "\n").encode()
    except UnicodeEncodeError:  # the name of a file is no UTF-8
        return (json.dumps(content, **options) + "\n").encode()


def create(path: Path, content: bytes, step: str = "") -> bool:
    """Makes a durable file only if there is none of that name; whether this call made it. step: where tests
    may kill it."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write(temporary, content)
        fault("manifest-written", step)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        sync(path.parent)
        fault("committed", step)
        return True
    finally:
        temporary.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Makes a durable file, in place of one that may be there; never half of it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write(temporary, content)
        os.replace(temporary, path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def link(source: Path, target: Path) -> None:
    """A second name for `source` at `target`, whatever was there; a copy where the disk has no links."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)
            sync(temporary)
        os.replace(temporary, target)  # does nothing, and leaves both, when they are the same file already
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Makes a file's or folder's content durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fault(point: str, step: str = "") -> None:
    """Where tests break in. Dies here when CURATE_FAULT is `point` or `step/point`, or with `:n` behind it at
    its n-th passing; finds the disk full here when CURATE_FULL is one of these."""
    if _reached("CURATE_FULL", point, step):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if _reached("CURATE_FAULT", point, step):
        os.kill(os.getpid(), signal.SIGKILL)


def _reached(variable: str, point: str, step: str) -> bool:
    wanted, _, countdown = os.environ.get(variable, "").partition(":")
    if wanted not in (point, f"{step}/{point}"):
        return False
    if int(countdown or 1) > 1:
        os.environ[variable] = f"{wanted}:{int(countdown) - 1}"
        return False
    return True
