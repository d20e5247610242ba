"""Every benchmark, in the order of the table. Add yours here."""

from typing import Final

from guichet_bench.benchmark import Benchmark
from guichet_bench.memory import MEMORY

BENCHMARKS: Final[tuple[Benchmark, ...]] = (MEMORY,)
