"""What is in a tokenizer file, and what our kernel needs of it."""

from __future__ import annotations

import base64
import hashlib
import json
import operator
import unicodedata
from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from curate.kernels import tokens
from curate.kernels.tokens_added import added
from curate.kernels.tokens_merge import merges
from curate.kernels.tokens_split import split_of
from curate.tokenizer import _patterns

Ranks = dict[bytes, int]


class Read(NamedTuple):
    """A tokenizer file, read. parsed: a tokenizer.json; ranks: of a tiktoken file; the other is None.
    vocabulary: how many different tokens it names; family: None where our kernel cannot count exactly."""

    parsed: dict[str, Any] | None
    ranks: Ranks | None
    vocabulary: int
    family: str | None


def is_json(content: bytes) -> bool:
    """Whether a file is a tokenizer.json, if it is any tokenizer."""
    return content.lstrip()[:1] == b"{"


def read(content: bytes) -> Read:
    """Raises ValueError, KeyError, TypeError or AttributeError when it is no tokenizer."""
    if not is_json(content):
        ranks = _ranks(content)
        family = _patterns.TIKTOKEN.get(hashlib.sha256(content).hexdigest())
        return Read(None, ranks, len(ranks), family)
    parsed = json.loads(content)
    names = {token["content"] for token in parsed.get("added_tokens") or ()}
    return Read(parsed, None, len(names.union(parsed["model"]["vocab"])), _family(parsed))


def _ranks(content: bytes) -> Ranks:
    """Tokens of a tiktoken file and their ranks. ValueError when it is none."""
    lines = [line.split() for line in content.splitlines() if line.strip()]
    if not lines or any(len(line) != 2 for line in lines):
        raise ValueError("it is neither JSON nor lines of base64 and a rank")
    return {base64.b64decode(token, validate=True): int(rank) for token, rank in lines}


def _alphabet() -> str:
    """The 256 characters that byte-level vocabularies write bytes with (GPT-2's bytes_to_unicode)."""
    shown = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in shown else next(hidden)) for byte in range(256))


def _contents(names: Iterable[str]) -> list[bytes]:
    """Bytes of those tokens that are written in the alphabet."""
    alphabet = _alphabet()
    elsewhere = dict.fromkeys(range(256), 0x100)
    table = elsewhere | {ord(character): byte for byte, character in enumerate(alphabet)}
    found = []
    for name in names:
        try:
            found.append(name.translate(table).encode("latin-1"))
        except UnicodeEncodeError:
            continue
    return found


def _family(parsed: dict[str, Any]) -> str | None:
    """The split pattern's family, if the rest of the file is what our kernel does exactly, too."""
    model, extra = parsed["model"], parsed.get("added_tokens") or ()
    normal = _patterns.of_normalizer(parsed.get("normalizer"))
    plain = model.get("type", "BPE") == "BPE" and not any(
        model.get(key) for key in ("dropout", "continuing_subword_prefix", "end_of_word_suffix")
    )
    whole = all(character in model["vocab"] for character in _alphabet())
    usual = not any(token.get(key) for token in extra for key in ("lstrip", "rstrip", "single_word"))
    settled = normal == "" or all(unicodedata.is_normalized("NFC", token["content"]) for token in extra)
    kept = len(model["vocab"]) <= tokens.MOST and max(map(len, model["vocab"]), default=0) <= tokens.LONGEST
    if normal is None or not (plain and whole and usual and settled):
        return None
    if model.get("ignore_merges") and not kept:
        return None
    return _patterns.of_pre_tokenizer(parsed.get("pre_tokenizer"))


def is_nfc(found: Read) -> bool:
    """Whether texts are brought to NFC before they are split."""
    return found.parsed is not None and bool(_patterns.of_normalizer(found.parsed.get("normalizer")))


def added_tokens(found: Read, normalized: bool) -> list[str]:
    """Added tokens that are looked for after (normalized) or before the text is brought to NFC."""
    extra = (found.parsed or {}).get("added_tokens") or ()
    return [token["content"] for token in extra if bool(token.get("normalized")) == normalized]


def _json_merges(model: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    id_of = model["vocab"].__getitem__
    lefts, rights = _halves(model["merges"])
    rows = np.empty((len(lefts), 4), np.int64)
    rows[:, 0] = [*map(id_of, lefts)]
    rows[:, 1] = [*map(id_of, rights)]
    rows[:, 2] = np.arange(len(lefts))
    rows[:, 3] = [*map(id_of, map(operator.add, lefts, rights))]
    return rows, np.array([id_of(character) for character in _alphabet()], np.int64)


def _halves(merges: list[str] | list[list[str]]) -> tuple[list[str], list[str]]:
    """Left and right tokens. ValueError when a merge is not of two."""
    if merges and isinstance(merges[0], str):
        halves = " ".join(merges).split(" ")
    else:
        halves = [*chain.from_iterable(merges)]
    if len(halves) != 2 * len(merges):
        raise ValueError("a merge is not of two tokens")
    return halves[::2], halves[1::2]


def _tiktoken_merges(ranks: Ranks) -> tuple[np.ndarray, np.ndarray]:
    """Any two tokens that make a third may merge, at its rank."""
    rows = [
        (left, right, rank, rank)
        for token, rank in ranks.items()
        for cut in range(1, len(token))
        if (left := ranks.get(token[:cut])) is not None and (right := ranks.get(token[cut:])) is not None
    ]
    single = np.array([ranks[bytes([byte])] for byte in range(256)], np.int64)
    return np.array(rows, np.int64).reshape(-1, 4), single


def counter(found: Read) -> tokens.Counter:
    """The kernel's form of a file that has a family. KeyError when its merges are not of its vocabulary."""
    assert found.family
    if found.parsed:
        model = found.parsed["model"]
        whole = _contents(model["vocab"]) if model.get("ignore_merges") else []
        rows, single = _json_merges(model)
    else:
        assert found.ranks
        whole = list(found.ranks)
        rows, single = _tiktoken_merges(found.ranks)
    raw, after = ([name.encode() for name in added_tokens(found, late)] for late in (False, True))
    made = tokens.counter(added(raw), added(after), split_of(found.family), merges(rows, single))
    tokens.keep_whole(whole, made)
    return made
