"""The arithmetic of the benchmarks; what they measure is never asserted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_bench.rows import Row, at_least, at_most, percentile

VALUES = st.lists(st.floats(0.001, 1e6), min_size=1)


def test_a_ratio_is_taken_round_by_round():
    slow_machine_in_round_two = Row.ratio("router", [800.0, 400.0], [1000.0, 500.0])
    assert slow_machine_in_round_two.values == (0.8, 0.8)
    assert slow_machine_in_round_two.unit == "×"


def test_both_sides_of_a_ratio_have_the_same_rounds():
    with pytest.raises(ValueError, match="shorter"):
        Row.ratio("router", [800.0, 400.0], [1000.0])


def test_median_and_spread():
    row = Row("router", (3.0, 1.0, 2.0), "/s")
    assert (row.median, row.spread) == (2.0, (1.0, 3.0))


@pytest.mark.parametrize(
    ("aim", "values", "met"),
    [
        (at_least(0.8), (0.8,), True),
        (at_least(0.8), (0.79,), False),
        (at_most(6), (6.0,), True),
        (at_most(6), (5.0, 5.0, 99.0), True),  # the median counts, not the worst round
        (at_most(6), (6.1,), False),
        (None, (1.0,), None),
    ],
)
def test_an_aim_is_met_by_the_median(aim, values, met):
    assert Row("router", values, "×", aim).is_met is met


def test_percentiles_are_measured_values():
    hundred = list(range(1, 101))
    assert percentile(hundred, 0.5) == 51
    assert percentile(hundred, 0.99) == 100
    assert percentile([7.0], 0.99) == 7.0


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_one_of_the_values(values, share):
    assert percentile(values, share) in values


@given(VALUES)
def test_percentiles_grow(values):
    assert percentile(values, 0.5) <= percentile(values, 0.99) <= max(values)
