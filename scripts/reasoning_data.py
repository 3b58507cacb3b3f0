"""Labelled passages for scripts/train_reasoning.py, from ../shared/corpus, each label with its basis.

Three bases, weighted by how far they can be trusted:

- *graded*: passages read one by one and graded 0..5 by the process rubric (support, chain, alternatives,
  revision, resolution; penalties for lists, promotion, questions only), each by two readers who saw neither
  where it comes from nor each other's grades; the mean counts, rounded down: 3 and up reasons, 0 and 1 does
  not, 2 is left out, since between 2 and 3 readers do not agree;
- *section*: passages under a heading, or in an environment, that says what they do (a proof, rejected
  ideas, a release checklist), after reading samples of each;
- *origin*: all passages of an origin whose samples agreed.

The texts stay where they are; only grades are here, in reasoning_grades.txt.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from curate.documents import Batch
from curate.stages import language
from curate.training.reasoning import Row, auc

MOST = 170
"""Passages of an origin and label: more of the same teach little."""
SHORTEST, LONGEST = 60, 320
"""Words of a passage that is cut out of a document."""


MOST_ORDERED = 1000
"""Texts of an origin from which the order of sentences is learnt."""


class Basis(NamedTuple):
    """Why an origin's passages have their label. weight: how far it is trusted."""

    label: int
    kind: str
    weight: float
    basis: str


TRAIN = {
    "gsm8k": Basis(1, "worked_solution", 1.0, "origin"),
    "aqua-cot": Basis(1, "worked_solution", 1.0, "origin"),
    "commonsense-cot": Basis(1, "explanation", 1.0, "origin"),
    "ukp-essays": Basis(1, "argument", 1.0, "origin"),
    "openlogic-proofs": Basis(1, "proof", 1.0, "section"),
    "plato": Basis(1, "argument", 0.9, "origin"),
    "peps-rationale": Basis(1, "argument", 0.8, "section"),
    "openstax-calc-examples": Basis(1, "worked_solution", 1.0, "section"),
    "calc-keyeq-glossary": Basis(0, "reference", 1.0, "section"),
    "calc-exercises-only": Basis(0, "questions", 0.8, "section"),
    "se-beer": Basis(1, "explanation", 0.8, "origin"),
    "bbc-news": Basis(0, "news", 0.8, "origin"),
    "job-postings": Basis(0, "promotion", 1.0, "origin"),
    "enron-spam": Basis(0, "promotion", 1.0, "origin"),
    "movie-dialog": Basis(0, "narrative", 1.0, "origin"),
    "awesome-python": Basis(0, "reference", 1.0, "origin"),
    "webpage-chrome": Basis(0, "boilerplate", 1.0, "origin"),
    "austen": Basis(0, "narrative", 0.8, "origin"),
    "licences": Basis(0, "legal", 1.0, "origin"),
    "tldr": Basis(0, "reference", 1.0, "origin"),
    "kep-yaml": Basis(0, "reference", 1.0, "origin"),
    "python-code": Basis(0, "code", 0.8, "origin"),
}
"""Origins of reasoning_train.jsonl.gz; their labels are those of the file. Left out: openlogic-defs, in
which proofs and exercises stand beside definitions."""

SAME = {
    "openlogic-proofs": "OpenLogic",
    "OpenLogicProject/OpenLogic": "OpenLogic",
    "peps-rationale": "peps",
    "openstax-calc-examples": "openstax calculus",
    "calc-keyeq-glossary": "openstax calculus",
    "calc-exercises-only": "openstax calculus",
    "kep-yaml": "enhancements",
}
"""What comes from one place is left out together, whatever its label."""

MISLABELLED = {
    "article-extraction-benchmark",
    "austen",
    "bbc-news",
    "se-beer",
    "t0/amazon",
    "t0/imdb",
    "t0/yelp",
    "ukp-essays",
}
"""Origins whose label is wrong for more than a quarter of the passages that were read: reviews give reasons,
novels and news infer, and the essays are debris of an annotation. Only what was read of them is used."""

CODE = re.compile(r"^(?:```|    |\t|[{|}>]|\s*[-+*] *\[|\||//|#include|import |from \w+ import )")

