"""Words as other pipelines cut them, each from its published definition and held to the original by
`scripts/peer_agreement.py`.

`tokens`: spaCy's English tokens, which datatrove counts. `segments`: words between the boundaries of Unicode
Standard Annex 29, which DCLM and OLMo 3 count. Both work on Python strings, at 1 to 4 MB/s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from unicodedata import category

LONGEST_SPECIAL = 5
"""Pieces that may be special side by side."""

CACHED = 100_000
"""Spans without spaces whose tokens are remembered."""


def _ranges(holds: Callable[[str], bool], end: int = 0x10000) -> str:
    """A character class's content: code points under `end` of which `holds` is true."""
    points = [c for c in range(end) if not 0xD800 <= c < 0xE000 and holds(chr(c))]
    out, i = [], 0
    while i < len(points):
        k = i
        while k + 1 < len(points) and points[k + 1] == points[k] + 1:
            k += 1
        first, last = (re.escape(chr(points[x])) for x in (i, k))
        out.append(first if i == k else f"{first}-{last}")
        i = k + 1
    return "".join(out)


# --- Unicode Standard Annex 29

_ALONE = "\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Hiragana and ideographs: a word each."""
_COMPLEX = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Scripts that need a dictionary, for which the annex has no rule: a word each."""
_NUMBERS = "²³¹¼½¾\u2070-\u2089\u2150-\u215f\u2460-\u249b\u2776-\u2793"
_KATAKANA = "\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_LETTER = rf"[^\W\d_{_ALONE}{_COMPLEX}{_NUMBERS}{_KATAKANA}]"
_MARK = (
    "[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
    "\u200c-\u200f\u2060\ufe00-\ufe0f\ufeff]"
)
_MID_LETTER = ":.'\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a"
_MID_NUMBER = (
    ",;.'\u037e\u0589\u060c\u066c"
    "\u2018\u2019\u2024\u2044\ufe10\ufe14\ufe50\ufe52\ufe54\uff07\uff0c\uff0e\uff1b"
)
_SEGMENT = re.compile(
    rf"(?:{_LETTER}{_MARK}*|\d{_MARK}*|_|(?<={_LETTER})[{_MID_LETTER}](?={_LETTER})"
    rf"|(?<=\d)[{_MID_NUMBER}](?=\d))+|[{_KATAKANA}]+|[{_ALONE}{_COMPLEX}{_NUMBERS}]{_MARK}*"
)


def segments(text: str) -> list[str]:
    """The pieces of a text between word boundaries that begin with a letter or digit."""
    return [piece for piece in _SEGMENT.findall(text) if piece[0].isalnum()]


def named_segments(text: str) -> list[str]:
    """The same where a letter or digit stands anywhere in the piece, as Rust's `unicode_words` has it."""
    return [piece for piece in _SEGMENT.findall(text) if piece.strip("_")]


# --- spaCy's English tokenizer

_PUNCTUATION = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪"
_QUOTES = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》\u3008\u3009\u2329\u232a⟦⟧"
_MONEY = r"""
\$ £ € ¥ ฿ US\$ C\$ A\$ ₽ ﷼ ₴ ₠ ₡ ₢ ₣ ₤ ₥ ₦ ₧ ₨ ₩ ₪ ₫ ₭ ₮ ₯ ₰ ₱ ₲ ₳ ₵ ₶ ₷ ₸ ₹ ₺ ₻ ₼ ₾ ₿
"""
_UNITS = """
km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph
hPa Pa mbar mb MB kb KB gb GB tb TB T G M K %
"""
_AS_LETTERS = "\u3000-\u303f"
"""Marks of East Asian scripts, which spaCy counts among letters."""


def _one_of(strings: Iterable[str]) -> str:
    return "|".join(strings)


