"""The packaged sample is what `scripts/make_sample.py` makes, and holds the dirt that its manifest lists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from curate import config, readers

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "curate/data/sample"


def records_of(source: str, base: Path = SAMPLE) -> dict[str, dict]:
    """All records of a source by `shard:row`, read as configs/smoke.yaml says."""
    smoke = config.load(ROOT / "configs/smoke.yaml")
    settings = smoke.parse(readers.ReadConfig, smoke.sources[source].read, ("sources", source, "read"))
    found = {}
    for path in sorted((base / source).glob("*.parquet")):
        for part in readers.parts(path, settings):
            for batch in readers.read(part, settings):
                shard = f"{source}/{path.name}"
                found |= {f"{shard}:{record['row']}": record for record in batch.to_pylist()}
    return found


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((SAMPLE / "sample.json").read_text())


@pytest.fixture(scope="module")
def documents() -> dict[str, dict]:
    return {
        key: record
        for source in ("web", "code", "academic", "synthetic")
        for key, record in records_of(source).items()
    }


def test_the_script_makes_the_sample_that_is_packaged(tmp_path, documents):
    subprocess.run(
        [sys.executable, ROOT / "scripts/make_sample.py", "--out", tmp_path], check=True, capture_output=True
    )
    again = {
        k: v for s in ("web", "code", "academic", "synthetic") for k, v in records_of(s, tmp_path).items()
    }
    assert again == documents
    assert (tmp_path / "sample.json").read_bytes() == (SAMPLE / "sample.json").read_bytes()


def test_the_sample_is_small_and_large_enough_for_the_smoke_build(documents):
    assert sum(file.stat().st_size for file in SAMPLE.rglob("*.*")) < 3_000_000
    assert 2500 <= len(documents) <= 4000
    sizes = Counter()
    for key, record in documents.items():
        sizes[key.split("/")[0]] += len((record["text"] or "").encode())
    assert sizes["web"] > 2_500_000 and min(sizes.values()) > 750_000


def test_every_row_is_accounted_for_and_the_cut_off_shard_is_one_record(manifest, documents):
    for shard, rows in manifest["shards"].items():
        mine = [record for key, record in documents.items() if key.startswith(shard + ":")]
        if rows is None:
            assert [record["row"] for record in mine] == [None]
            assert "footer cannot be read" in mine[0]["error"]
        else:
            assert [record["row"] for record in mine] == list(range(rows))


def test_what_cannot_be_read_is_what_was_planted_to_be_so(manifest, documents):
    planted = {entry["key"]: entry["kind"] for entry in manifest["planted"] if "key" in entry}
    broken = {key for key, record in documents.items() if record["error"] and record["row"] is not None}
    assert broken == {key for key, kind in planted.items() if kind in ("null_text", "invalid_utf8")}


def test_planted_copies_are_copies(manifest, documents):
    def words(text: str) -> set[tuple[str, ...]]:
        found = re.findall(r"\w+", text.lower())
        return {tuple(found[i : i + 5]) for i in range(len(found) - 4)}

    for entry in manifest["planted"]:
        if entry["kind"] == "exact_duplicate":
            assert documents[entry["key"]]["text"] == documents[entry["ref"]]["text"]
        if entry["kind"] == "near_duplicate":
            one, two = words(documents[entry["key"]]["text"]), words(documents[entry["ref"]]["text"])
            assert round(len(one & two) / len(one | two), 4) == entry["jaccard"] >= 0.8
        if entry["kind"] == "repeated_id":
            assert documents[entry["key"]]["id"] == documents[entry["ref"]]["id"]


def test_each_kind_of_dirt_is_there(manifest, documents):
    kinds = Counter(entry["kind"] for entry in manifest["planted"])
    wanted = (
        "null_text empty_text short long language pii gibberish spam menu minified invalid_utf8 repeated_id"
    )
    assert set(wanted.split()) <= set(kinds)
    across = [e for e in manifest["planted"] if e["kind"] == "exact_duplicate" and e["key"][0] != e["ref"][0]]
    assert len(across) >= 10
    assert any(len(record["text"] or "") > 300_000 for record in documents.values())


def test_sentences_of_the_grammar_leave_no_brackets_behind(documents):
    pages = [r["text"] for key, r in documents.items() if key.startswith(("web", "synthetic")) and r["text"]]
    assert not any(
        re.search(r"\{(\d+-\d+|name|place|what|why)\}|\[[^\]\n]*\|[^\]\n]*\]", page) for page in pages
    )


def test_nobody_lives_at_the_addresses_of_the_sample(documents):
    text = "\n".join(record["text"] or "" for record in documents.values())
    assert set(re.findall(r"@[\w.]+\.(?:com|org|net)\b", text)) <= {
        "@example.com",
        "@example.org",
        "@example.net",
    }
