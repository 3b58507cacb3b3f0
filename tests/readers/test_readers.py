from __future__ import annotations

import os
from itertools import pairwise
from threading import Event

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curate import readers
from curate.errors import UsageError
from curate.readers import ReadConfig
from curate.readers._records import checked, runs, sized


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_every_format_keeps_the_contract_of_a_reader():
    assert readers.names() == ("datasets", "jsonl", "parquet", "text")
    for name in readers.names():
        reader = readers.find(name)
        assert all(callable(getattr(reader, part)) for part in ("shards", "files", "parts", "read"))
    enum = ReadConfig.model_json_schema()["properties"]["format"]["enum"]
    assert sorted(enum) == list(readers.names())


def test_an_unknown_format_names_the_nearest():
    with pytest.raises(ValidationError, match="Did you mean 'parquet'"):
        ReadConfig(format="parket", paths=["a"])


def test_every_field_of_the_config_is_described_and_unknown_ones_are_refused():
    assert all(field.description for field in ReadConfig.model_fields.values())
    with pytest.raises(ValidationError):
        ReadConfig(paths=["a"], txt="b")


def test_paths_are_sorted_and_a_file_that_two_patterns_match_comes_once(tmp_path):
    touch(tmp_path, "web/b.parquet", "web/a.parquet", "web/deep/er/c.parquet", "web/notes.md")
    config = ReadConfig(paths=["web/b.parquet", "web/**/*.parquet", "configs/../web/*.parquet"])
    (tmp_path / "configs").mkdir()
    found = readers.expand(config, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "web/a.parquet",
        "web/b.parquet",
        "web/deep/er/c.parquet",
    ]
    assert readers.expand(ReadConfig(paths=["web"]), tmp_path) == found


def test_a_pattern_that_matches_nothing_says_where_it_looked_and_what_is_there(tmp_path):
    touch(tmp_path, "web/pages-0.parquet", "code/a.parquet")
    with pytest.raises(UsageError, match=r"'web/page-0.parquet' matches no file.*'pages-0.parquet'"):
        readers.expand(ReadConfig(paths=["web/page-0.parquet"]), tmp_path)
    with pytest.raises(UsageError, match=r"'wab/\*.parquet' matches no file.*Did you mean 'web'"):
        readers.expand(ReadConfig(paths=["wab/*.parquet"]), tmp_path)
    with pytest.raises(UsageError, match="nothing of format jsonl in 'web'"):
        readers.expand(ReadConfig(format="jsonl", paths=["web"]), tmp_path)


def test_a_link_that_leads_nowhere_is_said_before_anything_is_read(tmp_path):
    (tmp_path / "a.parquet").symlink_to(tmp_path / "gone.parquet")
    with pytest.raises(UsageError, match="not there"):
        readers.expand(ReadConfig(paths=["*.parquet"]), tmp_path)


def test_a_file_that_vanishes_is_a_record_and_not_an_exception(tmp_path, everything):
    for format in readers.names():
        (record,) = everything(tmp_path / "gone", format=format)
        assert record["row"] is None or format == "text"
        assert "No such file" in record["error"]
        assert str(tmp_path) not in record["error"], "the same sentence wherever the file is"


def test_what_a_reader_raises_in_the_middle_loses_only_the_rest(monkeypatch):
    whole = readers.find("text")

    def breaks(part, config, batch_bytes):
        yield readers._records.records(
            pa.array([0]), pa.array(["a"]), pa.array(["one"], pa.large_string()), None, 9
        )
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(whole, "read", breaks)
    part = readers.Part("x", "text", 3, row=0, rows=3)
    found = pa.Table.from_batches(readers.read(part, ReadConfig(paths=["x"]))).to_pylist()
    assert [record["text"] for record in found] == ["one", None, None]
    assert [record["row"] for record in found] == [0, 1, 2]
    assert found[2]["error"] == "cannot be read: of all things"


@given(st.lists(st.one_of(st.none(), st.binary(max_size=12), st.text(max_size=6).map(str.encode))))
def test_a_text_is_bad_exactly_when_python_cannot_decode_it(values):
    texts, errors = checked(pa.array(values, pa.large_binary()), 8)
    texts.validate(full=True)
    for value, text, error in zip(values, texts.to_pylist(), errors.to_pylist(), strict=True):
        if value is None or len(value) > 8:
            assert text is None and error
            continue
        try:
            assert text == value.decode() and error is None
        except UnicodeDecodeError as reason:
            assert text is None and error.endswith(f"at byte {reason.start}")


@given(st.lists(st.integers(0, 30)), st.integers(1, 50))
def test_runs_hold_what_fits_and_never_less_than_one(sizes, most):
    bounds = runs(np.array(sizes, np.int64), most)
    assert bounds == [] if not sizes else (bounds[0], bounds[-1]) == (0, len(sizes))
    for start, end in pairwise(bounds):
        assert end - start == 1 or sum(sizes[start:end]) <= most
        assert end == len(sizes) or end - start == 65_536 or sum(sizes[start : end + 1]) > most


@given(st.lists(st.lists(st.text(max_size=20), max_size=9)), st.integers(1, 60))
def test_batches_are_cut_and_joined_to_size_without_losing_a_record(groups, batch_bytes):
    batches, row = [], 0
    for group in groups:
        rows = pa.array(np.arange(row, row + len(group)))
        texts = pa.array(group, pa.large_string())
        batches.append(readers._records.records(rows, pa.nulls(len(group), pa.string()), texts, None, 1000))
        row += len(group)
    cut = list(sized(iter(batches), batch_bytes))
    assert [t for b in cut for t in b["text"].to_pylist()] == [t for group in groups for t in group]
    assert [r for b in cut for r in b["row"].to_pylist()] == list(range(row))
    for batch in cut:
        assert len(batch) == 1 or sum(len(t.encode()) for t in batch["text"].to_pylist()) <= batch_bytes


def test_a_part_of_a_folder_knows_whether_its_files_are_what_was_hashed(tmp_path):
    files = [tmp_path / f"{i}.txt" for i in range(4)]
    for file in files:
        file.write_text("before")
    known = readers.hashed(tmp_path, files, {}, Event())
    part = slice(1, 3)
    assert readers.unchanged(tmp_path, files, known, part)
    files[2].write_text("behind")  # as long, and perhaps in the same tick of the clock
    assert not readers.unchanged(tmp_path, files, known, part)
    files[2].write_text("before")
    assert readers.unchanged(tmp_path, files, known, part)
    assert not readers.unchanged(tmp_path, files[:3], known, part)


def test_what_cannot_be_opened_has_a_content_and_what_changed_lately_is_not_trusted(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    known = readers.hashed(pipe, [pipe], {}, Event())
    assert readers.hashed(pipe, [pipe], {str(pipe): known}, Event())[4] == known[4]
    file = tmp_path / "file"
    file.write_text("before")
    known = readers.hashed(file, [file], {}, Event())
    lie = [*known[:4], "lie"]
    assert readers.hashed(file, [file], {str(file): lie}, Event())[4] == known[4]
    long_after = [*known[:3], known[3] + 10**10, "trusted"]
    assert readers.hashed(file, [file], {str(file): long_after}, Event())[4] == "trusted"
