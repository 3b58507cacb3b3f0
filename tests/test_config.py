"""What the config promises: YAML as people mean it, and errors that say where, what and what instead."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

import curate
from curate import stages
from curate.config import Config, dump, from_dict, load, schema
from curate.errors import ConfigError, UsageError
from curate.located import parse
from curate.readers import ReadConfig
from curate.rules import PerStructure, StageConfig, limit

GOOD = """\
tokens: 2_000_000
sources:
  web:
    read: {format: parquet, paths: ["web/*.parquet"]}
    stages:
      language: {keep: [no, en], min_score: 0.65}
  code:
    read:
      paths: [code.jsonl]
mix:
  web: {share: 0.6, range: [0.5, 0.7]}
  code:
    share: 0.4
  tolerance: 0.001
"""


class Language(StageConfig):
    keep: list[str] = Field(default=["en"], description="languages")
    min_score: float = Field(default=0.65, ge=0, le=1, description="least score")
    max_ratio: PerStructure[float] = limit(0.1, maths=None, description="symbols per word")
    model: str | None = Field(default=None, description="a file")


def written(tmp_path: Path, text: str = GOOD, name: str = "smoke.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def refusal(tmp_path: Path, text: str, *sets: str) -> str:
    """What a user reads, without the folder in front."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), sets)
    return str(caught.value).replace(f"{tmp_path}/", "")


