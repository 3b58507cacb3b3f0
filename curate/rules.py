"""Signals, rules and the pure decision that build, whatif and explain share.

A stage declares `Signal`s (columns that it computes) and `Rule`s (a comparison of one signal with one field
of its Config). `decide` turns columns and limits into the first and all failed rules of each document, and
reads nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema

T = TypeVar("T")


@dataclass(frozen=True)
class Signal:
    """A column that a stage computes for each document.

    name: `stage.signal`. meaning: unit, range, and what null means, in one line. low, high: inclusive bounds
    that `check_stage` holds values to, None where there is none. quantile: the name of a derived float32
    signal, the fraction 0..1 of documents of the same source, language and length bin that lie below; made by
    the step `quantiles`, null where this one is. by: a label within whose kinds the quantile is taken too.
    bucket: the name of a derived string signal, the third that the quantile lies in: head (lowest), middle or
    tail (CCNet, Wenzek et al. 2020).
    """

    name: str
    type: pa.DataType
    meaning: str
    low: float | None = None
    high: float | None = None
    quantile: str | None = None
    by: str | None = None
    bucket: str | None = None

    @property
    def derived(self) -> list[str]:
        """Names of the signals made from this one."""
        return [name for name in (self.quantile, self.bucket) if name]


@dataclass(frozen=True)
class Rule:
    """A document fails when `signal` is below / above the limit, or is not in it (a list). Null signals are
    not judged.

    Exactly one of `below`, `above`, `not_in` names a Config field, dotted for a preset's
    (`gopher.min_words`): it is the rule's name in the ledger, and the knob for `--set`. A field that is None,
    or lies in a part that is None, turns the rule off. soft: a document that fails only soft rules may be
    rescued by its reasoning quantile. because: completes "dropped because ...".
    """

    signal: str
    below: str | None = None
    above: str | None = None
    not_in: str | None = None
    soft: bool = False
    because: str = ""

    def __post_init__(self) -> None:
        if sum(x is not None for x in (self.below, self.above, self.not_in)) != 1:
            raise ValueError(f"a rule on {self.signal} needs exactly one of below, above, not_in")

    @property
    def name(self) -> str:
        """The dotted Config field that holds the limit."""
        return self.below or self.above or self.not_in or ""

    @property
    def stage(self) -> str:
        """The stage whose Config holds the limit."""
        return self.signal.split(".", 1)[0]


class StageConfig(BaseModel):
    """Base of a stage's Config: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _mappings_change_what_they_name(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        merged = dict(values)
        for name, info in cls.model_fields.items():
            if isinstance(info.default, PerStructure) and isinstance(values.get(name), Mapping):
                merged[name] = {"default": info.default.default, **info.default.kinds, **values[name]}
        return merged


class PerStructure(Generic[T]):
    """A limit that depends on `structure.label`: `default`, and others for the kinds named; None is off.

    A language's code (`language.label`) may be named as a kind; where both are, the structure's limit counts.
    In YAML a plain value replaces the default and every exception; a mapping (`{default: 0.1, maths: null,
    de: 0.2}`) changes what it names.
    """

    def __init__(self, default: T | None, **kinds: T | None):
        self.default, self.kinds = default, kinds

    def of(self, label: str | None) -> T | None:
        """The limit for documents of this structure."""
        return self.kinds.get(label or "", self.default)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerStructure) and (self.default, self.kinds) == (other.default, other.kinds)

    def __hash__(self) -> int:
        return hash((self.default, tuple(sorted(self.kinds.items()))))

    def __repr__(self) -> str:
        return f"PerStructure({self.plain()!r})"

    def plain(self) -> Any:
        """A scalar when all kinds agree, else a mapping with `default` first; the form it has in YAML and in
        fingerprints."""
        return {"default": self.default, **dict(sorted(self.kinds.items()))} if self.kinds else self.default

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        item = handler.generate_schema(source.__args__[0] if getattr(source, "__args__", None) else float)
        optional = core_schema.nullable_schema(item)
        mapping = core_schema.dict_schema(core_schema.str_schema(), optional)
        either = core_schema.tagged_union_schema(
            {"mapping": mapping, "value": optional},
            lambda value: "mapping" if isinstance(value, Mapping) else "value",
        )
        parsed = core_schema.no_info_after_validator_function(cls._parse, either)
        return core_schema.json_or_python_schema(
            json_schema=parsed,
            python_schema=core_schema.tagged_union_schema(
                {"limit": core_schema.is_instance_schema(cls), "plain": parsed},
                lambda value: "limit" if isinstance(value, cls) else "plain",
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda limit: limit.plain()),
        )

    @classmethod
    def _parse(cls, value: Any) -> PerStructure[T]:
        if not isinstance(value, Mapping):
            return cls(value)
        kinds = dict(value)
        return cls(kinds.pop("default", None), **kinds)


