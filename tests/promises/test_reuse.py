"""What a change makes run again, and that a dry run says why; what is not what its name says is not used."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate import annotate, readers
from curate.build import pending
from curate.config import from_dict
from curate.errors import BuildError, ConfigError
from curate.models import ngram
from curate.plan import make
from curate.report.verify import verify
from curate.rundir import RunDir

from .conftest import SAMPLE, build, digest

Json = dict[str, Any]

pytestmark = pytest.mark.usefixtures("in_process")


def config(folder: Path, **stages: Any) -> Json:
    off = dict.fromkeys(("perplexity", "reasoning"))
    read = {"paths": [f"{folder}/*.parquet"]}
    sources = {"web": {"kind": "web", "read": read, "stages": {**off, **stages}}}
    return {"sources": sources, "mix": {"web": {"share": 1}}, "output": {"shard_tokens": 20_000}}


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Two small shards."""
    texts = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])["text"].to_pylist()
    good = [text for text in texts if text and 300 < len(text) < 3_000]
    (tmp_path / "in").mkdir()
    for i in range(2):
        pq.write_table(pa.table({"text": good[i * 60 : i * 60 + 60]}), tmp_path / "in" / f"{i}.parquet")
    return tmp_path / "in"


def waiting(plan: Json, run: Path) -> dict[str, tuple[int, str]]:
    """(tasks, why) of each step that would run, as `--dry-run` says."""
    rows = pending(from_dict(plan, SAMPLE), RunDir(run))
    return {row.step: (row.tasks, row.why) for row in rows if row.tasks}


AFTER_ANNOTATE = {"quantiles", "decide/web", "dedup", "mix", "write", "account"}


def test_the_same_command_runs_nothing_also_when_files_were_touched(inputs: Path, tmp_path: Path) -> None:
    build(config(inputs), tmp_path / "run", 1)
    before = digest(tmp_path / "run")
    assert waiting(config(inputs), tmp_path / "run") == {}
    for path in inputs.iterdir():
        path.touch()
    assert waiting(config(inputs), tmp_path / "run") == {}
    written = {p: p.stat().st_ino for p in (tmp_path / "run" / "steps").rglob("*")}
    build(config(inputs), tmp_path / "run", 1)
    assert {p: p.stat().st_ino for p in (tmp_path / "run" / "steps").rglob("*")} == written
    assert digest(tmp_path / "run") == before


def test_a_threshold_decides_again_and_reads_no_text(inputs: Path, tmp_path: Path) -> None:
    build(config(inputs), tmp_path / "run", 1)
    changed = config(inputs, language={"min_score": 0.9})
    found = waiting(changed, tmp_path / "run")
    assert set(found) == AFTER_ANNOTATE - {"quantiles", "write"}  # how many shards, only the mix will tell
    assert "limits.language.min_score" in found["decide/web"][1] and "-> 0.9" in found["decide/web"][1]
    build(changed, tmp_path / "run", 1)
    again = waiting(config(inputs, language={"min_score": 0.8}), tmp_path / "run")
    assert "0.9 -> 0.8" in again["decide/web"][1]
    build(changed, tmp_path / "fresh", 1)
    assert digest(tmp_path / "run") == digest(tmp_path / "fresh")


def test_a_floor_mixes_again_and_nothing_before(inputs: Path, tmp_path: Path) -> None:
    first = config(inputs, reasoning={})
    first["tokens"] = 20_000
    build(first, tmp_path / "run", 1)
    changed = {**first, "mix": {"web": {"share": 1, "floors": {"narrative": 1}}}}
    found = waiting(changed, tmp_path / "run")
    assert set(found) == {"mix", "account"}  # how many shards, only the mix will tell
    assert "floors" in found["mix"][1] or "request.sources" in found["mix"][1]
    build(changed, tmp_path / "run", 1)
    build(changed, tmp_path / "fresh", 1)
    assert digest(tmp_path / "run") == digest(tmp_path / "fresh")


