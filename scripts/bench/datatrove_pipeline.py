"""The same stages in datatrove, run by `peers.py` with the Python of an environment of its own.

    python datatrove_pipeline.py INPUT_FOLDER WORK_FOLDER LID_MODEL KENLM_MODEL

Read Parquet, language (whole text, as it does), Gopher repetition and quality, C4, FineWeb, KenLM, MinHash
in four steps, write Parquet. It has no token counts at this rate, no classifier and no mixer, and is timed
without them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import kenlm
import pyarrow.parquet as pq
from clock import report
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    LambdaFilter,
    LanguageFilter,
)
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.lid import FT176LID


def main(source: str, work: str, languages: str, perplexity: str) -> None:
    """Runs all steps in this process and prints what `clock.report` says."""
    FT176LID.model = property(lambda self: _language_model(languages))
    began = time.process_time()
    model = kenlm.Model(perplexity)  # from ARPA text, which takes seconds that a binary would not
    loading = time.process_time() - began
    config = MinhashConfig(num_buckets=16, hashes_per_bucket=7, n_grams=5)

    def score(document: object) -> bool:
        return all(model.score(line) <= 0 for line in document.text.lower().split("\n"))  # type: ignore[attr-defined]

    steps = [
        [
            ParquetReader(source, glob_pattern="*.parquet"),
            LanguageFilter(languages=["en"], label_only=True),
            GopherRepetitionFilter(),
            GopherQualityFilter(),
            C4QualityFilter(),
            FineWebQualityFilter(),
            LambdaFilter(score),
            ParquetWriter(f"{work}/kept"),
        ],
        [
            ParquetReader(f"{work}/kept", glob_pattern="*.parquet"),
            MinhashDedupSignature(f"{work}/signatures", config),
        ],
        [MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)],
        [MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)],
        [
            ParquetReader(f"{work}/kept", glob_pattern="*.parquet"),
            MinhashDedupFilter(f"{work}/remove"),
            ParquetWriter(f"{work}/out"),
        ],
    ]
    for number, pipeline in enumerate(steps):
        tasks = config.num_buckets if number == 2 else 1
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=1, logging_dir=f"{work}/logs{number}", skip_completed=False
        ).run()
    kept = [pq.read_metadata(path).num_rows for path in Path(work, "out").glob("*.parquet")]
    report("datatrove", sum(kept), loading)


_model = None


def _language_model(path: str) -> object:
    global _model
    if _model is None:
        from fasttext.FastText import _FastText

        _model = _FastText(path)
    return _model


if __name__ == "__main__":
    main(*sys.argv[1:])
