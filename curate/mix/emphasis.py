"""Emphasis: which line of `mix.<source>.emphasis` each document matches, by domain, id and metadata.

A line has patterns by what they are matched with, and all of them must match:

    domain            the host of the address in column `url`; domain.<column>: in another one
    meta.<column>     a column of the input, numbers and lists as JSON writes them
    id                the document's id
    path              the path of its file: matched by the plan, which alone knows paths (`path_matches`)

The first line that matches counts. In patterns `*` stands for any characters, / and . too, `?` for one and
[ab] for one of these.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.parts import metadata, one_array

NONE = -1
"""The number of the line of a document that no line matches."""

HOST = r"^(?:[A-Za-z][A-Za-z0-9+.-]*://|//)?(?:[^/?#@]*@)?(?P<host>\[[^\]/]*\]|[^/?#:@\s]+)"
"""The host of an address, with or without a scheme (RFC 3986, appendix B)."""

Match = Mapping[str, Sequence[str]]
"""Patterns by what they are matched with; one of each must match."""


def column_of(what: str) -> str | None:
    """The metadata column that a key of a line reads, None for `path` and `id`."""
    kind, _, column = what.partition(".")
    return column or ("url" if kind == "domain" else None)


def told(match: Match) -> str:
    """A line's patterns as a person reads them: `domain wikipedia.org, meta.license cc-*`."""
    return ", ".join(f"{what} {' or '.join(patterns)}" for what, patterns in match.items())


def path_matches(patterns: Sequence[str], path: str) -> bool:
    """Whether a pattern matches the end of a path, from any of its folders on."""
    parts = path.split("/")
    ends = ["/".join(parts[i:]) for i in range(len(parts))]
    return any(fnmatch.fnmatchcase(end, pattern) for pattern in patterns for end in ends)


def first_lines(lines: Sequence[Match], allowed: Sequence[int], documents: pa.Table) -> np.ndarray:
    """(n,) int16 number of the first line that each document matches, NONE where none does.

    allowed: numbers of the lines that may match, ascending. documents: columns `id` and `meta`.
    """
    columns = _columns({what for number in allowed for what in lines[number] if what != "path"}, documents)
    found = np.full(len(documents), NONE, np.int16)
    for number in reversed(allowed):
        hit = np.ones(len(documents), bool)
        for what, patterns in lines[number].items():
            if what != "path":
                hit &= _matches(columns[what], _pattern(patterns, what.startswith("domain")))
        found[hit] = number
    return found


def _columns(wanted: set[str], documents: pa.Table) -> dict[str, pa.DictionaryArray]:
    """What each key of a line is matched with: strings, null where there is none."""
    names = sorted({column for what in wanted if (column := column_of(what))})
    values = metadata(documents["meta"], names) if names else {}
    out = {}
    for what in wanted:
        column = values[column_of(what) or ""] if what != "id" else one_array(documents["id"])
        out[what] = (hosts(column) if what.startswith("domain") else column).dictionary_encode()
    return out


def hosts(addresses: pa.StringArray) -> pa.StringArray:
    """The hosts of (n,) addresses in lower case, null where there is none."""
    found = pc.struct_field(pc.extract_regex(addresses, HOST), 0)
    return pc.utf8_rtrim(pc.utf8_lower(found), ".")


def _pattern(patterns: Sequence[str], domain: bool) -> re.Pattern[str]:
    """One expression for all; a domain stands for all under it too."""
    under = r"(?:.*\.)?" if domain else ""
    some = (fnmatch.translate(pattern.lower() if domain else pattern) for pattern in patterns)
    return re.compile("|".join(under + one for one in some))


def _matches(column: pa.DictionaryArray, pattern: re.Pattern[str]) -> np.ndarray:
    """(n,) bool; each distinct value is looked at once."""
    hit = [pattern.match(value) is not None for value in column.dictionary.to_pylist()]
    return np.array([*hit, False])[column.indices.fill_null(-1).to_numpy()]
