"""`curate check` says what a build would do, before it does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from curate import outlook
from curate.config import from_dict, load
from curate.errors import ConfigError
from tests.promises.conftest import SAMPLE
from tests.tokenizer import tiny


def looked(tokenizer: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What is found of the smallest source, and as it is printed."""
    read = {"paths": [f"{SAMPLE}/academic/academic-00000.parquet"]}
    config = {
        "tokens": "max",
        "tokenizer": tokenizer,
        "sources": {"academic": {"read": read, "stages": {"perplexity": None, "reasoning": None}}},
        "mix": {"academic": {"share": 1.0}},
    }
    found = outlook.look(from_dict(config, SAMPLE))
    shown = io.StringIO()
    Console(file=shown, width=200).print(outlook.render(found))
    return found["tokenizer"], shown.getvalue()


def test_the_outlook_says_whose_tokens_are_counted() -> None:
    info, shown = looked({})
    assert (info["family"], info["kernel"]) == ("deepseek", True)
    assert "tokens: those of DeepSeek-V3, counted at about 100 MB/s per core\n" in shown


def test_the_outlook_says_that_a_tokenizer_is_slow_before_the_build_is(tmp_path: Path) -> None:
    file = tiny.written(tiny.train((r"\S+|\s+",)), tmp_path / "unusual")
    info, shown = looked({"file": str(file)})
    assert (info["family"], info["kernel"]) == ("other", False)
    assert "those of unusual, counted at about 10 MB/s per core by a library" in shown


def test_a_classifier_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "smoke.yaml"
    config.write_text(
        "tokens: max\n"
        "sources:\n"
        "  academic:\n"
        f"    read: {{paths: [{SAMPLE}/academic/academic-00000.parquet]}}\n"
        "    stages:\n"
        "      reasoning:\n"
        "        fasttext: dclm.bin\n"
        "mix: {academic: {share: 1.0}}\n"
    )
    with pytest.raises(
        ConfigError, match=r"smoke\.yaml:7: .*reasoning\.fasttext: there is no file .*dclm\.bin"
    ):
        outlook.look(load(config))
