"""Words on the screen: each command parses, calls one function, prints. Results go to stdout, the rest to
stderr.

Exit codes: 0 done, 1 failed while running, 2 wrong use or config, 3 the mix is infeasible, 4 verification
failed, 130 interrupted. Imports stay inside commands: `curate --help` is instant.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.engines import ENVIRONMENT, GARBAGE
from curate.errors import CurateError, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from curate import scoring
    from curate.training.reasoning import Report

app = typer.Typer(
    name="curate",
    help="Turns raw shards of text into one corpus for reasoning models: it keeps reasoning, its mix "
    "is exact, and every document is accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

ConfigArg = Annotated[Path, typer.Argument(metavar="CONFIG", help="the YAML file", show_default=False)]
RunArg = Annotated[Path, typer.Argument(metavar="RUN", help="a run directory", show_default=False)]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=C", help="change a value of the config; may be repeated"),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of tables")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress")]


def main() -> None:
    """The command `curate`: errors become one sentence and an exit code, a closed pipe is silent."""
    for name, value in ENVIRONMENT.items():  # before anything imports what reads it
        os.environ.setdefault(name, value)
    gc.set_threshold(GARBAGE)
    _open_streams()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # a pipe that was closed is noticed here, and not by Python on its way out
    except CurateError as error:
        _fail(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains again while it closes stdout
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.", 1)
    except KeyboardInterrupt:
        _fail("Interrupted.", 130)


def _open_streams() -> None:
    """What a caller closed (`curate ... >&-`) leads to nowhere, or the first file that we open takes its
    place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def _fail(sentence: str, code: int) -> None:
    print(f"curate: {sentence}", file=sys.stderr)
    sys.exit(code)


def _print(what: RenderableType) -> None:
    from curate.report import terminal

    terminal.console().print(what)


def _print_json(what: Any) -> None:
    print(json.dumps(what, ensure_ascii=False, indent=1, default=str))


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
) -> None:
    if version:
        from curate import __version__

        print(f"curate {__version__}")
        raise typer.Exit


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="where to put it")] = Path(),
) -> None:
    """Write a commented starter config."""
    from importlib.resources import files

    target = folder / "curate.yaml"
    if target.exists():
        raise UsageError(f"{target} is there already. Name another folder, or move it away.")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text((files("curate") / "data" / "starter.yaml").read_text())
    print(f"{target} written. Put your paths in it, then: curate check {target}")


@app.command()
def check(config: ConfigArg, sets: Sets = None, as_json: AsJson = False) -> None:
    """Validate a config; show its plan, files and models, tokens to be had, disk and memory needed."""
    from curate import outlook
    from curate.config import load

    found = outlook.look(load(config, sets or []))
    if as_json:
        _print_json(found)
    else:
        _print(outlook.render(found))


@app.command()
def build(
    config: ConfigArg,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="RUN", help="run directory [default: runs/NAME]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-j", min=1, help="worker processes [default: one per core]")
    ] = None,
    engine: Annotated[str, typer.Option(help="who executes tasks: local")] = "local",
    sets: Sets = None,
    sample: Annotated[float, typer.Option(help="build from this share of documents and of tokens")] = 1.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would run and why; write nothing")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Build the corpus. Running it again resumes, and redoes only what a change touches."""
    from curate.pandas_free import spare_pandas

    spare_pandas()
    from curate import build as building
    from curate.config import load
    from curate.progress import Reporter
    from curate.report import terminal
    from curate.rundir import RunDir

    if engine != "local":
        raise UsageError(f"There is no engine '{engine}'. Known here: local.")
    loaded = load(config, sets or [])
    run = RunDir(out or Path("runs") / loaded.name)
    if dry_run:
        rows = building.pending(loaded, run, sample)
        _print_json([vars(row) for row in rows]) if as_json else _print(terminal.pending_table(rows))
        return
    report = building.build(loaded, run.path, workers, sample, Reporter(run.log, quiet), fork=True)
    if as_json:
        _print_json(report)
    else:
        terminal.print_report(report)
        print(f"corpus: {run.path / 'corpus'}   why a document: curate explain {run.path} ID")


@app.command()
def status(run: RunArg, as_json: AsJson = False) -> None:
    """Where a build stands, from another terminal."""
    from curate.report import status as standing
    from curate.rundir import RunDir

    found = standing.look(RunDir(run).must_exist())
    _print_json(found) if as_json else _print(standing.render(found))


