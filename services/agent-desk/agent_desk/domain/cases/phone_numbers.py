"""The numbers at which somebody can be called about a case. Pure."""

from collections.abc import Sequence
from typing import Final

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.moments import CitizenWrote, Moment
from guichet.contracts.inbound_content import PHONE_NUMBER

NUMBERS_AT_MOST: Final = 4


def numbers_of(card: CitizenCard | None, story: Sequence[Moment]) -> tuple[str, ...]:
    """Return the numbers that a case knows, the newest message's first; card: of its citizen, as its page shows it."""
    senders = [moment.sender for moment in reversed(story) if isinstance(moment, CitizenWrote)]
    written = [(each.kind, each.value) for sender in senders for each in sender]
    known = [(each.kind, each.value) for each in card.identifiers if not each.tampered] if card is not None else []
    numbers = dict.fromkeys(value for kind, value in (*written, *known) if kind == PHONE_NUMBER)
    return tuple(numbers)[:NUMBERS_AT_MOST]
