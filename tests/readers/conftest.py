"""Helpers of the readers' tests: read everything of a file, as rows."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from curate import readers
from curate.readers import DOCUMENTS, ReadConfig


def read_all(
    path: Path, batch_bytes: int = 1 << 20, max_bytes: int = 1 << 28, **config: object
) -> list[dict]:
    """All records of a shard, part after part, as dictionaries. Checks what every reader promises."""
    settings = ReadConfig(paths=["x"], **config)
    found = []
    for part in readers.parts(path, settings, max_bytes):
        assert readers.Part(**json.loads(json.dumps(dataclasses.asdict(part)))) == part
        for batch in readers.read(part, settings, batch_bytes):
            assert batch.schema.equals(DOCUMENTS)
            batch.validate(full=True)
            found += batch.to_pylist()
    rows = [record["row"] for record in found if record["row"] is not None]
    assert rows == sorted(set(rows)), "rows ascend and none comes twice"
    assert all((record["text"] is None) == (record["error"] is not None) for record in found)
    return found


@pytest.fixture(scope="session")
def everything():
    return read_all
