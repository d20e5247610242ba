"""The law's clocks of a case as of now, and what would leave if an agent told one thing more. Pure."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from guichet.case.due import owed_receipt, reckon
from guichet.case.legal_facts import as_the_law_says, facts_of
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import SilenceStatement
from guichet.contracts.legal_facts import Day, StatedFact
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import CaseClocks, case_clocks
from guichet.law.clocks.clock import Clock, ClockKind
from guichet.law.clocks.facts import LegalFact
from guichet.town.town import Town


@dataclass(frozen=True)
class Leaves:
    """Which acknowledgement leaves once something is told: at once, or incomplete on its last day, or none.

    silence: what it says of silence. on: its last day. corrects: one that said otherwise left before.
    """

    what: Literal["full", "incomplete", "later", "none"]
    silence: SilenceStatement | None = None
    on: Day | None = None
    corrects: bool = False

    @property
    def seen(self) -> str:
        """What a form says that its page has shown of it."""
        said = f"{self.silence.means}-{self.silence.decides_on}" if self.silence else ""
        return f"{self.what}.{said}.{self.on or ''}.{self.corrects:d}"


@dataclass(frozen=True)
class ClocksNow:
    """Of a case, by the town's rules, at a moment: aware."""

    case: CaseRecord
    town: Town
    at: datetime

    @property
    def today(self) -> Day:
        """The day in Paris."""
        return paris_date(self.at)

    @cached_property
    def facts(self) -> tuple[LegalFact, ...]:
        """What is known."""
        return facts_of(self.case, self.town)

    @cached_property
    def found(self) -> CaseClocks:
        """Every clock."""
        return case_clocks(self.facts, self.town.clock_rules, self.today)

    @property
    def silence(self) -> Clock | None:
        """The silence that will decide unless somebody does; None: none runs."""
        running = (each for each in self.found.clocks if each.kind is ClockKind.SILENCE and not each.is_elsewhere)
        return next((each for each in running if each.is_open and each.due is not None), None)

    def leaves(self, told: StatedFact) -> Leaves:
        """Return what the router lets leave once that is told: by the same functions."""
        facts, rules = (*self.facts, as_the_law_says(told)), self.town.clock_rules
        last_day = reckon(facts, rules, self.today).last_day_of_receipt
        owed = owed_receipt(self.case.due, facts, rules, self.today, last_day=last_day)
        was = self.case.due is not None and self.case.due.receipt is not None
        if owed is not None:
            return Leaves("full" if owed.is_full else "incomplete", owed.silence, corrects=was)
        return Leaves("later", on=last_day) if last_day is not None and not was else Leaves("none")
