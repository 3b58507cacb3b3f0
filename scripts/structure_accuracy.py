"""How often `structure.label` is right, kind by kind, on real text: docs/structure.md's table.

    python scripts/structure_accuracy.py ../shared/corpus [-n 150] [--page docs/structure.md]

The corpus is as for `scripts/overfiltering.py`. Nobody labelled these documents one by one: a document's
kind is what its origin holds by nature (a novel is prose, a transcript is dialogue), and where an origin
holds two kinds that pass into each other (a lemma with its proof, code with comments), both are right.
Recall: documents of such origins that get a right label. Precision: documents with the label whose origin
holds that kind, all origins here weighing the same. Documents that are cut off or misplaced in their origin
count as errors.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from overfiltering import corpora

from curate.documents import Batch
from curate.stages import structure

GOLD: dict[str, tuple[str, ...]] = {
    "nltk-inaugural": ("prose",),
    "austen": ("prose",),
    "bbc-news": ("prose",),
    "Katrine (novel)": ("prose",),
    "American Adventures": ("prose",),
    "The Girl's Own Paper": ("prose",),
    "The Devil's Dictionary": ("prose",),
    "nltk-movie_reviews": ("prose",),
    "icco/postmortems": ("prose",),
    "job-postings": ("prose",),
    "oral-arguments": ("dialogue",),
    "movie-dialog": ("dialogue",),
    "nltk-webtext": ("dialogue",),
    "gsm8k-train": ("maths",),
    "gsm8k": ("maths",),
    "openstax-calc-examples": ("maths", "proof"),
    "calc-exercises-only": ("maths",),
    "openlogic-defs": ("maths", "proof"),
    "stacks/stacks-project": ("proof", "maths"),
    "HoTT/book": ("maths", "proof"),
    "openlogic-proofs": ("proof", "maths"),
    "bbh-model-cot": ("q_and_a",),
    "code:TheAlgorithms/Rust": ("code", "code_mixed"),
    "code:TheAlgorithms/Python": ("code", "code_mixed"),
    "code:TheAlgorithms/Java": ("code", "code_mixed"),
    "code:redis/redis": ("code", "code_mixed"),
    "code:huggingface/datasets": ("code", "code_mixed"),
    "code:Homebrew/brew": ("code", "code_mixed"),
    "AllenDowney/ThinkBayes2": ("code_mixed", "code"),
    "vuejs/rfcs": ("code_mixed", "code"),
    "norvig/pytudes": ("code_mixed", "code"),
    "based.cooking": ("list",),
    "nodejs/TSC": ("list",),
    "awesome-python": ("link_list",),
    "webpage-chrome": ("boilerplate",),
}
"""Kinds that an origin holds, its own one first."""

MARKS = ("<!-- scripts/structure_accuracy.py writes this table -->", "<!-- until here -->")


def labels(texts: list[str]) -> list[str]:
    """The label of each text, "none" where it has none."""
    found = structure.annotate(Batch.of(texts), structure.Config(), None)["structure.label"]
    return [label or "none" for label in found.to_pylist()]


def table(sets: dict[str, list[str]]) -> str:
    """Markdown: recall and precision by kind, and what is taken for what."""
    right, of = defaultdict(list), defaultdict(Counter)
    hits, claims = Counter(), Counter()
    for origin, kinds in GOLD.items():
        found = labels(sets[origin])
        right[kinds[0]] += [label in kinds for label in found]
        of[kinds[0]].update(label for label in found if label not in kinds)
        for label, count in Counter(found).items():
            claims[label] += count / len(found)
            hits[label] += count / len(found) if label in kinds else 0
    rows = [
        "| kind | documents | recall | precision | most of the rest is called |",
        "|---|---:|---:|---:|---|",
    ]
    for kind in structure.LABELS:
        if kind not in right:
            continue
        wrong = ", ".join(f"{label} {count}" for label, count in of[kind].most_common(2))
        recall = sum(right[kind]) / len(right[kind])
        precision = f"{hits[kind] / claims[kind]:.0%}" if claims[kind] else ""
        rows.append(f"| {kind} | {len(right[kind])} | {recall:.0%} | {precision} | {wrong} |")
    return "\n".join(rows)


def main() -> None:
    """Prints the table, or writes it into a page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-n", type=int, default=150, help="texts of each origin")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    found = table(corpora(args.corpus, args.n))
    if args.page is None:
        print(found)
        return
    before, _, rest = args.page.read_text().partition(MARKS[0])
    args.page.write_text(f"{before}{MARKS[0]}\n\n{found}\n\n{MARKS[1]}{rest.partition(MARKS[1])[2]}")


if __name__ == "__main__":
    main()
