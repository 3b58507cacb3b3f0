from __future__ import annotations

import os

import pytest

from curate import readers
from curate.readers import ReadConfig


def fill(folder, files: dict[str, bytes]):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_each_file_of_a_folder_is_a_document_with_its_path_as_id(tmp_path, everything):
    folder = fill(
        tmp_path / "notes",
        {
            "b.txt": b"\xef\xbb\xbftwo",
            "a/z.md": "é".encode(),
            ".hidden": b"x",
            ".git/x": b"x",
            "c": b"\xff",
            "d": b"",
        },
    )
    found = everything(folder, format="text")
    assert [(r["row"], r["id"], r["text"]) for r in found] == [
        (0, "a/z.md", "é"),
        (1, "b.txt", "two"),
        (2, "c", None),
        (3, "d", ""),
    ]
    assert found[2]["error"] == "the text is not UTF-8: invalid start byte at byte 0"


def test_a_folder_is_one_shard_and_a_file_one_of_its_own(tmp_path):
    fill(tmp_path, {"notes/a.txt": b"1", "notes/deep/b.txt": b"2", "one.txt": b"3"})
    config = ReadConfig(format="text", paths=["notes", "*.txt"])
    assert readers.expand(config, tmp_path) == [tmp_path / "notes", tmp_path / "one.txt"]
    assert readers.files(tmp_path / "notes", "text") == [
        tmp_path / "notes/a.txt",
        tmp_path / "notes/deep/b.txt",
    ]


def test_a_large_folder_is_read_in_parts_that_together_are_the_whole(tmp_path, everything):
    folder = fill(tmp_path / "notes", {f"{i:03}.txt": b"x" * i for i in range(100)})
    config = ReadConfig(format="text", paths=["notes"])
    assert len(readers.parts(folder, config, 500)) > 5
    assert everything(folder, format="text", max_bytes=500) == everything(folder, format="text")


def test_files_that_cannot_be_read_are_records(tmp_path, everything):
    folder = fill(tmp_path / "notes", {"a": b"x" * 100, "b": b"ok"})
    (folder / "c").symlink_to(tmp_path / "nowhere")
    found = everything(folder, format="text", max_document_bytes=99)
    assert found[0]["error"] == "document of 100 bytes is over max_document_bytes, 99"
    assert found[1]["text"] == "ok"
    assert found[2]["error"] == "the file cannot be read: No such file or directory"


@pytest.mark.skipif(os.name == "nt", reason="names are bytes only on POSIX")
def test_a_file_name_that_is_no_utf8_is_an_id_all_the_same(tmp_path, everything):
    folder = tmp_path / "notes"
    folder.mkdir()
    try:
        with open(os.fsencode(folder) + b"/caf\xe9", "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system wants UTF-8")
    assert everything(folder, format="text")[0]["id"] == "caf\ufffd"