NAME = 12
"""Hexadecimal digits of a SHA-256 that name a passage."""
READ = Path(__file__).with_name("reasoning_grades.txt")
"""What readers gave a passage, a line each: the first NAME digits of its SHA-256, sub-scores 0..2 (support,
chain, alternatives, revision, resolution), penalties (l list only, q questions only, p promotion, b
boilerplate, s stuffed, c circular, i incoherent, - none), kind of discourse."""
WORTH = 2.0
"""How far a passage's grade is trusted as a label: as much as two passages of a good origin."""
KINDS = {"none": None, "dialogue": None, "worked_solution": "explanation"}
"""Readers' kinds of discourse that the model calls otherwise: solutions in notebooks, with code between, can
stand in another order, which those of problems cannot."""

T0 = {
    "duorc": Basis(0, "narrative", 0.8, "origin"),
    "imdb": Basis(0, "narrative", 0.5, "origin"),
    "amazon": Basis(0, "narrative", 0.5, "origin"),
    "yelp": Basis(0, "narrative", 0.6, "origin"),
    "multi": Basis(0, "news", 0.7, "origin"),
    "cnn": Basis(0, "news", 0.7, "origin"),
    "xsum": Basis(0, "news", 0.7, "origin"),
    "quoref": Basis(0, "narrative", 0.8, "origin"),
    "dream": Basis(0, "narrative", 0.6, "origin"),
}
"""Data sets inside self-instruct, by the first word of their file."""

BENCH = {
    "article-extraction-benchmark": Basis(0, "news", 0.4, "origin"),
    "dify-docs": Basis(0, "instructions", 0.7, "origin"),
    "nltk-pil": Basis(0, "instructions", 0.8, "origin"),
    "nltk-webtext": Basis(0, "narrative", 0.9, "origin"),
    "nltk-product_reviews_1": Basis(0, "narrative", 0.5, "origin"),
    "InstructionWild": Basis(0, "questions", 0.9, "origin"),
    "GPTeacher": Basis(0, "code", 0.5, "origin"),
    "oral-arguments": Basis(1, "argument", 0.6, "origin"),
}
"""Origins of bench that have one label."""

WEIGHING = re.compile(
    r"rationale|motivation|rejected|alternatives|drawbacks|risks and mitigations|trade-?off|discussion|"
    r"open issues|backwards? compatibility",
    re.I,
)
LISTING = re.compile(
    r"copyright|references?$|footnotes|acknowledge?ments?|graduation|implementation history|release|"
    r"test(?: plan|s)|monitoring|dependencies|scalability|feature enablement|infrastructure|alpha|beta|"
    r"change history|version history|goals|table of contents",
    re.I,
)


def rows(corpus: Path, seed: int = 17) -> list[Row]:
    """All passages, in an order that depends on nothing but the files; at most MOST of an origin and
    label."""
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in [*_as_read(_labelled(corpus)), *_others(corpus)]:
        found[row.origin, row.label].append(row)
    rng = random.Random(seed)
    out = []
    for key in sorted(found):
        read = [row for row in found[key] if row.weight > 1]
        rest = [row for row in found[key] if row.weight <= 1]
        most = max(MOST - len(read), 0)
        out += read + (rest if len(rest) <= most else sorted(rng.sample(rest, most)))
    return out


