"""`python -m tests.week`: what `make week` runs. Exit status 0: the promise held; 1: it did not.

Writes what it saw between the markers in docs/reliability.md.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from guichet_local.machine.paths import REPOSITORY
from tests.week.calendar import live_a_week
from tests.week.diary import render, verdicts

PAGE = REPOSITORY / "docs" / "reliability.md"
BEGINS, ENDS = "<!-- the week: written by make week -->\n", "<!-- end of the week -->"


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Live a week in a folder of its own; keep its logs when something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-week-"))
    began = datetime.now(UTC)
    week = asyncio.run(live_a_week(folder, say=say))
    took = datetime.now(UTC) - began
    text = f"Seven days in {took.total_seconds() / 60:.0f} minutes, on {began:%Y-%m-%d}.\n\n{render(week)}"
    say(text)
    PAGE.write_text(written(PAGE.read_text(), text))
    if any(verdicts(week).values()):
        say(f"Logs and data stay in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def written(page: str, text: str) -> str:
    """Return the page with the text between its markers. Pure."""
    between = re.compile(f"{re.escape(BEGINS)}.*?{re.escape(ENDS)}", re.DOTALL)
    return between.sub(lambda _: f"{BEGINS}\n{text}\n{ENDS}", page, count=1)


if __name__ == "__main__":
    sys.exit(main())
