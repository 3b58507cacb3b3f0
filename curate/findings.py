"""What is wrong with a config, in plain words: pydantic's errors as one ConfigError with lines and keys."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from curate.errors import ConfigError, nearest
from curate.located import Place, Where, describe

Loc = tuple[int | str, ...]

_WANTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping, as in {key: value}",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "list_type": "a list, as in [a, b]",
    "literal_error": "{expected}",
    "model_type": "a mapping, as in {key: value}",
    "none_required": "null",
    "path_type": "a path",
    "set_type": "a list, as in [a, b]",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_type": "text",
    "tuple_type": "a list, as in [a, b]",
}
_SENTENCES = {
    "string_too_short": "has fewer than {min_length} characters",
    "too_long": "has more than {max_length} entries",
    "too_short": "has fewer than {min_length} entries",
}
_IN_WORDS = re.compile(r"(?P<number>[0-9.]+) ?(?P<unit>[kKmMgGbBtT%])")
_POWERS = {"k": 3, "m": 6, "g": 9, "b": 9, "t": 12, "%": -2}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. path: where it is written, from the part's top; key: what a person reads.

    message is a sentence, unless `wanted` says what the value `bad` should have been.
    """

    path: Where
    key: Where
    kind: str
    message: str = ""
    bad: str = ""
    wanted: str = ""


def wrong(*findings: tuple[Where, str]) -> PydanticCustomError:
    """What a validator raises to name keys below it: (keys from here down, sentence) pairs."""
    return PydanticCustomError("config", "{sentence}", {"sentence": findings[0][1], "findings": findings})


def as_config_error(
    error: ValidationError,
    model: type[BaseModel],
    values: object,
    where: Where,
    places: Mapping[Where, Place],
    file: str,
) -> ConfigError:
    """All that pydantic found in `values`, the part at `where`: one line each, in the order of the file."""
    findings = _without_echoes([f for e in error.errors() for f in _findings(e, model, values)])
    by_key: dict[Where, list[Finding]] = {}
    for finding in findings:
        by_key.setdefault(finding.key, []).append(finding)
    errors = [_sentence(same, where, places, file) for same in by_key.values()]
    errors.sort(key=lambda e: (e.line is None, e.line or 0))
    first, *others = errors
    message = "\n".join([first.message, *map(str, others)])
    return ConfigError(message, first.file, first.line, first.key)


def nearest_place(where: Where, places: Mapping[Where, Place], file: str) -> Place:
    """The place of the key, or of its nearest ancestor that is written."""
    for depth in range(len(where), 0, -1):
        if place := places.get(where[:depth]):
            return place
    return Place(file, None)


def _findings(error: ErrorDetails, model: type[BaseModel], values: object) -> Iterator[Finding]:
    loc, kind, context = error["loc"], error["type"], error.get("ctx", {})
    if kind == "config":
        for below, sentence in context["findings"]:
            yield Finding(*_written((*loc, *below), values), kind, sentence)
        return
    path, key = _written(loc, values)
    if kind == "extra_forbidden":
        yield Finding(path, key, kind, f"unknown key. {nearest(str(loc[-1]), _keys_at(model, loc[:-1]))}")
    elif kind == "missing":
        meaning = _meaning_of(model, loc)
        yield Finding(path, (*key, str(loc[-1])), kind, "is missing" + (f": {meaning}" if meaning else ""))
    elif kind in ("value_error", "assertion_error"):
        yield Finding(path, key, kind, str(context.get("error") or error["msg"]))
    elif kind in _SENTENCES:
        yield Finding(path, key, kind, _SENTENCES[kind].format(**context))
    elif wanted := _wanted(error, context):
        yield Finding(path, key, kind, bad=describe(error["input"]), wanted=wanted)
    else:
        yield Finding(path, key, kind, f"{describe(error['input'])}: {error['msg']}")


def _wanted(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    if error["type"] not in _WANTED:
        _, should, wanted = error["msg"].partition("Input should be ")
        return wanted if should else ""
    template = _WANTED[error["type"]]
    plain = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in context.items()}
    words = template if "{key" in template else template.format(**plain)
    is_percent = error["type"] == "less_than_equal" and context["le"] == 1
    return words + (" (a fraction: 0.05 is 5 %)" if is_percent else "")


def _written(loc: Loc, values: object) -> tuple[Where, Where]:
    """The keys of `loc` that somebody wrote, as a path into `values` and as a person reads them.

    pydantic puts members of unions and defaults between the keys. Items of a list have lines, but are shown
    by their value.
    """
    path: list[str] = []
    key: list[str] = []
    for part in loc:
        if isinstance(values, Mapping) and part in values:
            values = values[part]
            key.append(str(part))
        elif isinstance(values, list | tuple) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            continue
        path.append(str(part))
    return tuple(path), tuple(key)


def _without_echoes(findings: Sequence[Finding]) -> list[Finding]:
    """Leaves out what another finding already says: members of a union that look only at the outside, and
    a missing key whose misspelling is there."""
    deep = {f.key for f in findings}
    typos = [f for f in findings if f.kind == "extra_forbidden"]

    def is_echo(finding: Finding) -> bool:
        if finding.kind == "missing":
            name = f"'{finding.key[-1]}'?"
            return any(t.key[:-1] == finding.key[:-1] and name in t.message for t in typos)
        n = len(finding.key)
        return bool(finding.wanted) and any(len(k) > n and k[:n] == finding.key for k in deep)

    return [f for f in findings if not is_echo(f)]


def _sentence(same: Sequence[Finding], where: Where, places: Mapping[Where, Place], file: str) -> ConfigError:
    first = same[0]
    message = next((f.message for f in same if f.message), "")
    if not message:
        wanted = " or ".join(dict.fromkeys(f.wanted for f in same))
        message = f"{first.bad} is not {wanted}{_as_number(first.bad) if 'number' in wanted else ''}"
    place = nearest_place(where + first.path, places, file)
    return ConfigError(message, place.file or None, place.line, ".".join(where + first.key) or None)


def _as_number(bad: str) -> str:
    """How `10B` or `55%` is written as a number."""
    if not (found := _IN_WORDS.fullmatch(bad.strip("'"))):
        return ""
    power = _POWERS[found["unit"].lower()]
    return f"; write {found['number']}e{power}"


def _keys_at(model: type[BaseModel], loc: Loc) -> set[str]:
    models = [kind for kind in _kinds_at(model, loc) if _is_model(kind)]
    return {info.alias or name for kind in models for name, info in kind.model_fields.items()}


def _meaning_of(model: type[BaseModel], loc: Loc) -> str:
    for kind in _kinds_at(model, loc[:-1]):
        if _is_model(kind) and str(loc[-1]) in kind.model_fields:
            return kind.model_fields[str(loc[-1])].description or ""
    return ""


def _kinds_at(model: type[BaseModel], loc: Loc) -> list[Any]:
    """The types that a place in a model may have; union members in `loc` lead nowhere and are passed over."""
    kinds: list[Any] = [model]
    for part in loc:
        kinds = [inner for kind in kinds for inner in _kinds_below(kind, part)] or kinds
    return kinds


def _kinds_below(kind: Any, part: int | str) -> Iterator[Any]:
    if _is_model(kind):
        if str(part) in kind.model_fields:
            yield from _members(kind.model_fields[str(part)].annotation)
        elif kind.model_config.get("extra") == "allow":
            yield from _kinds_below(get_type_hints(kind)["__pydantic_extra__"], part)
    elif get_args(kind):
        yield from _members(get_args(kind)[-1])


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
