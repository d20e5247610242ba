"""What must have happened to a case, by what came, what agents did and what was down. Pure, and asks no line of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tests.year.agents import CONFIRMED, NOTIFIED, Work
from tests.year.incidents import Incidents
from tests.year.law import AEE_WORKING_DAYS, ARE_WORKING_DAYS, SILENCE, Silence, working_day_after

QUALIFY_WORKING_DAYS: Final = 7  # docs/law.md 67: ours
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Acknowledged:
    """An acknowledgement that is owed on a day."""

    on: date
    is_full: bool
    corrects: bool


@dataclass(frozen=True)
class Expected:
    """received: its day. until: the last day that was lived; of what comes later nothing is expected yet."""

    received: date
    work: Work
    incidents: Incidents
    until: date

    @property
    def aee_due(self) -> date:
        """The last day of its registration receipt."""
        return working_day_after(self.received, AEE_WORKING_DAYS)

    @property
    def are_due(self) -> date:
        """The last day of its acknowledgement."""
        return working_day_after(self.received, ARE_WORKING_DAYS)

    @property
    def _confirmed(self) -> date | None:
        return self.work.done.get(CONFIRMED)

    @property
    def _silence(self) -> Silence | None:
        return SILENCE.get(self.work.procedure)

    def acknowledgements(self) -> Iterator[Acknowledged]:
        """Yield those that are owed: whole once somebody said what it is, else on the last day; then a correction."""
        last, said = self.incidents.first_up(self.are_due), self._may_say_all_on()
        if said is not None and said < last:
            yield Acknowledged(said, is_full=True, corrects=False)
            return
        if last <= self.until:
            yield Acknowledged(last, is_full=False, corrects=False)
        if said is not None:
            yield Acknowledged(said, is_full=True, corrects=True)

    def _may_say_all_on(self) -> date | None:
        """Return the day on which its procedure was known, if all is known of that, and silence had not decided."""
        said = self._confirmed
        if said is None or self.work.procedure not in SILENCE:
            return None
        return None if self._silence is not None and said > self._silence.decides_on(self.received) else said

    def silence(self) -> tuple[date, str, date] | None:
        """Return the last day of the silence that decided, what it means, and when people had to hear of it."""
        said, silence, notified = self._confirmed, self._silence, self.work.done.get(NOTIFIED)
        if said is None or silence is None:
            return None
        last = silence.decides_on(self.received)
        if notified is not None and notified <= last:
            return None
        heard = self.incidents.first_up(max(last + A_DAY, said))
        return (last, silence.means, heard) if heard < self.until else None

    def is_qualified_late(self) -> bool:
        """Say whether nobody had said what it is when the day of that was over."""
        looked = self.incidents.first_up(working_day_after(self.received, QUALIFY_WORKING_DAYS) + A_DAY)
        return looked <= self.until and (self._confirmed is None or self._confirmed >= looked)
