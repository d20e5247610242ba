"""What finds cases: the search, and the file of a list."""

from agent_desk.domain.search.address import SearchAddresses
from agent_desk.entry.case_list_pages import CaseListPages
from agent_desk.entry.narrow_pages import NarrowPages
from agent_desk.entry.search_pages import SearchPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.cases.export_list import ListExport
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.search.search_cases import CaseSearch
from agent_desk.handlers.work.absences import AbsenceBook
from guichet.search.places import TownPlaces


def search_pages(
    gate: SessionGate,
    choices: Choices,
    ports: Ports,
    reading: Reading,
    citizens: CitizenDirectory,
    absences: AbsenceBook,
) -> SearchPages:
    """Return the pages. reading, citizens, absences: as those of cases have them."""
    search = CaseSearch(
        files=ports.search_files,
        cases=ports.cases,
        reading=reading,
        messages=ports.messages,
        citizens=citizens,
        absences=absences,
        opener=ports.vault,
        audit=ports.audit,
        feed=ports.feed,
        town=choices.town,
        where=TownPlaces(choices.town_map),
        clock=ports.clock,
    )
    return SearchPages(gate=gate, search=search, addresses=SearchAddresses(choices.session_key), town=choices.town)


def narrow_pages(gate: SessionGate, choices: Choices, lists: CaseListPages) -> NarrowPages:
    """Return what takes the form that narrows a list."""
    addresses = SearchAddresses(choices.session_key)
    return NarrowPages(gate=gate, lists=lists, addresses=addresses, town=choices.town)


def list_export(choices: Choices, ports: Ports, reading: Reading) -> ListExport:
    """Return who writes a list into a file."""
    return ListExport(cases=ports.cases, reading=reading, audit=ports.audit, town=choices.town, clock=ports.clock)
