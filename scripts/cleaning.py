"""What the stage `cleaning` takes from real text, by origin: fractions of documents and bytes, and examples.

    python scripts/cleaning.py ../shared/corpus [-n 300]

The corpus is as for `scripts/overfiltering.py`. Origins that lose nothing are counted at the end.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from overfiltering import corpora

from curate.documents import Batch
from curate.stages import cleaning


def main() -> None:
    """Prints a line for each origin that loses something."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-n", type=int, default=300, help="texts of each origin")
    args = parser.parse_args()
    untouched = 0
    for origin, texts in corpora(args.corpus, args.n).items():
        if origin.startswith("code:"):
            continue
        batch = Batch.of(texts)
        edited = cleaning.annotate(batch, cleaning.Config(), None)
        lost = edited.columns["cleaning.bytes"].to_numpy()
        if not lost.sum():
            untouched += 1
            continue
        rules = ", ".join(
            f"{rule} {n}" for rule, n in Counter(edited.edits["rule"].to_pylist()).most_common()
        )
        examples = [text.strip()[:24] for text in edited.edits["text"].to_pylist()[:3]]
        share = lost.sum() / batch.nbytes
        print(
            f"{origin[:32]:32s} {np.mean(lost > 0):6.1%} of documents {share:8.3%} of bytes",
            f" {rules}  {examples}",
        )
    print(f"{untouched} origins lose nothing")


if __name__ == "__main__":
    main()
