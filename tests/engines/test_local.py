"""The local engine: results come back, errors are sentences, workers never outlive the build."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from curate.engines.local import LocalEngine
from curate.errors import BuildError, UsageError

from . import jobs

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _workers_find_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def run(
    function: Callable[[Any], Any], tasks: Sequence[dict[str, Any]], workers: int = 2, fork: bool = False
) -> dict[int, Any]:
    with LocalEngine(workers, fork=fork) as engine:
        return dict(engine.run(function, tasks, lambda counts: None))


both = pytest.mark.parametrize("fork", [False, True], ids=["fresh", "forked"])


@both
def test_every_task_has_its_result_whoever_did_it(fork: bool) -> None:
    results = run(jobs.double, [{"n": n} for n in range(7)], fork=fork)
    assert {i: r["n"] for i, r in results.items()} == {n: 2 * n for n in range(7)}
    assert os.getpid() not in {r["process"] for r in results.values()}


def test_progress_is_heard_and_workers_are_kept_between_steps() -> None:
    heard: list[dict[str, int]] = []
    with LocalEngine(1) as engine:
        first = dict(engine.run(jobs.double, [{"n": 1}], heard.append))
        second = dict(engine.run(jobs.double, [{"n": 2}], heard.append))
    assert heard == [{"documents": 1, "bytes": 8, "task": 0}] * 2
    assert first[0]["process"] == second[0]["process"] != os.getpid()


def test_an_error_of_a_task_is_the_same_error_here() -> None:
    with pytest.raises(BuildError, match="shard 3 is impossible"):
        run(jobs.complain, [{"n": 3}])
    with pytest.raises(UsageError, match=r"r1.yaml:3: sources.web: no such column"):
        run(jobs.complain_of_config, [{}])


def test_a_bug_in_a_task_says_where_with_its_traceback() -> None:
    with pytest.raises(BuildError, match=r"part 5: ValueError: number 5(.|\n)*jobs.py"):
        run(jobs.stumble, [{"n": 5, "say": "part 5"}])


@both
def test_a_worker_that_dies_is_replaced_and_its_task_tried_again(fork: bool, tmp_path: Path) -> None:
    assert run(jobs.die_once, [{"marker": str(tmp_path / "m")}], fork=fork)[0] == {"try": 2}


def test_a_worker_that_dies_at_rest_is_missed_by_nobody() -> None:
    with LocalEngine(2) as engine:
        first = [
            result["process"] for _, result in engine.run(jobs.double, [{"n": n} for n in (1, 2)], print)
        ]
        os.kill(first[0], signal.SIGKILL)
        results = dict(engine.run(jobs.double, [{"n": n} for n in range(9)], print))
    assert [results[n]["n"] for n in range(9)] == [2 * n for n in range(9)]


@both
def test_a_task_that_kills_twice_ends_the_build_with_the_signal_and_the_task(fork: bool) -> None:
    with pytest.raises(BuildError, match=r"killed by signal 11 at part 1\. It died 2 times"):
        run(jobs.die, [{"say": "part 1"}], fork=fork)


def test_a_fork_holds_nothing_of_its_parent_open_but_what_it_shall_keep(tmp_path: Path) -> None:
    with (
        open(tmp_path / "kept", "w") as kept,
        open(tmp_path / "other", "w"),
        LocalEngine(2, [kept.fileno()], fork=True) as engine,
    ):
        found = [r["files"] for _, r in engine.run(jobs.open_files, [{}, {}], print)]
    for files in found:
        assert {str(tmp_path / "kept")} == {name for name in files if name.startswith(str(tmp_path))}
        assert len(files) == 5  # and its input, its answers, and twice where its complaints go


@both
def test_what_the_build_locks_stays_locked_while_a_worker_lives(fork: bool, tmp_path: Path) -> None:
    with LocalEngine(1, [lock := os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)], fork) as engine:
        fcntl.flock(lock, fcntl.LOCK_EX)
        list(engine.run(jobs.double, [{"n": 1}], print))
        os.close(lock)
        with open(tmp_path / "lock") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with open(tmp_path / "lock") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_worker_that_holds_more_than_its_task_may_is_ended() -> None:
    with pytest.raises(BuildError, match=r"needed more than 0\.2 GB of memory at part 1"):
        run(jobs.eat, [{"say": "part 1", "memory": 200_000_000}])


@both
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_signal_to_the_parent_alone_stops_the_workers(
    tmp_path: Path, sign: signal.Signals, fork: bool
) -> None:
    marker = tmp_path / "pid"
    program = (
        "from curate.engines.local import LocalEngine; from tests.engines import jobs\n"
        f"list(LocalEngine(1, fork={fork}).run(jobs.sleep, [{{'marker': {str(marker)!r}}}], print))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    _until(lambda: marker.exists() and marker.read_text() != "")
    parent.send_signal(sign)
    parent.wait()
    _until(lambda: not _alive(int(marker.read_text())))


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_largest_task_goes_first_so_that_none_is_waited_for_at_the_end() -> None:
    tasks = [{"n": n, "work": work} for n, work in enumerate((1, 3, 2, 3))]
    with LocalEngine(1) as engine:
        assert [index for index, _ in engine.run(jobs.double, tasks, lambda counts: None)] == [1, 3, 2, 0]


def test_a_worker_does_not_import_pandas_for_pyarrow_and_a_stage_still_may() -> None:
    assert run(jobs.ask_for_pandas, [{}], workers=1)[0] == {"before": False, "after": True}
