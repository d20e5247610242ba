"""The part of the desk that does one thing with many cases: its pages, and who gives what was begun."""

from agent_desk.entry.bulk_pages import BulkPages
from agent_desk.entry.site.cases import CasePart
from agent_desk.entry.site.citizens import citizens_of, way_finder
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.bulk.authors import AuthorsNow
from agent_desk.handlers.bulk.begin import BulkStart
from agent_desk.handlers.bulk.command import BulkDecisionPorts
from agent_desk.handlers.bulk.follow import BulkFollow
from agent_desk.handlers.bulk.give_in_bulk import GiveInBulk
from agent_desk.handlers.bulk.outcomes import BulkOutcomes
from agent_desk.handlers.bulk.select_cases import CaseSelection
from agent_desk.handlers.bulk.write_answers import BulkAnswers
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.composer.case_facts import CaseFactsReader
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.staff.staff_directory import StaffDirectory


def bulk_pages(part: CasePart) -> BulkPages:
    """Return the pages. part: of the cases that are ticked."""
    ports, answers = part.ports, _answers(part.choices, part.ports, part.citizens)
    return BulkPages(
        gate=part.gate,
        selection=CaseSelection(cases=part.cases, assignees=part.assignees, answers=answers, town=part.choices.town),
        start=BulkStart(
            acts=ports.bulk_acts,
            rows=ports.bulk_cases,
            vault=ports.vault,
            digest_key=part.choices.session_key,
            clock=ports.clock,
        ),
        follow=BulkFollow(
            acts=ports.bulk_acts,
            rows=ports.bulk_cases,
            outcomes=BulkOutcomes(ports.bulk_cases, ports.commands),
            cases=ports.cases,
            opener=ports.vault,
        ),
        absences=part.absences,
        shelf=part.shelf,
        writer=part.writer,
        choosable=part.lists.choosable,
        town=part.choices.town,
    )


def bulk_giving(choices: Choices, ports: Ports) -> GiveInBulk:
    """Return who gives what was begun, whoever began it."""
    staff = StaffDirectory(town=choices.town, entries=ports.staff, clock=ports.clock)
    return GiveInBulk(
        acts=ports.bulk_acts,
        rows=ports.bulk_cases,
        outcomes=BulkOutcomes(ports.bulk_cases, ports.commands),
        cases=ports.cases,
        authors=AuthorsNow(staff, ports.accounts, ports.clock),
        ports=BulkDecisionPorts(
            messages=ports.messages,
            objects=ports.objects,
            vault=ports.vault,
            publisher=ports.publisher,
            audit=ports.audit,
            channels=choices.town.facts,
            digest_key=choices.session_key,
            clock=ports.clock,
        ),
        answers=_answers(choices, ports, citizens_of(choices, ports)),
        town=choices.town,
        clock=ports.clock,
    )


def _answers(choices: Choices, ports: Ports, citizens: CitizenDirectory) -> BulkAnswers:
    return BulkAnswers(
        destinations=Destinations(
            messages=ports.messages, citizens=citizens, opener=ports.vault, ways=way_finder(choices, citizens)
        ),
        citizens=citizens,
        writer=AnswerWriter(choices.town),
        facts=CaseFactsReader(town=choices.town, clock=ports.clock),
        town=choices.town,
    )
