"""The document that `make bench` writes."""

import asyncio
from dataclasses import replace

import pytest

from guichet_bench.__main__ import UnknownBenchmarkError, choose, rows_of
from guichet_bench.benchmark import Workbench, interleaved
from guichet_bench.catalogue import BENCHMARKS
from guichet_bench.report import figure, render, table
from guichet_bench.rows import Row, at_least


def test_a_line_shows_median_spread_aim_and_verdict():
    [*_, line, _] = table([Row("router ÷ raw", (0.7, 0.9, 0.75), "×", at_least(0.8))]).split("\n")
    assert line == "| router ÷ raw | 0.75 × | 0.70 – 0.90 | 3 | ≥ 0.80 | **missed** |"


def test_one_round_has_no_spread_and_no_aim_no_verdict():
    [*_, line, _] = table([Row("raw", (2140.2,), "/s")]).split("\n")
    assert line == "| raw | 2,140 /s |  | 1 |  |  |"


async def test_an_error_leaves_the_others_their_turn(tmp_path, capsys):
    async def break_down(_bench: Workbench) -> list[Row]:
        raise ValueError("no such broker")

    broken = replace(BENCHMARKS[0], run=break_down)
    rows = await asyncio.to_thread(rows_of, broken, Workbench(tmp_path, print))
    assert rows == []
    assert "no such broker" in capsys.readouterr().err
    assert "Not measured" in render({broken: rows}, [])


def test_the_document_has_the_machine_and_every_section():
    benchmark = replace(BENCHMARKS[0], title="Speed", reading="Large is good.")
    text = render({benchmark: [Row("router", (1.0,), "/s")]}, ["- 2 cores"])
    assert "- 2 cores\n" in text
    assert "## Speed\n\nLarge is good.\n\n|" in text


@pytest.mark.parametrize(
    ("value", "shown"), [(0.834, "0.83"), (9.99, "9.99"), (12.44, "12.4"), (117.3, "117"), (12345.6, "12,346")]
)
def test_figures_have_the_digits_they_deserve(value, shown):
    assert figure(value) == shown


def test_names_of_benchmarks_are_unique_and_can_be_chosen():
    names = [each.name for each in BENCHMARKS]
    assert len(set(names)) == len(names)
    assert [each.name for each in choose(names[-1])] == [names[-1]]
    assert list(choose("")) == list(BENCHMARKS)


def test_a_wrong_name_is_told_the_right_ones():
    with pytest.raises(UnknownBenchmarkError, match=r"BENCH_ONLY=speed: choose one of .*memory"):
        choose("speed")


async def test_measures_take_turns_and_every_other_round_goes_backwards(tmp_path):
    order: list[str] = []

    def measure(name: str):
        async def run() -> float:
            order.append(name)
            return float(len(order))

        return run

    said: list[str] = []
    bench = Workbench(tmp_path, said.append, rounds=2)
    values = await interleaved(bench, {"ours": measure("ours"), "raw": measure("raw")})
    assert order == ["ours", "raw", "raw", "ours"]
    assert values == {"ours": [1.0, 4.0], "raw": [2.0, 3.0]}
    assert said[0] == "round 1 of 2: ours 1"
