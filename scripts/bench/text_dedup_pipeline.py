"""Deduplication in text-dedup, run by `peers.py` with the Python of an environment of its own.

    python text_dedup_pipeline.py INPUT_FOLDER WORK_FOLDER LID_MODEL KENLM_MODEL

Two of its commands: documents of equal text (xxh3, its fastest hash), then MinHash of what is left with our
112 permutations in 16 bands of 7 over shingles of five words (xxh3 and 32 bits, faster than its defaults).
It joins what shares a band and compares no texts. It has no stages that annotate.
"""

from __future__ import annotations

import os
import sys

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": f"{sys.argv[2]}/home"}

from clock import report
from datasets import load_from_disk
from text_dedup import exact_hash, minhash


def main(source: str, work: str, *_models: str) -> None:
    """Runs both in this process and prints what `clock.report` says."""
    common = ["--column", "text", "--num_proc", "1", "--cache_dir", f"{work}/cache", "--hash_func", "xxh3"]
    given = ["--path", "parquet", "--data_files", f"{source}/*.parquet", "--split", "train"]
    run(exact_hash, [*common, *given, "--output", f"{work}/unequal"])
    scheme = ["--ngram", "5", "--num_perm", "112", "--b", "16", "--r", "7", "--hash_bits", "32"]
    run(minhash, [*common, *scheme, "--path", f"{work}/unequal", "--local", "--output", f"{work}/out"])
    report("text-dedup", len(load_from_disk(f"{work}/out")))


def run(command: object, arguments: list[str]) -> None:
    """One of its commands, as its command line would."""
    command.main(arguments, standalone_mode=False)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(*sys.argv[1:])