WRONG = {
    "an unknown key": (
        changed("mix:", "mixx:"),
        ["smoke.yaml:10: mixx: unknown key. Did you mean 'mix'?"],
    ),
    "a misspelt nested key in a flow mapping": (
        changed("range:", "rang:"),
        ["smoke.yaml:11: mix.web.rang: unknown key. Did you mean 'range'?"],
    ),
    "an unknown key that is near none": (
        "zebra: 1\n" + GOOD,
        ["smoke.yaml:1: zebra: unknown key. Known here: audit, dedup, max_quarantined, "],
    ),
    "a word for a number": (
        changed("share: 0.4", "share: high"),
        ["smoke.yaml:13: mix.code.share: 'high' is not a number"],
    ),
    "a number with a unit": (
        changed("2_000_000", "10B"),
        ["smoke.yaml:1: tokens: '10B' is not a whole number or 'max'; write 10e9"],
    ),
    "per cent": (
        changed("share: 0.4", "share: 40"),
        [":13: mix.code.share: 40 is not 1 or less (a fraction"],
    ),
    "per cent, with the sign": (changed("share: 0.4", "share: 40%"), ["'40%' is not a number; write 40e-2"]),
    "a fraction of a token": (
        changed("2_000_000", "1.5"),
        ["smoke.yaml:1: tokens: 1.5 is not a whole number or"],
    ),
    "no tokens": (changed("2_000_000", "0"), ["smoke.yaml:1: tokens: 0 is not 1 or more or 'max'"]),
    "a truth for a number": (changed("2_000_000", "true"), ["smoke.yaml:1: tokens: true is not a number"]),
    "an unknown choice": (
        GOOD + "  when_short: relx\n",
        ["smoke.yaml:15: mix.when_short: 'relx' is not 'relax', 'shrink', 'upsample' or 'fail'"],
    ),
    "text for a mapping": (
        changed('{format: parquet, paths: ["web/*.parquet"]}', "web.parquet"),
        ["smoke.yaml:4: sources.web.read: 'web.parquet' is not a mapping, as in {key: value}"],
    ),
    "an empty section": (GOOD + "output:\n", ["smoke.yaml:15: output: null is not a mapping"]),
    "a missing section": (
        GOOD[: GOOD.index("mix:")],
        ["smoke.yaml: mix: is missing: each source's share of the corpus"],
    ),
    "a missing key": (
        changed("share: 0.4", "max_epochs: 2"),
        ["smoke.yaml:12: mix.code.share: is missing: fraction"],
    ),
    "no source": ("sources: {}\nmix: {}\n", ["smoke.yaml:1: sources: has fewer than 1 entries"]),
    "a source of no kind": (
        GOOD.replace("web:", "crawl:"),
        ["smoke.yaml:3: sources.crawl.kind: is missing: web, code, academic or synthetic"],
    ),
    "a source without a share": (
        GOOD[: GOOD.index("  code:\n    share")].replace("0.6, range: [0.5, 0.7]", "1"),
        ["smoke.yaml:10: mix: source 'code' has no share. Add code: {share: ...}"],
    ),
    "a share without a source": (
        changed("  code:\n    share", "  coode:\n    share"),
        ["smoke.yaml:12: mix.coode: there is no source 'coode'. Did you mean 'code'?"],
    ),
    "a misspelt setting of the mix": (
        changed("tolerance", "tolerence"),
        ["smoke.yaml:14: mix.tolerence: a source's entry is a mapping", "Did you mean 'tolerance'?"],
    ),
    "shares that miss 1": (
        changed("share: 0.4", "share: 0.2"),
        ["smoke.yaml:10: mix: the shares sum to 0.8, not to 1. In the same proportions: web 0.75, code 0.25"],
    ),
    "a range upside down": (
        changed("[0.5, 0.7]", "[0.7, 0.5]"),
        ["smoke.yaml:11: mix.web.range: 0.7 is above 0.5; write [lowest, highest]"],
    ),
    "a range without the share": (
        changed("[0.5, 0.7]", "[0.61, 0.7]"),
        ["smoke.yaml:11: mix.web.range: [0.61, 0.7] does not hold the share 0.6"],
    ),
    "half a range": (
        changed("[0.5, 0.7]", "[0.5]"),
        ["smoke.yaml:11: mix.web.range: a list is not a pair [lowest, highest]"],
    ),
    "a word in a range": (
        changed("[0.5, 0.7]", "[low, 0.7]"),
        ["smoke.yaml:11: mix.web.range: 'low' is not a number"],
    ),
    "a tolerance that is no number": (
        changed("tolerance: 0.001", "tolerance: {shard: tight}"),
        ["smoke.yaml:14: mix.tolerance.shard: 'tight' is not a number"],
    ),
    "a negative tolerance": (changed("0.001", "-1"), ["smoke.yaml:14: mix.tolerance: -1 is not 0 or more"]),
    "not a number": (changed("share: 0.4", "share: .nan"), ["mix.code.share: nan is not a finite number"]),
    "more asked at least than in all": (
        GOOD + "min_tokens: 3e6\n",
        ["smoke.yaml:15: min_tokens: 3,000,000 is above tokens, 2,000,000"],
    ),
    "a source name that keys cannot hold": (
        GOOD.replace("code:", "co/de:").replace("    read:\n", "    kind: code\n    read:\n"),
        ["smoke.yaml:7: sources.co/de: cannot name a source"],
    ),
    "a column of nothing": (
        GOOD + "output: {columns: [url]}\n",
        ["smoke.yaml:15: output.columns: 'url' is neither a signal (reasoning.score) nor metadata"],
    ),
    "a stage that is a word": (
        changed("{keep: [no, en], min_score: 0.65}", "strict"),
        ["smoke.yaml:6: sources.web.stages.language: 'strict' is not a mapping"],
    ),
    "a secret under a telling key": (
        changed("paths: [code.jsonl]", "paths: [s3://b/x]\n      storage: {secret_key: hunter2}"),
        ["smoke.yaml:10: sources.code.read.storage.secret_key: a secret does not belong in a config"],
    ),
    "a secret in a URL": (
        changed("code.jsonl", "https://me:hunter2@host/x"),
        ["smoke.yaml:9: sources.code.read.paths: a secret does not belong"],
    ),
    "a key given twice": (
        GOOD + "tokens: 5\n",
        ["smoke.yaml:15: tokens: is given twice (line 1 has it too); keep one"],
    ),
    "a key given twice, deep in": (
        changed("share: 0.6,", "share: 0.6, share: 0.5,"),
        ["smoke.yaml:11: mix.web.share: is given twice (line 11 has it too)"],
    ),
    "several findings, in the order of the file": (
        changed("share: 0.4", "share: high").replace("tokens: 2", "tokens: max2"),
        [
            "smoke.yaml:1: tokens: 'max2_000_000' is not",
            "\nsmoke.yaml:13: mix.code.share: 'high' is not a number",
        ],
    ),
}


