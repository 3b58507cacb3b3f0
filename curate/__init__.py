"""curate: turns raw shards of text into one corpus for training reasoning models.

import curate
report = curate.build("configs/smoke.yaml", "runs/smoke")
run = curate.Run("runs/smoke")
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "build": "curate.build",
    "annotate": "curate.annotate",
    "Run": "curate.ledger",
    "Signal": "curate.rules",
    "Rule": "curate.rules",
    "StageConfig": "curate.rules",
    "PerStructure": "curate.rules",
    "Batch": "curate.documents",
    "check_stage": "curate.stages.conformance",
}

__all__ = [
    "Batch",
    "PerStructure",
    "Rule",
    "Run",
    "Signal",
    "StageConfig",
    "__version__",
    "annotate",
    "build",
    "check_stage",
]


def __getattr__(name: str) -> Any:
    """Imports on first use, so that `import curate` and `curate --help` cost nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'curate' has no attribute '{name}'")
    home = importlib.import_module(_HOMES[name])
    return home if _HOMES[name] == f"curate.{name}" else getattr(home, name)


class CallableModule(ModuleType):
    """`curate.build` is a spine file and, for users, a function: calling the module calls its namesake."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **kwargs)
