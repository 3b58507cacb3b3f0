"""Makes a model for stage `reasoning` from labelled passages of many origins.

Everything is chosen and reported by leaving origins out: a random split says .99 where unseen origins say .85
(the members learn topics). Origins are balanced, so that none decides alone; words and pairs are only learnt
where several origins have them. LightGBM and scikit-learn are needed here, and not to score.
"""

from __future__ import annotations

import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from curate.documents import Batch
from curate.errors import UsageError
from curate.kernels import reasoning as kernel
from curate.kernels import reasoning_tokens as rt
from curate.models import reasoning as models

ORIGINS_OF_GRAM, DOCUMENTS_OF_GRAM = 6, 12
"""In how many origins and passages a word or pair must occur to be learnt: fewer make it a topic."""
GRAMS_KEPT = 16_000
GRAMS_FREE = 8.0
"""Inverse of the penalty on weights of words and pairs; this also sets how far they are heard beside the
trees."""
LINEAR_SHARE = 0.25
"""What the logit of the linear model counts to those of trees and of words: it tells least by itself."""
FOLDS = 10
TREES = 250
LEAST_ROWS = 10
"""Passages of one label that an origin must have to be reported."""
NEAREST = 5
LENGTHS = 1.5
"""How many passages of the other label, nearest in topic and at most so many times as long or short, each
passage is compared with in `Report.matched`."""


ORDER = (
    "next", "skip", "far", "order", "isolated", "stale", "returned", "reused", "grounded", "dangling", "late",
    "premise_first", "given", "known", "hops", "chain", "ends_in_question",
)  # fmt: skip
"""Features that change with the order of sentences."""
CIRCULAR = "circular"
"""The kind of passages made of assertions whose only reason is themselves: no member learns from them, since
they would teach it that reasons mean nothing, but the guard does."""
GUARDED = (
    "empty", "fresh", "variety_of_words", "stale", "inside", "next", "far", "numbers", "symbols",
    "grammar_share",
)  # fmt: skip
GUARD_STRENGTH, SPARED = 4.0, 0.995
"""What a logit of the guard takes off, beyond what SPARED of the texts that reason have."""
SHORT_WORDS = 25
"""Words of the beginnings from which the guard learns what short texts are like."""
ORDER_TRUST = 0.6
"""How much it counts that a text is ahead of itself shuffled, to how much labels count."""


SALAD = 8
"""Sentences of a text that is made of as many."""
PLACED = ("in_place", "first", "last", "rising")
"""Features that come from what words say of a sentence's place."""
ORDERLY = (
    "next", "isolated", "dangling", "late", "premise_first", "hops", "chain", "ends_in_question", "near",
    "near_symbols", *PLACED, "once_first", "unopened", "length", "variety_of_words", "symbols", "numbers",
)  # fmt: skip
"""Features by which the guards against sentences in random order, and of many texts, judge."""
STEPWISE_TRUST = 3.0
"""How much more proofs and solutions count for the places of sentences."""
MIXED, SALADS = (8.0, 0.86), (2.0, 0.95)
"""What a logit of these guards takes off, beyond what such a share of the proofs and solutions (of the texts
that reason) have."""
ORIGINS_OF_PLACE, SENTENCES_OF_PLACE = 5, 15
"""In how many origins and sentences a word must occur to say something of a sentence's place."""
PAIRS_OF_PLACE, PLACE_STEPS, PLACE_PARTS = 12, 30, 4
"""Pairs of sentences of a text that are compared; steps after which these models stop; parts of the origins,
each of which is judged by what words say in the others."""


class Places(NamedTuple):
    """What words and pairs say of the place of sentences. keys: (m,) uint64; values: (m, 3) int8."""

    keys: np.ndarray
    values: np.ndarray


class Sentences(NamedTuple):
    """A text in its own order. keys: (m,) uint64 of its words, pairs and marks; places: (m,) int64, the
    sentence of each, from 0."""

    origin: str
    kind: str | None
    keys: np.ndarray
    places: np.ndarray


class Row(NamedTuple):
    """A labelled passage. label: 1 reasons, 0 does not. kind: of discourse, None if unknown. weight: how much
    the label is trusted. origin: where it comes from; what is made of an origin bears its name. real: False
    for what was made to be learnt and is not reported."""

    text: str
    label: int
    origin: str
    kind: str | None = None
    weight: float = 1.0
    real: bool = True


