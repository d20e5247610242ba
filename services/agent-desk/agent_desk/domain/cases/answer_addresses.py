"""Where an answer goes, at the moment that it is sent, and where else it could. Pure."""

from dataclasses import dataclass

from agent_desk.domain.cases.destination import Destination
from agent_desk.domain.cases.other_ways import OtherAddress
from guichet.ids import MessageId


@dataclass(frozen=True)
class Sending:
    """Where an answer goes, at the moment that it is sent. answers: the message whose sender it goes to by now.

    shown: where it goes by what the agent's page said; now: by that message. ways: the other ways that there are.
    """

    answers: MessageId
    shown: Destination | None
    now: Destination | None
    ways: tuple[OtherAddress, ...] = ()
