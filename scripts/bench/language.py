"""Language ID: MB/s per core, and what reading less of a text changes: python scripts/bench/language.py
[CORPUS]

CORPUS is ../shared/corpus or a folder like it. Four tables: rates on `bench` (web, academic, synthetic; CPU
seconds of one thread, best of three); agreement of prefixes with the whole text; share of real English
documents that `min_score` keeps, by words and as fastText's own users do, by the raw text; recall by
language on the Universal Declaration of Human Rights, whole chunks and pieces under 300 characters."""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.kernels.prose import prose_words
from curate.models import fasttext
from curate.stages import language

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
PREFIXES = (150, 300, 450, 600, 1000, 2000)
WHOLE = 1 << 20
_PAIRS = """
afr:af amh:am arb:ar ast:ast azj:az bel:be ben:bn bul:bg bre:br bos:bs cat:ca ceb:ceb ces:cs chv:cv cym:cy
dan:da deu:de ell:el eng:en epo:eo spa:es est:et eus:eu fin:fi fra:fr fry:fy gle:ga gla:gd glg:gl guj:gu
heb:he hin:hi hrv:hr hat:ht hun:hu hye:hy ina:ia ind:id ilo:ilo isl:is ita:it jpn:ja jav:jv kat:ka kaz:kk
khm:km kan:kn kor:ko kir:ky lat:la ltz:lb lao:lo lit:lt lvs:lv mkd:mk mal:ml mar:mr mlt:mt mya:my nld:nl
nno:nn nob:no oci:oc pol:pl por:pt ron:ro rus:ru san:sa sin:si slk:sk slv:sl als:sq srp:sr swe:sv swh:sw
tam:ta tel:te tha:th tgl:tl tur:tr tat:tt ukr:uk urd:ur vie:vi yor:yo cmn:zh
"""
ISO = dict(pair.split(":") for pair in _PAIRS.split())
"""ISO 639-3 of a translation: the label of lid.176."""

Judge = Callable[[Batch], tuple[np.ndarray, np.ndarray]]


def by_stage(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """As stage `language` does, by its defaults: (codes, scores)."""
    return language.predict(batch, language.Config(), language.load(language.Config()))[:2]


def by_words(prefix: int) -> Judge:
    """By so many bytes of words, sure or not."""
    model = fasttext.load(fasttext.packaged_languages())

    def judge(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        return model.predict(*prose_words(batch.data, batch.offsets, prefix))

    return judge


def by_text(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """As datatrove and Dolma do: the whole text as it stands."""
    return fasttext.load(fasttext.packaged_languages()).predict(batch.data, batch.offsets)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, nargs="?", default=CORPUS)
    corpus = parser.parse_args().corpus
    tables = list(bench(corpus))
    print_rates(Batch.of(pa.concat_tables(tables)["text"].combine_chunks()))
    print_english(tables)
    print_recall(corpus)


def bench(corpus: Path) -> Iterator[pa.Table]:
    """Every third shard of sources other than code: text and origin."""
    for path in sorted(p for p in (corpus / "bench").rglob("*.parquet") if "code" not in p.parts)[::3]:
        table = pq.read_table(path, columns=["text", "origin"])
        yield table.set_column(0, "text", table["text"].cast(pa.large_string()))


def print_rates(batch: Batch) -> None:
    """Rates, and agreement with the whole text."""
    labels, scores = by_words(WHOLE)(batch)
    print(f"{batch.nbytes / 1e6:.0f} MB in {len(batch):,} documents\n")
    print("| judged by | MB/s of text | label as by all words | score within 0.1 | same side of 0.65 |")
    print("|---|---:|---:|---:|---:|")
    judges = {f"{prefix} bytes of words": by_words(prefix) for prefix in PREFIXES}
    for name, judge in {**judges, "the stage": by_stage}.items():
        rate = batch.nbytes / 1e6 / min(_seconds(judge, batch) for _ in range(3))
        found, sure = judge(batch)
        same, near = np.mean(found == labels), np.mean(np.abs(sure - scores) < 0.1)
        side = np.mean((sure < 0.65) == (scores < 0.65))
        print(f"| {name} | {rate:.0f} | {same:.4f} | {near:.4f} | {side:.4f} |")


def _seconds(judge: Judge, batch: Batch) -> float:
    began = time.process_time()
    judge(batch)
    return time.process_time() - began


def print_english(tables: list[pa.Table]) -> None:
    """Share of documents that are kept as English at 0.65, by origin."""
    by_origin = defaultdict(list)
    for table in tables:
        for text, origin in zip(table["text"].to_pylist(), table["origin"].to_pylist(), strict=True):
            by_origin[origin].append(text)
    print("\n| origin | documents | kept by the stage | by the whole raw text |\n|---|---:|---:|---:|")
    for origin, texts in sorted(by_origin.items()):
        batch = Batch.of(texts)
        ours, raw = _english(by_stage, batch), _english(by_text, batch)
        print(f"| {origin} | {len(texts):,} | {ours:.3f} | {raw:.3f} |")


def _english(judge: Judge, batch: Batch) -> float:
    codes, scores = judge(batch)
    english = fasttext.load(fasttext.packaged_languages()).labels.index("en")
    return float(np.mean((codes == english) & (scores >= 0.65)))


def print_recall(corpus: Path) -> None:
    """Recall by language, mean over languages, of translations whose language the model knows."""
    texts, truth = declaration(corpus)
    short = [text[i : i + 250] for text in texts for i in range(0, len(text), 250)]
    short_truth = [code for text, code in zip(texts, truth, strict=True) for _ in range(0, len(text), 250)]
    print(
        f"\n{len(set(truth))} languages, {len(texts)} chunks, {len(short)} pieces of up to 250 characters\n"
    )
    print("| judged by | recall, chunks | recall, pieces | largest loss of a language |")
    print("|---|---:|---:|---:|")
    whole = recall(by_text, texts, truth)
    judges = {f"{p} bytes of words": by_words(p) for p in (*PREFIXES, WHOLE)}
    for name, judge in [("the raw text", by_text), *judges.items(), ("the stage", by_stage)]:
        found = recall(judge, texts, truth)
        loss, code = max((whole[code] - found[code], code) for code in found)
        pieces = np.mean(list(recall(judge, short, short_truth).values()))
        print(f"| {name} | {np.mean(list(found.values())):.4f} | {pieces:.4f} | {loss:.3f} ({code}) |")


def declaration(corpus: Path) -> tuple[list[str], list[str]]:
    """(texts, labels) of the translations whose language lid.176 knows."""
    with gzip.open(corpus / "labelled/udhr_a.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    known = [(row["text"], ISO[row["lang"][:3]]) for row in rows if row["lang"][:3] in ISO]
    return [text for text, _ in known], [code for _, code in known]


def recall(judge: Judge, texts: list[str], truth: list[str]) -> dict[str, float]:
    """Of each language."""
    labels = fasttext.load(fasttext.packaged_languages()).labels
    right = defaultdict(list)
    for found, code in zip(judge(Batch.of(texts))[0], truth, strict=True):
        right[code].append(labels[found] == code)
    return {code: float(np.mean(some)) for code, some in right.items()}


if __name__ == "__main__":
    main()
