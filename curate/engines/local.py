"""Worker processes on this machine: a fresh interpreter each, tasks and answers as JSON lines over pipes.

A signal to the parent stops the workers (the kernel sends them SIGKILL when it dies). A worker that dies or
says nothing for `STALL` seconds is replaced and its task tried once more; the second time the build ends.
"""

from __future__ import annotations

import contextlib
import errno
import json
import selectors
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from curate import errors
from curate.engines import Json
from curate.errors import BuildError, CurateError

STALL = 900.0
"""Seconds without a word from a worker after which its task counts as hung."""

TRIES = 2


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    stderr: Any
    task: int = -1
    heard: float = field(default_factory=time.monotonic)
    partial: bytes = b""

    def last_words(self) -> str:
        self.stderr.seek(0)
        lines = self.stderr.read().decode(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])


class LocalEngine:
    """`workers` processes, started when the first tasks come, kept between calls of `run`."""

    name = "local"

    def __init__(self, workers: int):
        self.size = max(1, workers)
        self._workers: list[_Worker] = []

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self, function: Callable[[Json], Json], tasks: Sequence[Json], on_progress: Callable[[Json], None]
    ) -> Iterator[tuple[int, Json]]:
        """See `Engine.run`."""
        name = f"{function.__module__}:{function.__qualname__}"
        waiting, tries, open_tasks = deque(range(len(tasks))), [0] * len(tasks), len(tasks)
        while open_tasks:
            self._give(name, tasks, waiting, tries)
            for worker, message in self._listen():
                if "progress" in message:
                    on_progress(message["progress"])
                elif "result" in message:
                    index, worker.task = worker.task, -1
                    open_tasks -= 1
                    yield index, message["result"]
                elif "died" in message:
                    if tries[worker.task] >= TRIES:
                        raise BuildError(
                            f"{message['died']} Twice, at {tasks[worker.task].get('say', name)}."
                        )
                    waiting.appendleft(worker.task)
                else:
                    raise _error(message["error"], tasks[worker.task].get("say", name))

    def _give(self, name: str, tasks: Sequence[Json], waiting: deque[int], tries: list[int]) -> None:
        while waiting:
            worker = next((w for w in self._workers if w.task < 0), None)
            if worker is None:
                if len(self._workers) >= self.size:
                    return
                worker = _start()
                self._workers.append(worker)
            worker.task, worker.heard = waiting.popleft(), time.monotonic()
            tries[worker.task] += 1
            request = {"function": name, "task": {**tasks[worker.task], "try": tries[worker.task]}}
            assert worker.process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # a dead worker is noticed when we listen
                worker.process.stdin.write(json.dumps(request).encode() + b"\n")
                worker.process.stdin.flush()

    def _listen(self) -> Iterator[tuple[_Worker, Json]]:
        """Waits until some worker says something; a worker that died is dropped and said as {"died": why}."""
        busy = [w for w in self._workers if w.task >= 0]
        with selectors.DefaultSelector() as selector:
            for worker in busy:
                assert worker.process.stdout is not None
                selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
            ready = [key.data for key, _ in selector.select(timeout=1.0)]
        for worker in ready:
            block = worker.process.stdout.read1(1 << 16)
            worker.heard = time.monotonic()
            if not block:
                yield worker, {"died": self._bury(worker)}
                continue
            *lines, worker.partial = (worker.partial + block).split(b"\n")
            for line in lines:
                yield worker, json.loads(line)
        for worker in busy:
            if worker.task >= 0 and time.monotonic() - worker.heard > STALL:
                worker.process.kill()

    def _bury(self, worker: _Worker) -> str:
        self._workers.remove(worker)
        code = worker.process.wait()
        words = worker.last_words()
        why = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        hint = " (often the machine's memory: try fewer workers, -j 1)" if code == -9 else ""
        return f"A worker died, {why}{hint}{': ' + words if words else ''}."

    def close(self) -> None:
        """Ends all workers at once; their unfinished attempts are swept by the next build."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.wait()
            worker.stderr.close()
        self._workers.clear()


def _start() -> _Worker:
    stderr = tempfile.TemporaryFile()  # noqa: SIM115  closed with the worker
    process = subprocess.Popen(
        [sys.executable, "-m", "curate.engines.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )
    return _Worker(process, stderr)


def _error(error: Json, say: str) -> CurateError:
    if error.get("errno") in (errno.ENOSPC, errno.EDQUOT):
        return BuildError("The disk is full. Make room (`curate check` says how much), then build again.")
    known = getattr(errors, error["kind"], None)
    if isinstance(known, type) and issubclass(known, CurateError) and known is not errors.ConfigError:
        return known(error["message"])
    if error["kind"] == "ConfigError":
        return errors.UsageError(error["message"])
    return BuildError(f"{say}: {error['message']}\n{error.get('traceback', '')}".rstrip())
