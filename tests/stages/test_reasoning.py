"""Promises about reasoning quality."""

from __future__ import annotations

import random
import re
import textwrap
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import permutations
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.documents import Batch
from curate.kernels import reasoning as kernel
from curate.models import reasoning as models
from curate.rules import decide, judged
from curate.stages import reasoning
from curate.stages.conformance import check_stage

PROOF = (
    "Suppose that n is an odd integer. Then n = 2k + 1 for some integer k. Therefore n^2 = 4k^2 + 4k + 1, "
    "which is one more than an even number. Hence n^2 is odd. It follows that if n^2 is even, then n "
    "cannot be odd, so n must be even."
)
DIAGNOSIS = (
    "The lamp did not light. At first I thought that the bulb had failed, but a new bulb stayed dark too, "
    "so the fault had to lie before the socket. The fridge on the same circuit was still running, which "
    "means that the fuse was fine. That left the switch. I bridged it with a wire and the lamp came on; "
    "the switch was broken."
)
ADVERT = (
    "Discover our brand new summer collection! Free shipping on all orders over $50. Shop now and save up "
    "to 70% on your favourite styles. Sign up for our newsletter and get an exclusive discount on your "
    "first order. Hurry, offer ends soon!"
)
PARITY = (
    "Let a and b be even. Then a = 2m and b = 2n for some integers m and n. Their sum is 2m + 2n = 2(m + n), "
    "which is even as m + n is an integer. If instead both are odd, a = 2m + 1 and b = 2n + 1, and the sum "
    "is 2(m + n + 1), again even. Only when one is even and the other odd is the sum odd. Hence the sum of "
    "two integers is even exactly if both have the same parity."
)
QUEUE = (
    "We chose a queue rather than direct calls. Direct calls would be simpler, and at ten orders an hour "
    "nobody would notice. But the printer of labels is down for an hour most weeks; with direct calls every "
    "order in that hour would fail and somebody would have to enter it again. A queue keeps them. Its cost "
    "is that a label may come late, which is harmless because parcels leave once a day. Hence the queue."
)
HISTORY = (
    "The town lies on the river Aa and has 4,000 inhabitants. It was first named in 1120. In 1634 it "
    "burnt down, and in 1870 it was joined to the railway. Its church has a tower of 60 metres. Every "
    "year in May there is a market."
)
BANNER = (
    "We use cookies to improve your experience on our website. By clicking Accept all you agree to our "
    "use of cookies. Manage your preferences in the cookie policy. Accept all Reject all"
)
STUFFED = (
    "Therefore the town lies on the river and, consequently, has many visitors. However, the hotel opens "
    "in May. Thus there is a pool, and hence breakfast is served until ten. Because of this the museum "
    "shows old coins. It follows that the bus leaves at noon. So the market is on Fridays."
)
CIRCULAR = (
    "The new law is just because it is just. Since the new law is just, it follows that it must be just. "
    "Everybody knows that it is just, which proves that it is just. If it were not just, then it would "
    "not be just; hence the new law is just."
)
GIBBERISH = (
    "Therefore lamp seven the under walked green of because table. Hence sings the not a paper if yellow "
    "thus running. Consequently bread above was from therefore window they. It follows that the of had "
    "grass spoon eleven. Thus because cat tomorrow the in brown so."
)
QUESTIONS = (
    "A farmer has 12 cows and buys 5 more each year. How many cows does the farmer have after 4 years? A "
    "tank holds 80 litres and loses 3 litres every hour. How long does it take until half of the water is "
    "gone? Anna has twice as many stamps as Ben, who has 14. How many stamps do they have together?"
)
MENU = "Home\nAbout us\nContact\nLog in\nSign up\nPrivacy policy\nTerms of use\nCareers\nHelp\nSearch\n" * 3


def columns(*texts: str, kind: str = "web", signals: dict | None = None, **config: object) -> dict[str, list]:
    batch = Batch.of(list(texts), kind, kind)
    batch.signals.update(signals or {})
    chosen = reasoning.Config(**config)
    found = reasoning.annotate(batch, chosen, reasoning.load(chosen))
    return {name: column.to_pylist() for name, column in found.items()}


def scores(*texts: str, **config: object) -> list[float | None]:
    return columns(*texts, **config)["reasoning.score"]


@pytest.mark.parametrize("kind", ["web", "academic", "synthetic"])
def test_it_keeps_the_contract_of_stages(kind):
    check_stage(reasoning, reasoning.defaults(kind), kind)


def test_it_is_off_for_code():
    assert reasoning.defaults("code") is None


def test_a_proof_and_a_diagnosis_score_above_an_advert():
    proof, diagnosis, advert = scores(PROOF, DIAGNOSIS, ADVERT)
    assert min(proof, diagnosis) > advert


