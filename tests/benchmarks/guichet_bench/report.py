"""docs/benchmarks.md. Pure."""

from collections.abc import Mapping, Sequence

from guichet_bench.benchmark import Benchmark
from guichet_bench.rows import Aim, Row

HEAD = """# How fast Guichet is

Written by `make bench`; nothing here is edited by hand, and no test asserts a time. Read the ratios: both sides were
measured in the same run, in turn, on the same machine, so that they hold elsewhere; absolute figures hold on this
machine only. Median of the rounds, then the lowest and the highest of them.
"""


def render(results: Mapping[Benchmark, Sequence[Row]], machine: Sequence[str]) -> str:
    """Return the whole document. machine: lines of Markdown on what it was measured."""
    sections = [f"## {benchmark.title}\n\n{benchmark.reading}\n\n{table(rows)}" for benchmark, rows in results.items()]
    return "\n".join([HEAD, *machine, "", *sections])


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, or that there are none."""
    if not rows:
        return "Not measured: it ended with an error.\n"
    head = ["| | median | lowest – highest | rounds | aim | |", "|---|---:|---:|---:|---:|---|"]
    return "\n".join([*head, *map(_line, rows), ""])


def _line(row: Row) -> str:
    low, high = row.spread
    verdict = {True: "reached", False: "**missed**", None: ""}[row.is_met]
    spread = f"{figure(low)} – {figure(high)}" if len(row.values) > 1 else ""
    cells = [row.figure, f"{figure(row.median)} {row.unit}", spread, str(len(row.values)), _aim(row.aim), verdict]
    return f"| {' | '.join(cells)} |"


def _aim(aim: Aim | None) -> str:
    return f"{'≥' if aim.at_least else '≤'} {figure(aim.limit)}" if aim else ""


def figure(value: float) -> str:
    """Return a figure with as many digits as it deserves: 0.83, 12.4, 2,140."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
