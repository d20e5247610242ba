"""case-router whose loop throws at the first batch, after half of the batch's effects: the process ends.

Started in case-router's place: python -m guichet_testing.town.misbehaving.throwing_router FILE
FILE is told the batch's size.
"""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from guichet.kafka.consume.loop import BatchLoop
from guichet.kafka.records import RawRecord


async def throw(loop: BatchLoop, batch: Sequence[RawRecord]) -> None:
    """Do half of the work, tell nobody that it is done, and throw."""
    Path(sys.argv[1]).write_text(str(len(batch)))  # noqa: ASYNC240  it is about to end
    if half := [taken.received for taken in batch[: len(batch) // 2] if taken.event is not None]:
        await loop._handle(half)
    raise ZeroDivisionError("a bug of the loop itself")


if __name__ == "__main__":
    BatchLoop.work = throw  # type: ignore[method-assign, assignment]
    runpy.run_module("case_router", run_name="__main__")
