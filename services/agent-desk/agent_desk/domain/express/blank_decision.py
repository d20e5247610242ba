"""What the form of an express decision says before anybody typed: what case, town and agent know already. Pure."""

import re
from datetime import date
from typing import Final

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.express.express_input import ExpressInput
from guichet.case.record import CaseRecord
from guichet.documents.sheet import LONGEST_LINE, MOST_LINES
from guichet.ids import ProcedureId
from guichet.town.staff.agents import Agent
from guichet.town.town import Town

_BEFORE_POSTCODE: Final = re.compile(r",?\s+(?=\d{5}\s)")
_AFTER_POSTCODE: Final = re.compile(r"\d{5}\s+(\S.*)")


def blank_decision(
    case: CaseRecord, procedure: str | None, card: CitizenCard | None, agent: Agent, town: Town, today: date
) -> ExpressInput:
    """Return it. procedure: the one that was confirmed. card: of the citizen, where it may be shown."""
    known = town.procedures.get(ProcedureId(procedure or ""))
    given_name, _, surname = ("", "", "") if agent.anonymous else agent.name.partition(" ")
    department = town.department_or_fallback(case.department)
    return ExpressInput(
        day=today.isoformat(),
        subject=known.label if known is not None else "",
        recipient=recipient_of(card),
        remedies=town.remedies.words(known.remedies if known is not None else None).fr,
        given_name=given_name,
        surname=surname,
        capacity=agent.capacity or "",
        place=place_in(department.postal_address) or town.name,
    )


def recipient_of(card: CitizenCard | None) -> str:
    """Return what stands on an envelope to a citizen, as far as the town knows it."""
    if card is None:
        return ""
    lines = (card.name or "", *address_lines(card.address or ""))
    return "\n".join([line[:LONGEST_LINE] for line in lines if line][:MOST_LINES])


def address_lines(address: str) -> tuple[str, ...]:
    """Return an address as an envelope has it: the postcode begins the last line."""
    lines = (part.strip() for line in address.splitlines() for part in _BEFORE_POSTCODE.split(line))
    return tuple(filter(None, lines))


def place_in(address: str) -> str:
    """Return the town of an address; a blank where it has no postcode."""
    found = _AFTER_POSTCODE.search(address)
    return found[1].strip() if found is not None else ""
