"""YAML as people mean it, with the line of every key.

Plain data only: no tag makes an object. Scalars are YAML 1.2's, so that `no` is Norwegian and `1e-3` a
number, with `2_000_000` added. A key given twice is an error. Python's own YAML keeps no lines and follows
YAML 1.1; nodes are therefore read here, which costs a few milliseconds a config.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from curate.errors import ConfigError, UsageError, nearest

MAX_BYTES = 4 << 20
"""A larger file was not written by hand."""
MAX_NODES = 100_000
"""Values after all aliases are followed: what stops a few lines of aliases from filling memory."""

_TAG = "tag:yaml.org,2002:"
_SCALARS = [
    (_TAG + "null", re.compile(r"^(?:~|null|Null|NULL|)$")),
    (_TAG + "bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")),
    (_TAG + "int", re.compile(r"^(?:[-+]?[0-9]+(?:_[0-9]+)*|0o[0-7]+|0x[0-9a-fA-F]+)$")),
    (
        _TAG + "float",
        re.compile(
            r"^[-+]?(?:(?:\.[0-9]+|[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))$"
            r"|^\.(?:nan|NaN|NAN)$"
        ),
    ),
    (_TAG + "merge", re.compile(r"^<<$")),
]

Where = tuple[str, ...]
"""Keys from the top of the file down; items of a list by their number."""


class Place(NamedTuple):
    """Where a key is written: a file and its 1-based line, or `--set a.b=c` and None."""

    file: str
    line: int | None


@dataclass
class Located:
    """data: plain dicts, lists and scalars. places: where each key and list item is written."""

    data: Any
    places: dict[Where, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, data: object) -> Located:
        """Python data as YAML would have given it; its places have neither file nor line."""
        located = cls(None)
        located.data = located._plain(data, ())
        return located

    def _plain(self, value: Any, where: Where) -> Any:
        if where:
            self.places[where] = Place("", None)
        if isinstance(value, Mapping):
            return {str(key): self._plain(inner, (*where, str(key))) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(inner, (*where, str(i))) for i, inner in enumerate(value)]
        return str(value) if isinstance(value, os.PathLike) else value

    def assign(self, parts: Where, text: str, file: str) -> None:
        """Puts the YAML value `text` at `parts`; keys on the way that are absent or null are made."""
        value = parse(text, file, lines=False)
        self._forget(parts)
        parent = self.data
        for depth, part in enumerate(parts[:-1], start=1):
            if parent.get(part) is None:
                parent[part] = {}
                self.places[parts[:depth]] = Place(file, None)
            parent = parent[part]
            if not isinstance(parent, dict):
                raise ConfigError(f"{describe(parent)} has no parts", file, None, ".".join(parts[:depth]))
        parent[parts[-1]] = value.data
        self.places[parts] = Place(file, None)
        self.places.update({parts + inner: place for inner, place in value.places.items()})

    def _forget(self, parts: Where) -> None:
        for inner in [path for path in self.places if path[: len(parts)] == parts]:
            del self.places[inner]


def split(assignment: str) -> tuple[Where, str]:
    """The keys and the text of `a.b=c`; UsageError when it is none."""
    key, equals, text = assignment.partition("=")
    parts = tuple(key.strip().split("."))
    if not equals or not all(parts):
        raise UsageError(f"--set {assignment}: write it as key=value, for instance --set tokens=2e6")
    return parts, text


def describe(value: object) -> str:
    """A value as it is named in a sentence: `'high'`, `0.5`, `null`, `a mapping`."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, Iterable) else str(value)[:60]


