"""Lines of a web page that belong to the page and not to its text: menus, share bars, cookie banners,
counters.

A line is told by what it says (a phrase of pages, letter by letter, whatever its case, digits and
punctuation), by where it stands (a run of fragments at the page's top or bottom), or by coming again with
its neighbours. A page that would lose half of its bytes keeps all: it is made of such lines, and rules
judge it.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numba import njit

from curate.kernels import characters as ch
from curate.kernels.words import frozen

RULES = ("phrase", "banner", "menu_bar", "edge", "block")
"""Why a line is removed. phrase: it says what pages say; banner: on cookies or copyright; menu_bar: entries
between bars, near the top or bottom, in one line; edge: one of EDGE fragments or more there; block: one of
three fragments that came before in the same order."""
(PHRASE, BANNER, MENU_BAR, EDGE_RUN, BLOCK) = range(1, len(RULES) + 1)

SURE = """
read more|read the full story|continue reading|show more|load more|see more|view more|view all
show all|share this|share this article|share on facebook|share on twitter|share on linkedin
share on x|share via email|tweet this|pin it|email this|print this page|send to a friend
copy link|follow us|follow us on twitter|follow us on facebook|follow us on instagram
like us on facebook|subscribe to our newsletter|sign up for our newsletter|subscribe now|sign in
sign up|log in|log out|sign in register|log in register|my account|create an account
forgot your password|forgot password|remember me|add to cart|add to basket|add to wishlist
items in cart|# items in cart|skip to content|skip to main content|skip to navigation
jump to navigation|back to top|return to top|go to top|leave a reply|leave a comment
post a comment|add a comment|write a comment|cancel reply|no comments|no comments yet
comments are closed|comments off|# comment|# comments|# replies|# likes|# shares|# retweets
# views|# downloads|# followers|# upvotes|#k likes|#k shares|#k views|#k followers
# shares share|# min read|# minute read|# minutes read|related articles|related posts
related stories|recent posts|recent comments|popular posts|most popular|most read
you may also like|you might also like|more from this author|previous post|next post|older posts
newer posts|previous article|next article|previous page|next page|page # of #|accept cookies
accept all|accept all cookies|reject all|cookie settings|manage cookies|manage preferences
all rights reserved|site map|sitemap|main menu|toggle navigation|search this site
search this website|powered by wordpress|advertisement|advertise with us|sponsored content
skip advertisement|share tweet|facebook twitter|facebook twitter linkedin|facebook twitter email
share facebook twitter|tweet share|tap to unmute
"""
"""Lines that no text says; # is any number."""
LIKELY = """
home|menu|search|share|tweet|email|print|reply|report|login|logout|register
subscribe|follow|close|next|previous|prev|facebook|twitter|instagram|linkedin|pinterest
youtube|whatsapp|reddit|rss|blog|news|contact|about|faq|help|careers|press|shop
cart|checkout|wishlist|categories|archives|tags|newsletter|comments|related|trending
sponsored|permalink|save|like|likes|loading|details|download|top|english|deutsch
language|settings|privacy|terms|imprint|privacy policy|terms of use|terms of service
cookie policy|privacy notice|about us|contact us|terms and conditions|learn more
"""
"""Lines that texts say too: they count beside each other, or beside a sure one."""

PHRASE_WORDS: Final = 8
BANNER_WORDS: Final = 60
NOTICE_WORDS: Final = 25
FRAGMENT_WORDS: Final = 4
EDGE: Final = 5
"""Fragments in a row from which the page's top or bottom is a menu."""
NEAR: Final = 12
"""Lines from the top or bottom within which a bar is a menu's, and a copyright the page's."""
TEXT_WORDS: Final = 10
TEXT_LINES: Final = 3
"""A page has a text when so many lines have so many words."""

# Columns of a line.
(BEGIN, END, WORDS, BARS, ENDED, TECHNICAL, KNOWN) = range(7)
FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


