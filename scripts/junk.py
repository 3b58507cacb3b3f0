"""Junk of many kinds, made from a seed: what every preset should drop.

    python scripts/junk.py [--kind base64] [-n 3] [--seed 1]

Each kind is a function of a `random.Random` that returns one document. The words are ours; nothing is taken
from a corpus. Used by `scripts/overfiltering.py` and by the tests.
"""

from __future__ import annotations

import argparse
import base64
import random
import string
from collections.abc import Callable


def _listed(text: str, sep: str | None = None) -> list[str]:
    return [item.strip() for item in text.split(sep) if item.strip()]


CITIES = _listed("""
Aarhus Bristol Calgary Denver Essen Fresno Geneva Houston Ipswich Jackson Kassel Leeds Malmo Norfolk Oslo
Perth Quincy Reno Salem Tampa Utica Vienna Wichita Xenia York Zurich
""")
NOUNS = _listed("""
insurance shoes hotel flights laptop mattress loan watches garden kitchen roof plumber lawyer dentist casino
diet jewelry camera furniture phone vacation mortgage coupon printer tires perfume sofa tablet
""")
ADJECTIVES = _listed(
    "cheap best discount affordable top online free local luxury quality wholesale budget new"
)
MENU = _listed(
    """
Home|About Us|Contact|News|Sport|Business|Technology|Entertainment|Health|Travel|Weather|Video|Photos|Login|
Register|My Account|Cart (0)|Wish List|FAQ|Help Center|Careers|Press|Advertise|Privacy Policy|Terms of Use|
Cookie Settings|Sitemap|RSS|Facebook|Twitter|Instagram|YouTube|Newsletter|Subscribe|Search|Menu|Close|Share|
Print|Email|Next|Previous|Read more|Load more|Show all|Back to top|English|Deutsch|Shop by Brand|Gift Cards|
Women|Men|Kids|Outlet|Store Finder|Track Order|Returns|Size Guide|Blog|Events|Gallery|Forum|Archive|Tags|
Most Read|Trending|Editor's Picks|Related Articles|Recent Posts|Categories|Follow Us|Download App|Sign Out
""",
    "|",
)
FRAGMENTS = _listed(
    """
12 comments|Posted 3 hours ago|5 min read|Advertisement|Photo: Staff|© 2019 All rights reserved|Share this|
Leave a reply|0 items in cart|$ 19.99|4.5 out of 5 stars|Add to cart|In stock|Page 1 of 12|Sort by: Price|
Accept all cookies|Sponsored|By Admin|Views: 1,204|Tweet|Likes: 15|Comments Off|Updated: Jan 4, 2019
""",
    "|",
)


MONTHS = "January February March April May June July August September October November December"
LOREM = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore"


def menus(rng: random.Random) -> str:
    """Navigation, one entry a line."""
    return "\n".join(rng.choice(MENU) for _ in range(rng.randint(40, 150)))


def page_chrome(rng: random.Random) -> str:
    """What is left of a page without its article: menus, counters, footers, nested bullets."""
    lines = []
    for _ in range(rng.randint(4, 10)):
        bullet = rng.choice(["", "* ", "  - ", "• ", "+ "])
        lines += [bullet + rng.choice(MENU) for _ in range(rng.randint(4, 14))]
        lines += ["", *rng.sample(FRAGMENTS, 3), ""]
        if rng.random() < 0.4:
            lines.append(
                "We use cookies to give you the best experience. By continuing you accept our cookie policy."
            )
    return "\n".join(lines)


def menu_bar(rng: random.Random) -> str:
    """Navigation in one line after another, split by bars."""
    rows = [" | ".join(rng.sample(MENU, rng.randint(5, 12))) for _ in range(rng.randint(6, 20))]
    return "\n".join(rows)


def random_characters(rng: random.Random) -> str:
    """Characters at random."""
    letters = string.ascii_lowercase + string.digits + "{}|<>$%#@!/\\;" + " " * 12
    return "".join(rng.choice(letters) for _ in range(rng.randint(600, 5000)))


def random_letters(rng: random.Random) -> str:
    """Words of random letters, with full stops."""
    words = [
        "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(2, 10))) for _ in range(400)
    ]
    return ". ".join(" ".join(words[i : i + 12]).capitalize() for i in range(0, 400, 12)) + "."


def syllables(rng: random.Random) -> str:
    """Words that could be spoken, of no language."""

    def word() -> str:
        return "".join(
            rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(1, 4))
        )

    return ". ".join(" ".join(word() for _ in range(12)).capitalize() for _ in range(30)) + "."