@dataclass
class Report:
    """What leaving origins out says.

    scores: (n,) float32, calibrated, of every row by models that saw nothing of its origin. auc: by origin,
    its rows against all rows of other origins with the other label, the mean over its labels. matched: by
    origin, how often its rows are on the right side of the NEAREST rows of the other label in topic and
    length. ece: expected calibration error over ten bins, origins balanced. counts: by origin, rows that do
    not reason and rows that do. fold, models: (n,) int64 which of the models did not see a row's origin.
    """

    scores: np.ndarray
    fold: np.ndarray
    models: list[models.Model]
    auc: dict[str, float] = field(default_factory=dict)
    matched: dict[str, float] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    ece: float = 0.0

    @property
    def mean_auc(self) -> float:
        """Over origins."""
        return float(np.mean(list(self.auc.values()))) if self.auc else float("nan")

    @property
    def mean_matched(self) -> float:
        """Over origins."""
        return float(np.mean(list(self.matched.values()))) if self.matched else float("nan")


@dataclass
class Data:
    """Rows as members see them.

    texts: (n,) str; rows: (n, F) float32 features. Of texts that reason: changed: as their sentences were put
    in another order (mixed), their beginning (opening), and sentences of eight texts of the same origin
    (salad), "" for others; mixed, opening, salad: (n, F) features of these, NaN for others. ordered: texts of
    the same origins from which the places of sentences are learnt. Features of PLACED are 0 until `placed`.
    grams: the keys of all rows, bounds: (n + 1,) where each begins.
    """

    texts: np.ndarray
    changed: dict[str, np.ndarray]
    ordered: list[Sentences]
    rows: np.ndarray
    mixed: np.ndarray
    opening: np.ndarray
    salad: np.ndarray
    grams: np.ndarray
    bounds: np.ndarray
    labels: np.ndarray
    origins: np.ndarray
    kinds: list[str | None]
    trust: np.ndarray
    real: np.ndarray

    def take(self, chosen: np.ndarray) -> Data:
        """The rows at `chosen`, (m,) int64, and what is ordered of their origins."""
        origins = set(self.origins[chosen].tolist())
        parts = [self.grams[self.bounds[i] : self.bounds[i + 1]] for i in chosen]
        return Data(
            self.texts[chosen],
            {name: some[chosen] for name, some in self.changed.items()},
            [some for some in self.ordered if some.origin in origins],
            self.rows[chosen],
            self.mixed[chosen],
            self.opening[chosen],
            self.salad[chosen],
            np.concatenate([*parts, np.zeros(0, np.uint64)]),
            np.cumsum([0, *map(len, parts)]),
            self.labels[chosen],
            self.origins[chosen],
            [self.kinds[i] for i in chosen],
            self.trust[chosen],
            self.real[chosen],
        )


def train(rows: Sequence[Row], seed: int = 17, ordered: Sequence[Row] = ()) -> tuple[models.Model, Report]:
    """A model and what is to be expected of it. ordered: more texts of the same origins, from which nothing
    is learnt but where in a text their sentences stand. The same rows in the same order give the same bytes.
    Raises UsageError when there are too few origins of either label to leave any out."""
    import sklearn.linear_model  # noqa: F401  only threads of what is loaded can be limited
    from threadpoolctl import threadpool_limits

    data = prepare(rows, seed, ordered)
    origins = [len(np.unique(data.origins[data.labels == label])) for label in (0, 1)]
    if min(origins) < 3:
        raise UsageError(
            f"passages that reason come from {origins[1]} origins, others from {origins[0]}: each needs 3 "
            "and more, since a model is judged by origins that it has not seen. Add data from other "
            "places."
        )
    with threadpool_limits(1):  # sums of several threads have other bits than those of one
        logits, report = left_out(data, seed)
        judge(report, data)
        return calibrated(fit(data, seed), logits, data), report


