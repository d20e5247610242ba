"""What a message says of its own suspension: a person looks at it before a case is opened or a receipt sent.

It lies in the message, so that both are inserted, decided on and erased in one write (docs/decisions/0046).
"""

from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime

from guichet.contracts.base import Contract
from guichet.contracts.inbound import Suspicion
from guichet.ids import AgentId, DepartmentId, EventId, SectorId


class SuspensionState(StrEnum):
    """Where a suspended message stands."""

    WAITING = "waiting"
    SPAM = "spam"  # an agent said so: it is deleted after a while, unless it is released before
    RELEASED = "released"  # a message like any other from then on
    ENDING = "ending"  # its time as spam is over: what is sealed of it is being destroyed


RELEASABLE: Final = (SuspensionState.WAITING, SuspensionState.SPAM)


class Suspension(Contract):
    """Why a message was suspended, whose it is to look at it, and what was decided.

    department: of the mailbox that it came to, and its sector: an agent sees it within their scope.
    decided_by: the agent; None: Guichet, which found that it answers an open case, or that another delivery of it was
    no suspicious one. command: the agent's.
    """

    why: Suspicion
    department: DepartmentId
    sector: SectorId
    state: SuspensionState = SuspensionState.WAITING
    decided_at: AwareDatetime | None = None
    decided_by: AgentId | None = None
    command: EventId | None = None
