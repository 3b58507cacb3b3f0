"""What share of each corpus a preset of `heuristics` drops: real text of every origin, and junk of every
kind.

    python scripts/overfiltering.py ../shared/corpus [--presets structured gopher c4 fineweb] [--rules] [-n
    400]
    python scripts/overfiltering.py ../shared/corpus -n 200 --readme README.md      # the table in the README

The corpus is a folder with `bench/*/*.parquet` (columns text, origin, source) and `labelled/*.jsonl.gz`
(text, origin). All of it is judged as web text, the kind with the most rules, code as code too. `--rules`
names the rules that drop most, and how many documents each drops alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from junk import KINDS, documents

from curate.documents import Batch
from curate.rules import decide, judged
from curate.stages import heuristics, structure

PRESETS = ("structured", "gopher", "c4", "fineweb")
REASONING = [
    "gsm8k-train",
    "enhancements",
    "peps",
    "oral-arguments",
    "stacks/stacks-project",
    "OpenLogicProject/OpenLogic",
    "HoTT/book",
    "openstax/osbooks-calculus-bundle",
    "d2l-ai/d2l-en",
    "bbh-model-cot",
    "gsm8k",
    "aqua-cot",
    "commonsense-cot",
    "plato",
    "se-beer",
    "openlogic-proofs",
    "peps-rationale",
    "openstax-calc-examples",
]


def corpora(root: Path, n: int, shards: str = "bench/*/*.parquet") -> dict[str, list[str]]:
    """Up to n texts of each origin, evenly spread over its documents."""
    texts: dict[str, list[str]] = defaultdict(list)
    for file in sorted(root.glob(shards)):
        table = pq.read_table(file, columns=["text", "origin", "source"])
        for text, origin, source in zip(*(table[c].to_pylist() for c in table.column_names), strict=True):
            texts[f"code:{origin}" if source == "code" else origin].append(text)
    for file in sorted(root.glob("labelled/*origins.jsonl.gz")) + sorted(
        root.glob("labelled/reasoning*.jsonl.gz")
    ):
        with gzip.open(file, "rt") as lines:
            for row in map(json.loads, lines):
                texts[row["origin"]].append(row["text"])
    step = {origin: max(1, len(found) // n) for origin, found in texts.items()}
    return {origin: [t for t in found[:: step[origin]] if t][:n] for origin, found in texts.items()}


def dropped(
    texts: list[str], preset: str | None, kind: str = "web"
) -> tuple[np.ndarray, list[str], np.ndarray]:
    """((n,) bool, names of the rules in force, (rules, n) bool failed) of a preset on texts of a kind."""
    batch = Batch.of(texts, kind, kind)
    batch.signals.update(structure.annotate(batch, structure.Config(), None))
    config = heuristics.Config(**({"preset": preset} if kind == "web" else heuristics.defaults(kind)))
    signals = {**batch.signals, **heuristics.annotate(batch, config, None)}
    rules = judged([("heuristics", heuristics, config)])
    decision = decide(signals, rules, len(texts))
    return decision.first >= 0, [r.rule.name for r in rules], decision.failed


def table(sets: dict[str, list[str]], presets: list[str], with_rules: bool) -> None:
    """Prints a row for each set of texts."""
    for name, texts in sets.items():
        results = {
            preset: dropped(texts, preset, "code" if name.startswith("code:") else "web")
            for preset in presets
        }
        row = "".join(f"{100 * results[p][0].mean():11.1f}" for p in presets)
        print(f"{name[:40]:40s}{len(texts):6d}{row}{_reasons(*results[presets[0]]) if with_rules else ''}")


README_PRESETS = ("structured", "gopher", "fineweb", "gopher-datatrove", "dclm", "dolma", "olmo3")
README_ROWS = {
    "GSM8K, worked solutions": "gsm8k-train",
    "BIG-Bench Hard, chains of thought": "bbh-model-cot",
    "AQuA, rationales": "aqua-cot",
    "Stacks Project (LaTeX)": "stacks/stacks-project",
    "OpenLogic (LaTeX)": "OpenLogicProject/OpenLogic",
    "HoTT book (LaTeX)": "HoTT/book",
    "OpenStax calculus": "openstax/osbooks-calculus-bundle",
    "Dive into Deep Learning": "d2l-ai/d2l-en",
    "Python enhancement proposals": "peps",
    "Kubernetes enhancement proposals": "enhancements",
    "court oral arguments": "oral-arguments",
    "Plato's dialogues": "plato",
}
README_JUNK = {
    "page chrome": ("menus", "page_chrome", "menu_bar", "menu_links", "advertisements"),
    "gibberish": ("random_characters", "random_letters", "syllables", "mojibake", "replacement_characters"),
    "template spam": ("one_line_repeated", "template_spam", "template_listing", "sales_prose", "doorway"),
    "keyword stuffing": ("keyword_stuffing", "keyword_prose", "hashtags"),
    "link lists": ("links", "markdown_links", "titled_links", "host_list"),
    "minified code": ("minified_script", "obfuscated_script", "minified_style", "markup"),
    "encoded data": ("base64_text", "hex_text", "hex_dump"),
}
MARKS = ("<!-- scripts/overfiltering.py writes this table -->", "<!-- until here -->")


def readme(texts: dict[str, list[str]], presets: tuple[str, ...] = README_PRESETS) -> str:
    """The README's table: percent of documents that each preset drops."""
    rows = ["| % of documents dropped | " + " | ".join(presets) + " |", "|---|" + "---:|" * len(presets)]
    sets = {title: texts[origin] for title, origin in README_ROWS.items()}
    rows += [_row(title, found, presets) for title, found in sets.items()]
    rows.append("| *junk, which should go* |" + " |" * len(presets))
    rows += [
        _row(title, [text for kind in kinds for text in documents(kind, 40)], presets)
        for title, kinds in README_JUNK.items()
    ]
    return "\n".join(rows)


