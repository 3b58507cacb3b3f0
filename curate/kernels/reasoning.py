"""What a text does, in numbers: its words by class, how its sentences hang together, how it is set.

A piece of text is read into tokens and sentences (`reasoning_tokens.read`); one pass over its sentences
(`_relate`) adds up which words conclude, suppose or sell, and what comes back from sentence to sentence:
words, numbers, results of calculations. All of it is sums, so that the pieces of a long document add up;
`_describe` makes rates of them. Nothing depends on capitals, and little on where lines end. Sentences of page
furniture (cookie banners, log-ins) are counted and otherwise passed over, so that a banner does not change
what a text is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from curate.kernels import reasoning_tokens as rt
from curate.kernels.memory import Pointer, offset, pointer
from curate.kernels.reasoning_words import CLASSES, WORDS
from curate.kernels.words import frozen

(
    S_LINES, S_LINE_BYTES, S_BULLETS, S_FRAGMENTS, S_UNOPENED, S_WORDS, S_LETTERS, S_CONTENT, S_SENTENCES,
    S_SHORT, S_SQUARES, S_QUESTIONS, S_LAST_QUESTION, S_EXCLAMATIONS, S_COMMAS, S_COLONS, S_BRACKETS,
    S_QUOTES, S_CODE, S_EQUALS, S_NUMBERS, S_SYMBOLS, S_CHROME, S_NEXT, S_SKIP, S_FAR, S_NEW, S_INSIDE,
    S_EXPECTED, S_ISOLATED, S_STALE, S_LINKABLE, S_RETURNED, S_RESULTS, S_REUSED, S_GROUNDED, S_CONCLUSIONS,
    S_CIRCULAR, S_CAUSED, S_OPENERS, S_POINTERS, S_DANGLING, S_LATE, S_EARLY, S_PREMISE_AT, S_PREMISES,
    S_CONCLUDED_AT, S_CONCLUDED, S_GIVEN, S_DEFINITE, S_KNOWN, S_INDEFINITE, S_MARKS, S_VARIETY, S_HOPS,
    S_CHAIN, S_PIECES, S_INFERRING, S_EMPTY, S_CAUSED_NEW, S_ADJACENT, S_NEAR, S_NEAR_SPREAD,
    S_NEAR_SYMBOLS, S_NEAR_SYMBOLS_SPREAD, S_PLACED, S_PLACED_SPREAD, S_RISING, S_RISING_SPREAD,
    S_ONCE_FIRST, S_ONCE_SPREAD, S_FIRST, S_LAST, S_GRAM_WEIGHT, S_GRAMS,
) = range(75)  # fmt: skip
"""What is added up over the pieces of a document, float64; lines first, as `read` counts them."""

C_CONCLUSION, C_CAUSE, C_CONTRAST, C_SUPPOSITION, C_POINTER, C_THE, C_A = (
    CLASSES.index(name) + 1
    for name in ("conclusion", "cause", "contrast", "supposition", "pointer", "the", "a")
)
REASONING: Final = CLASSES.index("example") + 1
"""Classes 1 to this one are the marks of reasoning."""

MUCH_CHROME: Final = 0.4
"""Share of page furniture up to which it says nothing of the text beside it: a banner, a footer."""

DESCRIBED = {
    "length": "its length",
    "word_length": "the length of its words",
    "grammar_share": "running text rather than names and terms",
    "variety_of_words": "how many different words it uses",
    "sentence_length": "the length of its sentences",
    "sentence_spread": "how much its sentences differ in length",
    "short_sentences": "sentences of a few words",
    "questions": "sentences that ask",
    "ends_in_question": "it ends in a question",
    "exclamations": "exclamations",
    "commas": "commas",
    "colons": "colons and semicolons",
    "brackets": "brackets",
    "quotes": "quotation marks",
    "code": "marks of code and markup",
    "equations": "equations",
    "numbers": "numbers",
    "symbols": "symbols and formulas",
    "bullets": "list items",
    "fragments": "headings and other lines that are no sentences",
    "line_length": "the length of its lines",
    "chrome_share": "page furniture",
    "next": "sentences that take up words of the one before",
    "skip": "sentences that take up words of the last but one",
    "far": "words that come back later",
    "inside": "words repeated inside a sentence",
    "order": "words that come back sooner than in a random order of sentences",
    "isolated": "sentences that share nothing with what came before",
    "stale": "sentences that say nothing new",
    "returned": "numbers that come back",
    "results": "results of calculations",
    "reused": "results that are used again",
    "grounded": "conclusions drawn from the sentence before",
    "circular": "reasons that repeat what they are to support",
    "openers": "sentences that open with a connective",
    "pointers": "sentences that open by pointing back",
    "dangling": "a beginning that points back to nothing",
    "late": "conclusions late rather than early",
    "premise_first": "suppositions before conclusions",
    "given": "things that are called 'the' after they were introduced",
    "known": "things that are introduced again",
    "mark_variety": "different marks of reasoning rather than the same again",
    "kinds": "different kinds of reasoning",
    "hops": "steps that build on the step before",
    "chain": "its longest chain of steps",
    "empty": "inferences that bring nothing new",
    "fresh": "new words in its inferences",
    "near": "words that come back in the next sentence, beyond what a random order would do",
    "near_symbols": "symbols that come back in the next sentence, beyond what a random order would do",
    "in_place": "sentences that stand where sentences with such words do",
    "first": "a first sentence that is one",
    "last": "a last sentence that is one",
    "rising": "sentences that share a word and stand where their other words say",
    "once_first": "words of the first sentence that do not come back",
    "unopened": "ends of environments of LaTeX, and items, that nothing opened",
}
"""Features after the rates of word classes, and what they are called in explanations."""

FEATURES = (*CLASSES, *DESCRIBED)
MEANINGS = (*(meaning for meaning, _ in WORDS.values()), *DESCRIBED.values())

(OWNER, STEM, LAST, TIMES) = range(4)
"""Columns of the memory of stems, int32: the piece that wrote there, 32 bits of the stem's hash, the last
sentence that had it, and in bits: 1 when it was a result, 15 the number of `units` that had it, 15 of how
many of them the one before had it too."""
MOST_TIMES: Final = (1 << 15) - 1
PLACES: Final = 3
"""What words say of a sentence's place: its rank, that it is a first one, that it is a last one."""
RISE: Final = 0.7 / rt.PLACE_UNIT
"""Spread of ranks, in their unit, under which it says little which of two sentences comes first."""

