"""`python -m tests.rehearsal`: what `make rehearse` runs. Exit status 0: every verdict holds; 1: one does not.

Writes what it saw between the markers in docs/reliability.md.
"""

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import REPOSITORY
from guichet_testing.real.dovecot import why_no_dovecot
from tests.faults.playing import interruptible
from tests.faults.verdicts.report import verdicts_table
from tests.rehearsal.run import Rehearsal, rehearse, scene
from tests.rehearsal.verdicts import ways_table
from tests.rehearsal.ways import Step

PAGE: Final = REPOSITORY / "docs" / "reliability.md"
BEGINS, ENDS = "<!-- the rehearsal: written by make rehearse -->\n", "<!-- end of the rehearsal -->"


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Rehearse in a folder of its own; keep its logs when something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-rehearsal-"))
    if reason := why_no_dovecot(folder / "try"):
        say(reason)
        return 2
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the broker dies here, that is no news
    began, begun = datetime.now(UTC), time.monotonic()
    with interruptible(), scene(folder) as (stack, elsewhere, inbox, copies):
        result = asyncio.run(rehearse(stack, elsewhere, inbox, copies, say))
    text = _report(result, began, (time.monotonic() - begun) / 60)
    say(text)
    before, _, rest = PAGE.read_text().partition(BEGINS)
    PAGE.write_text(f"{before}{BEGINS}{text}{ENDS}{rest.partition(ENDS)[2]}")
    if not all(verdict.holds for verdict in result.verdicts):
        say(f"Logs and data stay in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _report(result: Rehearsal, began: datetime, minutes: float) -> str:
    said = f"{minutes:.0f} minutes in all, on {began:%Y-%m-%d}; {len(result.written)} messages."
    parts = (said, _steps_table(result.steps), verdicts_table(result.verdicts).strip())
    return "\n\n".join([*parts, ways_table(result.written, result.cases)]) + "\n"


def _steps_table(steps: Sequence[Step]) -> str:
    total = sum(each.seconds for each in steps)
    lines = [f"| {each.name} | {each.seconds / 60:.1f} |" for each in steps]
    return "\n".join(
        [
            "| step | minutes |",
            "| --- | --- |",
            *lines,
            f"| **from an empty machine to the last receipt** | {total / 60:.1f} |",
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
