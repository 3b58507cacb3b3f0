"""Worker processes on this machine: tasks and answers as JSON lines over pipes.

A worker is a fresh interpreter, or, where the parent holds nobody else's threads and state, a fork of it,
which has all its imports. A signal to the parent stops the workers (the kernel sends them SIGKILL when it
dies). A worker that dies, is out of memory, holds more than its task allows (`memory`) or is at the same
documents for longer than that (`silence`) is replaced and its task tried again: once, or, where it says at
which documents it died (`report_place`), while the places differ.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from curate import errors
from curate.engines import ENVIRONMENT, Json
from curate.engines.worker import work_for
from curate.errors import BuildError, CurateError

TRIES = 2
"""Deaths of a task, at no document that it could name, that end the build."""

LOOK_SECONDS = 0.2
"""Between looks at how much memory workers hold and for how long they have been silent."""

SAME_PLACE = 3
MOST_DEATHS = 16
"""Deaths of a task that end the build, although it names documents: at one place, and in all."""


class _Process(Protocol):
    """What is used of a subprocess.Popen."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def kill(self) -> None: ...

    def wait(self) -> int: ...


STOPS = {signal.SIGINT, signal.SIGTERM}


@dataclass
class _Worker:
    process: _Process
    stderr: IO[bytes]
    task: int = -1
    silence: float | None = None  # seconds without a word, at a place, after which it counts as hung
    memory: int | None = None  # bytes that it may hold; one that holds more is ended, as the machine would
    place: list[Any] | None = None  # where its task said that it is
    fault: str = ""  # why we killed it
    heard: float = field(default_factory=time.monotonic)
    partial: bytes = b""

    def last_words(self) -> str:
        self.stderr.seek(0)
        lines = self.stderr.read().decode(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])