def _row(title: str, texts: list[str], presets: tuple[str, ...]) -> str:
    shares = [100 * dropped(texts, preset)[0].mean() for preset in presets]
    return f"| {title} | **{shares[0]:.0f}** | " + " | ".join(f"{share:.0f}" for share in shares[1:]) + " |"


def into(page: Path, table: str) -> None:
    """Puts the table between its marks."""
    before, _, rest = page.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    page.write_text(f"{before}{MARKS[0]}\n\n{table}\n\n{MARKS[1]}{after}")


def _reasons(any_: np.ndarray, names: list[str], failed: np.ndarray) -> str:
    alone = failed & (failed.sum(axis=0) == 1)
    found = Counter(
        {n: (int(f.sum()), int(a.sum())) for n, f, a in zip(names, failed, alone, strict=True) if f.any()}
    )
    return "   " + ", ".join(f"{n} {f} ({a})" for n, (f, a) in found.most_common(4))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--presets", nargs="+", default=list(PRESETS))
    parser.add_argument("--rules", action="store_true")
    parser.add_argument("-n", type=int, default=400)
    parser.add_argument("--readme", type=Path, help="write the short table into this page instead")
    args = parser.parse_args()
    texts = corpora(args.corpus, args.n)
    if args.readme:
        into(args.readme, readme(texts))
        return
    junk = {kind: documents(kind, 100) for kind in KINDS}
    print(f"{'% of documents dropped':40s}{'n':>6s}" + "".join(f"{p:>11s}" for p in args.presets))
    for title, sets in (
        ("reasoning", {o: texts[o] for o in REASONING if o in texts}),
        ("other text", {o: t for o, t in texts.items() if o not in REASONING}),
        ("junk", junk),
    ):
        print(f"-- {title}")
        table(sets, args.presets, args.rules)


if __name__ == "__main__":
    main()
