"""Which family a tokenizer's split pattern is of: the patterns that people publish, letter for letter."""

from __future__ import annotations

from typing import Any

_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
_CL100K = (
    rf"{_CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_SPACES}"
)
_CL100K_POSSESSIVE = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"
    r"|\s*[\r\n]|\s+(?!\S)|\s+"
)
_MARKS = r"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"


def _cased(contraction: str, digits: str) -> str:
    return (
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+{contraction}|"
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*{contraction}|"
        rf"{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_SPACES}"
    )


_DEEPSEEK = (
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)

FAMILIES = {
    (_GPT2,): "gpt2",
    (_CL100K,): "cl100k",
    (_CL100K_POSSESSIVE,): "cl100k",
    (_CL100K.replace("{1,3}", ""),): "qwen2",
    (f"{_CONTRACTIONS}|{_MARKS}|{_SPACES}",): "qwen3.5",
    (_cased(f"{_CONTRACTIONS}?", r"\p{N}{1,3}"),): "o200k",
    (_cased("", r"\p{N}"),): "tekken",
    _DEEPSEEK: "deepseek",
}
"""Families of `kernels.tokens_split` by their patterns, one split after another."""

TIKTOKEN = {
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7": "cl100k",  # cl100k_base
    "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930": "gpt2",  # r50k_base, GPT-2's
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d": "o200k",  # o200k_base
    "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55": "cl100k",  # Llama 3
    "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069": "gpt2",  # p50k_base
    "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed": "o200k",  # Llama 4
}
"""Families of published tiktoken files by SHA-256: such a file does not say its pattern."""


def _steps(step: Any) -> list[Any]:
    """The steps of a pre-tokenizer or normalizer, one after another."""
    if step is None:
        return []
    if step["type"] != "Sequence":
        return [step]
    inner = step.get("pretokenizers") or step.get("normalizers") or []
    return [found for child in inner for found in _steps(child)]


def _pattern(step: Any) -> str | None:
    """A split's regex, when it cuts before and after each match and drops nothing; newlines written out."""
    regex = step.get("pattern", {}).get("Regex")
    isolated = step.get("behavior") == "Isolated" and not step.get("invert")
    if step["type"] != "Split" or not isolated or regex is None:
        return None
    return regex.replace("\r", r"\r").replace("\n", r"\n")


def of_pre_tokenizer(step: Any) -> str | None:
    """The family of a tokenizer.json's pre_tokenizer; None when it is none of `FAMILIES`."""
    *splits, last = _steps(step) or [{"type": "none"}]
    if last["type"] != "ByteLevel" or last.get("add_prefix_space", True):
        return None
    patterns = [_pattern(split) for split in splits]
    if last.get("use_regex", True):
        patterns.append(_GPT2)
    return FAMILIES.get(tuple(pattern or "" for pattern in patterns))


def of_normalizer(step: Any) -> str | None:
    """ "" for none, "nfc"; None for any other."""
    return {(): "", ("NFC",): "nfc"}.get(tuple(child["type"] for child in _steps(step)))
