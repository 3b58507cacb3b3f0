"""A full disk ends a build with one sentence; with room made, the same command ends in the same bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate import build as building
from curate.errors import BuildError
from curate.report.verify import verify
from curate.rundir import RunDir

from .conftest import SAMPLE, build, digest

POINTS = (
    *("documents/output-begun", "tokens/outputs-written", "text/manifest-written", "signatures/output-begun"),
    *("language/manifest-written", "histograms/outputs-written", "documents/manifest-written"),
    *("quantiles/output-begun", "decide/manifest-written", "dedup/output-begun", "mix/manifest-written"),
    *(
        "write/output-begun",
        "write/manifest-written",
        "account/outputs-written",
        "report-removed",
        "linked:2",
    ),
)
"""In every step, in the order in which a build comes to them."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """A corpus that takes a few MB, two files of it."""
    folder = tmp_path_factory.mktemp("in")
    texts = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])["text"].to_pylist()
    good = [text for text in texts if text and 300 < len(text) < 5_000]
    for i in range(2):
        pq.write_table(pa.table({"text": good[i * 150 : i * 150 + 150]}), folder / f"{i}.parquet")
    stages = {"perplexity": None, "reasoning": None}
    sources = {"web": {"kind": "web", "read": {"paths": [f"{folder}/*.parquet"]}, "stages": stages}}
    return {"sources": sources, "mix": {"web": {"share": 1}}, "output": {"shard_tokens": 20_000}}


@pytest.fixture(scope="module")
def undisturbed(config: Json, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What workers make."""
    run = tmp_path_factory.mktemp("whole") / "run"
    build(config, run, 1)
    return run


@pytest.mark.usefixtures("in_process")
def test_wherever_the_disk_is_full_the_same_command_goes_on_from_there(
    config: Json, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for point in POINTS:
        monkeypatch.setenv("CURATE_FULL", point)
        with pytest.raises(BuildError, match="The disk of the run directory is full"):
            build(config, tmp_path / "run", 1)
        assert not (tmp_path / "run" / "report.json").exists()
    monkeypatch.delenv("CURATE_FULL")
    build(config, tmp_path / "run", 1)
    assert digest(tmp_path / "run") == digest(undisturbed)
    assert all(promise.holds for promise in verify(RunDir(tmp_path / "run")))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """small_disk(size) -> a folder on a disk of so many bytes; called again, the disk is larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True
    ).returncode:
        pytest.skip("mounting a disk needs root")

    def grow(size: int) -> Path:
        subprocess.run(["mount", "-o", f"remount,size={size}", "none", folder], check=True)
        return folder

    try:
        yield grow
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.usefixtures("in_process")
def test_a_disk_that_grows_until_it_holds_the_run(
    config: Json, undisturbed: Path, small_disk: Callable[[int], Path]
) -> None:
    whole = sum(
        p.stat().st_blocks * 512 for p in undisturbed.rglob("*") if p.is_file() and p.stat().st_nlink == 1
    )
    failed = 0
    for size in range(whole // 12, 8 * whole, whole // 5):
        run = small_disk(size) / "run"
        try:
            build(config, run, 1)
            break
        except BuildError as error:
            assert re.search(r"The disk of the run directory is full|needs about .* of disk", str(error))
            if (run / "report.json").exists():  # only run.json's timings found no room
                assert digest(run) == digest(undisturbed)
            failed += 1
    assert failed > 2
    assert digest(run) == digest(undisturbed)
    assert all(promise.holds for promise in verify(RunDir(run)))


def test_what_a_build_needs_is_told_before_it_begins(
    config: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(building.shutil, "disk_usage", lambda path: usage._replace(free=50_000))
    with pytest.raises(BuildError, match=r"needs about \S+ .B of disk, and 50\.0 kB are free"):
        build(config, tmp_path / "run", 1)
    assert not (tmp_path / "run" / "steps").exists()


def test_a_limit_on_the_size_of_files_is_said_like_a_full_disk(config: Json, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    command = ["build", str(tmp_path / "c.yaml"), "-o", str(tmp_path / "run"), "-j1", "-q"]
    program = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"sys.argv = ['curate', *{command!r}]\n"
        "runpy.run_module('curate', run_name='__main__')"
    )
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env)
    assert done.returncode == 1 and "The disk of the run directory is full" in done.stderr, done.stderr
