"""Labelled passages for scripts/train_reasoning.py, from ../shared/corpus, each label with its basis.

Three bases, weighted by how far they can be trusted:

- *graded*: 1,151 passages, read one by one and graded 0..5 by the process rubric (support, chain,
  alternatives, revision, resolution; penalties for lists, promotion, questions only): 3 and up reasons, 0
  and 1 does not, 2 is left out, since between 2 and 3 graders do not agree. 296 were read twice: on the same
  side of 3 in 88 %; the mean counts, rounded down;
- *section*: passages under a heading, or in an environment, that says what they do (a proof, rejected
  ideas, a release checklist), after reading samples of each;
- *origin*: all passages of an origin whose samples agreed.

The texts stay where they are; only ids and grades are here and in reasoning_grades.txt.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from curate.documents import Batch
from curate.stages import language
from curate.training.reasoning import Row

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

OTHERS = {
    "The Devil's Dictionary": Basis(0, "reference", 0.8, "origin"),
    "The Girl's Own Paper": Basis(0, "narrative", 0.7, "origin"),
    "American Adventures": Basis(0, "narrative", 0.8, "origin"),
    "Guernsey Folk-Lore": Basis(0, "narrative", 0.8, "origin"),
    "Katrine (novel)": Basis(0, "narrative", 0.9, "origin"),
    "King James Bible": Basis(0, "narrative", 0.8, "origin"),
    "factbook": Basis(0, "reference", 1.0, "origin"),
    "based.cooking": Basis(0, "instructions", 1.0, "origin"),
    "chatterbot-corpus": Basis(0, "questions", 0.7, "origin"),
    "nodejs/TSC": Basis(0, "reference", 0.7, "section"),
    "MedQuAD": Basis(0, "reference", 0.6, "section"),
    "wesm/pydata-book": Basis(0, "code", 0.8, "origin"),
    "lechmazur/debate": Basis(1, "argument", 0.8, "origin"),
    "golang/proposal": Basis(1, "argument", 0.5, "origin"),
    "raphlinus.github.io": Basis(1, "argument", 0.5, "origin"),
    "openstax economics": Basis(1, "explanation", 0.6, "origin"),
}
"""Origins of unlabelled_origins.jsonl.gz whose passages have a label even where nobody graded them;
of the others only graded passages, and those of a telling section, are used."""

DESIGNS = {
    "NixOS/rfcs",
    "bitcoin/bips",
    "emberjs/rfcs",
    "ethereum/EIPs",
    "golang/proposal",
    "opendatahub-io/architecture-decision-records",
    "scikit-learn/enhancement_proposals",
    "vuejs/rfcs",
}
"""Design proposals: sections that weigh reasons count as reasoning, code and tables as none."""

GRADED = {
    "AllenDowney/ThinkBayes2",
    "google/eng-practices",
    "google/styleguide",
    "icco/postmortems",
    "norvig/pytudes",
    "rougier/from-python-to-numpy",
    "rust-lang/blog.rust-lang.org",
}
"""Other origins with graded passages: those of OTHERS and DESIGNS have some too."""

NO_DEBATE = re.compile(r"Judgment Report|Pressure Questions|mean entertainment")
NO_LESSON = re.compile(r"Key Concepts|Summary\b|Self-Check|Review Questions|Introduction to|Key Terms")
WEIGHS = re.compile(
    r"^(?:#+|=+)\s*(?:Rationale|Alternatives?|Drawbacks|Rejected \w+|Trade-?offs|Why\b.*)\b", re.M | re.I
)
CODE = re.compile(r"^(?:```|    |\t|[{|}>]|\s*[-+*] *\[|\||//|#include|import |from \w+ import )")

GRADES: dict[int, str] = {
    5: "u0327 u0074 u3865",
    4: """u0545 u0606 u0647 u0645 u0162 u0056 u0117 u3859 u3836 u3871 u4008 u1396 u1374 u0929 u1066 u1512
    u1474 u1515 u1502 u1453 u1514 u0494 u0503 u0649 u0795 u0388 u0081 u0108 u3824 u3764 u3997 u3947
    u1150 u1420 u1530 u0134 u0042""",
    3: """u0496 u0455 u0376 u0446 u0059 u0088 u1903 u2109 u3926 u1712 u0979 u1052 u1158 u1986 u2010 u2088
    u1562 u2052 u2072 u0680 u0097 u3750 u1384 u1409 u1152 u0987 u2044 u1906 u3791 u0273 u3936""",
    1: """u0510 u4062 u0666 u0721 u0166 u0268 u0461 u1933 u1932 u1137 u1155 u2218 u2176 u3927 u1410 u1389
    u1390 u0969 u1019 u1007 u0960 u1014 u0941 u0851 u0905 u2015 u0501 u0572 u0558 u0788 u0270 u0329
    u0439 u1907 u1862 u1824 u2089 u1504 u1088 u2229 u2243 u2214 u3850 u3832 u1697 u1731 u1659 u0966
    u0959 u0858 u0827 u0868 u1766 u1861 u1912 u1840""",
    0: """u0514 u3343 u3348 u3325 u3281 u3252 u3352 u4031 u4077 u4083 u4028 u4085 u0698 u0791 u0005 u1807
    u1762 u2353 u2280 u1125 u2192 u2105 u3751 u4006 u1403 u1640 u1727 u1670 u1526 u1534 u0704 u0448
    u0413 u0143 u1937 u1776 u1863 u1875 u1096 u1153 u2216 u4025 u3990 u3945 u1411 u1397 u1391 u1665
    u0951 u2364 u2302 u2351 u2398 u0260 u0290 u2437 u2442 u2439 u2444 u2430 u2434 u2424 u1330 u1250""",
}  # fmt: skip
"""Grades of 191 passages of unlabelled_origins.jsonl.gz by the rubric, all by one reader, who gave lower
grades than those of READ: the same side of 3 in 88 %, within one grade in 81 %."""

READ = Path(__file__).with_name("reasoning_grades.txt")
"""The same passages, read again, and 960 more, 32 of each of 30 origins, drawn at random. A line for each and
reader: id, the sub-scores (support, chain, alternatives, revision, resolution), penalties, kind of discourse.
Readers saw neither the origin nor each other's grades. 105 of those drawn were read by two: within one grade
in 90 %, on the same side of 3 in 88 %, AUC of one's 0-1 against 4-5 by the other's grades .99."""
WORTH = 6.0
"""How far a passage's grade is trusted as a label: as much as six passages of a good origin."""
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
    for row in [*_train(corpus), *_others(corpus), *_bench(corpus)]:
        found[row.origin, row.label].append(row)
    rng = random.Random(seed)
    out = []
    for key in sorted(found):
        graded = [row for row in found[key] if row.weight > 1]
        rest = [row for row in found[key] if row.weight <= 1]
        most = max(MOST - len(graded), 0)
        out += graded + (rest if len(rest) <= most else sorted(rng.sample(rest, most)))
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
    """What an origin's labels rest on."""
    read = origin in DESIGNS or origin in GRADED or origin in OTHERS
    for table, name in ((TRAIN, origin), (OTHERS, origin), (BENCH, origin), (T0, origin.removeprefix("t0/"))):
        if name in table:
            return f"graded, {table[name].basis}" if read else table[name].basis
    return "graded, section" if read else "section"


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
        if not basis or (found["origin"] == "se-beer" and is_list(found["text"])):
            continue
        origin = SAME.get(found["origin"], found["origin"])
        yield Row(found["text"], int(found["label"]), origin, basis.kind, basis.weight)


