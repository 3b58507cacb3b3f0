"""How the benches take time. Needs nothing but Python: peers use it too, in environments of their own."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from importlib.metadata import version


def seconds(work: Callable[[], object]) -> float:
    """Least CPU time of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def report(package: str, kept: int, apart: float = 0.0) -> None:
    """Prints {package with its version, documents kept, CPU seconds of this process and its children}; apart:
    seconds that do not count."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(spent.ru_utime + spent.ru_stime for spent in used) - apart
    print(json.dumps({"package": f"{package} {version(package)}", "kept": kept, "cpu": round(cpu, 2)}))
