"""`python -m tests.agents_day`: what `make agents-day` runs. It writes docs/agents-day.md.

GUICHET_SCREENSHOTS=folder keeps a picture of each page that is looked at in the dark.
"""

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from guichet_local.machine.paths import REPOSITORY
from guichet_local.stack import LocalStack
from guichet_testing.real.chromium import find_chromium, open_chromium
from guichet_testing.real.tesseract import find_tesseract
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import SANDBOX
from tests.agents_day.day import Day
from tests.agents_day.lived import live
from tests.agents_day.page import render, written
from tests.agents_day.zammad import WAYS

PAGE = REPOSITORY / "docs" / "agents-day.md"


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Live a day in a folder of its own, and write what it took."""
    chromium = find_chromium()
    if chromium is None:
        say("There is no Chromium: make browser")
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="guichet-day-") as folder,
        LocalStack(Path(folder), say=say, settings=settings()) as stack,
    ):
        day = asyncio.run(_live(stack, chromium))
    text = render(day.steps, WAYS, remarks(day))
    say(text)
    PAGE.write_text(written(PAGE.read_text("utf-8"), text), "utf-8")
    return 0


def settings() -> dict[str, str]:
    """Return what the town is told beyond the usual: where the Tesseract is that `make ocr` unpacked."""
    tesseract = find_tesseract()
    return {} if tesseract is None else {"GUICHET_TESSERACT": str(tesseract)}


async def _live(stack: LocalStack, chromium: str) -> Day:
    async with open_chromium(chromium) as browser, SandboxClient(stack.addresses[SANDBOX]) as sandbox:
        return await live(stack, sandbox, browser, say)


def remarks(day: Day) -> list[str]:
    """Return what a reader of the figures should know of this run."""
    arrivals = day.seen["arrivals"]
    assert isinstance(arrivals, dict)
    came = ", ".join(f"{number} by {channel}" for channel, number in arrivals.items())
    proposed = (
        "Tesseract read their clean print; what it proposed was taken as it is, and the reading over is not counted"
    )
    read = proposed if day.seen["tesseract"] else "no Tesseract here: everything was typed"
    load = os.getloadavg()[2]
    return [
        f"Lived on {datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, on average {load:.0f} processes at work.",
        f"{sum(arrivals.values())} arrivals: {came}.",
        f"Letters: {read}.",
        f"The SMS that failed is told so: {day.seen['why']}.",
    ]


if __name__ == "__main__":
    sys.exit(main())
