"""How often our presets of other pipelines decide as the originals do, on real text.

    python scripts/peer_agreement.py CORPUS [-n 300] [--peers gopher-datatrove dolma dclm]

CORPUS is as for `scripts/overfiltering.py`. Needs the originals where they can be installed:

    pip install "datatrove[processing]==0.10.1" spacy dolma==1.2.1 uniseg==0.10.1

(dolma with --no-deps: only its module `taggers/gopher.py` is loaded.) datatrove is run as it is. Dolma's
tagger is run as it is, and its mixer's limits are read here as the config has them. DCLM cannot be installed:
its rules are written out below on `uniseg`, the library that it takes its words from. OLMo 3's are in Rust,
and held to their definition by the tests.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from overfiltering import corpora, dropped

import curate
from curate.report import sentinels

Verdict = Callable[[str], str]
"""The reason why the original drops a text, "" where it keeps it."""


def datatrove() -> Verdict:
    """Its two Gopher filters, in the order of its FineWeb example."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter

    filters = [GopherRepetitionFilter(), GopherQualityFilter()]

    def verdict(text: str) -> str:
        for one in filters:
            kept = one.filter(Document(text=text, id=""))
            if kept is not True:
                return kept[1] if isinstance(kept, tuple) else "dropped"
        return ""

    return verdict


def dolma() -> Verdict:
    """Its tagger, and the limits of configs/dolma-v1_5/mixing/cc-head.yaml on what it tags."""
    tagger = _module("dolma", "taggers/gopher.py")
    limits = {
        "word_count": (50, 100_000),
        "median_word_length": (3, 10),
        "symbol_to_word_ratio": (None, 0.1),
        "fraction_of_words_with_alpha_character": (0.8, None),
        "required_word_count": (2, None),
        "fraction_of_lines_starting_with_bullet_point": (None, 0.9),
        "fraction_of_lines_ending_with_ellipsis": (None, 0.3),
        "fraction_of_duplicate_lines": (None, 0.3),
        "fraction_of_characters_in_duplicate_lines": (None, 0.3),
        "fraction_of_characters_in_most_common_2gram": (None, 0.2),
        "fraction_of_characters_in_most_common_3gram": (None, 0.18),
        "fraction_of_characters_in_most_common_4gram": (None, 0.16),
        **{f"fraction_of_characters_in_duplicate_{n}grams": (None, 0.2 - n / 100) for n in range(5, 11)},
    }

    def verdict(text: str) -> str:
        tags = {span.type: span.score for span in tagger.get_attributes(text).as_spans()}
        for name, (low, high) in limits.items():
            value = tags.get(name)
            if value is not None and ((low is not None and value < low) or (high and value > round(high, 2))):
                return name
        return ""

    return verdict


def _module(package: str, path: str) -> ModuleType:
    """One module of an installed package, without importing the package; its relative imports are empty."""
    import sys
    import types

    found = importlib.util.find_spec(package)
    assert found is not None and found.submodule_search_locations, f"pip install --no-deps {package}"
    source = (Path(next(iter(found.submodule_search_locations))) / path).read_text()
    module = types.ModuleType(f"{package}_alone")
    sys.modules[module.__name__] = module  # dataclasses look there
    lines = [line for line in source.splitlines() if not line.startswith("from ..")]
    stubs = "BaseTagger = object\nclass TaggerRegistry:\n    add = staticmethod(lambda name: lambda c: c)\n"
    stubs += (
        "class Span:\n    def __init__(self, start, end, type, score): self.type, self.score = type, score\n"
    )
    stubs += "Document = DocResult = object\n"
    exec("\n".join([stubs, *lines]), module.__dict__)
    return module


def dclm() -> Verdict:
    """baselines/mappers/filters/content_filters.py by its description, on uniseg's words."""
    from uniseg.wordbreak import words as boundaries

    from curate.peers import dclm as ours

    def verdict(text: str) -> str:
        original, ours.segments = ours.segments, lambda t: [w for w in boundaries(t) if w[0].isalnum()]
        try:
            found = ours.measure(text)
        finally:
            ours.segments = original
        limits = ours.Rules().model_dump()
        for field, limit in limits.items():
            bound, _, name = field.partition("_")
            value = found.get(name)
            if (
                value is not None
                and limit is not None
                and (value < limit if bound == "min" else value > limit)
            ):
                return field
        return "" if found else "no words"

    return verdict


PEERS: dict[str, Callable[[], Verdict]] = {"gopher-datatrove": datatrove, "dolma": dolma, "dclm": dclm}


def compare(name: str, texts: list[str]) -> dict[str, Any]:
    """Decisions of ours and theirs on texts that are not empty."""
    verdict = PEERS[name]()
    theirs = [verdict(text) for text in texts]
    ours, names, failed = dropped(texts, name)
    different = [i for i, reason in enumerate(theirs) if bool(reason) != bool(ours[i])]
    told = [
        (theirs[i] or "kept", ", ".join(np.array(names)[failed[:, i]]) or "kept", texts[i][:60])
        for i in different
    ]
    return {
        "texts": len(texts),
        "agreement": 1 - len(different) / len(texts),
        "dropped": sum(map(bool, theirs)) / len(texts),
        "reasons": Counter(filter(None, theirs)).most_common(4),
        "different": told,
    }


def packaged(n: int = 100) -> list[str]:
    """Texts that come with curate: the sentinels, and the first n of each shard of prose in the sample."""
    texts = [sentinel["text"] for sentinel in sentinels.texts()]
    for file in sorted((Path(curate.__file__).parent / "data" / "sample").glob("[aws]*/*.parquet")):
        try:
            texts += pq.read_table(file, columns=["text"])["text"].to_pylist()[:n]
        except (pa.ArrowException, OSError, UnicodeDecodeError):  # the sample has broken shards among it
            continue
    return [text for text in texts if text and text.split()]


def digest(text: str) -> str:
    """Names a text among recorded verdicts, wherever it lies."""
    return blake2b(text.encode(), digest_size=6).hexdigest()


def main() -> None:
    """Prints a line for each pipeline, and every difference."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--record", type=Path, help="write what the originals say of `packaged()` texts")
    parser.add_argument("-n", type=int, default=60, help="texts of each origin")
    parser.add_argument("--peers", nargs="+", default=list(PEERS))
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if args.record:
        texts = packaged()
        verdicts = {name: PEERS[name]() for name in args.peers}
        said = {name: {digest(text): one(text) for text in texts} for name, one in verdicts.items()}
        args.record.write_text(json.dumps(said, indent=0) + "\n")
        return
    sets = corpora(args.corpus, args.n, "bench/[aw]*/*-00000.parquet")
    texts = [text for origin, found in sets.items() if not origin.startswith("code:") for text in found]
    for name in args.peers:
        found = compare(name, [text for text in texts if text.split()])
        print(f"{name:18s} {found['texts']} texts, agreement {found['agreement']:.2%}, they drop", end=" ")
        print(f"{found['dropped']:.1%}: {found['reasons']}")
        for theirs, ours, beginning in found["different"]:
            print(f"    they: {theirs}; we: {ours}; {beginning!r}")


if __name__ == "__main__":
    main()
