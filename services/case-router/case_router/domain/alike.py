"""Facts of which the clocks say the same: days and order are alike, whatever the moments were. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from guichet.law.calendar import paris_date, start_of_day
from guichet.law.clocks.facts import LegalFact, Withdrawn


def alike(facts: Iterable[LegalFact]) -> tuple[LegalFact, ...]:
    """Return facts with moments that tell their days and their order alone, so that cases of a day share an answer."""
    known = sorted(facts, key=lambda fact: fact.at)
    moments = _counted({at for fact in known for at in _moments(fact)})
    return tuple(_at_those(fact, moments) for fact in known)


def _moments(fact: LegalFact) -> Iterable[datetime]:
    yield fact.at
    if isinstance(fact, Withdrawn):
        yield from _moments(fact.what)


def _counted(moments: Iterable[datetime]) -> dict[datetime, datetime]:
    """Return for each moment the beginning of its day, and as many microseconds as moments of it came before."""
    counted, day, count = dict[datetime, datetime](), date.min, 0
    for at in sorted(moments):
        on = paris_date(at)
        count = count + 1 if on == day else 0
        day, counted[at] = on, start_of_day(on) + timedelta(microseconds=count)
    return counted


def _at_those(fact: LegalFact, moments: dict[datetime, datetime]) -> LegalFact:
    if isinstance(fact, Withdrawn):
        return Withdrawn(moments[fact.at], _at_those(fact.what, moments))
    return replace(fact, at=moments[fact.at])
