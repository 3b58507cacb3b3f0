"""One file per output format. A writer is a module with

    SUFFIX                      of its files
    Writer(path, schema)        a context manager; `write(table)` appends a row group of about 12 MB of text

What goes into a shard, in which order and columns, is the same for all formats (`_shards.py`). Adding a
format is one file here and one test.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

VERSION = 1
"""Raised whenever the corpus, the ledger or the signal files change for the same plan."""


def names() -> list[str]:
    """Formats that can be written."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def find(name: str) -> ModuleType:
    """The writer of a format. Raises KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f"{__name__}.{name}")
