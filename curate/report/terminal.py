"""Reports for a person at a terminal: the mix, where documents went, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from curate.mix.emphasis import told
from curate.mix.kinds import UNNAMED

Json = dict[str, Any]

COLOURS = {
    "kept": "green",
    "dropped": "red",
    "duplicate": "yellow",
    "unselected": "blue",
    "quarantined": "magenta",
}


WIDE = 120
"""Columns where nobody says how many there are: a log or a pipe."""


def console() -> Console:
    """Where results go: stdout, as wide as the terminal."""
    known = Console()
    return known if known.is_terminal else Console(width=max(known.width, WIDE))


def print_report(report: Json) -> None:
    """The whole report, to stdout."""
    console().print(render(report))


def render(report: Json) -> RenderableType:
    """The report as a rich renderable."""
    parts: list[RenderableType] = [_headline(report), "", mix_table(report), _errors(report), ""]
    if report.get("drawing"):
        parts += [drawing_table(report["drawing"]), ""]
    if judged(report.get("discourse", {})):
        parts += [discourse_table(report["discourse"]), ""]
    if report.get("emphasis"):
        parts += [emphasis_table(report["emphasis"]), ""]
    parts += [fates_table(report), "", funnel_table(report["funnel"])]
    if report.get("audit"):
        parts += ["", audit_table(report["audit"]), *sentinels_of(report["audit"])]
    if report["quarantine"]:
        parts += ["", quarantine_table(report["quarantine"])]
    parts += ["", stages_table(report), *_notes(report), "", _last_line(report)]
    return Group(*parts)


def _headline(report: Json) -> Text:
    asked = report["requested_tokens"]
    wanted = "as many as the mix allows" if asked == "max" else f"{asked:,} asked"
    text = Text(f"{report['name']}  ", style="bold")
    text.append(f"{report['tokens']:,} tokens", style="bold green")
    text.append(f" ({wanted}) in {report['documents']:,} documents, {report['shards']} shards", style="none")
    return text


def mix_table(report: Json) -> Table:
    """Shares asked, planned and achieved."""
    table = titled("Mix")
    table.add_column("source", no_wrap=True, min_width=6)
    for name in ("target", "planned", "achieved", "tokens", "documents", "unique tokens", "epochs"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for name, row in report["mix"].items():
        table.add_row(
            name,
            f"{row['target']:.1%}",
            f"{row['planned']:.2%}",
            f"{row['achieved']:.2%}",
            f"{row['tokens']:,}",
            f"{row['documents']:,}",
            f"{row['unique_tokens']:,}",
            f"{row['epochs']:.2f}",
            Text("█" * round(30 * row["achieved"]), style="cyan"),
        )
    return table


def _errors(report: Json) -> Text:
    corpus, shard = report["mix_max_error"], report["mix_max_shard_error"]
    return Text(f"largest error: {corpus:.4%} in the corpus, {shard:.4%} in any shard", style="dim")


def drawing_table(drawing: Json) -> Table:
    """How often the tokens of each tenth were drawn, from the lowest weights to the highest."""
    table = titled("Drawn by weight")
    table.add_column("source", no_wrap=True)
    for name in ("epochs, lowest tenth", "highest", "Gini of copies"):
        table.add_column(name, justify="right")
    table.add_column("")
    for name, row in drawing.items():
        epochs = row["epochs"]
        curve = "".join(BARS[round((len(BARS) - 1) * value / (max(epochs) or 1))] for value in epochs)
        figures = (f"{epochs[0]:.2f}", f"{epochs[-1]:.2f}", f"{row['gini']:.2f}")
        table.add_row(name, *figures, Text(curve, style="cyan"))
    return table


BARS = "▁▂▃▄▅▆▇█"


def titled(title: str) -> Table:
    """A table as all of ours look: its title above it, no lines."""
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)


def judged(discourse: Mapping[str, Json]) -> dict[str, Json]:
    """The sources of which some documents have a kind of discourse."""
    return {source: kinds for source, kinds in discourse.items() if set(kinds) - {UNNAMED}}


def discourse_table(discourse: Mapping[str, Json], most: int = 4) -> Table:
    """What of each source's tokens the largest kinds of discourse are, and all whose floor was hit."""
    table = titled("Drawn by discourse")
    for name in ("source", "kind"):
        table.add_column(name, no_wrap=True)
    for name in ("available", "drawn", "floor"):
        table.add_column(name, justify="right")
    table.add_column("")
    for source, kinds in judged(discourse).items():
        largest = sorted(kinds, key=lambda kind: -kinds[kind]["available"])
        shown = [kind for i, kind in enumerate(largest) if i < most or floor_state(kinds[kind])]
        for i, kind in enumerate(shown):
            row, name = kinds[kind], source if i == 0 else ""
            figures = [f"{row[what]:.1%}" for what in ("available", "drawn", "floor")]
            table.add_row(name, kind, *figures, Text(floor_state(row), style="yellow"))
    return table


