"""One file per output format. A writer is a module with `write_shard(task) -> counts`, the task of the step
`write`, and `SUFFIX`.

Adding a format is one file here and one test.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

VERSION = 1
"""Raised whenever the corpus, the ledger or the signal files change for the same plan."""


def names() -> list[str]:
    """Formats that can be written."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__))


def find(name: str) -> ModuleType:
    """The writer of a format. Raises KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f"{__name__}.{name}")
