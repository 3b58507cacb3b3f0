"""How well texts reason, one by one, and what spoke for and against: what `curate score` prints.

The judgement is that of stage `reasoning`, with the languages and structures that it would be told of in a
build: other languages, code and a few words have no score.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate import located, readers
from curate.documents import Batch
from curate.errors import UsageError
from curate.ledger import Run
from curate.models import reasoning as models
from curate.report import samples
from curate.stages import language, reasoning, structure

MOST = 5
"""Contributions that are named."""


@dataclass(frozen=True)
class Scored:
    """A document. id: its own, or its place: `file:row`, `-` for standard input. score: 0..1, None where it
    cannot be judged. discourse: what it does, None if unsure. contributions: strongest first. error: why it
    could not be read."""

    id: str
    score: float | None
    discourse: str | None
    contributions: list[models.Contribution]
    note: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What a line of `curate score --json` holds."""
        line: dict[str, Any] = {
            "id": self.id,
            "score": self.score,
            "discourse": self.discourse,
            "contributions": [
                {"what": c.what, "value": round(c.value, 4), "weight": round(c.weight, 4)}
                for c in self.contributions
            ],
        }
        return line if self.note is None else {**line, "note": self.note}


Config = reasoning.Config
"""Which model judges, with or without a fastText classifier."""


def score_file(path: Path, config: Config | None = None, text: str = "text") -> Iterator[Scored]:
    """The documents of a file: one for each line or row of JSON lines, Parquet and saved datasets, one in all
    for any other file. Raises UsageError for a file or model that cannot be used."""
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if (form := readers.format_of(path)) == "text" and path.is_file():
        yield from score_texts([(str(path), path.read_bytes().decode(errors="replace"))], config)
        return
    reading = readers.ReadConfig(format=form, paths=[str(path.absolute())], text=text, meta=[])
    for shard in readers.expand(reading, Path()):
        for part in readers.parts(shard, reading):
            for records in readers.read(part, reading):
                yield from _of_records(records.to_pylist(), shard.name, config)


def score_stream(content: bytes, config: Config | None = None, text: str = "text") -> Iterator[Scored]:
    """Documents from standard input: JSON lines where the first line is an object with that key, else one
    plain text."""
    if not _is_json(content, text):
        yield from score_texts([("-", content.decode(errors="replace"))], config)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "-.jsonl"
        path.write_bytes(content)
        yield from score_file(path, config, text)


def score_texts(named: Iterable[tuple[str, str]], config: Config | None = None) -> list[Scored]:
    """(id, text) each, judged together."""
    some, config = list(named), config or Config.model_validate({})
    for option, file in (("model", config.model), ("fasttext", config.fasttext)):
        if file not in (None, "packaged") and not Path(file).exists():
            raise UsageError(f"There is no model {file}. Without --{option} the packaged one judges.")
    try:
        loaded = reasoning.load(config)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from None
    batch = Batch.of([text for _, text in some])
    for stage in (language, structure):
        settings = stage.Config()
        batch.signals.update(stage.annotate(batch, settings, stage.load(settings)))
    found = reasoning.annotate(batch, config, loaded)
    scores, kinds = (found[f"reasoning.{name}"].to_pylist() for name in ("score", "discourse"))
    notes = _notes(batch, config)
    return [
        Scored(name, None, None, [], note)
        if score is None
        else Scored(name, score, kind, models.explain(loaded, text, MOST))
        for (name, text), score, kind, note in zip(some, scores, kinds, notes, strict=True)
    ]


def contributions(run: Run, row: dict[str, Any]) -> list[models.Contribution]:
    """What moved the score of a document of a run most, strongest first, by a ledger row; nothing where its
    text or the model cannot be read again."""
    [text] = samples.read_texts(run, [row])
    settings = located.read(run.dir.config).data["sources"][row["source"]]["stages"]["reasoning"]
    try:
        config = Config.model_validate(settings)
        loaded = reasoning.load(config)
    except (OSError, ValueError):
        return []
    return models.explain(loaded, text, MOST, config.windows, config.window) if text is not None else []


def _notes(batch: Batch, config: Config) -> list[str]:
    """Why each document would have no score."""
    judged = ", ".join(config.languages or [])
    notes = []
    for name in batch.signals["language.label"].to_pylist():
        known = config.languages is None or name in config.languages
        few = f"it has under {config.min_words} words"
        notes.append(few if known else f"its language is {name or 'unknown'}; the model judges {judged}")
    codes = batch.signals["structure.label"].to_pylist()
    return ["it is code" if kind == "code" else note for kind, note in zip(codes, notes, strict=True)]


def _of_records(records: list[dict[str, Any]], shard: str, config: Config | None) -> Iterator[Scored]:
    """Documents and what could not be read, in their order."""
    names = [r["id"] if r["id"] is not None else f"{shard}:{r['row']}" for r in records]
    read = [(name, r["text"]) for name, r in zip(names, records, strict=True) if r["error"] is None]
    scored = iter(score_texts(read, config) if read else [])
    for name, record in zip(names, records, strict=True):
        known = record["error"] is None
        yield next(scored) if known else Scored(name, None, None, [], record["error"])


def _is_json(content: bytes, text: str) -> bool:
    first = next((line for line in content.splitlines() if line.strip()), b"")
    try:
        found = json.loads(first)
    except ValueError:
        return False
    return isinstance(found, dict) and text in found
