"""Every benchmark, in the order of the table. Add yours here."""

from typing import Final

from guichet_bench.benchmark import Benchmark
from guichet_bench.benchmarks.latency import LATENCY
from guichet_bench.benchmarks.long_cases import LONG_CASES
from guichet_bench.benchmarks.mail import MAIL
from guichet_bench.benchmarks.mailboxes import MAILBOXES
from guichet_bench.benchmarks.memory import MEMORY
from guichet_bench.benchmarks.router_speed import ROUTER
from guichet_bench.benchmarks.scopes import SCOPES
from guichet_bench.benchmarks.searches import SEARCH
from guichet_bench.benchmarks.start import START
from guichet_bench.benchmarks.stored_cases import STORED_CASES
from guichet_bench.benchmarks.webhooks import WEBHOOKS

BENCHMARKS: Final[tuple[Benchmark, ...]] = (
    *(ROUTER, STORED_CASES, LONG_CASES, SCOPES, SEARCH, WEBHOOKS, MAIL, MAILBOXES, LATENCY, MEMORY, START),
)