(
    L_NEW, L_INSIDE, L_NEXT, L_SKIP, L_FAR, L_WORDS, L_REPEATED, L_CONCLUDES, L_CAUSES, L_RESULT, L_SYMBOL,
    L_NUMBER, L_MARKS, L_VARIETY, L_SYMBOLS, L_NUMBERS, L_RETURNED, L_REUSED, L_LETTERS, L_DEFINITE, L_GIVEN,
    L_INDEFINITE, L_KNOWN, L_RISING, L_RISING_SPREAD,
) = range(25)  # fmt: skip
"""What is counted in one sentence, int64: content words new, last seen in this sentence, one, two, more
sentences ago; words; content words seen in this sentence after a word of cause; words that conclude, words of
either; results; symbols seen in the sentence before, numbers seen before; then what is added up under the
same names."""


def features(
    data: np.ndarray, pieces: np.ndarray, owners: np.ndarray, n: int, table: rt.Table
) -> tuple[np.ndarray, np.ndarray]:
    """What each document does.

    data: (n_bytes,) uint8; pieces: (m, 2) int64 first and end byte; owners: (m,) int64 the document of each,
    not falling. Returns ((n, len(FEATURES)) float32, (n, 2) float32: the sum of weights of its different
    known words and pairs, and how many have a weight); zeros for a document without a piece.
    """
    out, grams = np.zeros((n, len(FEATURES)), np.float32), np.zeros((n, 2), np.float32)
    if len(pieces):
        longest = int((pieces[:, 1] - pieces[:, 0]).max())
        _features(
            frozen(data, np.uint8),
            frozen(pieces, np.int64),
            frozen(owners, np.int64),
            table,
            longest,
            rt.room(longest),
            _memory(longest),
            out,
            grams,
        )
    return out, grams


