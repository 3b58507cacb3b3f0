import itertools
import random

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.documents import Batch
from curate.kernels import minhash
from tests.kernels import reference
from tests.kernels.reference import same_unicode

SENTENCES = st.lists(st.sampled_from(["a", "the", "Ünder", "12", "語", "日本", "λόγος", "of", "x_y"])).map(
    " ".join
)


def signature_by_datasketch(text: str, num_perm: int = 112, seed: int = 1, shingle: int = 5) -> list[int]:
    sketch = datasketch.MinHash(num_perm, seed, scheme="affine32", hashfunc=lambda value: value)
    sketch.update_batch([value >> 32 for value in reference.shingle_hashes(text, shingle)])
    return sketch.hashvalues.tolist()


def planted(similarity: float, size: int, rng: random.Random) -> tuple[str, str]:
    """Two texts of `size` shingles whose sets are about as similar as asked: words that never repeat, and a
    changed end."""
    common = round(2 * size * similarity / (1 + similarity))
    draw = [f"w{rng.getrandbits(60)}" for _ in range(size + 4 + size - common)]
    return " ".join(draw[: size + 4]), " ".join(draw[: common + 4] + draw[size + 4 :])


@settings(max_examples=50)
@given(st.lists(SENTENCES, min_size=1, max_size=4))
def test_signatures_are_those_of_datasketch(texts):
    batch = Batch.of(texts)
    found = minhash.signatures(batch.data, batch.offsets)
    assert found.dtype == np.uint32
    assert found.tolist() == [signature_by_datasketch(text) for text in texts]


@pytest.mark.parametrize(("num_perm", "seed", "shingle"), [(1, 1, 1), (128, 7, 2), (33, 1, 13)])
def test_signatures_are_those_of_datasketch_whatever_the_settings(num_perm, seed, shingle):
    rng = random.Random(3)
    texts = [" ".join(rng.choices("abcdefgh", k=k)) for k in (0, 1, 2, 12, 13, 14, 255, 256, 257, 700)]
    batch = Batch.of(texts)
    found = minhash.signatures(batch.data, batch.offsets, num_perm, seed, shingle)
    assert found.tolist() == [signature_by_datasketch(text, num_perm, seed, shingle) for text in texts]


@same_unicode
@given(st.text())
def test_shingles_are_runs_of_five_words(text):
    batch = Batch.of([text])
    assert minhash.shingles(batch.data, batch.offsets)[0].tolist() == reference.shingle_hashes(text)
    halves, _ = minhash.shingle_hashes(batch.data, batch.offsets)
    assert halves.tolist() == [value >> 32 for value in reference.shingle_hashes(text)]


def test_a_text_under_five_words_has_no_signature():
    batch = Batch.of(["", "one two three four", "one two three four five"])
    signatures = minhash.signatures(batch.data, batch.offsets)
    assert minhash.has_shingles(signatures).tolist() == [False, False, True]
    assert (signatures[:2] == 0xFFFFFFFF).all()


@given(st.lists(SENTENCES, min_size=2, max_size=5), st.integers(1, 6))
def test_similarity_is_that_of_the_sets_of_shingles(texts, shingle):
    batch = Batch.of(texts)
    hashes, bounds = minhash.shingle_sets(batch.data, batch.offsets, shingle)
    sets = [hashes[a:b] for a, b in itertools.pairwise(bounds)]
    for a, text in zip(sets, texts, strict=True):
        assert (np.diff(a.astype(object)) > 0).all()
        assert minhash.jaccard(sets[0], a) == reference.jaccard(texts[0], text, shingle)


def test_bands_are_equal_when_their_rows_are():
    rng = np.random.default_rng(5)
    signatures = rng.integers(0, 2, (300, 12), np.uint32)
    hashes = minhash.band_hashes(signatures, bands=4, rows=3)
    rows = signatures.reshape(300, 4, 3)
    same_rows = (rows[:, None] == rows[None]).all(axis=3)
    assert ((hashes[:, None] == hashes[None]) == same_rows).all()
    assert not set(hashes[:, 0].tolist()) & set(hashes[:, 1].tolist())


def test_more_bands_than_the_signature_holds_are_refused():
    with pytest.raises(ValueError, match="16 bands of 8 rows need 128 values, not 112"):
        minhash.band_hashes(np.zeros((1, 112), np.uint32), 16, 8)


@pytest.mark.parametrize(
    ("similarity", "least", "most"), [(0.5, 0.04, 0.20), (0.8, 0.95, 1), (0.9, 0.995, 1)]
)
def test_sixteen_bands_of_seven_find_what_is_promised(similarity, least, most):
    """1 - (1 - s^7)^16: 0.12 at 0.5, 0.977 at 0.8, 0.99998 at 0.9."""
    rng = random.Random(11)
    pairs = [text for _ in range(400) for text in planted(similarity, 120, rng)]
    batch = Batch.of(pairs)
    signatures = minhash.signatures(batch.data, batch.offsets)
    hashes = minhash.band_hashes(signatures)
    found = (hashes[0::2] == hashes[1::2]).any(axis=1).mean()
    assert least <= found <= most
    estimates = (signatures[0::2] == signatures[1::2]).mean(axis=1)
    assert abs(estimates.mean() - similarity) < 0.02
    assert estimates.std() < 0.06
