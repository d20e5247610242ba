"""`python -m tests.year`: what `make year` runs. Exit status 0: nothing lacked; 1: something did, and is named.

Writes what it saw between the markers in docs/year.md, where all the year's messages came.
"""

import asyncio
import logging
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import structlog

from guichet.runtime.garbage import tune_collector
from guichet_local.machine.paths import REPOSITORY
from guichet_testing.real.memory import in_memory
from guichet_testing.real.prepared import prepared_store
from guichet_testing.real.servers import running_mongod
from tests.year.report import render
from tests.year.run import Lived, live_a_year

PAGE: Final = REPOSITORY / "docs" / "year.md"
BEGINS, ENDS = "<!-- the year: written by make year -->\n", "<!-- end of the year -->"
ALL: Final = 100_000
SEED: Final = 20261128
SHOWN: Final = 50
CACHE_GIB: Final = (
    2.0  # as a town's server has it: in the few that a test gets, a year's cases are read and put away again and again
)


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _live(folder: Path, seed: int, messages: int) -> Lived:
    with running_mongod(folder, cache_gib=CACHE_GIB) as server:
        async with prepared_store(server.uri, "year") as database:
            return await live_a_year(seed, messages, say, database)


def main() -> int:
    """Live a year in a folder that is gone afterwards."""
    messages, seed = int(os.environ.get("YEAR_MESSAGES", ALL)), int(os.environ.get("YEAR_SEED", SEED))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    say(f"YEAR_MESSAGES={messages} YEAR_SEED={seed}")
    tune_collector()  # as each service does
    with tempfile.TemporaryDirectory(prefix="guichet-year-") as otherwise, in_memory(Path(otherwise)) as folder:
        lived = asyncio.run(_live(folder, seed, messages))
    text = render(lived)
    say(text)
    for line in lived.judgement.findings[:SHOWN]:
        say(line)
    if messages >= ALL:
        PAGE.write_text(written(PAGE.read_text(), text))
    return 1 if lived.judgement.findings else 0


def written(page: str, text: str) -> str:
    """Return the page with the text between its markers. Pure."""
    between = re.compile(f"{re.escape(BEGINS)}.*?{re.escape(ENDS)}", re.DOTALL)
    return between.sub(lambda _: f"{BEGINS}\n{text}\n\n{ENDS}", page, count=1)


if __name__ == "__main__":
    sys.exit(main())
