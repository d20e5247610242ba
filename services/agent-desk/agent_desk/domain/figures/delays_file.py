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
}
_ISSUES_OF_SILENCE: Final[Mapping[Outcome, str]] = {
    Outcome.MET: "Décision expresse à temps",
    Outcome.ACCEPTED: "Acceptée par le silence",
    Outcome.REJECTED: "Rejetée par le silence",
}


def file_of(delays: Delays, departments: Mapping[DepartmentId, Department]) -> str:
    """Return the file, the newest month first."""
    return MARK + lines_of([HEADINGS, *_rows(delays, departments)])


def _rows(delays: Delays, departments: Mapping[DepartmentId, Department]) -> Iterator[tuple[str, ...]]:
    for department in delays.chosen:
        for month in delays.months:
            for tally in delays.of(month, department).tallies:
                of = "" if tally.of is None else kind_in_words(tally.of).fr
                for outcome, issue in (_ISSUES_OF_SILENCE if tally.of is ClockKind.SILENCE else _ISSUES).items():
                    percent = tally.percent(outcome)
                    numbers = str(tally.outcomes[outcome]), "" if percent is None else str(percent)
                    yield departments[department].name, f"{month:%m/%Y}", of, issue, *numbers
