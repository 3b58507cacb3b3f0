"""The command line as a user meets it: every command answers, errors are one sentence and a code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer

from curate import cli
from curate.ledger import FATES, Run

from .conftest import SAMPLE, build, sample_config

ROOT = Path(__file__).parents[2]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """call("report", RUN): (exit code, stdout, stderr) of `curate report RUN`."""

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["curate", *map(str, args)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def commands() -> dict[str, str]:
    """Every command and the first line of its help."""
    group = typer.main.get_command(cli.app)
    return {name: (command.help or "").split("\n")[0] for name, command in group.commands.items()}


def test_every_command_says_what_it_does(call: Call) -> None:
    _, out, _ = call("--help")
    for name, sentence in commands().items():
        assert len(sentence) > 20 and name in out, name
        assert call(name, "--help")[0] == 0


@pytest.mark.parametrize("page", ["README.md", *sorted(p.name for p in (ROOT / "docs").glob("*.md"))])
def test_pages_name_only_commands_that_are_there(page: str) -> None:
    text = (ROOT / page if page == "README.md" else ROOT / "docs" / page).read_text()
    named = set(re.findall(r"(?:^\$ |`)curate ([a-z]+)", text, re.M))
    assert named <= set(commands())


def test_help_needs_nothing_heavy() -> None:
    heavy = {"numpy", "pyarrow", "numba", "pydantic", "yaml", "datasets"}
    script = "import sys, curate.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert "typer" in loaded.split() and not heavy & set(loaded.split())


def test_a_wrong_word_is_exit_code_2_and_no_traceback(call: Call, built: Run) -> None:
    for args in (
        ["build", "nothing.yaml"],
        ["build", ROOT / "configs/smoke.yaml", "--engine", "abacus"],
        ["build", ROOT / "configs/smoke.yaml", "--sample", "0"],
        ["report", "nowhere"],
        ["explain", built.dir.path, "no-such-id"],
        ["sample", built.dir.path, "--fate", "lost"],
        ["sample", built.dir.path, "--rule", "language.min_scores"],
        ["annotate", "nothing.parquet", "--stages", "language", "-o", "out.parquet"],
        ["whatif", built.dir.path, "--set", "sources.web.stages.language.min_scores=1"],
    ):
        code, _, err = call(*args)
        assert code == 2 and err.startswith("curate: ") and err.count("\n") <= 2, (args, code, err)


def test_a_report_is_a_table_for_people_and_json_for_scripts(call: Call, built: Run, tmp_path: Path) -> None:
    _, table, _ = call("report", built.dir.path)
    assert f"{built.report['tokens']:,} tokens" in table and "largest error" in table
    _, out, err = call("report", built.dir.path, "--json")
    assert json.loads(out) == built.report and err == ""
    call("report", built.dir.path, "--html", tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text() == built.dir.page.read_text()


@pytest.mark.parametrize("fate", FATES)
def test_explain_says_the_fate_and_why_of_a_document_of_each_fate(call: Call, built: Run, fate: str) -> None:
    row = next(row for row in built.ledger().to_pylist() if row["fate"] == fate)
    code, out, _ = call("explain", built.dir.path, row["key"])
    assert code == 0 and row["key"] in out.replace("\n", "") and fate in out
    if row["rule"] and fate == "dropped":
        assert f"{row['stage']}.{row['rule']}" in out
    _, out, _ = call("explain", built.dir.path, row["id"], "--json")
    found = {document["key"]: document for document in json.loads(out)}[row["key"]]
    scored = found["signals"].get("reasoning.score") is not None
    assert scored == bool(found["contributions"])


def test_sample_shows_texts_as_they_are_in_the_input(call: Call, built: Run) -> None:
    _, out, _ = call("sample", built.dir.path, "--fate", "dropped", "-n", "3", "--json")
    found = json.loads(out)
    assert len(found) == 3
    for row in found:
        column = "content" if row["source"] == "code" else "text"
        table = pq.read_table(SAMPLE / row["source"] / Path(row["shard"]).name, columns=[column])
        assert row["text"] == table[column][row["row"]].as_py()


def test_whatif_with_nothing_changed_is_what_is(call: Call, built: Run) -> None:
    _, out, _ = call("whatif", built.dir.path, "--json")
    found = json.loads(out)
    leaving = {(r["source"], r["rule"]): r["documents"] for r in found["funnel"] if r["rule"] != "budget"}
    before = {
        (r["source"], r["rule"]): r["documents"] for r in built.report["funnel"] if r["rule"] != "budget"
    }
    assert leaving == before and found["tokens"] >= built.report["tokens"]


def test_whatif_foresees_what_a_build_then_does(call: Call, built: Run, tmp_path: Path) -> None:
    sets = "sources.web.stages.language.min_score={default: 0.9}"
    _, out, _ = call("whatif", built.dir.path, "--set", sets, "--json")
    config = sample_config()
    config["sources"]["web"]["stages"] = {"language": {"min_score": {"default": 0.9}}}
    report = build(config, tmp_path / "run")
    dropped = [
        {
            (r["source"], r["stage"], r["rule"]): (r["documents"], r["tokens"])
            for r in rows
            if r["fate"] == "dropped"
        }
        for rows in (json.loads(out)["funnel"], report["funnel"])
    ]
    assert dropped[0] == dropped[1]
    _, out, _ = call("diff", built.dir.path, tmp_path / "run", "--json")
    found = json.loads(out)
    assert found["settings"] == ["sources.web.stages.language.min_score.default: 0.65 -> 0.9"]
    changed = sum(row["documents"] for row in found["moved"] if row["after"] == "dropped, language.min_score")
    assert changed == dropped[0]["web", "language", "min_score"][0] - sum(
        r["documents"] for r in built.report["funnel"] if r["rule"] == "min_score"
    )


def test_a_run_is_like_itself(call: Call, built: Run) -> None:
    _, out, _ = call("diff", built.dir.path, built.dir.path, "--json")
    found = json.loads(out)
    assert found["moved"] == [] and found["settings"] == []
    assert "Every document ended where it did before." in call("diff", built.dir.path, built.dir.path)[1]


def test_status_of_a_run_that_is_whole(call: Call, built: Run) -> None:
    _, out, _ = call("status", built.dir.path, "--json")
    found = json.loads(out)
    assert found["state"] == "complete" and all(step["done"] for step in found["steps"])
    assert {"annotate", "mix", "write"} <= {step["step"] for step in found["steps"]}


def test_clean_frees_the_steps_and_nothing_that_people_see(call: Call, built: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(built.dir.path, run)
    code, out, _ = call("clean", run)
    assert code == 0 and "freed" in out and not (run / "steps").exists()
    code, out, _ = call("verify", run)
    assert code == 0 and "✓" in out


def test_verify_finds_what_was_changed(call: Call, built: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(built.dir.path, run)
    shard = next((run / "corpus").glob("*.parquet"))
    table = pq.read_table(shard)
    shard.unlink()
    pq.write_table(table.slice(1), shard)
    code, out, err = call("verify", run)
    assert code == 4 and "✗" in out and "Traceback" not in err


def test_a_starter_config_is_written_once_and_names_what_is_missing(call: Call, tmp_path: Path) -> None:
    assert call("init", tmp_path)[0] == 0
    code, _, err = call("check", tmp_path / "curate.yaml")
    assert code == 2 and re.search(r"curate\.yaml:\d+: sources\.web\.read\.paths", err)
    code, _, err = call("init", tmp_path)
    assert code == 2 and "there already" in err


def test_check_says_what_could_be_had(call: Call) -> None:
    code, out, _ = call("check", ROOT / "configs/smoke.yaml", "--json")
    found = json.loads(out)
    assert code == 0 and found["mix"]["tokens"] == 400_000 and found["problem"] is None
    assert set(found["sources"]) == {"web", "code", "academic", "synthetic"} and found["disk_needed"] > 0
    _, out, _ = call("check", ROOT / "configs/smoke.yaml")
    assert "valid" in out and "disk" in out


def test_stages_run_alone_on_any_file(call: Call, tmp_path: Path) -> None:
    text = "Because it rained, the street is wet; hence we drive slowly, and nobody is late. " * 5
    (tmp_path / "in.jsonl").write_text(
        json.dumps({"id": "a", "text": text}) + "\n" + '{"id": "b", "text": "x"}\n'
    )
    out = tmp_path / "out.parquet"
    code, said, _ = call("annotate", tmp_path / "in.jsonl", "--stages", "language,heuristics", "-o", out)
    rows = pq.read_table(out).to_pylist()
    assert code == 0 and "2 documents" in said
    assert [row["id"] for row in rows] == ["a", "b"] and rows[0]["language.label"] == "en"
    assert rows[1]["heuristics.word_count"] == 1


def test_the_schema_names_every_stage(call: Call) -> None:
    _, out, _ = call("schema")
    text = json.dumps(json.loads(out))
    assert all(f'"{stage}"' in text for stage in ("language", "heuristics", "perplexity", "reasoning"))


@pytest.mark.parametrize("args", [["report", "RUN", "--json"], ["--version"]])
def test_a_closed_pipe_is_silent(built: Run, args: list[str]) -> None:
    command = [sys.executable, "-m", "curate", *(str(built.dir.path) if a == "RUN" else a for a in args)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_build_needs_no_terminal_input_or_output(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(json.dumps(sample_config()))
    command = ["sh", "-c", 'exec "$0" -m curate build "$1" -o "$2" <&- >&- 2>&-']
    done = subprocess.run([*command, sys.executable, str(config), str(tmp_path / "run")])
    assert done.returncode == 0 and Run(tmp_path / "run").dir.files("corpus")
