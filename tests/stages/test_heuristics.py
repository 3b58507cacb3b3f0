"""Which rule drops what: the published presets to the letter, and the default that spares reasoning."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from curate.documents import Batch
from curate.rules import decide, judged
from curate.stages import heuristics, structure
from curate.stages.conformance import check_stage

SENTENCE = "We think that the river will be with us, and that the old mill may have to move to the hill. "


CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def _script(name: str):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[2] / "scripts" / f"{name}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


junk = _script("junk")
overfiltering = _script("overfiltering")


def failed(text: str, language: str | None = None, **settings) -> list[str]:
    """Names of the rules and gates that a text fails."""
    return failed_all([text], language, **settings)[0]


def failed_all(texts: list[str], language: str | None = None, **settings) -> list[list[str]]:
    """The same for several texts."""
    import pyarrow as pa

    batch = Batch.of(texts)
    batch.signals.update(structure.annotate(batch, structure.Config(), None))
    if language:
        batch.signals["language.label"] = pa.array([language] * len(texts))
        batch.signals["language.score"] = pa.array([0.9] * len(texts), pa.float32())
    config = heuristics.Config(**settings)
    signals = {**batch.signals, **heuristics.annotate(batch, config, None)}
    rules = judged([("heuristics", heuristics, config)])
    found = decide(signals, rules, len(texts)).failed
    return [
        [r.rule.name for r, fails in zip(rules, found[:, i], strict=True) if fails] for i in range(len(texts))
    ]


def prose(n_words: int) -> str:
    """Prose of so many words that says nothing twice."""
    rest = ["that", "the", "of", "and", "to", "be", "have", "with"]
    words = [
        rest[i // 2 % 8] if i % 2 else "".join(chr(97 + int(c)) for c in f"{i * 7919:06d}")
        for i in range(n_words)
    ]
    return " ".join(w + ("." if i % 10 == 9 else "") for i, w in enumerate(words)) + "."


@pytest.mark.parametrize("preset", ["structured", "gopher", "c4", "fineweb", "code", None])
def test_it_is_a_stage_with_every_preset(preset):
    check_stage(heuristics, {"preset": preset})


@pytest.mark.parametrize("kind", ["web", "code", "academic", "synthetic"])
def test_the_defaults_of_every_kind_are_a_config(kind):
    heuristics.Config(**heuristics.defaults(kind))


# Gopher, A1.1: a text just inside and one just outside of each limit.
GOPHER = {
    "min_words": (prose(50), prose(49)),
    "max_words": (prose(100_000), prose(100_001)),
    "min_mean_word_length": (prose(60), "be of to a I " * 20),
    "max_mean_word_length": (prose(60), "with extraordinarily incomprehensible " * 20),
    "max_hash_ratio": (prose(100) + "#" * 10, prose(100) + "#" * 11),
    "max_ellipsis_ratio": (prose(100) + "…" * 10, prose(100) + "…" * 11),
    "max_bullet_lines": ("- a\n" * 9 + "a", "- a\n" * 10 + "a"),
    "max_ellipsis_lines": ("so...\n" * 3 + "so\n" * 7, "so…\n" * 4 + "so\n" * 6),
    "min_letter_words": (prose(80) + " 1" * 20, prose(80) + " 1" * 21),
    "min_stop_words": ("the and", "the the"),
    "max_duplicate_lines": ("a\na\na\na\nb\nc\nd\ne\nf\ng", "a\na\na\na\na\nb\nc\nd\ne\nf"),
    "max_duplicate_paragraphs": (
        "\n\n".join("aaaabcdefg"),
        "\n\n".join("aaaaabcdef"),
    ),
    "max_top_2_gram": ("x y x y " + "abcdefghi jklmnopqrs", "x y x y " + "abcdefg hijklmno"),
}


@pytest.mark.parametrize("rule", GOPHER)
def test_gopher_is_as_published(rule):
    inside, outside = (f"gopher.{rule}" in failed(text, preset="gopher") for text in GOPHER[rule])
    assert (inside, outside) == (False, True)


def test_gopher_has_every_limit_of_the_paper():
    limits = heuristics.Config(preset="gopher").gopher.model_dump()
    assert [limits[f"max_top_{n}_gram"] for n in (2, 3, 4)] == [0.2, 0.18, 0.16]
    assert [limits[f"max_duplicate_{n}_grams"] for n in range(5, 11)] == [0.15, 0.14, 0.13, 0.12, 0.11, 0.1]
    assert None not in limits.values()


def test_c4_counts_sentences_of_the_lines_that_it_would_keep():
    kept = "Here is one. Here is two. And three!\nIs this four? Then this is five.\n"
    assert failed(kept, preset="c4") == []
    for line in (
        "Please enable javascript.",
        "Read our privacy policy now.",
        "Too short.",
        "It has no end",
        "And so on...",
    ):
        four = kept.replace("Is this four? Then this is five.", f"Is this four?\n{line}")
        assert failed(four, preset="c4") == ["c4.min_sentences"], line


def test_c4_drops_a_page_for_a_brace_and_for_filler():
    text = "One is here. Two is here. Three is here. Four is here. Five is here."
    assert failed(text.replace("Five", "{5}"), preset="c4") == ["c4.max_braces"]
    assert failed(text + " Lorem ipsum dolor.", preset="c4") == ["c4.max_lorem_ipsum"]


def test_fineweb_is_gopher_and_c4_without_its_line_endings_and_three_rules_more():
    config = heuristics.Config(preset="fineweb")
    assert config.gopher == heuristics.Config(preset="gopher").gopher
    assert config.c4.min_sentences is None and config.c4.min_any_sentences == 5 and config.c4.max_braces == 0
    lines = "\n".join(f"Item {i} of the list and more words that follow" for i in range(20))
    assert "fineweb.min_ended_lines" in failed(lines, preset="fineweb")
    assert "fineweb.max_short_lines" in failed("short.\n" * 20, preset="fineweb")
    assert "fineweb.max_newline_ratio" in failed("two words\n" * 20, preset="fineweb")
    assert "fineweb.max_duplicate_line_characters" in failed(
        prose(200) + "\nonce\nonce\n" * 2, preset="fineweb"
    )


def test_a_preset_takes_changes_and_a_part_without_its_preset_only_what_is_named():
    assert heuristics.Config(preset="gopher", gopher={"min_words": 10}).gopher.max_words == 100_000
    assert heuristics.Config(gopher={"min_words": 10}).gopher.max_words is None
    assert heuristics.Config(preset="gopher", gopher=None).gopher is None
    assert "min_words" in failed("A few words of a text.", preset="gopher", min_words=7)
    with pytest.raises(ValidationError):
        heuristics.Config(preset="gophre")


@pytest.mark.parametrize("preset", ["structured", "gopher", "c4", "fineweb", "code", None])
def test_empty_binary_and_encoded_text_stop_at_the_gate_under_every_preset(preset):
    encoded = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODkwYWJjZGVmZ2hpamtsbW5vcHFy" * 20
    texts = {
        "": "gate_min_words",
        " \n": "gate_min_words",
        "\x00\x01\x02ab\x03": "gate_max_controls",
        encoded: "gate_max_encoded",
    }
    for text, gate in texts.items():
        assert gate in failed(text, preset=preset)
        assert not any(name.startswith("gate_") for name in failed(SENTENCE, preset=preset))


@pytest.mark.parametrize(
    "rule", [r for r in heuristics.GATES if r.name != "gate_min_words"], ids=lambda r: r.name
)
def test_gates_are_looser_than_rules(rule):
    limit = getattr(heuristics.Config(), rule.name.removeprefix("gate_"))
    assert all(
        value < getattr(heuristics.Config(), rule.name) for value in [limit.default, *limit.kinds.values()]
    )


KEPT = {
    "a short worked problem": "Kim buys 3 boxes with 12 eggs each and uses 5 of them. How many are left?\n"
    "She has 3*12=36 eggs.\nSo 36-5=31 are left.\nThe answer is 31",
    "a proof with braces": "\\begin{lemma}\nLet $f \\colon X \\to Y$ be a map of finite sets of the "
    "same size. If $f$ is "
    "injective, then it is surjective.\n\\end{lemma}\n\\begin{proof}\nThe image $f(X)$ has as many "
    "elements as $X$,\n"
    "hence as many as $Y$. Since $f(X) \\subset Y$ and $Y$ is finite,\nwe get\n$$\nf(X) = "
    "Y.\n$$\n\\end{proof}",
    "a dialogue of short turns": "\n".join(
        f"Anna: {a}\nBen: {b}"
        for a, b in [
            ("Does the moon make its own light?", "No."),
            ("Then why do we see it?", "It is lit by the sun."),
            ("And when it is new?", "Then we see the side that is dark."),
            ("So the light side is away from us?", "Yes."),
        ]
    ),
    "design notes with code": "We considered two ways to do this. The first keeps a lock for each "
    "row:\n\n```\n"
    "lock(row); x = read(row); unlock(row);\n```\n\nThe second copies the row when it is written. It "
    "needs more memory, "
    "but a reader never waits, which is why we chose it.",
    "options and an answer": "If a train takes 3 hours for 240 km, how far does it go in 5 "
    "hours?\nOptions:\n(A) 300\n(B) 350\n"
    "(C) 400\n(D) 450\n(E) 480\nThe speed is 240/3 = 80 km per hour, so in 5 hours it goes 80*5 = 400 "
    "km.\nAnswer: (C)",
    "a thread of corrections": "> The list is sorted, so a binary search will do.\n\nIt is sorted by "
    "name, and we look for a date.\n\n"
    "> You are right. Then we should build an index first.\n\nYes, or sort it by date, if nobody needs "
    "the names.",
}


@pytest.mark.parametrize("name", KEPT)
def test_reasoning_is_kept(name):
    assert failed(KEPT[name]) == []


def test_a_proof_is_not_dropped_for_its_braces():
    proof = KEPT["a proof with braces"]
    assert "c4.max_braces" in failed(proof, preset="fineweb") and failed(proof) == []


@pytest.mark.parametrize("kind", list(junk.KINDS))
def test_junk_is_dropped(kind):
    found = failed_all(junk.documents(kind, 20, seed=7))
    assert sum(map(bool, found)) >= 18


@pytest.mark.skipif(not CORPUS.exists(), reason="the real text lies beside the checkout, where it is at all")
def test_real_reasoning_is_kept():
    texts = overfiltering.corpora(CORPUS, 100, "bench/*/*-00000.parquet")
    lost = {
        name: overfiltering.dropped(texts[name], "structured")[0].mean() for name in overfiltering.REASONING
    }
    assert {name: share for name, share in lost.items() if share > 0.05} == {}


def test_another_language_is_not_judged_by_english_words():
    german = "Der Himmel ist blau, weil die Luft kurze Wellen stärker streut als lange. " + (
        "Am Abend ist der Weg des Lichts länger, und es bleibt vor allem Rot übrig."
    )
    assert failed(german) == ["min_function_words"]
    assert failed(german, language="de") == []


def test_text_of_another_script_is_not_judged_by_english_words():
    russian = "Небо голубое, потому что воздух сильнее рассеивает короткие волны. " + (
        "Вечером путь света длиннее, и остаётся прежде всего красный цвет, который мы видим на закате."
    )
    assert failed(russian) == []


def test_chinese_has_as_many_words_as_characters():
    assert "min_words" not in failed(
        "空は青い。なぜなら空気が短い波長の光をより強く散乱するからである。", language="ja"
    )


def test_source_files_are_not_judged_as_prose():
    code = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
    settings = heuristics.defaults("code")
    assert failed(code, **settings) == []
    for kind in ("minified_script", "minified_style", "numbers", "base64_text"):
        assert failed(junk.documents(kind, 1)[0], **settings), kind


def test_an_instruction_may_be_short_and_have_options():
    task = "Which of the following animals is it that lays eggs?\n- cat\n- dog\n- hen\n- cow\nAnswer: hen"
    assert failed(task, **heuristics.defaults("synthetic")) == []


def test_every_limit_says_its_unit_and_source():
    for part in (heuristics.Config, *heuristics.PART_RULES.values()):
        for name, field in part.model_fields.items():
            assert field.description, name
