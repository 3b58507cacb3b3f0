"""DCLM-Baseline's heuristics, after RefinedWeb (Li et al. 2024; dclm_baseline_refinedweb.yaml).

A page is dropped for what its line rules would take away, more than 5 % of its words; here they take nothing
away. Left out: rules on URLs and the removal of URLs from the text, which need lists, and the language rule,
which stage `language` has.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial

from curate.peers import repeats
from curate.peers.words import segments
from curate.rules import StageConfig, published

SOURCE = "DCLM, dclm_baseline_refinedweb.yaml"

_limit = partial(published, source=SOURCE)


class Rules(StageConfig):
    """Limits of DCLM-Baseline."""

    min_words: float | None = _limit(50, "words between spaces that begin with a letter or digit")
    max_words: float | None = _limit(100_000, "the same")
    min_mean_word_length: float | None = _limit(3, "characters per word between spaces")
    max_mean_word_length: float | None = _limit(10, "characters per word between spaces")
    max_symbols: float | None = _limit(0.1, "'#', '...', '. . .' and '…' per word")
    max_bullet_lines: float | None = _limit(0.9, "fraction of lines that begin with ● • * or -")
    max_ellipsis_lines: float | None = _limit(0.3, "fraction of lines that end in an ellipsis")
    max_letterless_words: float | None = _limit(0.2, "fraction of words without a letter")
    min_stop_words: float | None = _limit(2, "times that one of Gopher's stop words occurs, in any case")
    max_duplicate_lines: float | None = _limit(0.3, "fraction of lines that occur twice or more")
    max_duplicate_paragraphs: float | None = _limit(0.3, "fraction of paragraphs that occur twice or more")
    max_duplicate_line_characters: float | None = _limit(0.2, "fraction of characters of lines")
    max_duplicate_paragraph_characters: float | None = _limit(0.2, "fraction of characters of paragraphs")
    max_top_2_gram: float | None = _limit(0.2, "fraction of characters of words")
    max_top_3_gram: float | None = _limit(0.18, "fraction of characters of words")
    max_top_4_gram: float | None = _limit(0.16, "fraction of characters of words")
    max_duplicate_5_grams: float | None = _limit(0.15, "fraction of characters of words")
    max_duplicate_6_grams: float | None = _limit(0.14, "fraction of characters of words")
    max_duplicate_7_grams: float | None = _limit(0.13, "fraction of characters of words")
    max_duplicate_8_grams: float | None = _limit(0.12, "fraction of characters of words")
    max_duplicate_9_grams: float | None = _limit(0.11, "fraction of characters of words")
    max_duplicate_10_grams: float | None = _limit(0.1, "fraction of characters of words")
    max_removed_words: float | None = _limit(0.05, "fraction of words in lines that its line rules remove")


MEASURES = {
    "words": "words",
    "mean_word_length": "characters",
    "symbols": "per word",
    "bullet_lines": "fraction of lines",
    "ellipsis_lines": "fraction of lines",
    "letterless_words": "fraction of words",
    "stop_words": "times",
    **repeats.MEASURES,
    "removed_words": "fraction of words",
}

BULLETS = ("●", "•", "*", "-")
ELLIPSES = ("...", ". . .", "…")
COUNTER = re.compile(
    r"^\W*\d(?:,|\.|\d)*(?:K|k|M|m|B|b)?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|"
    r"downvotes|downloads|views|followers)\W*$"
)
"""A line that counts what others did with the page."""
PHRASES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (r"\s?(?:items in cart)", r"\s?(?:read more...)$", r"^(?:sign-in)\s?")
)
"""What is cut out of lines of at most PHRASE_WORDS words."""
PHRASE_WORDS = 10


def measure(text: str) -> dict[str, float | None]:
    """What DCLM's filters count; nothing for a text without words."""
    text = re.sub(r"\n{3,}", "\n\n", text)
    words = text.split()
    if not words:
        return {}
    n = len(words)
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    return {
        "words": len(_told(text)),
        "mean_word_length": sum(map(len, words)) / n,
        "symbols": sum(text.count(symbol) for symbol in ("#", *ELLIPSES)) / n,
        "bullet_lines": sum(line.startswith(BULLETS) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.endswith(ELLIPSES) for line in lines) / len(lines),
        "letterless_words": sum(not any(map(str.isalpha, word)) for word in words) / n,
        "stop_words": sum(word.lower() in repeats.STOP_WORDS for word in words),
        **_blocks("line", lines),
        **_blocks("paragraph", [s for piece in text.split("\n\n") if (s := piece.strip())]),
        **_grams(segments(text)),
        "removed_words": _removed(text),
    }


def _told(text: str) -> list[str]:
    """Words as fastText's tokenizer gives them, those of punctuation left out."""
    return [word for word in re.split(r"[ \n\r\t\v\f\0]+", text) if word and word[0].isalnum()]


def _blocks(name: str, pieces: list[str]) -> dict[str, float]:
    if len(pieces) < 2:
        return {f"duplicate_{name}s": 0.0, f"duplicate_{name}_characters": 0.0}
    count, characters = repeats.of_all(pieces)
    return {f"duplicate_{name}s": count, f"duplicate_{name}_characters": characters}


def _grams(words: list[str]) -> dict[str, float]:
    total = max(sum(map(len, words)), 1)
    found = {}
    for n in repeats.TOP:
        counts = Counter(repeats.grams(words, n))
        most = max(counts.values(), default=0)
        longest = max((sum(map(len, gram)) for gram, k in counts.items() if k == most), default=0)
        found[f"top_{n}_gram"] = longest * most / total if most > 1 else 0.0
    return {**found, **dict(repeats.covering(words))}


def _removed(text: str) -> float:
    """Fraction of words that are gone after the line rules; 1 where nothing is left."""
    before = len(_told(text))
    after = "\n".join(_cut(line) for line in text.split("\n") if _stays(line)).strip()
    if not before or not after:
        return 1.0
    return (before - len(_told(after))) / before


def _stays(line: str) -> bool:
    """Not shouted, no number, no counter, and more than one word; empty lines stay."""
    if not line:
        return True
    shouted = sum(map(str.isupper, line)) > 0.5 * len(line)
    number = sum(map(str.isdigit, line)) > 0.999999 * len(line)
    return not (shouted or number or COUNTER.search(line.lower())) and len(line.split()) >= 2


def _cut(line: str) -> str:
    for phrase in PHRASES:
        if len(line.split()) <= PHRASE_WORDS:
            line = phrase.sub("", line)
    return line
