"""datatrove 0.10: `GopherQualityFilter` and `GopherRepetitionFilter`, on spaCy's tokens.

The same limits as in the paper mean something else here: a token of punctuation counts as a word without a
letter, so formulas and code fall at `min_letter_words`. FineWeb was made with these two.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial

from curate.peers import repeats
from curate.peers.words import tokens
from curate.rules import StageConfig, published

QUALITY = "datatrove 0.10, GopherQualityFilter"
REPETITION = "datatrove 0.10, GopherRepetitionFilter"

_limit = partial(published, source=QUALITY)
_repeated = partial(published, source=REPETITION)


class Rules(StageConfig):
    """Limits of datatrove's two Gopher filters."""

    min_words: float | None = _limit(50, "tokens that are not punctuation only")
    max_words: float | None = _limit(100_000, "the same")
    min_mean_word_length: float | None = _limit(3, "characters of such a token")
    max_mean_word_length: float | None = _limit(10, "characters of such a token")
    max_hash_ratio: float | None = _limit(0.1, "'#' per token")
    max_ellipsis_ratio: float | None = _limit(0.1, "'...' and '…' per token")
    max_bullet_lines: float | None = _limit(0.9, "fraction of all lines that begin with • or -")
    max_ellipsis_lines: float | None = _limit(0.3, "fraction of all lines that end in an ellipsis")
    min_letter_words: float | None = _limit(0.8, "fraction of tokens with a letter")
    min_stop_words: float | None = _limit(2, "different stop words of Gopher's, in small letters")
    max_duplicate_paragraphs: float | None = _repeated(0.3, "fraction of paragraphs")
    max_duplicate_paragraph_characters: float | None = _repeated(0.2, "fraction of all characters")
    max_duplicate_lines: float | None = _repeated(0.3, "fraction of lines")
    max_duplicate_line_characters: float | None = _repeated(0.2, "fraction of all characters")
    max_top_2_gram: float | None = _repeated(0.2, "fraction of all characters")
    max_top_3_gram: float | None = _repeated(0.18, "fraction of all characters")
    max_top_4_gram: float | None = _repeated(0.16, "fraction of all characters")
    max_duplicate_5_grams: float | None = _repeated(0.15, "fraction of all characters")
    max_duplicate_6_grams: float | None = _repeated(0.14, "fraction of all characters")
    max_duplicate_7_grams: float | None = _repeated(0.13, "fraction of all characters")
    max_duplicate_8_grams: float | None = _repeated(0.12, "fraction of all characters")
    max_duplicate_9_grams: float | None = _repeated(0.11, "fraction of all characters")
    max_duplicate_10_grams: float | None = _repeated(0.1, "fraction of all characters")


MEASURES = {
    "words": "tokens",
    "mean_word_length": "characters",
    "hash_ratio": "per token",
    "ellipsis_ratio": "per token",
    "bullet_lines": "fraction of lines",
    "ellipsis_lines": "fraction of lines",
    "letter_words": "fraction of tokens",
    "stop_words": "different ones",
    **repeats.MEASURES,
}

PUNCTUATION = frozenset(
    "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»؟۔।॥"
) | {chr(c) for c in (*range(9), 11, 12, *range(13, 32), *range(127, 160))}
"""Characters of which a token may consist without being a word."""


def measure(text: str) -> dict[str, float | None]:
    """What both filters count; nothing for a text without tokens."""
    words = tokens(text)
    if not words:
        return {}
    told = [word for word in words if not PUNCTUATION.issuperset(word)]
    lines, n = text.splitlines(), len(words)
    return {
        "words": len(told),
        "mean_word_length": sum(map(len, told)) / len(told) if told else None,
        "hash_ratio": text.count("#") / n,
        "ellipsis_ratio": (text.count("...") + text.count("…")) / n,
        "bullet_lines": sum(line.lstrip().startswith(("•", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.rstrip().endswith(("...", "…")) for line in lines) / len(lines),
        "letter_words": sum(any(map(str.isalpha, word)) for word in words) / n,
        "stop_words": len(repeats.STOP_WORDS.intersection(words)),
        **_repetition(text, words),
    }


def _repetition(text: str, words: list[str]) -> dict[str, float]:
    n_paragraphs, paragraph_characters = _again(re.split(r"\n{2,}", text.strip()))
    n_lines, line_characters = _again(re.split(r"\n+", text))
    found = {
        "duplicate_paragraphs": n_paragraphs,
        "duplicate_paragraph_characters": paragraph_characters / len(text),
        "duplicate_lines": n_lines,
        "duplicate_line_characters": line_characters / len(text),
    }
    for n in repeats.TOP:
        counts = Counter(" ".join(words[i : i + n]) for i in range(len(words) - n + 1))
        commonest = counts.most_common(1)
        found[f"top_{n}_gram"] = sum(len(gram) * count for gram, count in commonest) / len(text)
    for n in repeats.ALL:
        found[f"duplicate_{n}_grams"] = _skipped(words, n) / len(text)
    return found


def _again(pieces: list[str]) -> tuple[float, int]:
    """(fraction of pieces that occurred before, their characters)."""
    seen: set[str] = set()
    count = characters = 0
    for piece in pieces:
        if piece in seen:
            count += 1
            characters += len(piece)
        seen.add(piece)
    return count / len(pieces), characters


def _skipped(words: list[str], n: int) -> int:
    """Characters of n-grams that occurred before, read from left to right; one that did is stepped over."""
    seen: set[str] = set()
    i = characters = 0
    while i < len(words) - n + 1:
        gram = "".join(words[i : i + n])
        if gram in seen:
            characters += len(gram)
            i += n
        else:
            seen.add(gram)
            i += 1
    return characters
