from __future__ import annotations

import datetime
import decimal
import io
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import readers
from curate.readers import ReadConfig
from curate.readers._pages import DATA, DICTIONARY, pages

KINDS = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    pa.dictionary(pa.int32(), pa.string()),
]


def strings(values: list[bytes | None], kind: pa.DataType) -> pa.Array:
    """Bytes as an Arrow array of strings that nobody has checked."""
    return pa.array(values, pa.large_binary() if kind == pa.large_string() else pa.binary()).view(kind)


def save(folder: Path, table: pa.Table | dict, **options) -> Path:
    path = Path(folder) / "a.parquet"
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), path, **options)
    return path


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_text_is_read_from_every_type_of_string(tmp_path, everything, kind):
    values = ["one", "", "zwölf\0", None]
    path = save(tmp_path, {"text": pa.array(values, pa.string()).cast(kind)})
    found = everything(path)
    assert [record["text"] for record in found] == values
    assert [record["error"] for record in found] == [None, None, None, "the text is null"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_bytes_that_are_no_utf8_cost_only_their_own_document(tmp_path, everything, kind):
    path = save(tmp_path, {"text": strings([b"fine", b"ab\xff", "é".encode(), b"\xed\xa0\x80"], kind)})
    found = everything(path)
    assert [record["text"] for record in found] == ["fine", None, "é", None]
    assert found[1]["error"] == "the text is not UTF-8: invalid start byte at byte 2"
    assert "at byte 0" in found[3]["error"]


def test_ids_may_be_numbers_bytes_or_missing_and_repeat(tmp_path, everything):
    for values, told in [
        (pa.array([7, 7, None]), ["7", "7", None]),
        (pa.array(["a", None, "a"]), ["a", None, "a"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([b"ab", b"\xff\x01", None]), ["ab", "ff01", None]),
        (pa.array([b"\1\2", b"\3\4", None], pa.binary(2)), ["0102", "0304", None]),
        (strings([b"ok", b"\xe9", None], pa.string()), ["ok", "e9", None]),
    ]:
        path = save(tmp_path, {"id": values, "text": ["x", "y", "z"]})
        assert [record["id"] for record in everything(path)] == told
    path = save(tmp_path, {"text": ["x"]})
    assert everything(path)[0]["id"] is None


def test_columns_may_have_any_name(tmp_path, everything):
    path = save(tmp_path, {"content": ["x"], "max_stars.path": ["src/a.py"], "id": ["not this"]})
    (record,) = everything(path, text="content", id="max_stars.path")
    assert (record["text"], record["id"]) == ("x", "src/a.py")


def test_a_text_column_of_another_type_says_which_columns_would_do(tmp_path, everything):
    for values, told in [(pa.array([1, 2]), "int64"), (pa.array([["a"], []]), "list<")]:
        path = save(tmp_path, {"text": values, "body": ["a", "b"], "id": ["p", "q"]})
        found = everything(path)
        assert [record["row"] for record in found] == [0, 1], "the footer counts them"
        assert told in found[0]["error"] and "Columns of strings: body, id" in found[0]["error"]
    path = save(tmp_path, {"body": ["a", "b"]})
    assert "there is no text column 'text'. Columns of strings: body" in everything(path)[1]["error"]
    path = save(tmp_path, {"text": ["a"], "id": [[1]]})
    assert "the id column 'id' holds list" in everything(path)[0]["error"]


def test_two_columns_of_the_name_are_not_guessed_between(tmp_path, everything):
    path = save(tmp_path, pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["text", "text"]))
    assert "there are 2 columns 'text'" in everything(path)[0]["error"]


def test_metadata_is_json_and_only_what_was_asked_for(tmp_path, everything):
    table = {
        "text": ["x", "y"],
        "url": ["http://a", None],
        "about": [{"tags": ["a", "b"], "year": {"n": 1.5}}, None],
        "score": [float("nan"), 2.0],
    }
    path = save(tmp_path, table)
    first, second = everything(path)
    assert json.loads(first["meta"]) == {
        "url": "http://a",
        "about": {"tags": ["a", "b"], "year": {"n": 1.5}},
        "score": None,
    }
    assert second["meta"] == '{"url":null,"about":null,"score":2.0}'
    assert everything(path, meta=["score", "not there"])[1]["meta"] == '{"score":2.0}'
    assert everything(path, meta=[])[0]["meta"] is None


def test_metadata_of_odd_types_becomes_something_readable(tmp_path, everything):
    moment = datetime.datetime(2024, 5, 6, 7, 8, 9)
    table = {
        "text": ["x"],
        "when": pa.array([moment], pa.timestamp("ns")),
        "nested": [{"day": moment.date(), "cost": decimal.Decimal("1.50")}],
        "days": pa.array([[moment.date()]]),
        "raw": [b"\xff\x00"],
        "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        "kind": pa.array(["k"]).dictionary_encode(),
    }
    meta = json.loads(everything(save(tmp_path, table))[0]["meta"])
    assert meta["when"].startswith("2024-05-06 07:08:09")
    assert meta["nested"] == {"day": "2024-05-06", "cost": "1.50"}
    assert (meta["days"], meta["raw"]) == (["2024-05-06"], "/wA=")
    assert (meta["map"], meta["kind"]) == ([["a", 1]], "k")


def test_a_large_file_is_read_in_parts_that_together_are_the_whole(tmp_path, everything):
    texts = [f"document {i} " * (i % 7) for i in range(1000)]
    path = save(tmp_path, {"id": list(map(str, range(1000))), "text": texts}, row_group_size=90)
    config = ReadConfig(paths=["x"])
    parts = readers.parts(path, config, 3000)
    assert len(parts) > 2
    assert [part.row for part in parts] == np.cumsum([0, *(part.rows for part in parts)]).tolist()[:-1]
    whole = everything(path)
    assert everything(path, max_bytes=3000) == whole == everything(path, batch_bytes=100)
    assert [record["text"] for record in whole] == texts


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system takes no hints")
@pytest.mark.parametrize("fails", [False, True])
def test_the_next_row_group_is_asked_for_while_one_is_read(tmp_path, everything, monkeypatch, fails):
    columns = {"id": [f"d{i}" for i in range(30)], "text": ["words " * i for i in range(30)]}
    path = save(tmp_path, {**columns, "other": ["not read"] * 30}, row_group_size=10)
    asked = []

    def advise(_descriptor: int, start: int, size: int, hint: int) -> None:
        asked.append((start, size, hint))
        if fails:
            raise OSError("no hints here")

    monkeypatch.setattr(os, "posix_fadvise", advise)
    assert [record["text"] for record in everything(path, meta=[])] == columns["text"]
    metadata = pq.read_metadata(path)
    chunks = [[metadata.row_group(group).column(i) for i in (0, 1)] for group in (1, 2)]
    ranges = [
        (chunk.dictionary_page_offset or chunk.data_page_offset, chunk.total_compressed_size)
        for group in chunks
        for chunk in (group[:1] if fails else group)
    ]
    assert [(start, size) for start, size, _ in asked] == ranges
    assert {hint for *_, hint in asked} == {os.POSIX_FADV_WILLNEED}


def test_a_document_over_the_limit_is_quarantined_alone(tmp_path, everything):
    path = save(tmp_path, {"text": ["short", "x" * 5000, "short"]})
    found = everything(path, max_document_bytes=4999)
    assert [record["error"] for record in found] == [
        None,
        "document of 5,000 bytes is over max_document_bytes, 4,999",
        None,
    ]
    assert everything(path, max_document_bytes=0)[0]["error"], "0 is a limit"


def test_no_rows_no_bytes_and_no_parquet_are_told_apart(tmp_path, everything):
    assert everything(save(tmp_path, {"text": pa.array([], pa.string())})) == []
    path = tmp_path / "b.parquet"
    path.write_bytes(b"")
    assert [(r["row"], r["error"]) for r in everything(path)] == [(None, "the file is empty (0 bytes)")]
    path.write_bytes(b"this is a text file")
    assert "footer cannot be read" in everything(path)[0]["error"]


def broken_file(folder: Path, **options) -> tuple[Path, bytes]:
    rng = np.random.default_rng(5)
    texts = [bytes(rng.integers(97, 123, 40, np.uint8)).decode() for _ in range(600)]
    path = save(
        folder,
        {"id": list(map(str, range(600))), "text": texts},
        row_group_size=200,
        data_page_size=2000,
        write_page_checksum=True,
        compression="zstd",
        **options,
    )
    return path, path.read_bytes()


def test_a_corrupt_page_loses_the_rest_of_its_row_group_and_no_more(tmp_path, everything):
    path, whole = broken_file(tmp_path)
    group = pq.read_metadata(path).row_group(1).column(1)
    middle = (group.dictionary_page_offset or group.data_page_offset) + group.total_compressed_size * 3 // 4
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    found = everything(path, batch_bytes=3000)
    assert [record["row"] for record in found] == list(range(600)), "every row is accounted for"
    lost = [record["row"] for record in found if record["error"]]
    assert lost == list(range(lost[0], 400)) and lost[0] >= 200
    assert f"row group 1 is unreadable from row {lost[0]} on (rows {lost[0]}-399)" in found[399]["error"]
    assert found[400]["text"]


def test_a_footer_that_lies_about_rows_is_not_believed(tmp_path, everything, monkeypatch):
    monkeypatch.setattr(readers.find("parquet"), "MAX_GROUP_ROWS", 100)
    path, _ = broken_file(tmp_path)
    assert [(r["row"], "contradicts itself" in r["error"]) for r in everything(path)] == [(None, True)]


def test_a_file_that_changes_under_the_build_is_not_mixed_up(tmp_path):
    config = ReadConfig(paths=["x"])
    (part,) = readers.parts(save(tmp_path, {"text": ["a", "b", "c"]}), config)
    save(tmp_path, {"text": ["a", "b"]})
    errors = [e for batch in readers.read(part, config) for e in batch["error"].to_pylist()]
    assert errors == ["the file has changed since the build began"] * 3


@settings(max_examples=60)
@given(st.integers(0, 40_000), st.one_of(st.none(), st.binary(min_size=1, max_size=9)))
def test_wherever_a_file_is_cut_or_overwritten_every_row_is_accounted_for(everything, position, garbage):
    with tempfile.TemporaryDirectory() as folder:
        path, whole = broken_file(Path(folder))
        position %= len(whole)
        rest = whole[position + len(garbage) :] if garbage else b""
        path.write_bytes(whole[:position] + (garbage or b"") + rest)
        found = everything(path, batch_bytes=3000)
        if [record["row"] for record in found] != [None]:
            assert [record["row"] for record in found] == list(range(600))
        else:
            assert found[0]["error"]


def test_a_value_that_one_dictionary_entry_repeats_is_read_in_small_steps(tmp_path):
    """A zip bomb: 2,000 copies of 100 kB are 200 MB from a file of a few kB."""
    path = save(tmp_path, {"text": ["a" * 100_000] * 2000})
    assert path.stat().st_size < 20_000
    config = ReadConfig(paths=["x"], max_document_bytes=100)
    before, peak, rows = pa.total_allocated_bytes(), 0, 0
    for part in readers.parts(path, config):
        for batch in readers.read(part, config, 1 << 18):
            peak = max(peak, pa.total_allocated_bytes() - before)
            rows += batch["error"].is_valid().sum().as_py()
    assert rows == 2000
    assert peak < 32 << 20


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_page_headers_tell_what_decoding_will_take(tmp_path, version, dictionary):
    texts = [f"document {i} " * 20 for i in range(3000)]
    path = save(
        tmp_path,
        {"text": texts},
        use_dictionary=dictionary,
        data_page_version=version,
        data_page_size=10_000,
        write_batch_size=50,
        compression="none",
    )
    chunk = pq.read_metadata(path).row_group(0).column(0)
    with open(path, "rb") as file:
        found = list(pages(file, 4, 4 + chunk.total_compressed_size))
    assert sum(page.values for page in found if page.kind in DATA) == 3000
    assert (found[0].kind == DICTIONARY) is dictionary
    assert 0 < chunk.total_uncompressed_size - sum(page.bytes for page in found) < 800 * len(found), "headers"


@given(st.binary(max_size=200))
def test_page_headers_that_make_no_sense_end_the_list(content):
    for page in pages(io.BytesIO(content), 0, len(content)):
        assert page.bytes >= 0 and page.values >= 0


def test_a_page_too_large_to_decode_costs_what_follows_in_its_row_group(tmp_path, everything, monkeypatch):
    monkeypatch.setattr(readers.find("parquet"), "PAGE_BYTES", 50_000)
    texts = ["small"] * 60 + ["x" * 60_000] + ["small"] * 60
    options = {"use_dictionary": False, "write_batch_size": 20, "data_page_size": 10, "row_group_size": 100}
    path = save(tmp_path, {"text": texts}, **options)
    found = everything(path, max_document_bytes=10_000)
    assert [record["row"] for record in found if record["error"]] == list(range(60, 100))
    assert "a page of column 'text' has 60," in found[60]["error"]
    assert sum(1 for r in everything(path, max_document_bytes=70_000) if r["error"]) == 0, "the way out helps"


def test_books_are_read_although_a_thousand_of_them_share_a_page(tmp_path, everything):
    path = save(tmp_path, {"text": [str(i) * 6000 for i in range(1500)]}, use_dictionary=False)
    with open(path, "rb") as file:
        chunk = pq.read_metadata(path).row_group(0).column(0)
        assert max(page.bytes for page in pages(file, 4, chunk.total_compressed_size)) > 10 << 20
    assert all(record["text"] for record in everything(path, batch_bytes=100_000))
