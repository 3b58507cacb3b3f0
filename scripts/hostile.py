"""Broken and hostile shards, over 200, the same for the same seed: what `scripts/fuzz.py` feeds to a build.

    python scripts/hostile.py /tmp/hostile --seed 1

Files lie in a folder for each format. Next to them goes `shards.json`: how many ledger rows each shard must
have by name, null where nobody can know but at least one.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

ROWS = 16
"""Documents of an ordinary shard."""

GIGABYTE = 1 << 30

CODECS = ("none", "snappy", "zstd", "gzip", "lz4", "brotli")

Rows = int | None
Shard = tuple[str, bytes, Rows]
"""(name, content, ledger rows)"""


@cache
def texts() -> list[str]:
    """Documents of the packaged sample."""
    file = files("curate") / "data" / "sample" / "web" / "web-00000.parquet"
    found = pq.read_table(str(file), columns=["text"])["text"].to_pylist()
    return [text for text in found if text and 300 < len(text) < 3_000]


def prose(random_: random.Random) -> str:
    """A text that passes, mostly; two may be duplicates."""
    return random_.choice(texts())


def table(random_: random.Random, rows: int = ROWS) -> pa.Table:
    """Good documents."""
    return pa.table({"id": [f"d{i}" for i in range(rows)], "text": [prose(random_) for _ in range(rows)]})


def parquet(data: pa.Table, **options: Any) -> bytes:
    """A table as the bytes of a file."""
    sink = io.BytesIO()
    pq.write_table(data, sink, **options)
    return sink.getvalue()


# --- Parquet


def whole_files(random_: random.Random) -> Iterator[Shard]:
    """One in each codec, version and encoding: to be broken, and to be read."""
    for i, codec in enumerate(CODECS):
        options = {"compression": codec, "use_dictionary": bool(i % 2), "row_group_size": 8}
        version = f"{1 + i // 2 % 2}.0"
        yield f"good-{codec}", parquet(table(random_), data_page_version=version, **options), ROWS


def cut_files(random_: random.Random) -> Iterator[Shard]:
    """Ends that are missing."""
    for name, whole, _ in whole_files(random_):
        edges = [0, 3, 4, 8, 12, len(whole) // 2, len(whole) - 8, len(whole) - 4, len(whole) - 1]
        for size in [*random_.sample(edges, 3), *(random_.randrange(len(whole)) for _ in range(4))]:
            yield f"cut-{name}-{size}", whole[:size], 1


def _regions(whole: bytes) -> dict[str, tuple[int, int, Rows]]:
    """Where in a file what lies, and the rows of a file that is damaged there: with a footer, all."""
    metadata = pq.read_metadata(io.BytesIO(whole))
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    chunk = metadata.row_group(random.Random(0).randrange(metadata.num_row_groups)).column(1)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    return {
        "header": (start, start + 24, ROWS),
        "dictionary": (start, max(chunk.data_page_offset, start + 24), ROWS),
        "data": (chunk.data_page_offset, start + chunk.total_compressed_size, ROWS),
        "footer": (footer, len(whole) - 8, None),
        "tail": (len(whole) - 8, len(whole), None),
    }


def flipped_files(random_: random.Random) -> Iterator[Shard]:
    """One byte, or a run of them, is another."""
    for name, whole, _ in whole_files(random_):
        for region, (start, end, rows) in _regions(whole).items():
            for _ in range(2):
                at, run = random_.randrange(start, end), random_.choice((1, 1, 4, 64))
                damaged = bytearray(whole)
                for i in range(at, min(at + run, end)):
                    damaged[i] ^= random_.randrange(1, 256)
                yield f"flip-{region}-{name}-{at}", bytes(damaged), rows


def odd_schemas(random_: random.Random) -> Iterator[Shard]:
    """Columns that are no text, or text of another kind."""
    texts = [prose(random_) for _ in range(ROWS)]
    raw = [text.encode() for text in texts]
    columns: dict[str, Any] = {
        "int": list(range(ROWS)),
        "float": [float(i) for i in range(ROWS)],
        "bool": [i % 2 == 0 for i in range(ROWS)],
        "null": pa.nulls(ROWS),
        "list": [[text] for text in texts],
        "struct": [{"text": text} for text in texts],
        "map": pa.array([[("text", text)] for text in texts], pa.map_(pa.string(), pa.string())),
        "decimal": pa.array(range(ROWS), pa.decimal128(9)),
        "time": pa.array(range(ROWS), pa.timestamp("ns")),
        "dictionary": pa.array(texts).dictionary_encode(),
        "large": pa.array(texts, pa.large_string()),
        "view": pa.array(texts, pa.string_view()),
        "binary": pa.array(raw, pa.large_binary()),
        "fixed": pa.array([b"0123456789abcdef"] * ROWS, pa.binary(16)),
        "some null": [None if i % 3 else text for i, text in enumerate(texts)],
        "bad utf-8": pa.array([b"\xff\xfe" + value if i % 2 else value for i, value in enumerate(raw)]),
        "surrogate": pa.array([b"\xed\xa0\x80" + value for value in raw]),
        "nul": [f"\x00{text}\x00" for text in texts],
    }
    for name, column in columns.items():
        yield f"schema-{name}", parquet(pa.table({"text": column})), ROWS
    yield "schema-missing", parquet(pa.table({"body": texts})), ROWS
    yield "schema-none", parquet(pa.table({})), 0
    twice = pa.table([pa.array(texts), pa.array(texts)], names=["text", "text"])
    yield "schema-twice", parquet(twice), ROWS
    nested = pa.table({"text": texts, "id": [{"a": [1]} for _ in texts]})
    yield "schema-nested id", parquet(nested), ROWS


def absurd_files(random_: random.Random) -> Iterator[Shard]:
    """Files that are valid, and that nobody would write."""
    good = table(random_)
    yield "absurd-metadata", parquet(good.replace_schema_metadata({"x": "y" * (4 << 20)})), ROWS
    yield "absurd-no rows", parquet(good.slice(0, 0)), 0
    wide = {**{f"c{i}": list(range(ROWS)) for i in range(2_000)}, "text": good["text"]}
    yield "absurd-wide", parquet(pa.table(wide)), ROWS
    names = {"\x00": good["id"], "a\nb": good["id"], "é" * 5_000: good["id"], "": good["id"]}
    yield "absurd-names", parquet(pa.table({**names, "text": good["text"]})), ROWS
    deep: Any = "x"
    for _ in range(60):
        deep = {"a": deep}
    yield "absurd-deep", parquet(pa.table({"text": good["text"], "m": [deep] * ROWS})), ROWS
    yield "absurd-groups", parquet(table(random_, 200), row_group_size=1), 200
    yield "absurd-empty", parquet(pa.table({"text": [""] * 20_000})), 20_000
    ids = {"id": ["same\x00\n"] * ROWS, "text": good["text"]}
    yield "absurd-ids", parquet(pa.table(ids)), ROWS
    yield (
        "absurd-path ids",
        parquet(pa.table({"id": ["../../../etc/passwd"] * ROWS, "text": good["text"]})),
        ROWS,
    )
    yield "absurd-magic", b"PAR1PAR1", 1
    yield "absurd-encrypted", b"PARE" + random_.randbytes(400) + b"PARE", 1
    yield "absurd-length", b"PAR1" + random_.randbytes(64) + (2**31 - 1).to_bytes(4, "little") + b"PAR1", 1
    yield "absurd-gzip", gzip.compress(parquet(good)), 1
    yield "absurd-html", b"<!doctype html><title>404 Not Found</title>" * 50, 1
    yield "absurd-noise", random_.randbytes(20_000), 1


def bombs(random_: random.Random) -> Iterator[Shard]:
    """A few kB that become a GB."""
    value = pa.DictionaryArray.from_arrays(pa.array([0] * 70, pa.int32()), pa.array(["a" * (16 << 20)]))
    repeated = pa.table({"text": value})
    yield "bomb-dictionary", parquet(repeated, compression="zstd"), 70
    one = pa.table({"text": pa.array(["a" * (128 << 20)], pa.large_string())})
    yield "bomb-page", parquet(one, compression="zstd", use_dictionary=False), 1


# --- JSON lines


def good_lines(random_: random.Random, rows: int = ROWS) -> list[bytes]:
    """Lines without their ends."""
    return [json.dumps({"id": i, "text": prose(random_)}).encode() for i in range(rows)]


def odd_lines(random_: random.Random) -> Iterator[Shard]:
    """A bad line among good ones: it counts as one document."""
    quoted = json.dumps(prose(random_))
    for name, line in {
        "not utf-8": b'{"text": "\xff\xfe\xfa"}',
        "latin-1": '{"text": "déjà vu"}'.encode("latin-1"),
        "overlong": b'{"text": "\xc0\xaf"}',
        "nul": b'{"text": "a\\u0000b"}',
        "bare nul": b'{"text": "a\x00b"}',
        "only nul": b"\x00" * 500,
        "surrogate": b'{"text": "\\ud800 alone"}',
        "reversed surrogates": b'{"text": "\\udc00\\ud800"}',
        "surrogate id": b'{"id": "\\ud800", "text": %s}' % quoted.encode(),
        "surrogate key": b'{"\\ud800": 1, "text": %s}' % quoted.encode(),
        "deep list": b"[" * 200_000,
        "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "deep meta": b'{"text": %s, "m": %s}' % (quoted.encode(), b"[" * 900 + b"]" * 900),
        "twice": b'{"text": 1, "text": %s}' % quoted.encode(),
        "no key": b'{"body": "x"}',
        "null": b'{"text": null}',
        "number": b'{"text": 12}',
        "list": b'{"text": ["a"]}',
        "scalar": b"12",
        "string": quoted.encode(),
        "array": b"[1, 2]",
        "empty object": b"{}",
        "nan": b'{"text": %s, "m": NaN}' % quoted.encode(),
        "infinity": b'{"text": %s, "m": -Infinity}' % quoted.encode(),
        "huge int": b'{"text": %s, "m": %s}' % (quoted.encode(), b"9" * 6_000),
        "huge float": b'{"text": %s, "m": 1e99999}' % quoted.encode(),
        "many keys": json.dumps({**{f"k{i}": i for i in range(30_000)}, "text": "x"}).encode(),
        "long key": json.dumps({"k" * 500_000: 1, "text": "x"}).encode(),
        "object id": b'{"id": {"a": [1]}, "text": %s}' % quoted.encode(),
        "cut": quoted.encode()[:-40],
        "two": b'{"text": "a"} {"text": "b"}',
        "single quotes": b"{'text': 'a'}",
        "html": b"<html><body>503 Service Unavailable</body></html>",
        "long text": json.dumps({"text": "b" * 3_000_000}).encode(),
        "giant line": b'{"text": "' + b"c" * 12_000_000 + b'"}',
        "noise": random_.randbytes(3_000).replace(b"\n", b" "),
    }.items():
        yield f"line-{name}", b"\n".join([*good_lines(random_, 3), line, *good_lines(random_, 3)]), 7


def odd_files(random_: random.Random) -> Iterator[Shard]:
    """Ends of lines, marks, compression."""
    lines = good_lines(random_)
    plain = b"\n".join(lines) + b"\n"
    yield "file-good", plain, ROWS
    yield "file-no end", plain[:-1], ROWS
    yield "file-bom", b"\xef\xbb\xbf" + plain, ROWS
    yield "file-two boms", b"\xef\xbb\xbf" * 2 + plain, ROWS
    yield "file-crlf", b"\r\n".join(lines), ROWS
    yield "file-cr", b"\r".join(lines), 1
    yield "file-blank lines", b"\n\n \n\t\n".join(lines), ROWS
    yield "file-only blanks", b"\n \r\n" * 5_000, 0
    yield "file-empty", b"", 0
    yield "file-utf-16", plain.decode().encode("utf-16"), None
    yield "file-array", b"[" + b",".join(lines) + b"]", 1
    yield "file-indented", json.dumps([json.loads(line) for line in lines], indent=1).encode(), None
    yield "file-noise", random_.randbytes(5_000), None
    yield "file-empty texts", b'{"text": ""}\n' * 5_000, 5_000
    for name, pack in {"gz": gzip.compress, "zst": zstandard.compress}.items():
        packed = pack(plain)
        yield f"file-{name}", packed, ROWS
        yield f"file-{name} twice", packed + packed, None
        yield f"file-{name} rest", packed + b"garbage behind the end", None
        yield f"file-{name} in {name}", pack(packed), None
        yield f"file-{name} only magic", packed[:4], None
        for _ in range(4):
            yield f"file-{name} cut {(size := random_.randrange(6, len(packed)))}", packed[:size], None
            damaged = bytearray(packed)
            damaged[(at := random_.randrange(4, len(packed)))] ^= random_.randrange(1, 256)
            yield f"file-{name} flipped {at}", bytes(damaged), None
        yield f"file-{name} bomb", packed_bomb(name, b"", b"\x00", GIGABYTE), 1
        yield f"file-{name} bomb in a text", packed_bomb(name, b'{"text": "', b"a", GIGABYTE), 1


def packed_bomb(kind: str, start: bytes, filling: bytes, size: int) -> bytes:
    """`start` and then `size` bytes of the same, packed."""
    sink, block = io.BytesIO(), filling * (1 << 20)
    if kind == "gz":
        packer: Any = gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=1)
    else:
        packer = zstandard.ZstdCompressor().stream_writer(sink, closefd=False)
    with packer:
        packer.write(start)
        for _ in range(size >> 20):
            packer.write(block)
    return sink.getvalue()


# --- Arrow streams of `datasets`, and folders of texts


def odd_streams(random_: random.Random) -> Iterator[Shard]:
    """Streams that are cut or damaged."""
    sink, data = io.BytesIO(), table(random_)
    with pa.ipc.new_stream(sink, data.schema) as stream:
        for batch in data.to_batches(max_chunksize=8):
            stream.write_batch(batch)
    whole = sink.getvalue()
    yield "good", whole, ROWS
    for _ in range(8):
        size = random_.randrange(1, len(whole))
        yield f"cut-{size}", whole[:size], None
    for _ in range(8):
        damaged = bytearray(whole)
        damaged[(at := random_.randrange(len(whole)))] ^= random_.randrange(1, 256)
        yield f"flip-{at}", bytes(damaged), None


def make_texts(folder: Path, random_: random.Random) -> dict[str, Rows]:
    """One folder is one shard: a document a file, whatever the file is."""
    inside = folder / "books"
    inside.mkdir(parents=True)
    contents = {
        **{f"good{i}.txt": prose(random_).encode() for i in range(ROWS)},
        "empty.txt": b"",
        "nul.txt": b"\x00" * 4_096,
        "noise.bin": random_.randbytes(10_000),
        "utf-16.txt": prose(random_).encode("utf-16"),
        "long.txt": b"d" * 3_000_000,
        "bom.txt": b"\xef\xbb\xbf" + prose(random_).encode(),
        "a b\n'\".txt": prose(random_).encode(),
    }
    for name, content in contents.items():
        (inside / name).write_bytes(content)
    odd = os.fsdecode(b"\xff\xfe.txt")
    (inside / odd).write_bytes(prose(random_).encode())
    os.mkfifo(inside / "pipe.txt")
    (inside / "loop.txt").symlink_to("loop.txt")
    (inside / "nowhere.txt").symlink_to("not there")
    (inside / "zero.txt").symlink_to("/dev/zero")
    (inside / "up").symlink_to("..", target_is_directory=True)
    locked = inside / "locked.txt"
    locked.write_bytes(prose(random_).encode())
    locked.chmod(0)
    deep = inside.joinpath(*["d" * 60] * 20)
    deep.mkdir(parents=True)
    (deep / "far.txt").write_bytes(prose(random_).encode())
    return {"text/books": len(contents) + 1 + 4 + 2}  # the link to a folder is not followed


def make_strange(folder: Path, random_: random.Random) -> dict[str, Rows]:
    """What a glob matches besides files."""
    whole = parquet(table(random_))
    os.mkfifo(folder / "pipe.parquet")
    (folder / "zero.parquet").symlink_to("/dev/zero")
    (folder / "folder.parquet").mkdir()
    (folder / "folder.parquet" / "inside.parquet").write_bytes(whole)
    (folder / "empty folder.parquet").mkdir()
    (folder / "locked.parquet").write_bytes(whole)
    (folder / "locked.parquet").chmod(0)
    (folder / "link.parquet").symlink_to("folder.parquet/inside.parquet")
    (folder / os.fsdecode(b"\xff\xfe.parquet")).write_bytes(whole)
    (folder / "white space \n and 'quotes'.parquet").write_bytes(whole)
    return {
        "parquet/pipe.parquet": 1,
        "parquet/zero.parquet": 1,
        "parquet/folder.parquet/inside.parquet": ROWS,
        "parquet/locked.parquet": None,  # root may read it
        "parquet/link.parquet": ROWS,
        "parquet/\\xff\\xfe.parquet": 1,  # Arrow opens no such name
        "parquet/white space \n and 'quotes'.parquet": ROWS,
    }


FAMILIES: dict[str, list[Callable[[random.Random], Iterator[Shard]]]] = {
    "parquet": [whole_files, cut_files, flipped_files, odd_schemas, absurd_files, bombs],
    "jsonl": [odd_lines, odd_files],
    "datasets": [odd_streams],
}


def make(folder: Path, seed: int) -> dict[str, Rows]:
    """All shards; ledger rows by the name that the ledger has for the shard."""
    random_, rows = random.Random(seed), {}
    for family, makers in FAMILIES.items():
        (folder / family).mkdir(parents=True)
        suffix = {"datasets": "arrow"}.get(family, family)
        for maker in makers:
            for name, content, expected in maker(random_):
                (folder / family / f"{name}.{suffix}").write_bytes(content)
                rows[f"{family}/{name}.{suffix}"] = expected
    rows |= make_strange(folder / "parquet", random_)
    rows |= make_texts(folder / "text", random_)
    (folder / "shards.json").write_text(json.dumps(rows, indent=1))
    return rows


def main() -> None:
    """To look at them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{len(make(options.folder, options.seed))} shards in {options.folder}")


if __name__ == "__main__":
    main()
