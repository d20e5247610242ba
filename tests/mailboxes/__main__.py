"""`python -m tests.mailboxes`: what `make mailboxes` runs. Exit status 0: every verdict holds; 1: one does not; 130: interrupted.

MAILBOXES_MAILS (5000), MAILBOXES_SEED (chosen and printed). A run of the usual size writes what it saw between the
markers in docs/reliability.md.
"""

import logging
import os
import secrets
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import REPOSITORY
from guichet_testing.real.dovecot import why_no_dovecot
from tests.faults.playing import interruptible
from tests.faults.verdicts.report import verdicts_table
from tests.mailboxes.form import full_form
from tests.mailboxes.run import play

PAGE: Final = REPOSITORY / "docs" / "reliability.md"
BEGINS, ENDS = "<!-- the mailboxes: written by make mailboxes -->\n", "<!-- end of the mailboxes -->"
USUAL: Final = 5_000


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run in a folder of its own; keep that folder's logs when something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-mailboxes-"))
    if reason := why_no_dovecot(folder / "try"):
        say(reason)
        return 2
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the broker dies here, that is no news
    seed = int(os.environ.get("MAILBOXES_SEED") or secrets.randbelow(10**6))
    form = full_form(int(os.environ.get("MAILBOXES_MAILS") or USUAL))
    say(f"seed {seed}, {form.mails} mails (MAILBOXES_SEED, MAILBOXES_MAILS)")
    began, begun = datetime.now(UTC), time.monotonic()
    with interruptible():
        judged = play(folder, form, seed, say)
    table = verdicts_table(judged)
    text = f"Seed {seed}, {(time.monotonic() - begun) / 60:.0f} minutes, on {began:%Y-%m-%d}.\n\n{table}\n"
    if form.mails == USUAL:
        before, _, rest = PAGE.read_text().partition(BEGINS)
        PAGE.write_text(f"{before}{BEGINS}{text}{ENDS}{rest.partition(ENDS)[2]}")
    if not all(verdict.holds for verdict in judged):
        say(f"Logs and data stay in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
