"""What a run directory promises: a task is done when its manifest is there, and not before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from curate import rundir
from curate.errors import UsageError
from curate.rundir import Result, RunDir

RESULT = Result("annotate", "0123", "task")


def write(run: RunDir, text: str, result: Result = RESULT) -> None:
    with run.attempt(result) as attempt:
        attempt.path("rows").write_text(text)
        attempt.commit({"n": len(text)})


def names(run: RunDir) -> list[str]:
    return sorted(p.name for p in run.steps.rglob("*") if p.is_file())


def test_a_committed_output_is_found_with_its_sums_and_checksum(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    write(run, "hello")
    assert run.output(RESULT, "rows").read_text() == "hello"
    assert run.sums(RESULT) == {"n": 5}
    assert run.checksum(RESULT, "rows") == rundir.checksum(run.output(RESULT, "rows"))


def test_an_attempt_that_does_not_commit_leaves_nothing(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    with pytest.raises(RuntimeError), run.attempt(RESULT) as attempt:
        attempt.path("rows").write_text("half")
        raise RuntimeError
    assert not run.committed(RESULT) and names(run) == []


def test_of_two_attempts_the_first_wins_and_they_never_mix(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    with run.attempt(RESULT) as slow:
        slow.path("rows").write_text("slow")
        write(run, "first")
        slow.commit({"n": 4})
    assert run.output(RESULT, "rows").read_text() == "first" and run.sums(RESULT) == {"n": 5}
    assert len(names(run)) == 2


def test_what_no_manifest_names_is_swept_away(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    write(run, "hello")
    before = names(run)
    (run.output(RESULT, "rows").parent / "task.dead.rows").write_text("left by a kill")
    run.sweep()
    assert names(run) == before


def test_a_commit_that_finds_no_room_for_durability_keeps_what_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunDir(tmp_path)
    monkeypatch.setenv("CURATE_FULL", "committed")
    with pytest.raises(OSError, match="No space left"):
        write(run, "hello")
    assert run.output(RESULT, "rows").read_text() == "hello" and len(names(run)) == 2


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_manifest_without_its_outputs_is_no_manifest(tmp_path: Path, damage: str) -> None:
    run = RunDir(tmp_path)
    write(run, "hello")
    output = run.output(RESULT, "rows")
    output.unlink() if damage == "missing" else output.write_text("hel")
    assert [path.name for path in run.sweep()] == ["task.json"]
    assert not run.committed(RESULT) and names(run) == []


POINTS = ["outputs-written", "manifest-written", "committed"]


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_inside_a_commit_leaves_all_or_nothing(tmp_path: Path, point: str) -> None:
    program = (
        "from pathlib import Path; from curate.rundir import RunDir, Result\n"
        f"run = RunDir(Path({str(tmp_path)!r}))\n"
        "with run.attempt(Result('annotate', '0123', 'task')) as a:\n"
        "    a.path('rows').write_text('hello'); a.commit({'n': 5})\n"
    )
    killed = subprocess.run([sys.executable, "-c", program], env={**os.environ, "CURATE_FAULT": point})
    run = RunDir(tmp_path)
    assert killed.returncode == -9
    assert run.committed(RESULT) == (point == "committed")
    run.sweep()
    write(run, "hello")
    assert run.output(RESULT, "rows").read_text() == "hello" and len(names(run)) == 2


def published(run: RunDir) -> list[str]:
    return sorted(p.relative_to(run.path).as_posix() for p in run.path.rglob("*.txt"))


def publish(run: RunDir, names: list[str]) -> None:
    for name in names:
        write(run, name, Result("write", "f", name.replace("/", "-")))
    files = {name: run.output(Result("write", "f", name.replace("/", "-")), "rows") for name in names}
    run.publish(files, {"corpus/README.txt": "card"}, {"names": names})


def test_publishing_again_leaves_no_file_of_before(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    publish(run, ["corpus/a.txt", "corpus/b.txt", "ledger/x.txt"])
    publish(run, ["corpus/c.txt", "ledger/x.txt"])
    assert published(run) == ["corpus/README.txt", "corpus/c.txt", "ledger/x.txt"]
    assert json.loads(run.report.read_text()) == {"names": ["corpus/c.txt", "ledger/x.txt"]}


@pytest.mark.parametrize("point", ["report-removed", "stale-removed", "linked:1", "linked:2"])
def test_a_kill_while_publishing_is_seen_and_mended_by_the_next(tmp_path: Path, point: str) -> None:
    run = RunDir(tmp_path)
    publish(run, ["corpus/a.txt", "ledger/x.txt"])
    program = (
        "from pathlib import Path; import sys; sys.path.insert(0, 'tests')\n"
        "import test_rundir as t; from curate.rundir import RunDir\n"
        f"t.publish(RunDir(Path({str(tmp_path)!r})), ['corpus/b.txt', 'ledger/x.txt'])\n"
    )
    home = Path(__file__).parents[1]
    env = {**os.environ, "CURATE_FAULT": point}
    assert subprocess.run([sys.executable, "-c", program], env=env, cwd=home).returncode == -9
    assert not run.report.exists()
    publish(run, ["corpus/b.txt", "ledger/x.txt"])
    assert published(run) == ["corpus/README.txt", "corpus/b.txt", "ledger/x.txt"]


def test_a_second_build_says_who_holds_the_directory(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    with run.lock():
        assert run.locked()
        with pytest.raises(UsageError, match=f"process {os.getpid()}"), run.lock():
            pass
    assert not run.locked()


def test_files_are_the_same_after_steps_are_cleaned(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    publish(run, ["corpus/a.txt"])
    run.clean()
    assert not run.steps.exists() and (run.path / "corpus/a.txt").read_text() == "corpus/a.txt"
