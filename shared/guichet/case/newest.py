"""The newest of a case: what people wrote and agents decided last. So a decision on a page that was overtaken is told.

Pure. Delivery reports, receipts, what machines write and what was refused are not among it (docs/decisions/0030).
"""

from collections.abc import Sequence
from typing import Final

from guichet.contracts.base import Contract
from guichet.ids import AgentId

KEPT: Final = 8  # whoever has missed more has certainly been overtaken


class Said(Contract):
    """What somebody wrote or decided. id: of the message or the command. by: the agent; None for a citizen."""

    id: str
    by: AgentId | None = None


def with_newest(newest: Sequence[Said], said: Said) -> tuple[Said, ...]:
    """Return the newest, oldest first, with one more; the oldest gives way."""
    return (*newest, said)[-KEPT:]


def said_since(newest: Sequence[Said], shown: str) -> tuple[Said, ...]:
    """Return what came after the message or decision of that id, oldest first.

    Everything where the id is not among the newest: it is older (or nothing of the case), or the case is from before
    cases kept their newest and holds only what came since.
    """
    after = next((place + 1 for place, each in enumerate(newest) if each.id == shown), 0)
    return tuple(newest[after:])


def is_overtaken(newest: Sequence[Said], shown: str, author: AgentId) -> bool:
    """Say whether somebody other than the author wrote or decided after what they were shown."""
    since = said_since(newest, shown)
    forgotten = len(since) == KEPT  # what lay between is gone: nobody knows whose it was
    return forgotten or any(each.by != author for each in since)


def is_overtaken_by_an_agent(newest: Sequence[Said], shown: str, author: AgentId) -> bool:
    """Say whether another agent decided after that, as far as is known: of a decision that no citizen can overtake."""
    return any(each.by not in {None, author} for each in said_since(newest, shown))