@cache
def phrases() -> tuple[np.ndarray, np.ndarray]:
    """Sorted hashes of SURE and of LIKELY."""
    found = []
    for listed in (SURE, LIKELY):
        rows = listed.replace("#", "0").split("\n")
        lines = [line.strip() for row in rows for line in row.split("|") if line.strip()]
        data = np.frombuffer("\n".join(lines).encode(), np.uint8)
        ends = np.cumsum([len(line) + 1 for line in lines])
        hashes = [_hash(data, end - 1 - len(line), end - 1) for line, end in zip(lines, ends, strict=True)]
        found.append(frozen(np.unique(np.array(hashes, np.uint64)), np.uint64))
    return found[0], found[1]


def removals(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(m, 4) int64 [document, first byte, end, rule] of the lines that go, with their newline, in order.

    data: (n_bytes,) uint8 and offsets: (n + 1,) int64, as for `text.statistics`; rule: index in RULES.
    """
    sure, likely = phrases()
    data, offsets = frozen(data, np.uint8), frozen(offsets, np.int64)
    return _removals(data, offsets, ch.classes(), sure, likely)


def without(data: np.ndarray, offsets: np.ndarray, gone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(data, offsets) of the documents without the bytes of `gone`, which are sorted and apart."""
    keep = np.ones(offsets[-1] - offsets[0], bool)
    for _, begin, end, _ in gone.tolist():
        keep[begin - offsets[0] : end - offsets[0]] = False
    sizes = np.diff(offsets) - np.bincount(gone[:, 0], gone[:, 2] - gone[:, 1], len(offsets) - 1).astype(
        np.int64
    )
    return data[offsets[0] : offsets[-1]][keep], np.concatenate([[0], np.cumsum(sizes)])


@njit(cache=True, nogil=True)
def _removals(
    data: np.ndarray, offsets: np.ndarray, classes: np.ndarray, sure: np.ndarray, likely: np.ndarray
) -> np.ndarray:
    most = 0
    for d in range(len(offsets) - 1):
        count = 1
        for i in range(offsets[d], offsets[d + 1]):
            count += data[i] == ch.NEWLINE
        most = max(most, count)
    lines = np.zeros((most, 7), np.int64)
    hashes = np.zeros(most, np.uint64)
    rules = np.zeros(most, np.int64)
    triples = np.zeros(most, np.uint64)
    out = np.empty((16, 4), np.int64)
    m = 0
    for d in range(len(offsets) - 1):
        n = _read_lines(data, offsets[d], offsets[d + 1], classes, sure, likely, lines, hashes)
        lost = _judge(lines[:n], hashes[:n], rules[:n], triples, sure, likely)
        if lost == 0 or 2 * lost > offsets[d + 1] - offsets[d]:
            continue
        for k in range(n):
            if rules[k] > 0:
                if m == len(out):
                    grown = np.empty((2 * m, 4), np.int64)
                    grown[:m] = out
                    out = grown
                out[m, 0], out[m, 1], out[m, 3] = d, lines[k, BEGIN], rules[k] - 1
                out[m, 2] = min(lines[k, END] + 1, offsets[d + 1])
                m += 1
    return out[:m]


@njit(cache=True, nogil=True)
def _read_lines(
    data: np.ndarray,
    start: int,
    end: int,
    classes: np.ndarray,
    sure: np.ndarray,
    likely: np.ndarray,
    lines: np.ndarray,
    hashes: np.ndarray,
) -> int:
    """Fills the columns of lines that are not blank; returns how many there are. KNOWN: 2 for a sure
    phrase, 1 for a likely one, -1 for a banner on cookies, -2 for a notice of copyright."""
    n, i = 0, start
    while i < end:
        begin, words, bars, technical, inside = i, 0, 0, 0, False
        first, last = -1, -1
        while i < end and data[i] != ch.NEWLINE:
            b = data[i]
            if b == ch.BLANK or b == ch.TAB or b == ch.RETURN:
                inside = False
            else:
                words += not inside
                inside = True
                first = i if first < 0 else first
                last = i
                technical += (
                    b == ch.EQUALS
                    or b == ch.OPEN_BRACE
                    or b == ch.BACKSLASH
                    or b == ch.BACKTICK
                    or b == ch.SEMICOLON
                    or b == ch.LESS
                    or b == ch.DOLLAR
                )
                wide = (b == 0xB7 or b == 0xBB) and i > begin + 1 and data[i - 1] == 0xC2  # · and »
                before = i - 2 if wide else i - 1
                if (b == ch.BAR or wide) and before >= begin and i + 1 < end:
                    bars += data[before] == ch.BLANK and data[i + 1] == ch.BLANK
            i += 1
        if first >= 0:
            row = lines[n]
            row[BEGIN], row[END], row[WORDS], row[BARS] = begin, i, words, bars
            row[TECHNICAL] = technical + (data[first] == ch.HASH) + (data[first] == ch.BAR)
            closing = data[last]
            row[ENDED] = (
                ch.class_at(data, ch.last_point(data, first, last + 1), last + 1, classes) & ch.ENDS > 0
                or closing == ch.COLON
                or closing == ch.COMMA
            )
            row[KNOWN] = 0
            hashes[n] = np.uint64(0)
            if words <= PHRASE_WORDS:
                hashes[n] = _hash(data, first, last + 1)
                row[KNOWN] = 2 * _among(sure, hashes[n]) or _among(likely, hashes[n])
            if row[KNOWN] == 0 and words <= BANNER_WORDS:
                row[KNOWN] = -_banner(data, first, last + 1, words)
            n += 1
        i += 1
    return n


@njit(cache=True, nogil=True)
def _hash(data: np.ndarray, first: int, last: int) -> np.uint64:
    """Of the line's words in small letters; a run of digits is one digit, punctuation is nothing."""
    key, digits, gap = np.uint64(1), False, False
    for i in range(first, last):
        b = data[i]
        if ch.ZERO <= b <= ch.NINE:
            if digits:
                continue
            digits, b = True, ch.ZERO
        elif b == ch.COMMA or b == ch.DOT:
            continue
        else:
            digits = False
            if ch.CAPITAL_A <= b <= ch.CAPITAL_Z:
                b = b | 32
            elif not (ch.SMALL_A <= b <= ch.SMALL_Z or b >= 0xC3):
                gap = True
                continue
        if gap and key != np.uint64(1):
            key = key * FACTOR + np.uint64(ch.BLANK)
        gap = False
        key = key * FACTOR + np.uint64(b)
    return key


@njit(cache=True, nogil=True)
def _among(known: np.ndarray, key: np.uint64) -> bool:
    low, high = 0, len(known)
    while low < high:
        middle = (low + high) // 2
        if known[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low < len(known) and known[low] == key


@njit(cache=True, nogil=True)
def _banner(data: np.ndarray, first: int, last: int, words: int) -> int:
    """1 for what begins as banners on cookies do, 2 for a notice of copyright, 0 for other lines."""
    for start in (
        b"we use cookies",
        b"this site uses cookies",
        b"this website uses cookies",
        b"our website uses cookies",
        b"by continuing to use this",
        b"by continuing to browse",
        b"by using this site",
        b"by using this website",
        b"cookies help us",
    ):
        if ch.begins(data, first, last, start):
            return 1
    if words > NOTICE_WORDS or last - first < 6:
        return 0
    if (data[first] == 0xC2 and data[first + 1] == 0xA9) or ch.begins(data, first, last, b"copyright "):
        for i in range(first, last - 3):
            if (
                data[i] == ch.ZERO + 2 and data[i + 1] == ch.ZERO and ch.ZERO <= data[i + 2] <= ch.NINE
            ):  # 20xx
                return 2
            if (
                data[i] == ch.ZERO + 1 and data[i + 1] == ch.NINE and ch.ZERO <= data[i + 2] <= ch.NINE
            ):  # 19xx
                return 2
    return 0


@njit(cache=True, nogil=True)
def _judge(
    lines: np.ndarray,
    hashes: np.ndarray,
    rules: np.ndarray,
    triples: np.ndarray,
    sure: np.ndarray,
    likely: np.ndarray,
) -> int:
    """Fills `rules` of the lines that go; returns their bytes. A page without a text loses nothing."""
    n, text_lines = len(lines), 0
    rules[:] = 0
    for k in range(n):
        text_lines += lines[k, WORDS] >= TEXT_WORDS
        known = lines[k, KNOWN]
        beside = (k > 0 and lines[k - 1, KNOWN] > 0) or (k + 1 < n and lines[k + 1, KNOWN] > 0)
        if known == 2 or (known == 1 and beside):
            rules[k] = PHRASE
        elif known == -1 or (known == -2 and (k < NEAR or k >= n - NEAR)):
            rules[k] = BANNER
        elif _is_bar(lines[k]) and (k < NEAR or k >= n - NEAR):
            in_table = (k > 0 and lines[k - 1, BARS] > 0) or (k + 1 < n and lines[k + 1, BARS] > 0)
            rules[k] = 0 if in_table else MENU_BAR
    if text_lines < TEXT_LINES:
        return 0
    _edges(lines, rules)
    _blocks(lines, hashes, rules, triples)
    lost = 0
    for k in range(n):
        if rules[k] > 0:
            lost += lines[k, END] - lines[k, BEGIN] + 1
    return lost


@njit(cache=True, nogil=True)
def _is_fragment(line: np.ndarray) -> bool:
    return line[WORDS] <= FRAGMENT_WORDS and line[ENDED] == 0 and line[TECHNICAL] == 0


@njit(cache=True, nogil=True)
def _is_bar(line: np.ndarray) -> bool:
    """Three entries or more between bars, of a few words each."""
    entries = line[BARS] + 1
    return entries >= 3 and line[WORDS] <= 5 * entries and line[ENDED] == 0 and line[TECHNICAL] == 0


@njit(cache=True, nogil=True)
def _edges(lines: np.ndarray, rules: np.ndarray) -> None:
    """Runs at the top, but for the last line, which may be the title, and at the bottom; only where something
    in the run is known to be a page's."""
    n = len(lines)
    top, known = 0, 0
    while top < n and (rules[top] > 0 or _is_fragment(lines[top])):
        known += rules[top] > 0 or lines[top, KNOWN] > 0
        top += 1
    if top >= EDGE and known > 0 and top < n:
        for k in range(top - 1):
            rules[k] = rules[k] or EDGE_RUN
    bottom, known = n, 0
    while bottom > top and (rules[bottom - 1] > 0 or _is_fragment(lines[bottom - 1])):
        known += rules[bottom - 1] > 0 or lines[bottom - 1, KNOWN] > 0
        bottom -= 1
    if n - bottom >= EDGE and known > 0:
        for k in range(bottom, n):
            rules[k] = rules[k] or EDGE_RUN


@njit(cache=True, nogil=True)
def _blocks(lines: np.ndarray, hashes: np.ndarray, rules: np.ndarray, triples: np.ndarray) -> None:
    """Three fragments in a row that came before, one of them known to be a page's."""
    n = len(lines)
    seen = 0
    for k in range(n - 2):
        fits, known = True, 0
        for j in range(k, k + 3):
            fits = fits and _is_fragment(lines[j])
            known += lines[j, KNOWN] > 0
        if not fits or known == 0:
            continue
        key = (hashes[k] * FACTOR + hashes[k + 1]) * FACTOR + hashes[k + 2]
        again = False
        for s in range(seen):
            again = again or triples[s] == key
        if again:
            for j in range(k, k + 3):
                rules[j] = rules[j] or BLOCK
        elif seen < len(triples):
            triples[seen] = key
            seen += 1
