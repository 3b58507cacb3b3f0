"""The same stages in Dolma, run by `peers.py` with the Python of an environment of its own.

    python dolma_pipeline.py INPUT_FOLDER WORK_FOLDER LID_MODEL KENLM_MODEL

Its three commands, one process each, on JSON lines: `tag` (fastText language of the whole text, as it does;
Gopher's and C4's attributes), `dedupe` (documents of equal text, by its Bloom filter in Rust), `mix` (leaves
out what these name, by Gopher's and C4's limits). It has no perplexity, no near-duplicates and no mix to a
budget. Paragraphs, which curate does not compare, are not deduplicated.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path

import nltk
from clock import report

nltk.download = lambda *_, **__: False  # asked for on import, for a tagger that does not run here

from dolma.cli.main import main as dolma  # noqa: E402
from dolma.taggers.language import FastTextAllLanguagesDocumentTagger  # noqa: E402

TAGGERS = ["ft_lang_id_en_doc_v2", "gopher_v2", "c4_v2"]

LIMITS = {
    "ft_lang_id_en_doc_v2__en": "< 0.5",
    "gopher_v2__word_count": "< 50",
    "gopher_v2__median_word_length": "< 3",
    "gopher_v2__symbol_to_word_ratio": "> 0.1",
    "gopher_v2__fraction_of_words_with_alpha_character": "< 0.8",
    "gopher_v2__required_word_count": "< 2",
    "gopher_v2__fraction_of_lines_starting_with_bullet_point": "> 0.9",
    "gopher_v2__fraction_of_lines_ending_with_ellipsis": "> 0.3",
    "gopher_v2__fraction_of_duplicate_lines": "> 0.3",
    "gopher_v2__fraction_of_characters_in_duplicate_lines": "> 0.2",
    **{
        f"gopher_v2__fraction_of_characters_in_most_common_{n}grams": f"> {limit}"
        for n, limit in ((2, 0.2), (3, 0.18), (4, 0.16))
    },
    **{
        f"gopher_v2__fraction_of_characters_in_duplicate_{n}grams": f"> {0.2 - n / 100:.2f}"
        for n in range(5, 11)
    },
    "c4_v2__has_curly_brace": ">= 1",
    "c4_v2__has_lorem_ipsum": ">= 1",
}
"""Signal of a tagger, and what leaves a document out."""


def main(source: str, work: str, languages: str, _perplexity: str) -> None:
    """Runs the three commands in this process and prints what `clock.report` says."""
    FastTextAllLanguagesDocumentTagger.MODEL_PATH = languages
    documents = Path(work, "documents")
    documents.mkdir(parents=True)
    for path in Path(source).glob("*.jsonl.gz"):
        shutil.copy(path, documents)
    given = [f"{documents}/*.jsonl.gz"]
    run("tag", work, {"documents": given, "experiment": "tags", "taggers": TAGGERS, "debug": True})
    run("dedupe", work, {"documents": given, "dedupe": EQUAL, "bloom_filter": bloom(work), "processes": 1})
    run("mix", work, {"streams": [stream(given, work)], "processes": 1})
    report("dolma", sum(map(lines, Path(work, "out").iterdir())))


def lines(path: Path) -> int:
    """Documents in a file."""
    with gzip.open(path) as file:
        return sum(1 for _ in file)


def run(command: str, work: str, config: dict[str, object]) -> None:
    """One of its commands."""
    path = Path(work, f"{command}.json")
    path.write_text(json.dumps(config))
    dolma(["-c", str(path), command])


EQUAL = {"name": "equal", "documents": {"attribute_name": "duplicate", "key": "$.text"}, "skip_empty": True}


def bloom(work: str) -> dict[str, object]:
    """A filter of a million documents at its usual rate of errors."""
    size = {"estimated_doc_count": 1_000_000, "desired_false_positive_rate": 1e-6}
    return {"file": f"{work}/bloom.bin", "read_only": False, **size}


def stream(given: list[str], work: str) -> dict[str, object]:
    """What is left of the documents."""
    names = {f"tags__{name}": limit for name, limit in LIMITS.items()}
    names["duplicate"] = ">= 1"
    exclude = [
        f"$.attributes[?(@.{name} && @.{name}[0] && @.{name}[0][2] {limit})]" for name, limit in names.items()
    ]
    return {
        "name": "kept",
        "documents": given,
        "attributes": ["tags", "equal"],
        "filter": {"exclude": exclude},
        "output": {"path": f"{work}/out", "discard_fields": ["attributes"]},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
