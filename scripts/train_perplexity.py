"""Makes the packaged English language model and its card: python scripts/train_perplexity.py CORPUS [-o
FOLDER]

CORPUS is a folder of Parquet files with columns text and origin, as in ../shared/corpus/bench. Trains on
the origins of ORIGINS, whose licences allow it, at most so many megabytes of each, a line that comes again
left out; evaluates on all other origins, never seen in training, and on text spoilt in known ways. Same
bytes every time."""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.models import ngram
from curate.stages import language, perplexity
from curate.training import language_model

ORIGINS = {
    "article-extraction-benchmark": (9, "MIT"),
    "self-instruct": (9, "Apache-2.0"),
    "oral-arguments": (6, "public domain"),
    "peps": (5, "public domain or CC0"),
    "enhancements": (5, "Apache-2.0"),
    "GPTeacher": (4, "MIT"),
    "bbh-model-cot": (4, "MIT"),
    "openstax/osbooks-calculus-bundle": (3, "CC BY 4.0"),
    "OpenLogicProject/OpenLogic": (3, "CC BY 4.0"),
    "gsm8k-train": (3, "MIT"),
    "nltk-inaugural": (1, "public domain"),
    "tldr": (1, "CC BY 4.0"),
}
"""Megabytes at most, and the licence."""

SEED = 17
LONG = 40
"""Characters from which a line that comes again is left out of the training text."""

ORDER, PRUNE, WORDS = 4, (0, 1, 2, 3), 40_000

CARD = """# perplexity-en.npz

<!-- written by scripts/train_perplexity.py; do not edit -->

A language model of English prose for stage `perplexity`: n-grams smoothed by modified Kneser-Ney (Chen &
Goodman 1999), probabilities in 8 bits, read by `curate/models/ngram.py`.

- **Size.** {size:,} bytes, SHA-256 `{digest}`.
- **N-grams.** {counts}; those seen at most {prune} times, by order, are left out.
- **Vocabulary.** {words:,} words seen in at least 3 documents. Other words are spelt, letter by letter, so
  that no word is unknown and a random string costs what its letters cost.
- **Normalisation.** `words-1` (`curate/kernels/normal.py`): lower case, no accents, numbers are one token;
  formulas, code, paths and markup are another, which perplexity does not count.
- **Licence.** Counts of n-grams, from which no text can be read back, under the package's Apache-2.0; origins
  under CC BY are credited here.
- **Trained on** {documents:,} documents, {tokens:,} tokens; lines of {long} characters and more once only:

| origin | licence | documents | MB |
|---|---|---:|---:|
{origins}

Rebuild: `python scripts/train_perplexity.py ../shared/corpus/bench`.

## Origins that it was not trained on

Perplexity per word of whole documents, and the fraction that the default limit ({limit:.3g}) drops.

| origin | documents | 1 % | median | 99 % | dropped |
|---|---:|---:|---:|---:|---:|
{unseen}

## Spoilt text

AUC against the documents above, and the fraction that the limit drops. The rows from `letters shuffled` down
are made of the same documents; real words in a wrong order are not what the limit is for.

| text | documents | AUC | dropped |
|---|---:|---:|---:|
{spoilt}
"""


