"""`python -m tests.timers`: what `make timers` runs. Exit status 0: each day reached people once; 1: it did not."""

import asyncio
import os
import random
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.timers.run import let_days_come


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run it in a folder of its own; keep that when something is wrong."""
    count, seed = (
        int(os.environ.get("TIMERS_CASES", "100000")),
        int(os.environ.get("TIMERS_SEED", random.randrange(10**6))),
    )
    folder, began = Path(tempfile.mkdtemp(prefix="guichet-timers-")), datetime.now(UTC)
    say(f"TIMERS_CASES={count} TIMERS_SEED={seed}")
    outcome = asyncio.run(let_days_come(folder, count, seed, say))
    took = (datetime.now(UTC) - began).total_seconds()
    say(
        f"{outcome.count} cases, {outcome.kills} kills of routers, {outcome.events} events in {took / 60:.1f} minutes: "
        f"{outcome.missing.total()} missing, {outcome.doubled.total()} doubled, {outcome.left} left"
    )
    if not outcome.holds:
        say(f"{[*outcome.missing][:5]} {[*outcome.doubled][:5]}\nLogs and data stay in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
