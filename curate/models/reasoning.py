"""Models of reasoning quality: a score 0..1, the kind of discourse, and what spoke for and against.

A model averages the logits of three members: trees and a linear model over what a text does
(`kernels.reasoning`), and weights of words and pairs that occur in many origins. Members fitted to each other
(a learnt stack) hold worse on origins never seen. Guards take off what a text gets for going round in
circles and, where it is a proof or a solution, for sentences that could stand in any order; they can only
lower.
`training.reasoning` makes the file; reading it needs neither LightGBM nor scikit-learn. A fastText classifier
may join as a fourth member.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from curate.kernels import reasoning as kernel
from curate.kernels import reasoning_tokens as rt
from curate.kernels import trees as additive
from curate.kernels.words import frozen
from curate.models import fasttext

SCHEMA = "curate/reasoning-model/5"
CLIP = 3.0
"""Standard deviations beyond which a feature says nothing more to the linear members."""
MOST_TAKEN = 4.3
"""What the guard takes off a logit at most: enough to bring a circle out of the best fifth, not enough to
call a short proof that must repeat its words worthless."""
ORDER_LEAVES = 0.3
"""The logit (a score of .57) under which nothing is taken off for sentences that hang together no better than
in random order: enough to take a text out of the best fifth. What it says is still about something."""
STEPWISE, STEPWISE_FADES = ("proof", "worked_solution"), 4.0
"""Kinds of discourse in which the order of sentences shows, and by how much a logit of another kind must be
ahead until nothing is taken off for order: essays and debates can be read in several orders."""
ORDER_TAKES = 0.9
"""Of what is above that so much is taken off at most, so that no two texts become equal."""
WINDOWS, WINDOW = 3, 1500
"""Of a document over WINDOWS * WINDOW bytes so many pieces of so many bytes are read."""


MOST_CERTAIN = 0.9975
"""What a probability of fastText counts as at most, and 1 less as at least: its softmax runs to the ends."""


@dataclass(frozen=True)
class Outside:
    """A fastText classifier as a member. name: its file's; label: index of the one that stands for
    reasoning."""

    classifier: fasttext.FastText
    label: int
    name: str

    def chances(self, data: np.ndarray, pieces: np.ndarray, owners: np.ndarray, n: int) -> np.ndarray:
        """(n,) float64 probability of that label, read off the pieces of each document one behind the other,
        a line end between them; pieces, owners: as `pieces` makes them; 0.5 for a document without any."""
        known, first = np.unique(owners, return_index=True)
        sizes = pieces[:, 1] - pieces[:, 0] + 1  # a line end behind each piece
        ends = np.concatenate([[0], np.cumsum(sizes)])
        text = np.full(int(ends[-1]), 10, np.uint8)
        place = np.arange(len(text)) - np.repeat(ends[:-1] - pieces[:, 0], sizes)
        inside = place < np.repeat(pieces[:, 1], sizes)
        text[inside] = data[place[inside]]
        out = np.full(n, 0.5)
        found = self.classifier.chances(text, np.append(ends[first], ends[-1]), self.label)
        out[known] = np.where(np.isnan(found), 0.5, found)  # of a damaged file
        return out


def outside(path: Path, label: str) -> Outside:
    """A fastText classifier as a member. Raises ValueError with a sentence when the file is none, or has no
    such label."""
    found = fasttext.load(path)
    name = label.removeprefix(fasttext.PREFIX)
    if name not in found.labels:
        some = ", ".join(found.labels[:5]) + (", ..." if len(found.labels) > 5 else "")
        raise ValueError(f"{path} has no label '{name}'. It has: {some}.")
    return Outside(found, found.labels.index(name), path.name)


@dataclass(frozen=True)
class Model:
    """The arrays of a model file, under their names.

    features: (F,) str, names in the kernel's order; kinds: (K,) str, names of discourse. center, scale: (F,)
    float32, what the linear members take off and multiply by. roots .. value: `kernels.trees.Trees`. linear:
    (1, F) float32. discourse: (K, F) float32, discourse_bias: (K,) float32. grams: (G,) uint64 keys of words
    and pairs, weights: (G,) int8. unit: (1,) float32, the worth of weight 1. places: (G, 3) int8, what the
    same words say of a sentence's place (`reasoning_tokens.Table`). biases: (3,) float64 of trees, linear
    and grams. calibration: (2,) float64, slope and shift of the mean logit. guard: (1, F) float32 and
    guard_bias: (1,) float64: what they come to, where it is above 0, is taken off. order: (2, F)
    float32 and order_bias: (2,) float64: likewise of texts like proofs and solutions whose sentences stand in
    random order, and like sentences of many texts.
    outside: a member that is no part of the file.
    """

    features: np.ndarray
    kinds: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    linear: np.ndarray
    discourse: np.ndarray
    discourse_bias: np.ndarray
    grams: np.ndarray
    weights: np.ndarray
    unit: np.ndarray
    places: np.ndarray
    biases: np.ndarray
    calibration: np.ndarray
    guard: np.ndarray
    guard_bias: np.ndarray
    order: np.ndarray
    order_bias: np.ndarray
    outside: Outside | None = None

    @cached_property
    def table(self) -> rt.Table:
        """Words with a class or a weight, by hash."""
        return rt.table(self.grams, self.weights, self.places)

    @cached_property
    def weight_of(self) -> dict[int, int]:
        """Weights by hash."""
        return dict(zip(self.grams.tolist(), self.weights.tolist(), strict=True))

    @cached_property
    def trees(self) -> additive.Trees:
        """The trees."""
        return additive.planted(self.roots, self.feature, self.threshold, self.left, self.right, self.value)


_TYPES: dict[str, type | None] = {
    "features": None,
    "kinds": None,
    "center": np.float32,
    "scale": np.float32,
    "roots": np.int32,
    "feature": np.int16,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "value": np.float32,
    "linear": np.float32,
    "discourse": np.float32,
    "discourse_bias": np.float32,
    "grams": np.uint64,
    "weights": np.int8,
    "unit": np.float32,
    "places": np.int8,
    "biases": np.float64,
    "calibration": np.float64,
    "guard": np.float32,
    "guard_bias": np.float64,
    "order": np.float32,
    "order_bias": np.float64,
}


@dataclass(frozen=True)
class Judged:
    """What a model says of n documents. score: (n,) float32 0..1. words: (n,) int64, words read. kind: (n,)
    int64 index into `kinds`; certainty: (n,) float32, its probability."""

    score: np.ndarray
    words: np.ndarray
    kind: np.ndarray
    certainty: np.ndarray


@dataclass(frozen=True)
class Contribution:
    """One thing that moved a score. what: in words; value: its size in the text; weight: its part of the
    logit, above 0 when it speaks for reasoning."""

    what: str
    value: float
    weight: float


def packaged() -> Path:
    """The English model; its card lies beside it."""
    return Path(__file__).parents[1] / "data/models/reasoning-en.npz"


@cache
def load(path: Path) -> Model:
    """Reads a model once per process. Raises ValueError with a sentence when the file is none."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError(f"{path} is not a reasoning model: it does not begin as one (.npz).")
    try:
        with np.load(path, allow_pickle=False) as stored:
            schema = str(stored["schema"])
            arrays = {
                name: stored[name] if dtype is None else frozen(stored[name], dtype)
                for name, dtype in _TYPES.items()
            }
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is not a reasoning model, or cut off: {error}") from None
    model = Model(**arrays)  # type: ignore[arg-type]  # arrays all, and no member from outside
    if schema != SCHEMA or tuple(model.features.tolist()) != kernel.FEATURES:
        raise ValueError(f"{path} was made by another version of curate ('{schema}'). Train it again.")
    if problem := _problem(model):
        raise ValueError(f"{path} is a damaged reasoning model: {problem}.")
    return model