def main() -> None:
    """Trains, evaluates, writes model and card."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=ngram.packaged().parent)
    given = parser.parse_args()
    texts = english(read(given.corpus))
    rng = random.Random(SEED)
    chosen = {origin: sample(texts[origin], most, rng) for origin, (most, _) in ORIGINS.items()}
    held_out = {o: rng.sample(some, min(300, len(some))) for o, some in texts.items() if o not in ORIGINS}
    model = given.output / "perplexity-en.npz"
    documents = [text for some in chosen.values() for text in some]
    made = language_model.train(documents, model, order=ORDER, prune=PRUNE, words=WORDS)
    card = write_card(model, made, chosen, held_out, rng)
    (given.output / "perplexity-en.md").write_text(card)
    print(card)


def read(corpus: Path) -> dict[str, list[str]]:
    """Texts by origin, code left out, in the order of files and rows; long lines once only."""
    seen: set[str] = set()
    out: dict[str, list[str]] = {}
    for path in sorted(p for p in corpus.rglob("*.parquet") if "code" not in p.relative_to(corpus).parts):
        table = pq.read_table(path, columns=["text", "origin"])
        for text, origin in zip(table["text"].to_pylist(), table["origin"].to_pylist(), strict=True):
            if fresh := "\n".join(_fresh_lines(text or "", seen)):
                out.setdefault(origin, []).append(fresh)
    return dict(sorted(out.items()))


def _fresh_lines(text: str, seen: set[str]) -> Iterator[str]:
    for line in text.split("\n"):
        if len(line) < LONG or line.strip() not in seen:
            seen.add(line.strip())
            yield line


def english(texts: dict[str, list[str]]) -> dict[str, list[str]]:
    """Those of at least 100 characters that stage `language` takes for English."""
    settings = language.Config()
    out = {}
    for origin, some in texts.items():
        found = language.annotate(Batch.of(some), settings, language.load(settings))
        sure = pc.and_(pc.equal(found["language.label"], "en"), pc.greater(found["language.score"], 0.5))
        out[origin] = [t for t, s in zip(some, sure.to_pylist(), strict=True) if s and len(t) >= 100]
    return {origin: some for origin, some in out.items() if some}


def sample(texts: list[str], megabytes: float, rng: random.Random) -> list[str]:
    """Texts in random order up to so many megabytes of characters."""
    out, room = [], megabytes * 1e6
    for text in rng.sample(texts, len(texts)):
        if room <= 0:
            break
        out.append(text)
        room -= len(text)
    return out


def write_card(
    model: Path,
    made: language_model.Trained,
    chosen: dict[str, list[str]],
    held_out: dict[str, list[str]],
    rng: random.Random,
) -> str:
    """The card, with the figures of this model."""
    limit = perplexity.Config().max.default or 0
    real, unseen = _unseen(model, held_out, limit)
    beginnings = [text[:4000] for some in held_out.values() for text in some[:40]]
    return CARD.format(
        size=model.stat().st_size,
        digest=sha256(model.read_bytes()).hexdigest(),
        counts=", ".join(f"{count:,} of order {n}" for n, count in enumerate(made.ngrams, 1)),
        prune=", ".join(map(str, PRUNE)),
        words=made.words,
        documents=made.documents,
        tokens=made.tokens,
        long=LONG,
        limit=limit,
        origins="\n".join(
            f"| {origin} | {ORIGINS[origin][1]} | {len(some):,} | {sum(map(len, some)) / 1e6:.1f} |"
            for origin, some in chosen.items()
        ),
        unseen="\n".join(unseen),
        spoilt="\n".join(_spoilt_rows(model, real, spoilt(beginnings, model, rng), limit)),
    )


def _unseen(model: Path, held_out: dict[str, list[str]], limit: float) -> tuple[np.ndarray, list[str]]:
    """(their perplexities, sorted; rows of the table)."""
    found = {origin: values(model, some) for origin, some in held_out.items()}
    found = {origin: some for origin, some in found.items() if len(some) >= 10}
    found["all"] = np.sort(np.concatenate(list(found.values())))
    rows = []
    for origin, some in found.items():
        low, middle, high = np.percentile(some, [1, 50, 99])
        dropped = np.mean(some > limit)
        rows.append(f"| {origin} | {len(some):,} | {low:.3g} | {middle:.3g} | {high:.3g} | {dropped:.3f} |")
    return found["all"], rows


def _spoilt_rows(model: Path, real: np.ndarray, texts: dict[str, list[str]], limit: float) -> Iterator[str]:
    for name, some in texts.items():
        found = values(model, some)
        auc = np.searchsorted(real, found).mean() / len(real)
        yield f"| {name} | {len(found):,} | {auc:.4f} | {np.mean(found > limit):.3f} |"


def values(model: Path, texts: Iterable[str]) -> np.ndarray:
    """Perplexities of those texts that are judged, read whole."""
    settings = perplexity.Config(model=str(model), windows=1, window=10**9)
    columns = perplexity.annotate(Batch.of(list(texts)), settings, perplexity.load(settings))
    return columns["perplexity.value"].drop_null().to_numpy()


def spoilt(texts: list[str], model: Path, rng: random.Random) -> dict[str, list[str]]:
    """Texts that are no language, by what was done to them."""
    letters, words = "abcdefghijklmnopqrstuvwxyz", [w for w in ngram.load(model).words if len(w) > 2]

    def strings(alphabet: str) -> list[str]:
        return [
            " ".join("".join(rng.choices(alphabet, k=rng.randint(2, 9))) for _ in range(300))
            for _ in range(200)
        ]

    def shuffled(match: re.Match[str]) -> str:
        return "".join(rng.sample(match[0], len(match[0])))

    cyrillic = "оооооеееееаааааиииинннтттсссррвлкмдпуяыьгзбчйхжшюцщэф"
    return {
        "random letters": strings(letters),
        "random letters, digits and signs": strings(letters + "0123456789#$%/<>@{|}"),
        "Cyrillic letters in a wrong encoding": [
            t.encode("cp1251").decode("latin-1") for t in strings(cyrillic)
        ],
        "words drawn at random": [" ".join(rng.choices(words, k=200)) for _ in range(200)],
        "letters shuffled in words": [re.sub(r"\w{3,}", shuffled, text) for text in texts],
        "reversed": [text[::-1] for text in texts],
        "words shuffled": [" ".join(rng.sample(text.split(), len(text.split()))) for text in texts],
    }


if __name__ == "__main__":
    main()
