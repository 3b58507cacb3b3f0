"""Makes the sample that is packaged with curate: four sources of generated text, with the dirt of real ones.

    python scripts/make_sample.py [--out curate/data/sample] [--seed 17]

Every page is put together from sentences written for this purpose in `scripts/sample/`; nothing is taken from
anywhere. The same seed gives the same documents, and with the same pyarrow the same bytes. `sample.json` says
which dirt lies where, so that tests can ask what became of it. The sources differ in their columns, on
purpose.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sample import academic, code, foreign, synthetic, web
from sample.grammar import NAMES, paragraph, say, sentence

SITE = pa.struct([("domain", pa.string()), ("section", pa.string())])
SCHEMAS = {
    source: pa.schema(columns)
    for source, columns in {
        "web": {
            "id": pa.string(),
            "text": pa.string(),
            "url": pa.string(),
            "fetched": pa.timestamp("ms"),
            "site": SITE,
        },
        "code": {"path": pa.string(), "content": pa.string(), "repo": pa.string(), "stars": pa.int32()},
        "academic": {
            "id": pa.int64(),
            "text": pa.large_string(),
            "title": pa.string(),
            "authors": pa.list_(pa.string()),
        },
        "synthetic": {
            "id": pa.string(),
            "text": pa.string(),
            "kind": pa.dictionary(pa.int8(), pa.string()),
        },
    }.items()
}
TEXT = {"web": "text", "code": "content", "academic": "text", "synthetic": "text"}
SHARDS = {"web": 4, "code": 2, "academic": 2, "synthetic": 3}
PAGES = {"web": 1400, "code": 300, "academic": 290, "synthetic": 1100}
BAD_SHARD = "web/web-00003.parquet"
BAD_ROWS = 120
LONG_BYTES = 300_000


@dataclass
class Document:
    """columns: all but the text. planted: which dirt it is; ref: the document of which it is a copy."""

    source: str
    text: str | bytes | None
    columns: dict[str, object]
    planted: str = ""
    ref: Document | None = None
    facts: dict[str, object] = field(default_factory=dict)
    shard: str = ""
    row: int = -1

    def copy(self, planted: str, source: str | None = None, **changes: object) -> Document:
        """Another document with the same text, planted in its own source or another one."""
        source = source or self.source
        columns = dict(self.columns) if source == self.source else {}
        return Document(source, self.text, columns | changes, planted, self)


def main() -> None:
    """Writes the shards and sample.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "curate/data/sample")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    documents = make(options.seed)
    write(documents, options.out, options.seed)
    size = sum(file.stat().st_size for file in options.out.rglob("*.parquet"))
    print(f"{len(documents):,} documents, {size / 1e6:.2f} MB in {options.out}")


def make(seed: int) -> list[Document]:
    """All documents, each with its shard and row."""
    rng = random.Random(seed)
    makers = {"web": web_page, "code": code_file, "academic": academic_paper, "synthetic": synthetic_item}
    clean = {source: [makers[source](rng, i) for i in range(n)] for source, n in PAGES.items()}
    dirt = [*web_dirt(rng), *code_dirt(rng), *synthetic_dirt(rng), *copies(rng, clean), *breakage(rng, clean)]
    return placed(rng, clean, dirt)


# --- documents as they should be


def web_page(rng: random.Random, number: int, text: str = "", section: str = "") -> Document:
    """A page with its address."""
    if not text:
        section, text = web.page(rng)
    domain = say(rng, "{place}-[notes|forum|weekly].example").lower()
    columns = {
        "id": f"web-{number:05}",
        "url": f"https://{domain}/{section}/{number}",
        "fetched": datetime(
            rng.randint(2015, 2024), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23)
        ),
        "site": {"domain": domain, "section": section},
    }
    return Document("web", text, columns)


def code_file(rng: random.Random, number: int, made: tuple[str, str] | None = None) -> Document:
    """A file of a repository; its path is its id."""
    path, content = made or code.source_file(rng)
    repo = say(rng, "{name}-[tools|server|kit|labs]").lower()
    return Document(
        "code", content, {"path": f"{repo}/{number}/{path}", "repo": repo, "stars": rng.randint(0, 4000)}
    )


def academic_paper(rng: random.Random, number: int) -> Document:
    """A paper with title and authors; ids are numbers."""
    title, text = academic.paper(rng)
    return Document(
        "academic", text, {"id": 7_000_000 + number, "title": title, "authors": rng.sample(NAMES, 2)}
    )


def synthetic_item(rng: random.Random, number: int) -> Document:
    """An item of generated text."""
    kind, text = synthetic.item(rng)
    return Document("synthetic", text, {"id": f"gen-{number:06}", "kind": kind})


# --- dirt