def ordered(corpus: Path, known: Iterable[Row], seed: int = 17) -> list[Row]:
    """More texts of origins with proofs and solutions than have a label, at most MOST_ORDERED of each, for
    what their order says; those of `known` are not among them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in [*_all_proofs(corpus), *_all_solutions(corpus), *_lectures(corpus)]:
        found[row.origin].append(row)
    rng, seen, out = random.Random(seed), {row.text for row in known}, []
    for origin in sorted(found):
        some = [row for row in found[origin] if row.text not in seen and len(row.text.split()) >= 30]
        out += rng.sample(some, min(MOST_ORDERED, len(some)))
    return out


def _all_proofs(corpus: Path) -> Iterator[Row]:
    for place in ("stacks/stacks-project", "HoTT/book", "OpenLogicProject/OpenLogic"):
        yield from (row for row in _proofs(corpus, place) if row.kind == "proof")


def _all_solutions(corpus: Path) -> Iterator[Row]:
    for text, _, _ in _documents(corpus, "gsm8k-train"):
        yield Row(_cut(text.strip()), 1, "gsm8k", "worked_solution")
    for text, _, _ in _documents(corpus, "bbh-model-cot"):
        for block in dict.fromkeys(re.split(r"\n\s*(?=Q:)", text)[1:]):
            if "So the answer is" in block:
                yield Row(_cut(block.strip()), 1, "bbh-model-cot", "worked_solution")


def _lectures(corpus: Path) -> Iterator[Row]:
    for place, origin in (("openstax/osbooks-calculus-bundle", "openstax calculus"), ("d2l-ai/d2l-en",) * 2):
        for text, _, _ in _documents(corpus, place):
            for passage in passages(text):
                if share_of_code(passage) < 0.2:
                    yield Row(passage, 1, origin, "explanation")


STATED = {
    "gsm8k": "MIT",
    "aqua-cot": "Apache-2.0",
    "openstax calculus": "CC-BY-4.0",
    "OpenLogic": "CC-BY-4.0",
    "plato": "public domain",
    "austen": "public domain",
    "se-beer": "CC-BY-SA",
    "tldr": "CC-BY-4.0",
    "written": "Apache-2.0",
}
"""Licences of origins whose rows do not say theirs."""


def licences(corpus: Path) -> dict[str, str]:
    """What each origin states, as far as it does."""
    found = dict(STATED)
    for row in lines(corpus / "labelled/unlabelled_origins.jsonl.gz"):
        found.setdefault(row["origin"], row["license"] or "?")
    for path in sorted((corpus / "bench").glob("*/*.parquet")):
        table = (
            pq.read_table(path, columns=["origin", "license"]).group_by(["origin", "license"]).aggregate([])
        )
        for row in table.to_pylist():
            found.setdefault(row["origin"], row["license"] or "?")
            if row["origin"] == "self-instruct":
                found.update({f"t0/{name}": row["license"] for name in T0})
    return found


def basis(origin: str) -> str:
    """What the labels of an origin rest on where nobody read a passage."""
    for table, name in ((TRAIN, origin), (BENCH, origin), (T0, origin.removeprefix("t0/"))):
        if name in table:
            return table[name].basis
    return "section"


def questions(corpus: Path) -> list[Row]:
    """Questions of GSM8K without their solutions."""
    out = []
    for text, _, _ in _documents(corpus, "gsm8k-train"):
        question = text.split("\n")[0]
        if len(question.split()) >= 25:
            out.append(Row(question, 0, "gsm8k", "questions"))
    return out


def lines(path: Path) -> Iterator[dict[str, str]]:
    """Objects of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _train(corpus: Path) -> Iterator[Row]:
    for found in lines(corpus / "labelled/reasoning_train.jsonl.gz"):
        basis = TRAIN.get(found["origin"])
        if basis:
            origin = SAME.get(found["origin"], found["origin"])
            yield Row(found["text"], int(found["label"]), origin, basis.kind, basis.weight)


class Graded(NamedTuple):
    """What was read of a passage. grade: 0..5, the mean of its readers rounded down. kind: of discourse, None
    where they differ."""

    grade: int
    kind: str | None = None


def name_of(text: str) -> str:
    """What a passage is called in READ."""
    return sha256(text.encode()).hexdigest()[:NAME]


@cache
def readings() -> dict[str, list[tuple[int, str]]]:
    """(grade, kind of discourse) by each of its readers, by a passage's name."""
    found = defaultdict(list)
    for line in READ.read_text().splitlines():
        name, parts, penalties, kind = line.split()
        found[name].append((grade(*map(int, parts), penalties != "-"), kind))
    return found