@pytest.mark.parametrize("text, fragments", WRONG.values(), ids=WRONG)
def test_a_wrong_config_is_told_by_line_key_and_way_out(tmp_path, text, fragments):
    told = refusal(tmp_path, text)
    assert all(fragment in told for fragment in fragments), told


@pytest.mark.parametrize("text, _", WRONG.values(), ids=WRONG)
def test_what_is_told_is_plain_words(tmp_path, text, _):
    told = refusal(tmp_path, text)
    for word in (
        "Input should",
        "validation error",
        "pydantic",
        "function-",
        "constrained",
        "literal[",
        "NoneType",
    ):
        assert word not in told


def test_one_mistake_is_told_once(tmp_path):
    for text in (changed("mix:", "mixx:"), changed("2_000_000", "hig"), changed("[0.5, 0.7]", "[low, 0.7]")):
        assert "\n" not in refusal(tmp_path, text)


def test_a_file_without_keys_is_told(tmp_path):
    for text, told in {
        "# soon\n": "smoke.yaml: is empty; a config needs `sources` and `mix`",
        "- a\n": "smoke.yaml: holds a list, not a mapping of keys",
        "hello\n": "smoke.yaml: holds 'hello', not a mapping of keys",
    }.items():
        assert told in refusal(tmp_path, text)


def test_a_file_that_is_no_config_is_told(tmp_path):
    (tmp_path / "data.parquet").write_bytes(b"PAR1\x00\x15\x04\xff\xfe")
    (tmp_path / "zeros").write_bytes(b"name: \0\0\0")
    (tmp_path / "latin.yaml").write_bytes("seed: 1\nname: é\n".encode("latin-1"))
    (tmp_path / "big.yaml").write_bytes(b"#" * (5 << 20))
    for name, told in {
        "data.parquet": "is not UTF-8 text",
        "zeros": "is a binary file",
        "latin.yaml": "latin.yaml:2: is not UTF-8 text",
        "big.yaml": "has 5,242,880 bytes",
        "": "is a folder; name the YAML file in it",
    }.items():
        with pytest.raises(ConfigError, match=told):
            load(tmp_path / name)


def test_a_missing_config_names_the_nearest(tmp_path):
    written(tmp_path)
    with pytest.raises(UsageError, match=r"there is no config .*smokee.yaml. Did you mean 'smoke.yaml'\?"):
        load(tmp_path / "smokee.yaml")
    with pytest.raises(UsageError, match=r"there is no folder .*nowhere"):
        load(tmp_path / "nowhere" / "smoke.yaml")
    (tmp_path / "smoke.yaml").unlink()
    with pytest.raises(UsageError, match="`curate init` writes one"):
        load(tmp_path / "smoke.yaml")


def test_the_file_is_named_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(written(tmp_path, changed("tokens", "tokns")).parent)
    with pytest.raises(ConfigError, match=r"^smoke.yaml:1: tokns: ") as caught:
        load("smoke.yaml")
    assert (caught.value.file, caught.value.line, caught.value.key) == ("smoke.yaml", 1, "tokns")


@pytest.mark.parametrize("tokens", ["9e11", "900_000_000_000", "900000000000", "9.0e+11"])
def test_a_budget_may_be_written_as_people_write_it(tmp_path, tokens):
    config = load(written(tmp_path, changed("2_000_000", tokens)))
    assert config.tokens == 900_000_000_000 and isinstance(config.tokens, int)


def test_anchors_and_merges_work(tmp_path):
    text = GOOD.replace("{share: 0.6, range: [0.5, 0.7]}", "&w {share: 0.6, max_epochs: 3}")
    config = load(written(tmp_path, text.replace("share: 0.4", "<<: *w\n    share: 0.4")))
    assert config.mix.shares["code"].max_epochs == 3 and config.mix.shares["code"].share == 0.4


def test_only_sources_and_mix_are_required(tmp_path):
    config = load(
        written(tmp_path, "sources: {web: {read: {paths: [a]}}}\nmix: {web: {share: 1}}\n", "r1.yaml")
    )
    assert (config.name, config.seed, config.tokens, config.sources["web"].kind) == ("r1", 17, "max", "web")
    assert (config.mix.when_short, config.mix.tolerance.corpus, config.mix.tolerance.shard) == (
        "relax",
        0.001,
        0.01,
    )
    web = config.mix.shares["web"]
    assert (web.low, web.high, web.max_epochs, web.max_copies) == (1, 1, 1, None)
    assert config.dedup.exact and config.dedup.minhash and config.dedup.minhash.verify == 0.8
    assert (config.path, config.base) == (tmp_path / "r1.yaml", tmp_path)