def test_a_floor_of_a_kind_that_no_model_knows_is_refused(inputs: Path) -> None:
    plan = config(inputs, reasoning={})
    plan["mix"]["web"]["floors"] = {"prof": 1}
    with pytest.raises(ConfigError, match="Did you mean 'proof'"):
        make(from_dict(plan, SAMPLE))
    off = config(inputs)
    off["mix"]["web"]["floors"] = {"proof": 1}
    with pytest.raises(ConfigError, match="'reasoning' is off"):
        make(from_dict(off, SAMPLE))


def test_a_gate_annotates_again_what_lies_behind_it_and_says_so(inputs: Path, tmp_path: Path) -> None:
    build(config(inputs), tmp_path / "run", 1)
    changed = config(inputs, language={"gate_score": 0.5})
    found = waiting(changed, tmp_path / "run")
    reading = {step.split("/")[0] for step in found if step.endswith("/web")} - {"decide"}
    assert {"text", "signatures", "histograms"} <= reading
    assert not {"documents", "language", "tokens"} & reading  # before the gate, or cheap enough for all
    assert found["text/web"][1] == "gates.language.gate_score: 0.9 -> 0.5"
    build(changed, tmp_path / "run", 1)
    build(changed, tmp_path / "fresh", 1)
    assert digest(tmp_path / "run") == digest(tmp_path / "fresh")


def test_another_model_runs_its_stage_again_and_no_other(inputs: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.npz"
    shutil.copy(ngram.packaged(), model)
    first = config(inputs, perplexity={"model": str(model)})
    build(first, tmp_path / "run", 1)
    packaged = ngram.load(ngram.packaged())
    ngram.save(model, packaged.words, packaged.trie._replace(probs=packaged.trie.probs * 0.9))
    for memory in (ngram.load, annotate._model):
        memory.cache_clear()  # as in a new worker
    found = waiting(first, tmp_path / "run")
    reading = {step.split("/")[0] for step in found if step.endswith("/web")} - {"decide"}
    assert reading == {"perplexity", "histograms"}  # histograms hold its quantiles
    assert "files changed" in found["perplexity/web"][1]
    build(first, tmp_path / "run", 1)
    build(first, tmp_path / "fresh", 1)
    assert digest(tmp_path / "run") == digest(tmp_path / "fresh")


# --- what is not what it was


def test_a_file_changed_at_the_same_moment_and_size_is_seen(inputs: Path, tmp_path: Path) -> None:
    build(config(inputs), tmp_path / "run", 1)
    path, stat = inputs / "0.parquet", (inputs / "0.parquet").stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_mtime_ns == stat.st_mtime_ns and path.stat().st_size == stat.st_size
    assert waiting(config(inputs), tmp_path / "run")["documents/web"] == (1, "new input, or unfinished")


def test_a_file_that_changes_while_it_is_read_leaves_nothing_under_its_old_name(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(config(inputs), tmp_path / "fresh", 1)
    whole = (inputs / "0.parquet").read_bytes()
    hashed = readers.hashed

    def then_change(path: Path, *rest: Any) -> list[Any]:
        known = hashed(path, *rest)
        if path.name == "0.parquet":
            shutil.copy(inputs / "1.parquet", path)
        return known

    monkeypatch.setattr(readers, "hashed", then_change)
    with pytest.raises(BuildError, match=r"0\.parquet was changed while the build read it"):
        build(config(inputs), tmp_path / "run", 1)
    monkeypatch.undo()
    (inputs / "0.parquet").write_bytes(whole)
    build(config(inputs), tmp_path / "run", 1)
    assert digest(tmp_path / "run") == digest(tmp_path / "fresh")


@pytest.mark.parametrize("damage", ["missing", "cut", "manifest"])
def test_what_was_lost_under_a_manifest_is_made_again(inputs: Path, tmp_path: Path, damage: str) -> None:
    run = tmp_path / "run"
    build(config(inputs), run, 1)
    before = digest(run)
    for step in ("documents", "text", "dedup", "mix"):
        manifest = sorted((run / "steps" / step).glob("*/*.json"))[-1]
        output = next(
            p for p in manifest.parent.iterdir() if p != manifest and p.stem.startswith(manifest.stem)
        )
        if damage == "missing":
            output.unlink()
        else:
            (manifest if damage == "manifest" else output).write_bytes(b"{")
    build(config(inputs), run, 1)
    assert digest(run) == before and all(promise.holds for promise in verify(RunDir(run)))
