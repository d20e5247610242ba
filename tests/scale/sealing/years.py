"""Years of an invented town, a few hundred cases at a time: told by the Case's own verbs, as a demonstration is. Pure.

Words are as frequent as French ones. What is older than two months is closed, but for one case of two hundred.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from guichet.case.lifecycle import OPEN
from guichet.contracts.case_commands import CloseCase
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.ids import AgentId, CaseId, DepartmentId, Reference
from guichet.law.calendar import paris_date
from guichet.town import Town
from guichet_bench.french import FrenchWords
from guichet_cli.demo.chance import Chance
from guichet_cli.demo.material import Person, Written
from guichet_cli.demo.month import Keys, Month, account_of, writer_of
from guichet_cli.demo.story import Story, Teller, Writer
from guichet_cli.demo.words import Words

YEARS: Final = 3
CASES_EACH: Final = 5  # of a person
AT_ONCE: Final = 500  # cases of a part
_UNDER_WORK: Final = timedelta(days=60)
_NEVER_CLOSED: Final = 1 / 200
_LONGEST: Final = timedelta(days=365 * YEARS)
_NUMBERS: Final = 10_000_000  # of telephones, and of references a year
_SCATTERED: Final = 7_654_321  # has no factor of theirs: what follows each other lies apart in an index, as ours do


@dataclass(frozen=True)
class LongTeller(Teller):
    """Tells of a town that finishes what it begins. able: who answers where."""

    able: Mapping[DepartmentId, Sequence[AgentId]]

    def tell(self, number: int, written: Written, writer: Writer, account: str, at: datetime) -> Story:
        """Return the story of one message; one of long ago is closed."""
        story = super().tell(number, written, writer, account, at)
        record = story.case.record
        agent = self._agent(record.department)
        is_old = record.updated_at < self.now - _UNDER_WORK
        if is_old and agent is not None and record.state in OPEN and self.chance.share() > _NEVER_CLOSED:
            closes_at = self._works(record.updated_at, 2)
            story.case.close(CloseCase(**self._order(story, "close", agent, closes_at)))
        return story

    def _reference(self, number: int, _case: CaseId, year: int) -> Reference:
        return reference_of(number, year)

    def _agent(self, department: DepartmentId) -> AgentId | None:
        able = self.able[department]
        return self.chance.one_of(able) if able else None


@dataclass(frozen=True)
class Years:
    """What a town of so many cases was written. cases: in all; a number names a case, whoever tells it."""

    cases: int
    town: Town
    keys: Keys
    portal: str
    now: datetime
    french: FrenchWords
    able: Mapping[DepartmentId, Sequence[AgentId]]

    def parts(self, first: int, end: int) -> Iterator[Month]:
        """Yield the cases of these numbers. first: a multiple of AT_ONCE."""
        for start in range(first, end, AT_ONCE):
            yield self._part(start, min(start + AT_ONCE, end))

    def _part(self, start: int, end: int) -> Month:
        by, chance = Random(start), Chance(start)
        words = Words(self.town, self.portal)
        teller = LongTeller(self.town, self.keys.sector, self.keys.thread, words, chance, self.now, self.able)
        first = start // CASES_EACH
        everybody = [self._person(nth) for nth in range(first, -(-end // CASES_EACH))]
        stories = []
        for number in range(start, end):
            written, nth = self._written(by), number // CASES_EACH
            facts = self.town.facts[written.channel]
            writer = writer_of(everybody[nth - first], nth, facts)
            account = account_of(written.channel, facts, self.town)
            stories.append(teller.tell(number, written, writer, account, self._arrival(number, by)))
        return Month(everybody, stories, first)

    def _arrival(self, number: int, by: Random) -> datetime:
        """Return when a case began: evenly over the years. The last one a few minutes ago."""
        back = _LONGEST * ((self.cases - number - by.random()) / self.cases)
        return (self.now - timedelta(minutes=5) - back).replace(microsecond=0)

    def _person(self, nth: int) -> Person:
        by = Random(f"person {nth}")
        family = self.french.name(by).capitalize()
        return Person(
            given_name=self.french.name(by).capitalize(),
            family_name=family,
            birth_year=by.randint(1930, 2008),
            address=f"{by.randint(1, 90)} rue des Lilas, 99990 Saint-Aubin-des-Prés",
            mailbox=f"{family.lower()}.{nth}@example.org",
            telephone=phone_of(nth),
        )

    def _written(self, by: Random) -> Written:
        channel = by.choices([*self._channels], [*self._channels.values()])[0]
        is_mail = self.town.facts[channel].form is Form.MAIL
        words = self.french.text(by, *((15, 90) if is_mail else (8, 30)))
        department = by.choice([*self.town.departments])
        return Written(channel, department, " ".join(words[:5]) if is_mail else None, " ".join(words))

    @property
    def _channels(self) -> dict[ChannelName, float]:
        shares = {"email": 0.55, "portal": 0.2, "sms": 0.15, "telegram": 0.1}
        return {name: share for name, share in shares.items() if name in self.town.channels}


def who_answers(town: Town, now: datetime) -> dict[DepartmentId, list[AgentId]]:
    """Return who answers where, looked up once: it is asked for each act of a million cases."""
    scopes = [town.scope_of(agent, paris_date(now)) for agent in town.agents]
    return {name: [scope.agent for scope in scopes if name in scope.answered_departments] for name in town.departments}


def phone_of(nth: int) -> str:
    """Return a person's telephone number."""
    return f"+336{nth % _NUMBERS:08}"


def reference_of(number: int, year: int) -> Reference:
    """Return what a case is called, as no other one of its year. As ours are made, two of 300,000 would be called alike.

    The router makes another one then; who seals a million asks nobody.
    """
    digits = f"{number * _SCATTERED % _NUMBERS:07}"
    return Reference(f"{year:04d}-{digits[:4]}-{digits[4:]}")
