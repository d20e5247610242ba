"""A right of the GDPR: one month, two more where the person is told within the first (docs/law.md 33, 60). Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from guichet.law.calendar import months_later
from guichet.law.clocks.clock import Clock, ClockKind, Follows, Rule
from guichet.law.clocks.duty import state_of
from guichet.law.clocks.events import RightsAnswered, RightsExtended, RightsRequested
from guichet.law.clocks.history import History
from guichet.law.clocks.rules import TownRules

MONTHS: Final = 1
MONTHS_EXTENDED: Final = 3


def rights_clocks(history: History, town: TownRules) -> Iterator[Clock]:
    """Yield one for each day on which a right was asked for; an answer is to what was asked for until then."""
    for began in sorted({event.on for event in history.all(RightsRequested)}):
        within = _due(began, MONTHS, town)
        is_extended = any(began <= event.on <= within for event in history.all(RightsExtended))
        due = _due(began, MONTHS_EXTENDED, town) if is_extended else within
        answered = next((event.on for event in history.all(RightsAnswered) if event.on >= began), None)
        state, ended = state_of(due, done=answered, stopped=None, as_of=history.as_of)
        follows = Follows.RIGHTS_EXTENDED if is_extended else Follows.RIGHTS
        yield Clock(ClockKind.RIGHTS_REQUEST, state, Rule(follows, rolls=town.rights_roll), began, due, ended)


def _due(began: date, months: int, town: TownRules) -> date:
    due = months_later(began, months)
    return town.working_days.first_from(due) if town.rights_roll else due