def test_other_languages_are_not_judged():
    signals = {"language.label": pa.array(["en", "de", None])}
    found = columns(PROOF, PROOF, PROOF, signals=signals)
    assert [score is not None for score in found["reasoning.score"]] == [True, False, False]
    assert found["reasoning.discourse"][1:] == [None, None]


def test_code_is_not_judged():
    signals = {"structure.label": pa.array(["prose", "code", None])}
    found = columns(PROOF, PROOF, PROOF, signals=signals)["reasoning.score"]
    assert [score is not None for score in found] == [True, False, True]


def test_too_few_words_are_not_judged():
    assert scores("Hence it is even.", "", PROOF)[:2] == [None, None]


def test_no_document_is_dropped_unless_asked():
    assert judged([("reasoning", reasoning, reasoning.Config())]) == []
    found = reasoning.annotate(
        Batch.of([PROOF, ADVERT]), reasoning.Config(), reasoning.load(reasoning.Config())
    )
    rules = judged([("reasoning", reasoning, reasoning.Config(min_score=0.6))])
    assert decide(found, rules, 2).first.tolist() == [-1, 0]


def test_a_text_is_judged_alike_whatever_lies_beside_it():
    texts = [PROOF, ADVERT * 90, "", DIAGNOSIS * 40, MENU]
    assert scores(*texts) == [scores(text)[0] for text in texts]


def test_no_bit_depends_on_how_documents_are_batched_or_who_judges_them():
    texts = [PROOF, ADVERT * 90, "", DIAGNOSIS * 40, MENU, "x", PROOF * 3, ADVERT] * 9
    whole = scores(*texts)
    for size in (1, 7, 64):
        assert [s for i in range(0, len(texts), size) for s in scores(*texts[i : i + size])] == whole
    with ProcessPoolExecutor(2, get_context("spawn")) as workers:
        assert list(workers.map(first_score, texts[:8])) == whole[:8]


def first_score(text: str) -> float | None:
    return scores(text)[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n\n" + BANNER,
        lambda text: BANNER + "\n\n" + text,
        str.lower,
        lambda text: "\n".join(textwrap.wrap(text, 72)),
    ],
    ids=["banner behind", "banner before", "lower case", "wrapped"],
)
@pytest.mark.parametrize(
    "text", [PROOF, DIAGNOSIS, ADVERT, HISTORY], ids=["proof", "diagnosis", "ad", "history"]
)
def test_what_is_put_around_a_text_hardly_moves_its_score(text, change):
    before, after = scores(text, change(text))
    assert abs(before - after) < 0.1


@pytest.mark.parametrize("text", [STUFFED, CIRCULAR, GIBBERISH, QUESTIONS], ids=lambda text: text[:12])
def test_the_marks_of_reasoning_alone_are_not_reasoning(text):
    assert scores(text)[0] < min(0.5, *scores(PROOF, DIAGNOSIS))


def test_most_chains_of_steps_fall_when_their_sentences_are_shuffled_or_missing():
    """Of many texts, on the model's card, 82 % of both do."""
    rng, mixed, gaps = random.Random(1), [], []
    for text in (PROOF, PARITY, QUEUE):
        some = re.split(r"(?<=[.]) ", text)
        whole, half = scores(text, " ".join(some[::2]))
        gaps.append(half < whole)
        mixed += [s < whole for s in scores(*(" ".join(rng.sample(some, len(some))) for _ in range(40)))]
    assert sum(mixed) >= 0.7 * len(mixed) and sum(gaps) >= 2


@pytest.mark.parametrize("width", [60, 72, 80])
def test_a_page_that_is_wrapped_scores_as_before(width):
    page = f"The bulb\n\n{DIAGNOSIS}\n\n- {QUEUE}\n- {PARITY}\n\nA proof\n\n{PROOF} {PARITY}"
    lines = [textwrap.fill(line, width, break_on_hyphens=False) if line else "" for line in page.split("\n")]
    assert scores(page)[0] == pytest.approx(scores("\n".join(lines))[0], abs=0.02)


def test_a_short_proof_that_must_repeat_its_words_is_not_taken_for_a_circle():
    even, circle = (
        "Suppose n is even. Then n = 2k for some k, so n squared is 4k squared, which is even. Therefore the "
        "square of an even number is even.",
        "The policy is right because it is the right policy. It is right, therefore it must be right. Since "
        "it is the right policy, we can conclude that it is right. Thus the policy is right.",
    )
    assert 0.5 < scores(even)[0] > scores(circle)[0]


def test_the_packaged_model_is_what_the_result_depends_on():
    assert [path.name for path in reasoning.files(reasoning.Config())] == ["reasoning-en.npz"]


