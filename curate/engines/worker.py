"""A worker process: reads tasks as JSON lines from descriptor 0, answers on 1, ends when its parent does.

in    {"function": "module:name", "task": {...}}
out   {"progress": {...}} and {"place": [...]} any number of times, then {"result": {...}} or {"error": {...}}
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from typing import IO, Any

from curate.engines import GARBAGE
from curate.errors import CurateError
from curate.pandas_free import spare_pandas

PR_SET_PDEATHSIG = 1
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES, OWN_BYTES = 128 << 20, 32 << 20
"""Free memory that a worker keeps, and the least block that is not of it. glibc keeps less than a batch, so
that each is given back to the system and comes again as pages to be zeroed: a hundredth of a build."""

_answers: IO[str] | None = None


def report_progress(**counts: int) -> None:
    """Tells the build how far the running task has come, e.g. documents=512, bytes=1_000_000; nothing when
    there is no build."""
    if _answers is not None:
        _answer({"progress": counts})


def report_place(stage: str, first: int, n: int) -> None:
    """Tells the build where the running task is: n documents from the first on, in its count. If the worker
    dies there, the next try of the task finds [stage, first, n] as the `place` of one of its `deaths`."""
    if _answers is not None:
        _answer({"place": [stage, first, n]})


def leave_place() -> None:
    """Tells the build that the task is at no document: whatever happens now is nobody's fault."""
    if _answers is not None:
        _answer({"place": None})


def work_for(parent: int) -> None:
    """Works until its input ends. parent: the process that must be the parent."""
    global _answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent stops us
    system = ctypes.CDLL(None)
    system.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if os.getppid() != parent:
        return  # it died before the kernel knew that we go with it
    _answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library that prints must not break the protocol
    spare_pandas()
    if hasattr(system, "mallopt"):
        system.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        system.mallopt(M_MMAP_THRESHOLD, OWN_BYTES)
    gc.set_threshold(GARBAGE)
    for line in open(0, encoding="utf-8", closefd=False):  # noqa: SIM115
        request = json.loads(line)
        _answer(_work(request["function"], request["task"]))


def _work(function: str, task: dict[str, Any]) -> dict[str, Any]:
    module, _, name = function.partition(":")
    try:
        return {"result": getattr(importlib.import_module(module), name)(task)}
    except CurateError as error:
        return {"error": {"kind": type(error).__name__, "message": str(error)}}
    except MemoryError:
        return {"error": {"kind": "MemoryError", "message": "out of memory"}}
    except OSError as error:
        return {"error": {"kind": "OSError", "errno": error.errno, "message": str(error), **_trace()}}
    except Exception as error:
        return {"error": {"kind": "bug", "message": f"{type(error).__name__}: {error}", **_trace()}}


def _trace() -> dict[str, str]:
    return {"traceback": traceback.format_exc()}


def _answer(message: dict[str, Any]) -> None:
    assert _answers is not None
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


if __name__ == "__main__":
    # Under `-m` this module is `__main__`; tasks import it by name and must find the same one.
    from curate.engines import worker

    worker.work_for(int(sys.argv[1]))
