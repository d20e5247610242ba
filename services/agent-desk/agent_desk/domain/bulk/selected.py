"""A case that is ticked among many, and whether anything comes of it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from agent_desk.domain.cases.case_view import CaseRow
from agent_desk.domain.cases.destination import Destination
from guichet.case.record import CaseRecord
from guichet.contracts.inbound import ChannelName
from guichet.ids import MessageId


@dataclass(frozen=True)
class Selected:
    """why: it is left out. guards: why it is not closed silently (closing_guards). words: what is said in it.

    Of an answer: answers: to whose sender it goes; to: where that is; channel: by which it leaves; unfilled: the
    variables that stand for nothing there.
    """

    case: CaseRecord
    row: CaseRow
    why: str | None = None
    guards: tuple[str, ...] = ()
    words: str = field(default="", repr=False)
    answers: MessageId | None = None
    to: Destination | None = None
    channel: ChannelName | None = None
    unfilled: tuple[str, ...] = ()


def newly_left_out(selected: Iterable[Selected], told: Collection[str]) -> bool:
    """Say whether one is left out of which the page had not said so. told: the references of which it had."""
    return any(each.why is not None and each.case.reference not in told for each in selected)


def ready(selected: Iterable[Selected], *, despite: bool) -> tuple[Selected, ...]:
    """Return those of which something comes. despite: those that are not closed silently are among them."""
    return tuple(each for each in selected if each.why is None and (despite or not each.guards))
