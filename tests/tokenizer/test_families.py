"""Tokenizers of every family that the kernel knows are counted as `tokenizers` and bpe-openai count them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import bpe_openai
import pytest
import tokenizers
from bpe_openai import _bindings
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from curate import tokenizer
from curate.documents import Batch
from curate.tokenizer import _patterns
from tests.tokenizer import tiny
from tests.tokenizer.hostile import TEXTS

PATTERNS = list(_patterns.FAMILIES)
NAMES = [f"{family}-{i}" for i, family in enumerate(_patterns.FAMILIES.values())]
BATCHES = st.lists(TEXTS, min_size=1, max_size=4)


def counts(counted: tokenizer.Tokenizer, texts: list[str]) -> list[int]:
    batch = Batch.of(texts)
    return counted.count(batch.data, batch.offsets).tolist()


def expected(reference: tokenizers.Tokenizer, texts: list[str]) -> list[int]:
    return [len(found.ids) for found in reference.encode_batch(texts, add_special_tokens=False)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokenizers")


def both(file: Path) -> tuple[tokenizer.Tokenizer, tokenizers.Tokenizer]:
    """Ours and the library's."""
    counted = tokenizer.load(file)
    assert counted.info.kernel
    return counted, tokenizers.Tokenizer.from_file(str(file))


def agree(counted: tokenizer.Tokenizer, reference: tokenizers.Tokenizer, n: int = 80) -> None:
    """On hostile texts and on those that it was trained on."""

    @settings(max_examples=n)
    @given(BATCHES)
    def on_any(texts: list[str]) -> None:
        assert counts(counted, texts) == expected(reference, texts)

    on_any()
    assert counts(counted, tiny.texts()) == expected(reference, tiny.texts())


@pytest.mark.parametrize("patterns", PATTERNS, ids=NAMES)
def test_every_family_counts_as_the_library_does(folder: Path, patterns: tuple[str, ...]) -> None:
    file = tiny.written(tiny.train(patterns), folder / NAMES[PATTERNS.index(patterns)])
    counted, reference = both(file)
    assert counted.info.family == _patterns.FAMILIES[patterns]
    agree(counted, reference)


def test_texts_are_brought_to_nfc_as_the_library_does(folder: Path) -> None:
    patterns = next(patterns for patterns, family in _patterns.FAMILIES.items() if family == "qwen2")
    counted, reference = both(tiny.written(tiny.train(patterns, nfc=True), folder / "nfc"))
    texts = [
        "e\u0301",
        "\u1100\u1161\u11a8",
        "<|end|>\u0338",
        "[MASK]\u0301",
        "\u212b \u2126",
        "a\u0323\u0307",
    ]
    assert counts(counted, texts) == expected(reference, texts)
    agree(counted, reference, 300)


def test_a_vocabulary_may_hold_tokens_that_merging_does_not_arrive_at(folder: Path) -> None:
    made = tiny.train(PATTERNS[NAMES.index("cl100k-1")])
    model = json.loads(made.to_str())["model"]
    fewer = [merge for i, merge in enumerate(model["merges"]) if i % 5]
    merged, reference = both(tiny.written(made, folder / "merged", merges=fewer))
    agree(merged, reference, 50)
    whole, reference = both(tiny.written(made, folder / "whole", merges=fewer, ignore_merges=True))
    agree(whole, reference, 50)
    assert sum(counts(whole, tiny.texts())) < sum(counts(merged, tiny.texts()))


def test_merges_may_be_pairs_and_the_pattern_may_be_within_byte_level(folder: Path) -> None:
    made = tiny.train(tiny.gpt2_patterns())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    pairs = [list(merge) for merge in json.loads(made.to_str())["model"]["merges"]]
    counted, reference = both(tiny.written(made, folder / "gpt2", merges=pairs))
    assert counted.info.family == "gpt2"
    agree(counted, reference, 20)


@cache
def published(name: str) -> Callable[[str], int]:
    return _bindings.tokenizer_for_encoding(name).count


@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base"])
def test_tiktoken_files_count_as_bpe_openai_does(folder: Path, name: str) -> None:
    file = folder / f"{name}.tiktoken"
    shipped = Path(bpe_openai.__file__).parent / "data" / f"{name}.tiktoken.gz"
    file.write_bytes(gzip.decompress(shipped.read_bytes()))
    counted = tokenizer.load(file)
    assert (counted.info.family, counted.info.name) == (name.removesuffix("_base"), name)

    @settings(max_examples=100)
    @given(BATCHES)
    def on_any(texts: list[str]) -> None:
        assert counts(counted, texts) == [published(name)(text) for text in texts]

    on_any()
    assert counts(counted, tiny.texts()) == [published(name)(text) for text in tiny.texts()]


def changed(made: tokenizers.Tokenizer, path: str, value: object) -> str:
    """tokenizer.json with another value at a path of keys."""
    content = json.loads(made.to_str())
    *keys, last = path.split(".")
    place = content
    for key in keys:
        place = place[int(key)] if key.isdigit() else place[key]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pre_tokenizer.pretokenizers.0.pattern", {"Regex": r"\s+|\S+"}),
        ("pre_tokenizer.pretokenizers.0.behavior", "MergedWithNext"),
        ("pre_tokenizer.pretokenizers.1.add_prefix_space", True),
        ("normalizer", {"type": "Lowercase"}),
        ("added_tokens.0.lstrip", True),
        ("model.ignore_merges", True),
    ],
)
def test_what_the_kernel_does_not_do_exactly_is_left_to_the_library(
    tmp_path: Path, path: str, value: object
) -> None:
    made = tiny.train(tiny.gpt2_patterns())
    if path == "model.ignore_merges":
        made.add_tokens(["x"])
        content = json.loads(changed(made, path, value))
        content["model"]["vocab"]["a" * 300] = 5000
        (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    else:
        (tmp_path / "tokenizer.json").write_text(changed(made, path, value))
    info = tokenizer.describe(tmp_path / "tokenizer.json")
    assert (info.kernel, info.family) == (False, "other")
    assert tokenizer.load(tmp_path / "tokenizer.json").info == info
