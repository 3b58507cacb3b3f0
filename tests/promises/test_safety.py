"""What a build never does: run what it reads, open a socket, write down a secret, share a run directory."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curate
from curate.annotate import LoadedStage
from curate.errors import CurateError, UsageError
from curate.rundir import RunDir

from .conftest import SAMPLE, build

PACKAGE = Path(curate.__file__).parent
Small = Callable[..., dict[str, Any]]

RUN_WHAT_THEY_READ = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
UNSAFE_CALLS = {
    "eval",
    "exec",
    "compile",
    "os.system",
    "os.popen",
    "yaml.load",
    "yaml.unsafe_load",
    "yaml.full_load",
}
SAFE_LOADERS = {"SafeLoader", "CSafeLoader", "_Loader"}
"""`_Loader` is located.py's own, a yaml.SafeLoader: a test in tests/test_located.py gives it hostile tags."""


def unsafe(source: str) -> Iterator[str]:
    """What in a module could run what it reads: pickles, eval, YAML and numpy files read trustingly."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [name.name for name in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            yield from (name for name in modules if name.split(".")[0] in RUN_WHAT_THEY_READ)
        if isinstance(node, ast.Call):
            name, options = ast.unparse(node.func), {k.arg: ast.unparse(k.value) for k in node.keywords}
            loader = options.get("Loader", ast.unparse(node.args[1]) if len(node.args) > 1 else "")
            if name in UNSAFE_CALLS and loader.rpartition(".")[2] not in SAFE_LOADERS:
                yield name
            if name in ("yaml.compose", "yaml.parse") and loader.rpartition(".")[2] not in SAFE_LOADERS:
                yield name
            if name in ("np.load", "numpy.load") and options.get("allow_pickle") != "False":
                yield f"{name} that does not say allow_pickle=False"
            if options.get("shell") == "True":
                yield f"{name} with a shell"


@pytest.mark.parametrize("source", [
    "import pickle", "from joblib import load", "eval(text)", "yaml.load(text)",
    "yaml.load(text, yaml.Loader)", "np.load(path)", "np.load(path, allow_pickle=True)",
    "subprocess.run(x, shell=True)",
])  # fmt: skip
def test_the_search_for_what_runs_what_it_reads_finds_it(source: str) -> None:
    assert list(unsafe(source))


def test_nothing_in_the_package_runs_what_it_reads() -> None:
    found = {path.name: list(unsafe(path.read_text())) for path in PACKAGE.rglob("*.py")}
    assert len(found) > 50
    assert {name: calls for name, calls in found.items() if calls} == {}


NO_SOCKETS = """
import os, sys
def hook(event, arguments):
    if event.startswith("socket.") and event not in ("socket.gethostname", "socket.sethostname"):
        with open(os.environ["SOCKETS_SEEN"], "a") as file:
            file.write(f"{event} {arguments}\\n")
        raise OSError(f"no socket: {event}")
sys.addaudithook(hook)
"""


def test_a_build_and_its_workers_open_no_socket(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS)
    read = {"paths": [f"{SAMPLE}/web/web-00000.parquet"]}
    config = {"sources": {"web": {"read": read}}, "mix": {"web": {"share": 1}}}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "SOCKETS_SEEN": str(tmp_path / "seen")}
    script = "import socket; socket.socket()"
    refused = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert "no socket" in refused.stderr and (tmp_path / "seen").exists()  # it is there, in every process
    (tmp_path / "seen").unlink()
    command = [
        sys.executable,
        "-m",
        "curate",
        "build",
        str(tmp_path / "c.yaml"),
        "-o",
        str(tmp_path / "run"),
        "-j",
        "1",
    ]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "seen").exists()


def one_source(tmp_path: Path, **stages: Any) -> dict[str, Any]:
    texts = pq.read_table(SAMPLE / "web" / "web-00000.parquet", columns=["text"])["text"].to_pylist()
    good = [text for text in texts if text and 300 < len(text) < 3_000][:60]
    pq.write_table(pa.table({"text": good}), tmp_path / "a.parquet")
    off = dict.fromkeys(("perplexity", "reasoning"))
    read = {"paths": [str(tmp_path / "a.parquet")], "meta": ["${env:CURATE_TEST_KEY}"]}
    sources = {"web": {"kind": "web", "read": read, "stages": {**off, **stages}}}
    return {"sources": sources, "mix": {"web": {"share": 1}}, "output": {"shard_tokens": 20_000}}


def test_a_secret_by_reference_is_in_no_file_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_TEST_KEY", "hunter2-is-no-password")
    build(one_source(tmp_path), tmp_path / "run", 1)
    held = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert len(held) > 20
    assert [path for path, content in held.items() if b"hunter2" in content] == []
    assert b"${env:CURATE_TEST_KEY}" in (tmp_path / "run" / "config.yaml").read_bytes()


@pytest.mark.parametrize("content", [b"", b"\x00" * 4_096, b"PK\x03\x04 no archive", b"noise \xff\xfe" * 999])
@pytest.mark.parametrize("stage", ["language", "perplexity", "reasoning", "tokens"])
def test_a_broken_model_file_is_a_sentence(tmp_path: Path, stage: str, content: bytes) -> None:
    model = tmp_path / "model.bin"
    model.write_bytes(content)
    model.chmod(0o444)
    with pytest.raises(CurateError, match=r"model\.bin") as raised:
        LoadedStage.of(stage, {"file" if stage == "tokens" else "model": str(model)})
    assert "\n" not in str(raised.value)
    assert model.read_bytes() == content


# --- two builds, one run directory


def test_a_second_build_names_the_holder_and_changes_nothing(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    with run.lock():
        before = sorted(run.path.rglob("*"))
        with pytest.raises(
            UsageError, match=rf"is being built by process {os.getpid()} on \S+\. Wait for it"
        ):
            build(one_source(tmp_path), run.path, 1)
        assert [p for p in sorted(run.path.rglob("*")) if p.name != "log.jsonl"] == before


def test_a_lock_whose_build_is_gone_is_no_lock(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    program = (
        "import os; from pathlib import Path; from curate.rundir import RunDir\n"
        f"with RunDir(Path({str(tmp_path)!r})).lock(): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program])
    assert "process" in (tmp_path / ".lock").read_text() and not run.locked()
    with run.lock():
        assert run.locked()


def test_workers_that_outlive_their_build_are_waited_for_and_told(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    program = (
        "import os, subprocess, sys; from pathlib import Path; from curate.rundir import RunDir\n"
        f"with RunDir(Path({str(tmp_path)!r})).lock() as lock:\n"
        "    program = [sys.executable, '-c', 'input()']\n"
        "    worker = subprocess.Popen(program, stdin=0, stdout=2, pass_fds=[lock])\n"
        "    print(worker.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    build = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert build.stdin is not None
    build.wait()
    with (
        pytest.raises(UsageError, match=rf"workers of a build that is gone \(process {build.pid} on"),
        run.lock(0),
    ):
        pass
    build.stdin.close()  # now the worker ends
    with run.lock(30):
        pass


def test_a_worker_whose_parent_died_before_it_began_does_nothing() -> None:
    worker = [sys.executable, "-m", "curate.engines.worker", "0"]
    request = json.dumps({"function": "os:getpid", "task": {}}).encode() + b"\n"
    assert subprocess.run(worker, input=request, capture_output=True).stdout == b""


def test_a_run_directory_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("in the way")
    command = [sys.executable, "-m", "curate", "build", str(tmp_path / "c.yaml"), "-o", str(path / "run")]
    (tmp_path / "c.yaml").write_text(json.dumps(one_source(tmp_path)))
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr and str(path) in done.stderr