def floor_state(row: Mapping[str, Any]) -> str:
    """What the floor of a kind did, in words; empty where it did nothing."""
    if row["drawn"] < row["floor"]:
        return "under its floor: no more of it fits"
    return "held by its floor" if row["hit"] else ""


def emphasis_table(emphasis: Mapping[str, Sequence[Json]]) -> Table:
    """What each line of emphasis matched, and how often that was drawn."""
    table = titled("Emphasis")
    table.add_column("source", no_wrap=True)
    table.add_column("line", justify="right")
    table.add_column("matches", overflow="fold")
    for name in ("weight", "documents", "tokens", "drawn", "epochs"):
        table.add_column(name, justify="right")
    for source, lines in emphasis.items():
        for number, row in enumerate(lines, 1):
            figures = [f"{row[name]:,}" for name in ("documents", "tokens", "drawn")]
            table.add_row(
                source if number == 1 else "",
                str(number),
                told(row["match"]),
                f"{row['weight']:g}",
                *figures,
                f"{row['epochs']:.2f}",
                style="" if row["documents"] else "yellow",
            )
    return table


def fates_table(report: Json) -> Table:
    """Where the documents of each source went."""
    table = titled("Fates")
    table.add_column("source")
    table.add_column("documents", justify="right")
    for fate, colour in COLOURS.items():
        table.add_column(fate, justify="right", style=colour)
    for name, row in report["sources"].items():
        table.add_row(name, f"{row['documents']:,}", *(f"{row['fates'][fate]:,}" for fate in COLOURS))
    total = report["fates"]
    table.add_row(
        "all", f"{report['input_documents']:,}", *(f"{total[fate]:,}" for fate in COLOURS), style="bold"
    )
    return table


def funnel_table(funnel: Sequence[Mapping[str, Any]], most: int = 5) -> Table:
    """The rules at which most documents of each source left."""
    table = titled("Left at")
    for name in ("source", "stage", "rule", "fate"):
        table.add_column(name)
    table.add_column("documents", justify="right")
    table.add_column("tokens", justify="right")
    seen: dict[str, int] = {}
    for row in funnel:
        seen[row["source"]] = seen.get(row["source"], 0) + 1
        if seen[row["source"]] <= most:
            names = [row["source"] if seen[row["source"]] == 1 else "", row["stage"], row["rule"]]
            fate = Text(row["fate"], style=COLOURS.get(row["fate"], ""))
            table.add_row(*names, fate, f"{row['documents']:,}", f"{row['tokens']:,}")
    return table