def prepare(rows: Sequence[Row], seed: int = 17, ordered: Sequence[Row] = ()) -> Data:
    """Reads the texts once, and those that reason once more in another order, their beginnings, and
    sentences of several."""
    rng = random.Random(seed)
    good = [bool(row.label and row.real) for row in rows]
    changed = {
        "mixed": _texts(
            [shuffled(r.text, rng) if g else r.text for r, g in zip(rows, good, strict=True)], rows
        ),
        "opening": _texts(
            [beginning(r.text) if g else r.text for r, g in zip(rows, good, strict=True)], rows
        ),
        "salad": _texts(_salads(rows, rng), rows),
    }
    batch, pieces, table = _read([row.text for row in rows])
    keys, bounds = kernel.grams(batch.data, *pieces, len(rows), table)
    unique = [np.unique(keys[a:b]) for a, b in pairwise(bounds)]
    texts = [row.text for row in rows]
    return Data(
        np.array(texts, object),
        changed,
        _sentences([*(row for row, g in zip(rows, good, strict=True) if g), *ordered]),
        _features(texts),
        _changed(changed["mixed"]),
        _changed(changed["opening"]),
        _changed(changed["salad"]),
        np.concatenate(unique),
        np.cumsum([0, *map(len, unique)]),
        np.array([row.label for row in rows]),
        np.array([row.origin for row in rows]),
        [row.kind for row in rows],
        np.array([row.weight for row in rows]),
        np.array([row.real for row in rows]),
    )


def _sentences(rows: Sequence[Row]) -> list[Sentences]:
    """The sentences of texts that have four and more."""
    batch, pieces, table = _read([row.text for row in rows])
    keys, places, bounds = kernel.sentence_grams(batch.data, *pieces, len(rows), table)
    found = [
        Sentences(row.origin, row.kind, keys[a:b].copy(), places[a:b] - places[a:b].min(initial=1 << 60))
        for row, (a, b) in zip(rows, pairwise(bounds), strict=True)
    ]
    return [some for some in found if some.places.max(initial=0) >= 3]


def _texts(changed: Sequence[str], rows: Sequence[Row]) -> np.ndarray:
    """(n,) str, "" for texts that are those of the rows."""
    return np.array(["" if new == row.text else new for new, row in zip(changed, rows, strict=True)], object)


def _salads(rows: Sequence[Row], rng: random.Random) -> list[str]:
    by_origin: dict[str, list[str]] = {}
    for row in rows:
        if row.label and row.real:
            by_origin.setdefault(row.origin, []).append(row.text)
    return [
        salad(by_origin[row.origin], rng)
        if row.label and row.real and len(by_origin[row.origin]) >= 2 * SALAD
        else row.text
        for row in rows
    ]


def _read(texts: Sequence[str]) -> tuple[Batch, tuple[np.ndarray, np.ndarray], rt.Table]:
    batch = Batch.of(list(texts))
    pieces = models.pieces(batch.offsets, np.ones(len(texts), bool), models.WINDOWS, models.WINDOW)
    return batch, pieces, rt.table(np.zeros(0, np.uint64), np.zeros(0, np.int8))


def _features(texts: Sequence[str], places: Places | None = None) -> np.ndarray:
    batch, pieces, table = _read(texts)
    if places is not None:
        table = rt.table(places.keys, np.zeros(len(places.keys), np.int8), places.values)
    return kernel.features(batch.data, *pieces, len(texts), table)[0]


def _changed(texts: np.ndarray, places: Places | None = None) -> np.ndarray:
    """(n, F) features of texts, NaN for empty ones."""
    done = texts != ""
    out = np.full((len(texts), len(kernel.FEATURES)), np.nan, np.float32)
    out[done] = _features(texts[done].tolist(), places)
    return out


def parts(text: str) -> tuple[list[str], list[str]]:
    """(sentences, roughly what ends with . ? or ! before a space, what stands between them)."""
    found = re.split(r"(?<=[.?!])(\s+)", text.strip())
    return found[::2], found[1::2]


def together(some: Sequence[str], between: Sequence[str]) -> str:
    """Sentences with the line ends and blanks that a text had, so that nothing else tells it from that
    text."""
    return "".join(one + gap for one, gap in zip(some, [*between, ""], strict=False))


def shuffled(text: str, rng: random.Random) -> str:
    """The same sentences in another order; the text itself under four sentences."""
    some, between = parts(text)
    return text if len(some) < 4 else together(rng.sample(some, len(some)), between)


def salad(texts: Sequence[str], rng: random.Random) -> str:
    """Sentences, each of another text."""
    return " ".join(rng.choice(parts(text)[0]) for text in rng.sample(list(texts), SALAD))


def beginning(text: str) -> str:
    """Its first sentences, as few as have SHORT_WORDS words: a proof of three lines says few things, and
    says them twice."""
    some, between = parts(text)
    for n in range(1, len(some)):
        if sum(len(sentence.split()) for sentence in some[:n]) >= SHORT_WORDS:
            return together(some[:n], between[: n - 1])
    return text


