"""The part of the desk that says who is on call."""

from agent_desk.entry.on_call_pages import OnCallPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.work.assignees import Assignees
from agent_desk.handlers.work.on_call_book import OnCallBook


def on_call_pages(
    gate: SessionGate, choices: Choices, ports: Ports, staff: StaffDirectory, assignees: Assignees
) -> OnCallPages:
    """Return the pages. staff, assignees: as those of cases have them."""
    book = OnCallBook(
        rota=ports.on_call,
        absences=ports.absences,
        assignees=assignees,
        audit=ports.audit,
        town=choices.town,
        clock=ports.clock,
    )
    return OnCallPages(gate, book, staff)
