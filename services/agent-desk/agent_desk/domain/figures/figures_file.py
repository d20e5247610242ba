"""The figures as a file for a spreadsheet: a line for each, as the page shows them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from agent_desk.domain.cases.list_file import MARK, lines_of
from agent_desk.domain.figures.figures import Figures
from agent_desk.domain.figures.workload import Band, Workload
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, DepartmentId
from guichet.law.calendar import paris_date
from guichet.town.organisation import Department

HEADINGS: Final = ("Le", "Service", "Chiffre", "De", "Nombre")
_STATES: Final[Mapping[CaseState, str]] = {
    CaseState.RECEIVED: "Reçues",
    CaseState.IN_PROGRESS: "En cours",
    CaseState.WAITING_FOR_CITIZEN: "En attente de l’usager",
}
Row = tuple[str, ...]


def file_of(figures: Figures, departments: Mapping[DepartmentId, Department], names: Mapping[AgentId, str]) -> str:
    """Return the file. names: what agents are called."""
    rows = (row for each in figures.chosen for row in _rows(figures, each, departments, names))
    return MARK + lines_of([HEADINGS, *rows])


def _rows(
    figures: Figures,
    department: DepartmentId,
    departments: Mapping[DepartmentId, Department],
    names: Mapping[AgentId, str],
) -> Iterator[Row]:
    day, name = f"{paris_date(figures.at):%d/%m/%Y}", departments[department].name
    for what, of_whom, number in _numbers(figures.by_department[department], names):
        yield day, name, what, of_whom, str(number)
    for each in figures.days:
        if each.department == department:
            counted = (
                ("Reçues ce jour", each.received),
                ("Réponses ce jour", each.answered),
                ("Closes ce jour", each.closed),
            )
            yield from ((f"{each.day:%d/%m/%Y}", name, what, "", str(number)) for what, number in counted)


def _numbers(work: Workload, names: Mapping[AgentId, str]) -> Iterable[tuple[str, str, int]]:
    yield ("Demandes ouvertes, au moins" if work.is_cut else "Demandes ouvertes"), "", work.cases
    yield from (("Par état", _STATES[state], number) for state, number in work.states.items())
    yield "À répondre", "", work.to_answer
    yield "En attente de date", "", work.snoozed
    yield "Non attribuées", "", work.unassigned
    yield "Envoi en échec", "", work.unsent
    yield from (("Par âge", band_in_french(band), band.cases) for band in work.bands)
    yield from (("Par agent", names.get(load.agent, load.agent), load.cases) for load in work.loads)


def band_in_french(band: Band) -> str:
    """Return how a band of ages is called."""
    return f"{band.first} à {band.last} jours" if band.last is not None else f"plus de {band.first - 1} jours"