def read(path: Path) -> Located:
    """The data of a YAML file; UsageError when it is not there, ConfigError when it is no YAML."""
    file = str(path)
    try:
        if path.is_dir():
            raise ConfigError("is a folder; name the YAML file in it", file)
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"has {path.stat().st_size:,} bytes; a config is a small YAML file", file)
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(_not_there(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8 text, so it is no YAML file", file, line) from None
    if "\0" in text:
        raise ConfigError("is a binary file; a config is a YAML file", file)
    return parse(text, file)


def _not_there(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}, so no config {path}"
    names = [other.name for other in path.parent.iterdir() if other.suffix in (".yaml", ".yml")]
    return f"there is no config {path}. {nearest(path.name, names) if names else '`curate init` writes one.'}"


def parse(text: str, file: str, lines: bool = True) -> Located:
    """The data of one YAML document; lines=False leaves lines out of all places: the text is no file's."""
    builder = _Builder(file, lines)
    try:
        node = yaml.compose(text, Loader=_Loader)
        return Located(None if node is None else builder.plain(node, ()), builder.places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise builder.error(_in_plain_words(error, mark), mark) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        sentence = f"holds the character U+{error.character:04X}, which YAML does not allow"
        raise ConfigError(sentence, file, line if lines else None) from None
    except RecursionError:
        raise ConfigError("is nested too deep, or an alias stands inside its own anchor", file) from None


def dump(data: Mapping[str, Any]) -> str:
    """YAML that `parse` reads back to the same data, and that YAML 1.1 readers do not misread."""
    options = {"sort_keys": False, "allow_unicode": True, "width": 110, "default_flow_style": None}
    return str(yaml.dump(data, Dumper=_Dumper, **options))


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {None: _SCALARS}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    # Quotes what either YAML 1.2 or 1.1 would take for something else than text.
    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {
        **yaml.SafeDumper.yaml_implicit_resolvers,
        None: _SCALARS,
    }

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_str(self, data: str) -> ScalarNode:
        # Line ends beyond \n come back as spaces from any other style (PyYAML 6.0).
        style = '"' if re.search("[\r\x85\u2028\u2029\ufeff]", data) else None
        return self.represent_scalar(_TAG + "str", data, style)


_Dumper.add_representer(str, _Dumper.represent_str)


class _Builder:
    """Turns nodes into plain data and notes where each key stands."""

    def __init__(self, file: str, lines: bool):
        self.file, self.lines, self.n_nodes = file, lines, 0
        self.places: dict[Where, Place] = {}

    def error(self, message: str, mark: yaml.Mark | None, path: Where = ()) -> ConfigError:
        line = mark.line + 1 if mark and self.lines else None
        return ConfigError(message, self.file, line, ".".join(path) or None)

    def plain(self, node: Node, path: Where) -> Any:
        self.count(node)
        if isinstance(node, MappingNode) and node.tag == _TAG + "map":
            return {name: self.at(key, value, (*path, name)) for name, (key, value) in self.pairs(node, path)}
        if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
            return [self.at(item, item, (*path, str(i))) for i, item in enumerate(node.value)]
        if isinstance(node, ScalarNode) and node.tag.startswith(_TAG):
            return self.scalar(node, path)
        raise self.error(f"the tag {node.tag.replace(_TAG, '!!')} is not allowed here", node.start_mark, path)

    def at(self, place: Node, value: Node, path: Where) -> Any:
        self.places[path] = Place(self.file, place.start_mark.line + 1 if self.lines else None)
        return self.plain(value, path)

    def pairs(self, node: MappingNode, path: Where) -> Sequence[tuple[str, tuple[Node, Node]]]:
        """(name, (key, value)) of a mapping, what `<<` brings in first; keys keep the spelling they have."""
        merged: dict[str, tuple[Node, Node]] = {}
        own: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            self.count(key)
            if not isinstance(key, ScalarNode):
                raise self.error("a key must be a word", key.start_mark, path)
            if key.tag == _TAG + "merge":
                for name, pair in self.merged(value, path):
                    merged.setdefault(name, pair)
                continue
            if key.value in own:
                first = own[key.value][0].start_mark.line + 1
                where = f" (line {first} has it too)" if self.lines else ""
                raise self.error(f"is given twice{where}; keep one", key.start_mark, (*path, key.value))
            own[key.value] = (key, value)
        return list({**merged, **own}.items())

    def merged(self, value: Node, path: Where) -> Iterable[tuple[str, tuple[Node, Node]]]:
        for source in value.value if isinstance(value, SequenceNode) else [value]:
            if not isinstance(source, MappingNode):
                raise self.error("<< takes a mapping, or a list of them", source.start_mark, path)
            yield from self.pairs(source, path)

    def scalar(self, node: ScalarNode, path: Where) -> Any:
        kind, text = node.tag.removeprefix(_TAG), node.value
        try:
            if kind in ("str", "merge"):
                return text
            if kind == "null":
                return None
            if kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            if kind == "int":
                return int(text, 0) if text.startswith(("0x", "0o")) else int(text)
            if kind == "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except (ValueError, KeyError):
            raise self.error(f"{describe(text)} cannot be read as {kind}", node.start_mark, path) from None
        raise self.error(f"the tag !!{kind} is not allowed here", node.start_mark, path)

    def count(self, node: Node) -> None:
        self.n_nodes += 1
        if self.n_nodes > MAX_NODES:
            raise self.error(
                f"holds more than {MAX_NODES:,} values once its aliases are followed", node.start_mark
            )


_PLAIN_WORDS = [
    (r"found character '\\t'", "a tab indents this line; YAML takes only spaces"),
    (r"found character '(.)' that cannot start", "text that begins with {0} must be quoted"),
    (r"found undefined alias '(.*)'", "text that begins with * must be quoted (or: no anchor &{0} above)"),
    (r"while scanning an? alias", "text that begins with * must be quoted"),
    (
        r"while (?:scanning|parsing) an? (?:anchor|directive|block scalar|tag)",
        "text that begins with one of & % | > ! must be quoted",
    ),
    (
        r"expected the node content, but found '(.)'",
        "a value is missing before '{0}', or the text it is in must be quoted",
    ),
    (r"mapping values are not allowed here", "a ':' where none can be; text that holds ': ' must be quoted"),
    (r"while scanning a quoted scalar", "the quote opened on line {line} is not closed"),
    (r"while parsing a flow sequence", "the [ opened on line {line} is not closed, or lacks a comma"),
    (r"while parsing a flow mapping", "the {{ opened on line {line} is not closed, or lacks a comma"),
    (r"could not find expected ':'", "the key on line {line} lacks its ':'"),
    (
        r"while parsing a block",
        "this line does not fit the block that began on line {line}; compare the indents",
    ),
    (r"expected a single document", "a second document begins; a config is one"),
]


def _in_plain_words(error: yaml.MarkedYAMLError, mark: yaml.Mark | None) -> str:
    told = f"{error.context or ''} {error.problem or ''}"
    opened = error.context_mark or mark
    line = opened.line + 1 if opened else 1
    for pattern, sentence in _PLAIN_WORDS:
        if found := re.search(pattern, told):
            return "broken YAML: " + sentence.format(*found.groups(), line=line)
    return f"broken YAML: {told.strip()}"