def test_null_is_off_and_off_is_off(tmp_path):
    for off in ("null", "false", "off", "no", "~", ""):
        config = load(written(tmp_path, changed("{keep: [no, en], min_score: 0.65}", off)))
        assert config.sources["web"].stages == {"language": None}
        assert load(written(tmp_path, GOOD + f"dedup: {{minhash: {off}}}\n")).dedup.minhash is None
    for on in ("true", "on", "{}"):
        config = load(written(tmp_path, changed("{keep: [no, en], min_score: 0.65}", on)))
        assert config.sources["web"].stages == {"language": {}}
        assert load(written(tmp_path, GOOD + f"dedup: {{minhash: {on}}}\n")).dedup.minhash.bands == 16
    dedup = load(written(tmp_path, GOOD + "dedup: off\n")).dedup
    assert not dedup.exact and dedup.minhash is None
    assert load(written(tmp_path, GOOD + "audit: strict\n")).audit.strict


def test_zero_is_a_limit(tmp_path):
    config = load(written(tmp_path, GOOD + "max_quarantined: 0\nmin_tokens: 0\n"))
    assert config.max_quarantined == 0 and config.min_tokens == 0


def test_a_floor_is_for_all_kinds_and_a_mapping_changes_what_it_names(tmp_path):
    def floors(value):
        text = changed("code:\n    share: 0.4", f"code:\n    share: 0.4\n    floors: {value}")
        return load(written(tmp_path, text)).mix.shares["code"].floors

    assert load(written(tmp_path)).mix.shares["code"].floors == {"default": 0.5}
    assert floors("0.8") == {"default": 0.8}
    assert floors("{proof: 1, boilerplate: 0}") == {"default": 0.5, "proof": 1, "boilerplate": 0}
    assert floors("{default: 0.2, proof: 0.9}") == {"default": 0.2, "proof": 0.9}
    assert floors("off") == floors("null") == floors("0") == {"default": 0}
    sets = ["mix.code.floors.proof=0.9"]
    assert load(written(tmp_path), sets).mix.shares["code"].floors == {"default": 0.5, "proof": 0.9}
    wrong = refusal(tmp_path, GOOD, "mix.code.floors.proof=1.5")
    assert "mix.code.floors.proof" in wrong and "1.5" in wrong


def test_set_changes_what_is_there_and_makes_what_is_not(tmp_path):
    sets = [
        "tokens=1e6",
        "sources.web.stages.language.min_score=0.7",
        "sources.web.stages.heuristics.gopher.min_words=30",
        "sources.web.stages.reasoning=off",
        "sources.code.stages={language: off}",
        "mix.web.range=[0.3, 0.9]",
        "mix.when_short=fail",
        "dedup.minhash.verify=0.9",
        "name=two words",
    ]
    config = load(written(tmp_path), sets)
    assert config.tokens == 1_000_000 and config.name == "two words"
    assert config.sources["web"].stages == {
        "language": {"keep": ["no", "en"], "min_score": 0.7},
        "heuristics": {"gopher": {"min_words": 30}},
        "reasoning": None,
    }
    assert config.sources["code"].stages == {"language": None}
    assert config.mix.shares["web"].high == 0.9 and config.mix.when_short == "fail"
    assert config.dedup.minhash and config.dedup.minhash.verify == 0.9
    assert config.place(("sources", "web", "stages", "reasoning")) == (
        "--set sources.web.stages.reasoning=off",
        None,
    )


