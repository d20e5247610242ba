"""The clock of a stack: the machine's, which a test or a person may move for every process at once."""

from pathlib import Path
from typing import Final

from guichet.clock import make_clock_file

CLOCK: Final = "clock"  # the file, in the stack's folder


def lay_clock(folder: Path) -> None:
    """Make the file of a stack's clock, where there is none."""
    make_clock_file(folder / CLOCK)
