"""OLMo 3's web heuristics: `all_dressed_config.yaml` of datamap-rs, as its Rust reads it.

Where code and config differ, the code speaks: lengths of words are in bytes, bullets are looked for before
leading spaces are taken off, and the phrases are cut from lines of any length, since the key that limits them
is misspelt. Left out: rules on URLs and MADLAD's list of phrases, which need lists, and the language rule,
which stage `language` has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial

from curate.peers import repeats
from curate.peers.dclm import BULLETS, COUNTER, ELLIPSES
from curate.peers.words import named_segments
from curate.rules import StageConfig, published

SOURCE = "OLMo 3, datamap-rs, all_dressed_config.yaml"

_limit = partial(published, source=SOURCE)


class Rules(StageConfig):
    """Limits of OLMo 3's first step."""

    min_characters: float | None = _limit(150, "characters")
    min_words: float | None = _limit(50, "runs of letters and digits")
    max_words: float | None = _limit(100_000, "runs of letters and digits")
    min_mean_word_length: float | None = _limit(3, "bytes per word between spaces")
    max_mean_word_length: float | None = _limit(10, "bytes per word between spaces")
    max_symbols: float | None = _limit(0.1, "'#', '...', '. . .' and '…' per word")
    max_bullet_lines: float | None = _limit(0.9, "fraction of all lines that begin with ● • * or -")
    max_ellipsis_lines: float | None = _limit(0.3, "fraction of lines that end in an ellipsis")
    max_letterless_words: float | None = _limit(0.2, "fraction of words without a letter")
    min_stop_words: float | None = _limit(2, "times that one of Gopher's stop words occurs, in any case")
    max_duplicate_lines: float | None = _limit(0.3, "fraction of lines that occur twice or more")
    max_duplicate_paragraphs: float | None = _limit(0.3, "fraction of paragraphs that occur twice or more")
    max_duplicate_line_characters: float | None = _limit(0.2, "fraction of bytes of lines")
    max_duplicate_paragraph_characters: float | None = _limit(0.2, "fraction of bytes of paragraphs")
    max_top_2_gram: float | None = _limit(0.2, "fraction of bytes of words")
    max_top_3_gram: float | None = _limit(0.18, "fraction of bytes of words")
    max_top_4_gram: float | None = _limit(0.16, "fraction of bytes of words")
    max_duplicate_5_grams: float | None = _limit(0.15, "fraction of bytes of words")
    max_duplicate_6_grams: float | None = _limit(0.14, "fraction of bytes of words")
    max_duplicate_7_grams: float | None = _limit(0.13, "fraction of bytes of words")
    max_duplicate_8_grams: float | None = _limit(0.12, "fraction of bytes of words")
    max_duplicate_9_grams: float | None = _limit(0.11, "fraction of bytes of words")
    max_duplicate_10_grams: float | None = _limit(0.1, "fraction of bytes of words")
    max_removed_words: float | None = _limit(0.05, "fraction of words in lines that its line rules remove")
    min_sentences: float | None = _limit(5, "sentences in what they leave (MADLAD-400)")
    max_list_sentences: float | None = _limit(
        0.199999, "fraction of sentences of 12 words and more, most of them capitalised; 0.2 is too many"
    )


MEASURES = {
    "characters": "characters",
    "words": "words",
    "mean_word_length": "bytes",
    "symbols": "per word",
    "bullet_lines": "fraction of lines",
    "ellipsis_lines": "fraction of lines",
    "letterless_words": "fraction of words",
    "stop_words": "times",
    **repeats.MEASURES,
    "removed_words": "fraction of words",
    "sentences": "sentences",
    "list_sentences": "fraction of sentences",
}

LIST_WORDS = 12
PHRASES = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\s?(?:items in cart)\s?", " "),
        (r"\s?(?:Read more...)$", ""),
        (r"^(?:Sign-in)\s?", ""),
    )
)


def _size(piece: str) -> int:
    return len(piece.encode())


