"""Who works for the town no more, and since when. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.store.agents.accounts import KEPT_AFTER_LEAVING
from guichet.store.agents.rights import AgentRight, by_agent
from guichet.town.staff.staff import Staff


def who_left(rights: Iterable[AgentRight], staff: Staff, now: datetime) -> frozenset[AgentId]:
    """Return those whose work ended KEPT_AFTER_LEAVING ago, as rights tell, and who have none to come.

    Of whom no right tells when it ended nobody is said to have left: a file that was put in the wrong place takes away
    nobody's account, and who sees cases in synthesis alone never had one.
    """
    today, by_then = paris_date(now), now - KEPT_AFTER_LEAVING
    ended = (agent for agent, theirs in by_agent(rights).items() if _ended_before(theirs, by_then))
    return frozenset(agent for agent in ended if not _works(agent, staff, today))


def _works(agent: AgentId, staff: Staff, day: date) -> bool:
    known = staff.by_id.get(agent)
    return known is not None and (known.works_on(day) or known.works_from(day) is not None)


def _ended_before(rights: Collection[AgentRight], at: datetime) -> bool:
    """Say whether all of these rights had ended by then."""
    return all(end is not None and end <= at for end in map(_end, rights))


def _end(right: AgentRight) -> datetime | None:
    """Return when a right ended, or will: at the latest when the last of its assignments does."""
    last_days = [grant.until for grant in right.grants or ()]
    if not last_days or None in last_days:
        return right.until
    last = max(day for day in last_days if day is not None)
    return last if right.until is None else min(last, right.until)