def fit(everything: Data, seed: int) -> models.Model:
    """All members on all rows; not calibrated."""
    everything, places = placed(everything, seed)
    circular = np.array([kind == CIRCULAR for kind in everything.kinds])
    data = everything.take(np.flatnonzero(~circular))
    trust = weights(data)
    center, scale = data.rows.mean(0), 1 / np.maximum(data.rows.std(0), 1e-3)

    def standard(rows: np.ndarray) -> np.ndarray:
        return np.clip((rows - center) * scale, -models.CLIP, models.CLIP)

    plain = standard(data.rows)
    trees, tree_bias = fit_trees(data, trust, seed)
    steps = _steps(data, center, scale)
    linear, linear_bias = fit_linear(plain, steps, data.labels, trust)
    keys, values, unit, gram_bias = fit_grams(data, trust)
    keys, values, of_place = joined(keys, values, places)
    mixed = np.flatnonzero(np.isfinite(data.mixed).all(1))
    kinds, discourse, discourse_bias = fit_discourse(
        np.concatenate([plain, standard(data.mixed[mixed])]),
        [*data.kinds, *(data.kinds[i] for i in mixed)],
        np.concatenate([data.trust, data.trust[mixed]]),
    )
    opening = standard(data.opening[np.isfinite(data.opening).all(1)])
    good = np.concatenate([plain[(data.labels == 1) & data.real], opening])
    guard, guard_bias = fit_guard(good, standard(everything.rows[circular]))
    order, order_bias = fit_order(data, standard)
    return models.Model(
        np.array(kernel.FEATURES),
        kinds,
        center.astype(np.float32),
        scale.astype(np.float32),
        **trees,  # type: ignore[arg-type]  # arrays all, and no member from outside
        linear=linear.astype(np.float32),
        discourse=discourse.astype(np.float32),
        discourse_bias=discourse_bias.astype(np.float32),
        grams=keys,
        weights=values,
        unit=np.array([unit], np.float32),
        places=of_place,
        biases=np.array([tree_bias, linear_bias, gram_bias]),
        calibration=np.array([1.0, 0.0]),
        guard=guard.astype(np.float32),
        guard_bias=np.array([guard_bias]),
        order=order.astype(np.float32),
        order_bias=order_bias,
    )


def placed(data: Data, seed: int) -> tuple[Data, Places]:
    """The data with the features of PLACED, of each origin by what words say elsewhere; what they say in
    all."""
    part = folds(data, seed, PLACE_PARTS)
    out = replace(data, **{name: getattr(data, name).copy() for name in ("rows", *data.changed)})
    for k in range(part.max() + 1):
        here = np.flatnonzero(part == k)
        places = fit_places(data.take(np.flatnonzero(part != k)), seed)
        out.rows[here] = _features(data.texts[here].tolist(), places)
        for name in ("mixed", "salad"):
            getattr(out, name)[here] = _changed(data.changed[name][here], places)
    return out, fit_places(data, seed)