@app.command()
def report(
    run: RunArg,
    as_json: AsJson = False,
    page: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="write a page instead")] = None,
) -> None:
    """The mix report of a complete run."""
    from curate.report import terminal
    from curate.rundir import RunDir

    found = RunDir(run).read_report()
    if page is not None:
        from curate.report import html

        page.write_text(html.page(found), encoding="utf-8")
        print(f"{page} written")
    elif as_json:
        _print_json(found)
    else:
        terminal.print_report(found)


@app.command()
def verify(run: RunArg, as_json: AsJson = False) -> None:
    """Prove a run's promises from its files: checksums, accounting, shares, keys."""
    from curate.report import verify as proof
    from curate.rundir import RunDir

    found = proof.verify(RunDir(run))
    _print_json([vars(promise) for promise in found]) if as_json else _print(proof.render(found))
    proof.must_hold(found)


@app.command()
def explain(
    run: RunArg,
    name: Annotated[str, typer.Argument(metavar="ID", help="an id, or a key", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """One document's way through: its fate and why, every signal, and what spoke for and against its
    reasoning."""
    from curate.ledger import Run
    from curate.report import terminal
    from curate.scoring import contributions

    opened = Run(run)
    found = opened.explain(name)
    if not found:
        raise UsageError(
            f"No document of {run} has the id or key '{name}'. `curate sample {run} --fate kept` shows some."
        )
    spoke = [
        contributions(opened, ledger) if signals.get("reasoning.score") is not None else []
        for ledger, signals in found
    ]
    if as_json:
        _print_json(
            [
                {**ledger, "signals": signals, "contributions": [vars(part) for part in parts]}
                for (ledger, signals), parts in zip(found, spoke, strict=True)
            ]
        )
        return
    for (ledger, signals), parts in zip(found, spoke, strict=True):
        lines = opened.report.get("emphasis", {}).get(ledger["source"], [])
        _print(terminal.explain(ledger, signals, parts, lines))


@app.command()
def sample(
    run: RunArg,
    fate: Annotated[
        str, typer.Option(help="kept, dropped, duplicate, unselected or quarantined")
    ] = "dropped",
    rule: Annotated[
        str | None, typer.Option(metavar="STAGE.RULE", help="only documents that left here")
    ] = None,
    source: Annotated[str | None, typer.Option(help="only documents of this source")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="how many")] = 5,
    as_json: AsJson = False,
) -> None:
    """Some documents of one fate, with their texts and why."""
    from curate.ledger import Run
    from curate.report import samples

    found = samples.draw(Run(run), fate, rule, source, n)
    if as_json:
        _print_json(found)
    else:
        _print(samples.render(found))


@app.command()
def whatif(run: RunArg, sets: Sets = None, as_json: AsJson = False) -> None:
    """The funnel and mix that other settings would give, from stored signals, in seconds."""
    from curate import whatif as asking
    from curate.ledger import Run

    found = asking.ask(Run(run), sets or [])
    _print_json(found) if as_json else _print(asking.render(found))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="RUN_A", help="a run directory", show_default=False)],
    after: Annotated[Path, typer.Argument(metavar="RUN_B", help="another", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """What changed between two runs: settings, numbers, and the documents that went another way."""
    from curate import diff as comparing
    from curate.ledger import Run

    found = comparing.compare(Run(before), Run(after))
    _print_json(found) if as_json else _print(comparing.render(found))


@app.command()
def calibrate(
    given: Annotated[
        Path, typer.Argument(metavar="RUN|CONFIG", help="text that should pass, as a run or a config")
    ],
    fail: Annotated[float, typer.Option(help="share of the reference that each limit may fail")] = 0.005,
    reasoning: Annotated[
        float | None, typer.Option(help="only documents of a run from this reasoning quantile on")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Propose limits from percentiles of a reference sample; nothing is changed."""
    from curate import calibrate as calibrating

    found = calibrating.propose(given, fail, reasoning)
    _print_json(found) if as_json else _print(calibrating.render(found, given))


@app.command()
def clean(run: RunArg) -> None:
    """Drop steps/: what only a rebuild needs. Corpus, ledger, signals and report stay."""
    from curate.rundir import RunDir

    directory = RunDir(run).must_be_complete()
    with directory.lock():
        freed = directory.clean()
    print(f"{freed / 1e6:,.1f} MB freed; building {run} again would start from the inputs")


@app.command()
def annotate(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="files that a reader can read")],
    stages: Annotated[str, typer.Option(help="stages by name, with commas: language,heuristics")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.parquet", help="where the signals go")],
    kind: Annotated[str, typer.Option(help="web, code, academic or synthetic")] = "web",
    text: Annotated[str, typer.Option(help="the text column")] = "text",
) -> None:
    """Stages alone, on any file that a reader can read."""
    from curate.annotate import annotate_files

    rows = annotate_files(inputs, stages.split(","), out, kind, text)
    print(f"{out}: {rows:,} documents")


@app.command()
def score(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a file, or - for standard input")],
    model: Annotated[str, typer.Option(help="a model of `curate train reasoning`")] = "packaged",
    fasttext: Annotated[
        Path | None, typer.Option(help="a fastText classifier that judges along (.bin or .ftz)")
    ] = None,
    fasttext_label: Annotated[str, typer.Option(help="its label for texts that are wanted")] = "hq",
    text: Annotated[str, typer.Option(help="the text column")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON line per document")] = False,
) -> None:
    """How well texts reason, what they do, and what spoke for and against: a plain text, or each document of
    JSON lines, Parquet or a saved dataset."""
    from curate import scoring

    config = scoring.Config.model_validate(
        {
            "model": model,
            "fasttext": str(fasttext) if fasttext else None,
            "fasttext_label": fasttext_label,
        }
    )
    if str(file) == "-":
        found = scoring.score_stream(sys.stdin.buffer.read(), config, text)
    else:
        found = scoring.score_file(file, config, text)
    if as_json:
        for one in found:
            print(json.dumps(one.as_json(), ensure_ascii=False))
    else:
        _print(_scores(list(found)))


def _scores(found: list[scoring.Scored]) -> RenderableType:
    """A table: a document by row, or all about a single one."""
    from rich.table import Table

    table = Table("id", "score", "discourse", "for", "against")
    for one in found:
        score = "-" if one.score is None else f"{one.score:.3f}"
        up, down = (
            "\n".join(f"{c.what} {c.weight:+.2f}" for c in one.contributions if (c.weight > 0) == wanted)
            for wanted in (True, False)
        )
        table.add_row(one.id, score, one.discourse or one.note or "-", up, down)
    return table


train = typer.Typer(help="Make the models that stages use.", no_args_is_help=True)
app.add_typer(train, name="train")


@train.command()
def reasoning(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="MODEL.npz", help="where the model goes")],
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="F", help="JSONL or Parquet: text, label 0/1 or score 0..5, origin; kind, weight"
        ),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="[F]...", help="more such files")] = None,
    seed: Annotated[int, typer.Option(help="of everything random")] = 17,
    as_json: AsJson = False,
) -> None:
    """A model for stage reasoning from labelled passages, and a card beside it; prints how well it does on
    origins that it has not seen."""
    from curate.training import labelled

    files = [*(data or []), *(more or [])]
    if not files:
        raise UsageError("Which passages? Name files: curate train reasoning --data FILE -o MODEL.npz")
    _, report, card = labelled.train_files(files, out, seed)
    if as_json:
        names = ("auc", "matched", "ece", "mean_auc", "mean_matched", "counts")
        _print_json({name: getattr(report, name) for name in names})
    else:
        _print(_left_out(report))
        print(f"model: {out}   card: {card}")


def _left_out(report: Report) -> RenderableType:
    """By origin, what models say that have not seen it."""
    from rich.table import Table

    table = Table("origin", "no", "yes", "AUC", "matched", caption=f"calibration error {report.ece:.3f}")
    figures = (report.auc, report.matched)
    for origin, (no, yes) in report.counts.items():
        known = [f"{of[origin]:.3f}" if origin in of else "-" for of in figures]
        table.add_row(origin, str(no), str(yes), *known)
    table.add_row("mean", "", "", f"{report.mean_auc:.3f}", f"{report.mean_matched:.3f}")
    return table


@train.command("language-model")
def language_model(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="files that a reader can read")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="MODEL", help="where the model goes")],
    order: Annotated[int, typer.Option(min=2, max=4, help="words of the longest n-gram")] = 3,
    words: Annotated[int, typer.Option(min=1, help="most words of the vocabulary")] = 30_000,
    text: Annotated[str, typer.Option(help="the text column")] = "text",
) -> None:
    """A model for stage perplexity from texts: n-grams with modified Kneser-Ney smoothing."""
    from curate.training import language_model as training

    made = training.train(training.texts(inputs, text), out, order=order, words=words)
    grams = " + ".join(f"{count:,}" for count in made.ngrams)
    print(
        f"{out}: {made.documents:,} documents, {made.tokens:,} tokens, {made.words:,} words, {grams} n-grams"
    )


@app.command()
def schema() -> None:
    """The JSON schema of configs, for editors."""
    from curate import plan

    _print_json(plan.schema())
