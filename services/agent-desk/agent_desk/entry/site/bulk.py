"""The part of the desk that does one thing with many cases: its pages, and who gives what was begun."""

from agent_desk.entry.bulk_pages import BulkPages
from agent_desk.entry.site.cases import CasePart
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.bulk.authors import AuthorsNow
from agent_desk.handlers.bulk.begin import BulkStart
from agent_desk.handlers.bulk.command import BulkDecisionPorts
from agent_desk.handlers.bulk.follow import BulkFollow
from agent_desk.handlers.bulk.give_in_bulk import GiveInBulk
from agent_desk.handlers.bulk.select_cases import CaseSelection
from agent_desk.handlers.staff.staff_directory import StaffDirectory


def bulk_pages(part: CasePart) -> BulkPages:
    """Return the pages. part: of the cases that are ticked."""
    ports = part.ports
    return BulkPages(
        gate=part.gate,
        selection=CaseSelection(cases=part.cases, assignees=part.assignees, town=part.choices.town),
        start=BulkStart(
            acts=ports.bulk_acts,
            rows=ports.bulk_cases,
            vault=ports.vault,
            digest_key=part.choices.session_key,
            clock=ports.clock,
        ),
        follow=BulkFollow(ports.bulk_acts, ports.bulk_cases),
        absences=part.absences,
        town=part.choices.town,
    )


def bulk_giving(choices: Choices, ports: Ports) -> GiveInBulk:
    """Return who gives what was begun, whoever began it."""
    staff = StaffDirectory(town=choices.town, entries=ports.staff, clock=ports.clock)
    return GiveInBulk(
        acts=ports.bulk_acts,
        rows=ports.bulk_cases,
        commands=ports.commands,
        cases=ports.cases,
        authors=AuthorsNow(staff, ports.clock),
        ports=BulkDecisionPorts(
            messages=ports.messages,
            vault=ports.vault,
            publisher=ports.publisher,
            audit=ports.audit,
            channels=choices.town.facts,
            digest_key=choices.session_key,
            clock=ports.clock,
        ),
        town=choices.town,
        clock=ports.clock,
    )