@cache
def grades() -> dict[str, Graded]:
    """All that was graded, by name."""
    out = {}
    for name, some in readings().items():
        kinds = {kind for _, kind in some}
        kind = kinds.pop() if len(kinds) == 1 else "none"
        out[name] = Graded(sum(given for given, _ in some) // len(some), KINDS.get(kind, kind))
    return out


def grade(support: int, chain: int, alternatives: int, revision: int, resolution: int, penalty: bool) -> int:
    """The rubric's grade 0..5 of sub-scores 0..2: what is not weighed or checked can still reason."""
    core = min(5, support + chain + resolution)
    whole = min(5, core + (core >= 2 and alternatives + revision > 0))
    return min(whole, 1) if penalty else whole


@cache
def _labelled(corpus: Path) -> list[Row]:
    """Passages that have a label by origin or section."""
    return [*_train(corpus), *_bench(corpus)]


def _as_read(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows, those that were read with the label that readers gave them."""
    known = grades()
    for row in rows:
        read = known.get(name_of(row.text))
        if read is None:
            if row.origin not in MISLABELLED:
                yield row
        elif read.grade != 2:
            label = int(read.grade > 2)
            kind = row.kind if label == row.label else read.kind
            yield row._replace(label=label, kind=kind, weight=WORTH)


class Agreement(NamedTuple):
    """Of two readers of a passage: how often they are within one grade, on the same side of 3, and how often
    of one's 4-5 and 0-1 the other's grades are in that order. origins: how often a label by origin is what
    readers say, where these are used."""

    within: float
    side: float
    ends: float
    origins: float


def agreement(corpus: Path) -> Agreement:
    """Of all that was read."""
    one, two = np.array([[given for given, _ in some[:2]] for some in readings().values()]).T
    ends = auc(two[one > 3], two[one < 2]) / 2 + auc(one[two > 3], one[two < 2]) / 2
    known, same = grades(), []
    for row in _labelled(corpus):
        read = known.get(name_of(row.text))
        if read and read.grade != 2 and row.origin not in MISLABELLED:
            same.append(row.label == (read.grade > 2))
    side = np.mean((one > 2) == (two > 2))
    return Agreement(float(np.mean(abs(one - two) < 2)), float(side), ends, float(np.mean(same)))


def _others(corpus: Path) -> Iterator[Row]:
    """Passages of further origins, all of which were read."""
    known = grades()
    for found in lines(corpus / "labelled/unlabelled_origins.jsonl.gz"):
        read = known[name_of(found["text"])]
        if read.grade != 2:
            yield Row(found["text"], int(read.grade > 2), found["origin"], read.kind, WORTH)


def share_of_code(text: str) -> float:
    """Fraction of the characters of a Markdown text that lie in code, tables and check lists."""
    code = total = 0
    inside = False
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        total += len(line)
        code += len(line) * (inside or fence or bool(CODE.match(line)))
        inside ^= fence
    return code / max(total, 1)


def _bench(corpus: Path) -> Iterator[Row]:
    for origin, basis in BENCH.items():
        for text in _english(_plain(_documents(corpus, origin))):
            for passage in passages(text):
                if origin != "oral-arguments" or argues(passage):
                    yield Row(passage, basis.label, origin, basis.kind, basis.weight)
    for text, path, _ in _documents(corpus, "self-instruct"):
        name = path.split("/")[-1].split("_")[0]
        if basis := T0.get(name):
            for passage in passages(text.replace("<|endoftext|>", "")):
                yield Row(passage, 0, f"t0/{name}", basis.kind, basis.weight)
    yield from _proofs(corpus, "stacks/stacks-project")
    yield from _proofs(corpus, "HoTT/book")
    yield from (row for row in _proofs(corpus, "OpenLogicProject/OpenLogic") if not row.label)
    yield from _sections(corpus, "peps")
    yield from _sections(corpus, "enhancements")
    yield from _lessons(corpus)
    yield from _chains(corpus)


def _documents(corpus: Path, origin: str) -> list[tuple[str, str, str]]:
    """(text, path, kind) of an origin's documents in bench."""
    if not _CACHE:
        for path in sorted((corpus / "bench").glob("*/*.parquet")):
            if path.parent.name != "code":
                table = pq.read_table(path, columns=["text", "path", "kind", "lang", "origin"])
                for row in table.to_pylist():
                    if row["text"] and row["lang"] in ("", "en", None):
                        _CACHE[row["origin"]].append((row["text"], row["path"] or "", row["kind"] or ""))
    return _CACHE[origin]


_CACHE: dict[str, list[tuple[str, str, str]]] = defaultdict(list)


def argues(text: str) -> bool:
    """Whether somebody speaks at length before a court: exchanges of a line each are mostly procedure."""
    turns = re.split(r"^[^\n:]{2,40}:", text, flags=re.M)
    return max(len(turn.split()) for turn in turns) >= 90


def _plain(documents: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Texts without mark-up of the corpora they come from; of a page extracted in several ways one way."""
    seen = set()
    for text, path, kind in documents:
        if path.startswith("Roleplay") or (kind.startswith("page-") and kind != "page-ground-truth"):
            continue
        plain = re.sub(r"<[^>]*>|\]>", "", text) if kind == "leaflet" else text
        plain = re.sub(r"^[^\n#]*(?:\[[+-]\d\][^\n#]*)?##|\[t\]", "", plain, flags=re.M)
        if (mark := plain[:200]) not in seen:
            seen.add(mark)
            yield plain


def _english(texts: Iterable[str]) -> list[str]:
    some = list(texts)
    found = language.annotate(Batch.of(some), language.Config(), language.load(language.Config()))
    labels, scores = found["language.label"].to_pylist(), found["language.score"].to_pylist()
    return [t for t, name, s in zip(some, labels, scores, strict=True) if name == "en" and s and s > 0.5]


def passages(text: str) -> Iterator[str]:
    """Paragraphs put together until they have SHORTEST words, cut at LONGEST."""
    some: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        some.append(paragraph.strip("\n"))
        if sum(len(p.split()) for p in some) >= 1.5 * SHORTEST:
            yield _cut("\n\n".join(some))
            some = []
    if sum(len(p.split()) for p in some) >= SHORTEST:
        yield _cut("\n\n".join(some))


def _cut(text: str) -> str:
    """At most LONGEST words, ending with a sentence where one ends in the last third."""
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    if len(ends) <= LONGEST:
        return text
    short = text[: ends[LONGEST - 1]]
    last = max(short.rfind(". "), short.rfind(".\n"))
    return short[: last + 1] if last > len(short) * 2 / 3 else short


def _proofs(corpus: Path, place: str) -> Iterator[Row]:
    origin = SAME.get(place, place)
    for text, _, _ in _documents(corpus, place):
        for name, inner in re.findall(r"\\begin\{(proof|definition|defn)\}(.*?)\\end\{\1\}", text, re.S):
            words = len(inner.split())
            if name == "proof" and words >= 40:
                yield Row(_cut(inner.strip()), 1, origin, "proof", 1.0)
            elif name in ("definition", "defn") and words >= 30:
                yield Row(_cut(inner.strip()), 0, origin, "reference", 0.8)


def _sections(corpus: Path, origin: str) -> Iterator[Row]:
    for text, _, _ in _documents(corpus, origin):
        for heading, body in sections(text):
            if share_of_code(body) > 0.5:
                continue
            if LISTING.match(heading) and "non-goals" not in heading:
                yield from (Row(p, 0, origin, "reference", 0.8) for p in passages(body))
            elif WEIGHING.match(heading):
                yield from (Row(p, 1, origin, "argument", 0.6) for p in passages(body))


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(heading, what stands below it) of Markdown or reStructuredText."""
    heads = list(re.finditer(r"^(?:#{1,5} +(.+?)|(\S[^\n]{2,60})\n[=\-~^]{4,})\s*$", text, re.M))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends[: len(heads)], strict=True):
        yield (head[1] or head[2]).strip(), text[head.end() : end].strip()


def _lessons(corpus: Path) -> Iterator[Row]:
    origin = "d2l-ai/d2l-en"
    for text, _, _ in _documents(corpus, origin):
        for heading, body in sections(text):
            if heading.lower() == "exercises":
                yield from (Row(p, 0, origin, "questions", 1.0) for p in passages(body))
            elif share_of_code(body) > 0.7:
                yield from (Row(p, 0, origin, "code", 0.6) for p in passages(body))


def _chains(corpus: Path) -> Iterator[Row]:
    """Single questions of BIG-Bench-Hard with a model's chain of thought, and such questions alone."""
    seen = set()
    for number, (text, path, _) in enumerate(_documents(corpus, "bbh-model-cot")):
        if number % 25 or re.search(r"sports|movie|ruin|object_counting|dyck|word_sorting", path):
            continue
        for block in re.split(r"\n\s*(?=Q:)", text)[1:]:
            question, _, answer = block.partition("\nA:")
            if question in seen or "So the answer is" not in answer or len(answer.split()) < 40:
                continue
            seen.add(question)
            if len(seen) % 3 == 0:
                yield Row(_cut(question), 0, "bbh-model-cot", "questions", 1.0)
            else:
                yield Row(_cut(block.strip()), 1, "bbh-model-cot", "worked_solution", 0.9)
