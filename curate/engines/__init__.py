"""Who executes tasks. An engine has one method:

    run(function, tasks, on_progress) -> iterator of (index of the task, what the function returned)

on_progress gets counts ({"task": index, "documents": 512, ...}), and {"task": index, "warning": sentence} of
a task that is tried again.
`function` is a module-level function of one dict; tasks and results are plain JSON data, so that they can go
to another process or machine as they are. Everything else goes through files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

Json = dict[str, Any]

ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1"}
"""Of workers, where the user says nothing else. Arrow's own pool gives batches back to the system and asks
for them again, a third of all time in the kernel; BLAS, of which we use nothing, starts threads that spin."""

GARBAGE = 100_000
"""New objects after which Python looks for cycles among them. Imports, models and kernels make as many that
stay, and to look every 700 of them is a fiftieth of a build."""


class Engine(Protocol):
    """What build.py asks of an engine."""

    name: str

    def run(
        self, function: Callable[[Json], Json], tasks: Sequence[Json], on_progress: Callable[[Json], None]
    ) -> Iterator[tuple[int, Json]]:
        """Results in the order in which tasks finish. Raises the CurateError that a task raised."""
        ...

    def close(self) -> None:
        """Ends all workers."""
        ...
