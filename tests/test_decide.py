"""Quantiles and fates by rules: a pure function of signals, however documents are split into parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from curate import decide
from curate.parts import read_arrow
from curate.rules import Judged, PerStructure, Rule, Signal
from curate.rules import decide as judge

SIGNAL = Signal("s.value", pa.float32(), "a value", quantile="s.quantile")

floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(floats, min_size=2, max_size=50))
def test_bins_are_in_the_order_of_values_and_as_fine_as_promised(values: list[float]) -> None:
    array = np.array(values, np.float32)
    found = decide.bins(array)
    order = np.argsort(array, kind="stable")
    assert (np.diff(found[order].astype(np.int64)) >= 0).all()
    close = np.abs(array * (1 + 2**-10)).astype(np.float32)
    apart = (array > 1e-30) & np.isfinite(close)
    assert (decide.bins(close)[apart] > found[apart]).all()


def cuts(tmp_path: Path, pieces: list[tuple[list[float | None], list[int]]]) -> pa.Table:
    histograms = decide.Histograms([SIGNAL])
    for values, sizes in pieces:
        histograms.add({"s.value": pa.array(values, pa.float32())}, np.array(sizes))
    histograms.write(tmp_path / "h")
    counts = read_arrow(tmp_path / "h")
    return decide.cut_points(counts.add_column(0, "source", [["web"] * len(counts)]))


def ranks(values: list[float | None], sizes: list[int], table: pa.Table) -> list[float | None]:
    columns = {"s.value": pa.array(values, pa.float32())}
    return decide.with_quantiles(columns, [SIGNAL], np.array(sizes), table)["s.quantile"].to_pylist()


def test_a_quantile_is_the_fraction_of_the_stratum_below_half_of_equals_counted(tmp_path: Path) -> None:
    values = [float(v) for v in range(400)]
    table = cuts(tmp_path, [(values, [1000] * 400)])
    found = ranks(values, [1000] * 400, table)
    assert np.allclose(found, (np.arange(400) + 0.5) / 400)


def test_quantiles_do_not_depend_on_how_documents_are_split(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values, sizes = rng.normal(size=1000).astype(np.float32).tolist(), rng.integers(1, 99_999, 1000).tolist()
    whole = cuts(tmp_path, [(values, sizes)])
    split = cuts(tmp_path, [(values[i::3], sizes[i::3]) for i in range(3)])
    assert whole.equals(split)


def test_documents_of_another_length_are_not_compared_with(tmp_path: Path) -> None:
    values = [float(v) for v in range(300)] + [float(v) + 1000 for v in range(300)]
    sizes = [100] * 300 + [10_000] * 300
    found = ranks(values, sizes, cuts(tmp_path, [(values, sizes)]))
    assert np.allclose(found[:300], found[300:])


def test_a_small_stratum_is_ranked_within_its_source(tmp_path: Path) -> None:
    values, sizes = [float(v) for v in range(300)] + [1e6], [100] * 300 + [10_000]
    assert ranks(values, sizes, cuts(tmp_path, [(values, sizes)]))[-1] > 0.99


def test_a_document_that_cannot_be_judged_has_no_quantile(tmp_path: Path) -> None:
    table = cuts(tmp_path, [([1.0, None, 2.0], [10, 10, 10])])
    assert ranks([1.0, None, 2.0], [10, 10, 10], table)[1] is None


def test_the_first_failed_rule_is_the_reason_and_all_are_named() -> None:
    judged = [
        Judged("s", Rule("s.a", below="min_a", because="x"), 1.0),
        Judged("s", Rule("s.b", above="max_b", because="x"), PerStructure(2.0, maths=None)),
        Judged("s", Rule("s.c", not_in="keep", because="x"), ["en", "no"]),
    ]
    columns = {
        "s.a": pa.array([0.0, 5.0, 0.5, None]),
        "s.b": pa.array([9.0, 9.0, 9.0, 9.0]),
        "s.c": pa.array(["en", "de", "no", None]),
        "structure.label": pa.array(["prose", "prose", "maths", "maths"]),
    }
    found = judge(columns, judged, 4)
    assert found.first.tolist() == [0, 1, 0, -1]
    assert decide._lists(found.failed).to_pylist() == [[0, 1], [1, 2], [0], []]
    assert found.value[:3].tolist() == [0.0, 9.0, 0.5] and found.threshold[:3].tolist() == [1.0, 2.0, 1.0]


def test_a_weight_is_a_power_of_the_quantile_and_never_zero() -> None:
    found = decide.weights(pa.array([0.0, 0.5, None, 1.0], pa.float32()), 2.0, 4).to_pylist()
    assert found == [decide.LEAST_QUANTILE**2, 0.25, None, 1.0]
    assert decide.weights(pa.array([0.1], pa.float32()), 0.0, 1).to_pylist() == [1.0]


BY_KIND = Signal(
    "s.value", pa.float32(), "a value", quantile="s.quantile", by="structure.label", bucket="s.third"
)


def test_a_proof_is_ranked_among_proofs_where_a_signal_asks_for_it(tmp_path: Path) -> None:
    n = 600
    columns = {
        "s.value": pa.array([float(i % 300) + 1000 * (i >= 300) for i in range(n)], pa.float32()),
        "structure.label": pa.array(["prose"] * 300 + ["proof"] * 300),
        "language.label": pa.array(["en"] * n),
    }
    histograms = decide.Histograms([BY_KIND])
    histograms.add(columns, np.full(n, 1000))
    histograms.write(tmp_path / "h")
    counts = read_arrow(tmp_path / "h")
    table = decide.cut_points(counts.add_column(0, "source", [["web"] * len(counts)]))
    found = decide.with_quantiles(columns, [BY_KIND], np.full(n, 1000), table)
    quantile = found["s.quantile"].to_numpy()
    assert np.allclose(quantile[:300], quantile[300:], atol=0.01)
    assert np.allclose(quantile[:300], (np.arange(300) + 0.5) / 300, atol=0.01)
    thirds = found["s.third"].to_pylist()
    assert [thirds[i] for i in (0, 150, 299)] == ["head", "middle", "tail"]
    assert thirds == [["head", "middle", "tail"][min(2, int(q * 3))] for q in quantile]


def test_a_language_may_have_its_own_limit_and_a_structure_overrules_it() -> None:
    limit = PerStructure(0.65, maths=0.35, de=0.8)
    signals = {
        "language.label": pa.array(["en", "de", "de", None]),
        "structure.label": pa.array(["prose", "prose", "maths", None]),
        "language.score": pa.array([0.7, 0.7, 0.4, 0.66], pa.float32()),
    }
    rule = Judged("language", Rule("language.score", below="min_score"), limit)
    found = judge(signals, [rule], 4)
    assert found.failed[0].tolist() == [False, True, False, False]
    assert found.threshold[1] == 0.8
