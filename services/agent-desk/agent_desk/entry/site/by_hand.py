"""The part of the desk where what comes by hand is entered."""

from collections.abc import Sequence

from fastapi import APIRouter

from agent_desk.entry.entered_pages import EnteredPages, entered_routes
from agent_desk.entry.letter_pages import LetterPages, letter_routes
from agent_desk.entry.other_request_pages import OtherRequestPages, other_request_routes
from agent_desk.entry.people_part import PeoplePart
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.answers import decision_ports
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.entered.find_people import FindPeople
from agent_desk.handlers.entered.lookup_limit import LookupLimit
from agent_desk.handlers.entered.other_requests import OtherRequests
from agent_desk.handlers.entered.take_down import TakeDown
from agent_desk.handlers.letters.file_letter import FileLetter
from agent_desk.handlers.letters.letter_box import LetterBox
from agent_desk.handlers.letters.recognise_text import ReadTexts


def routes_by_hand(
    gate: SessionGate, choices: Choices, ports: Ports, citizens: CitizenDirectory, cases: ScopedCases
) -> Sequence[APIRouter]:
    """Return the pages where agents enter what was said, came on paper, or was asked within another request.

    citizens, cases: as the pages of cases have them.
    """
    people = PeoplePart(gate, _find_people(ports, citizens), LookupLimit(ports.clock), choices.town)
    texts = ReadTexts(ports.recognise)
    box, filing = _letter_box(choices, ports, texts), letter_filing(choices, ports, texts)
    letters = LetterPages(gate=gate, box=box, filing=filing, people=people, town=choices.town)
    take_down = _take_down(choices, ports)
    entered = EnteredPages(gate=gate, take_down=take_down, people=people, letters=box, town=choices.town)
    others = OtherRequests(
        cases=cases,
        take_down=take_down,
        notes=ports.notes,
        ports=decision_ports(choices, ports),
        clock=ports.clock,
    )
    other_requests = OtherRequestPages(gate, others, choices.town)
    return entered_routes(entered), letter_routes(letters), other_request_routes(other_requests)


def _find_people(ports: Ports, citizens: CitizenDirectory) -> FindPeople:
    return FindPeople(
        files=ports.search_files,
        cases=ports.cases,
        messages=ports.messages,
        citizens=citizens,
        opener=ports.vault,
        audit=ports.audit,
        clock=ports.clock,
    )


def _take_down(choices: Choices, ports: Ports) -> TakeDown:
    return TakeDown(
        edge=ports.edge,
        cases=ports.cases,
        feed=ports.feed,
        audit=ports.audit,
        message_id_key=choices.message_id_key,
        account=choices.town.main_mailbox,
        patience=choices.patience,
        clock=ports.clock,
    )


def _letter_box(choices: Choices, ports: Ports, texts: ReadTexts) -> LetterBox:
    return LetterBox(
        letters=ports.letters,
        vault=ports.vault,
        scans=ports.scans,
        texts=texts,
        audit=ports.audit,
        key=choices.message_id_key,
        clock=ports.clock,
    )


def letter_filing(choices: Choices, ports: Ports, texts: ReadTexts | None = None) -> FileLetter:
    """Return who files letters: for the pages, and for whoever goes on with what was left behind."""
    return FileLetter(
        letters=ports.letters,
        vault=ports.vault,
        edge=ports.edge,
        audit=ports.audit,
        texts=texts or ReadTexts(ports.recognise),
        message_id_key=choices.message_id_key,
        channel=next(name for name, facts in choices.town.facts.items() if facts.on_paper),
        account=choices.town.main_mailbox,
        clock=ports.clock,
    )
