import gzip
import json
import random
from pathlib import Path

import datasketch
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.dedup import minhash
from curate.dedup.exact import Preference
from curate.documents import Batch, hash_documents
from curate.kernels import groups as walk
from tests.dedup.corpora import (
    Corpus,
    Found,
    Settings,
    clusters,
    deduplicate,
    dialogues,
    edited,
    sentence,
    signatures_of,
)
from tests.kernels.reference import jaccard

SAMPLE = Path(__file__).parents[2] / "../shared/corpus/sample"


def check_promises(corpus: Corpus, found: Found, verify: float = 0.8) -> None:
    """Whatever is removed is as like the document kept for it as it says, and that one is kept."""
    gone = np.flatnonzero(found.of >= 0)
    assert (found.of[found.of[gone]] == -1).all()
    assert np.isnan(found.similarity[found.of < 0]).all()
    for i in gone:
        a, b = corpus.texts[i], corpus.texts[found.of[i]]
        assert found.similarity[i] == (1.0 if a == b else jaccard(a, b)) >= verify


def as_designed(corpus: Corpus, verify: float = 0.8, most: int = 64) -> list[int]:
    """The design's paragraph in plain Python: every document in order of preference, without groups."""
    batch = Batch.of(corpus.texts)
    hashes = hash_documents(batch.data, batch.offsets)
    signatures, bands = signatures_of(corpus.texts)
    of, kept, seen = [-1] * len(batch), [], {}
    for i in np.argsort(Preference(corpus.priority, batch.sizes, hashes, corpus.tie).rank()).tolist():
        if corpus.texts[i] in seen:
            first = seen[corpus.texts[i]]
            of[i] = first if of[first] < 0 else of[first]
            continue
        seen[corpus.texts[i]] = i
        if (signatures[i] == 0xFFFFFFFF).all():
            continue
        shared = {k: int((bands[i] == bands[k]).sum()) for k in kept}
        equal = {k: int((signatures[i] == signatures[k]).sum()) for k in kept if shared[k]}
        near = [k for k in equal if equal[k] / 112 >= verify - 0.15]
        near.sort(key=lambda k: (-shared[k], -equal[k], kept.index(k)))
        similar = {k: jaccard(corpus.texts[i], corpus.texts[k]) for k in near[:most]}
        best = max(similar, key=lambda k: (similar[k], -kept.index(k)), default=None)
        if best is not None and similar[best] >= verify:
            of[i] = best
        else:
            kept.append(i)
    return of


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("settings", [Settings(), Settings(verify=0.6), Settings(max_comparisons=2)])
def test_what_is_removed_is_what_the_design_says(seed, settings):
    rng = random.Random(seed)
    texts = clusters(rng, 160)
    corpus = Corpus.of(texts, rng.choices(range(4), k=len(texts)))
    found = deduplicate(corpus, settings)
    check_promises(corpus, found, settings.verify)
    assert found.of.tolist() == as_designed(corpus, settings.verify, settings.max_comparisons)


def test_template_sharing_dialogues_on_different_topics_all_stay():
    rng = random.Random(1)
    corpus = Corpus.of(dialogues(rng, 300, template=300))
    assert 0.65 < jaccard(*corpus.texts[:2]) < 0.75
    found = deduplicate(corpus)
    assert found.compared > 10_000  # they do look alike to the bands
    assert (found.of == -1).all()


def test_the_copy_of_a_dialogue_is_found_among_thousands_of_the_same_template():
    rng = random.Random(2)
    texts = dialogues(rng, 2000, template=180)
    copies = [edited(texts[i], 0.004, rng) for i in range(0, 2000, 100)]
    corpus = Corpus.of(texts + copies)
    found = deduplicate(corpus)
    check_promises(corpus, found)
    for i, copy in enumerate(copies):
        pair = {i * 100, 2000 + i}
        assert jaccard(texts[i * 100], copy) < 0.8 or any(found.of[k] in pair for k in pair)
    assert (found.of >= 0).sum() >= 18