@cache
def _affixes() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What is cut off before, behind and within a span."""
    small = _ranges(lambda c: c.isalpha() and not c.isupper() and not c.istitle()) + _AS_LETTERS
    large = _ranges(lambda c: c.isalpha() and not c.islower()) + _AS_LETTERS
    letter = _ranges(str.isalpha) + _AS_LETTERS
    every = f"[{re.escape(_PUNCTUATION)}{re.escape(_QUOTES)}]"
    dots, icon = r"\.\.+", f"[{_ranges(lambda c: category(c) == 'So', 0x1FB00)}]"
    quotes, marks = re.escape(_QUOTES), re.escape(_PUNCTUATION)
    before = _one_of(["[§%=—–]", r"\+(?![0-9])", "……?", dots, every, *_MONEY.split(), icon])
    behind = [
        "……?", dots, every, icon, "['’][sS]", "[—–]", r"(?<=[0-9])\+", r"(?<=°[FfCcKk])\.",
        rf"(?<=[0-9])(?:{_one_of(_MONEY.split())})", f"(?<=[0-9])(?:{_one_of(_UNITS.split())})",
        rf"(?<=[0-9{small}%²\-\+{marks}|{quotes}])\.", rf"(?<=[{large}][{large}])\.",
    ]  # fmt: skip
    within = [
        dots, "…", icon, r"(?<=[0-9])[+\-\*^](?=[0-9-])", rf"(?<=[{small}{quotes}])\.(?=[{large}{quotes}])",
        f"(?<=[{letter}]),(?=[{letter}])", f"(?<=[{letter}0-9])(?:--|---|——|[-–—~])(?=[{letter}])",
        f"(?<=[{letter}0-9])[:<>=/](?=[{letter}])",
    ]  # fmt: skip
    return (
        re.compile(f"^(?:{before})"),
        re.compile(_one_of(f"(?:{piece})$" for piece in behind)),
        re.compile(_one_of(within)),
    )


_ADDRESS = re.compile(
    r"^(?:[\w+.-]{2,}://)?(?:\S+(?::\S*)?@)?(?:(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3])(?:\.\d{1,3}){3}|"
    r"(?:(?:[A-Za-z0-9\u00a1-\uffff][A-Za-z0-9\u00a1-\uffff_-]{0,62})?[A-Za-z0-9\u00a1-\uffff]\.)+"
    r"[a-z\u00df-\u00f6\u00f8-\u00ff]{2,63})(?::\d{2,5})?(?:[/?#]\S*)?$"
)

_WHOLE = """
' '' a. b. c. d. e. f. g. h. i. j. k. l. m. n. o. p. q. r. s. t. u. v. w. x. y. z. ä. ö. ü. C++ 's 'S ‘s ‘S
're 'd 'll 'em 'nuff and/or w/o 'Cause 'cause 'cos 'Cos 'coz 'Coz 'cuz 'Cuz 'bout ma'am Ma'am o'clock
O'clock lovin' Lovin' havin' Havin' doin' Doin' goin' Goin' nothin' Nothin' nuthin' Nuthin' ol' Ol'
somethin' Somethin' Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. Colo. Conn. Dec. Del. Feb. Fla. Ga. Ia. Id.
Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky. La. Mar. Mass. Mich. Minn. Miss. N.C. N.D. N.H. N.J. N.M. N.Y. Neb.
Nebr. Nev. Nov. Oct. Okla. Ore. Pa. S.C. Sep. Sept. Tenn. Va. Wash. Wis. a.m. p.m. Adm. Bros. co. Co. Corp.
D.C. Dr. e.g. E.g. E.G. Gen. Gov. i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. Mo. Mont. Mr. Mrs. Ms. Ph.D.
Prof. Rep. Rev. Sen. St. vs. v.s. :) :( :)) :(( :))) :((( :-) :-( ;) ;-) :D :-D :P :-P :p :-p :/ :-/ :| :-|
:o :O :x :X :3 :0 :1 :> :] :} :* =) =( =D =/ =| =] =[ =3 8) 8-) 8D 8-D ): )-: ^_^ -_- o_o O_O o.o O.O 0_0
0.0 <3 </3 XD xD >.< ._. (: (; (= [: [= ]= (-: (-; :'( :') :-* :-] :-} ;D \\n \\t \\") <space> ...
"""
_MODALS = "ca could do does did had may might must need ought sha should wo would"
_LEFT_ALONE = "Ill ill Its its Hell hell Shell shell Shed shed were Were Well well Whore whore"


@cache
def _special() -> dict[str, tuple[str, ...]]:
    """Spans that are cut in a way of their own: contractions, abbreviations, emoticons."""
    out: dict[str, tuple[str, ...]] = {whole: (whole,) for whole in _WHOLE.split() if whole != "..."}
    for base, *endings in _contractions():
        for head in (base, base.title()):
            for ending in endings:
                with_mark = [head, *ending.split()]
                bare = [piece.replace("'", "") for piece in with_mark]
                out["".join(with_mark)] = tuple(with_mark)
                out["".join(bare)] = tuple(bare)
    for hour in range(1, 13):
        for half in ("a.m.", "am", "p.m.", "pm"):
            out[f"{hour}{half}"] = (str(hour), half)
    for a, b in (("can", "not"), ("gon", "na"), ("got", "ta"), ("c'm", "on")):
        out[a + b], out[a.capitalize() + b] = (a, b), (a.capitalize(), b)
    out |= {"y'all": ("y'", "all"), "yall": ("y", "all"), "let's": ("let", "'s"), "Let's": ("Let", "'s")}
    out.pop("cmon", None)
    for span in _LEFT_ALONE.split():
        out.pop(span, None)
    return {**out, **{s.replace("'", "’"): tuple(p.replace("'", "’") for p in v) for s, v in out.items()}}


def _contractions() -> Iterator[tuple[str, ...]]:
    """(word, what may be joined to it, its pieces apart)."""
    yield "i", "'m", "'m a"
    for pronoun in ("i", "you", "he", "she", "it", "we", "they"):
        yield pronoun, "'ll", "'ll 've", "'d", "'d 've"
    for pronoun in ("i", "you", "we", "they"):
        yield pronoun, "'ve"
    for pronoun in ("you", "we", "they"):
        yield pronoun, "'re"
    for pronoun in ("he", "she", "it"):
        yield pronoun, "'s"
    for word in ("who", "what", "when", "where", "why", "how", "there", "that", "this", "these", "those"):
        yield word, "'ll", "'ll 've", "'d", "'d 've"
        if word not in ("these", "those"):
            yield word, "'s"
        if word not in ("that", "this"):
            yield word, "'re", "'ve"
    for verb in _MODALS.split():
        yield verb, "n't", "n't 've"
    for verb in ("could", "might", "must", "should", "would", "not"):
        yield verb, "'ve"
    for verb in ("ai", "are", "is", "was", "were", "have", "has", "dare"):
        yield verb, "n't"


def tokens(text: str) -> list[str]:
    """spaCy's English tokens of a text, without those of spaces only."""
    out: list[str] = []
    for span in text.split():
        out += _tokens(span)
    return out


@lru_cache(CACHED)
def _tokens(span: str) -> tuple[str, ...]:
    """Cuts off what is punctuation before and behind until nothing is, or the rest is special; then cuts
    within."""
    special, (before, behind, within) = _special(), _affixes()
    front: list[str] = []
    back: list[str] = []
    size = -1
    while span and len(span) != size and span not in special:
        size = len(span)
        found = before.search(span)
        n_front = found.end() if found else 0
        if n_front and span[n_front:] in special:
            front.append(span[:n_front])
            span = span[n_front:]
            break
        found = behind.search(span[n_front:])
        n_back = len(found.group()) if found else 0
        if n_back and span[:-n_back] in special:
            back.append(span[-n_back:])
            span = span[:-n_back]
            break
        if n_front:
            front.append(span[:n_front])
        if n_back:
            back.append(span[-n_back:])
        span = span[n_front : len(span) - n_back]
    inner = special.get(span) or ((span,) if not span or _ADDRESS.match(span) else _cut(span, within))
    return _joined([*front, *(piece for piece in inner if piece), *reversed(back)], special)


def _joined(pieces: list[str], special: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Pieces that are special side by side become that."""
    out: list[str] = []
    i = 0
    while i < len(pieces):
        for k in range(min(len(pieces), i + LONGEST_SPECIAL), i + 1, -1):
            if (found := special.get("".join(pieces[i:k]))) is not None:
                out += found
                i = k
                break
        else:
            out.append(pieces[i])
            i += 1
    return tuple(out)


def _cut(span: str, within: re.Pattern[str]) -> tuple[str, ...]:
    out, start = [], 0
    for found in within.finditer(span):
        if found.start() == 0:
            continue
        out += [span[start : found.start()], found.group()]
        start = found.end()
    return (*out, span[start:])
