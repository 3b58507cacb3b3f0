"""What every stage promises, checked: `check_stage` is run on ours and on those from outside alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from curate.documents import Batch, Edited
from curate.rules import StageConfig
from curate.stages import find, names, signals

TEXTS = [
    "",
    " ",
    "x",
    "No.\n",
    "\x00\x01\x02",
    "a" * 5000,
    "Line one.\r\nLine two.\r\n\r\nLine four.",
    "Because it rains, the street is wet; hence, drive slowly. " * 20,
    "Let n be even. Then n = 2k, so n^2 = 4k^2, which is even. Hence the square of an even number is even. "
    * 5,
    "def f(x):\n    return {k: v for k, v in x.items()}  # a comment\n" * 10,
    "Q: Why is the sky blue?\nA: Air scatters short waves more than long ones.\n" * 6,
    "- one\n- two\n- three\n" * 12,
    "Der Himmel ist blau, weil die Luft kurze Wellen stärker streut als lange. " * 8,
    "空は青い。なぜなら空気が短い波長の光をより強く散乱するからである。" * 10,
    "مرحبا بالعالم " * 30 + "e\u0301\u200d\U0001f600",
]


def check_stage(stage: ModuleType, config: Mapping[str, Any] | None = None, kind: str = "web") -> None:
    """Raises AssertionError with a sentence where the stage breaks its contract.

    Null text never reaches a stage. Checked: each limit is a Config field with a description, each rule reads
    a declared signal, names are `stage.signal`, declared types and ranges hold, empty text works, a batch cut
    in two gives the same columns, twice the same, the config survives JSON (it is sent to workers so).
    """
    _check_declarations(stage)
    settings = stage.Config(**(config or {}))
    sent = stage.Config(**json.loads(json.dumps(settings.model_dump(mode="json"))))
    assert sent == settings, f"{stage.__name__}: the config does not survive being sent to a worker as JSON"
    batch = _with_required(stage, Batch.of(TEXTS, kind, kind))
    whole = _columns(stage, batch, settings)
    _check_columns(stage, whole, len(batch), settings)
    again = _columns(stage, batch, sent)
    assert _same(whole, again), f"{stage.__name__}: a second pass gives other signals"
    cut = [_columns(stage, batch.take(rows), settings) for rows in np.array_split(np.arange(len(batch)), 2)]
    joined = {name: pa.concat_arrays([part[name] for part in cut]) for name in whole}
    assert _same(whole, joined), f"{stage.__name__}: a batch cut in two gives other signals"
    empty = _columns(stage, batch.take(np.zeros(0, np.int64)), settings)
    assert all(len(column) == 0 for column in empty.values()), f"{stage.__name__}: an empty batch gives rows"


def _check_declarations(stage: ModuleType) -> None:
    prefix = stage.__name__.rsplit(".", 1)[-1]
    declared = {signal.name for signal in stage.SIGNALS}
    declared |= {signal.quantile for signal in stage.SIGNALS if signal.quantile}
    for name in declared:
        assert name.startswith(prefix + "."), f"signal {name} does not begin with the stage's name, {prefix}"
    for rule in [*stage.RULES, *getattr(stage, "GATES", [])]:
        assert rule.signal in declared, (
            f"rule {rule.name} reads {rule.signal}, which {prefix} does not declare"
        )
        assert rule.because, f"rule {rule.name} has no reason"
        _check_field(stage.Config, rule.name)
    assert isinstance(stage.VERSION, int) and isinstance(stage.EDITS, bool)


def _check_field(config: type[BaseModel], dotted: str) -> None:
    model: Any = config
    for part in dotted.split("."):
        fields = getattr(model, "model_fields", {})
        assert part in fields, f"rule {dotted} has no Config field"
        field = fields[part]
        model = next(
            (a for a in getattr(field.annotation, "__args__", ()) if hasattr(a, "model_fields")),
            field.annotation,
        )
    assert field.description, f"Config field {dotted} has no description"


def _with_required(stage: ModuleType, batch: Batch) -> Batch:
    for name in [*stage.REQUIRES, *getattr(stage, "OPTIONAL", [])]:
        owner = name.split(".")[0]
        assert owner in names(), f"{stage.__name__} requires {name}, and no stage makes it"
        if name not in batch.signals:
            other = find(owner)
            batch = _with_required(other, batch)
            batch.signals.update(_columns(other, batch, other.Config()))
    return batch


def _columns(stage: ModuleType, batch: Batch, config: BaseModel) -> dict[str, pa.Array]:
    result = stage.annotate(batch, config, stage.load(config))
    assert stage.EDITS or not isinstance(result, Edited), f"{stage.__name__} edits, and does not say so"
    return result.columns if isinstance(result, Edited) else result


def _check_columns(stage: ModuleType, columns: dict[str, pa.Array], n: int, config: StageConfig) -> None:
    declared = {signal.name: signal for signal in signals(stage, config)}
    assert set(declared) <= {signal.name for signal in stage.SIGNALS}, f"{stage.__name__}: undeclared signals"
    assert set(columns) == set(declared), (
        f"declared and computed signals differ: {set(columns) ^ set(declared)}"
    )
    for name, column in columns.items():
        signal = declared[name]
        assert len(column) == n, f"{name} has {len(column)} values for {n} documents"
        assert column.type == signal.type, f"{name} is {column.type}, declared {signal.type}"
        for bound, outside in ((signal.low, pc.less), (signal.high, pc.greater)):
            if bound is not None:
                assert not pc.any(outside(column, bound)).as_py(), f"{name} leaves its declared range"


def _same(a: dict[str, pa.Array], b: dict[str, pa.Array]) -> bool:
    return all(a[name].equals(b[name]) for name in a)
