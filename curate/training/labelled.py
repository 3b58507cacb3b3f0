"""Labelled passages from files, and the model and card that `curate train reasoning` makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from curate import readers
from curate.errors import UsageError
from curate.models import reasoning as models
from curate.training import reasoning
from curate.training.reasoning import Report, Row

GOOD = 3
"""Grade 0..5 from which a passage reasons; 2 is left out, since between 2 and 3 graders do not agree."""

CARD = """# {name}

A model of reasoning quality for stage `reasoning`, made by `curate train reasoning` (seed {seed}).

- **Size.** {size:,} bytes, SHA-256 `{digest}`.
- **Data.** {rows:,} passages of {origins} origins, {good:,} that reason; files: {files}.
- **Kinds of discourse.** {kinds}.

All figures are of passages scored by models that saw nothing of their origin. AUC: an origin's rows
against all rows of other origins with the other label. Matched: how often a row is on the right side of
the {nearest} rows of the other label nearest to it in topic and length. Origins with fewer than {least}
rows of a label are left out.

- **AUC**, mean of {reported} origins: {auc:.3f}
- **matched**, mean: {matched:.3f}
- **expected calibration error**: {ece:.3f}

| origin | no | yes | AUC | matched |
|---|---:|---:|---:|---:|
{table}
"""


def train_files(paths: Sequence[Path], output: Path, seed: int = 17) -> tuple[models.Model, Report, Path]:
    """Trains on the passages of files, writes model and card; (model, what leaving origins out says, card).

    Equal files in equal order give equal bytes. Raises UsageError when a package is missing, a passage has no
    label or origin, or there are too few origins.
    """
    if missing := [name for name in ("lightgbm", "sklearn") if find_spec(name) is None]:
        raise UsageError(
            f"Training needs {' and '.join(missing)}, which are not installed. "
            "Install them with: pip install 'curate[train]'"
        )
    rows = [row for path in paths for row in read(path)]
    model, report = reasoning.train(rows, seed)
    output.parent.mkdir(parents=True, exist_ok=True)
    models.save(output, model)
    card = output.with_suffix(".md")
    card.write_text(render(rows, model, report, paths, output, seed), encoding="utf-8")
    return model, report, card


def read(path: Path) -> Iterator[Row]:
    """The passages of a JSONL or Parquet file: text; label 0 or 1, or score 0..5; origin; optionally kind of
    discourse and weight. Raises UsageError with file and row for one that is not like that."""
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    config = readers.ReadConfig(
        format=readers.format_of(path), paths=[str(path.absolute())], max_document_bytes=10_000_000
    )
    for shard in readers.expand(config, Path()):
        for part in readers.parts(shard, config):
            for records in readers.read(part, config):
                for record in records.to_pylist():
                    if row := _row(record, f"{path}, row {record['row']}"):
                        yield row


def _row(record: dict[str, Any], place: str) -> Row | None:
    """A passage; None for one whose grade says neither."""
    if record["error"] is not None:
        raise UsageError(f"{place}: {record['error']}")
    meta = json.loads(record["meta"] or "{}")
    label, grade = meta.get("label"), meta.get("score")
    if meta.get("origin") is None:
        raise UsageError(f"{place}: there is no origin. A model is judged by origins that it has not seen.")
    if label is None and grade is None:
        raise UsageError(f"{place}: there is neither a label, 0 or 1, nor a score, 0 to 5.")
    if label is not None and label not in (0, 1):
        raise UsageError(f"{place}: label is {label!r}; it must be 0 or 1.")
    if label is None:
        if not isinstance(grade, int | float) or not 0 <= grade <= 5:
            raise UsageError(f"{place}: score is {grade!r}; it must be a number from 0 to 5.")
        if GOOD - 1 <= grade < GOOD:
            return None
        label = grade >= GOOD
    weight = 1.0 if meta.get("weight") is None else float(meta["weight"])
    return Row(record["text"], int(label), str(meta["origin"]), meta.get("kind"), weight)


def render(
    rows: Sequence[Row], model: models.Model, report: Report, paths: Sequence[Path], output: Path, seed: int
) -> str:
    """The card; no paths and no times, so that equal data give equal cards."""
    return CARD.format(
        name=output.name,
        seed=seed,
        size=output.stat().st_size,
        digest=sha256(output.read_bytes()).hexdigest(),
        rows=len(rows),
        origins=len(report.counts),
        good=sum(row.label for row in rows),
        files=", ".join(path.name for path in paths),
        kinds=", ".join(model.kinds.tolist()),
        nearest=reasoning.NEAREST,
        least=reasoning.LEAST_ROWS,
        reported=len(report.auc),
        auc=report.mean_auc,
        matched=report.mean_matched,
        ece=report.ece,
        table="\n".join(
            f"| {origin} | {no} | {yes} | {_figure(report.auc, origin)} | {_figure(report.matched, origin)} |"
            for origin, (no, yes) in report.counts.items()
        ),
    )


def _figure(figures: dict[str, float], origin: str) -> str:
    return f"{figures[origin]:.3f}" if origin in figures else ""
