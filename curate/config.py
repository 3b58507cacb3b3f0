"""The frame of the YAML config: what every run has, with the line on which each key is written.

A source's `read` and the parts of its `stages` stay plain mappings here; `plan.py` hands them to the reader's
and the stages' own models with `Config.parse`, so that their errors name file, line and key like ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from curate.environment import ADVICE, expand_env, secrets_in
from curate.errors import ConfigError, nearest
from curate.findings import as_config_error, nearest_place, wrong
from curate.located import Located, Place, Where, describe, dump, read, split

__all__ = ["KINDS", "Config", "dump", "expand_env", "from_dict", "load", "schema"]

Kind = Literal["web", "code", "academic", "synthetic"]
KINDS: tuple[str, ...] = get_args(Kind)
Model = TypeVar("Model", bound=BaseModel)


def _not_a_bool(value: object) -> object:
    if isinstance(value, bool):
        raise wrong(((), f"{describe(value)} is not a number"))
    return value


def _off(value: object) -> object:
    """`off` and false are null, `on` and true are "with its defaults"."""
    if value is False or value in ("off", "no"):
        return None
    return {} if value is True or value in ("on", "yes") else value


def _no_dedup(value: object) -> object:
    return {"exact": False, "minhash": None} if _off(value) is None and value is not None else value


def _corpus_only(value: object) -> object:
    return {"corpus": value} if isinstance(value, int | float) else value


FLOOR = 0.5
"""Of what plain drawing would give a kind of discourse; scripts/upweighting.py."""


def _by_kind(value: object) -> object:
    """A number is for all kinds, a mapping changes what it names, off and null are 0."""
    value = 0.0 if _off(value) is None else _off(value)
    return {"default": FLOOR, **value} if isinstance(value, Mapping) else {"default": value}


def _strict(value: object) -> object:
    return {"strict": True} if value == "strict" else value


def _column(name: str) -> str:
    if not all(name.partition(".")):
        raise ValueError(f"'{name}' is neither a signal (reasoning.score) nor metadata (meta.url)")
    return name


Off = Literal[False, "off"]
Settings = dict[str, JsonValue]
NotABool = BeforeValidator(_not_a_bool)
Whole = Annotated[int, Field(ge=0), NotABool]
Count = Annotated[int, Field(ge=1), NotABool]
Fraction = Annotated[float, Field(ge=0, le=1), NotABool]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TokenizerConfig(_Part):
    """Whose tokens are counted."""

    file: str | None = Field(
        default=None,
        description="a tokenizer.json or tiktoken file, relative to this config; null or `packaged` is the "
        "DeepSeek-V3 tokenizer that comes with curate",
    )
    eos: bool = Field(default=False, description="count one end-of-text token for each document")


class SourceConfig(_Part):
    """One source: where its documents are, and how they are judged."""

    kind: Kind = Field(
        description="web, code, academic or synthetic: whose defaults its stages have; by default the "
        "source's name, when it is one of these"
    )
    read: Settings = Field(
        description='the files and how they are read, as in {format: parquet, paths: ["web/*.parquet"]}'
    )
    stages: dict[
        str, Annotated[Settings | None, BeforeValidator(_off, json_schema_input_type=Settings | Off | None)]
    ] = Field(
        default={},
        description="settings of stages by name; a stage that is not named runs with the defaults for this "
        "kind, null or `off` turns it off",
    )

    @model_validator(mode="after")
    def _no_secrets(self) -> SourceConfig:
        if found := list(secrets_in({"read": self.read, "stages": self.stages})):
            raise wrong(*((where, ADVICE) for where in found))
        return self


def _patterns(value: object) -> object:
    """One pattern is a list of one; numbers and booleans match what JSON writes for them."""
    some = value if isinstance(value, list | tuple) else [value]
    return [one if isinstance(one, str) or one is None else json.dumps(one) for one in some]


class Emphasis(_Part):
    """How much more a document weighs that this line matches, by one of the patterns of each key: `domain`,
    the host in column `url`, and all under it; `domain.<column>`, the host in another column; `path`, the end
    of its file's path, from any folder on; `id`, for text files the path inside the folder; `meta.<column>`,
    a column of the input. `*` stands for any characters, `/` and `.` too, `?` for one. Weights say which
    documents are drawn; where all tokens are drawn once, there is nothing to choose."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[
        str,
        Annotated[
            list[str],
            Field(min_length=1),
            BeforeValidator(_patterns, json_schema_input_type=str | list[str]),
        ],
    ] = Field(init=False)

    weight: Annotated[float, NotABool] = Field(
        description="multiplies the weight of a document that matches: 2 is drawn twice as often"
    )

    @property
    def match(self) -> dict[str, list[str]]:
        """Patterns by what they are matched with: domain, path, id, domain.<column>, meta.<column>."""
        return dict(self.__pydantic_extra__ or {})

    @field_validator("weight")
    @classmethod
    def _keeps_documents(cls, value: float) -> float:
        if value <= 0:
            way_out = "leave their files out of read.paths, or take a small weight such as 0.1"
            raise ValueError(f"{value:g} would throw documents away; {way_out}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _matches_something(cls, values: object) -> object:
        if not isinstance(values, Mapping):
            return values
        keys = [name for name in values if name != "weight"]
        known = ("domain", "path", "id", "weight", "meta.<column>", "domain.<column>")
        stray = [k for k in keys if k not in known and not re.fullmatch(r"(meta|domain)\..+", k)]
        if stray:
            raise wrong(*(((name,), f"unknown key. {nearest(name, known)}") for name in stray))
        if not keys:
            raise wrong(((), "matches nothing; name a domain, path, id or meta.<column>"))
        return values


class MixShare(_Part):
    """What part of the corpus a source is, and how far it may stretch for that."""

    share: Fraction = Field(
        description="fraction of the corpus's tokens, 0..1; those of all sources sum to 1"
    )
    range: tuple[Fraction, Fraction] | None = Field(
        default=None,
        description="[lowest, highest] share that `when_short: relax` may take; null is the share itself",
    )
    max_epochs: Annotated[float, Field(gt=0), NotABool] = Field(
        default=1.0,
        description="most tokens drawn, as a multiple of the source's unique tokens (Muennighoff et al. "
        "2023: up to 4 epochs are nearly as good as new text)",
    )
    max_copies: Count | None = Field(
        default=None, description="most copies of one document; null is max_epochs rounded up"
    )
    weight_power: Annotated[float, Field(ge=0), NotABool] = Field(
        default=2.5,
        description="a document at reasoning quantile q has the weight q ** weight_power when copies are "
        "drawn; 0 is plain sampling (scripts/upweighting.py: at half of the tokens and with the default "
        "floors, 2.5 lifts the mean quantile by 0.20, and by 0.15 in the eyes of a model of other origins)",
    )

    floors: Annotated[
        dict[str, Fraction],
        BeforeValidator(_by_kind, json_schema_input_type=Fraction | dict[str, Fraction] | Off | None),
    ] = Field(
        default={"default": FLOOR},
        description="what weights may not take from a kind of discourse (`reasoning.discourse`): it keeps at "
        "least this fraction, 0..1, of the tokens that plain sampling would give it. A number is for all "
        "kinds, a mapping changes what it names: `{boilerplate: 0, proof: 0.8}`; 0 or `off` is no floor. "
        "Documents of which no kind is likely are one of their own, `unnamed`",
    )

    emphasis: list[Emphasis] = Field(
        default=[],
        description="what is to be seen more often, or less: lines such as `{domain: wikipedia.org, weight: "
        "2}`; the first that matches a document multiplies its weight",
    )

    @property
    def low(self) -> float:
        """Least share that may be planned, a fraction."""
        return self.range[0] if self.range else self.share

    @property
    def high(self) -> float:
        """Largest share that may be planned, a fraction."""
        return self.range[1] if self.range else self.share

    @model_validator(mode="before")
    @classmethod
    def _range_is_a_pair(cls, values: object) -> object:
        pair = values.get("range") if isinstance(values, Mapping) else None
        if pair is not None and not (isinstance(pair, list | tuple) and len(pair) == 2):
            raise wrong((("range",), f"{describe(pair)} is not a pair [lowest, highest]"))
        return values

    @model_validator(mode="after")
    def _share_in_range(self) -> MixShare:
        if self.low > self.high:
            raise wrong((("range",), f"{self.low} is above {self.high}; write [lowest, highest]"))
        if not self.low <= self.share <= self.high:
            raise wrong((("range",), f"[{self.low}, {self.high}] does not hold the share {self.share}"))
        return self


class Tolerance(_Part):
    """How far achieved shares may be from planned ones before the build ends with exit code 3."""

    corpus: Fraction = Field(
        default=0.001, description="largest |achieved - planned| share in the whole corpus, a fraction"
    )
    shard: Fraction = Field(default=0.01, description="the same in every output shard, a fraction")


class MixConfig(_Part):
    """The shares of the corpus, one entry for each source, and what is done when they cannot be had."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, MixShare] = Field(init=False)

    tolerance: Annotated[
        Tolerance, BeforeValidator(_corpus_only, json_schema_input_type=float | Tolerance)
    ] = Field(
        default=Tolerance(), description="a fraction for the whole corpus, or {corpus: 0.001, shard: 0.01}"
    )
    when_short: Literal["relax", "shrink", "upsample", "fail"] = Field(
        default="relax",
        description="when the sources do not hold the tokens asked for at these shares: relax takes shares "
        "within their ranges, then fewer tokens; shrink takes fewer tokens; upsample passes max_epochs; "
        "fail stops",
    )

    @property
    def shares(self) -> dict[str, MixShare]:
        """Each source's entry, in the order of the config."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="before")
    @classmethod
    def _only_shares_and_settings(cls, values: object) -> object:
        if not isinstance(values, Mapping):
            return values
        stray = {k: v for k, v in values.items() if k not in cls.model_fields and not isinstance(v, Mapping)}
        if stray:
            raise wrong(*(((name,), _no_entry(name, value)) for name, value in stray.items()))
        return values

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> MixConfig:
        shares = {name: entry.share for name, entry in self.shares.items()}
        total = sum(shares.values())
        if abs(total - 1) > 1e-6:
            instead = f" In the same proportions: {_rescaled(shares, total)}" if total > 0 else ""
            raise wrong(((), f"the shares sum to {total:.6g}, not to 1.{instead}"))
        return self


class MinHashConfig(_Part):
    """Near-duplicates: groups by MinHash bands, then the true similarity of the texts."""

    bands: Count = Field(
        default=16, description="bands of the signature; one that is equal makes two texts candidates"
    )
    rows: Count = Field(
        default=7,
        description="signature values in a band; 16 bands of 7 find 98 % of pairs at similarity 0.8",
    )
    shingle: Count = Field(
        default=5, description="words in a shingle; shorter texts are compared only exactly"
    )
    verify: Fraction = Field(
        default=0.8, description="least true Jaccard similarity, 0..1, of a duplicate with the text kept"
    )
    max_comparisons: Count = Field(
        default=64,
        description="most kept texts that a document is compared with; what is left out is counted",
    )


class DedupConfig(_Part):
    """What counts as said twice, within and across sources."""

    exact: bool = Field(default=True, description="equal final texts (128-bit hash) are duplicates")
    minhash: Annotated[
        MinHashConfig | None, BeforeValidator(_off, json_schema_input_type=MinHashConfig | Off | None)
    ] = Field(default=MinHashConfig(), description="near-duplicates; null or `off` finds none")


class OutputConfig(_Part):
    """The files of the corpus."""

    shard_tokens: Count = Field(
        default=50_000_000, description="tokens of one output shard; 50 M are about 200 MB of text"
    )
    format: str = Field(default="parquet", description="format of the output shards")
    columns: list[Annotated[str, AfterValidator(_column)]] = Field(
        default=[],
        description="further columns: signals (`reasoning.score`) and metadata of the input (`meta.url` for "
        "its column url)",
    )


class AuditConfig(_Part):
    """The documents that get every signal whatever happens to them, so that over-filtering can be seen."""

    strict: bool = Field(
        default=False,
        description="stop with exit code 1, before any input is read, where the packaged sentinels show that "
        "a source drops reasoning or keeps junk; otherwise that is a warning",
    )
    sample: Fraction = Field(
        default=0.02, description="fraction of documents in the audit sample, chosen by their hash"
    )


@dataclass(frozen=True)
class _Origin:
    """Where a config comes from; file: as errors name it, empty when it came from Python."""

    file: str = ""
    path: Path | None = None
    base: Path = Path()
    places: Mapping[Where, Place] = field(default_factory=dict)


class Config(_Part):
    """A whole config, checked. Only `sources` and `mix` are required."""

    name: str = Field(
        default="corpus", min_length=1, description="the corpus's name; the config file's name when left out"
    )
    seed: Whole = Field(
        default=17, description="chooses among equals when documents are drawn and shards filled"
    )
    tokens: Count | Literal["max"] = Field(
        default="max", description="tokens of the corpus, or `max`: as many as the target shares allow"
    )
    min_tokens: Whole | None = Field(
        default=None,
        description="a corpus of fewer tokens ends the build with exit code 3; null is no minimum",
    )
    tokenizer: TokenizerConfig = Field(default=TokenizerConfig(), description="whose tokens are counted")
    sources: dict[str, SourceConfig] = Field(min_length=1, description="where the documents are, by source")
    mix: MixConfig = Field(
        description="each source's share of the corpus, as in {web: {share: 0.6}, code: {share: 0.4}}"
    )
    dedup: Annotated[DedupConfig, BeforeValidator(_no_dedup, json_schema_input_type=DedupConfig | Off)] = (
        Field(default=DedupConfig(), description="what counts as a duplicate; `off` keeps them all")
    )
    output: OutputConfig = Field(default=OutputConfig(), description="the files of the corpus")
    audit: Annotated[
        AuditConfig, BeforeValidator(_strict, json_schema_input_type=AuditConfig | Literal["strict"])
    ] = Field(default=AuditConfig(), description="the sample in which over-filtering is looked for")
    max_quarantined: Fraction | None = Field(
        default=None,
        description="largest fraction of documents, 0..1, that may be quarantined before the build fails; "
        "null is off",
    )
    on_error: Literal["quarantine", "stop"] = Field(
        default="quarantine",
        description="what a document or file that cannot be read or processed does to the build",
    )
    rescue: Fraction | None = Field(
        default=0.9,
        description="reasoning quantile, 0..1, from which a document that fails only soft rules is kept; "
        "null is off",
    )

    _origin: _Origin = PrivateAttr(default_factory=_Origin)

    @property
    def path(self) -> Path | None:
        """The config file; None when the config came from Python."""
        return self._origin.path

    @property
    def base(self) -> Path:
        """The folder that paths in the config are relative to."""
        return self._origin.base

    @model_validator(mode="before")
    @classmethod
    def _kinds_by_name(cls, values: Any) -> Any:
        sources = values.get("sources") if isinstance(values, Mapping) else None
        if not isinstance(sources, Mapping):
            return values
        named = {k: sources[k] for k in KINDS if isinstance(sources.get(k), Mapping)}
        return {**values, "sources": {**sources, **{k: {"kind": k, **v} for k, v in named.items()}}}

    @model_validator(mode="after")
    def _hangs_together(self) -> Config:
        if found := [*self._source_names(), *self._minimum()]:
            raise wrong(*found)
        return self

    def _source_names(self) -> Iterator[tuple[Where, str]]:
        shares, settings = self.mix.shares, MixConfig.model_fields
        unknown = [name for name in shares if name not in self.sources]
        for name in unknown:
            yield ("mix", name), f"there is no source '{name}'. {nearest(name, [*self.sources, *settings])}"
        for name in self.sources:
            if name in settings or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
                yield ("sources", name), "cannot name a source; use letters, digits, - and _"
            elif name not in shares and not unknown:
                way_out = f"Add {name}: {{share: ...}}, or remove the source"
                yield ("mix",), f"source '{name}' has no share. {way_out}"

    def _minimum(self) -> Iterator[tuple[Where, str]]:
        if self.min_tokens is not None and self.tokens != "max" and self.min_tokens > self.tokens:
            yield (
                ("min_tokens",),
                f"{self.min_tokens:,} is above tokens, {self.tokens:,}; lower it (null is no minimum)",
            )

    def place(self, where: Sequence[str]) -> tuple[str, int | None]:
        """(file, 1-based line) of a key, or of its nearest ancestor that is written; the file is
        `--set a.b=c` for what the command line set, and empty for a config from Python."""
        return nearest_place(tuple(where), self._origin.places, self._origin.file)

    def error(self, where: Sequence[str], message: str) -> ConfigError:
        """A ConfigError about the key `where`: a glob that matches nothing, a stage that is not there. Items
        of a list have lines, but are not named."""
        file, line = self.place(where)
        return ConfigError(message, file or None, line, ".".join(key for key in where if not key.isdigit()))

    def parse(self, model: type[Model], values: Mapping[str, Any] | None, where: Sequence[str]) -> Model:
        """The part at `where` read by its own model; ConfigError with all that is wrong with it."""
        return _validated(model, dict(values or {}), tuple(where), self._origin)

    def resolved(self) -> dict[str, Any]:
        """Plain data with all defaults of the frame, in the order of the docs. References to the environment
        stay references."""
        plain = self.model_dump(mode="json")
        settings = {key: plain["mix"].pop(key) for key in MixConfig.model_fields}
        plain["mix"] = {**plain["mix"], **settings}
        return plain


def load(path: str | Path, sets: Sequence[str] = (), base: str | Path | None = None) -> Config:
    """Reads a config file and follows `sets` (`a.b=c`, values in YAML).

    base: the folder that paths are relative to, by default the file's own. Raises UsageError when there is no
    such file, ConfigError for everything that is wrong in it.
    """
    file = Path(path)
    located = _mapping(read(file), str(file))
    for assignment in sets:
        parts, text = split(assignment)
        _must_name_a_source(located.data, parts, f"--set {assignment}")
        located.assign(parts, text, f"--set {assignment}")
    origin = _Origin(str(file), file, file.parent if base is None else Path(base), located.places)
    return _built({"name": file.stem, **located.data}, origin)


def from_dict(data: Mapping[str, Any], base: str | Path, name: str | None = None) -> Config:
    """The same from Python: paths are relative to `base`, errors have keys but no lines."""
    located = _mapping(Located.of(data), "")
    named = {"name": name} if name else {}
    return _built({**named, **located.data}, _Origin("", None, Path(base), located.places))


def schema(
    stages: Mapping[str, type[BaseModel]] | None = None, read: type[BaseModel] | None = None
) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a config file. stages, read: the models of those parts, which are open
    objects without."""
    whole = Config.model_json_schema(mode="validation")
    parts = whole["$defs"]
    source = parts["SourceConfig"]
    source["required"].remove("kind")
    if read is not None:
        source["properties"]["read"] = _embedded("read", read, parts)
    if stages is not None:
        known = {name: _embedded(f"stage.{name}", model, parts) for name, model in stages.items()}
        off = [{"type": "null"}, {"enum": [False, True, "off", "on"]}]
        source["properties"]["stages"] |= {
            "properties": {name: {"anyOf": [part, *off]} for name, part in known.items()},
            "additionalProperties": False,
        }
    _allow_grouped_digits(whole)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "curate config"}


def _validated(model: type[Model], data: object, where: Where, origin: _Origin) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise as_config_error(error, model, data, where, origin.places, origin.file) from None


def _built(data: Mapping[str, Any], origin: _Origin) -> Config:
    config = _validated(Config, data, (), origin)
    config._origin = origin
    return config


def _mapping(located: Located, file: str) -> Located:
    if isinstance(located.data, dict):
        return located
    told = "is empty" if located.data is None else f"holds {describe(located.data)}, not a mapping of keys"
    raise ConfigError(f"{told}; a config needs `sources` and `mix` (`curate init` writes one)", file or None)


def _must_name_a_source(data: Mapping[str, Any], parts: Where, file: str) -> None:
    """What is set inside a source that is not there is a misspelling, and no new source."""
    if len(parts) < 3 or parts[0] not in ("sources", "mix"):
        return
    names = set(data[parts[0]]) if isinstance(data.get(parts[0]), dict) else set()
    names |= MixConfig.model_fields.keys() if parts[0] == "mix" else set()
    if parts[1] not in names:
        sentence = f"there is no source '{parts[1]}'. {nearest(parts[1], names)}"
        raise ConfigError(sentence, file, None, ".".join(parts[:2]))


def _embedded(name: str, model: type[BaseModel], parts: dict[str, Any]) -> dict[str, str]:
    """A reference to the model's schema, whose parts go to `parts` under names of their own: every stage has
    a `Config`."""
    part = model.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
    parts |= {f"{name}.{inner}": definition for inner, definition in part.pop("$defs", {}).items()}
    parts[name] = part
    return {"$ref": f"#/$defs/{name}"}


def _allow_grouped_digits(part: Any) -> None:
    """2_000_000 is a number to us and text to YAML 1.2, which editors follow."""
    if isinstance(part, dict) and part.get("type") == "integer":
        part |= {"type": ["integer", "string"], "pattern": "^[0-9]+(_[0-9]+)*$"}
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _allow_grouped_digits(inner)


def _no_entry(name: str, value: object) -> str:
    hint = nearest(name, MixConfig.model_fields)
    told = f"a source's entry is a mapping such as {{share: 0.5}}, not {describe(value)}"
    return f"{told}. {hint}" if hint.startswith("Did") else told


def _rescaled(shares: Mapping[str, float], total: float) -> str:
    """Shares in the same proportions that sum to 1 with four decimals."""
    scaled = {name: round(share / total, 4) for name, share in shares.items()}
    largest = max(scaled, key=lambda name: scaled[name])
    scaled[largest] = round(scaled[largest] + 1 - sum(scaled.values()), 4)
    return ", ".join(f"{name} {share:g}" for name, share in scaled.items())
