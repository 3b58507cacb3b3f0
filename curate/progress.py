"""What a person sees while a build runs, on stderr, and the log of a run as JSON lines."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

QUIET_EVERY = 10.0
"""Seconds between lines when stderr is no terminal."""


class _Rates(ProgressColumn):
    """`12,345 documents/s  8.1 MB/s`, over the step so far."""

    def render(self, task: Task) -> Text:
        return Text(_rates(task.fields["documents"], task.fields["bytes"], task.elapsed or 0.0), "cyan")


def _rates(documents: int, size: int, seconds: float) -> str:
    if not seconds or not documents:
        return ""
    return f"{documents / seconds:,.0f} documents/s  {size / seconds / 1e6:.1f} MB/s"


@dataclass
class Counter:
    """How far a step has come. total: units of work, as `advance` counts them."""

    name: str
    total: float
    done: float = 0
    documents: int = 0
    bytes: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class Reporter:
    """Bars on a terminal, a line now and then elsewhere, everything of note in the log."""

    def __init__(self, log: Path | None = None, quiet: bool = False):
        self.console = Console(stderr=True)
        self.quiet = quiet
        self._log: BinaryIO | None = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            self._log = open(log, "ab", buffering=0)  # noqa: SIM115  closed by close
            if _is_cut_off(log):
                self._log.write(b"\n")

    def event(self, event: str, **facts: Any) -> None:
        """One line of the log: {time, event, ...facts}."""
        if self._log is not None:
            line = {"time": round(time.time(), 3), "process": os.getpid(), "event": event, **facts}
            self._log.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def warn(self, sentence: str) -> None:
        """A sentence that a person should see, whatever else is on the screen."""
        self.event("warning", sentence=sentence)
        self.console.print(f"[yellow]warning[/] {sentence}", highlight=False, soft_wrap=True)

    def say(self, sentence: str) -> None:
        """A sentence on stderr, unless quiet."""
        if not self.quiet:
            self.console.print(sentence, highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str, total: float, unit: str = "tasks") -> Iterator[Step]:
        """Shows one step while it runs; total in `unit` (tasks or bytes)."""
        self.event("step", step=name, total=total, unit=unit)
        step = Step(Counter(name, total), self)
        with step:
            yield step
        counter = step.counter
        facts = {"seconds": round(counter.seconds, 3), "documents": counter.documents, "bytes": counter.bytes}
        self.event("step done", step=name, **facts)

    def close(self) -> None:
        """Closes the log."""
        if self._log is not None:
            self._log.close()


def _is_cut_off(log: Path) -> bool:
    """Whether the last line has no end: the disk was full."""
    with open(log, "rb") as file:
        file.seek(0, os.SEEK_END)
        if not file.tell():
            return False
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


class Step:
    """The line of one step on the screen."""

    def __init__(self, counter: Counter, reporter: Reporter):
        self.counter, self.reporter = counter, reporter
        self._spoke = time.monotonic()
        self._bar: Progress | None = None
        if reporter.console.is_terminal and not reporter.quiet:
            self._bar = Progress(
                SpinnerColumn(finished_text="[green]✓"),
                TextColumn("{task.description:<10}"),
                BarColumn(bar_width=28),
                TextColumn("{task.percentage:>3.0f} %"),
                _Rates(),
                TimeRemainingColumn(elapsed_when_finished=True),
                console=reporter.console,
            )
            self._task = self._bar.add_task(counter.name, total=counter.total or 1, documents=0, bytes=0)

    def __enter__(self) -> Step:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._bar:
            if kind is None:
                self._bar.update(self._task, completed=self.counter.total or 1)
            self._bar.stop()
        elif kind is None and not self.reporter.quiet:
            self._line("done")

    def advance(self, work: float = 0, documents: int = 0, size: int = 0) -> None:
        """Counts work done."""
        counter = self.counter
        counter.done += work
        counter.documents += documents
        counter.bytes += size
        if self._bar:
            self._bar.update(
                self._task, completed=counter.done, documents=counter.documents, bytes=counter.bytes
            )
        if time.monotonic() - self._spoke > QUIET_EVERY:
            self._spoke = time.monotonic()
            self._log()
            if not self._bar and not self.reporter.quiet:
                self._line(self._eta())

    def _log(self) -> None:
        counter = self.counter
        share = counter.done / counter.total if counter.total else 1.0
        facts = {"documents": counter.documents, "bytes": counter.bytes, "share": round(share, 4)}
        self.reporter.event("step progress", step=counter.name, seconds=round(counter.seconds, 1), **facts)

    def _eta(self) -> str:
        counter = self.counter
        if not counter.done or not counter.total:
            return ""
        left = counter.seconds * max(0.0, counter.total / counter.done - 1)
        return f"{100 * counter.done / counter.total:.0f} %  ETA {left:.0f} s"

    def _line(self, tail: str) -> None:
        counter = self.counter
        rates = _rates(counter.documents, counter.bytes, counter.seconds)
        words = [f"{counter.name:<10}", f"{counter.seconds:6.1f} s", rates, tail]
        print("  ".join(w for w in words if w), file=sys.stderr, flush=True)