def audit_table(audit: Mapping[str, Any], most: int = 4) -> Table:
    """What the rules cost: of each source the ones that fail most documents, stages in bold as a whole."""
    table = titled("Audit of filters")
    table.add_column("source", no_wrap=True, min_width=9)
    table.add_column("rule", overflow="fold", min_width=20)
    for name in ("fail it", "tokens", "only it", "rescued", "reason well"):
        table.add_column(name, justify="right", min_width=6)
    table.add_column("mostly", no_wrap=True, min_width=8)
    seen = ""
    for source, stage in ((row["source"], row) for row in audit["stages"]):
        mine = [r for r in audit["rules"] if (r["source"], r["stage"]) == (source, stage["stage"])]
        for row in [stage, *mine[:most]] if len(mine) > 1 else mine:
            high = "" if row["high_reasoning"] is None else f"{row['high_reasoning']:.0%}"
            table.add_row(
                source if source != seen else "",
                _rule_cell(row, len(mine) > 1),
                f"{row['documents']:,}",
                f"{row['tokens']:,}",
                f"{row['only']['documents']:,}",
                f"{row['rescued']:,}",
                high,
                _most_hit(row["structures"]),
                style="bold" if "rule" not in row else "",
            )
            seen = source
    return table


def _rule_cell(row: Mapping[str, Any], below_stage: bool) -> str:
    if "rule" not in row:
        return str(row["stage"])
    return f"  {row['rule']}" if below_stage else f"{row['stage']}.{row['rule']}"


def _most_hit(structures: Mapping[str, int], most: int = 2) -> str:
    largest = sorted(structures.items(), key=lambda item: (-item[1], item[0]))[:most]
    return ", ".join(f"{kind} {count:,}" for kind, count in largest)


def sentinels_of(audit: Mapping[str, Any]) -> list[RenderableType]:
    """Which of the packaged texts each source keeps, by kind, and what is wrong."""
    warnings = [Text(f"warning  {sentence}", style="yellow") for sentence in audit["warnings"]]
    if not audit["sentinels"]:
        return [*warnings]
    found = list(audit["sentinels"].items())
    table = titled("Sentinels kept")
    table.add_column("kind")
    table.add_column("should")
    for name, _ in found:
        table.add_column(name, justify="right")
    kinds = found[0][1]["kinds"]
    for kind, entry in kinds.items():
        cells = [_kept(counts["kinds"][kind]) for _, counts in found]
        table.add_row(kind, "stay" if entry["good"] else "go", *cells)
    for what, should, done in (("good", "stay", "kept"), ("junk", "go", "dropped")):
        shares = [f"{c[what][done] / c[what]['documents']:.1%} {done}" for _, c in found]
        table.add_row(f"all {what}", should, *shares, style="bold")
    return ["", table, *warnings]


def _kept(entry: Mapping[str, Any]) -> Text:
    kept, documents = entry["kept"], entry["documents"]
    right = kept == documents if entry["good"] else kept == 0
    return Text(f"{kept} of {documents}", style="dim" if right else "yellow")