def test_a_file_that_is_no_model_is_a_sentence(tmp_path):
    path = tmp_path / "model.npz"
    path.write_text("no model")
    with pytest.raises(ValueError, match=r"model\.npz is not a reasoning model"):
        reasoning.load(reasoning.Config(model=str(path)))


def test_a_model_that_is_not_the_one_meant_is_a_sentence():
    with pytest.raises(ValueError, match=r"reasoning-en\.npz is not the model that was meant"):
        reasoning.load(reasoning.Config(sha256="0" * 64))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory) -> Path:
    """A small fastText model that takes proofs for `hq` and adverts for `cc`."""
    fasttext = pytest.importorskip("fasttext")
    folder = tmp_path_factory.mktemp("fasttext")
    texts = [("hq", PROOF), ("hq", DIAGNOSIS), ("cc", ADVERT), ("cc", HISTORY)] * 8
    (folder / "train.txt").write_text("".join(f"__label__{label} {text}\n" for label, text in texts))
    found = fasttext.train_supervised(
        str(folder / "train.txt"), dim=8, epoch=20, lr=0.5, wordNgrams=2, bucket=1000, thread=1, verbose=0
    )
    found.save_model(str(folder / "dclm.bin"))
    return folder / "dclm.bin"


def read(model: models.Model, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    batch, every = Batch.of(texts), np.ones(len(texts), bool)
    pieces = models.pieces(batch.offsets, every, models.WINDOWS, models.WINDOW)
    return kernel.features(batch.data, *pieces, len(texts), model.table)


def test_a_fasttext_classifier_joins_with_an_equal_weight(classifier):
    fasttext = pytest.importorskip("fasttext")
    alone = reasoning.load(reasoning.Config())
    four = reasoning.load(reasoning.Config(fasttext=str(classifier)))
    batch = Batch.of([PROOF, ADVERT, HISTORY])
    rows, grams = read(alone, [PROOF, ADVERT, HISTORY])
    said = fasttext.load_model(str(classifier)).predict([PROOF, ADVERT, HISTORY], k=-1)
    chances = [dict(zip(*one, strict=True))["__label__hq"] for one in zip(*said, strict=True)]
    kept = np.clip(chances, 1 - models.MOST_CERTAIN, models.MOST_CERTAIN)
    outside = np.log(kept / (1 - kept))
    slope, shift = alone.calibration
    logit = slope * (models.logits(alone, rows, grams).sum(1) + outside) / 4 + shift
    logit -= np.sum(models.penalties(alone, rows, logit), 0)
    found = scores(PROOF, ADVERT, HISTORY, fasttext=str(classifier))
    assert found == pytest.approx(1 / (1 + np.exp(-logit)), abs=2e-3)
    assert models.score(four, batch.data, batch.offsets).tolist() == found


def test_only_proofs_and_solutions_pay_for_the_order_of_their_sentences():
    model = models.load(models.packaged())
    orders = [" ".join(some) for some in permutations(re.split(r"(?<=[.]) ", PROOF))]
    rows, _ = read(model, orders)
    logit = np.full(len(rows), 3.0)
    _, taken = models.penalties(model, rows, logit)
    assert taken[0] == 0 and np.mean(taken > 0) > 0.5
    other = replace(model, kinds=np.array([f"not {kind}" for kind in model.kinds.tolist()]))
    salads = replace(other, order=model.order * np.array([[0], [1]], np.float32))
    assert np.array_equal(models.penalties(other, rows, logit), models.penalties(salads, rows, logit))


def test_the_fasttext_file_is_what_the_result_depends_on(classifier):
    assert reasoning.files(reasoning.Config(fasttext=str(classifier)))[1] == classifier


@pytest.mark.parametrize("size", [1, 2, 5])
def test_no_bit_depends_on_the_batch_with_a_fasttext_classifier_either(classifier, size):
    texts = [PROOF, ADVERT * 90, "", DIAGNOSIS * 40, MENU]
    whole = scores(*texts, fasttext=str(classifier))
    cut = [texts[i : i + size] for i in range(0, len(texts), size)]
    assert [s for some in cut for s in scores(*some, fasttext=str(classifier))] == whole


def test_a_label_that_the_classifier_does_not_have_is_a_sentence(classifier):
    with pytest.raises(ValueError, match=r"dclm\.bin has no label 'good'\. It has: (hq, cc|cc, hq)\."):
        reasoning.load(reasoning.Config(fasttext=str(classifier), fasttext_label="good"))


def test_the_classifier_is_named_among_what_speaks_for_and_against(classifier):
    model = reasoning.load(reasoning.Config(fasttext=str(classifier)))
    for text, sign in ((PROOF, 1), (ADVERT, -1)):
        [found] = [c for c in models.explain(model, text, 100) if "dclm.bin" in c.what]
        assert found.weight * sign > 0 and 0 <= found.value <= 1
