"""YAML as people mean it, and what is broken told in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import ConfigError
from curate.located import Located, Place, dump, parse


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, "smoke.yaml")
    return str(caught.value)


SCALARS = {
    "[no, yes, on, off, NO, y, n]": ["no", "yes", "on", "off", "NO", "y", "n"],
    "[true, False, null, ~, ]": [True, False, None, None],
    "[1e-3, 1e9, 2e+3, -1.5, .5, 5., 1_000.5]": [0.001, 1e9, 2000.0, -1.5, 0.5, 5.0, 1000.5],
    "[2_000_000, +3, -4, 007, 0x1F, 0o17]": [2_000_000, 3, -4, 7, 31, 15],
    "['1', \"true\", 12:30:45, 2024-01-01]": ["1", "true", "12:30:45", "2024-01-01"],
    "[1__0, 1_, 1e, ., _1, 1.2.3, e5, nan]": ["1__0", "1_", "1e", ".", "_1", "1.2.3", "e5", "nan"],
    "[.inf, -.inf]": [float("inf"), float("-inf")],
    "[!!str 17, !!int '17', !!float 3]": ["17", 17, 3.0],
    "[a, # one\n  b]": ["a", "b"],
}


@pytest.mark.parametrize("text, values", SCALARS.items())
def test_no_is_norwegian_and_numbers_are_numbers(text, values):
    read = parse(f"v: {text}", "smoke.yaml").data["v"]
    assert read == values and list(map(type, read)) == list(map(type, values))


def test_keys_keep_their_spelling():
    assert parse("{no: 1, 1e3: 2, true: 3, 2_0: 4}", "").data == {"no": 1, "1e3": 2, "true": 3, "2_0": 4}


def test_every_key_and_item_has_its_line():
    located = parse("a:\n  b: {c: 1,\n    d: [x,\n y]}\ne: 2\n", "smoke.yaml")
    lines = {".".join(where): place.line for where, place in located.places.items()}
    assert lines == {"a": 1, "a.b": 2, "a.b.c": 2, "a.b.d": 3, "a.b.d.0": 3, "a.b.d.1": 4, "e": 5}
    assert set(located.places.values()) == {Place("smoke.yaml", line) for line in range(1, 6)}


def test_own_keys_go_before_merged_ones_and_have_their_own_lines():
    anchors = "base: &base {share: 1,\n  range: 2}\nother: &other {range: 3, rest: 4}\n"
    located = parse(anchors + "web:\n  share: 5\n  <<: [*base, *other]\n", "smoke.yaml")
    assert located.data["web"] == {"share": 5, "range": 2, "rest": 4}
    assert [located.places["web", key].line for key in ("share", "range", "rest")] == [5, 2, 3]


BROKEN = {
    "a tab": ("tokens: 5\nmix:\n\tweb: 1\n", "smoke.yaml:3: broken YAML: a tab indents this line"),
    "an unquoted star": ("read:\n  paths: [*.jsonl]\n", "smoke.yaml:2: broken YAML: text that begins with *"),
    "an open bracket": (
        "a: 1\nrange: [0.5, 0.7\nb: 1\n",
        "broken YAML: the [ opened on line 2 is not closed",
    ),
    "an open brace": ("web: {share: 1\nb: 1\n", "broken YAML: the { opened on line 1 is not closed"),
    "an open quote": ('name: "a\nseed: 1\n', "broken YAML: the quote opened on line 1 is not closed"),
    "two colons": ("name: a: b\n", "smoke.yaml:1: broken YAML: a ':' where none can be"),
    "no colon": ("name: a\nseed\nmix: {}\n", "smoke.yaml:3: broken YAML: the key on line 2 lacks its ':'"),
    "an at sign": ("name: @home\n", "smoke.yaml:1: broken YAML: text that begins with @ must be quoted"),
    "an ampersand": ("name: & co\n", "smoke.yaml:1: broken YAML: text that begins with one of & % | > !"),
    "two commas": ("a: [1,,2]\n", "smoke.yaml:1: broken YAML: a value is missing before ','"),
    "an outdent": (
        "mix:\n    web: 1\n  code: 2\n",
        "smoke.yaml:3: broken YAML: this line does not fit the block",
    ),
    "two documents": ("a: 1\n---\na: 1\n", "broken YAML: a second document begins"),
    "a control character": ("name: a\nx: \x07\n", "smoke.yaml:2: holds the character"),
    "a tag that makes objects": (
        "name: !!python/object/apply:os.system [true]\n",
        "smoke.yaml:1: name: the tag !!python/object/apply:os.system is not allowed here",
    ),
    "a tag of someone's": ("name: !vault x\n", "smoke.yaml:1: name: the tag !vault is not allowed here"),
    "a tag that does not fit": ("seed: !!int high\n", "smoke.yaml:1: seed: 'high' cannot be read as int"),
    "a key that is a list": ("[a, b]: 1\n", "smoke.yaml:1: a key must be a word"),
    "an alias in its own anchor": ("mix: &a [*a]\n", "alias stands inside its own anchor"),
    "a merge of itself": ("mix: &a {<<: *a}\n", "alias stands inside its own anchor"),
    "a merge of a word": ("mix: {<<: web}\n", "smoke.yaml:1: mix: << takes a mapping"),
    "a deep nest": ("name: " + "[" * 3000 + "]" * 3000, "is nested too deep"),
    "a number without end": ("seed: " + "9" * 5000, "cannot be read as int"),
}


@pytest.mark.parametrize("text, fragment", BROKEN.values(), ids=BROKEN)
def test_broken_or_hostile_yaml_is_told_in_plain_words(text, fragment):
    assert fragment in refusal(text)


def test_aliases_of_aliases_do_not_fill_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "holds more than 100,000 values" in refusal("\n".join(lines))
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]
    assert "holds more than 100,000 values" in refusal("\n".join(lines))


def test_python_data_becomes_what_yaml_would_give():
    located = Located.of({"paths": (Path("a"), "b"), 1: {"x": None}})
    assert located.data == {"paths": ["a", "b"], "1": {"x": None}}
    assert located.places["paths", "1"] == Place("", None) and ("1", "x") in located.places


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
awkward = st.sampled_from(
    ["no", "1e-3", "2_0", "12:30", "~", "", "<<", "=", "- a", "a: b", "#", "*x", "\n", " x"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words | awkward
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | awkward, inner, max_size=4),
    max_leaves=12,
)


@given(settings=st.dictionaries(words | awkward, plain, max_size=4))
def test_whatever_a_part_holds_survives_being_written_and_other_yaml_readers(settings):
    text = dump({"probe": settings})
    assert parse(text, "config.yaml").data == {"probe": settings}
    assert yaml.safe_load(text) == {"probe": settings}