def quarantine_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Why documents could not be read or processed."""
    table = titled("Quarantined")
    table.add_column("documents", justify="right")
    table.add_column("source")
    table.add_column("why", overflow="fold")
    for row in rows:
        table.add_row(f"{row['documents']:,}", row["source"], Text(str(row["reason"])))
    return table


def stages_table(report: Json) -> Table:
    """What each stage cost."""
    table = titled("Stages")
    table.add_column("stage")
    table.add_column("CPU seconds", justify="right")
    table.add_column("MB/s", justify="right")
    for name, row in report["stages"].items():
        rate = f"{row['bytes'] / 1e6 / row['seconds']:,.1f}" if row["seconds"] else ""
        table.add_row(name, f"{row['seconds']:.2f}", rate)
    return table


def _notes(report: Json) -> list[Text]:
    notes = [Text(f"note  {note}", style="yellow") for note in report["mix_notes"]]
    if report.get("repeated_ids"):
        repeated = f"{report['repeated_ids']:,} documents repeat the id of another one"
        notes.append(Text(f"note  {repeated}; their keys tell them apart", style="yellow"))
    return notes


def _last_line(report: Json) -> Text:
    size, seconds = report["input_bytes"] / 1e6, report["seconds"]
    text = f"{report['status']}: {report['input_documents']:,} documents, {size:,.1f} MB in {seconds:.1f} s"
    if seconds:
        text += f" ({size / seconds:.1f} MB/s)"
    return Text(f"{text}; {report['fates']['quarantined']:,} quarantined", style="bold")


def pending_table(rows: Sequence[Any]) -> Table:
    """What a build would do, and why: steps of a source that are alike share a row."""
    table = Table(box=None, pad_edge=False)
    table.add_column("source")
    table.add_column("steps", overflow="fold", ratio=3)
    table.add_column("tasks", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=2)
    alike: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        step, _, source = row.step.partition("/")
        alike.setdefault((source, row.tasks, row.of, row.why), []).append(step)
    for (source, tasks, of, why), steps in alike.items():
        left = (f"{tasks} of {of}" if tasks else "-") if of else "?"
        table.add_row(source, ", ".join(steps), left, why, style="dim" if of and not tasks else "")
    return table


def explain(
    ledger: Mapping[str, Any],
    signals: Mapping[str, Any],
    contributions: Sequence[Any] = (),
    emphasis: Sequence[Mapping[str, Any]] = (),
) -> RenderableType:
    """One document's way through: its fate and why, then every signal. contributions: to its reasoning
    score, strongest first. emphasis: the lines of its source."""
    fate = ledger["fate"]
    head = Text(f"{ledger['key']}  ", style="bold")
    head.append(fate, style=f"bold {COLOURS[fate]}")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in signals.items():
        if name not in ("key", "id", "source") and value is not None:
            table.add_row(name, f"{value:.4g}" if isinstance(value, float) else str(value))
        if name == "reasoning.score":
            for part in contributions:
                table.add_row("", Text(f"{part.weight:+.2f} {part.what}", style="dim"))
    return Group(head, Text(f"  {why(ledger)}"), *_weight(ledger, emphasis), "", table)


def _weight(ledger: Mapping[str, Any], emphasis: Sequence[Mapping[str, Any]]) -> list[Text]:
    """What a document weighed when copies were drawn, and which line of emphasis is in that."""
    if ledger["weight"] is None:
        return []
    said, number = f"  weight {ledger['weight']:.4g}", ledger.get("emphasis")
    if number is None:
        return [Text(f"{said}, by quality", style="dim")]
    line = emphasis[number - 1]
    name = f"line {number} of mix.{ledger['source']}.emphasis ({told(line['match'])})"
    return [Text(f"{said}, by quality and {line['weight']:g} times that for {name}", style="dim")]


def why(ledger: Mapping[str, Any]) -> str:
    """The fate of a document in one sentence."""
    fate, rule = ledger["fate"], f"{ledger['stage']}.{ledger['rule']}"
    if fate == "kept":
        again = f", {ledger['copies']} times" if ledger["copies"] > 1 else ""
        others = ledger["cluster_size"] - 1 if ledger["cluster_size"] else 0
        return f"in the corpus{again}" + (f"; {others} duplicates of it were left out" if others else "")
    if fate == "duplicate":
        return (
            f"{ledger['rule']} duplicate of {ledger['duplicate_of']}, similarity {ledger['similarity']:.3f}"
        )
    if fate == "quarantined":
        return f"at {ledger['stage']}: {ledger['reason']}"
    if fate == "unselected":
        if ledger["rule"] == "oversize":
            return (
                f"{rule}: {ledger['value']:,.0f} tokens, and a shard's part holds {ledger['threshold']:,.0f}"
            )
        return f"{rule}: passed everything, and the mix had no room"
    value = ledger["reason"] if ledger["value"] is None else f"{ledger['value']:.4g}"
    limit = f" (limit {ledger['threshold']:.4g})" if ledger["threshold"] is not None else ""
    others = [name for name in ledger["failed_rules"] or [] if name != rule]
    also = f"; it also fails {', '.join(others)}" if others else ""
    return f"{rule}: {value}{limit}{also}"
