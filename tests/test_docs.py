"""Pages that are generated are as the code is."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_of_config_keys_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "scripts/build_config_docs.py"))
    page = "\n".join(script["render"]()).rstrip() + "\n"
    assert (ROOT / "docs/config.md").read_text() == page, "run scripts/build_config_docs.py"


def test_the_page_of_commands_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "scripts/build_cli_docs.py"))
    assert (ROOT / "docs/cli.md").read_text() == script["render"](), "run scripts/build_cli_docs.py"