def fit_places(data: Data, seed: int) -> Places:
    """What words and pairs of several origins say of the place of a sentence in texts that reason: whether it
    comes later than another of its text, is the first one, or the last."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    texts = data.ordered
    if not texts:
        return Places(np.zeros(0, np.uint64), np.zeros((0, 3), np.int8))
    counts = np.array([text.places.max() + 1 for text in texts])
    starts = np.concatenate([[0], np.cumsum(counts)])
    origins, origin = np.unique([text.origin for text in texts], return_inverse=True)
    keys, index = np.unique(np.concatenate([text.keys for text in texts]), return_inverse=True)
    sizes = [len(text.keys) for text in texts]
    row = np.concatenate([text.places + start for text, start in zip(texts, starts, strict=False)])
    seen = np.unique(index.astype(np.int64) * len(origins) + np.repeat(origin, sizes)) // len(origins)
    wide, often = np.bincount(seen, minlength=len(keys)), np.bincount(index, minlength=len(keys))
    known = (wide >= min(ORIGINS_OF_PLACE, len(origins))) & (often >= SENTENCES_OF_PLACE)
    column = np.cumsum(known) - 1
    kept = known[index]
    size = (int(starts[-1]), int(known.sum()))
    if not known.any():
        return Places(np.zeros(0, np.uint64), np.zeros((0, 3), np.int8))
    table = sparse.csr_matrix((np.ones(kept.sum()), (row[kept], column[index[kept]])), size)
    stepwise = np.where([text.kind in models.STEPWISE for text in texts], STEPWISE_TRUST, 1.0)
    trust = stepwise * (1 / np.sqrt(np.bincount(origin)))[origin]
    one, other = (rng.integers(0, counts, (PAIRS_OF_PLACE, len(counts))) for _ in range(2))
    early, late = (pick(one, other) + starts[:-1] for pick in (np.minimum, np.maximum))
    differ = early != late
    sign = np.where(np.arange(differ.sum()) % 2, 1.0, -1.0)
    steps = sparse.diags(sign) @ (table[late[differ]] - table[early[differ]])
    shares = np.broadcast_to(trust, differ.shape)[differ]
    model = LogisticRegression(C=0.005, fit_intercept=False, max_iter=PLACE_STEPS)
    found = [_stopped(model, steps, sign > 0, shares)]
    shares = np.repeat(trust, counts)
    for ends in (starts[:-1], starts[1:] - 1):
        answers = np.zeros(size[0], bool)
        answers[ends] = True
        model = LogisticRegression(C=0.02, max_iter=PLACE_STEPS)
        found.append(_stopped(model, table, answers, shares))
    values = np.clip(np.rint(np.stack(found, 1) / rt.PLACE_UNIT), -127, 127).astype(np.int8)
    return Places(keys[known], values)


def _stopped(model: Any, table: Any, answers: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The weights of a linear model after its steps: where it would end says no more of other origins."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit(table, answers, shares / shares.mean()).coef_[0])


def joined(keys: np.ndarray, values: np.ndarray, places: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(keys of either, their weights, what they say of places), without those that say nothing."""
    both = np.union1d(keys, places.keys)
    weights, of_place = np.zeros(len(both), np.int8), np.zeros((len(both), 3), np.int8)
    weights[np.searchsorted(both, keys)] = values
    of_place[np.searchsorted(both, places.keys)] = places.values
    kept = (weights != 0) | of_place.any(1)
    return both[kept], weights[kept], of_place[kept]


def fit_order(data: Data, standard: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (2, F) and biases (2,) that tell proofs and solutions from their sentences in random order,
    and texts that reason from sentences of many such texts; a text loses what exceeds the last share of those
    in order."""
    from sklearn.linear_model import LogisticRegression

    good = (data.labels == 1) & data.real & np.isfinite(data.mixed).all(1)
    steps = good & np.array([kind in models.STEPWISE for kind in data.kinds])
    sizes = np.unique(data.origins, return_counts=True)[1]
    trust = (1 / np.sqrt(sizes))[np.unique(data.origins, return_inverse=True)[1]]
    chosen = np.isin(kernel.FEATURES, ORDERLY)
    weights, biases = np.zeros((2, len(kernel.FEATURES))), np.zeros(2)
    for i, (some, spoilt, strength, spared) in enumerate(
        ((steps, data.mixed, *MIXED), (good, data.salad, *SALADS))
    ):
        bad = some & np.isfinite(spoilt).all(1)
        if np.count_nonzero(bad) < LEAST_ROWS:
            continue
        whole = standard(data.rows[some]) * chosen
        table = np.concatenate([whole, standard(spoilt[bad]) * chosen])
        answers = np.repeat([0, 1], [len(whole), len(table) - len(whole)])
        shares = np.concatenate([trust[some], trust[bad]])
        found = LogisticRegression(C=0.1, max_iter=1000).fit(table, answers, shares / shares.mean())
        weights[i] = found.coef_[0] * strength
        biases[i] = -np.quantile(whole @ weights[i], spared)
    return weights, biases


def fit_guard(good: np.ndarray, circles: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights (1, F) and bias that tell circular assertion from what reasons; no guard without examples."""
    from sklearn.linear_model import LogisticRegression

    chosen = np.isin(kernel.FEATURES, GUARDED)
    if len(circles) < LEAST_ROWS:
        return np.zeros((1, len(chosen))), 0.0
    table = np.concatenate([good, circles]) * chosen
    answers = np.repeat([0, 1], [len(good), len(circles)])
    weights = LogisticRegression(C=1.0, max_iter=1000).fit(table, answers).coef_ * GUARD_STRENGTH
    return weights, -float(np.quantile(good @ weights[0], SPARED))


def weights(data: Data) -> np.ndarray:
    """(n,) float64, mean 1: an origin counts by the root of its rows, and both labels alike."""
    sizes = Counter(data.origins.tolist())
    out = data.trust / np.sqrt([sizes[origin] for origin in data.origins.tolist()])
    for label in (0, 1):
        out[data.labels == label] /= max(out[data.labels == label].sum(), 1e-9)
    return out * len(out) / out.sum()


def fit_trees(data: Data, trust: np.ndarray, seed: int) -> tuple[dict[str, np.ndarray], float]:
    """Boosted trees as flat arrays, and their common bias."""
    import lightgbm

    booster = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": 48,
            "max_depth": 9,
            "learning_rate": 0.07,
            "extra_trees": True,
            "min_data_in_leaf": 20,
            "feature_fraction": 0.25,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "lambda_l2": 5.0,
            "seed": seed,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        },
        lightgbm.Dataset(data.rows, data.labels, weight=trust),
        TREES,
    )
    return flat(booster.dump_model()["tree_info"])


