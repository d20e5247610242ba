"""`make bench`: every benchmark, or the one that BENCH_ONLY names; the whole table goes to docs/benchmarks.md."""

import asyncio
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from guichet_bench.benchmark import ROUNDS, Benchmark, Workbench
from guichet_bench.catalogue import BENCHMARKS
from guichet_bench.machine import describe_machine
from guichet_bench.report import render, table
from guichet_bench.rows import Row
from guichet_local.commands.run import end_on_signals
from guichet_local.commands.terminal import Terminal
from guichet_local.errors import LocalStackError
from guichet_local.machine.paths import REPOSITORY

DOCUMENT: Final = REPOSITORY / "docs" / "benchmarks.md"


def main() -> int:
    """Return 0, or 1 after an error that was explained or shown, or 130 after Ctrl-C."""
    terminal = Terminal()
    end_on_signals()
    try:
        chosen = choose(os.environ.get("BENCH_ONLY", ""))
        return 0 if measure(chosen, terminal, rounds=int(os.environ.get("BENCH_ROUNDS", ROUNDS))) else 1
    except (LocalStackError, UnknownBenchmarkError) as exc:
        terminal.error(str(exc))
        return 1
    except KeyboardInterrupt:
        return 130


class UnknownBenchmarkError(Exception):
    """BENCH_ONLY names none of ours."""


def choose(only: str) -> Sequence[Benchmark]:
    """Return the benchmark of that name, or all of them. Raises UnknownBenchmarkError."""
    chosen = [each for each in BENCHMARKS if only in ("", each.name)]
    if not chosen:
        raise UnknownBenchmarkError(f"BENCH_ONLY={only}: choose one of {', '.join(each.name for each in BENCHMARKS)}.")
    return chosen


def measure(chosen: Sequence[Benchmark], terminal: Terminal, *, rounds: int) -> bool:
    """Run benchmarks and show their rows; with all of them, write the document. Return whether each came to its end."""
    machine = describe_machine()
    results: dict[Benchmark, list[Row]] = {}
    with TemporaryDirectory(prefix="guichet-bench-") as folder:
        for number, benchmark in enumerate(chosen, 1):
            terminal.step(f"{number} of {len(chosen)}: {benchmark.title} (BENCH_ONLY={benchmark.name})")
            bench = Workbench(Path(folder), lambda text: terminal.step(f"  {text}"), rounds)
            results[benchmark] = rows_of(benchmark, bench)
            terminal.line(table(results[benchmark]))
    if len(chosen) == len(BENCHMARKS):
        DOCUMENT.write_text(render(results, machine))
        terminal.step(f"Written: {DOCUMENT}")
    return all(results.values())


def rows_of(benchmark: Benchmark, bench: Workbench) -> list[Row]:
    """Return a benchmark's rows; none after an error, which is shown and leaves the other benchmarks their turn."""
    try:
        return asyncio.run(benchmark.run(bench))
    except LocalStackError:
        raise
    except Exception:
        traceback.print_exc()
        return []


if __name__ == "__main__":
    sys.exit(main())
