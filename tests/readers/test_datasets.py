from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import readers
from curate.errors import UsageError
from curate.readers import ReadConfig


def save(folder, table: pa.Table, name="data-00000-of-00001.arrow", batch=3):
    folder.mkdir(parents=True, exist_ok=True)
    with pa.ipc.new_stream(str(folder / name), table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name}]}))
    return folder / name


def some(n=10) -> pa.Table:
    return pa.table(
        {"id": [f"i{k}" for k in range(n)], "text": [f"text {k} " * 50 for k in range(n)], "n": range(n)}
    )


def test_what_the_package_saves_is_read_without_it(tmp_path, everything):
    datasets = pytest.importorskip("datasets")
    train = datasets.Dataset.from_dict(some(9).to_pydict())
    test = datasets.Dataset.from_dict({"text": ["a", None], "id": ["x", "y"], "n": [1, 2]})
    datasets.DatasetDict({"train": train, "test": test}).save_to_disk(
        tmp_path / "saved", num_shards={"train": 2, "test": 1}
    )
    found = readers.expand(ReadConfig(format="datasets", paths=["saved"]), tmp_path)
    assert [f.relative_to(tmp_path / "saved").parts[0] for f in found] == ["test", "train", "train"]
    records = [record for file in found for record in everything(file, format="datasets")]
    assert [record["text"] for record in records] == ["a", None, *train["text"]]
    assert records[0]["meta"] == '{"n":1}'
    alone = readers.expand(ReadConfig(format="datasets", paths=["saved/train"]), tmp_path)
    assert alone == found[1:]


def test_a_folder_that_is_no_saved_dataset_says_what_it_might_be(tmp_path):
    (tmp_path / "web").mkdir()
    with pytest.raises(UsageError, match="format: parquet"):
        readers.expand(ReadConfig(format="datasets", paths=["web"]), tmp_path)
    save(tmp_path / "saved", some())
    (tmp_path / "saved/data-00000-of-00001.arrow").unlink()
    with pytest.raises(UsageError, match="not there"):
        readers.expand(ReadConfig(format="datasets", paths=["saved"]), tmp_path)


def test_a_file_name_in_the_data_never_leads_out_of_the_folder(tmp_path):
    save(tmp_path / "saved", some())
    (tmp_path / "saved/state.json").write_text('{"_data_files": [{"filename": "../../etc/passwd"}]}')
    with pytest.raises(UsageError, match="saved/passwd, which is not there"):
        readers.expand(ReadConfig(format="datasets", paths=["saved"]), tmp_path)


def test_a_stream_that_is_cut_off_gives_what_came_before(tmp_path, everything):
    path = save(tmp_path, some())
    path.write_bytes(path.read_bytes()[:-900])
    found = everything(path, format="datasets")
    assert found[0]["text"] == "text 0 " * 50
    assert found[-1]["row"] is None and "breaks off after row" in found[-1]["error"]


@settings(max_examples=80)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_wherever_a_file_is_overwritten_nothing_is_raised(tmp_path_factory, everything, position, garbage):
    path = save(tmp_path_factory.mktemp("d"), some())
    whole = path.read_bytes()
    position %= len(whole)
    path.write_bytes(whole[:position] + garbage + whole[position + len(garbage) :])
    found = everything(path, format="datasets")
    rows = [record["row"] for record in found if record["row"] is not None]
    assert rows == list(range(len(rows)))
    assert len(rows) == 10 or found[-1]["error"] or position < 1200
