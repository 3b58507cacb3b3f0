"""Proposed limits are percentiles of the reference, and no tighter than they need be."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.calibrate import Proposal, _limit, _sets
from curate.rules import Judged, PerStructure, Rule

BELOW = Judged("one", Rule("one.x", below="min_x"), 0.5)
ABOVE = Judged("one", Rule("one.x", above="max_x"), 0.5)


@settings(max_examples=200)
@given(
    values=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=60),
    fail=st.sampled_from([0.0, 0.005, 0.1, 0.5]),
    below=st.booleans(),
    whole=st.booleans(),
)
def test_no_more_than_the_share_fails_and_little_tighter_would(
    values: list[float], fail: float, below: bool, whole: bool
) -> None:
    array = np.array(values)
    limit = _limit(array, BELOW if below else ABOVE, fail, whole)
    fails = (array < limit) if below else (array > limit)
    assert fails.mean() <= fail
    edge = np.sort(array if below else -array)[int(fail * len(array))]
    assert abs(limit - abs(edge)) <= (1 if whole else max(0.011 * abs(edge), 1e-12))


def test_a_limit_by_structure_keeps_what_was_not_measured() -> None:
    limit = PerStructure(0.6, maths=0.4, code=None)
    rule = Judged("heuristics", Rule("heuristics.letters", below="min_letters"), limit)
    found = [Proposal("web", "heuristics", "min_letters", None, 0.6, 0.7, 0.0, 500)]
    (line,) = _sets(found, {"web": [rule]})
    assert line == 'sources.web.stages.heuristics.min_letters={"default": 0.7, "maths": 0.4, "code": null}'


@pytest.mark.parametrize("whole", [True, False])
def test_a_percentile_of_equal_values_is_that_value(whole: bool) -> None:
    assert _limit(np.full(500, 20.0), BELOW, 0.01, whole) == 20
    assert pa.scalar(_limit(np.full(500, 20.0), ABOVE, 0.01, whole)).as_py() == 20
