"""MinHash over UTF-8 where it lies: shingles, signatures, bands, and the true Jaccard similarity.

A shingle is a run of consecutive words (curate.kernels.words); its 64-bit hash stands for it where texts are
compared, the high 32 bits of it go into signatures. Signatures are those of datasketch 2, scheme `affine32`,
given those 32 bits: a fixed mix, then 112 affine permutations of the 32-bit numbers (a odd), minimum of each.
The chance that two texts of Jaccard similarity s share one of b bands of r rows is 1 - (1 - s^r)^b (Leskovec,
Rajaraman, Ullman, Mining of Massive Datasets, 3.4.2): with 16 x 7 0.12 at 0.5, 0.75 at 0.7, 0.977 at 0.8,
0.99998 at 0.9.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit

from curate.kernels.memory import pointer
from curate.kernels.words import Characters, characters, frozen, mix, pointed, scan_words

_CHUNK = 256  # words at a time: their hashes stay in the nearest cache
_BASE = 0xD1342543DE82EF95  # odd, 5 mod 8: words of a shingle in another order make another sum
_BAND = 0x9E3779B97F4A7C15
_EMPTY = 0xFFFFFFFF


@cache
def permutations(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(a, b), each (count,) uint32, of h -> a * h + b: drawn as datasketch 2 draws them for `affine32`."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return frozen(a, np.uint32), frozen(generator.randint(0, 1 << 32, count, dtype=np.uint32), np.uint32)


@njit(cache=True, nogil=True)
def _power(exponent: int) -> np.uint64:
    value = np.uint64(1)
    for _ in range(exponent):
        value *= np.uint64(_BASE)
    return value


@njit(cache=True, nogil=True)
def _roll(
    words: np.ndarray, found: int, shingle: int, seen: int, ring: np.ndarray, hashes: np.ndarray
) -> int:
    """Shingles that end with each of words[:found], after `seen` words of the document, into `hashes`; how
    many. `ring` ((shingle + 1,) uint64) holds the last words, and the running sum at its end."""
    made, oldest, total, slot = 0, _power(shingle), ring[shingle], seen % shingle
    for i in range(found):
        total = total * np.uint64(_BASE) + words[i]
        if seen + i >= shingle:
            total -= ring[slot] * oldest
        ring[slot] = words[i]
        slot = slot + 1 if slot + 1 < shingle else 0
        if seen + i + 1 >= shingle:
            hashes[made] = mix(total)
            made += 1
    ring[shingle] = total
    return made


@njit(cache=True, nogil=True)
def _premix(value: np.uint64) -> np.uint32:
    """MurmurHash3's 32-bit finaliser of the high 32 bits."""
    half = np.uint32(value >> np.uint64(32))
    half = np.uint32((half ^ (half >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    half = np.uint32((half ^ (half >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(half ^ (half >> np.uint32(16)))


@njit(cache=True, nogil=True)
def _lower_minima(hashes: np.ndarray, made: int, a: np.ndarray, b: np.ndarray, minima: np.ndarray) -> None:
    """Permutes hashes[:made] and takes the minimum with `minima`; eight hashes at a time, so that a, b and
    minima are loaded once for eight."""
    for i in range(made, (made + 7) // 8 * 8):
        hashes[i] = hashes[0]
    for i in range(0, made, 8):
        h0, h1 = _premix(hashes[i]), _premix(hashes[i + 1])
        h2, h3 = _premix(hashes[i + 2]), _premix(hashes[i + 3])
        h4, h5 = _premix(hashes[i + 4]), _premix(hashes[i + 5])
        h6, h7 = _premix(hashes[i + 6]), _premix(hashes[i + 7])
        for k in range(len(minima)):
            x, y, least = a[k], b[k], minima[k]
            least = min(least, np.uint32(x * h0 + y))
            least = min(least, np.uint32(x * h1 + y))
            least = min(least, np.uint32(x * h2 + y))
            least = min(least, np.uint32(x * h3 + y))
            least = min(least, np.uint32(x * h4 + y))
            least = min(least, np.uint32(x * h5 + y))
            least = min(least, np.uint32(x * h6 + y))
            minima[k] = min(least, np.uint32(x * h7 + y))


@njit(cache=True, nogil=True)
def _signatures(
    data: np.ndarray,
    offsets: np.ndarray,
    characters: Characters,
    shingle: int,
    a: np.ndarray,
    b: np.ndarray,
    out: np.ndarray,
) -> None:
    words, hashes = np.empty(_CHUNK, np.uint64), np.empty(_CHUNK, np.uint64)
    ring = np.empty(shingle + 1, np.uint64)
    text, known = pointer(data), pointed(characters)
    for i in range(len(offsets) - 1):
        first, end = offsets[i], offsets[i + 1]
        at, seen = first, 0
        ring[shingle] = 0
        while at < end:
            found, at = scan_words(text, first, at, end, known, pointer(words), _CHUNK)
            made = _roll(words, found, shingle, seen, ring, hashes)
            seen += found
            _lower_minima(hashes, made, a, b, out[i])


def signatures(
    data: np.ndarray, offsets: np.ndarray, num_perm: int = 112, seed: int = 1, shingle: int = 5
) -> np.ndarray:
    """(n, num_perm) uint32 MinHash signatures of texts, as `datasketch.MinHash(num_perm, seed,
    scheme="affine32")` has them in `hashvalues` after an update with each of `shingle_hashes`.

    data: (n_bytes,) uint8, offsets: (n + 1,) int64, the text of document i is data[offsets[i]:offsets[i +
    1]]. A text of fewer than `shingle` words has no shingle: its row is 2^32 - 1 throughout (see
    `has_shingles`).
    """
    a, b = permutations(num_perm, seed)
    out = np.full((len(offsets) - 1, num_perm), _EMPTY, np.uint32)
    _signatures(frozen(data, np.uint8), frozen(offsets, np.int64), characters(), shingle, a, b, out)
    return out


def has_shingles(signatures: np.ndarray) -> np.ndarray:
    """(n,) bool: whether a signature is of a text that has a shingle; only those can be near-duplicates."""
    return np.asarray((signatures != np.uint32(_EMPTY)).any(axis=1))


@njit(cache=True, nogil=True)
def _band_hashes(signatures: np.ndarray, rows: int, out: np.ndarray) -> None:
    for i in range(out.shape[0]):
        for band in range(out.shape[1]):
            value = np.uint64(band + 1) * np.uint64(_BAND)
            for row in range(band * rows, (band + 1) * rows):
                value = value * np.uint64(_BASE) + np.uint64(signatures[i, row])
            out[i, band] = mix(value)


def band_hashes(signatures: np.ndarray, bands: int = 16, rows: int = 7) -> np.ndarray:
    """(n, bands) uint64: a hash of each run of `rows` values of the signatures ((n, bands * rows) uint32).

    The number of the band is hashed too, so values of all bands may lie in one heap. ValueError when bands *
    rows is more than the signatures hold.
    """
    if bands * rows > signatures.shape[1]:
        raise ValueError(
            f"{bands} bands of {rows} rows need {bands * rows} values, not {signatures.shape[1]}"
        )
    out = np.empty((len(signatures), bands), np.uint64)
    _band_hashes(frozen(signatures, np.uint32), rows, out)
    return out


@njit(cache=True, nogil=True)
def _all_shingles(
    data: np.ndarray,
    offsets: np.ndarray,
    characters: Characters,
    shingle: int,
    out: np.ndarray,
    bounds: np.ndarray,
) -> None:
    words, ring = np.empty(_CHUNK, np.uint64), np.empty(shingle + 1, np.uint64)
    text, known = pointer(data), pointed(characters)
    for i in range(len(offsets) - 1):
        first, end = offsets[i], offsets[i + 1]
        at, seen, made = first, 0, bounds[i]
        ring[shingle] = 0
        while at < end:
            found, at = scan_words(text, first, at, end, known, pointer(words), _CHUNK)
            made += _roll(words, found, shingle, seen, ring, out[made:])
            seen += found
        bounds[i + 1] = made


def shingles(data: np.ndarray, offsets: np.ndarray, shingle: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the shingles of each text in order, with repeats: (hashes: (m,) uint64, bounds: (n + 1,)
    int64); those of document i are hashes[bounds[i]:bounds[i + 1]]. Arguments as in `signatures`."""
    offsets = frozen(offsets, np.int64)
    most = (int(offsets[-1] - offsets[0]) + len(offsets)) // 2 + 1  # as in word_hashes
    out, bounds = np.empty(most, np.uint64), np.zeros(len(offsets), np.int64)
    _all_shingles(frozen(data, np.uint8), offsets, characters(), shingle, out, bounds)
    return out[: bounds[-1]], bounds


def shingle_hashes(data: np.ndarray, offsets: np.ndarray, shingle: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """As `shingles`, but the (m,) uint32 that go into signatures: what to give to a `datasketch.MinHash`
    whose `hashfunc` is the identity."""
    hashes, bounds = shingles(data, offsets, shingle)
    return (hashes >> np.uint64(32)).astype(np.uint32), bounds


@njit(cache=True, nogil=True)
def _drop_repeats(hashes: np.ndarray, bounds: np.ndarray) -> None:
    """Moves the distinct values of each sorted run to the front; `bounds` becomes theirs."""
    kept, start = 0, bounds[0]
    for i in range(len(bounds) - 1):
        end = bounds[i + 1]
        for j in range(start, end):
            if j == start or hashes[j] != hashes[j - 1]:
                hashes[kept] = hashes[j]
                kept += 1
        start, bounds[i + 1] = end, kept


def shingle_sets(data: np.ndarray, offsets: np.ndarray, shingle: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """As `shingles`, but of each text the distinct hashes, ascending: what `jaccard` compares.

    At most 4 bytes for each byte of text, 1.3 for English.
    """
    hashes, bounds = shingles(data, offsets, shingle)
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        hashes[start:end].sort()  # numpy sorts with SIMD, numba does not
    _drop_repeats(hashes, bounds)
    return hashes[: bounds[-1]].copy(), bounds


@njit(cache=True, nogil=True)
def jaccard(first: np.ndarray, second: np.ndarray) -> float:
    """Jaccard similarity, 0..1, of two sets of hashes, each (m,) uint64 ascending and distinct; 1 when both
    are empty."""
    i, j, common = 0, 0, 0
    while i < len(first) and j < len(second):
        x, y = first[i], second[j]
        common += x == y
        i += x <= y  # without a branch: which of the two is less cannot be foretold
        j += y <= x
    union = len(first) + len(second) - common
    return common / union if union else 1.0
