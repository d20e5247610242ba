"""`python -m tests.faults`: what `make faults` runs. Exit status 0: every verdict holds; 1: one does not; 130: interrupted.

FAULTS_MESSAGES (20000), FAULTS_SEED (chosen and printed). Writes docs/faults.md; a run of another size only prints.
"""

import logging
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from guichet_local.machine.paths import REPOSITORY
from tests.faults.form import full_form
from tests.faults.playing import play
from tests.faults.verdicts.report import render

REPORT = REPOSITORY / "docs" / "faults.md"
USUAL = 20_000


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run in a folder of its own; keep that folder's logs when something is wrong."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers die here, that is no news
    seed = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(10**6))
    messages = int(os.environ.get("FAULTS_MESSAGES") or USUAL)
    say(f"seed {seed}, {messages} messages (FAULTS_SEED, FAULTS_MESSAGES)")
    folder = Path(tempfile.mkdtemp(prefix="guichet-faults-"))
    outcome = play(folder, full_form(messages), seed, say)
    text = render(outcome)
    say(text)
    if messages == USUAL:
        REPORT.write_text(text)
    if outcome.holds:
        shutil.rmtree(folder)
    else:
        say(f"Logs and data stay in {folder}")
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