class Graded(NamedTuple):
    """What was read of a passage. grade: 0..5, of two readers the mean rounded down. kind: of discourse, None
    where readers differ or nobody said. drawn: at random, and not chosen."""

    grade: int
    kind: str | None = None
    drawn: bool = False


def graded(corpus: Path) -> dict[str, Graded]:
    """All that was graded, by text."""
    known = grades()
    passages = lines(corpus / "labelled/unlabelled_origins.jsonl.gz")
    return {found["text"]: known[found["id"]] for found in passages if found["id"] in known}


def grades() -> dict[str, Graded]:
    """All that was graded, by id."""
    chosen = {name: grade for grade, names in GRADES.items() for name in names.split()}
    found = defaultdict(list, {name: [grade] for name, grade in chosen.items()})
    kinds: dict[str, set[str]] = defaultdict(set)
    for line in READ.read_text().splitlines():
        name, parts, penalties, kind = line.split()
        found[name].append(grade(*map(int, parts), penalties != "-"))
        kinds[name].add(kind)
    out = {}
    for name, some in found.items():
        kind = kinds[name].pop() if len(kinds[name]) == 1 else None
        out[name] = Graded(
            sum(some) // len(some), KINDS.get(kind, kind) if kind else None, name not in chosen
        )
    return out


def grade(support: int, chain: int, alternatives: int, revision: int, resolution: int, penalty: bool) -> int:
    """The rubric's grade 0..5 of sub-scores 0..2: what is not weighed or checked can still reason."""
    core = min(5, support + chain + resolution)
    whole = min(5, core + (core >= 2 and alternatives + revision > 0))
    return min(whole, 1) if penalty else whole


def _others(corpus: Path) -> Iterator[Row]:
    known = grades()
    for found in lines(corpus / "labelled/unlabelled_origins.jsonl.gz"):
        text, origin = found["text"], found["origin"]
        if read := known.get(found["id"]):
            label = int(read.grade > 2)
            kind = read.kind
            if kind is None and origin in OTHERS and OTHERS[origin].label == label:
                kind = OTHERS[origin].kind
            if read.grade != 2:
                yield Row(text, label, origin, kind, WORTH)
        elif basis := _unread(text, origin):
            yield Row(text, basis.label, origin, basis.kind, basis.weight)


def _unread(text: str, origin: str) -> Basis | None:
    """The label of a passage that was not graded itself."""
    code = share_of_code(text)
    if code > 0.75 and origin not in ("based.cooking", "factbook", "chatterbot-corpus"):
        return Basis(0, "code", 0.7, "section")
    if origin == "lechmazur/debate" and NO_DEBATE.search(text):
        return None
    if origin == "openstax economics" and NO_LESSON.search(text):
        return None
    if origin == "nodejs/TSC" and "## Present" not in text:
        return None
    if origin == "MedQuAD" and not re.match(
        r"What (?:are the symptoms|is \(are\))|How many|Do you have", text
    ):
        return None
    if origin in DESIGNS and WEIGHS.search(text) and code < 0.3:
        return Basis(1, "argument", 0.6, "section")
    basis = OTHERS.get(origin)
    return None if basis and basis.label and code > 0.3 else basis


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


def is_list(text: str) -> bool:
    """Whether most lines of an answer are items, or it names one thing after the other."""
    some = [line for line in text.split("\n") if line.strip()]
    return len(some) > 6 and sum(len(line.split()) < 12 for line in some) > len(some) / 2


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
