"""Perplexity: MB/s per core, and what reading less of a text changes: python scripts/bench/perplexity.py
[CORPUS]

CORPUS is ../shared/corpus/bench or a folder like it; web, academic and synthetic documents that stage
`language` takes for English. One row for each choice of pieces, against the whole text: CPU seconds of one
thread, best of three; rank correlation; and for three limits precision and recall of the documents that
they drop. Last, KenLM on the same n-grams."""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.kernels.ngram import encode
from curate.kernels.normal import normalise_all
from curate.models import ngram
from curate.stages import language, perplexity

BENCH = Path(__file__).parents[2] / "../shared/corpus/bench"
PIECES = ((1, 2048), (4, 512), (8, 512), (8, 768), (12, 512), (8, 1024), (16, 512), (1, 1 << 40))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, nargs="?", default=BENCH)
    batch = read(parser.parse_args().corpus)
    print(f"{batch.nbytes / 1e6:.0f} MB in {len(batch):,} documents\n")
    print_pieces(batch)
    print_kenlm(batch.take(np.arange(0, len(batch), 20)))


def read(corpus: Path) -> Batch:
    """Every third shard of sources other than code, with its languages."""
    paths = sorted(p for p in corpus.rglob("*.parquet") if "code" not in p.parts)[::3]
    texts = [pq.read_table(path, columns=["text"])["text"].cast(pa.large_string()) for path in paths]
    batch = Batch.of(pa.chunked_array([chunk for text in texts for chunk in text.chunks]).combine_chunks())
    settings = language.Config()
    batch.signals.update(language.annotate(batch, settings, language.load(settings)))
    return batch


def score(batch: Batch, config: perplexity.Config) -> tuple[np.ndarray, float]:
    """((n,) values, NaN where there is none, MB/s)."""
    model, times = perplexity.load(config), []
    for _ in range(3):
        began = time.process_time()
        found = perplexity.annotate(batch, config, model)["perplexity.value"]
        times.append(time.process_time() - began)
    return found.to_numpy(zero_copy_only=False), batch.nbytes / 1e6 / min(times)


def print_pieces(batch: Batch) -> None:
    """Rates and agreement with the whole text."""
    whole, _ = score(batch, perplexity.Config(windows=1, window=1 << 40))
    limits = [perplexity.Config().max.default or 0, *np.nanquantile(whole, [0.98, 0.9])]
    heads = [f"over {limit:.3g}: precision, recall" for limit in limits]
    print(f"| pieces | MB/s of text | Spearman | {' | '.join(heads)} |\n|---|---:|---:|---:|---:|---:|")
    for count, size in PIECES:
        found, rate = score(batch, perplexity.Config(windows=count, window=size))
        rows = [_agreement(found > limit, whole > limit) for limit in limits]
        name = f"{count} x {size:,} bytes" if size < 1 << 30 else "the whole text"
        print(f"| {name} | {rate:.0f} | {spearman(found, whole):.4f} | {' | '.join(rows)} |")


def _agreement(found: np.ndarray, truth: np.ndarray) -> str:
    both = np.count_nonzero(found & truth)
    return f"{both / max(found.sum(), 1):.3f}, {both / max(truth.sum(), 1):.3f} of {truth.sum():,}"


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Of values that both have; ties are rare enough to be ranked as they come."""
    valid = np.isfinite(a) & np.isfinite(b)
    ranks = [np.argsort(np.argsort(values[valid])) for values in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def print_kenlm(batch: Batch) -> None:
    """Scoring alone, normalised text given: ours and KenLM's Python module on the same model and tokens."""
    import kenlm

    config, model = kenlm.Config(), ngram.load(ngram.packaged())
    config.show_progress = False
    text, bounds, _ = normalise_all(batch.data, batch.offsets)
    ids, ends = encode(text, bounds, model.vocabulary)
    names = [*model.words, *(c.upper() if c.isalpha() else f"<{c}>" for c in ngram.LETTERS)]
    lines = [" ".join(names[i] for i in ids[a : b - 1]) for a, b in pairwise(ends)]
    with tempfile.TemporaryDirectory() as folder:
        ngram.write_arpa(model, Path(folder) / "model.arpa")
        theirs = kenlm.Model(f"{folder}/model.arpa", config)
        began = time.process_time()
        expected = np.array([theirs.score(line, bos=False, eos=False) for line in lines])
        middle = time.process_time()
        found = model.score(text, bounds)
        ended = time.process_time()
    rates = [batch.nbytes / 1e6 / seconds for seconds in (ended - middle, middle - began)]
    print(f"\nscoring alone: ours {rates[0]:.0f} MB/s of text, KenLM's module {rates[1]:.0f}")
    apart = np.abs(found - expected) / np.maximum(np.abs(expected), 1)
    print(f"largest difference of a text's log10 probability: {apart.max():.1e} of it")


if __name__ == "__main__":
    main()
