"""Writes docs/config.md from the models themselves: every key, its default, what it means; every signal and
rule.

    python scripts/build_config_docs.py [--check]

With --check nothing is written; exit code 1 when the page is not up to date.
"""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from curate import config, readers, stages
from curate.rules import PerStructure

PAGE = Path(__file__).resolve().parents[1] / "docs/config.md"

INTRODUCTION = """# Every key of a config

Made by `scripts/build_config_docs.py` from the models; `curate schema` prints the same for editors, as a JSON
schema. Only `sources` and `mix` are required. `0` is a limit, null is off. A limit that depends on structure
takes a plain value for all kinds, or a mapping that changes what it names: `{maths: null}`.
"""


def main() -> int:
    """Writes or checks the page."""
    page = "\n".join(render()).rstrip() + "\n"
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text() != page)
    PAGE.write_text(page)
    return 0


def render() -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    yield from section("The file", config.Config, "")
    yield from section("`sources.NAME`", config.SourceConfig, "sources.NAME.")
    yield from section("`sources.NAME.read`", readers.ReadConfig, "sources.NAME.read.")
    yield from section("`mix.NAME`", config.MixShare, "mix.NAME.")
    yield from section("`mix.NAME.emphasis`", config.Emphasis, "")
    yield from section("`mix`", config.MixConfig, "mix.")
    for name in stages.names():
        if name != "tokens":
            yield from stage_section(name)


def section(title: str, model: type[BaseModel], prefix: str) -> Iterator[str]:
    """A table of a model's fields, those of models inside it included."""
    yield f"## {title}\n"
    yield f"{(model.__doc__ or '').strip()}\n"
    yield "| key | default | meaning |"
    yield "|---|---|---|"
    yield from rows(model, prefix)
    yield ""


def rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """A row for each field; a model inside gives its own rows below it."""
    for name, field in model.model_fields.items():
        inner = inner_model(field.annotation)
        described = (field.description or "").replace("|", "\\|")
        yield f"| `{prefix}{name}` | {default(field)} | {described} |"
        if inner is not None:
            yield from rows(inner, f"{prefix}{name}.")


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, alone or beside null."""
    options = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
    return next((a for a in options if isinstance(a, type) and issubclass(a, BaseModel)), None)


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def default(field: Any) -> str:
    """A field's default as one would write it."""
    value = field.default
    if value is PydanticUndefined:
        return "required" if field.default_factory is None else "{}"
    if isinstance(value, PerStructure):
        value = value.plain()
    if isinstance(value, BaseModel):
        return ""
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, dict) and value:
        text = f"{{{', '.join(f'{key}: {inner}' for key, inner in value.items())}}}"
    return f"`{text.replace('None', 'null')}`"


def stage_section(name: str) -> Iterator[str]:
    """A stage: its settings, signals and rules."""
    module = stages.find(name)
    yield f"## `sources.NAME.stages.{name}`\n"
    yield f"{(module.__doc__ or '').strip()}\n"
    if module.Config.model_fields:
        yield "| key | default | meaning |"
        yield "|---|---|---|"
        yield from rows(module.Config, "")
        yield ""
    yield "| signal | type | meaning |"
    yield "|---|---|---|"
    for signal in module.SIGNALS:
        yield f"| `{signal.name}` | {signal.type} | {signal.meaning} |"
        if signal.quantile:
            like = "language, length and structure" if signal.by else "language and length"
            meaning = f"fraction 0..1 of documents of the same {like} that lie below"
            yield f"| `{signal.quantile}` | float | {meaning} |"
        if signal.bucket:
            yield f"| `{signal.bucket}` | string | third of that quantile: head (lowest), middle or tail |"
    yield ""
    every = [*module.RULES, *getattr(module, "GATES", [])]
    if every:
        yield "| rule | dropped when | because |"
        yield "|---|---|---|"
        for rule in every:
            how = "below" if rule.below else "above" if rule.above else "not in"
            soft = " (soft)" if rule.soft else ""
            yield f"| `{rule.name}`{soft} | `{rule.signal}` {how} it | {rule.because} |"
        yield ""


if __name__ == "__main__":
    raise SystemExit(main())
