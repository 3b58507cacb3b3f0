"""One file per stage. A stage is a module with

    Config       StageConfig: each field with unit, default and the default's source; limits of cleanliness
    PerStructure VERSION      int, raised whenever its signals or edits change
    REQUIRES     names of other stages' signals that it reads
    SIGNALS      list[Signal]
    RULES        list[Rule], in the order in which they are named as the reason
    EDITS        bool: whether annotate may return Edited
    load(config) -> model                       once per worker; None when there is none
    annotate(batch, config, model) -> {signal name: pa.Array} | Edited

and, where they apply,

    OPTIONAL         signals of other stages that it reads where they are on, and does without where not
    GATES            list[Rule] on `gate_...` fields, looser than any rule: a document that fails one gets no
                     further stage
    BEHIND_GATES     True: kernel-cheap, computed for every document, gated ones too (default False)
    signals(config) -> list[Signal]   what it computes with this config, where that is not all of SIGNALS
    SIGNAL_FIELDS    Config fields named by a rule which also change signals (others named by rules never
                     re-run annotate)
    files(config) -> list[Path]     files that the result depends on; their content enters the fingerprint
    COST             float: rough ns per byte; among stages that may come next the cheaper goes first (1.0)
    defaults(kind) -> dict | None   Config values for sources of that kind; None: it is off there

A stage from outside the package is found by entry point `curate.stages`. The command imports it before its
workers, which may be forks, start: threads and devices belong into `load`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from curate.rules import Signal, StageConfig

NOT_STAGES = {"conformance"}


@cache
def names() -> tuple[str, ...]:
    """All stages, ours and those of entry points."""
    ours = {m.name for m in pkgutil.iter_modules(__path__)} - NOT_STAGES
    return tuple(sorted(ours | {e.name for e in entry_points(group="curate.stages")}))


@cache
def find(name: str) -> ModuleType:
    """The stage's module. Raises KeyError when there is none of that name."""
    if name not in names():
        raise KeyError(name)
    for entry in entry_points(group="curate.stages"):
        if entry.name == name:
            return entry.load()
    return importlib.import_module(f"{__name__}.{name}")


def signals(module: ModuleType, config: StageConfig) -> Sequence[Signal]:
    """The signals that a stage computes with this config."""
    return module.signals(config) if hasattr(module, "signals") else module.SIGNALS