def measure(text: str) -> dict[str, float | None]:
    """What the config's filters count; nothing for a text without words."""
    words = text.split()
    if not words:
        return {}
    n, lines = len(words), text.split("\n")
    filled = [line for line in map(_without_return, lines) if line]
    spaced = re.sub(r"\n{3,}", "\n\n", text)
    left = _left(spaced)
    before, after = len(named_segments(spaced)), len(named_segments(left))
    return {
        "characters": len(text),
        "words": len(re.findall("[A-Za-z0-9]+", text) if text.isascii() else named_segments(text)),
        "mean_word_length": sum(map(_size, words)) / n,
        "symbols": sum(text.count(s) for s in ("#", *ELLIPSES)) / len(text.replace(". . .", "...").split()),
        "bullet_lines": sum(line.startswith(BULLETS) for line in lines) / len(lines),
        "ellipsis_lines": sum(line.endswith(ELLIPSES) for line in filled) / max(len(filled), 1),
        "letterless_words": sum(not any(map(str.isalpha, word)) for word in words) / n if n > 1 else 1.0,
        "stop_words": sum(word.lower() in repeats.STOP_WORDS for word in words),
        **_blocks("line", [line for line in spaced.split("\n") if line]),
        **_blocks("paragraph", [piece for piece in spaced.split("\n\n") if piece]),
        **_grams(named_segments(spaced)),
        "removed_words": (before - after) / before if before and left else 1.0,
        **_sentences(re.sub(r"\n{3,}", "\n\n", left)),
    }


def _without_return(line: str) -> str:
    return line.removesuffix("\r")


def _blocks(name: str, pieces: list[str]) -> dict[str, float]:
    if len(pieces) < 2:
        return {f"duplicate_{name}s": 0.0, f"duplicate_{name}_characters": 0.0}
    count, characters = repeats.of_all(pieces, _size)
    return {f"duplicate_{name}s": count, f"duplicate_{name}_characters": characters}


def _grams(words: list[str]) -> dict[str, float]:
    """Of 2-, 3- and 4-grams the bytes that the commonest one covers, the longest of those as common."""
    total = max(sum(map(_size, words)), 1)
    found = {}
    for n in repeats.TOP:
        places: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i, gram in enumerate(repeats.grams(words, n)):
            places[gram].append(i)
        often = [(len(at), sum(map(_size, gram)), at) for gram, at in places.items() if len(at) > 1]
        commonest = max(often, key=lambda entry: entry[:2])[2] if often else []
        found[f"top_{n}_gram"] = repeats.covered(words, commonest, n, _size) / total
    return {**found, **dict(repeats.covering(words, _size))}


def _left(text: str) -> str:
    """The text without the lines and phrases that its line rules remove."""
    lines = [line for line in text.split("\n") if _stays(line)]
    out = []
    for line in "\n".join(lines).split("\n"):
        cut = line
        for phrase, instead in PHRASES:
            cut = phrase.sub(instead, cut)
        if not line or cut.strip():
            out.append(cut)
    return "\n".join(out)


def _stays(line: str) -> bool:
    if not line:
        return True
    size = _size(line)
    shouted = sum(map(str.isupper, line)) > 0.5 * size
    number = sum(c in "0123456789" for c in line) > 0.999999 * size
    return not (shouted or number or COUNTER.search(line.lower())) and len(named_segments(line)) >= 2


def _sentences(text: str) -> dict[str, float]:
    """MADLAD-400's second rule (Kudugunta et al. 2023, 2.3): sentences that are lists of names."""
    found = [sentence for sentence in re.split(r"[.!?]+\s+", text) if sentence.strip()]
    lists = 0
    for sentence in found:
        words = named_segments(sentence)
        lists += len(words) >= LIST_WORDS and sum(w[0].isupper() for w in words) > 0.5 * len(words)
    return {"sentences": len(found), "list_sentences": lists / max(len(found), 1)}