def flat(trees: list[dict[str, Any]]) -> tuple[dict[str, np.ndarray], float]:
    """LightGBM's trees as the arrays of `kernels.trees`; each root's mean goes into the bias."""
    roots: list[int] = []
    nodes: list[tuple[int, float, int, int, float]] = []
    bias = 0.0

    def add(node: dict[str, Any], shift: float) -> int:
        number = len(nodes)
        nodes.append((-1, 0.0, 0, 0, node.get("leaf_value", node.get("internal_value", 0.0)) - shift))
        if "left_child" in node:
            left, right = add(node["left_child"], shift), add(node["right_child"], shift)
            threshold = np.nextafter(np.float32(node["threshold"]), np.float32(np.inf))
            nodes[number] = (node["split_feature"], threshold, left, right, nodes[number][4])
        return number

    for tree in trees:
        structure = tree["tree_structure"]
        mean = structure.get("internal_value", structure.get("leaf_value", 0.0))
        roots.append(add(structure, mean))
        bias += mean
    columns = list(zip(*nodes, strict=True))
    names = ("feature", "threshold", "left", "right", "value")
    types = (np.int16, np.float32, np.int32, np.int32, np.float32)
    arrays = {n: np.array(c, t) for n, c, t in zip(names, columns, types, strict=True)}
    return {"roots": np.array(roots, np.int32), **arrays}, bias