def mojibake(rng: random.Random) -> str:
    """UTF-8 read as Latin-1, several times."""
    text = " ".join(rng.choice(["наука", "город", "книга", "вопрос", "ответ", "дорога"]) for _ in range(150))
    for _ in range(rng.randint(1, 2)):
        text = text.encode().decode("latin-1")
    return text


def replacement_characters(rng: random.Random) -> str:
    """Text whose encoding was lost."""
    return " ".join("\ufffd" * rng.randint(2, 9) for _ in range(300))


def binary(rng: random.Random) -> str:
    """Bytes of a file that is no text."""
    return bytes(rng.randrange(256) for _ in range(3000)).decode("utf-8", "replace")


def one_line_repeated(rng: random.Random) -> str:
    """The same sentence over and over."""
    line = f"Click here for the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} in {rng.choice(CITIES)} today!"
    return rng.choice(["\n", " ", "\n\n"]).join([line] * rng.randint(20, 200))


def template_spam(rng: random.Random) -> str:
    """One advertisement for each of many towns."""
    noun, adjective = rng.choice(NOUNS), rng.choice(ADJECTIVES)
    form = (
        f"Looking for {adjective} {noun} in {{0}}? Our {noun} experts in {{0}} offer the {adjective} {noun} "
        f"service near you. Call us today for a free quote on {noun} in {{0}}."
    )
    return rng.choice(["\n", "\n\n", " "]).join(
        form.format(c) for c in rng.sample(CITIES, rng.randint(12, 26))
    )


def template_listing(rng: random.Random) -> str:
    """A shop's rows, the same but for names and numbers."""
    rows = []
    for _ in range(rng.randint(25, 80)):
        name = f"{rng.choice(ADJECTIVES).title()} {rng.choice(NOUNS).title()} {rng.randint(100, 999)}"
        rows.append(
            f"{name}\nPrice: ${rng.randint(5, 900)}.99\nAdd to cart\nIn stock: {rng.randint(1, 99)}\n"
        )
    return "\n".join(rows)


def keyword_stuffing(rng: random.Random) -> str:
    """Search terms with commas, as in a page's meta tags."""
    city = rng.choice(CITIES)
    terms = [f"{rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}" for _ in range(rng.randint(80, 400))]
    return ", ".join(t + (f" {city}" if rng.random() < 0.3 else "") for t in terms)


def keyword_prose(rng: random.Random) -> str:
    """Search terms that pretend to be sentences."""
    noun, city = rng.choice(NOUNS), rng.choice(CITIES)
    pieces = [f"{a} {noun}" for a in ADJECTIVES] + [
        f"{noun} {city}",
        f"buy {noun} online",
        f"{noun} prices {city}",
    ]
    return ". ".join(" ".join(rng.choice(pieces) for _ in range(5)).capitalize() for _ in range(60)) + "."


def sales_prose(rng: random.Random) -> str:
    """Sentences, each of which sells the same thing."""
    noun, city, adjective = rng.choice(NOUNS), rng.choice(CITIES), rng.choice(ADJECTIVES)
    sentences = [
        f"Are you looking for {adjective} {noun} in {city}?",
        f"Our {noun} are the {adjective} {noun} in {city}.",
        f"Buy {adjective} {noun} online today.",
        f"{noun.title()} in {city} have never been so {adjective}.",
        f"With our {noun} you will save money on {noun}.",
        f"Get your {noun} from the {noun} experts.",
        f"If you need {noun}, we have {noun} for you.",
        f"Do not wait, order {adjective} {noun} now.",
    ]
    return " ".join(rng.choice(sentences) for _ in range(rng.randint(25, 80)))


def doorway(rng: random.Random) -> str:
    """A page for search engines: one thing, all towns, all praise."""
    noun = rng.choice(NOUNS)
    parts = []
    for _ in range(40):
        (a, b), c = rng.sample(ADJECTIVES, 2), rng.choice(CITIES)
        form = rng.choice(
            ["{a} {n} {c} {b} {n}", "find {a} {n} and {b} {n} in {c}", "the {a} {n} {c} has to offer"]
        )
        parts.append(form.format(a=a, b=b, c=c, n=noun).capitalize() + ".")
    return " ".join(parts)


def advertisements(rng: random.Random) -> str:
    """What stands beside the text."""
    lines = ["Lose weight fast!", "Make money from home!", "Click here", "You won't believe this", "Act now!"]
    return "\n".join(rng.choice(lines) for _ in range(60))


def hashtags(rng: random.Random) -> str:
    """Tags of a post."""
    return " ".join(f"#{rng.choice(ADJECTIVES)}{rng.choice(NOUNS)}" for _ in range(rng.randint(60, 200)))


