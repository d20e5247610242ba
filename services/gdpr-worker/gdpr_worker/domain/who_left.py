"""Who works for the town no more, and since when. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from guichet.ids import AgentId
from guichet.law.calendar import start_of_day
from guichet.store.agents.leaver_retention import KEPT_AFTER_LEAVING
from guichet.store.agents.rights import AgentRight
from guichet.store.agents.staff import StaffEntry
from guichet.town.staff.agents import Assignment
from guichet.town.staff.overlay import StaffKind
from guichet.town.staff.staff import Staff


def who_left(
    rights: Iterable[AgentRight], entries: Iterable[StaffEntry], staff: Staff, now: datetime
) -> frozenset[AgentId]:
    """Return those whose work ended KEPT_AFTER_LEAVING ago, and who have none to come.

    staff: as it holds, over what the files say: by entries. When it ended is told by rights, by last days, and by when
    an administrator took somebody off the staff. Of whom nothing tells it nobody is said to have left. Nor does anybody
    leave by being away: whom an identity provider lets in works here for as long as a mapping is about them.
    """
    ends = defaultdict[AgentId, list[datetime | None]](list)
    for right in rights:
        ends[right.agent].append(_end(right))
    for agent in staff.agents:
        ends[agent.agent_id] += map(_end_of, agent.assignments)
    for entry in entries:
        if entry.kind is StaffKind.AGENT and entry.key not in staff.names:  # or nobody can read what it says of them
            ends[AgentId(entry.key)].append(entry.changed_at if entry.said is None else None)
    return frozenset(agent for agent, theirs in ends.items() if _are_over(theirs, now - KEPT_AFTER_LEAVING))


def _are_over(ends: Iterable[datetime | None], at: datetime) -> bool:
    return all(end is not None and end <= at for end in ends)


def _end(right: AgentRight) -> datetime | None:
    """Return when a right ended, or will: at the latest when the last of its assignments does."""
    last_days = [grant.until for grant in right.grants or ()]
    if not last_days or None in last_days:
        return right.until
    last = max(day for day in last_days if day is not None)
    return last if right.until is None else min(last, right.until)


def _end_of(assignment: Assignment) -> datetime | None:
    return None if assignment.ends is None else start_of_day(assignment.ends + timedelta(days=1))
