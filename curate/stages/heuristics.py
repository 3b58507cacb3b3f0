"""How a document is spelt out: words, lines, symbols, repetition, judged by limits that depend on what it is.

`preset` chooses the rules. `structured`, the default, sets its limits by `structure.label`: they drop what is
no text (encoded, binary, minified), no language (gibberish, keywords, menus) or mostly itself again, and
leave braces, formulas, short lines and repeated speakers alone where they belong. `gopher`, `c4` and
`fineweb` are as published, on words as Python's `str.split()` gives them; `code` is for source files.

`gopher-datatrove`, `dclm`, `dolma` and `olmo3` are those pipelines to the letter (`curate/peers`), their own
words and all, at their own speed: their signals are made only where a config asks for them.

C4 edits: it deletes lines and then judges the page. Here nothing is edited: its document rules judge what
would remain (`c4_sentences` counts sentences in lines that C4 keeps), and the text stays whole. Sentences are
counted by their punctuation, not by Punkt. C4's word list (LDNOOBW) and its deletion of spans of three
sentences that occur elsewhere are not among these rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from curate.documents import Batch
from curate.kernels.repetition import FRACTIONS, measure
from curate.peers import PEERS
from curate.peers.datatrove import Rules as DatatroveRules
from curate.peers.dclm import Rules as DclmRules
from curate.peers.dolma import Rules as DolmaRules
from curate.peers.olmo3 import Rules as Olmo3Rules
from curate.rules import PerStructure, Rule, Signal, StageConfig, limit, published

VERSION = 2
REQUIRES: list[str] = []
OPTIONAL = ["language.label", "language.score", "structure.label"]
EDITS = False
BEHIND_GATES = True
SURE = 0.5
"""Probability from which a label of another language is believed."""


def _count(name: str, meaning: str) -> Signal:
    return Signal(f"heuristics.{name}", pa.int64(), meaning, low=0)


def _ratio(name: str, meaning: str, high: float | None = 1) -> Signal:
    # Not float32: 0.3 would be above a limit of 0.3 there.
    return Signal(f"heuristics.{name}", pa.float64(), meaning, low=0, high=high)


def _peer(part: str, name: str, unit: str) -> Signal:
    return Signal(f"heuristics.{part}.{name}", pa.float64(), f"{unit}, as {PEERS[part].title} counts", low=0)


NO_WORDS = "null when there is no word"
LONG = "ASCII words of 40 characters and more"
OF = {
    "duplicate_lines": "lines",
    "duplicate_paragraphs": "paragraphs",
    "distinct_words": "256 words that are different, averaged over the document",
}
OWN_SIGNALS = [
    _count("word_count", "words as str.split() gives them"),
    _count("term_count", "words, each character of a script without spaces (Han, kana, Thai) counted as one"),
    _ratio("mean_word_length", f"characters per word; {NO_WORDS}", None),
    _ratio("hash_ratio", f"'#' per word; {NO_WORDS}", None),
    _ratio("ellipsis_ratio", f"'...' and '…' per word; {NO_WORDS}", None),
    _ratio("letter_words", f"fraction of words with a letter; {NO_WORDS}"),
    _ratio("letters", f"letters per character of a word; {NO_WORDS}"),
    _ratio("digits", f"digits per character of a word; {NO_WORDS}"),
    _ratio("controls", "control and replacement characters per character; null when the text is empty"),
    _ratio("encoded", f"fraction of word characters in {LONG} that spell base64 or hex; {NO_WORDS}"),
    _ratio("long_words", f"fraction of word characters in {LONG}; {NO_WORDS}"),
    _count("stop_words", "how many of Gopher's eight English stop words occur"),
    _ratio(
        "function_words", f"fraction of words that are English function words; {NO_WORDS}, or not English"
    ),
    _ratio("bullet_lines", f"fraction of lines that begin with a bullet; {NO_WORDS}"),
    _ratio("ellipsis_lines", f"fraction of lines that end in an ellipsis; {NO_WORDS}"),
    _ratio("short_lines", f"fraction of lines of at most 30 characters; {NO_WORDS}"),
    _ratio("ended_lines", f"fraction of lines that end in terminal punctuation; {NO_WORDS}"),
    _ratio("mean_line_length", f"characters per line that is not blank; {NO_WORDS}", None),
    _count("longest_line", "characters"),
    _ratio("newline_ratio", f"newlines per word; {NO_WORDS}", None),
    _count("braces", "times '{' occurs"),
    _count("lorem_ipsum", "times the phrase occurs"),
    _count("c4_sentences", "sentences in the lines that C4 keeps"),
    _count("c4_any_sentences", "the same when lines need not end in punctuation"),
    *(_ratio(name, f"fraction of {OF.get(name, 'word characters')}; {NO_WORDS}") for name in FRACTIONS),
]
PEER_SIGNALS = {
    part: [_peer(part, name, unit) for name, unit in peer.measures.items()] for part, peer in PEERS.items()
}
SIGNALS = [*OWN_SIGNALS, *(signal for signals in PEER_SIGNALS.values() for signal in signals)]


RAE = "Gopher, Rae et al. 2021, A1.1"
RAE_TABLE = "Gopher, Rae et al. 2021, table A1"
RAFFEL = "C4, Raffel et al. 2020, 2.2"
PENEDO = "FineWeb, Penedo et al. 2024, 3.6, and its filter in datatrove"


class GopherRules(StageConfig):
    """Quality and repetition rules of MassiveText, as published."""

    min_words: int | None = published(50, "words", RAE)
    max_words: int | None = published(100_000, "words", RAE)
    min_mean_word_length: float | None = published(3, "characters per word", RAE)
    max_mean_word_length: float | None = published(10, "characters per word", RAE)
    max_hash_ratio: float | None = published(0.1, "'#' per word", RAE)
    max_ellipsis_ratio: float | None = published(0.1, "ellipses per word", RAE)
    max_bullet_lines: float | None = published(0.9, "fraction of lines", RAE)
    max_ellipsis_lines: float | None = published(0.3, "fraction of lines", RAE)
    min_letter_words: float | None = published(0.8, "fraction of words", RAE)
    min_stop_words: int | None = published(2, "different words of the be to of and that have with", RAE)
    max_duplicate_lines: float | None = published(0.3, "fraction of lines", RAE_TABLE)
    max_duplicate_paragraphs: float | None = published(0.3, "fraction of paragraphs", RAE_TABLE)
    max_duplicate_line_characters: float | None = published(0.2, "fraction of characters", RAE_TABLE)
    max_duplicate_paragraph_characters: float | None = published(0.2, "fraction of characters", RAE_TABLE)
    max_top_2_gram: float | None = published(0.2, "fraction of characters", RAE_TABLE)
    max_top_3_gram: float | None = published(0.18, "fraction of characters", RAE_TABLE)
    max_top_4_gram: float | None = published(0.16, "fraction of characters", RAE_TABLE)
    max_duplicate_5_grams: float | None = published(0.15, "fraction of characters", RAE_TABLE)
    max_duplicate_6_grams: float | None = published(0.14, "fraction of characters", RAE_TABLE)
    max_duplicate_7_grams: float | None = published(0.13, "fraction of characters", RAE_TABLE)
    max_duplicate_8_grams: float | None = published(0.12, "fraction of characters", RAE_TABLE)
    max_duplicate_9_grams: float | None = published(0.11, "fraction of characters", RAE_TABLE)
    max_duplicate_10_grams: float | None = published(0.1, "fraction of characters", RAE_TABLE)


class C4Rules(StageConfig):
    """Page rules of C4, on what its line rules leave."""

    max_braces: int | None = published(0, "'{' in the page", RAFFEL)
    max_lorem_ipsum: int | None = published(0, "times the phrase occurs", RAFFEL)
    min_sentences: int | None = published(
        5, "sentences in kept lines", f"{RAFFEL}; the reference code says 3"
    )
    min_any_sentences: int | None = published(
        None, "sentences in lines kept without the rule on terminal punctuation", "FineWeb's use of C4: 5"
    )


class FineWebRules(StageConfig):
    """What FineWeb adds to Gopher and C4."""

    min_ended_lines: float | None = published(0.12, "fraction of lines", PENEDO)
    max_short_lines: float | None = published(0.67, "fraction of lines", PENEDO)
    max_duplicate_line_characters: float | None = published(
        0.01, "fraction of characters", f"{PENEDO}; the paper's text says 0.1"
    )
    max_newline_ratio: float | None = published(0.3, "newlines per word", PENEDO)


class CodeRules(StageConfig):
    """For source files: minified, generated as data, or no code at all."""

    max_mean_line_length: float | None = published(
        100, "characters", "StarCoder, Li et al. 2023; DeepSeek-Coder"
    )
    max_longest_line: int | None = published(
        None,
        "characters",
        "StarCoder and DeepSeek-Coder: 1000; off, since one long literal condemns a good file",
    )
    min_letters: float | None = published(
        0.25, "letters per character", "StarCoder, DeepSeek-Coder, NeMo Curator"
    )
    max_digits: float | None = published(0.4, "digits per character", "OpenCoder: 0.2, and 0.3 for SQL")
    max_encoded: float | None = published(
        0.3, "fraction of characters", "StarCoder2, Lozhkov et al. 2024: 0.5"
    )
    min_words: int | None = published(5, "words", "ours: a file with fewer holds nothing to learn")


OURS = "ours, set on real text of 60 origins against 40 kinds of junk: scripts/overfiltering.py"
PARTS: dict[str, dict[str, dict[str, Any]]] = {
    "gopher": {"gopher": {}},
    "c4": {"c4": {}},
    "fineweb": {"gopher": {}, "c4": {"min_sentences": None, "min_any_sentences": 5}, "fineweb": {}},
    "code": {"code": {}},
    **{part.replace("_", "-"): {part: {}} for part in PEERS},
}
"""Which parts a preset turns on, and where it departs from their defaults."""
PART_RULES: dict[str, type[StageConfig]] = {
    "gopher": GopherRules,
    "c4": C4Rules,
    "fineweb": FineWebRules,
    "code": CodeRules,
    **{part: peer.rules for part, peer in PEERS.items()},
}


class Config(StageConfig):
    """Limits of every rule; null turns one off.

    A part that the preset leaves out may still be given: then only the rules that are named in it apply.
    """

    preset: (
        Literal["structured", "gopher", "c4", "fineweb", "code", "gopher-datatrove", "dclm", "dolma", "olmo3"]
        | None
    ) = Field(
        "structured", description="the rules that apply unless named one by one; null: none but the gates"
    )
    gate_min_words: int | None = Field(
        1, description="words (a text without one is empty); fewer stop all work on the document"
    )
    gate_max_controls: float | None = Field(
        0.3,
        description="control and replacement characters per character (ours: binary data has 0.3 to 0.7)",
    )
    gate_max_encoded: float | None = Field(
        0.9,
        description="fraction of characters in long words of base64 or hex (ours: nothing is left to read)",
    )
    min_words: PerStructure[int] = limit(
        20,
        description="words, a character of a script without spaces counted as one (Gopher: 50, which drops "
        "short worked problems)",
    )
    max_controls: PerStructure[float] = limit(
        0.02, description=f"control and replacement characters per character ({OURS})"
    )
    max_encoded: PerStructure[float] = limit(
        0.3, description=f"fraction of characters in words of base64 or hex ({OURS})"
    )
    max_long_words: PerStructure[float] = limit(
        0.65,
        link_list=0.3,
        description=f"fraction of characters in {LONG}: addresses, minified code ({OURS})",
    )
    max_mean_line_length: PerStructure[float] = limit(
        None, code=200, description="characters (StarCoder: 100; minified code has thousands)"
    )
    min_letters: PerStructure[float] = limit(
        0.6, maths=0.45, proof=0.45, q_and_a=0.4, code=0.3, code_mixed=0.4, table=0.4,
        description=f"letters per character of a word ({OURS})",
    )  # fmt: skip
    min_letter_words: PerStructure[float] = limit(
        0.6, maths=0.3, proof=0.3, q_and_a=0.3, code=None, code_mixed=0.4, table=0.4,
        description=f"fraction of words with a letter (Gopher: 0.8; {OURS})",
    )  # fmt: skip
    min_function_words: PerStructure[float] = limit(
        0.1, boilerplate=0.33, link_list=0.3, table=0.12, maths=None, proof=None, code=None, code_mixed=0.02,
        description="fraction of words that are English function words; other languages are not judged by it "
        f"({OURS})",
    )  # fmt: skip
    max_short_lines: PerStructure[float] = limit(
        0.9, maths=None, proof=None, code=None, code_mixed=None, dialogue=None, q_and_a=None,
        description=f"fraction of lines of at most 30 characters (FineWeb: 0.67; {OURS})",
    )  # fmt: skip
    max_ellipsis_lines: PerStructure[float] = limit(
        0.5, description=f"fraction of lines (Gopher: 0.3; {OURS})"
    )
    max_lorem_ipsum: PerStructure[int] = limit(
        2, description="times the phrase occurs (C4: 0; text about it names it)"
    )
    max_duplicate_lines: PerStructure[float] = limit(
        0.3, code=0.7, code_mixed=0.6, table=0.5, maths=0.5, proof=0.5, q_and_a=0.5,
        description="fraction of characters in lines that occurred before, of 25 characters and more "
        f"(Gopher: 0.2 in lines of any length; {OURS})",
    )  # fmt: skip
    min_distinct_words: PerStructure[float] = limit(
        0.3, q_and_a=0.1, maths=0.1, proof=0.1, code=None, code_mixed=0.1, table=0.1,
        description="fraction of each 256 words that are different; RedPajama 2 has it over the whole "
        f"document (prose 0.4 to 0.8, stuffing with keywords 0.1 to 0.3; {OURS})",
    )  # fmt: skip
    max_top_4_gram: PerStructure[float] = limit(
        0.4, description=f"fraction of characters in the commonest four words (Gopher: 0.16; {OURS})"
    )
    max_duplicate_5_grams: PerStructure[float] = limit(
        0.6, maths=0.8, proof=0.8, q_and_a=0.9, code=0.9, code_mixed=0.9, table=0.9,
        description=f"fraction of characters (Gopher: 0.15; {OURS})",
    )  # fmt: skip
    max_duplicate_10_grams: PerStructure[float] = limit(
        0.45, maths=0.7, proof=0.7, q_and_a=0.75, code=0.8, code_mixed=0.75, table=0.75,
        description=f"fraction of characters (Gopher: 0.1; {OURS})",
    )  # fmt: skip
    gopher: GopherRules | None = Field(None, description="rules of MassiveText")
    c4: C4Rules | None = Field(None, description="rules of C4")
    fineweb: FineWebRules | None = Field(None, description="rules of FineWeb on top of Gopher's and C4's")
    code: CodeRules | None = Field(None, description="rules for source files")
    gopher_datatrove: DatatroveRules | None = Field(
        None, description="rules of MassiveText as datatrove implements them, on spaCy's tokens"
    )
    dclm: DclmRules | None = Field(None, description="rules of DCLM-Baseline, after RefinedWeb")
    dolma: DolmaRules | None = Field(None, description="rules of Dolma 1.5")
    olmo3: Olmo3Rules | None = Field(None, description="rules of OLMo 3's web corpus")

    @model_validator(mode="before")
    @classmethod
    def _preset_chooses(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        preset = values.get("preset", "structured")
        chosen: dict[str, Any] = {} if preset == "structured" else dict.fromkeys(STRUCTURED)
        for part, rules in PART_RULES.items():
            given = values.get(part, {})
            base = PARTS.get(preset, {}).get(part) if isinstance(preset, str) else None
            if base is not None and isinstance(given, Mapping):
                chosen[part] = {**base, **given}
            elif isinstance(given, Mapping) and given:
                chosen[part] = {**dict.fromkeys(rules.model_fields), **given}
        return {
            **chosen,
            **{name: v for name, v in values.items() if name not in chosen or name in STRUCTURED},
        }


STRUCTURED = tuple(
    name for name, field in Config.model_fields.items() if isinstance(field.default, PerStructure)
)


def _below(signal: str, field: str, because: str, soft: bool = False) -> Rule:
    return Rule(f"heuristics.{signal}", below=field, soft=soft, because=because)


def _above(signal: str, field: str, because: str, soft: bool = False) -> Rule:
    return Rule(f"heuristics.{signal}", above=field, soft=soft, because=because)


def _peer_rules(part: str) -> Sequence[Rule]:
    """`min_x` and `max_x` read the measure x."""
    out = []
    for field in PEERS[part].rules.model_fields:
        bound, _, name = field.partition("_")
        told = (
            f"{PEERS[part].title} asks for {'more' if bound == 'min' else 'less'}: {name.replace('_', ' ')}"
        )
        make = _below if bound == "min" else _above
        out.append(make(f"{part}.{name}", f"{part}.{field}", told, soft=True))
    return out


GATES = [
    _below("word_count", "gate_min_words", "it is empty"),
    _above("controls", "gate_max_controls", "it is binary data, not text"),
    _above("encoded", "gate_max_encoded", "it is encoded data, not text"),
]
RULES = [
    _above("controls", "max_controls", "it has control characters, or characters whose encoding was lost"),
    _above("encoded", "max_encoded", "too much of it is base64 or hex"),
    _above("long_words", "max_long_words", "most of it is addresses or code without spaces"),
    _above("mean_line_length", "max_mean_line_length", "it is minified code"),
    _below("letters", "min_letters", "it has too few letters among its symbols and digits", soft=True),
    _below("letter_words", "min_letter_words", "too few of its words have a letter", soft=True),
    _below("function_words", "min_function_words", "it hardly has the words that make sentences"),
    _below("term_count", "min_words", "it is too short", soft=True),
    _above("short_lines", "max_short_lines", "nearly all of its lines are fragments", soft=True),
    _above("ellipsis_lines", "max_ellipsis_lines", "too many of its lines are cut off", soft=True),
    _above("lorem_ipsum", "max_lorem_ipsum", "it is filler text"),
    _above("duplicate_long_line_characters", "max_duplicate_lines", "it repeats its lines"),
    _below("distinct_words", "min_distinct_words", "it says the same few words again and again"),
    _above("top_4_gram", "max_top_4_gram", "one phrase makes up too much of it"),
    _above("duplicate_5_grams", "max_duplicate_5_grams", "it repeats its phrases"),
    _above("duplicate_10_grams", "max_duplicate_10_grams", "it repeats its sentences"),
    _below("word_count", "gopher.min_words", "it has fewer words than Gopher asks for", soft=True),
    _above("word_count", "gopher.max_words", "it has more words than Gopher allows", soft=True),
    _below("mean_word_length", "gopher.min_mean_word_length", "its words are short on average", soft=True),
    _above("mean_word_length", "gopher.max_mean_word_length", "its words are long on average", soft=True),
    _above("hash_ratio", "gopher.max_hash_ratio", "it has too many hash signs", soft=True),
    _above("ellipsis_ratio", "gopher.max_ellipsis_ratio", "it has too many ellipses", soft=True),
    _above(
        "bullet_lines", "gopher.max_bullet_lines", "nearly all of its lines begin with a bullet", soft=True
    ),
    _above(
        "ellipsis_lines", "gopher.max_ellipsis_lines", "too many of its lines end in an ellipsis", soft=True
    ),
    _below("letter_words", "gopher.min_letter_words", "too few of its words have a letter", soft=True),
    _below("stop_words", "gopher.min_stop_words", "it has too few English stop words", soft=True),
    *(
        _above(name, f"gopher.max_{name}", "it repeats itself more than Gopher allows", soft=True)
        for name in FRACTIONS
        if f"max_{name}" in GopherRules.model_fields
    ),
    _above("braces", "c4.max_braces", "it has a curly bracket", soft=True),
    _above("lorem_ipsum", "c4.max_lorem_ipsum", "it is filler text"),
    _below("c4_sentences", "c4.min_sentences", "C4's line rules leave too few sentences", soft=True),
    _below("c4_any_sentences", "c4.min_any_sentences", "C4's line rules leave too few sentences", soft=True),
    _below("ended_lines", "fineweb.min_ended_lines", "too few of its lines end in punctuation", soft=True),
    _above("short_lines", "fineweb.max_short_lines", "too many of its lines are short", soft=True),
    _above(
        "duplicate_line_characters",
        "fineweb.max_duplicate_line_characters",
        "it repeats its lines",
        soft=True,
    ),
    _above("newline_ratio", "fineweb.max_newline_ratio", "it is broken into too many lines", soft=True),
    _above("mean_line_length", "code.max_mean_line_length", "it is minified, or data"),
    _above("longest_line", "code.max_longest_line", "it has a line that nobody wrote by hand"),
    _below("letters", "code.min_letters", "it is data, not code"),
    _above("digits", "code.max_digits", "it is data, not code"),
    _above("encoded", "code.max_encoded", "too much of it is base64 or hex"),
    _below("word_count", "code.min_words", "it is too short"),
    *(rule for part in PEERS for rule in _peer_rules(part)),
]


def defaults(kind: str) -> dict[str, Any]:
    """Source files have rules of their own; instructions are short, and their options no menus."""
    if kind == "code":
        return {"preset": "code"}
    if kind == "synthetic":
        return {"min_words": 5, "min_function_words": {"boilerplate": 0.1}}
    return {}


def load(config: Config) -> None:
    """No model."""


def annotate(batch: Batch, config: Config, model: None) -> dict[str, pa.Array]:
    """All signals of all documents; no limit is read here, so that each can be changed afterwards."""
    counts, fractions = measure(batch.data, batch.offsets)
    blank, empty = counts["words"] == 0, counts["characters"] == 0
    columns = {
        "word_count": pa.array(counts["words"]),
        "term_count": pa.array(counts["words"] + counts["spaceless"]),
        "stop_words": pa.array(counts["gopher_words"]),
        "controls": _share(counts["controls"], counts["characters"], empty),
        "function_words": _share(counts["function_words"], counts["words"], blank | _foreign(batch, counts)),
    }
    for name in ("longest_line", "braces", "lorem_ipsum", "c4_sentences", "c4_any_sentences"):
        columns[name] = pa.array(counts[name])
    for name, (count, total) in SHARES.items():
        columns[name] = _share(counts[count], counts[total], blank)
    for name, fraction in fractions.items():
        columns[name] = pa.array(fraction, mask=blank)
    columns |= _peer_columns(batch, config)
    return {f"heuristics.{name}": column for name, column in columns.items()}


def signals(config: Config) -> list[Signal]:
    """Ours, and those of the pipelines whose rules are on."""
    return [*OWN_SIGNALS, *(s for part in _peers_on(config) for s in PEER_SIGNALS[part])]


def _peers_on(config: Config) -> list[str]:
    return [part for part in PEERS if getattr(config, part) is not None]


def _peer_columns(batch: Batch, config: Config) -> dict[str, pa.Array]:
    columns = {}
    for part in _peers_on(config):
        found = [PEERS[part].measure(batch.text(i)) for i in range(len(batch))]
        for name in PEERS[part].measures:
            columns[f"{part}.{name}"] = pa.array([counts.get(name) for counts in found], pa.float64())
    return columns


SHARES = {
    "mean_word_length": ("word_characters", "words"),
    "hash_ratio": ("hashes", "words"),
    "ellipsis_ratio": ("ellipses", "words"),
    "letter_words": ("letter_words", "words"),
    "letters": ("letters", "word_characters"),
    "digits": ("digits", "word_characters"),
    "encoded": ("encoded", "word_characters"),
    "long_words": ("long_ascii", "word_characters"),
    "bullet_lines": ("bullet_lines", "lines"),
    "ellipsis_lines": ("ellipsis_lines", "lines"),
    "short_lines": ("short_lines", "lines"),
    "ended_lines": ("ended_lines", "lines"),
    "mean_line_length": ("characters", "lines"),
    "newline_ratio": ("newlines", "words"),
}
"""Signals that are one count over another."""


def _share(count: np.ndarray, total: np.ndarray, null: np.ndarray) -> pa.Array:
    return pa.array(count / np.maximum(total, 1), mask=null)


def _foreign(batch: Batch, counts: dict[str, np.ndarray]) -> np.ndarray:
    """(n,) bool: documents that are not English: most letters are of another script, or their language is
    known and sure. Gibberish is labelled as some language too, but never surely."""
    foreign = 2 * counts["wide_letters"] > counts["letters"]
    label, score = (batch.signals.get(f"language.{name}") for name in ("label", "score"))
    if label is not None and score is not None:
        sure = pc.and_(pc.not_equal(label, "en"), pc.greater_equal(score, SURE))
        foreign |= pc.fill_null(sure, False).to_numpy(zero_copy_only=False)
    return foreign
