"""The report as one page for people who would rather look than read: a file that fetches nothing.

Bars are SVG, every figure behind a bar is also written out, and the page follows the reader's light or dark
setting. It says what report.json says, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from curate.mix.emphasis import told
from curate.report.terminal import floor_state, judged

Json = Mapping[str, Any]

MEANING = {
    "kept": "in the corpus",
    "unselected": "the mix had no room",
    "duplicate": "of a document that stays",
    "dropped": "by a rule",
    "quarantined": "could not be read or processed",
}
"""Of fates, in the order of a bar: from what is in the corpus to what could not be read."""
FATES = tuple(MEANING)
WIDTH = 560
"""Units across a bar."""
RULES_SHOWN = 6
"""Of each source; the others are folded."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #646b73; --paper: #fff;
  --line: #e3e6ea; --bar: #eef0f3;
  --kept: #2f9e6e; --unselected: #6b8fd6; --duplicate: #d9a93b; --dropped: #d0604f; --quarantined: #8d6bbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #9aa1a9; --paper: #15181b;
  --line: #2c3136; --bar: #23282d; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2.5rem auto;
  max-width: 62rem; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.6rem 0 .6rem; }
p { color: var(--soft); margin: .2rem 0 .8rem; } code { font-size: .92em; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.4rem 0 0; }
.tile { border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; min-width: 8rem; }
.tile b { display: block; font-size: 1.25rem; } .tile span { color: var(--soft); font-size: .85rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; text-align: left; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: middle; }
td.n, th.n { text-align: right; white-space: nowrap; } td.w { overflow-wrap: anywhere; }
td.rule { overflow-wrap: anywhere; width: 17rem; } td.fate { width: 6.5rem; }
td.s { width: 14%; }
svg { display: block; width: 100%; height: 18px; } td.bar { width: 42%; min-width: 12rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; color: var(--soft); font-size: .85rem; }
.legend i { border-radius: 3px; display: inline-block; height: .7em; margin-right: .35em; width: .7em; }
summary { color: var(--soft); cursor: pointer; padding: .4rem 0; }
.kept { fill: var(--kept); background: var(--kept); }
.dropped { fill: var(--dropped); background: var(--dropped); }
.unselected { fill: var(--unselected); background: var(--unselected); }
.duplicate { fill: var(--duplicate); background: var(--duplicate); }
.quarantined { fill: var(--quarantined); background: var(--quarantined); }
.rail { fill: var(--bar); } .range { fill: var(--kept); opacity: .25; }
.tick { stroke: var(--ink); stroke-width: 2; }
.note { border-left: 3px solid var(--duplicate); padding-left: .7rem; }
"""


def page(report: Json) -> str:
    """A whole HTML document of a report.json."""
    name = escape(str(report["name"]))
    parts = [_head(report), *_notes(report), _mix(report), _drawing(report), _discourse(report)]
    parts += [_emphasis(report), _fates(report), _funnel(report), _audit(report["audit"])]
    parts += [_sentinels(report["audit"]), _quarantine(report), _structures(report), _cost(report)]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}: mix report</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _head(report: Json) -> str:
    asked = report["requested_tokens"]
    wanted = "as many as the mix allows" if asked == "max" else f"{asked:,} asked"
    tiles = [
        (f"{report['tokens']:,}", f"tokens, {wanted}"),
        (f"{report['documents']:,}", f"documents in {report['shards']:,} shards"),
        (f"{report['mix_max_error']:.4%}", "largest error of the mix"),
        (f"{report['mix_max_shard_error']:.4%}", "the same in any shard"),
        (f"{report['input_documents']:,}", f"documents read, {report['input_bytes'] / 1e6:,.1f} MB"),
    ]
    shown = "".join(f'<div class="tile"><b>{value}</b><span>{said}</span></div>' for value, said in tiles)
    title = f"<h1>{escape(str(report['name']))}</h1>\n<p>{escape(str(report['status']))}, made by curate "
    return f'{title}{escape(str(report["curate"]))}</p>\n<div class="tiles">{shown}</div>'


def _notes(report: Json) -> list[str]:
    notes = list(report["mix_notes"])
    if report.get("repeated_ids"):
        notes.append(f"{report['repeated_ids']:,} documents repeat the id of another one; their keys differ.")
    return [f'<p class="note">{escape(str(note))}</p>' for note in notes]


def _mix(report: Json) -> str:
    rows = [
        [
            _text(name),
            _cell(_share_bar(row), "bar"),
            *_numbers(f"{row['planned']:.2%}", f"{row['achieved']:.2%}", f"{row['tokens']:,}"),
            *_numbers(f"{row['documents']:,}", f"{row['unique_tokens']:,}", f"{row['epochs']:.2f}"),
        ]
        for name, row in report["mix"].items()
    ]
    head = ["source", "", "#planned", "#achieved", "#tokens", "#documents", "#unique tokens", "#epochs"]
    about = "Shares of tokens. The bar is what was achieved, the pale band the range, the line the target."
    return _section("Mix", about, _table(head, rows))


def _share_bar(row: Json) -> str:
    """A share in its range: the scale ends at 100 %."""
    low, high, target, achieved = (WIDTH * row[name] for name in ("low", "high", "target", "achieved"))
    marks = [
        _rect(0, WIDTH, "rail"),
        _rect(0, achieved, "kept", 4, 10),
        _rect(low, max(high - low, 1), "range"),
        f'<line class="tick" x1="{target:.1f}" x2="{target:.1f}" y1="0" y2="18"/>',
    ]
    return _svg(
        marks, f"{row['achieved']:.2%} of {row['low']:.0%} to {row['high']:.0%}, target {row['target']:.1%}"
    )


def _drawing(report: Json) -> str:
    rows = []
    for name, row in report["drawing"].items():
        most, step = max(row["epochs"]) or 1, WIDTH / len(row["epochs"])
        heights = [18 * value / most for value in row["epochs"]]
        marks = [_rect(i * step, step - 4, "kept", 18 - high, high) for i, high in enumerate(heights)]
        bar = _svg(marks, ", ".join(f"{value:.2f}" for value in row["epochs"]))
        figures = _numbers(f"{row['epochs'][0]:.2f}", f"{row['epochs'][-1]:.2f}", f"{row['gini']:.2f}")
        rows.append([_text(name), _cell(bar, "bar"), *figures])
    about = (
        "How often the tokens of each tenth stand in the corpus, from the lowest weights (reasoning quality) "
        "to the highest."
    )
    head = ["source", "", "#lowest tenth", "#highest", "#Gini of copies"]
    return _section("Drawn by weight", about, _table(head, rows)) if rows else ""


def _discourse(report: Json) -> str:
    found = judged(report.get("discourse", {}))
    most = max(
        (max(row["available"], row["drawn"]) for kinds in found.values() for row in kinds.values()), default=1
    )
    rows = [
        [
            _text(source),
            _text(kind),
            _cell(_portion_bar(row, most), "bar"),
            *_numbers(f"{row['available']:.1%}", f"{row['drawn']:.1%}", f"{row['floor']:.1%}"),
            _text(floor_state(row)),
        ]
        for source, kinds in found.items()
        for kind, row in sorted(kinds.items(), key=lambda item: -item[1]["available"])
    ]
    about = (
        "What of a source's tokens each kind of discourse is. The bar is what was drawn, the line what was "
        "available, the pale band the floor that weights could not press it under."
    )
    head = ["source", "kind", "", "#available", "#drawn", "#floor", ""]
    return _section("Drawn by discourse", about, _table(head, rows)) if rows else ""


def _portion_bar(row: Json, most: float) -> str:
    available, drawn, floor = (WIDTH * row[name] / most for name in ("available", "drawn", "floor"))
    marks = [
        _rect(0, WIDTH, "rail"),
        _rect(0, drawn, "kept", 4, 10),
        _rect(0, floor, "range"),
        f'<line class="tick" x1="{available:.1f}" x2="{available:.1f}" y1="0" y2="18"/>',
    ]
    return _svg(marks, f"{row['drawn']:.1%} drawn of {row['available']:.1%}, floor {row['floor']:.1%}")


def _emphasis(report: Json) -> str:
    rows = [
        [
            _text(source),
            *_numbers(str(number)),
            _cell(escape(told(row["match"])), "w"),
            *_numbers(f"{row['weight']:g}", f"{row['documents']:,}", f"{row['tokens']:,}"),
            *_numbers(f"{row['drawn']:,}", f"{row['epochs']:.2f}"),
        ]
        for source, lines in report.get("emphasis", {}).items()
        for number, row in enumerate(lines, 1)
    ]
    about = (
        "What each line of emphasis matched first, of the documents that came to the mix, and what was drawn."
    )
    head = ["source", "#line", "matches", "#weight", "#documents", "#tokens", "#drawn", "#epochs"]
    return _section("Emphasis", about, _table(head, rows)) if rows else ""


def _fates(report: Json) -> str:
    sources = [
        *report["sources"].items(),
        ("all", {"documents": report["input_documents"], "fates": report["fates"]}),
    ]
    rows = [
        [
            _text(name),
            _cell(_fate_bar(row), "bar"),
            *_numbers(f"{row['documents']:,}", *(f"{row['fates'][fate]:,}" for fate in FATES)),
        ]
        for name, row in sources
    ]
    legend = "".join(f'<span><i class="{fate}"></i>{fate}: {MEANING[fate]}</span>' for fate in FATES)
    table = _table(["source", "", "#documents", *(f"#{fate}" for fate in FATES)], rows)
    about = "Every document that was read ends in exactly one of these places."
    return _section("Fates", about, f'<div class="legend">{legend}</div>{table}')


def _fate_bar(row: Json) -> str:
    total, at, marks = max(row["documents"], 1), 0.0, [_rect(0, WIDTH, "rail")]
    for fate in FATES:
        size = WIDTH * row["fates"][fate] / total
        marks.append(_rect(at, size, fate))
        at += size
    said = ", ".join(f"{row['fates'][fate]:,} {fate}" for fate in FATES)
    return _svg(marks, said)


def _funnel(report: Json) -> str:
    most = max((row["documents"] for row in report["funnel"]), default=1)
    parts = []
    for source in report["mix"]:
        rows = [_funnel_row(row, most) for row in report["funnel"] if row["source"] == source]
        head = [source, "", "fate", "#documents", "#tokens"]
        parts.append(_table(head, rows[:RULES_SHOWN]))
        if rows[RULES_SHOWN:]:
            more = f"{len(rows) - RULES_SHOWN} more rules of {escape(source)}"
            parts.append(f"<details><summary>{more}</summary>{_table(head, rows[RULES_SHOWN:])}</details>")
    about = "Where documents left, by the first rule that each failed. A rule's name is the key of its limit."
    return _section("Left at", about, "\n".join(parts))


def _funnel_row(row: Json, most: int) -> list[str]:
    bar = _svg([_rect(0, WIDTH * row["documents"] / most, row["fate"])], f"{row['documents']:,} documents")
    name = f"<code>{escape(str(row['stage']))}.{escape(str(row['rule']))}</code>"
    sizes = _numbers(f"{row['documents']:,}", f"{row['tokens']:,}")
    return [_cell(name, "rule"), _cell(bar, "bar"), _cell(row["fate"], "fate"), *sizes]


def _audit(audit: Json) -> str:
    """What each rule costs alone, and whom it hits."""
    most = max((row["documents"] for row in audit["rules"]), default=1)
    rows = [
        [
            _text(row["source"]),
            _cell(f"<code>{escape(row['stage'])}.{escape(row['rule'])}</code>", "rule"),
            _cell(_audit_bar(row, most), "bar"),
            *_numbers(f"{row['documents']:,}", f"{row['only']['documents']:,}", f"{row['rescued']:,}"),
            *_numbers("" if row["high_reasoning"] is None else f"{row['high_reasoning']:.0%}"),
        ]
        for row in audit["rules"]
    ]
    about = (
        "Documents that fail each rule, whatever else they fail; in red those that fail nothing else. "
        "Reason well: of those with a score, how many are in the best tenth; chance gives 10 %."
    )
    head = ["source", "rule", "", "#fail it", "#only it", "#rescued", "#reason well"]
    return _section("Audit of filters", about, _table(head, rows)) if rows else ""


def _audit_bar(row: Json, most: int) -> str:
    size, only = WIDTH * row["documents"] / most, WIDTH * row["only"]["documents"] / most
    said = f"{row['documents']:,} fail it, {row['only']['documents']:,} nothing else"
    return _svg([_rect(0, size, "rail"), _rect(0, only, "dropped")], said)


def _sentinels(audit: Json) -> str:
    """Which of the packaged texts each source keeps, by kind."""
    found = list(audit["sentinels"].items())
    if not found:
        return ""
    rows = []
    for kind, entry in found[0][1]["kinds"].items():
        kept = [(counts["kinds"][kind]["kept"], counts["kinds"][kind]["documents"]) for _, counts in found]
        cells = [
            cell
            for n, of in kept
            for cell in (_cell(_sentinel_bar(n, of, entry["good"]), "s"), *_numbers(f"{n} of {of}"))
        ]
        rows.append([_text(kind), _text("stay" if entry["good"] else "go"), *cells])
    head = ["kind", "should", *(title for name, _ in found for title in (name, "#"))]
    notes = "".join(f'<p class="note">{escape(sentence)}</p>' for sentence in audit["warnings"])
    about = "Short texts of ours that the rules of each source keep (green), or should not (red)."
    return _section("Sentinels kept", about, notes + _table(head, rows))


def _sentinel_bar(kept: int, of: int, good: bool) -> str:
    marks = [_rect(0, WIDTH, "rail"), _rect(0, WIDTH * kept / max(of, 1), "kept" if good else "dropped")]
    return _svg(marks, f"{kept} of {of} kept")


def _quarantine(report: Json) -> str:
    rows = [
        [
            *_numbers(f"{row['documents']:,}"),
            _text(row["source"]),
            _text(row["stage"]),
            _cell(escape(row["reason"]), "w"),
        ]
        for row in report["quarantine"]
    ]
    about = "What could not be read or processed, and why; nothing else was lost for it."
    return (
        _section("Quarantined", about, _table(["#documents", "source", "stage", "why"], rows)) if rows else ""
    )


def _structures(report: Json) -> str:
    found = sorted(report["structures"].items(), key=lambda item: -item[1]["documents"])
    most = max((row["documents"] for _, row in found), default=1)
    rows = [
        [
            _text(kind),
            _cell(_structure_bar(row, most), "bar"),
            *_numbers(f"{row['documents']:,}", f"{row['dropped']:.1%}"),
        ]
        for kind, row in found
    ]
    about = "What the documents are, and the part of each that rules dropped (red)."
    return _section("Structure", about, _table(["kind", "", "#documents", "#dropped"], rows)) if rows else ""


def _structure_bar(row: Json, most: int) -> str:
    size = WIDTH * row["documents"] / most
    marks = [_rect(0, size, "kept"), _rect(size * (1 - row["dropped"]), size * row["dropped"], "dropped")]
    return _svg(marks, f"{row['documents']:,} documents, {row['dropped']:.1%} dropped")


def _cost(report: Json) -> str:
    most = max((row["seconds"] for row in report["stages"].values()), default=0) or 1
    rows = []
    for name, row in report["stages"].items():
        rate = f"{row['bytes'] / 1e6 / row['seconds']:,.1f}" if row["seconds"] else ""
        bar = _svg([_rect(0, WIDTH * row["seconds"] / most, "unselected")], f"{row['seconds']:.2f} s")
        rows.append([_text(name), _cell(bar, "bar"), *_numbers(f"{row['seconds']:.2f}", rate)])
    table = _table(["stage", "", "#CPU seconds", "#MB/s"], rows)
    about = f"{report['seconds']:.1f} s in all; the stages' time is CPU time of all workers."
    return _section("Cost", about, table)


def _section(title: str, about: str, content: str) -> str:
    return f"<h2>{title}</h2>\n<p>{about}</p>\n{content}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """head: names of columns, those of numbers with '#' before them. rows: finished cells."""
    names = "".join(
        f'<th class="n">{escape(name[1:])}</th>' if name.startswith("#") else f"<th>{escape(name)}</th>"
        for name in head
    )
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead>\n<tbody>{body}</tbody></table>"


def _cell(content: str, kind: str) -> str:
    return f'<td class="{kind}">{content}</td>'


def _text(value: object) -> str:
    return _cell(escape(str(value)), "t")


def _numbers(*values: str) -> list[str]:
    return [_cell(value, "n") for value in values]


def _svg(marks: Sequence[str], said: str) -> str:
    """A bar; said: what it shows, for who points at it or cannot see it."""
    box = f'viewBox="0 0 {WIDTH} 18" preserveAspectRatio="none" role="img"'
    return f"<svg {box}><title>{escape(said)}</title>{''.join(marks)}</svg>"


def _rect(x: float, width: float, kind: str, y: float = 0, height: float = 18) -> str:
    place = f'x="{x:.1f}" width="{max(width, 0):.1f}" y="{y:.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" {place}/>'
