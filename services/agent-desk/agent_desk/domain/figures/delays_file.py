"""How clocks ended, as a file for a spreadsheet: a line for each number of the months that the page shows. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from agent_desk.domain.cases.list_file import MARK, lines_of
from agent_desk.domain.figures.delays import Delays
from guichet.ids import DepartmentId
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.in_words import kind_in_words
from guichet.law.clocks.outcome import Outcome
from guichet.town.organisation import Department

HEADINGS: Final = ("Service", "Mois", "Délai", "Issue", "Nombre", "Pour cent")
_ISSUES: Final[Mapping[Outcome, str]] = {
    Outcome.MET: "Tenu à temps",
    Outcome.MET_LATE: "Tenu en retard",
    Outcome.NOT_MET: "Non tenu",
    Outcome.ACCEPTED: "Accepté par le silence",
    Outcome.REJECTED: "Rejeté par le silence",
}
_OF_SILENCE: Final = frozenset({Outcome.MET, Outcome.ACCEPTED, Outcome.REJECTED})
_OF_OTHERS: Final = frozenset({Outcome.MET, Outcome.MET_LATE, Outcome.NOT_MET})


def file_of(delays: Delays, departments: Mapping[DepartmentId, Department]) -> str:
    """Return the file, the newest month first."""
    return MARK + lines_of([HEADINGS, *_rows(delays, departments)])


def _rows(delays: Delays, departments: Mapping[DepartmentId, Department]) -> Iterator[tuple[str, ...]]:
    for department in delays.chosen:
        for month in delays.months:
            for tally in delays.of(month, department).tallies:
                of = "" if tally.of is None else kind_in_words(tally.of).fr
                for outcome in _possible(tally.of):
                    percent = tally.percent(outcome)
                    numbers = str(tally.outcomes[outcome]), "" if percent is None else str(percent)
                    yield departments[department].name, f"{month:%m/%Y}", of, _ISSUES[outcome], *numbers


def _possible(kind: ClockKind | None) -> Iterator[Outcome]:
    possible = _OF_SILENCE if kind is ClockKind.SILENCE else _OF_OTHERS
    return (each for each in Outcome if each in possible)
