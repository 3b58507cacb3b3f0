"""Filters of other pipelines to the letter: their words, their lines, their counting, their limits.

Each module has `Rules` (the limits, a stage's Config part), `MEASURES` (what is measured, by name: a rule
`min_x` or `max_x` reads the measure x) and `measure(text)`. They work on Python strings, at 0.5 to 2 MB/s as
their originals do, and only where a config asks for them. `scripts/peer_agreement.py` compares decisions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from curate.peers import datatrove, dclm, dolma, olmo3
from curate.rules import StageConfig


class Peer(NamedTuple):
    """A pipeline whose filters are known: how it is called, its limits, and what it measures."""

    title: str
    rules: type[StageConfig]
    measures: dict[str, str]
    measure: Callable[[str], dict[str, float | None]]


PEERS = {
    "gopher_datatrove": Peer("datatrove", datatrove.Rules, datatrove.MEASURES, datatrove.measure),
    "dclm": Peer("DCLM", dclm.Rules, dclm.MEASURES, dclm.measure),
    "dolma": Peer("Dolma", dolma.Rules, dolma.MEASURES, dolma.measure),
    "olmo3": Peer("OLMo 3", olmo3.Rules, olmo3.MEASURES, olmo3.measure),
}
"""By the name of their part in the config of `heuristics`."""
