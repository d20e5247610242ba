"""What the form of an express decision says before anybody typed: what case, town and agent know already. Pure."""

from datetime import date

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.express.express_input import ExpressInput
from agent_desk.domain.paper.letter_frame import place_of, recipient_text
from guichet.case.record import CaseRecord
from guichet.ids import ProcedureId
from guichet.town.staff.agents import Agent
from guichet.town.town import Town


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
        recipient=recipient_text(card),
        remedies=town.remedies.words(known.remedies if known is not None else None).fr,
        given_name=given_name,
        surname=surname,
        capacity=agent.capacity or "",
        place=place_of(department, town.name),
    )
