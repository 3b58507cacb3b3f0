"""Dolma 1.5: the tagger `gopher_v1` and the limits of its mixer (Soldaini et al. 2024;
configs/dolma-v1_5/mixing/cc-head.yaml).

The mixer's limits on the commonest n-grams never apply: it asks for `..._most_common_2gram`, and the tagger
writes `..._2grams`. They are here, and off. Left out: what reads more than the text (its toxicity and PII
taggers, paragraph deduplication).
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from statistics import median

from curate.peers import repeats
from curate.rules import StageConfig, published

SOURCE = "Dolma 1.5, cc-head.yaml"
UNUSED = f"{SOURCE}, where a misspelt key keeps it from ever applying"

_limit = partial(published, source=SOURCE)


class Rules(StageConfig):
    """Limits of Dolma 1.5's mixer on what its tagger `gopher_v1` counts."""

    min_words: float | None = _limit(50, "words as str.split() gives them")
    max_words: float | None = _limit(100_000, "words")
    min_median_word_length: float | None = _limit(3, "characters")
    max_median_word_length: float | None = _limit(10, "characters")
    max_symbol_words: float | None = _limit(0.1, "fraction of words with # or … in them")
    min_letter_words: float | None = _limit(0.8, "fraction of words with a letter")
    min_stop_words: float | None = _limit(2, "times that one of Gopher's eight stop words occurs")
    max_bullet_lines: float | None = _limit(0.9, "fraction of all lines that begin with * or -")
    max_ellipsis_lines: float | None = _limit(0.3, "fraction of all lines that end in …")
    max_duplicate_lines: float | None = _limit(
        0.3, "fraction of lines that occur twice or more, empty ones too"
    )
    max_duplicate_line_characters: float | None = _limit(0.3, "their characters, per character of a word")
    max_top_2_gram: float | None = _limit(None, "fraction of characters: 0.2", source=UNUSED)
    max_top_3_gram: float | None = _limit(None, "fraction of characters: 0.18", source=UNUSED)
    max_top_4_gram: float | None = _limit(None, "fraction of characters: 0.16", source=UNUSED)
    max_duplicate_5_grams: float | None = _limit(0.15, "fraction of the characters of all 5-grams")
    max_duplicate_6_grams: float | None = _limit(0.14, "fraction of the characters of all 6-grams")
    max_duplicate_7_grams: float | None = _limit(0.13, "fraction of the characters of all 7-grams")
    max_duplicate_8_grams: float | None = _limit(0.12, "fraction of the characters of all 8-grams")
    max_duplicate_9_grams: float | None = _limit(0.11, "fraction of the characters of all 9-grams")
    max_duplicate_10_grams: float | None = _limit(0.1, "fraction of the characters of all 10-grams")


MEASURES = {
    "words": "words",
    "median_word_length": "characters",
    "symbol_words": "fraction of words",
    "letter_words": "fraction of words",
    "stop_words": "times",
    "bullet_lines": "fraction of lines",
    "ellipsis_lines": "fraction of lines",
    **{k: v for k, v in repeats.MEASURES.items() if "paragraph" not in k},
}


def measure(text: str) -> dict[str, float | None]:
    """What `gopher_v1` counts; nothing for an empty text."""
    words = text.split()
    if not text:
        return {}
    n, characters, lines = max(len(words), 1), sum(map(len, words)), text.split("\n")
    often = {line: count for line, count in Counter(lines).items() if count > 1}
    found: dict[str, float | None] = {
        "words": len(words),
        "median_word_length": median(map(len, words)) if words else 0,
        "symbol_words": sum("#" in word or "…" in word for word in words) / n,
        "letter_words": sum(any(map(str.isalpha, word)) for word in words) / n,
        "stop_words": sum(word in repeats.STOP_WORDS for word in words),
        "bullet_lines": sum(line.startswith(("*", "-")) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.endswith("…") for line in lines) / len(lines),
        "duplicate_lines": sum(often.values()) / len(lines),
        "duplicate_line_characters": sum(len(k) * v for k, v in often.items()) / max(characters, 1),
    }
    for size in (*repeats.TOP, *repeats.ALL):
        counts = Counter(repeats.grams(words, size))
        if counts:
            name = f"top_{size}_gram" if size in repeats.TOP else f"duplicate_{size}_grams"
            found[name] = _top(counts, characters) if size in repeats.TOP else _repeated(counts)
    return found


def _top(counts: Counter[tuple[str, ...]], characters: int) -> float:
    commonest, count = counts.most_common(1)[0]
    return count * sum(map(len, commonest)) / max(characters, 1)


def _repeated(counts: Counter[tuple[str, ...]]) -> float:
    """Characters of n-grams that occur twice or more, of those of all n-grams; a word counts as often as
    n-grams hold it."""
    sizes = {gram: count * sum(map(len, gram)) for gram, count in counts.items()}
    return sum(size for gram, size in sizes.items() if counts[gram] > 1) / max(sum(sizes.values()), 1)