def web_dirt(rng: random.Random) -> list[Document]:
    """Junk, other languages, pages with personal data, too short ones, and one that is far too long."""
    found = []

    def add(planted: str, text: str, **facts: object) -> None:
        page = web_page(rng, 20_000 + len(found), text, planted)
        page.planted, page.facts = planted, facts
        found.append(page)

    for _ in range(150):
        kind, text = web.junk(rng)
        add(kind, text)
    for language in foreign.SENTENCES:
        for _ in range(25):
            add("language", foreign.page(rng, language), language=language)
    for _ in range(20):
        add("pii", web.page(rng)[1] + "\n" + personal(rng))
    for text in (
        "404",
        "Page not found",
        "ok",
        "...",
        "Loading",
        "Test",
        "\n\n",
        "Coming soon!",
        "see above",
        "+1",
    ):
        add("short", text)
    long = [web.page(rng)[1]]
    while sum(map(len, long)) < LONG_BYTES:
        long.append(web.page(rng)[1])
    add("long", "\n\n".join(long))
    return found


def personal(rng: random.Random) -> str:
    """Addresses and numbers that belong to nobody: reserved domains and ranges, wrong check digits."""
    name, place, street = rng.choice(NAMES).lower(), say(rng, "{place}").lower(), say(rng, "{place}")
    number = f"XX00 {rng.randint(1000, 9999)} {rng.randint(1000, 9999)}"
    return sentence(
        rng,
        f"[write to|contact] {name}.{place}@example.[com|org|net], [phone|call] 555-01{rng.randint(10, 99)}, "
        f"{rng.randint(1, 99)} {street} Street, account {number}, from 192.0.2.{rng.randint(1, 254)}",
    )


def code_dirt(rng: random.Random) -> list[Document]:
    """Minified scripts, generated tables, and settings, which are not dirt but no programs either."""
    found = []
    kinds = (("minified", code.minified, 12), ("table", code.table, 8), ("settings", code.settings_file, 30))
    for planted, make_file, n in kinds:
        for _ in range(n):
            found.append(code_file(rng, 20_000 + len(found), make_file(rng)))
            found[-1].planted = planted
    return found


REFUSALS = [
    "I am sorry, but [as an assistant|as a language model] I cannot [help with|answer] that",
    "[unfortunately|I regret that] this request is outside of what I [may|can] do",
    "please [ask something else|rephrase your question] and I will be happy to help",
]