def _url(rng: random.Random) -> str:
    host = f"{rng.choice(NOUNS)}-{rng.choice(CITIES).lower()}"
    path = "/".join(rng.choice(NOUNS) for _ in range(rng.randint(1, 4)))
    return f"https://www.{host}.example/{path}?id={rng.randint(1, 9999)}"


def links(rng: random.Random) -> str:
    """Addresses, one a line."""
    return "\n".join(_url(rng) for _ in range(rng.randint(20, 120)))


def markdown_links(rng: random.Random) -> str:
    """A link farm as Markdown."""
    return "\n".join(
        f"- [{rng.choice(ADJECTIVES).title()} {rng.choice(NOUNS).title()}]({_url(rng)})"
        for _ in range(rng.randint(20, 90))
    )


def menu_links(rng: random.Random) -> str:
    """Navigation as Markdown, with addresses of the same site."""
    return "\n".join(
        f"* [{rng.choice(MENU)}](/{rng.choice(NOUNS)}/{rng.choice(NOUNS)}.html)" for _ in range(60)
    )


def host_list(rng: random.Random) -> str:
    """Names of sites."""
    return "\n".join(f"www.{rng.choice(NOUNS)}{rng.choice(CITIES).lower()}.example" for _ in range(100))


def titled_links(rng: random.Random) -> str:
    """A title, then its address."""
    return "\n".join(
        f"{rng.choice(ADJECTIVES).title()} {rng.choice(NOUNS)} {rng.choice(CITIES)}\n{_url(rng)}"
        for _ in range(60)
    )


def minified_script(rng: random.Random) -> str:
    """JavaScript as bundlers write it."""
    parts = []
    for _ in range(rng.randint(80, 400)):
        a, b, c = (rng.choice(string.ascii_letters) for _ in range(3))
        sum_ = f"function {a}({b},{c}){{return {b}*{rng.randint(1, 99)}+{c}[{rng.randint(0, 9)}]}}"
        module = (
            f"var {a}={b}.exports=function({c}){{if(!{c})throw new Error('{b}');return {c}.{a}&&{c}.{b}}};"
        )
        closure = f"!function({a}){{{a}.{b}={a}.{c}||{{}},{a}.{b}.init=function(){{}}}}({c});"
        parts.append(rng.choice([sum_, module, closure]))
    return "".join(parts)


def obfuscated_script(rng: random.Random) -> str:
    """JavaScript whose names are numbers."""
    return "".join(f"_0x{rng.randrange(16**4):04x}('0x{rng.randrange(256):x}')+" for _ in range(400))


def minified_style(rng: random.Random) -> str:
    """CSS without spaces."""
    return "".join(
        f".{rng.choice(NOUNS)}-{rng.randint(1, 99)}{{margin:{rng.randint(0, 40)}px;"
        f"color:#{rng.randrange(16**6):06x};font:{rng.randint(8, 30)}px/1.{rng.randint(1, 9)} Arial}}"
        for _ in range(rng.randint(60, 300))
    )


def markup(rng: random.Random) -> str:
    """HTML that nobody extracted."""
    rows = [
        f'<div class="{rng.choice(NOUNS)}"><a href="/{rng.choice(NOUNS)}.html">{rng.choice(MENU)}</a></div>'
        for _ in range(60)
    ]
    return rng.choice(["", "\n"]).join(rows)


def records(rng: random.Random) -> str:
    """Rows of a database, as CSV, JSON or SQL."""
    rows = [(i, rng.choice(NOUNS), rng.choice(CITIES), rng.randint(1, 999)) for i in range(60)]
    form = rng.choice(
        ["{0},{1},{2},{3}.99", '{{"id": {0}, "name": "{1}", "city": "{2}", "price": {3}}},', INSERT]
    )
    return "\n".join(form.format(*row) for row in rows)


INSERT = "INSERT INTO products VALUES ({0}, '{1}', '{2}', {3});"


def base64_text(rng: random.Random) -> str:
    """Base64, wrapped at 76 characters or not at all."""
    code = base64.b64encode(rng.randbytes(rng.randint(1000, 6000))).decode()
    if rng.random() < 0.5:
        return code
    return "\n".join(code[i : i + 76] for i in range(0, len(code), 76))


def hex_text(rng: random.Random) -> str:
    """Hexadecimal digits in one line, or with commas."""
    code = rng.randbytes(2000)
    return code.hex() if rng.random() < 0.5 else ",".join(f"0x{b:02x}" for b in code)


