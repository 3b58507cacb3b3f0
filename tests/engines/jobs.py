"""Tasks that the engine tests send to workers."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from curate.engines.worker import report_progress
from curate.errors import BuildError, ConfigError

Json = dict[str, Any]


def double(task: Json) -> Json:
    report_progress(documents=1, bytes=8)
    print("a library that prints to stdout")
    return {"n": 2 * task["n"], "process": os.getpid()}


def open_files(task: Json) -> Json:
    return {"files": [os.readlink(f"/proc/self/fd/{fd}") for fd in range(100) if _is_open(fd)]}


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def complain(task: Json) -> Json:
    raise BuildError(f"shard {task['n']} is impossible")


def complain_of_config(task: Json) -> Json:
    raise ConfigError("no such column", "r1.yaml", 3, "sources.web")


def stumble(task: Json) -> Json:
    raise ValueError(f"number {task['n']}")


def die_once(task: Json) -> Json:
    marker = Path(task["marker"])
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"try": task["try"]}


def die(task: Json) -> Json:
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def eat(task: Json) -> Json:
    held = bytearray(b"x") * 300_000_000
    time.sleep(600)
    return {"n": len(held)}


def sleep(task: Json) -> Json:
    Path(task["marker"]).write_text(str(os.getpid()))
    time.sleep(60)
    return {}


def ask_for_pandas(task: Json) -> Json:
    import pyarrow as pa

    column = pa.array([1.5])
    before = "pandas" in sys.modules
    import pandas  # the tests install it, with `datasets`

    return {"before": before, "after": pa.Table.from_pandas(pandas.DataFrame({"a": column})).num_rows == 1}