def limit(default: T | None, *, description: str, **kinds: T | None) -> Any:
    """A Config field of type PerStructure: the default limit, exceptions by structure, and on whose
    authority."""
    return Field(default=PerStructure(default, **kinds), description=description)


def published(default: float | None, unit: str, source: str) -> Any:
    """A Config field that holds a published limit: its unit, and whose it is."""
    return Field(default, description=f"{unit} ({source})")


def limit_of(config: BaseModel, name: str) -> Any:
    """The value behind a rule's dotted name; None when it, or a part on the way to it, is None."""
    value: Any = config
    for part in name.split("."):
        value = getattr(value, part) if value is not None else None
    return value


LABELS = ("language.label", "structure.label")
"""Signals whose values a limit may name, the one that counts last."""


def per_document(limit: Any, signals: Mapping[str, pa.Array], n: int) -> np.ndarray:
    """(n,) float64 limits, NaN where the rule is off; signals: columns of n documents, LABELS among them
    where there are any."""
    if not isinstance(limit, PerStructure):
        return np.full(n, np.nan if limit is None else float(limit))
    out = np.full(n, np.nan if limit.default is None else float(limit.default))
    for name in LABELS:
        if name not in signals:
            continue
        for kind, value in limit.kinds.items():
            is_kind = pc.fill_null(pc.equal(signals[name], kind), False).to_numpy(zero_copy_only=False)
            out[is_kind] = np.nan if value is None else float(value)
    return out


@dataclass(frozen=True)
class Judged:
    """A rule with its limit, ready to be applied: what `decide` needs of a config."""

    stage: str
    rule: Rule
    limit: Any


@dataclass
class Decision:
    """What `decide` found for n documents.

    first: (n,) int16 index into the judged rules, -1 for none. failed: (n_rules, n) bool, which rules each
    document fails. value, threshold: (n,) float64 of the first failed rule, NaN where there is none or it is
    not a number.
    """

    first: np.ndarray
    failed: np.ndarray
    value: np.ndarray
    threshold: np.ndarray

    def spare(self, documents: np.ndarray) -> None:
        """Takes back the fate of `documents` ((n,) bool); what they failed stays on record."""
        self.first[documents] = -1
        self.value[documents] = self.threshold[documents] = np.nan


def judged(stages: Sequence[tuple[str, Any, BaseModel]]) -> list[Judged]:
    """The rules in force, in order, of (name, stage module, config) triples; gates come after their stage's
    rules, being looser."""
    rules = [
        Judged(name, rule, limit_of(config, rule.name))
        for name, stage, config in stages
        for rule in [*stage.RULES, *getattr(stage, "GATES", [])]
    ]
    return [r for r in rules if r.limit is not None]


def decide(signals: Mapping[str, pa.Array], rules: Sequence[Judged], n: int) -> Decision:
    """Applies rules to columns of n documents. signals: arrays of length n by name, `structure.label` and
    quantiles among them."""
    decision = Decision(
        np.full(n, -1, np.int16), np.zeros((len(rules), n), bool), np.full(n, np.nan), np.full(n, np.nan)
    )
    for i, judged_rule in enumerate(rules):
        column = signals.get(judged_rule.rule.signal)
        if column is None:
            continue
        fails, value, threshold = fails_rule(judged_rule.rule, judged_rule.limit, column, signals)
        decision.failed[i] = fails
        first = fails & (decision.first < 0)
        decision.first[first] = i
        decision.value[first], decision.threshold[first] = value[first], threshold[first]
    return decision


def fails_rule(
    rule: Rule, limit: Any, column: pa.Array, signals: Mapping[str, pa.Array]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(fails: bool, value: float64, threshold: float64), each (n,); null values never fail."""
    n = len(column)
    if rule.not_in is not None:
        fails = pc.invert(pc.is_in(column, value_set=pa.array(limit, column.type)))
        fails = pc.and_(fails, pc.is_valid(column)).to_numpy(zero_copy_only=False)
        return fails, np.full(n, np.nan), np.full(n, np.nan)
    value = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    threshold = per_document(limit, signals, n)
    with np.errstate(invalid="ignore"):
        fails = value < threshold if rule.below else value > threshold
    return fails, value, threshold
