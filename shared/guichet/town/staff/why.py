"""What an agent sees of a case on a day, and by which of their profiles. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from guichet.rights.scope import Detail, Grant, Seen
from guichet.town.staff.agents import Agent, Assignment
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet.town.staff.scope_of import Scopes
from guichet.town.staff.staff import Staff


@dataclass(frozen=True)
class Ground:
    """Why they see it: a line of a profile that an assignment gives them. grant: what it comes to for them."""

    profile: Profile
    given: ProfileGrant
    grant: Grant
    assignment: Assignment


@dataclass(frozen=True)
class Explanation:
    """detail: None: they do not see it. grounds: each that shows as much. works: an assignment of theirs holds."""

    agent: Agent
    detail: Detail | None
    grounds: tuple[Ground, ...]
    works: bool


def explain(agent: Agent, seen: Seen | None, staff: Staff, scopes: Scopes, day: date) -> Explanation:
    """Return what an agent sees of a case, and why. seen: None: there is none that they see. day: of Paris."""
    grounds = [each for each in _grounds(agent, staff, scopes, day) if seen is not None and each.grant.covers(seen)]
    whole = [each for each in grounds if each.grant.detail == "full"]
    detail: Detail | None = "full" if whole else "synthesis" if grounds else None
    return Explanation(agent, detail, tuple(whole or grounds), agent.works_on(day))


def _grounds(agent: Agent, staff: Staff, scopes: Scopes, day: date) -> Iterator[Ground]:
    for assignment in agent.assignments:
        profile = staff.profiles.get(assignment.profile)
        if profile is not None and assignment.holds_on(day):
            for given, grant in scopes.granted(agent, assignment, staff):
                yield Ground(profile, given, grant, assignment)