def save(path: Path, model: Model) -> None:
    """Writes a model; equal models are equal bytes."""
    parts: dict[str, Any] = {name: getattr(model, name) for name in _TYPES}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, schema=np.array(SCHEMA), **parts)


def pieces(offsets: np.ndarray, judged: np.ndarray, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """((m, 2) int64 first and end byte, (m,) int64 document): all of a text of at most count * size bytes,
    else `count` pieces of it, evenly spaced from its beginning to its end; of documents where judged, (n,)
    bool."""
    sizes = np.diff(offsets)
    long = sizes > count * size
    owners = np.repeat(np.arange(len(sizes)), np.where(judged, np.where(long, count, 1), 0))
    number = np.arange(len(owners)) - np.searchsorted(owners, owners)
    length = np.where(long, size, sizes)[owners]
    begin = offsets[:-1][owners] + (sizes[owners] - length) * number // max(count - 1, 1)
    return np.stack([begin, begin + length], 1), owners


def judge(
    model: Model,
    data: np.ndarray,
    offsets: np.ndarray,
    judged: np.ndarray | None = None,
    windows: int = WINDOWS,
    window: int = WINDOW,
) -> Judged:
    """Judges the documents data[offsets[i]:offsets[i + 1]], data: (n_bytes,) uint8, offsets: (n + 1,) int64;
    judged: (n,) bool, None for all, others get meaningless values and 0 words. The same bits in any batch."""
    n = len(offsets) - 1
    chosen = np.ones(n, bool) if judged is None else judged
    read = pieces(offsets, chosen, windows, window)
    rows, grams = kernel.features(data, *read, n, model.table)
    other = model.outside.chances(data, *read, n) if model.outside else None
    kinds = _kinds(model, _standard(model, rows))
    likely = kinds.argmax(1) if n else np.zeros(0, np.int64)
    # Not np.exp over the whole table: each row by itself, so that no bit depends on the batch.
    spread = np.exp(kinds - kinds.max(1, keepdims=True)).sum(1) if n else np.ones(0)
    length = rows[:, kernel.FEATURES.index("length")]
    words = np.where(chosen, np.rint(np.exp(length.astype(np.float64))), 0).astype(np.int64)
    return Judged(_probability(model, rows, grams, other), words, likely, (1 / spread).astype(np.float32))


def score(model: Model, data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(n,) float32 scores 0..1 of all documents."""
    return judge(model, data, offsets).score


def discourse(model: Model, data: np.ndarray, offsets: np.ndarray) -> list[str]:
    """The likeliest kind of discourse of each document."""
    return model.kinds[judge(model, data, offsets).kind].tolist()


def logits(model: Model, rows: np.ndarray, grams: np.ndarray) -> np.ndarray:
    """(n, 3) float64: what trees, linear model and grams say, before they are averaged."""
    out = np.repeat(model.biases[None], len(rows), 0)
    of_trees, of_linear = np.zeros(len(rows)), np.zeros((len(rows), 1))
    additive.tree_sums(rows, model.trees, of_trees)
    additive.linear_sums(_standard(model, rows), model.linear, of_linear)
    out[:, 0] += of_trees
    out[:, 1] += of_linear[:, 0]
    out[:, 2] += gram_logits(grams, float(model.unit[0]))
    return out


def gram_logits(grams: np.ndarray, unit: float) -> np.ndarray:
    """(n,) float64: the sum of weights over the root of their number, so that length alone says nothing."""
    total, count = grams.astype(np.float64).T
    return unit * total / np.sqrt(np.maximum(count, 1))


def explain(
    model: Model, text: str, most: int = 5, windows: int = WINDOWS, window: int = WINDOW
) -> list[Contribution]:
    """What moved the score of a text most, strongest first; words that speak for or against it are one."""
    data = np.frombuffer(text.encode(), np.uint8)
    offsets = np.array([0, len(data)])
    read = pieces(offsets, np.ones(1, bool), windows, window)
    rows, grams = kernel.features(data, *read, 1, model.table)
    parts = np.zeros(len(kernel.FEATURES))
    additive.tree_parts(rows[0], model.trees, parts)
    parts += _standard(model, rows)[0].astype(np.float64) * model.linear[0]
    share = model.calibration[0] / (4 if model.outside else 3)
    parts *= share
    found = [Contribution(kernel.MEANINGS[i], float(rows[0, i]), float(parts[i])) for i in range(len(parts))]
    found.append(_of_grams(model, text, grams, share))
    before = share * float(logits(model, rows, grams).sum()) + float(model.calibration[1])
    if model.outside:
        chance = float(model.outside.chances(data, *read, 1)[0])
        weight = float(_certainty(np.array([chance]))[0]) * share
        found.append(Contribution(f"the classifier {model.outside.name}", chance, weight))
        before += weight
    for what, taken in zip(TAKEN_FOR, penalties(model, rows, np.array([before])), strict=True):
        if taken[0]:
            found.append(Contribution(what, float(taken[0]), -float(taken[0])))
    return sorted(found, key=lambda c: -abs(c.weight))[:most]


def _of_grams(model: Model, text: str, grams: np.ndarray, share: float) -> Contribution:
    weight = float(gram_logits(grams, float(model.unit[0]))[0] + model.biases[2]) * share
    known = model.weight_of
    words = dict.fromkeys(text.lower().replace("’", "'").split())
    sign = 1 if weight > 0 else -1
    ranked = sorted((w.strip('.,;:!?()"') for w in words), key=lambda w: -sign * known.get(rt.key_of(w), 0))
    return Contribution(f"its words ({', '.join(dict.fromkeys(ranked[:3]))})", float(grams[0, 1]), weight)


def _standard(model: Model, rows: np.ndarray) -> np.ndarray:
    """(n, F) float32: features as the linear members see them."""
    return np.clip((rows - model.center) * model.scale, np.float32(-CLIP), np.float32(CLIP))


TAKEN_FOR = ("it goes round in circles", "its sentences could stand in any order")


def penalties(model: Model, rows: np.ndarray, logit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is taken off logits, (n,) float64, for each of TAKEN_FOR: (n,) float64 each, 0 and up."""
    standard = _standard(model, rows)
    circles = _over(standard, model.guard, model.guard_bias)[:, 0].clip(0, MOST_TAKEN)
    mixed, salad = _over(standard, model.order, model.order_bias).clip(0).T
    order = mixed * _stepwise(model, standard) + salad
    return circles, np.minimum(order, ORDER_TAKES * np.maximum(logit - circles - ORDER_LEAVES, 0))


def _stepwise(model: Model, standard: np.ndarray) -> np.ndarray:
    """(n,) float64: 1 where a kind of STEPWISE is likeliest, 0 where another is ahead by STEPWISE_FADES."""
    steps = np.isin(model.kinds, STEPWISE)
    if steps.all() or not steps.any():
        return np.full(len(standard), float(steps.any()))
    kinds = _kinds(model, standard)
    ahead = kinds[:, steps].max(1) - kinds[:, ~steps].max(1)
    return (1 + ahead / STEPWISE_FADES).clip(0, 1)


def _kinds(model: Model, standard: np.ndarray) -> np.ndarray:
    """(n, k) float64: a logit for each of the model's kinds of discourse."""
    return _over(standard, model.discourse, model.discourse_bias.astype(np.float64))


def _over(standard: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(n, k) float64: sums of weights, (k, F), and biases, (k,)."""
    out = np.repeat(bias[None], len(standard), 0)
    additive.linear_sums(standard, weights, out)
    return out


def _certainty(chances: np.ndarray) -> np.ndarray:
    """Logits of probabilities, kept from the ends."""
    kept = np.clip(chances, 1 - MOST_CERTAIN, MOST_CERTAIN)
    return np.log(kept / (1 - kept))


def _probability(
    model: Model, rows: np.ndarray, grams: np.ndarray, other: np.ndarray | None = None
) -> np.ndarray:
    """other: (n,) probabilities of a fourth member."""
    slope, shift = model.calibration
    said = logits(model, rows, grams)
    mean = said.mean(1) if other is None else (said.sum(1) + _certainty(other)) / 4
    logit = slope * mean + shift
    logit -= np.sum(penalties(model, rows, logit), 0)
    return (1 / (1 + np.exp(-logit))).astype(np.float32)


def _problem(model: Model) -> str | None:
    """Why a kernel would read outside of the arrays, or give no number."""
    nodes, size = len(model.feature), len(kernel.FEATURES)
    parts = (model.threshold, model.left, model.right, model.value)
    of_words = (len(model.weights), model.places.shape) == (len(model.grams), (len(model.grams), 3))
    if any(len(part) != nodes for part in parts) or not of_words:
        return "its parts do not fit together"
    one, two = (1, size), (2, size)
    shapes = [getattr(model, name).shape for name in ("center", "scale", "linear", "guard", "order")]
    discourse = model.discourse.shape == (len(model.kinds), size)
    fit = shapes == [(size,), (size,), one, one, two] and len(model.order_bias) == 2
    if not fit or not discourse or len(model.biases) != 3:
        return "it has not one weight for each feature"
    inner = np.flatnonzero(model.feature >= 0)
    below = np.minimum(model.left[inner], model.right[inner])
    above = np.maximum(model.left[inner], model.right[inner])
    if np.any(below <= inner) or np.any(above >= nodes) or np.any(model.feature >= size):
        return "its trees lead nowhere"
    if len(model.roots) and (model.roots.min() < 0 or model.roots.max() >= nodes):
        return "its trees lead nowhere"
    names = "value linear discourse calibration biases unit guard guard_bias order order_bias"
    numbers = [getattr(model, name) for name in names.split()]
    return None if all(np.isfinite(a).all() for a in numbers) else "some of its weights are no numbers"
