"""The floor: what the libraries alone take for exactly the bytes that the pipeline sends to each.

    python scripts/bench/limit.py [--config configs/bench.yaml] [--run RUN]

CPU seconds of bare calls on ready-made arguments: Parquet decode (pyarrow), fastText's own
`predict` on the words that stage `language` reads, KenLM's `score` on the prose that stage `perplexity`
reads, with the packaged n-grams as its model, tokens by our counter (libraries take 7 to 60 times as long),
and, with a finished RUN, Parquet encode of its corpus. No pipeline over these libraries can be faster.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate import plan as planning
from curate import readers, tokenizer
from curate.annotate import LoadedStage, annotate_batch
from curate.config import load
from curate.documents import Batch
from curate.kernels.ngram import encode
from curate.models import fasttext as own_fasttext
from curate.models import ngram
from curate.writers import parquet as writer

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("structure", "language", "perplexity")

Sent = list[tuple[np.ndarray, np.ndarray]]


class Recorder:
    """A model that remembers what it was asked."""

    def __init__(self, model: Any, method: str, sent: Sent):
        self._model, self._method, self._sent = model, method, sent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        if name != self._method:
            return found

        def recorded(data: np.ndarray, bounds: np.ndarray) -> Any:
            self._sent.append((data.copy(), bounds.copy()))
            return found(data, bounds)

        return recorded


def main() -> int:
    """Prints {seconds of each, total}."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=ROOT / "configs/bench.yaml")
    parser.add_argument("--run", type=Path, help="a finished run of this config, for Parquet encode")
    args = parser.parse_args()
    print(json.dumps(measure(args.config, args.run), indent=1))
    return 0


def measure(config: Path, run: Path | None) -> dict[str, float]:
    """CPU seconds of each library, and `total`."""
    plan = planning.make(load(config), hash_inputs=False)
    language: Sent = []
    prose: Sent = []
    counter, tokens = tokenizer.load(None), 0.0
    for batch, stages in batches(plan):
        tokens += timed(lambda batch=batch: counter.count(batch.data, batch.offsets))
        record(batch, stages, language, prose)
    out = {
        "decode": decode(plan),
        "language": fasttext(language),
        "perplexity": kenlm(prose),
        "tokens": tokens,
    }
    if run is not None:
        out["encode"] = encode_corpus(run)
    return {name: round(seconds, 2) for name, seconds in {**out, "total": sum(out.values())}.items()}


def timed(call: Callable[[], object]) -> float:
    """CPU seconds of this process: Parquet decodes in threads of its own."""
    began = time.process_time()
    call()
    return time.process_time() - began


def batches(plan: planning.Plan) -> Iterator[tuple[Batch, list[LoadedStage]]]:
    """Every readable document of the plan, with the stages of its source that a library could do."""
    loaded = [
        [LoadedStage.of(*s.plain()) for s in source.stages if s.name in STAGES] for source in plan.sources
    ]
    for given in plan.inputs:
        source = plan.sources[given.source]
        for records in readers.read(given.part, source.read, 4 << 20):
            yield Batch.of(records["text"].drop_null(), source.name, source.kind), loaded[given.source]


def record(batch: Batch, stages: list[LoadedStage], language: Sent, prose: Sent) -> None:
    """Adds what `language` and `perplexity` ask of their models."""
    methods = {"language": ("predict", language), "perplexity": ("score", prose)}
    for stage in stages:
        if stage.name in methods and not isinstance(stage.model, Recorder):
            stage.model = Recorder(stage.model, *methods[stage.name])
    annotate_batch(batch, stages)


def decode(plan: planning.Plan) -> float:
    """All columns that the readers ask for."""
    paths = {given.part.path: plan.sources[given.source].read for given in plan.inputs}

    def read() -> None:
        for path, how in paths.items():
            pq.read_table(path, columns=[c for c in (how.text, how.id) if c], use_threads=False)

    return timed(read)


def strings(sent: Sent) -> list[str]:
    """One string a text: what a library is given."""
    return [data[a:b].tobytes().decode() for data, bounds in sent for a, b in pairwise(bounds.tolist())]


def fasttext(sent: Sent) -> float:
    """fastText's predict over many lines at once."""
    from fasttext.FastText import _FastText

    model = _FastText(str(own_fasttext.packaged_languages()))
    lines = [line.replace("\n", " ") + "\n" for line in strings(sent)]
    return timed(lambda: model.f.multilinePredict(lines, 1, 0.0, "strict"))


def kenlm(sent: Sent) -> float:
    """KenLM's score, a call a document, on the packaged n-grams."""
    import kenlm as library

    own, config = ngram.load(ngram.packaged()), library.Config()
    config.show_progress = False
    names = np.array([*own.words, *(c.upper() if c.isalpha() else f"<{c}>" for c in ngram.LETTERS)])
    lines = []
    for data, bounds in sent:
        ids, ends = encode(data, bounds, own.vocabulary)
        lines += [" ".join(names[ids[a : b - 1]].tolist()) for a, b in pairwise(ends.tolist())]
    with tempfile.TemporaryDirectory() as folder:
        ngram.write_arpa(own, Path(folder) / "model.arpa")
        model = library.Model(f"{folder}/model.arpa", config)
    return timed(lambda: [model.score(line, bos=False, eos=False) for line in lines])


def encode_corpus(run: Path) -> float:
    """The corpus of a run, written again with the settings of our writer."""
    seconds = 0.0
    for path in sorted((run / "corpus").glob("*.parquet")):
        groups = [pa.Table.from_batches([batch]) for batch in pq.ParquetFile(path).iter_batches(4096)]
        with tempfile.TemporaryDirectory() as folder:
            seconds += timed(lambda groups=groups, to=Path(folder) / "shard.parquet": _encode(groups, to))
    return seconds


def _encode(groups: list[pa.Table], path: Path) -> None:
    with writer.Writer(path, groups[0].schema) as file:
        for table in groups:
            file.write(table)


if __name__ == "__main__":
    pa.set_cpu_count(1)
    raise SystemExit(main())