def test_the_middle_of_a_chain_takes_nobody_with_it():
    rng = random.Random(3)
    words = sentence(rng, 320).split()
    a, b, c = (" ".join(words[i : i + 260]) for i in (0, 25, 50))  # each shifted by 25 words
    assert jaccard(a, b) >= 0.8 and jaccard(b, c) >= 0.8 and jaccard(a, c) < 0.8
    for first in range(3):  # whichever is preferred
        corpus = Corpus.of([a, b, c], [0 if i == first else 1 for i in range(3)])
        found = deduplicate(corpus)
        check_promises(corpus, found)
        assert found.of[first] == -1
    assert deduplicate(Corpus.of([a, b, c], [0, 1, 2])).of.tolist() == [-1, 0, -1]


def test_a_copy_of_a_near_duplicate_names_the_document_kept():
    rng = random.Random(4)
    a = sentence(rng, 300)
    b = edited(a, 0.005, rng)
    found = deduplicate(Corpus.of([b, a, b], [2, 0, 3]))
    assert found.of.tolist() == [1, -1, 1]
    assert found.similarity[0] == found.similarity[2] == jaccard(a, b)


def test_academic_text_is_kept_and_its_web_copy_is_not():
    rng = random.Random(5)
    a = sentence(rng, 200)
    longer_copy = edited(a, 0.005, rng) + " and more"
    assert deduplicate(Corpus.of([longer_copy, a], [3, 0])).of.tolist() == [1, -1]
    assert deduplicate(Corpus.of([longer_copy, a], [0, 0])).of.tolist() == [-1, 0]


def test_texts_under_five_words_are_only_compared_whole():
    corpus = Corpus.of(["to be or not", "to be or NOT", "to be or not", ""])
    assert deduplicate(corpus).of.tolist() == [-1, -1, 0, -1]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_documents_does_not_matter(seed):
    rng = random.Random(seed)
    corpus = Corpus.of(clusters(rng, 200), rng.choices(range(4), k=200))
    order = np.random.default_rng(seed).permutation(200)
    whole, shuffled = deduplicate(corpus), deduplicate(corpus.shuffled(order))
    expected = np.where(shuffled.of < 0, -1, order[shuffled.of])
    assert (whole.of[order] == expected).all()
    np.testing.assert_array_equal(whole.similarity[order], shuffled.similarity)
    assert (whole.compared, whole.left_out) == (shuffled.compared, shuffled.left_out)


@pytest.mark.parametrize("settings", [Settings(hash_ranges=7, task_bytes=1), Settings(task_bytes=20_000)])
def test_the_number_of_tasks_does_not_matter(settings):
    corpus = Corpus.of(clusters(random.Random(8), 400))
    one, many = deduplicate(corpus), deduplicate(corpus, settings)
    assert (one.of == many.of).all()
    np.testing.assert_array_equal(one.similarity, many.similarity)
    assert (one.compared, one.left_out) == (many.compared, many.left_out)


def test_little_memory_reads_more_and_finds_the_same():
    rng = random.Random(9)
    texts = dialogues(rng, 150, template=300)
    corpus = Corpus.of(texts + [edited(text, 0.004, rng) for text in texts])
    largest = max(len(text) for text in corpus.texts)
    roomy, tight = deduplicate(corpus), deduplicate(corpus, Settings(memory=4 * 65 * largest))
    assert roomy.bytes <= sum(len(text) for text in corpus.texts) < tight.bytes
    assert (roomy.of == tight.of).all()
    assert (roomy.of >= 0).sum() > 100


def test_a_document_larger_than_the_memory_is_still_compared():
    rng = random.Random(10)
    text = sentence(rng, 2000)
    corpus = Corpus.of([text, edited(text, 0.002, rng)])
    assert sorted(deduplicate(corpus, Settings(memory=1)).of.tolist()) in ([-1, 0], [-1, 1])


