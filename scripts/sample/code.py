# ruff: noqa: E501, SIM905  (sentences and words, as they are read)
"""Source files in Python, JavaScript and C put together from small functions under changing names, and configuration."""

from __future__ import annotations

import json
import random
import re

from sample.grammar import NAMES, some

NOUNS = """
order ticket sample route sensor invoice parcel member player score frame token packet account tile recipe
voucher booking reading record shift lamp bottle chapter station signal vessel pallet meeting crop grant
visitor coupon depot valve orchard panel booster ledger
""".split()
ADJECTIVES = """
open late active valid stale hidden pending local shared recent broken heavy spare fresh rough signed
""".split()

PYTHON = [
    '''def find_{noun}({noun}s, key):
    """Position of the first {noun} whose key is not below `key`, in a sorted list; len when there is none."""
    low, high = 0, len({noun}s)
    while low < high:
        middle = (low + high) // 2
        if {noun}s[middle].{field} < key:
            low = middle + 1
        else:
            high = middle
    return low''',
    '''def group_{noun}s({noun}s, by="{field}"):
    """{Noun}s by the value of an attribute, in the order in which the values appear."""
    groups = {{}}
    for {noun} in {noun}s:
        groups.setdefault(getattr({noun}, by), []).append({noun})
    return groups''',
    '''def moving_mean_{field}(values, width={n}):
    """Mean of each window of `width` {field} values; the sum is carried along, so this is linear in len(values)."""
    if width <= 0:
        raise ValueError(f"width must be positive, not {{width}}")
    total, means = 0.0, []
    for i, value in enumerate(values):
        total += value
        if i >= width:
            total -= values[i - width]  # leaves the window
        if i >= width - 1:
            means.append(total / width)
    return means''',
    '''def merge_{noun}_spans(spans):
    """Joins spans (start, end) of {adjective} {noun}s that touch or overlap."""
    merged = []
    for start, end in sorted(spans):
        # Because they are sorted by start, only the last one can overlap with this one.
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged''',
    '''class {Noun}Cache:
    """Keeps the {n} {noun}s that were used last."""

    def __init__(self, load, capacity={n}):
        self.load, self.capacity = load, capacity
        self._entries = {{}}
        self.hits = self.misses = 0

    def get(self, {field}):
        if {field} in self._entries:
            self.hits += 1
            {noun} = self._entries.pop({field})  # to the end: dictionaries keep insertion order
        else:
            self.misses += 1
            {noun} = self.load({field})
        self._entries[{field}] = {noun}
        if len(self._entries) > self.capacity:
            del self._entries[next(iter(self._entries))]
        return {noun}''',
    '''def parse_{noun}(line, number):
    """Reads `{field}: value, {other}: value`. Raises ValueError with the line's number."""
    pairs = {{}}
    for part in line.split(","):
        name, colon, value = part.partition(":")
        if not colon:
            raise ValueError(f"line {{number}}: {{part.strip()!r}} has no colon")
        pairs[name.strip()] = value.strip()
    missing = {{"{field}", "{other}"}} - pairs.keys()
    if missing:
        raise ValueError(f"line {{number}}: no {{', '.join(sorted(missing))}}")
    return {Noun}(pairs["{field}"], int(pairs["{other}"]))''',
    '''def reachable_{noun}s(start, links):
    """All {noun}s that can be reached from `start`, nearest first."""
    seen, queue = {{start}}, [start]
    for {noun} in queue:  # the list grows while it is walked
        for neighbour in links.get({noun}, ()):
            if neighbour not in seen:
                seen.add(neighbour)
                queue.append(neighbour)
    return queue''',
    '''def retry_{verb}(action, attempts={small}, pause=0.{n}):
    """Calls `action` until it succeeds; waits twice as long after each failure."""
    for attempt in range(attempts):
        try:
            return action()
        except ConnectionError as error:
            if attempt + 1 == attempts:
                raise
            log.warning("{verb} failed (%s), attempt %d of %d", error, attempt + 1, attempts)
            time.sleep(pause * 2**attempt)''',
    '''def {verb}_total({noun}s, rate=0.{n}):
    """Sum of {field} over {adjective} {noun}s, with {n} per cent added, rounded to cents."""
    net = sum({noun}.{field} for {noun} in {noun}s if {noun}.{adjective})
    return round(net * (1 + rate), 2)''',
    '''def checksum_{noun}(data, start={n}):
    """Adler's sum with another start: two sums modulo the largest prime under 2**16."""
    low, high = start, 0
    for byte in data:
        low = (low + byte) % 65521
        high = (high + low) % 65521
    return high << 16 | low''',
    '''@dataclass(frozen=True)
class {Noun}:
    """A {adjective} {noun}, as it comes from the {other} service."""

    {field}: str
    {other}: int
    {adjective}: bool = False
    notes: tuple[str, ...] = ()

    def with_{other}(self, {other}):
        return replace(self, {other}={other})

    def __str__(self):
        mark = "*" if self.{adjective} else ""
        return f"{{self.{field}}}{{mark}} ({{self.{other}}})"''',
    '''def histogram_of_{field}(values, bins={n}):
    """(edges, counts) with bins of equal width; the largest value falls into the last one."""
    low, high = min(values), max(values)
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(int((value - low) / width), bins - 1)] += 1
    return [low + i * width for i in range(bins + 1)], counts''',
    '''def schedule_{noun}s({noun}s, machines):
    """Longest first, always to the machine that is free first; at most 4/3 of the best plan (Graham's bound)."""
    free = [(0, name) for name in machines]
    heapq.heapify(free)
    plan = []
    for {noun} in sorted({noun}s, key=lambda x: -x.{other}):
        at, machine = heapq.heappop(free)
        plan.append((machine, at, {noun}))
        heapq.heappush(free, (at + {noun}.{other}, machine))
    return plan''',
    """def test_{verb}_{noun}_keeps_the_order():
    given = [{Noun}(f"{field}-{{i}}", i % {small}) for i in range({n})]
    found = {verb}_{noun}s(given)
    assert [x.{field} for x in found] == [x.{field} for x in given if x.{other}]
    assert {verb}_{noun}s([]) == []""",
]
JAVASCRIPT = [
    """// Calls `{verb}` at most once in {n}00 ms, with the last {noun} that was given.
export function throttle{Noun}({verb}) {{
  let waiting = null;
  return ({noun}) => {{
    const first = waiting === null;
    waiting = {noun};
    if (!first) return;
    setTimeout(() => {{
      {verb}(waiting);
      waiting = null;
    }}, {n}00);
  }};
}}""",
    """export async function {verb}{Noun}s(url, {{ limit = {n}, signal }} = {{}}) {{
  const found = [];
  let next = `${{url}}?limit=${{limit}}`;
  while (next) {{
    const response = await fetch(next, {{ signal }});
    if (!response.ok) throw new Error(`{noun}s: ${{response.status}} ${{response.statusText}}`);
    const page = await response.json();
    found.push(...page.{noun}s);
    next = page.next; // null on the last page
  }}
  return found;
}}""",
    """const by{Field} = (a, b) => a.{field}.localeCompare(b.{field}) || a.{other} - b.{other};

export function sorted{Noun}s({noun}s) {{
  return [...{noun}s].sort(by{Field}); // a copy: callers keep their order
}}""",
    """export class {Noun}Store {{
  #items = new Map();
  #listeners = new Set();

  set({noun}) {{
    this.#items.set({noun}.{field}, {noun});
    for (const listener of this.#listeners) listener({noun});
  }}

  get({field}) {{
    return this.#items.get({field}) ?? null;
  }}

  subscribe(listener) {{
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }}
}}""",
    """function render{Noun}({noun}) {{
  const row = document.createElement("tr");
  row.className = {noun}.{adjective} ? "{adjective}" : "";
  for (const key of ["{field}", "{other}"]) {{
    const cell = document.createElement("td");
    cell.textContent = {noun}[key]; // never innerHTML: the names come from users
    row.append(cell);
  }}
  return row;
}}""",
    """export function chunk{Noun}s({noun}s, size = {n}) {{
  if (!(size > 0)) throw new RangeError(`size must be positive, got ${{size}}`);
  const chunks = [];
  for (let i = 0; i < {noun}s.length; i += size) chunks.push({noun}s.slice(i, i + size));
  return chunks;
}}""",
    """test("{verb} leaves {adjective} {noun}s alone", () => {{
  const given = [{{ {field}: "a", {other}: {n} }}, {{ {field}: "b", {other}: {small}, {adjective}: true }}];
  const found = {verb}(given);
  expect(found).toHaveLength(2);
  expect(found[1].{other}).toBe({small});
}});""",
    """// Distance in which {noun}s count as the same: one edit per {n} characters.
export function {field}Distance(a, b) {{
  let row = Array.from({{ length: b.length + 1 }}, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {{
    const next = [i];
    for (let j = 1; j <= b.length; j++) {{
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + change));
    }}
    row = next;
  }}
  return row[b.length];
}}""",
]
C = [
    """/* Appends a {noun}; returns 0, or -1 when memory runs out and the list is as it was. */
int {noun}_list_push(struct {noun}_list *list, struct {noun} item)
{{
    if (list->count == list->capacity) {{
        size_t capacity = list->capacity ? 2 * list->capacity : {n};
        struct {noun} *items = realloc(list->items, capacity * sizeof *items);
        if (!items)
            return -1;
        list->items = items;
        list->capacity = capacity;
    }}
    list->items[list->count++] = item;
    return 0;
}}""",
    """/* FNV-1a, good enough for a table of {noun}s and no protection against anyone. */
static uint32_t hash_{field}(const char *{field})
{{
    uint32_t hash = 2166136261u;
    for (; *{field}; {field}++) {{
        hash ^= (unsigned char)*{field};
        hash *= 16777619u;
    }}
    return hash % {n}u;
}}""",
    """struct {noun} {{
    char {field}[{n}];
    unsigned {other};
    bool {adjective};
}};""",
    """/* Reads one {noun} a line; stops at the first that is broken and says which. */
long {noun}_read(FILE *in, struct {noun}_list *out)
{{
    char line[{n}0];
    long number = 0;
    while (fgets(line, sizeof line, in)) {{
        struct {noun} item = {{0}};
        number++;
        if (sscanf(line, "%{n}s %u", item.{field}, &item.{other}) != 2) {{
            fprintf(stderr, "line %ld: expected {field} and {other}\\n", number);
            return -number;
        }}
        if ({noun}_list_push(out, item) != 0)
            return -number;
    }}
    return number;
}}""",
    """static int compare_{other}(const void *a, const void *b)
{{
    const struct {noun} *x = a, *y = b;
    return (x->{other} > y->{other}) - (x->{other} < y->{other}); /* no subtraction: it could overflow */
}}

void {noun}_sort(struct {noun}_list *list)
{{
    qsort(list->items, list->count, sizeof *list->items, compare_{other});
}}""",
    """/* Bits of `{field}` that are set: each round clears the lowest one. */
static unsigned count_{field}(uint64_t {field})
{{
    unsigned n = 0;
    while ({field}) {{
        {field} &= {field} - 1;
        n++;
    }}
    return n;
}}""",
    """void {noun}_ring_put(struct {noun}_ring *ring, const struct {noun} *item)
{{
    ring->slots[ring->head % {n}] = *item;
    ring->head++;
    if (ring->head - ring->tail > {n})
        ring->tail = ring->head - {n}; /* the oldest is lost, by design */
}}""",
]
FIELDS = """
name code label title place colour serial batch owner region weight amount level count priority quantity
delay floor
""".split()
VERBS = """
load send check close count merge filter collect update notify archive confirm refresh assign reserve
""".split()
LANGUAGES = {"py": PYTHON, "js": JAVASCRIPT, "c": C}
HEADS = {
    "py": '"""{Noun}s: how they are read, grouped and {verb}ed."""\n\nimport heapq\nimport logging\nimport time\nfrom dataclasses import dataclass, replace\n\nlog = logging.getLogger(__name__)\n',
    "js": '// {Noun}s in the browser. Written by {name}; see docs/{noun}.md for the format.\n"use strict";\n',
    "c": '/* {noun}.c - a list of {noun}s in memory. */\n#include <stdbool.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n\n#include "{noun}.h"\n',
}