def _steps(data: Data, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """(k, F): by how much texts are ahead of themselves shuffled, in the features of ORDER."""
    known = ~np.isnan(data.mixed[:, 0])
    before, after = (
        np.clip((some[known] - center) * scale, -models.CLIP, models.CLIP) for some in (data.rows, data.mixed)
    )
    return (before - after) * np.isin(kernel.FEATURES, ORDER)


def fit_linear(
    standard: np.ndarray, steps: np.ndarray, labels: np.ndarray, trust: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights (1, F) and bias of a logistic model of labels and, by ORDER_TRUST, of the order of
    sentences."""
    from sklearn.linear_model import LogisticRegression

    count = max(len(steps), 1)
    table = np.concatenate([standard, steps, -steps])
    answers = np.concatenate([labels, np.ones(len(steps)), np.zeros(len(steps))])
    shares = np.full(2 * len(steps), ORDER_TRUST * trust.sum() / count / 2)
    found = LogisticRegression(C=0.001, max_iter=500).fit(table, answers, np.concatenate([trust, shares]))
    return LINEAR_SHARE * found.coef_, LINEAR_SHARE * float(found.intercept_[0])


def fit_grams(data: Data, trust: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Words and pairs of several origins: (keys, int8 weights, the worth of weight 1, bias)."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    keys, columns, chosen = vocabulary(data)
    rows = np.repeat(np.arange(len(data.labels)), np.diff(data.bounds))[chosen]
    counts = np.maximum(np.bincount(rows, minlength=len(data.labels)), 1)
    table = sparse.csr_matrix((1 / np.sqrt(counts[rows]), (rows, columns)), (len(data.labels), len(keys)))
    found = LogisticRegression(C=GRAMS_FREE, max_iter=300).fit(table, data.labels, trust)
    unit = max(float(np.abs(found.coef_).max()), 1e-6) / 127
    values = np.rint(found.coef_[0] / unit).astype(np.int8)
    kept = values != 0
    return keys[kept], values[kept], unit, float(found.intercept_[0])


def vocabulary(data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(keys of words and pairs to learn, for each of their occurrences the index into keys, (m,) bool the
    occurrences among data.grams)."""
    owners = np.repeat(np.arange(len(data.labels)), np.diff(data.bounds))
    keys, index, counts = np.unique(data.grams, return_inverse=True, return_counts=True)
    _, origins = np.unique(data.origins, return_inverse=True)
    seen = np.unique(index.astype(np.int64) * (origins.max() + 1) + origins[owners]) // (origins.max() + 1)
    wide = np.bincount(seen, minlength=len(keys))
    score = np.where((wide >= ORIGINS_OF_GRAM) & (counts >= DOCUMENTS_OF_GRAM), wide * 1e6 + counts, 0)
    kept = np.sort(np.argsort(-score, kind="stable")[: min(GRAMS_KEPT, np.count_nonzero(score))])
    place = np.full(len(keys), -1)
    place[kept] = np.arange(len(kept))
    chosen = place[index] >= 0
    return keys[kept], place[index][chosen], chosen


def fit_discourse(
    standard: np.ndarray, kinds: Sequence[str | None], trust: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(names, weights (K, F), biases (K,)) of a multinomial model; nothing where no row has a kind. trust:
    (n,), how far each row's is trusted. Texts in another order are among the rows: a proof is one in any
    order, or its order could not be judged."""
    from sklearn.linear_model import LogisticRegression

    known = np.array([kind is not None for kind in kinds])
    names = np.array([kind for kind in kinds if kind is not None], str)
    if len(np.unique(names)) < 3:
        return np.array(["unknown"]), np.zeros((1, standard.shape[1])), np.zeros(1)
    balance = 1 / np.sqrt(np.unique(names, return_counts=True)[1])[np.unique(names, return_inverse=True)[1]]
    balance *= trust[known]
    found = LogisticRegression(C=0.1, max_iter=300).fit(standard[known], names, balance / balance.mean())
    return found.classes_, found.coef_, found.intercept_


def member_logits(model: models.Model, data: Data) -> np.ndarray:
    """(n, 3): `models.logits` of prepared rows."""
    order = np.argsort(model.grams)
    keys, values = model.grams[order], model.weights[order]
    at = np.minimum(np.searchsorted(keys, data.grams), max(len(keys) - 1, 0))
    hit = (keys[at] == data.grams) & (values[at] != 0) if len(keys) else np.zeros(len(data.grams), bool)
    owners = np.repeat(np.arange(len(data.labels)), np.diff(data.bounds))[hit]
    n = len(data.labels)
    sums = np.bincount(owners, values[at][hit].astype(np.float64), n), np.bincount(owners, minlength=n)
    return models.logits(model, data.rows, np.stack(sums, 1).astype(np.float32))


def folds(data: Data, seed: int, count: int = FOLDS) -> np.ndarray:
    """(n,) int64: the fold in which each row's origin is left out; both labels in every fold."""
    rng = np.random.default_rng(seed)
    share = {o: data.labels[data.origins == o].mean() for o in np.unique(data.origins).tolist()}
    names = sorted(share, key=lambda o: (share[o] > 0.5, rng.random()))
    number = {origin: i % count for i, origin in enumerate(names)}
    return np.array([number[origin] for origin in data.origins.tolist()])


def left_out(data: Data, seed: int) -> tuple[np.ndarray, Report]:
    """((n,) mean logits of all rows by models that saw nothing of their origin, scores of models that are
    calibrated on origins of other folds)."""
    fold = folds(data, seed)
    logits = np.zeros(len(fold))
    made, rows = [], np.zeros_like(data.rows)
    for k in range(fold.max() + 1):
        made.append(fit(data.take(np.flatnonzero(fold != k)), seed))
        here = data.take(np.flatnonzero(fold == k))
        here.rows = _features(here.texts.tolist(), Places(made[k].grams, made[k].places))
        rows[fold == k], logits[fold == k] = here.rows, member_logits(made[k], here).mean(1)
    scores = np.zeros(len(fold), np.float32)
    for k in range(fold.max() + 1):
        others = np.flatnonzero(fold != k)
        made[k] = calibrated(made[k], logits[others], data.take(others))
        slope, shift = made[k].calibration
        logit = slope * logits[fold == k] + shift
        logit -= np.sum(models.penalties(made[k], rows[fold == k], logit), 0)
        scores[fold == k] = 1 / (1 + np.exp(-logit))
    return logits, Report(scores, fold, made)


def calibrated(model: models.Model, logits: np.ndarray, data: Data) -> models.Model:
    """The model with slope and shift fitted to mean logits of origins left out (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    real = np.flatnonzero(data.real)
    trust = weights(data.take(real))
    platt = LogisticRegression(C=1e3).fit(logits[real, None], data.labels[real], trust)
    return replace(model, calibration=np.array([platt.coef_[0, 0], platt.intercept_[0]]))


def judge(report: Report, data: Data) -> None:
    """Fills in what the scores of a report are worth."""
    real = np.flatnonzero(data.real)
    data, scores = data.take(real), report.scores[real]
    near = neighbours(data)
    report.ece = calibration_error(scores, data.labels, weights(data))
    for origin in np.unique(data.origins).tolist():
        mine = data.origins == origin
        no, yes = (int(np.count_nonzero(mine & (data.labels == label))) for label in (0, 1))
        report.counts[origin] = (no, yes)
        plain, matched = [], []
        for label in (0, 1):
            rows = np.flatnonzero(mine & (data.labels == label))
            if len(rows) < LEAST_ROWS:
                continue
            sign = 1 if label else -1
            plain.append(auc(sign * scores[rows], sign * scores[~mine & (data.labels != label)]))
            pairs, known = near[rows], near[rows] >= 0
            ahead = sign * np.sign(scores[rows][:, None] - scores[pairs])
            matched.append(float((ahead[known] / 2 + 0.5).mean()) if known.any() else np.nan)
        if plain:
            report.auc[origin] = float(np.mean(plain))
        if np.isfinite(matched).any():
            report.matched[origin] = float(np.nanmean(matched))


def auc(high: np.ndarray, low: np.ndarray) -> float:
    """How often one of `high` is above one of `low`; a tie is half."""
    ranked = np.sort(low)
    below = np.searchsorted(ranked, high, "left") + np.searchsorted(ranked, high, "right")
    return float(below.mean() / 2 / max(len(low), 1))


def calibration_error(scores: np.ndarray, labels: np.ndarray, trust: np.ndarray, bins: int = 10) -> float:
    """Mean distance of score and frequency over bins of equal width, by weight (Naeini et al. 2015)."""
    place = np.minimum((scores * bins).astype(np.int64), bins - 1)
    gap = np.bincount(place, trust * (scores - labels), bins)
    return float(np.abs(gap).sum() / trust.sum())


def neighbours(data: Data) -> np.ndarray:
    """(n, NEAREST) int64: for each row those of the other label whose words and pairs are most alike (cosine,
    weighted by rarity) among rows of a like length; -1 where there are fewer."""
    table = _topics(data)
    length = data.rows[:, kernel.FEATURES.index("length")].astype(np.float64)
    out = np.full((len(data.labels), NEAREST), -1)
    for label in (0, 1):
        mine, others = np.flatnonzero(data.labels == label), np.flatnonzero(data.labels != label)
        count = min(NEAREST, len(others))
        turned = table[others].T.tocsc()
        for start in range(0, len(mine), 500):
            some = mine[start : start + 500]
            alike = (table[some] @ turned).toarray()
            alike[np.abs(length[some][:, None] - length[others]) > np.log(LENGTHS)] = -1
            best = np.argsort(-alike, 1, kind="stable")[:, :count]
            found = np.where(np.take_along_axis(alike, best, 1) >= 0, others[best], -1)
            out[some[:, None], np.arange(count)] = found
    return out


def _topics(data: Data) -> Any:
    """(n, m) sparse: words and pairs of each row that are not common, each row of length 1."""
    from scipy import sparse

    n = len(data.labels)
    owners = np.repeat(np.arange(n), np.diff(data.bounds))
    keys, index, counts = np.unique(data.grams, return_inverse=True, return_counts=True)
    telling = ((counts >= 3) & (counts <= max(n // 10, 3)))[index]
    rare = np.log(n / counts)[index][telling]
    norm = np.sqrt(np.bincount(owners[telling], rare**2, n))
    values = rare / np.maximum(norm[owners[telling]], 1e-9)
    return sparse.csr_matrix((values, (owners[telling], index[telling])), (n, len(keys)))