def synthetic_dirt(rng: random.Random) -> list[Document]:
    """Refusals, and answers that break off."""
    found = []
    for i in range(24):
        item = synthetic_item(rng, 20_000 + i)
        if i % 2:
            item.planted, item.text = "refusal", item.text.split("\n")[0] + "\n\n" + paragraph(rng, REFUSALS)
        else:
            item.planted, item.text = "cut_off", item.text[: len(item.text) // 3]
        found.append(item)
    return found


def copies(rng: random.Random, clean: dict[str, list[Document]]) -> list[Document]:
    """Exact copies inside a source and across sources, near-copies, and ids that are used twice."""
    found = []
    for source, n in (("web", 15), ("code", 10), ("academic", 4), ("synthetic", 12)):
        for i, original in enumerate(rng.sample(clean[source], n)):
            found.append(original.copy("exact_duplicate", **new_id(source, 30_000 + i)))
    for i, source in enumerate(["synthetic"] * 12 + ["academic"] * 6):
        original = rng.choice(clean[source])
        page = web_page(rng, 31_000 + i, original.text, "copied")
        page.planted, page.ref = "exact_duplicate", original
        found.append(page)
    for source, n in (("web", 30), ("code", 8), ("academic", 8), ("synthetic", 14)):
        for i, original in enumerate(rng.sample([d for d in clean[source] if len(d.text) > 900], n)):
            copy = original.copy("near_duplicate", **new_id(source, 32_000 + i))
            copy.text = edited(rng, original.text)
            copy.facts = {"jaccard": round(jaccard(original.text, copy.text), 4)}
            found.append(copy)
    for i, original in enumerate(rng.sample(clean["web"], 8)):
        again = web_page(rng, 33_000 + i)
        again.columns["id"], again.planted, again.ref = original.columns["id"], "repeated_id", original
        found.append(again)
    return found


def new_id(source: str, number: int) -> dict[str, object]:
    """The id column of a source with another value."""
    return {
        "web": {"id": f"web-{number}"},
        "code": {"path": f"mirror/{number}/copy"},
        "academic": {"id": number},
        "synthetic": {"id": f"gen-{number}"},
    }[source]


def edited(rng: random.Random, text: str) -> str:
    """One to three words in a hundred changed, dropped or doubled."""
    pieces = re.split(r"(\s+)", text)
    words = [i for i in range(0, len(pieces), 2) if pieces[i].isalpha()]
    for i in rng.sample(words, max(1, int(len(words) * rng.uniform(0.004, 0.03)))):
        pieces[i] = rng.choice(["", pieces[i] + " " + pieces[i], "perhaps", "indeed", "some"])
    return "".join(pieces)


def jaccard(a: str, b: str) -> float:
    """Similarity of the sets of five words in a row."""
    one, two = (
        {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
        for words in (re.findall(r"\w+", t.lower()) for t in (a, b))
    )
    return len(one & two) / len(one | two)


def breakage(rng: random.Random, clean: dict[str, list[Document]]) -> list[Document]:
    """Texts that are null, empty, or no UTF-8, and a missing id."""
    found = []
    for source, nulls, empties in (("web", 6, 5), ("code", 3, 2), ("academic", 1, 1), ("synthetic", 2, 2)):
        for i in range(nulls + empties):
            one = rng.choice(clean[source]).copy(
                "null_text" if i < nulls else "empty_text", **new_id(source, 34_000 + i)
            )
            one.text, one.ref = (None if i < nulls else ""), None
            found.append(one)
    for i in range(3):
        page = web_page(rng, 35_000 + i)
        at = rng.randint(10, 400)
        raw = page.text.encode()
        page.text, page.planted, page.facts = raw[:at] + b"\xff" + raw[at:], "invalid_utf8", {"byte": at}
        found.append(page)
    nameless = web_page(rng, 36_000)
    nameless.columns["id"], nameless.planted = None, "null_id"
    return [*found, nameless]


# --- files


def placed(rng: random.Random, clean: dict[str, list[Document]], dirt: list[Document]) -> list[Document]:
    """Shuffles each source over its shards. In the shard that is cut off later lie only pages that no planted
    document is a copy of."""
    needed = {id(document.ref) for document in dirt}
    lost = [page for page in clean["web"] if id(page) not in needed][:BAD_ROWS]
    gone = {id(page) for page in lost}
    found = []
    for source, n_shards in SHARDS.items():
        mine = [d for d in [*clean[source], *dirt] if d.source == source and id(d) not in gone]
        rng.shuffle(mine)
        good = n_shards - (source == "web")
        for number in range(good):
            found += numbered(f"{source}/{source}-{number:05}.parquet", mine[number::good])
    return found + numbered(BAD_SHARD, lost)


def numbered(shard: str, documents: list[Document]) -> list[Document]:
    """The documents with their shard and row."""
    for row, document in enumerate(documents):
        document.shard, document.row = shard, row
    return documents


def write(documents: list[Document], out: Path, seed: int) -> None:
    """Parquet shards, one of them cut off, and sample.json."""
    for source in SHARDS:
        shutil.rmtree(out / source, ignore_errors=True)
        (out / source).mkdir(parents=True)
    shards: dict[str, list[Document]] = {}
    for document in documents:
        shards.setdefault(document.shard, []).append(document)
    for shard, rows in sorted(shards.items()):
        save(out / shard, rows)
    broken = (out / BAD_SHARD).read_bytes()
    (out / BAD_SHARD).write_bytes(broken[: len(broken) * 3 // 5])
    manifest = {
        "seed": seed,
        "shards": {
            shard: len(rows) if shard != BAD_SHARD else None for shard, rows in sorted(shards.items())
        },
        "planted": [
            {"kind": "cut_off_shard", "shard": BAD_SHARD},
            *(described(d) for d in documents if d.planted),
        ],
    }
    lines = ",\n".join("  " + json.dumps(entry) for entry in manifest.pop("planted"))
    head = json.dumps(manifest, indent=1).removesuffix("\n}")
    (out / "sample.json").write_text(f'{head},\n "planted": [\n{lines}\n ]\n}}\n')


def described(document: Document) -> dict[str, object]:
    """A line of the manifest."""
    ref = {"ref": key(document.ref)} if document.ref else {}
    return {"kind": document.planted, "key": key(document), **ref, **document.facts}


def key(document: Document) -> str:
    """`shard:row` inside the sample."""
    return f"{document.shard}:{document.row}"


def save(path: Path, documents: list[Document]) -> None:
    """A shard with row groups of 250 documents, packed as tightly as zstd can."""
    source = documents[0].source
    schema, text = SCHEMAS[source], TEXT[source]
    columns = [
        texts(documents, schema.field(n).type) if n == text else values(documents, schema.field(n))
        for n in schema.names
    ]
    pq.write_table(
        pa.Table.from_arrays(columns, schema=schema),
        path,
        compression="zstd",
        compression_level=19,
        row_group_size=250,
        use_dictionary=[name for name in schema.names if name != text],
    )


def texts(documents: list[Document], kind: pa.DataType) -> pa.Array:
    """Texts as Arrow strings, those that are no UTF-8 as they are."""
    raw = [d.text.encode() if isinstance(d.text, str) else d.text for d in documents]
    return pa.array(raw, pa.large_binary() if kind == pa.large_string() else pa.binary()).view(kind)


def values(documents: list[Document], column: pa.Field) -> pa.Array:
    """Another column."""
    found = [document.columns.get(column.name) for document in documents]
    if pa.types.is_dictionary(column.type):
        return pa.array(found, pa.string()).dictionary_encode().cast(column.type)
    return pa.array(found, column.type)


if __name__ == "__main__":
    main()