@pytest.mark.parametrize(
    "assignment, told",
    {
        "tokns=5": "--set tokns=5: tokns: unknown key. Did you mean 'tokens'?",
        "tokens=high": "--set tokens=high: tokens: 'high' is not a whole number or 'max'",
        "mix.wbe.share=0.5": "--set mix.wbe.share=0.5: mix.wbe: there is no source 'wbe'. Did you mean",
        "sources.wbe.stages.x=1": "sources.wbe: there is no source 'wbe'. Did you mean 'web'?",
        "mix.web.shar=1": "--set mix.web.shar=1: mix.web.shar: unknown key. Did you mean 'share'?",
        "tokens.max=1": "--set tokens.max=1: tokens: 2000000 has no parts",
        "dedup.minhash.bandz=1": "dedup.minhash.bandz: unknown key. Did you mean 'bands'?",
        "sources.web.read.paths=*.parquet": "broken YAML: text that begins with * must be quoted",
        "mix.web={share: 1": "--set mix.web={share: 1: broken YAML: the { opened on line 1",
        "mix.web.share=0.5": "smoke.yaml:10: mix: the shares sum to 0.9, not to 1",
    }.items(),
)
def test_a_wrong_set_is_told_as_the_user_typed_it(tmp_path, assignment, told):
    assert told in refusal(tmp_path, GOOD, assignment)


@pytest.mark.parametrize("assignment", ["tokens", "=5", "mix..share=1", ""])
def test_a_set_that_is_none_is_told(tmp_path, assignment):
    with pytest.raises(UsageError, match="write it as key=value, for instance --set tokens=2e6"):
        load(written(tmp_path), [assignment])


def parse_refusal(config: Config, values: dict, where=("sources", "web", "stages", "language")) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.parse(Language, values, where)
    return str(caught.value).splitlines()


def test_a_stage_part_is_told_like_the_frame(tmp_path):
    values = "{min_scor: 1, keep: en, min_score: 7, max_ratio: {maths: much}, model: [a]}"
    path = written(tmp_path, changed("{keep: [no, en], min_score: 0.65}", "\n        " + values))
    config = load(path)
    here = f"{path}:7: sources.web.stages.language"
    assert sorted(parse_refusal(config, config.sources["web"].stages["language"])) == [
        f"{here}.keep: 'en' is not a list, as in [a, b]",
        f"{here}.max_ratio.maths: 'much' is not a number",
        f"{here}.min_scor: unknown key. Did you mean 'min_score'?",
        f"{here}.min_score: 7 is not 1 or less (a fraction: 0.05 is 5 %)",
        f"{here}.model: a list is not text",
    ]


@pytest.mark.parametrize("value", ["high", ["a"]])
def test_a_wrong_limit_per_structure_is_one_message(tmp_path, value):
    told = parse_refusal(load(written(tmp_path)), {"max_ratio": value})
    assert (
        len(told) == 1
        and "sources.web.stages.language.max_ratio: " in told[0]
        and "is not a number" in told[0]
    )


def test_a_good_part_becomes_its_model(tmp_path):
    config = load(written(tmp_path))
    parsed = config.parse(
        Language, config.sources["web"].stages["language"], ("sources", "web", "stages", "language")
    )
    assert parsed.keep == ["no", "en"] and parsed.max_ratio.of("maths") is None
    assert config.parse(Language, None, ("sources", "code", "stages", "language")) == Language()


def test_a_place_is_that_of_the_nearest_written_key(tmp_path):
    path = str(written(tmp_path))
    config = load(path)
    assert config.place(("mix", "code", "share")) == (path, 13)
    assert config.place(("sources", "web", "read", "paths", "0")) == (path, 4)
    assert config.place(("sources", "web", "stages", "language", "gate_min", "x")) == (path, 6)
    assert config.place(("sources", "code", "stages")) == (path, 7)
    assert config.place(("seed",)) == (path, None)
    told = str(config.error(("sources", "code", "read", "paths"), "matches no file"))
    assert told == f"{path}:9: sources.code.read.paths: matches no file"


def test_a_config_from_python_has_keys_but_no_lines(tmp_path):
    data = {
        "sources": {"web": {"read": {"paths": (tmp_path / "a.parquet",)}}},
        "mix": {"web": {"share": 1.0, "range": (0.9, 1)}},
    }
    config = from_dict(data, tmp_path, name="mine")
    assert config.name == "mine" and config.base == tmp_path and config.path is None
    assert config.sources["web"].read == {"paths": [str(tmp_path / "a.parquet")]}
    data["mix"] = {"web": {"shar": 1.0}}
    with pytest.raises(ConfigError, match=r"^mix.web.shar: unknown key. Did you mean 'share'\?$"):
        from_dict(data, tmp_path)
    with pytest.raises(ConfigError, match=r"^is empty"):
        from_dict(None, tmp_path)


