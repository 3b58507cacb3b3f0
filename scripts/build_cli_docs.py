"""Writes docs/cli.md from the command line itself: every command, its arguments and options.

    python scripts/build_cli_docs.py [--check]

With --check nothing is written; exit code 1 when the page is not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperOption

from curate import cli

PAGE = Path(__file__).resolve().parents[1] / "docs/cli.md"

INTRODUCTION = """# The command line

Made by `scripts/build_cli_docs.py` from the commands. Results go to stdout, progress to stderr; a
closed pipe is silent.

| exit code | meaning |
|---|---|
| 0 | done, also with quarantined documents |
| 1 | failed while running |
| 2 | wrong use or config |
| 3 | the mix is infeasible, out of tolerance, or under `min_tokens` |
| 4 | verification failed |
| 130 | interrupted; the same command goes on |
"""


def main() -> int:
    """Writes or checks the page."""
    page = render()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text() != page)
    PAGE.write_text(page)
    return 0


def render() -> str:
    """The page."""
    group = typer.main.get_command(cli.app)
    return "\n".join(
        [
            INTRODUCTION,
            *(line for name in group.commands for line in lines(f"curate {name}", group.commands[name])),
        ]
    )


def lines(name: str, command: typer.core.TyperCommand) -> Iterator[str]:
    """A command, or the commands inside it."""
    if hasattr(command, "commands"):
        for inner, found in command.commands.items():
            yield from lines(f"{name} {inner}", found)
        return
    arguments = [p for p in command.params if isinstance(p, TyperArgument)]
    yield f"## `{' '.join([name, *(a.metavar or a.name.upper() for a in arguments)])}`\n"
    yield f"{' '.join((command.help or '').split())}\n"
    options = [p for p in command.params if isinstance(p, TyperOption)]
    rows = [(a.metavar or a.name.upper(), a.help) for a in arguments]
    rows += [(", ".join(f"`{word}`" for word in option.opts), option.help) for option in options]
    if rows:
        yield "| | |\n|---|---|"
        yield from (f"| {word} | {meaning or ''} |" for word, meaning in rows)
    yield ""


if __name__ == "__main__":
    raise SystemExit(main())
