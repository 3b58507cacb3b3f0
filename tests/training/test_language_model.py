"""Promises about training language models."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from curate.errors import UsageError
from curate.kernels.ngram import SEPARATOR, Trie
from curate.models import ngram
from curate.training import language_model

Gram = tuple[int, ...]
START = -1


class Reference:
    """Interpolated modified Kneser-Ney by its definition (Chen & Goodman 1999, section 3), on
    dictionaries."""

    def __init__(self, texts: list[list[int]], tokens: int, order: int, prune: list[int]):
        self.tokens = tokens
        raw = [Counter[Gram]() for _ in range(order)]
        for text in texts:
            for n in range(1, order + 1):
                padded = [START, *text]
                raw[n - 1].update(tuple(padded[i : i + n]) for i in range(len(padded) - n + 1))
        self.adjusted: list[dict[Gram, int]] = []
        for n in range(1, order + 1):
            own = [g for g in raw[n - 1] if g[0] != START]
            before = Counter(g[1:] for g in raw[n]) if n < order else raw[n - 1]
            self.adjusted.append({g: before[g] for g in own})
        self.kept = [{g for g in level if raw[n][g] > prune[n]} for n, level in enumerate(self.adjusted)]
        self.discounts = [language_model._discounts(np.array(list(c.values()))) for c in self.adjusted]
        self.totals: list[dict[Gram, int]] = [defaultdict(int) for _ in range(order)]
        for n, level in enumerate(self.adjusted):
            for g, count in level.items():
                self.totals[n][g[:-1]] += count

    def share(self, g: Gram) -> float:
        n = len(g) - 1
        if g not in self.kept[n]:
            return 0.0
        count = self.adjusted[n][g]
        return (count - self.discounts[n][min(count, 3)]) / self.totals[n][g[:-1]]

    def p(self, g: Gram) -> float:
        """Probability of the last token after those before it."""
        lower = self.p(g[1:]) if len(g) > 1 else 1 / self.tokens
        n = len(g) - 1
        if not self.totals[n].get(g[:-1]) or (n and g[:-1] not in self.kept[n - 1]):
            return lower
        rest = 1 - sum(self.share((*g[:-1], w)) for w in range(self.tokens))
        return self.share(g) + max(rest, 1e-7) * lower


def lookup(trie: Trie, g: Gram) -> float:
    """log10 p of the last token of g in the trie, by its definition, without the scorer."""
    g = g[-len(trie.probs) :]
    node, path = g[-1], [g[-1]]
    for token in reversed(g[:-1]):
        if node >= len(trie.first) - 1:
            break
        children = range(int(trie.first[node]), int(trie.first[node + 1]))
        found = [c for c in children if trie.token[c] == token]
        if not found:
            break
        node = found[0]
        path.append(node)
    value = float(trie.probs[len(path) - 1, trie.prob[path[-1]]])
    for length in range(len(path), len(g)):
        context = _node(trie, g[len(g) - 1 - length : -1])
        value += float(trie.backoffs[length - 1, trie.backoff[context]]) if context is not None else 0.0
    return value


def _node(trie: Trie, g: Gram) -> int | None:
    node = g[-1]
    for token in reversed(g[:-1]):
        children = range(int(trie.first[node]), int(trie.first[node + 1]))
        found = [c for c in children if trie.token[c] == token]
        if not found:
            return None
        node = found[0]
    return node


def estimate(texts: list[list[int]], tokens: int, order: int, prune: list[int]) -> Trie:
    ids = np.array([i for text in texts for i in [*text, SEPARATOR]], np.uint16)
    try:
        return language_model.estimate(ids, tokens, order, prune)
    except UsageError:
        reject()


CORPORA = st.lists(st.lists(st.integers(0, 4), max_size=12), min_size=1, max_size=8).filter(
    lambda texts: max(map(len, texts)) >= 4
)


@settings(max_examples=60)
@given(CORPORA, st.integers(2, 4), st.sampled_from([[0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 1, 2]]))
def test_probabilities_are_those_of_the_definition(texts, order, prune):
    trie = estimate(texts, 6, order, prune)
    reference = Reference(texts, 6, order, prune)
    grams = [g for n in range(1, order + 1) for g in itertools.product(range(6), repeat=n)]
    for g in grams[::7]:
        assert lookup(trie, g) == pytest.approx(np.log10(reference.p(g)), abs=2e-4), g


@settings(max_examples=40)
@given(CORPORA, st.integers(2, 4))
def test_after_any_context_the_probabilities_sum_to_one(texts, order):
    trie = estimate(texts, 6, order, [0, 1, 1, 1][:order])
    for context in itertools.islice(itertools.product(range(6), repeat=order - 1), 0, None, 11):
        assert sum(10 ** lookup(trie, (*context, w)) for w in range(6)) == pytest.approx(1, abs=2e-3)


def test_the_same_texts_give_the_same_bytes(tmp_path):
    texts = ["one two three two one", "two three one, two three", "three one two."]
    for name in ("a.npz", "b.npz"):
        language_model.train(iter(texts), tmp_path / name, least=2)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_rare_words_are_left_to_their_letters(tmp_path):
    texts = ["the common word", "the common thing", "the common unicorn"]
    made = language_model.train(texts, tmp_path / "m.npz", least=3)
    assert ngram.load(tmp_path / "m.npz").words == ["common", "the"]
    assert (made.documents, made.words) == (3, 2)


def test_a_trained_model_prefers_what_it_has_read(tmp_path):
    texts = [f"the {a} sat on the {b}" for a in ("cat", "dog", "bird") for b in ("mat", "sofa", "roof")]
    language_model.train(texts, tmp_path / "m.npz", least=2)
    model = ngram.load(tmp_path / "m.npz")
    read, shuffled = (
        np.frombuffer(t, np.uint8) for t in (b"the cat sat on the roof ", b"roof on cat the the sat ")
    )
    assert model.score(read, np.array([0, len(read)])) > model.score(shuffled, np.array([0, len(shuffled)]))


def test_too_little_text_is_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="too little text"):
        language_model.train(["only one document"], tmp_path / "m.npz")
    assert not (tmp_path / "m.npz").exists()


@pytest.mark.parametrize(("order", "prune"), [(1, (0,)), (5, (0,)), (3, (1, 1, 1)), (3, (0, 2, 1))])
def test_an_order_or_pruning_that_cannot_be_is_a_sentence(tmp_path, order, prune):
    with pytest.raises(UsageError, match="order is 2 to 4"):
        language_model.train(["a b c"] * 5, tmp_path / "m.npz", order=order, prune=prune)
