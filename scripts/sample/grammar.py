# ruff: noqa: SIM905  (words, as they are read)
"""A sentence grammar: `[a|b]` is a choice, nested or not, `{10-40}` a number, `{name}` a slot."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

NAMES = """
Ada Bo Cleo Dario Edda Femi Greta Hamid Ines Jonas Kaja Levi Mira Nils Oona Pavel Quinn Rosa Sami Tilda Umar
Vera Wim Xenia Yusuf Zoe Anouk Bram Chidi Dunja Emre Freya
""".split()
PLACES = """
Harrowfield Lindholm Castlemere Oakhaven Brynmoor Saltby Tarnwick Westerley Dunmarsh Elmsworth Fairbeck
Greystone Hollowbridge Inverlea Marlowdene Northwold Penrose Ravensby Stillwater Thornbury Uppervale
Wexcombe
""".split()
MONTHS = """
January February March April May June July August September October November December
""".split()
DAYS = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
""".split()
SHARED = {"name": NAMES, "place": PLACES, "month": MONTHS, "day": DAYS}

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)(?:-(\d+))?\}")


def say(rng: random.Random, template: str, **slots: object) -> str:
    """One sentence of the grammar; slots that are not given come from SHARED."""
    while _CHOICE.search(template):
        template = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), template)
    while _SLOT.search(template):
        template = _SLOT.sub(lambda found: _fill(rng, found, slots), template)
    return template


def _fill(rng: random.Random, found: re.Match[str], slots: dict[str, object]) -> str:
    name, top = found[1], found[2]
    if top is not None:
        return str(rng.randint(int(name), int(top)))
    if name.isdigit():
        return name
    return str(slots[name]) if name in slots else rng.choice(SHARED[name])


def sentence(rng: random.Random, template: str, **slots: object) -> str:
    """The same with a capital letter and a full stop."""
    text = say(rng, template, **slots)
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!:" else text + "."


def paragraph(rng: random.Random, templates: Sequence[str], **slots: object) -> str:
    """Sentences one after the other."""
    return " ".join(sentence(rng, template, **slots) for template in templates)


def some(rng: random.Random, items: Sequence, low: int, high: int | None = None) -> list:
    """Between low and high different items, in random order."""
    return rng.sample(list(items), min(len(items), rng.randint(low, high or low)))


def date(rng: random.Random) -> str:
    """A day of the years 2011 to 2024."""
    return f"{rng.randint(1, 28)} {rng.choice(MONTHS)} {rng.randint(2011, 2024)}"
