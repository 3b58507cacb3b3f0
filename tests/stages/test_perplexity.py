"""Promises about perplexity."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.documents import Batch
from curate.models import ngram
from curate.rules import decide, judged
from curate.stages import perplexity
from curate.stages.conformance import check_stage

PROSE = (
    "The committee met on Tuesday because the bridge had been closed since the storm. Nobody could say when "
    "it would open again, so the mayor asked for a second report, and the engineers promised one by Friday. "
)
PROOF = (
    r"Let $n$ be even. Then $n = 2k$ for some $k \in \mathbb{Z}$, so $n^2 = 4k^2 = 2(2k^2)$, which is even. "
    r"Conversely, suppose that $n^2$ is even and $n$ is odd; then $n = 2k + 1$, and $n^2 = 4k^2 + 4k + 1$ is "
    r"odd, a contradiction. Hence $n$ is even if and only if $n^2$ is. \qed"
)
SOLUTION = (
    "Natalia sold 48 / 2 = 24 clips in May. Altogether she sold 48 + 24 = 72 clips in April and May. #### 72"
)
RNG = random.Random(5)
GIBBERISH = " ".join(
    "".join(RNG.choices("abcdefghijklmnopqrstuvwxyz", k=RNG.randint(2, 9))) for _ in range(100)
)
WRONG_ENCODING = "Комитет собрался во вторник, потому что мост был закрыт после бури. ".encode(
    "cp1251"
).decode("latin-1")


def values(*texts: str, **config: object) -> list[float | None]:
    chosen = perplexity.Config(**config)
    found = perplexity.annotate(Batch.of(list(texts)), chosen, perplexity.load(chosen))
    return found["perplexity.value"].to_pylist()


def fates(*texts: str, **config: object) -> list[str | None]:
    chosen = perplexity.Config(**config)
    found = perplexity.annotate(Batch.of(list(texts)), chosen, perplexity.load(chosen))
    rules = judged([("perplexity", perplexity, chosen)])
    first = decide(found, rules, len(texts)).first
    return [rules[i].rule.name if i >= 0 else None for i in first]


@pytest.mark.parametrize("kind", ["web", "academic", "synthetic"])
def test_it_keeps_the_contract_of_stages(kind):
    check_stage(perplexity, perplexity.defaults(kind), kind)


def test_it_is_off_for_code():
    assert perplexity.defaults("code") is None


def test_gibberish_falls_and_reasoning_stays():
    assert fates(GIBBERISH, WRONG_ENCODING * 3, PROSE, PROOF, SOLUTION) == ["max", "max", None, None, None]


def test_a_proof_is_judged_by_its_sentences():
    formulas = r" $\forall \varepsilon_1 > 0 \exists \delta_{2}$ "
    with_formulas, without = values(PROSE.replace(". ", "." + formulas), PROSE)
    assert with_formulas == pytest.approx(without, rel=2)


def test_numbers_are_all_alike():
    low, high = values(PROSE + " It cost 3 dollars.", PROSE + " It cost 4,711.25 dollars.")
    assert low == high


def test_code_and_formulas_alone_are_not_judged():
    assert values("x_1 = f(y_2); " * 50, "", "\n\n", "12 34 56 78 " * 2)[:3] == [None, None, None]


def test_other_languages_are_not_judged():
    batch = Batch.of([PROSE, PROSE, PROSE])
    batch.signals["language.label"] = pa.array(["en", "de", None])
    found = perplexity.annotate(batch, perplexity.Config(), perplexity.load(perplexity.Config()))
    assert found["perplexity.value"].is_valid().to_pylist() == [True, False, False]
    every = perplexity.annotate(
        batch, perplexity.Config(languages=None), perplexity.load(perplexity.Config())
    )
    assert every["perplexity.value"].null_count == 0


def test_a_text_is_judged_alike_whatever_lies_beside_it():
    texts = [PROSE * 90, GIBBERISH, "", PROOF]
    assert values(*texts) == [values(text)[0] for text in texts]


def test_repeating_one_word_is_predictable():
    assert values("the the the the " * 50)[0] < 1e30
    assert fates(PROSE, min=1e6) == ["min"]


def test_absurd_words_stay_in_range():
    (value,) = values(" ".join(["qxzj" * 30] * 40))
    assert np.isfinite(value) and value <= 2e30


def test_a_long_text_is_read_in_pieces_from_beginning_to_end():
    middle, end = PROSE * 60 + GIBBERISH * 20 + PROSE * 60, PROSE * 60 + GIBBERISH * 20
    assert values(middle)[0] > values(PROSE * 60)[0] < values(end)[0]


@given(
    st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=8), st.integers(1, 5), st.integers(1, 60)
)
def test_pieces_cover_short_texts_and_lie_within_long_ones(texts, count, size):
    offsets = np.cumsum([0, *(n for n, _ in texts)])
    pieces, owners = perplexity.windows(offsets, np.array([j for _, j in texts], bool), count, size)
    for i, (n, judged_) in enumerate(texts):
        mine = pieces[owners == i]
        assert len(mine) == (0 if not judged_ else count if n > count * size else 1)
        if len(mine):
            assert mine[0, 0] == offsets[i] and mine[:, 1].max() <= offsets[i + 1]
            assert np.all(mine[1:, 0] >= mine[:-1, 1])
            assert np.diff(mine, axis=1).sum() == min(n, count * size)
            assert len(mine) == 1 or mine[-1, 1] == offsets[i + 1]


def test_a_file_that_is_no_model_is_a_sentence(tmp_path):
    path = tmp_path / "model.bin"
    path.write_text("no model")
    with pytest.raises(ValueError, match=r"model\.bin is not a language model"):
        perplexity.load(perplexity.Config(model=str(path)))


def test_the_packaged_model_is_what_the_result_depends_on():
    assert perplexity.files(perplexity.Config()) == [ngram.packaged()]


def test_a_model_that_is_not_the_one_meant_is_a_sentence():
    with pytest.raises(ValueError, match=r"perplexity-en\.npz is not the model that was meant"):
        perplexity.load(perplexity.Config(sha256="0" * 64))


def test_signals_move_only_with_the_version():
    """When this fails and the change is meant: raise VERSION, then correct both."""
    rounded = [
        None if v is None else float(f"{v:.3g}") for v in values(PROSE, PROOF, SOLUTION, GIBBERISH, "x")
    ]
    assert (perplexity.VERSION, rounded) == (1, [372.0, 140.0, 790.0, 702000000000.0, None])
