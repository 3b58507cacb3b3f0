from __future__ import annotations

import gzip
import json
import tempfile
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import readers
from curate.readers import ReadConfig

LINES = [{"id": i, "text": f"text {i} " * 40, "url": {"host": f"h{i}"}} for i in range(2000)]
PLAIN = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)


def save(folder, content: bytes, name="a.jsonl"):
    path = folder / name
    path.write_bytes(content)
    return path


def only(found):
    (record,) = found
    return record


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        gzip.compress(PLAIN),
        zstandard.compress(PLAIN),
        gzip.compress(PLAIN[:9999]) + gzip.compress(PLAIN[9999:]),
    ],
    ids=["plain", "gzip", "zstd", "two gzip members"],
)
def test_compression_is_told_by_content_whatever_the_name(tmp_path, everything, content):
    found = everything(save(tmp_path, content, "misnamed.txt"), format="jsonl", batch_bytes=10_000)
    assert [record["text"] for record in found] == [line["text"] for line in LINES]
    assert [record["id"] for record in found] == [str(i) for i in range(2000)]
    assert found[5]["meta"] == '{"url":{"host":"h5"}}'


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_stream_that_is_cut_off_gives_what_came_before(tmp_path, everything, pack):
    packed = pack(PLAIN)
    found = everything(save(tmp_path, packed[: len(packed) * 3 // 4]), format="jsonl")
    assert 100 < len(found) < 2000
    assert found[-1]["row"] is None and "breaks off after line" in found[-1]["error"]
    assert all(record["error"] is None for record in found[:-1])


def test_rows_are_lines_and_blank_ones_are_no_documents(tmp_path, everything):
    content = b'\xef\xbb\xbf{"text":"a"}\r\n\r\n   \n{"text":"b"}\n\n{"text":"c"}'
    found = everything(save(tmp_path, content), format="jsonl")
    assert [(record["row"], record["text"]) for record in found] == [(0, "a"), (3, "b"), (5, "c")]
    assert everything(save(tmp_path, b""), format="jsonl") == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"text": "a"', "line 2 is not JSON: Expecting ',' delimiter"),
        (b'{"text": "a"} {}', "line 2 is not JSON: Extra data"),
        (b"[1]", "line 2 holds a list, not an object"),
        (b"null", "line 2 holds null, not an object"),
        (b'"text"', "line 2 holds a string, not an object"),
        (b'{"body": "a", "n": 1}', "line 2 has no key 'text'; it has body, n"),
        (b'{"text": 5}', "line 2: 'text' is a number, not a string"),
        (b'{"text": ["a"]}', "line 2: 'text' is a list, not a string"),
        (b'{"text": null}', "the text is null"),
        (b'{"text": "a\\ud800"}', "line 2: the text has a lone surrogate at character 1"),
        (b'{"text": "\xff"}', "line 2 is not UTF-8: invalid start byte at byte 10"),
        (b'{"text": "\xed\xa0\x80"}', "line 2 is not UTF-8"),
        (b'{"text": "a", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "line 2 is not JSON"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "line 2 is not JSON"),
    ],
)
def test_a_bad_line_costs_only_itself_and_says_why(tmp_path, everything, line, error):
    found = everything(save(tmp_path, b'{"text":"a"}\n' + line + b'\n{"text":"c"}\n'), format="jsonl")
    assert [record["text"] for record in found] == ["a", None, "c"]
    assert [record["row"] for record in found] == [0, 1, 2]
    assert error in found[1]["error"] and "\n" not in found[1]["error"]


def test_ids_may_be_numbers_and_the_last_of_repeated_keys_holds(tmp_path, everything):
    for given_id, told in [
        ("7", "7"),
        ("1.5", "1.5"),
        ('"x"', "x"),
        ("null", None),
        ("[1]", "[1]"),
        ("true", "true"),
    ]:
        path = save(tmp_path, b'{"id": %s, "text": "a", "text": "b"}' % given_id.encode())
        record = only(everything(path, format="jsonl"))
        assert (record["id"], record["text"]) == (told, "b")
    path = save(tmp_path, b'{"id": "\\ud800", "text": "\\u0000 and \\ud83d\\ude00", "m\\udfff": NaN}')
    record = only(everything(path, format="jsonl"))
    assert (record["id"], record["text"]) == ("\ufffd\ufffd\ufffd", "\0 and \U0001f600")
    assert json.loads(record["meta"]) == {"m\ufffd\ufffd\ufffd": None}


def test_a_line_of_20_mb_is_one_document(tmp_path, everything):
    text = "0123456789" * 2_000_000
    found = everything(
        save(tmp_path, json.dumps({"text": text}).encode() + b'\n{"text":"b"}'), format="jsonl"
    )
    assert found[0]["text"] == text and found[1]["text"] == "b"


def test_a_document_over_the_limit_is_quarantined_alone(tmp_path, everything):
    lines = [json.dumps({"text": "x" * n}).encode() for n in (10, 5000, 2_000_000, 10)]
    found = everything(save(tmp_path, b"\n".join(lines)), format="jsonl", max_document_bytes=1000)
    assert found[1]["error"] == "document of 5,000 bytes is over max_document_bytes, 1,000"
    assert found[2]["error"] == "line 3 of 2,000,012 bytes is too long for max_document_bytes"
    assert [record["text"] for record in found[::3]] == ["x" * 10] * 2


def test_a_stream_of_zeros_packed_a_thousandfold_does_not_fill_the_memory(tmp_path, everything):
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join([*(packer.compress(b" " * (1 << 20)) for _ in range(64)), packer.flush()])
    found = everything(save(tmp_path, packed), format="jsonl", max_document_bytes=1000)
    assert only(found)["error"] == "line 1 of 67,108,864 bytes is too long for max_document_bytes"


def test_a_million_empty_texts_are_more_than_one_batch(tmp_path):
    path = save(tmp_path, b'{"text":""}\n' * 200_000)
    config = ReadConfig(paths=["x"], format="jsonl")
    (part,) = readers.parts(path, config)
    sizes = [len(batch) for batch in readers.read(part, config)]
    assert sum(sizes) == 200_000 and max(sizes) <= 65_536


@settings(max_examples=50)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.just(b'{"text": "a"}'),
            st.text(max_size=9).map(lambda t: json.dumps({"text": t}).encode()),
        )
    )
)
def test_whatever_a_file_holds_every_line_that_is_not_blank_is_a_record(everything, lines):
    content = b"\n".join([b"{}", *lines])
    with tempfile.TemporaryDirectory() as folder:
        found = everything(save(Path(folder), content), format="jsonl")
    filled = [i for i, line in enumerate(content.split(b"\n")) if line.strip(b" \t\r")]
    assert [record["row"] for record in found] == filled
