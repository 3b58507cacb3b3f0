"""Secrets: a config refers to them as `${env:NAME}`, and they are read where they are used, never before."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from curate.errors import UsageError

_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_NAMES_A_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|secret|api_?key|access_?key|secret_?key|credentials?)$"
    r"|^(?:(?:.*_)?(?:access|api|auth|hf|session)_)?token$",
    re.IGNORECASE,
)
_HOLDS_A_SECRET = re.compile(r"://[^/@\s:]+:[^/@\s]+@")  # user:password@ in a URL

ADVICE = "a secret does not belong in a config; set a variable and write ${env:ITS_NAME}"


def expand_env(value: Any) -> Any:
    """Plain data with each `${env:NAME}` replaced. The result is used and never written anywhere. Raises
    UsageError when NAME is not set."""
    if isinstance(value, Mapping):
        return {key: expand_env(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [expand_env(inner) for inner in value]
    return _REFERENCE.sub(_from_env, value) if isinstance(value, str) else value


def secrets_in(value: object, where: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places of secrets that are written out: texts under a telling key, URLs with a password."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from secrets_in(inner, (*where, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from secrets_in(inner, (*where, str(i)))
    elif isinstance(value, str) and _is_secret(where[-1] if where else "", value):
        yield where


def _is_secret(name: str, value: str) -> bool:
    told = _NAMES_A_SECRET.search(name) or _HOLDS_A_SECRET.search(value)
    return bool(told) and not _REFERENCE.search(value)


def _from_env(found: re.Match[str]) -> str:
    value = os.environ.get(found[1])
    if value is None:
        raise UsageError(f"the environment variable {found[1]} is not set; the config asks for it")
    return value
