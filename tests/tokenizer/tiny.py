"""Small tokenizers of every family, trained on the packaged sample with the patterns that people publish."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

from curate.tokenizer import _patterns
from tests.tokenizer.hostile import ADDED

SAMPLE = Path(__file__).parents[2] / "curate/data/sample"


@cache
def texts() -> list[str]:
    """Some of the packaged sample, and text that it has none of."""
    found = [
        "日本語のテキストと中文文字。" * 3,
        "don't I'LL HTTPServer's naïve e\u0301 ſſ <|end|>",
        "字<|x|>",
    ]
    for name in ("web", "code", "academic", "synthetic"):
        table = pq.read_table(min((SAMPLE / name).glob("*.parquet")))
        found += table["content" if name == "code" else "text"].drop_null().to_pylist()[:60]
    return found


def pre_tokenizer(patterns: tuple[str, ...]) -> pre_tokenizers.PreTokenizer:
    """As in a tokenizer.json: the splits, and then bytes written as characters."""
    splits = [pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated") for pattern in patterns]
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([*splits, last])


def train(patterns: tuple[str, ...], nfc: bool = False) -> tokenizers.Tokenizer:
    """2,000 tokens and the added ones, half of them looked for before a text is normalised."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizer(patterns)
    if nfc:
        made.normalizer = normalizers.NFC()
    trainer = trainers.BpeTrainer(
        vocab_size=2000,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator(texts(), trainer)
    for i, content in enumerate(ADDED):
        made.add_tokens([tokenizers.AddedToken(content, normalized=i % 2 == 0, special=i % 3 == 0)])
    return made


def written(made: tokenizers.Tokenizer, folder: Path, **changes: Any) -> Path:
    """tokenizer.json in a folder, with changes to its model."""
    content = json.loads(made.to_str())
    content["model"] |= changes
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(content))
    return folder / "tokenizer.json"


def gpt2_patterns() -> tuple[str, ...]:
    """The pattern within `ByteLevel`."""
    return next(patterns for patterns, family in _patterns.FAMILIES.items() if family == "gpt2")