class LocalEngine:
    """`workers` processes, kept between calls of `run`. keep: descriptors that they hold open while they
    live. fork: they start now, as forks of this process; else when the first tasks come, as fresh
    interpreters."""

    name = "local"

    def __init__(self, workers: int, keep: Sequence[int] = (), fork: bool = False):
        self.size = max(1, workers)
        self._keep = tuple(keep)
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()
        self._look = 0.0
        if fork:
            self._fork_all()

    def _fork_all(self) -> None:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # a fork that nobody knows of is not ended
        try:
            try:
                for _ in range(self.size):
                    self._add(_fork(self._keep))
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except BaseException:  # Ctrl-C too
            self.close()
            raise

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self, function: Callable[[Json], Json], tasks: Sequence[Json], on_progress: Callable[[Json], None]
    ) -> Iterator[tuple[int, Json]]:
        """See `Engine.run`."""
        name = f"{function.__module__}:{function.__qualname__}"
        largest_first = sorted(range(len(tasks)), key=lambda index: -tasks[index].get("work", 0))
        waiting, open_tasks = deque(largest_first), len(tasks)  # so that no worker ends long after another
        deaths: list[list[Json]] = [[] for _ in tasks]
        while open_tasks:
            self._give(name, tasks, waiting, deaths)
            for worker, message in self._listen():
                say = str(tasks[worker.task].get("say", name))
                if "progress" in message:
                    on_progress({**message["progress"], "task": worker.task})
                elif "place" in message:
                    worker.place = message["place"]
                elif "result" in message:
                    index, worker.task, worker.place = worker.task, -1, None
                    open_tasks -= 1
                    yield index, message["result"]
                elif "died" in message:
                    deaths[worker.task].append({"place": worker.place, "why": message["died"]})
                    said = _said(worker, message["died"], say)
                    _give_up(deaths[worker.task], said)
                    on_progress({"warning": f"{said} It is tried again.", "task": worker.task})
                    waiting.appendleft(worker.task)
                else:
                    raise _error(message["error"], say)

    def _add(self, worker: _Worker) -> _Worker:
        assert worker.process.stdout is not None
        self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        self._workers.append(worker)
        return worker

    def _give(
        self, name: str, tasks: Sequence[Json], waiting: deque[int], deaths: Sequence[list[Json]]
    ) -> None:
        while waiting:
            worker = next((w for w in self._workers if w.task < 0), None)
            if worker is None:
                if len(self._workers) >= self.size:
                    return
                worker = self._add(_start(self._keep))
            worker.task, worker.heard, worker.place = waiting.popleft(), time.monotonic(), None
            task, died = tasks[worker.task], deaths[worker.task]
            worker.silence, worker.memory = task.get("silence"), task.get("memory")
            request = {"function": name, "task": {**task, "try": len(died) + 1, "deaths": died}}
            assert worker.process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # a dead worker is noticed when we listen
                worker.process.stdin.write(json.dumps(request).encode() + b"\n")
                worker.process.stdin.flush()

    def _listen(self) -> Iterator[tuple[_Worker, Json]]:
        """What workers say, waited for. One that died is dropped; if it had a task it says {"died": why}."""
        for worker in [key.data for key, _ in self._selector.select(timeout=LOOK_SECONDS)]:
            block = worker.process.stdout.read1(1 << 16)
            worker.heard = time.monotonic()
            if not block:
                why = self._bury(worker)
                if worker.task >= 0:
                    yield worker, {"died": why}
                continue
            *lines, worker.partial = (worker.partial + block).split(b"\n")
            for line in lines:
                message = json.loads(line)
                if message.get("error", {}).get("kind") == "MemoryError":  # it is in no state to go on
                    worker.fault = "ran out of memory"
                    worker.process.kill()
                else:
                    yield worker, message
        if time.monotonic() >= self._look:
            self._look = time.monotonic() + LOOK_SECONDS
            self._end_the_excessive()

    def _end_the_excessive(self) -> None:
        """Kills workers that are silent for too long at one place, or hold too much."""
        for worker in [w for w in self._workers if w.task >= 0]:
            silent = time.monotonic() - worker.heard
            if worker.place is not None and worker.silence is not None and silent > worker.silence:
                worker.fault = f"took longer than {worker.silence:g} s"
                worker.process.kill()
            elif worker.memory is not None and _held(worker.process.pid) > worker.memory:
                worker.fault = f"needed more than {worker.memory / 1e9:.1f} GB of memory"
                worker.process.kill()

    def _bury(self, worker: _Worker) -> str:
        """Drops a dead worker; what it died of, as in "a worker ..."."""
        assert worker.process.stdout is not None
        self._selector.unregister(worker.process.stdout)
        self._workers.remove(worker)
        code = worker.process.wait()
        memory = " (often the machine's memory)" if code == -signal.SIGKILL else ""
        return worker.fault or (
            f"was killed by signal {-code}{memory}" if code < 0 else f"ended with code {code}"
        )

    def close(self) -> None:
        """Ends all workers at once; their unfinished attempts are swept by the next build."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.wait()
            worker.stderr.close()
        self._workers.clear()
        self._selector.close()


def _start(keep: Sequence[int]) -> _Worker:
    stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed with the worker
    process = subprocess.Popen(
        [sys.executable, "-m", "curate.engines.worker", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**ENVIRONMENT, **os.environ},
        pass_fds=keep,
    )
    return _Worker(process, stderr)


class _Forked:
    """A child of os.fork, shown as Popen shows its own."""

    def __init__(self, pid: int, stdin: int, stdout: int):
        self.pid = pid
        self.stdin: IO[bytes] | None = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] | None = os.fdopen(stdout, "rb")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _fork(keep: Sequence[int]) -> _Worker:
    stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed with the worker
    (asked, ask), (told, tell), parent = os.pipe(), os.pipe(), os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Arrow's allocator has a thread, and knows forks
        pid = os.fork()
    if not pid:
        _work_for(parent, (asked, tell, stderr.fileno()), keep)
    os.close(asked)
    os.close(tell)
    return _Worker(_Forked(pid, ask, told), stderr)


def _work_for(parent: int, streams: Sequence[int], keep: Sequence[int]) -> None:
    """The life of a fork: nothing of the parent's is open in it or runs when it ends."""
    code = 1
    try:
        for stop in STOPS:
            signal.signal(stop, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdout, sys.stderr = (open(fd, "w", buffering=1, closefd=False) for fd in (1, 2))  # noqa: SIM115
        for name in {int(name) for name in os.listdir("/proc/self/fd")}.difference((0, 1, 2), keep):
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(name)
        work_for(parent)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _held(process: int) -> int:
    """Bytes of memory that are its own; files that it maps can be taken back. 0 where nobody says."""
    try:
        resident, shared = Path(f"/proc/{process}/statm").read_text().split()[1:3]
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def _said(worker: _Worker, why: str, say: str) -> str:
    """What happened to whom and where, with the worker's last words."""
    words, at = worker.last_words(), ""
    if worker.place is not None:
        stage, first, n = worker.place
        at = f", {stage}, document {first}" if n == 1 else f", {stage}, documents from {first} on"
    return f"A worker {why} at {say}{at}{' (' + words + ')' if words else ''}."


def _give_up(deaths: Sequence[Json], said: str) -> None:
    """Raises BuildError when another try would end like those before."""
    nowhere = sum(death["place"] is None for death in deaths)
    here = sum(death["place"] == deaths[-1]["place"] for death in deaths)
    if nowhere >= TRIES or here >= SAME_PLACE or len(deaths) >= MOST_DEATHS:
        hint = " Fewer workers leave more memory to each: -j 1." if "memory" in said else ""
        raise BuildError(f"{said} It died {len(deaths)} times.{hint}")


def _error(error: Json, say: str) -> CurateError:
    if error.get("errno") in errors.NO_ROOM:
        return BuildError(errors.DISK_FULL)
    known = getattr(errors, error["kind"], None)
    if isinstance(known, type) and issubclass(known, CurateError) and known is not errors.ConfigError:
        return known(error["message"])
    if error["kind"] == "ConfigError":
        return errors.UsageError(error["message"])
    return BuildError(f"{say}: {error['message']}\n{error.get('traceback', '')}".rstrip())