def source_file(rng: random.Random) -> tuple[str, str]:
    """(path, content) of a file that could be part of a small project."""
    suffix = rng.choice(["py", "py", "py", "js", "js", "c"])
    noun = rng.choice(NOUNS)
    templates = LANGUAGES[suffix]
    nouns = [noun, *some(rng, [n for n in NOUNS if n != noun], 2)]
    pieces = [_fill(rng, HEADS[suffix], noun)]
    for template in some(rng, templates, min(5, len(templates) - 1), len(templates) - 1):
        pieces.append(_fill(rng, template, rng.choice(nouns)))
    folder = rng.choice(["src", "lib", "app", f"packages/{noun}", "core"])
    return f"{folder}/{noun}_{rng.choice(VERBS)}.{suffix}", "\n\n".join(pieces) + "\n"


def _fill(rng: random.Random, template: str, noun: str) -> str:
    field, other = some(rng, FIELDS, 2)
    slots = {
        "noun": noun,
        "field": field,
        "other": other,
        "verb": rng.choice(VERBS),
        "adjective": rng.choice(ADJECTIVES),
    }
    slots |= {"Noun": noun.capitalize(), "Field": field.capitalize(), "name": rng.choice(NAMES)}
    return template.format(**slots, n=rng.choice([4, 8, 12, 16, 25, 32, 64]), small=rng.randint(2, 6))


