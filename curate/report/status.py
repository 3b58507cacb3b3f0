"""`curate status`: where a build stands, from its log and its lock, without disturbing it."""

from __future__ import annotations

import json
import time
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from curate.rundir import RunDir

Json = dict[str, Any]


def look(run: RunDir) -> Json:
    """{state: complete | building | stopped, steps: [{step, seconds, documents, bytes, done}], warnings}."""
    events = _events(run)
    begun = [i for i, event in enumerate(events) if event["event"] == "build"]
    events = events[begun[-1] :] if begun else events
    steps: dict[str, Json] = {}
    for event in events:
        if event["event"] in ("step", "step progress", "step done"):
            step = steps.setdefault(event["step"], {"step": event["step"], "began": event["time"]})
            facts = {k: v for k, v in event.items() if k in ("seconds", "documents", "bytes", "share")}
            step |= {**facts, "done": event["event"] == "step done"}
    for step in steps.values():
        began = step.pop("began")
        step.setdefault("seconds", round(time.time() - began, 1))
    state = "building" if run.locked() else "complete" if run.report.exists() else "stopped"
    warnings = [event["sentence"] for event in events if event["event"] == "warning"]
    return {"run": str(run.path), "state": state, "steps": list(steps.values()), "warnings": warnings}


def _events(run: RunDir) -> list[Json]:
    try:
        lines = run.log.read_text().splitlines()
    except FileNotFoundError:
        return []
    out = []
    for line in lines:
        try:
            out.append(json.loads(line))
        except ValueError:  # the last line of a build that was killed while it wrote
            continue
    return out


def render(found: Json) -> RenderableType:
    """The state, and a row for each step begun."""
    hints = {
        "complete": "complete; see `curate report`",
        "building": "building",
        "stopped": "stopped before its end; the same `curate build` goes on from here",
    }
    table = Table(box=None, pad_edge=False)
    table.add_column("step")
    for name in ("seconds", "documents", "MB"):
        table.add_column(name, justify="right")
    table.add_column("")
    for step in found["steps"]:
        state = "done" if step["done"] else f"{step['share']:.0%}" if "share" in step else "running"
        size, documents = step.get("bytes", 0) / 1e6, step.get("documents", 0)
        table.add_row(
            step["step"],
            f"{step['seconds']:.1f}",
            f"{documents:,}" if documents else "",
            f"{size:,.1f}" if size else "",
            state,
        )
    warnings = [Text(f"warning  {sentence}", style="yellow") for sentence in found["warnings"]]
    return Group(Text(f"{found['run']}: {hints[found['state']]}", style="bold"), table, *warnings)
