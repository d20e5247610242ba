"""case-router with a fault, started as a script in its place: `faulty_router.py loop FILE` or `faulty_router.py word WORD`.

loop: its loop throws at the first batch, after half of the batch's effects: the process ends. FILE: told the batch's size.
word: its routing rules throw at a message that says WORD: the message is put aside, the process goes on.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from case_router.__main__ import main
from case_router.domain.choose_department import RoutingRules
from guichet.kafka.consume.loop import BatchLoop
from guichet.kafka.records import RawRecord

MODE, ARGUMENT = sys.argv[1:3]
choose = RoutingRules.choose


async def throw(loop: BatchLoop, batch: Sequence[RawRecord]) -> None:
    """Do half of the work, tell nobody that it is done, and throw."""
    Path(ARGUMENT).write_text(str(len(batch)))  # noqa: ASYNC240  it is about to end
    if half := [taken.received for taken in batch[: len(batch) // 2] if taken.event is not None]:
        await loop._handle(half)
    raise ZeroDivisionError("a bug of the loop itself")


def stumble(rules: RoutingRules, accounts: tuple[str, ...], subject: str | None, text: str) -> Any:
    """Choose as ever, except where the bug bites."""
    if ARGUMENT in text:
        raise ZeroDivisionError("a bug of the rules")
    return choose(rules, accounts, subject, text)


if MODE == "loop":
    BatchLoop.work = throw  # type: ignore[method-assign]
else:
    RoutingRules.choose = stumble  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
