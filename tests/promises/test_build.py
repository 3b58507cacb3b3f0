"""What a build promises, on the packaged sample."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from curate.build import pending
from curate.config import from_dict
from curate.errors import InfeasibleMix
from curate.ledger import LEDGER, Run
from curate.report.verify import verify
from curate.rundir import RunDir

from .conftest import SAMPLE, build, digest, sample_config


def test_every_promise_that_verify_knows_holds(built: Run) -> None:
    broken = [promise for promise in verify(built.dir) if not promise.holds]
    assert broken == []


def test_every_input_row_has_one_ledger_row_with_the_columns_of_the_contract(built: Run) -> None:
    ledger = built.ledger()
    assert ledger.schema.names == LEDGER.names
    rows = sum(_rows(path) for path in SAMPLE.rglob("*.parquet"))
    unreadable = sum(_rows(path) == 0 for path in SAMPLE.rglob("*.parquet"))
    assert len(ledger) == rows + unreadable == built.report["input_documents"]


def _rows(path: Path) -> int:
    try:
        return pq.read_metadata(path).num_rows
    except Exception:
        return 0


def test_the_mix_is_exact_in_the_corpus_and_in_every_shard(built: Run) -> None:
    planned = {name: row["planned"] for name, row in built.report["mix"].items()}
    for path in built.corpus():
        table = pq.read_table(path, columns=["source", "tokens"])
        sources, tokens = table["source"].to_numpy(), table["tokens"].to_numpy()
        for name, share in planned.items():
            assert abs(tokens[sources == name].sum() / tokens.sum() - share) <= 0.01
    assert built.report["mix_max_error"] <= 0.001
    assert built.report["tokens"] == pytest.approx(400_000, rel=0.001)


def test_what_is_in_the_corpus_is_the_text_of_the_input(built: Run) -> None:
    table = pq.read_table(built.corpus()[0]).slice(0, 200)
    inputs: dict[str, list[bytes]] = {}
    for key, text in zip(table["key"].to_pylist(), table["text"].to_pylist(), strict=True):
        shard, row = key.split("/", 1)[1].rsplit(":", 1)
        column = "content" if key.startswith("code/") else "text"
        path = (SAMPLE / shard).resolve()
        if str(path) not in inputs:
            inputs[str(path)] = pq.read_table(path, columns=[column])[column].cast(pa.binary()).to_pylist()
        assert inputs[str(path)][int(row)].decode() == text


def test_any_number_of_workers_gives_the_same_bytes(built: Run, tmp_path: Path) -> None:
    build(sample_config(), tmp_path / "one", workers=1)
    assert digest(tmp_path / "one") == digest(built.dir.path)


def test_building_again_redoes_nothing_and_gives_the_same_bytes(built: Run) -> None:
    before = digest(built.dir.path)
    build(sample_config(), built.dir.path)
    assert digest(built.dir.path) == before
    assert not any(row.tasks for row in pending(from_dict(sample_config(), SAMPLE), built.dir))


def test_renamed_and_split_inputs_choose_the_same_documents(built: Run, tmp_path: Path) -> None:
    for path in SAMPLE.rglob("*.parquet"):
        target = tmp_path / "in" / path.parent.name
        target.mkdir(parents=True, exist_ok=True)
        if _rows(path) == 0:
            shutil.copy(path, target / path.name)
            continue
        table = pq.read_table(path)
        pq.write_table(table.slice(0, 100), target / f"z-{path.name}")
        pq.write_table(table.slice(100), target / f"a-{path.name}")
    build(sample_config(tmp_path / "in"), tmp_path / "run")
    texts = [_texts(run) for run in (built, Run(tmp_path / "run"))]
    assert texts[0] == texts[1]


def _texts(run: Run) -> list[str]:
    return sorted(text for path in run.corpus() for text in pq.read_table(path)["text"].to_pylist())


def _copy(run: Run, target: Path) -> Run:
    shutil.copytree(run.dir.path, target)
    return Run(target)


def test_other_shard_sizes_leave_no_shard_of_before(built: Run, tmp_path: Path) -> None:
    run = _copy(built, tmp_path / "run")
    build(sample_config(output={"shard_tokens": 200_000}), run.dir.path)
    assert [path.name for path in run.corpus()] == [f"train-{i:05d}-of-00002.parquet" for i in range(2)]
    assert all(promise.holds for promise in verify(run.dir))


def test_a_threshold_decides_again_without_reading_texts(built: Run, tmp_path: Path) -> None:
    run = _copy(built, tmp_path / "run")
    config = sample_config()
    config["sources"]["web"]["stages"] = {"language": {"min_score": 0.9}}
    rows = {row.step: row for row in pending(from_dict(config, SAMPLE), run.dir)}
    reading = [name for name in rows if "/" in name and not name.startswith("decide/")]
    assert all(rows[name].tasks == 0 for name in reading)
    assert rows["decide/web"].tasks > 0 and "min_score" in rows["decide/web"].why
    assert rows["decide/code"].tasks == 0
    build(config, run.dir.path)
    assert all(promise.holds for promise in verify(run.dir))


def test_touching_an_input_runs_nothing(built: Run, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "in")
    build(sample_config(tmp_path / "in"), tmp_path / "run")
    for path in (tmp_path / "in").rglob("*.parquet"):
        path.touch()
    config = from_dict(sample_config(tmp_path / "in"), SAMPLE)
    assert not any(row.tasks for row in pending(config, RunDir(tmp_path / "run")))


def test_a_sample_takes_that_share_of_documents_and_tokens(built: Run, tmp_path: Path) -> None:
    from curate import build as building
    from curate.progress import Reporter

    config = from_dict(sample_config(), SAMPLE)
    report = building.build(config, tmp_path / "run", 2, 0.25, Reporter(None, quiet=True))
    share = report["input_documents"] / built.report["input_documents"]
    assert 0.18 < share < 0.32 and report["requested_tokens"] == 100_000
    assert all(promise.holds for promise in verify(RunDir(tmp_path / "run")))


def test_an_infeasible_mix_names_the_source_that_binds(tmp_path: Path) -> None:
    config = sample_config(tokens=10**11)
    config["mix"]["when_short"] = "fail"
    with pytest.raises(InfeasibleMix, match=r"(web|code|academic|synthetic).*\d"):
        build(config, tmp_path / "run")


def test_a_duplicate_names_the_document_that_stays_and_is_like_it(built: Run) -> None:
    ledger = built.ledger(["key", "fate", "duplicate_of", "similarity", "rule"]).to_pylist()
    fate = {row["key"]: row["fate"] for row in ledger}
    duplicates = [row for row in ledger if row["fate"] == "duplicate"]
    assert duplicates
    assert all(fate[row["duplicate_of"]] in ("kept", "unselected") for row in duplicates)
    assert all(row["similarity"] >= 0.8 for row in duplicates)
    assert {row["rule"] for row in duplicates} == {"exact", "minhash"}


def test_quality_raises_how_often_a_document_is_drawn(built: Run) -> None:
    ledger, signals = built.ledger(["key", "source", "copies", "weight"]), built.signals()
    quantile = dict(zip(signals["key"].to_pylist(), signals["reasoning.quantile"].to_pylist(), strict=True))
    rows = [r for r in ledger.to_pylist() if r["weight"] is not None and quantile[r["key"]] is not None]
    drawn = [quantile[r["key"]] for r in rows if r["copies"]]
    left = [quantile[r["key"]] for r in rows if not r["copies"]]
    assert np.mean(drawn) > np.mean(left)


def test_the_report_says_how_weights_told(built: Run) -> None:
    for name, row in built.report["drawing"].items():
        found = built.ledger().filter(pc.equal(built.ledger()["source"], name)).to_pylist()
        living = [r for r in found if r["weight"] is not None]
        tokens = sum(r["tokens"] for r in living)
        drawn = sum(r["tokens"] * r["copies"] for r in living)
        assert np.mean(row["epochs"]) == pytest.approx(drawn / tokens, rel=0.1)
        copies = sorted(r["copies"] for r in living)
        apart = sum(abs(a - b) for a in copies for b in copies) / 2 / len(copies) ** 2
        assert row["gini"] == pytest.approx(apart / np.mean(copies), abs=1e-3)
    web = built.report["drawing"]["web"]["epochs"]
    assert web[-1] > web[0]


def test_no_kind_of_discourse_falls_under_its_floor(built: Run) -> None:
    kinds = built.signals().select(["key", "reasoning.discourse"]).to_pylist()
    kind = {row["key"]: row["reasoning.discourse"] or "unnamed" for row in kinds}
    rows = built.ledger(["key", "source", "fate", "rule", "tokens", "copies"]).to_pylist()
    held = 0
    for source, said in built.report["discourse"].items():
        mine = [r for r in rows if r["source"] == source and (r["fate"] == "kept" or r["rule"] == "budget")]
        there, drawn = sum(r["tokens"] for r in mine), sum(r["tokens"] * r["copies"] for r in mine)
        assert set(said) == {kind[r["key"]] for r in mine if r["tokens"]}
        for name, row in said.items():
            of_kind = [r for r in mine if kind[r["key"]] == name]
            available = sum(r["tokens"] for r in of_kind) / there
            portion = sum(r["tokens"] * r["copies"] for r in of_kind) / drawn
            assert (row["available"], row["drawn"]) == pytest.approx((available, portion))
            assert portion >= 0.5 * available == pytest.approx(row["floor"])
            held += row["hit"]
    assert held >= 3


def test_the_report_says_what_the_contract_fixes(built: Run) -> None:
    report = json.loads(built.dir.report.read_text())
    assert {
        "name",
        "status",
        "requested_tokens",
        "tokens",
        "documents",
        "input_documents",
        "input_bytes",
    } <= set(report)
    assert {
        "seconds",
        "mix",
        "mix_max_error",
        "mix_max_shard_error",
        "fates",
        "funnel",
        "stages",
        "audit",
    } <= set(report)
    assert sum(report["fates"].values()) == report["input_documents"]
    assert report["fates"]["quarantined"] > 0 and report["quarantine"]


def test_datasets_loads_the_corpus(built: Run, tmp_path: Path) -> None:
    from datasets import load_dataset

    found = load_dataset(str(built.dir.path / "corpus"), cache_dir=str(tmp_path))["train"]
    assert len(found) == built.report["documents"]
    assert {"text", "id", "key", "source", "tokens", "copy"} <= set(found.column_names)