def test_a_similarity_equal_to_the_limit_is_enough():
    text = sentence(random.Random(11), 104)
    texts = [text, " ".join(text.split()[:59])]  # 100 shingles, and 55 of them
    batch, alike = Batch.of(texts), np.ones((2, 112), np.uint32)
    found = minhash.resolve(
        np.zeros(2, np.int64),
        np.ones((2, 16), np.uint64),
        alike,
        Preference(np.zeros(2), batch.sizes, hash_documents(batch.data, batch.offsets), np.arange(2)),
        lambda rows: (lambda b: (b.data, b.offsets))(batch.take(rows)),
        verify=0.55,
    )
    assert found.representative.tolist() == [-1, 0]
    assert found.similarity[1] == jaccard(*texts) == 0.55


def test_ten_thousand_documents_in_one_bucket_are_linear_work():
    """Documents that share one band and nothing else: each looks at a bounded number of the others."""
    rng = np.random.default_rng(12)
    n, width = 10_000, 112
    signatures = rng.integers(0, 2**32, (n, width), np.uint32)
    signatures[:, :95] = 7  # 85 % equal: worth comparing
    bands = rng.integers(0, 2**64, (n, 16), np.uint64)
    bands[:, 0] = 7
    texts = [sentence(random.Random(i), 30) for i in range(n)]
    batch = Batch.of(texts)
    found = minhash.resolve(
        np.zeros(n, np.int64),
        bands,
        signatures,
        Preference(np.zeros(n), batch.sizes, hash_documents(batch.data, batch.offsets), np.arange(n)),
        lambda rows: (lambda b: (b.data, b.offsets))(batch.take(rows)),
    )
    assert (found.representative == -1).all()
    assert found.compared == sum(min(i, 64) for i in range(n))
    assert found.compared + found.left_out == n * (n - 1) // 2
    assert n <= walk.SCANNED  # of longer buckets the entries that are not read are counted as left out


def test_signatures_at_rest_are_read_back():
    batch = Batch.of(["one two three four five six", "", "too short", "another text of just six words"])
    columns = minhash.signature_columns(batch.data, batch.offsets, bands=4, rows=3)
    table = pa.table({**columns}, schema=pa.schema([minhash.SIGNATURES.field(n) for n in columns]))
    there, signatures = minhash.matrix(table["signature"], 12)
    assert there.tolist() == [True, False, False, True]
    assert signatures.shape == (2, 12)
    assert minhash.matrix(table["bands"], 4)[1].shape == (2, 4)
    assert table["bands"].null_count == 2
    assert minhash.matrix(table["bands"].slice(1), 4)[1].shape == (1, 4)


def test_a_datasketch_minhash_can_be_made_from_ours():
    rng = random.Random(13)
    text = sentence(rng, 300)
    signatures, _ = signatures_of([text, edited(text, 0.01, rng)])
    ours = [minhash.to_datasketch(signature) for signature in signatures]
    assert ours[0].jaccard(ours[1]) == (signatures[0] == signatures[1]).mean()
    index = datasketch.MinHashLSH(params=(16, 7), num_perm=112)
    index.insert("first", ours[0])
    assert index.query(ours[1]) == ["first"]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared corpus is not here")
def test_planted_pairs_of_the_sample_are_found_and_nothing_unlike_is_joined():
    kinds = ("academic", "code", "synthetic", "web")
    tables = [
        (k, pq.read_table(f)) for k, s in enumerate(kinds) for f in sorted((SAMPLE / s).glob("*.parquet"))
    ]
    rows = [
        (k, i, t)
        for k, table in tables
        for i, t in zip(*(table[c].to_pylist() for c in ("id", "text")), strict=True)
    ]
    corpus = Corpus.of([text or "" for _, _, text in rows], [k for k, _, _ in rows])
    found = deduplicate(corpus)
    check_promises(corpus, found)
    file = next(iter(SAMPLE.glob("truth.json*")))
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt") as stream:
        pairs = json.load(stream)["near_duplicates"]
    place = {name: i for i, (_, name, _) in reversed(list(enumerate(rows)))}
    like = [(place[p["a"]], place[p["b"]]) for p in pairs if p["jaccard"] >= 0.8]
    both_stay = sum(found.of[a] == found.of[b] == -1 for a, b in like)
    assert both_stay <= 0.01 * len(like)