def settings_file(rng: random.Random) -> tuple[str, str]:
    """(path, content) of a configuration in JSON or YAML."""
    noun = rng.choice(NOUNS)
    values = {
        name: rng.choice([rng.randint(1, 999), rng.random() < 0.5, rng.choice(NOUNS)])
        for name in some(rng, FIELDS, 6, 12)
    }
    values["limits"] = {verb: rng.randint(1, 60) for verb in some(rng, VERBS, 3, 6)}
    if rng.random() < 0.5:
        return f"config/{noun}.json", json.dumps(values, indent=2) + "\n"
    lines = [f"{key}: {json.dumps(value)}" for key, value in values.items() if key != "limits"]
    lines += ["limits:", *(f"  {key}: {value}" for key, value in values["limits"].items())]
    return f"config/{noun}.yaml", f"# settings of the {noun} service\n" + "\n".join(lines) + "\n"


def minified(rng: random.Random) -> tuple[str, str]:
    """(path, content) of a script that no person wrote."""
    texts = [_fill(rng, template, rng.choice(NOUNS)) for template in JAVASCRIPT * 2]
    dense = re.sub(
        r"\s*([{}();,=+<>:?])\s*", r"\1", re.sub(r"\s+", " ", re.sub(r"//.*", "", "\n".join(texts)))
    )
    return f"dist/{rng.choice(NOUNS)}.min.js", dense


def table(rng: random.Random) -> tuple[str, str]:
    """(path, content) of generated numbers."""
    rows = [
        "    " + ", ".join(f"0x{rng.getrandbits(32):08x}" for _ in range(8)) + ","
        for _ in range(rng.randint(20, 90))
    ]
    return (
        f"src/{rng.choice(NOUNS)}_table.c",
        "/* generated, do not edit */\nstatic const unsigned table[] = {\n" + "\n".join(rows) + "\n};\n",
    )