@njit(cache=True, nogil=True)
def _features(
    data: np.ndarray,
    pieces: np.ndarray,
    owners: np.ndarray,
    table: rt.Table,
    longest: int,
    room: rt.Room,
    slots: np.ndarray,
    out: np.ndarray,
    grams: np.ndarray,
) -> None:
    used = np.empty(len(slots) // 4, np.int64)
    tokens, sentences, memory = pointer(room.tokens), pointer(room.sentences), pointer(slots)
    seen = np.zeros(len(table.words) // 64, np.uint64)
    classes, sums = np.zeros(len(CLASSES) + 1, np.int64), np.zeros(S_GRAMS + 1)
    local, hits = np.zeros(L_RISING_SPREAD + 1, np.int64), np.empty(2 * longest + 4, np.int64)
    places, unit_of = np.empty((PLACES, longest // 2 + 3)), np.empty(longest // 2 + 3, np.int64)
    ranks, units = pointer(places[0]), pointer(unit_of)
    text, known = pointer(data), rt.pointed(table)
    marks = (
        rt.find(rt.MARK_KEYS[0], known.words),
        rt.find(rt.MARK_KEYS[1], known.words),
        rt.find(rt.MARK_KEYS[2], known.words),
    )
    for p in range(len(pieces)):
        doc = owners[p]
        head = p == 0 or owners[p - 1] != doc
        if head:
            sums[:] = 0
            classes[:] = 0
            seen[:] = 0
        opened = 0 if head else rt.UNKNOWN
        n = rt.read(text, pieces[p, 0], pieces[p, 1], known, tokens, sentences, opened, sums)
        tail = p + 1 == len(pieces) or owners[p + 1] != doc
        whole = _weigh(n, tokens, sentences, known.learnt, marks, seen, hits, places, units, sums)
        _place(whole, head, tail, places, sums)
        _relate(n, p, head, whole, tokens, sentences, ranks, units, memory, used, classes, sums, local)
        if tail:
            _describe(classes, sums, out[doc])
            grams[doc, 0], grams[doc, 1] = sums[S_GRAM_WEIGHT], sums[S_GRAMS]


@njit(cache=True, nogil=True, forceinline=True)
def _is_furniture(row: Pointer) -> bool:
    """Whether a sentence belongs to the page and not to its text."""
    return rt.is_furniture(row[rt.FURNITURE], row[rt.COUNT])


def _memory(longest: int) -> np.ndarray:
    """(4 * slots,) int32, four a slot, for the stems of a piece of `longest` bytes: there are fewer than a
    third of its bytes and all that have one byte."""
    slots = 1
    while slots < longest // 3 + 256:
        slots *= 2
    return np.full(4 * slots, -1, np.int32)


@njit(cache=True, nogil=True)
def _relate(
    n: int,
    piece: int,
    head: bool,
    count: int,
    tokens: Pointer,
    sentences: Pointer,
    ranks: Pointer,
    units: Pointer,
    memory: Pointer,
    used: np.ndarray,
    classes: np.ndarray,
    sums: np.ndarray,
    local: np.ndarray,
) -> None:
    """Adds up a piece: its words by class, and what its sentences take up of earlier ones. count, ranks,
    units: as `_weigh` makes them (ranks: the first row of places)."""
    kept, chain, stems, symbols, asked, whole, opening = 0, 0, 0, len(used), 0, 0, 0
    for s in range(n):
        row = offset(sentences, 12 * s)
        whole += row[rt.COUNT] > 0 and not _is_furniture(row)
    for s in range(n):
        row = offset(sentences, 12 * s)
        if row[rt.COUNT] == 0:
            continue
        if _is_furniture(row):
            sums[S_CHROME] += row[rt.COUNT]
            continue
        local[:] = 0
        local[L_WORDS] = row[rt.COUNT]
        before = 0
        for t in range(row[rt.FIRST], row[rt.FIRST] + row[rt.COUNT]):
            found = _count(
                tokens,
                t,
                before,
                kept,
                piece,
                stems,
                symbols,
                ranks,
                units,
                memory,
                used,
                classes,
                local,
            )
            stems += found == rt.WORD
            symbols -= found == rt.SYMBOL
            before = tokens[8 * t + rt.KNOWN]
        _add(local, sums)
        _count_sentence(row, sums)
        _count_place(row, kept / whole, kept == 0 and head, tokens, local, sums)
        chain = _count_links(row, kept, chain, local, sums)
        opening = stems if units[kept] == 0 else opening
        kept, asked = kept + 1, row[rt.ASKS]
    if kept > 0:
        sums[S_PIECES] += 1
        sums[S_LAST_QUESTION] += asked
        expected, adjacent, once, once_first = 0, 0, 0, 0
        for u in range(stems):
            times = np.int64(memory[4 * used[u] + TIMES])
            many = (times >> 1) & MOST_TIMES
            expected += many * (many - 1)
            adjacent += times >> 16
            once += many == 1
            once_first += many == 1 and u < opening
            _near(times, count, S_NEAR, sums)
        sums[S_EXPECTED] += expected / count
        sums[S_ADJACENT] += adjacent
        if head:
            sums[S_ONCE_FIRST] = once_first - once / count
            sums[S_ONCE_SPREAD] = once * (1 - 1 / count) / count
        for u in range(symbols, len(used)):
            _near(memory[4 * used[u] + TIMES], count, S_NEAR_SYMBOLS, sums)


@njit(cache=True, nogil=True, forceinline=True)
def _near(times: int, count: int, name: int, sums: np.ndarray) -> None:
    """Adds by how much oftener than in a random order of the same `count` units a stem stands in two in a
    row, and about how much that varies; each stem counts 1."""
    many, adjacent = (times >> 1) & MOST_TIMES, times >> 16
    if many >= 2:
        sums[name] += adjacent / (many - 1) - many / count
        sums[name + 1] += many / (count * (many - 1.0))


@njit(cache=True, nogil=True, forceinline=True)
def _has(row: Pointer, mark: int) -> bool:
    """Whether a sentence has the mark of rt.MARK_KEYS[mark]."""
    if mark == 0:
        return row[rt.ASKS] > 0
    return row[rt.EQUALS if mark == 1 else rt.COLONS] > 0


@njit(cache=True, nogil=True, forceinline=True)
def _said(slot: int, learnt: Pointer) -> tuple[int, int, int]:
    """What the word of a slot says of its sentence's place, of PLACES; zeros where slot is -1."""
    said = learnt[np.uint64(slot if slot >= 0 else 1 << rt.SLOT_BITS)]
    rank = np.int64(np.int8(said & np.uint32(0xFF)))
    first = np.int64(np.int8((said >> np.uint32(8)) & np.uint32(0xFF)))
    return rank, first, np.int64(np.int8((said >> np.uint32(16)) & np.uint32(0xFF)))


@njit(cache=True, nogil=True)
def _weigh(
    n: int,
    tokens: Pointer,
    sentences: Pointer,
    learnt: Pointer,
    marks: tuple[int, int, int],
    seen: np.ndarray,
    hits: np.ndarray,
    places: np.ndarray,
    units: Pointer,
    sums: np.ndarray,
) -> int:
    """Adds the weights of words, pairs and marks, of each once for a document, and notes what they say of the
    places of units; returns how many of these there are. A unit is a sentence with what no mark ends before
    it, as headings and formulas: wherever that is moved, they go along. marks: the slots of `?`, `=` and `:`,
    -1 for none; seen: a bit for each slot; hits: room for two slots a token and one a mark; places: room for
    PLACES numbers a unit; units: room for the unit of each sentence that is no furniture."""
    found, kept, at, rank, first, last, going = 0, 0, 0, 0, 0, 0, False
    for s in range(n):
        row = offset(sentences, 12 * s)
        if row[rt.COUNT] == 0 or _is_furniture(row):
            continue
        for t in range(row[rt.FIRST], row[rt.FIRST] + row[rt.COUNT]):
            one, two = tokens[8 * t + rt.SLOT], tokens[8 * t + rt.PAIR_SLOT]
            hits[found] = one
            found += one >= 0
            hits[found] = two
            found += two >= 0
            for slot in (one, two):
                later, like_first, like_last = _said(slot, learnt)
                rank, first, last = rank + later, first + like_first, last + like_last
        for k in range(len(marks)):
            if _has(row, k) and marks[k] >= 0:
                hits[found] = marks[k]
                found += 1
                later, like_first, like_last = _said(marks[k], learnt)
                rank, first, last = rank + later, first + like_first, last + like_last
        places[0, at], places[1, at], places[2, at] = rank, first, last
        units[kept], kept = at, kept + 1
        going = row[rt.STOPS] == 0
        if not going:
            at, rank, first, last = at + 1, 0, 0, 0
    weight, count = 0, 0
    for h in range(found):
        slot = hits[h]
        bit = np.uint64(slot & 63)
        fresh = np.int64((~seen[slot >> 6] >> bit) & np.uint64(1))
        seen[slot >> 6] |= np.uint64(1) << bit
        value = np.int64(np.int8(learnt[np.uint64(slot)] >> np.uint32(24)))
        weight += fresh * value
        count += fresh * (value != 0)
    sums[S_GRAM_WEIGHT] += weight
    sums[S_GRAMS] += count
    return at + going


@njit(cache=True, nogil=True)
def _place(kept: int, head: bool, tail: bool, places: np.ndarray, sums: np.ndarray) -> None:
    """Adds how well the `kept` sentences of a piece stand where their words say; head, tail: it is the first,
    the last of its text."""
    if kept < 2:
        return
    mean = places[0, :kept].mean()
    placed, spread = 0.0, 0.0
    for i in range(kept):
        placed += (places[0, i] - mean) * (i - (kept - 1) / 2)
        spread += (places[0, i] - mean) ** 2
    sums[S_PLACED] += placed
    sums[S_PLACED_SPREAD] += spread * kept * (kept + 1) / 12
    if head:
        sums[S_FIRST] = _ahead(places[1], 0, kept)
    if tail:
        sums[S_LAST] = _ahead(places[2], kept - 1, kept)


@njit(cache=True, nogil=True, forceinline=True)
def _ahead(values: np.ndarray, at: int, count: int) -> float:
    """By how much values[at] is ahead of the mean (of exponentials) of all."""
    most, total = values[:count].max(), 0.0
    for i in range(count):
        total += np.exp((values[i] - most) * rt.PLACE_UNIT)
    return (values[at] - most) * rt.PLACE_UNIT - np.log(total / count)


@njit(cache=True, nogil=True, forceinline=True)
def _slot(mixed: int, piece: int, memory: Pointer, slots: int) -> int:
    """Which of the slots remembers a stem of this hash, or may do so."""
    tag, slot = np.int32(mixed & np.uint64(0xFFFFFFFF)), np.int64(mixed >> np.uint64(40)) & (slots - 1)
    while memory[4 * slot + OWNER] == piece and memory[4 * slot + STEM] != tag:
        slot = (slot + 1) & (slots - 1)
    return slot


@njit(cache=True, nogil=True, forceinline=True)
def _gap(slot: int, mixed: int, kept: int, piece: int, units: Pointer, memory: Pointer) -> int:
    """Sentences since the stem at `slot` was last seen, -1 if it is new; notes that it is in this one."""
    if memory[4 * slot + OWNER] != piece:
        memory[4 * slot + OWNER], memory[4 * slot + STEM] = (
            piece,
            np.int32(mixed & np.uint64(0xFFFFFFFF)),
        )
        memory[4 * slot + LAST], memory[4 * slot + TIMES] = kept, 2
        return -1
    gap = kept - memory[4 * slot + LAST]
    memory[4 * slot + LAST] = kept
    times = np.int64(memory[4 * slot + TIMES])
    if gap > 0:
        step = units[kept] - units[kept - gap]
        again = (step > 0) & ((times >> 1) & MOST_TIMES < MOST_TIMES)
        memory[4 * slot + TIMES] = times + again * (2 + ((step == 1) << 16))
    return gap


@njit(cache=True, nogil=True, forceinline=True)
def _count(
    tokens: Pointer,
    t: int,
    before: int,
    kept: int,
    piece: int,
    stems: int,
    symbols: int,
    ranks: Pointer,
    units: Pointer,
    memory: Pointer,
    used: np.ndarray,
    classes: np.ndarray,
    local: np.ndarray,
) -> int:
    """Counts token t, behind one of class `before`; returns its kind when it is a new content word or
    symbol. used: the slots of those, from its beginning to `stems` and from `symbols` to its end."""
    known, kind = tokens[8 * t + rt.KNOWN], tokens[8 * t + rt.KIND]
    if kind == rt.WORD and known > REASONING:
        classes[known] += 1
        return 0
    mixed = np.uint64(tokens[8 * t + rt.STEM_KEY]) * rt.FACTOR
    slot = _slot(mixed, piece, memory, len(used))
    gap = _gap(slot, mixed, kept, piece, units, memory)
    if gap > 0 and (kind != rt.WORD or known == 0):
        rise = np.int64(ranks[units[kept]] - ranks[units[kept - gap]])
        local[L_RISING] += rise
        local[L_RISING_SPREAD] += rise * rise
    if kind == rt.WORD and known == 0:
        local[min(gap, 3) + 1] += 1
        local[L_LETTERS] += min(tokens[8 * t + rt.SIZE], 30)
        local[L_REPEATED] += gap == 0 and local[L_CAUSES] > 0
        if before == C_THE:
            local[L_DEFINITE] += 1
            local[L_GIVEN] += gap > 0
        elif before == C_A:
            local[L_INDEFINITE] += 1
            local[L_KNOWN] += gap > 0
        used[stems] = slot
        return rt.WORD if gap < 0 else 0
    if kind == rt.WORD:
        classes[known] += 1
        local[L_MARKS] += 1
        local[L_VARIETY] += gap < 0
        local[L_CONCLUDES] += known == C_CONCLUSION
        local[L_CAUSES] += known in (C_CAUSE, C_CONCLUSION)
    elif kind == rt.SYMBOL:
        local[L_SYMBOLS] += 1
        local[L_SYMBOL] += gap == 1
        if gap < 0:
            used[symbols - 1] = slot
            return rt.SYMBOL
    else:
        _count_number(gap, slot, tokens[8 * t + rt.EQUAL], memory, local)
    return 0


@njit(cache=True, nogil=True, forceinline=True)
def _count_number(gap: int, slot: int, equal: int, memory: Pointer, local: np.ndarray) -> None:
    """Counts a number; equal: it is a result."""
    local[L_NUMBERS] += 1
    local[L_RETURNED] += gap > 0
    local[L_REUSED] += gap > 0 and memory[4 * slot + TIMES] & 1
    local[L_NUMBER] += gap > 0
    local[L_RESULT] += equal
    memory[4 * slot + TIMES] |= equal


@njit(cache=True, nogil=True, forceinline=True)
def _add(local: np.ndarray, sums: np.ndarray) -> None:
    """Adds the counts of a sentence."""
    sums[S_NEW] += local[L_NEW]
    sums[S_INSIDE] += local[L_INSIDE]
    sums[S_NEXT] += local[L_NEXT]
    sums[S_SKIP] += local[L_SKIP]
    sums[S_FAR] += local[L_FAR]
    sums[S_WORDS] += local[L_WORDS]
    sums[S_CIRCULAR] += local[L_REPEATED]
    sums[S_RESULTS] += local[L_RESULT]
    sums[S_MARKS] += local[L_MARKS]
    sums[S_VARIETY] += local[L_VARIETY]
    sums[S_SYMBOLS] += local[L_SYMBOLS]
    sums[S_NUMBERS] += local[L_NUMBERS]
    sums[S_RETURNED] += local[L_RETURNED]
    sums[S_REUSED] += local[L_REUSED]
    sums[S_LETTERS] += local[L_LETTERS]
    sums[S_DEFINITE] += local[L_DEFINITE]
    sums[S_GIVEN] += local[L_GIVEN]
    sums[S_INDEFINITE] += local[L_INDEFINITE]
    sums[S_KNOWN] += local[L_KNOWN]
    sums[S_RISING] += local[L_RISING]
    sums[S_RISING_SPREAD] += local[L_RISING_SPREAD]


@njit(cache=True, nogil=True, forceinline=True)
def _count_sentence(row: Pointer, sums: np.ndarray) -> None:
    """Counts a sentence and its marks."""
    count = row[rt.COUNT]
    sums[S_SENTENCES] += 1
    sums[S_SHORT] += count <= 4
    sums[S_SQUARES] += min(count, 100) ** 2
    sums[S_QUESTIONS] += row[rt.ASKS]
    sums[S_EXCLAMATIONS] += row[rt.EXCLAIMS]
    sums[S_COMMAS] += row[rt.COMMAS]
    sums[S_COLONS] += row[rt.COLONS]
    sums[S_BRACKETS] += row[rt.BRACKETS]
    sums[S_QUOTES] += row[rt.QUOTES]
    sums[S_CODE] += row[rt.CODE]
    sums[S_EQUALS] += row[rt.EQUALS]


@njit(cache=True, nogil=True, forceinline=True)
def _count_place(
    row: Pointer, at: float, opens: bool, tokens: Pointer, local: np.ndarray, sums: np.ndarray
) -> None:
    """Counts how a sentence begins, and what it does `at` which part of the piece; opens: it is the text's
    first."""
    first = row[rt.FIRST]
    opening = tokens[8 * first + rt.KNOWN]
    connects = opening in (C_CONCLUSION, C_CONTRAST)
    sums[S_OPENERS] += connects
    sums[S_POINTERS] += opening == C_POINTER
    sums[S_DANGLING] += opens and (connects or opening == C_POINTER)
    if local[L_CONCLUDES] > 0:
        sums[S_LATE] += at >= 2 / 3
        sums[S_EARLY] += at < 1 / 3
        sums[S_CONCLUDED_AT] += at
        sums[S_CONCLUDED] += 1
    for t in range(first, first + row[rt.COUNT]):
        if tokens[8 * t + rt.KNOWN] == C_SUPPOSITION:
            sums[S_PREMISE_AT] += at
            sums[S_PREMISES] += 1


@njit(cache=True, nogil=True, forceinline=True)
def _count_links(row: Pointer, kept: int, chain: int, local: np.ndarray, sums: np.ndarray) -> int:
    """Counts what a sentence takes up of earlier ones; returns how many steps in a row it ends, each with
    a mark of inference or a result, and built on what came before."""
    content = local[L_NEW] + local[L_INSIDE] + local[L_NEXT] + local[L_SKIP] + local[L_FAR]
    sums[S_CONTENT] += content
    infers = local[L_CAUSES] > 0 or local[L_RESULT] > 0
    if local[L_CAUSES] > 0:
        sums[S_CAUSED] += content
        sums[S_CAUSED_NEW] += local[L_NEW]
        sums[S_INFERRING] += 1
        sums[S_EMPTY] += local[L_NEW] + local[L_SYMBOLS] + local[L_NUMBERS] == 0
    if kept == 0 or row[rt.COUNT] < 4:
        return 0
    linked = local[L_NEXT] > 0 or local[L_SYMBOL] > 0 or local[L_NUMBER] > 0
    sums[S_LINKABLE] += 1
    sums[S_ISOLATED] += not linked and local[L_SKIP] + local[L_FAR] == 0
    sums[S_STALE] += content > 2 and local[L_NEW] == 0
    sums[S_CONCLUSIONS] += local[L_CONCLUDES] > 0
    sums[S_GROUNDED] += local[L_CONCLUDES] > 0 and linked and local[L_NEW] > 0
    chain = chain + 1 if infers and linked else 0
    sums[S_HOPS] += chain > 0
    sums[S_CHAIN] = max(sums[S_CHAIN], chain)
    return chain


@njit(cache=True, nogil=True, forceinline=True)
def _rate(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


@njit(cache=True, nogil=True)
def _describe(classes: np.ndarray, s: np.ndarray, out: np.ndarray) -> None:
    """Rates, in the order of FEATURES."""
    words, sentences, content = max(s[S_WORDS], 1.0), max(s[S_SENTENCES], 1.0), max(s[S_CONTENT], 1.0)
    kinds = 0.0
    for c in range(1, len(classes)):
        out[c - 1] = 100 * classes[c] / words
        kinds += c <= REASONING and classes[c] > 0
    mean = words / sentences
    f = len(classes) - 1
    for value in (
        np.log(words),
        s[S_LETTERS] / content,
        1 - s[S_CONTENT] / words,
        np.log(s[S_NEW] + 1) / np.log(s[S_CONTENT] + 2),
        min(mean, 80.0),
        np.sqrt(max(s[S_SQUARES] / sentences - min(mean, 100.0) ** 2, 0.0)) / mean,
        s[S_SHORT] / sentences,
        s[S_QUESTIONS] / sentences,
        _rate(s[S_LAST_QUESTION], s[S_PIECES]),
        min(s[S_EXCLAMATIONS] / sentences, 1.0),
        100 * s[S_COMMAS] / words,
        100 * s[S_COLONS] / words,
        100 * s[S_BRACKETS] / words,
        100 * s[S_QUOTES] / words,
        100 * s[S_CODE] / words,
        100 * s[S_EQUALS] / words,
        s[S_NUMBERS] / words,
        s[S_SYMBOLS] / words,
        _rate(s[S_BULLETS], s[S_LINES]),
        _rate(s[S_FRAGMENTS], s[S_LINES]),
        _rate(s[S_LINE_BYTES], s[S_LINES]),
        max(s[S_CHROME] / (words + s[S_CHROME]) - MUCH_CHROME, 0.0),
        s[S_NEXT] / content,
        s[S_SKIP] / content,
        s[S_FAR] / content,
        s[S_INSIDE] / content,
        (s[S_ADJACENT] - s[S_EXPECTED]) / (1 + s[S_EXPECTED]),
        _rate(s[S_ISOLATED], s[S_LINKABLE]),
        _rate(s[S_STALE], s[S_LINKABLE]),
        _rate(s[S_RETURNED], s[S_NUMBERS]),
        100 * s[S_RESULTS] / words,
        _rate(s[S_REUSED], s[S_RESULTS]),
        _rate(s[S_GROUNDED], s[S_CONCLUSIONS]),
        _rate(s[S_CIRCULAR], s[S_CAUSED]),
        s[S_OPENERS] / sentences,
        s[S_POINTERS] / sentences,
        s[S_DANGLING],
        _rate(s[S_LATE] - s[S_EARLY], s[S_CONCLUDED]),
        _order(s),
        _rate(s[S_GIVEN], s[S_DEFINITE]),
        _rate(s[S_KNOWN], s[S_INDEFINITE]),
        _rate(s[S_VARIETY], s[S_MARKS]),
        kinds,
        np.log(1 + s[S_HOPS]),
        min(s[S_CHAIN], 6.0),
        _rate(s[S_EMPTY], s[S_INFERRING]),
        _rate(s[S_CAUSED_NEW], s[S_CAUSED]),
        s[S_NEAR] / np.sqrt(s[S_NEAR_SPREAD] + 0.25),
        s[S_NEAR_SYMBOLS] / np.sqrt(s[S_NEAR_SYMBOLS_SPREAD] + 0.25),
        s[S_PLACED] / np.sqrt(s[S_PLACED_SPREAD] + 1.0),
        s[S_FIRST],
        s[S_LAST],
        s[S_RISING] / np.sqrt(s[S_RISING_SPREAD] + RISE**2),
        s[S_ONCE_FIRST] / np.sqrt(s[S_ONCE_SPREAD] + 0.25),
        min(s[S_UNOPENED], 2.0),
    ):
        out[f] = value
        f += 1


@njit(cache=True, nogil=True, forceinline=True)
def _order(s: np.ndarray) -> float:
    """How far suppositions stand before conclusions, -1..1 of the piece; 0 where one of them is missing."""
    if s[S_PREMISES] == 0 or s[S_CONCLUDED] == 0:
        return 0.0
    return s[S_CONCLUDED_AT] / s[S_CONCLUDED] - s[S_PREMISE_AT] / s[S_PREMISES]


def grams(
    data: np.ndarray, pieces: np.ndarray, owners: np.ndarray, n: int, table: rt.Table
) -> tuple[np.ndarray, np.ndarray]:
    """((m,) uint64 keys of the words, pairs and marks of each document in turn, (n + 1,) int64 where each
    begins), those that `features` would weigh."""
    keys, _, bounds = sentence_grams(data, pieces, owners, n, table)
    return keys, bounds


def sentence_grams(
    data: np.ndarray, pieces: np.ndarray, owners: np.ndarray, n: int, table: rt.Table
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """((m,) uint64 keys of the words, pairs and marks of each document in turn, (m,) int64 the sentence of
    each as `_place` sees them, rising, (n + 1,) int64 where each document begins), those that `features`
    would weigh."""
    longest = int((pieces[:, 1] - pieces[:, 0]).max(initial=0))
    most = 2 * int((pieces[:, 1] - pieces[:, 0] + 2).sum())
    keys, places, ends = np.empty(most, np.int64), np.empty(most, np.int64), np.zeros(len(pieces), np.int64)
    room = rt.room(longest)
    _grams(frozen(data, np.uint8), frozen(pieces, np.int64), table, room, keys, places, ends)
    bounds = np.zeros(n + 1, np.int64)
    np.maximum.at(bounds, owners + 1, ends)
    bounds = np.maximum.accumulate(bounds)
    return keys[: bounds[-1]].view(np.uint64), places[: bounds[-1]], bounds


@njit(cache=True, nogil=True)
def _grams(
    data: np.ndarray,
    pieces: np.ndarray,
    table: rt.Table,
    room: rt.Room,
    keys: np.ndarray,
    places: np.ndarray,
    ends: np.ndarray,
) -> None:
    tokens, sentences = pointer(room.tokens), pointer(room.sentences)
    lines, n, kept = np.zeros(5), 0, 0
    text, known = pointer(data), rt.pointed(table)
    for p in range(len(pieces)):
        for s in range(rt.read(text, pieces[p, 0], pieces[p, 1], known, tokens, sentences, 0, lines)):
            row, previous = offset(sentences, 12 * s), rt.START_KEY
            if _is_furniture(row):
                continue
            for t in range(row[rt.FIRST], row[rt.FIRST] + row[rt.COUNT]):
                key = tokens[8 * t + rt.KEY]
                keys[n], keys[n + 1] = key, rt.joined(previous, key)
                places[n], places[n + 1] = kept, kept
                n += 2
                previous = key
            for k in range(len(rt.MARK_KEYS)):
                if row[rt.COUNT] > 0 and _has(row, k):
                    keys[n], places[n] = rt.MARK_KEYS[k], kept
                    n += 1
            kept += row[rt.COUNT] > 0 and row[rt.STOPS]
        kept += 1
        ends[p] = n