def hex_dump(rng: random.Random) -> str:
    """A dump as `xxd` prints it."""
    rows = []
    for k in range(rng.randint(30, 200)):
        code = rng.randbytes(16).hex()
        rows.append(f"{k * 16:08x}: " + " ".join(code[i : i + 4] for i in range(0, 32, 4)))
    return "\n".join(rows)


def numbers(rng: random.Random) -> str:
    """Measurements without a word."""
    return "\n".join(
        "\t".join(f"{rng.uniform(-9, 99):.3f}" for _ in range(8)) for _ in range(rng.randint(20, 120))
    )


def log_lines(rng: random.Random) -> str:
    """A server's log."""
    rows = []
    for _ in range(rng.randint(30, 200)):
        address = f"10.0.{rng.randrange(256)}.{rng.randrange(256)}"
        time = f"04/Jan/2019:{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d} +0000"
        path = f"/{rng.choice(NOUNS)}/{rng.randint(1, 999)}"
        rows.append(f'{address} - - [{time}] "GET {path} HTTP/1.1" 200 {rng.randint(99, 9999)}')
    return "\n".join(rows)


def mail_headers(rng: random.Random) -> str:
    """The way of a message through servers."""
    return "\n".join(
        f"Received: from mail{rng.randint(1, 9)}.example.org ([10.0.0.{rng.randint(1, 99)}]) by "
        f"mx{rng.randint(1, 9)}.example.org with ESMTP id {rng.randbytes(5).hex()}"
        for _ in range(30)
    )


def stack_trace(rng: random.Random) -> str:
    """Frames of a program that failed."""
    return "\n".join(
        f"    at com.example.{rng.choice(NOUNS)}.{rng.choice(NOUNS).title()}.{rng.choice(ADJECTIVES)}"
        f"({rng.choice(NOUNS).title()}.java:{rng.randint(1, 999)})"
        for _ in range(60)
    )


def phone_book(rng: random.Random) -> str:
    """Firms and their numbers."""
    return "\n".join(
        f"{rng.choice(CITIES)} {rng.choice(NOUNS).title()} Tel. +1 {rng.randint(200, 999)} "
        f"{rng.randint(1000, 9999)}"
        for _ in range(60)
    )


def word_list(rng: random.Random) -> str:
    """Names and terms in alphabetical order, one a line."""
    pool = sorted({f"{rng.choice(CITIES)} {rng.choice(NOUNS).title()}" for _ in range(150)})
    return "\n".join(pool)


def calendar(rng: random.Random) -> str:
    """A date picker."""
    months = _listed(MONTHS)
    return "\n".join(
        f"{month} {year}\nMo Tu We Th Fr Sa Su\n" + " ".join(map(str, range(1, 31)))
        for year in range(2015, 2015 + rng.randint(2, 5))
        for month in months
    )


def lorem_ipsum(rng: random.Random) -> str:
    """Filler text."""
    words = _listed(LOREM)
    body = ". ".join(" ".join(rng.choice(words) for _ in range(9)).capitalize() for _ in range(30))
    return f"Lorem ipsum dolor sit amet, consectetur adipiscing elit. {body}."


def emoji(rng: random.Random) -> str:
    """Pictures instead of words."""
    return " ".join(
        "".join(rng.choice("😀🔥💯🎉👍❤️✨🚀") for _ in range(rng.randint(1, 5))) for _ in range(200)
    )


KINDS: dict[str, Callable[[random.Random], str]] = {
    f.__name__: f
    for f in (
        *(menus, page_chrome, menu_bar, menu_links, advertisements, calendar),
        *(random_characters, random_letters, syllables, mojibake, replacement_characters, binary, emoji),
        *(one_line_repeated, template_spam, template_listing, sales_prose, doorway),
        *(keyword_stuffing, keyword_prose, hashtags, word_list, lorem_ipsum),
        *(links, markdown_links, titled_links, host_list),
        *(minified_script, obfuscated_script, minified_style, markup, stack_trace),
        *(base64_text, hex_text, hex_dump, numbers, records, log_lines, mail_headers, phone_book),
    )
}


def documents(kind: str, n: int, seed: int = 1) -> list[str]:
    """n documents of a kind; the same for the same seed."""
    return [KINDS[kind](random.Random(f"{kind}/{seed}/{i}")) for i in range(n)]


def main() -> None:
    """Prints some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=list(KINDS))
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for kind in [args.kind] if args.kind else KINDS:
        for text in documents(kind, args.n, args.seed):
            print(f"--- {kind}\n{text}")


if __name__ == "__main__":
    main()
