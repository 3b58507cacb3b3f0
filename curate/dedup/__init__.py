"""What counts as said twice, within and across sources.

    exact.py    equal final texts: one representative of each 128-bit hash
    groups.py   equal bands -> edges -> groups, dealt out to tasks
    minhash.py  signatures at rest; inside a group, true similarity with the documents kept

All of it is pure functions over arrays, in that order; `tasks.py` reads and writes the files. A document's
number is its place among all documents of the run. The result does not depend on how the documents are
ordered, or on how hashes, bands and groups are dealt out.
"""

VERSION = 1
"""Raised whenever signatures change, or which documents are duplicates, for the same texts."""