def test_a_config_does_not_change_and_can_be_sent_to_a_worker(tmp_path):
    config = load(written(tmp_path))
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 3
    sent = pickle.loads(pickle.dumps(config))
    assert sent == config and sent.place(("mix",)) == config.place(("mix",))


def test_the_resolved_config_reads_back_to_itself(tmp_path):
    config = load(written(tmp_path), ["sources.code.stages.language=off", "sources.code.read.id=1e-3"])
    again = load(written(tmp_path, dump(config.resolved()), "config.yaml"), base=config.base)
    assert again.resolved() == config.resolved() and again.base == config.base
    assert list(config.resolved()["mix"]) == ["web", "code", "tolerance", "when_short"]
    changed_share = load(tmp_path / "config.yaml", ["mix.code.share=0.35", "mix.web.share=0.65"])
    assert changed_share.mix.shares["code"].high == 0.35


def test_secrets_stay_references_in_what_is_written_down(tmp_path, monkeypatch):
    text = changed("paths: [code.jsonl]", "paths: [s3://b/x]\n      token: ${env:CURATE_TEST_TOKEN}")
    config = load(written(tmp_path, text))
    monkeypatch.setenv("CURATE_TEST_TOKEN", "hunter2")
    assert "hunter2" not in dump(config.resolved()) and "${env:CURATE_TEST_TOKEN}" in dump(config.resolved())


def test_every_key_says_what_it_means():
    def walk(part, name=""):
        for key, value in part.get("properties", {}).items():
            assert value.get("description"), f"{name}{key} has no description"

    whole = schema()
    walk(whole)
    for name, part in whole["$defs"].items():
        walk(part, f"{name}.")


def test_the_schema_knows_stages_and_readers():
    class Reader(StageConfig):
        paths: list[str]

    whole = schema({"language": Language, "reasoning": Language}, Reader)
    json.dumps(whole)
    parts = whole["$defs"]
    source = parts["SourceConfig"]
    assert source["properties"]["read"] == {"$ref": "#/$defs/read"} and "paths" in parts["read"]["properties"]
    stages = source["properties"]["stages"]
    assert (
        stages["properties"].keys() == {"language", "reasoning"} and stages["additionalProperties"] is False
    )
    assert "kind" not in source["required"] and whole["additionalProperties"] is False
    assert parts["OutputConfig"]["properties"]["shard_tokens"]["minimum"] == 1
    assert whole["properties"]["seed"]["type"] == ["integer", "string"]  # to an editor 2_000_000 is text
    refs = {ref.rsplit("/", 1)[1] for ref in _refs(whole)}
    assert refs <= parts.keys()


def _refs(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


@pytest.mark.parametrize(
    "path, lines",
    [
        (Path(curate.__file__).parent / "data/starter.yaml", 50),
        (Path(curate.__file__).parents[1] / "configs/r1.yaml", 150),
    ],
)
def test_the_configs_we_ship_are_read(path, lines):
    assert len(path.read_text().splitlines()) <= lines
    config = load(path)
    assert set(config.sources) == {"web", "code", "academic", "synthetic"}
    for name, source in config.sources.items():
        config.parse(ReadConfig, source.read, ("sources", name, "read"))
        for stage in source.stages.keys() & set(stages.names()):
            config.parse(stages.find(stage).Config, source.stages[stage], ("sources", name, "stages", stage))


LINES = GOOD.splitlines()
SPOILT = ["", "null", "[]", "{}", "5", "-1", ".nan", "true", "word", "[a, 1]", "{a: 1}"]
SPOILT += ["&a x", "*a", "!!x y", "\t", ":"]


@given(st.sampled_from(LINES), st.sampled_from(SPOILT), st.integers(0, 12), st.booleans())
def test_no_spoilt_config_ends_in_a_traceback(line, spoilt, cut, drop):
    key, colon, _ = line.partition(":")
    text = GOOD.replace(line + "\n", "" if drop else f"{key}{colon} {spoilt}\n")
    text = "\n".join(text.splitlines()[cut if drop else 0 :])
    try:
        located = parse(text, "smoke.yaml")
        from_dict(located.data, ".")
    except ConfigError as error:
        assert str(error)
