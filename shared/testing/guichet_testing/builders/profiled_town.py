"""The example town with an agent for each way in which a profile limits what one sees and does."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from guichet.ids import AgentId, DepartmentId, ProcedureId, ProfileId
from guichet.rights.case_acts import CaseAct
from guichet.town.staff.agents import Agent
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet.town.town import Town
from guichet_testing.builders.example_town import the_example_town

POTHOLE: Final = ProcedureId("nid-de-poule")
READ, ANSWER, SIGN, CLOSE, REROUTE, EXPORT, ENTER = CaseAct

LIMITS: Final[Mapping[str, tuple[ProfileGrant, ...]]] = {
    "reads-alone": (ProfileGrant(acts=(READ,)),),
    "exports": (ProfileGrant(acts=(READ, EXPORT)),),
    "writes-unsigned": (ProfileGrant(acts=(READ, ANSWER)),),
    "signs-unwritten": (ProfileGrant(acts=(READ, SIGN)),),
    "answers": (ProfileGrant(acts=(READ, ANSWER, SIGN)),),
    "closes": (ProfileGrant(acts=(READ, CLOSE)),),
    "reroutes": (ProfileGrant(acts=(READ, REROUTE)),),
    "of-a-procedure": (ProfileGrant(acts=tuple(CaseAct), procedures=(POTHOLE,)),),
    "of-own-entries": (ProfileGrant(departments="all", acts=tuple(CaseAct), entered_by="self"),),
    "in-synthesis": (ProfileGrant(departments="all", detail="synthesis", acts=(READ, EXPORT, ENTER)),),
    "synthesis-beside": (ProfileGrant(acts=tuple(CaseAct)), ProfileGrant(departments="all", detail="synthesis")),
    "with-a-reason": (ProfileGrant(acts=tuple(CaseAct), reason_asked=True),),
    "with-a-reason-for-sensitive": (
        ProfileGrant(
            departments=(DepartmentId("voirie"), DepartmentId("ccas")), acts=tuple(CaseAct), reason_asked=True
        ),
    ),
    "for-callers": (ProfileGrant(departments="all", detail="synthesis", caller_identified=True, acts=(READ, ENTER)),),
    "sees-nothing": (ProfileGrant(departments=(), acts=tuple(CaseAct)),),
}
"""A profile of each of these names, and an agent of the streets department who has it, and signs in by it."""


@cache
def profiled_town() -> Town:
    """Return the town. Its own agents and profiles are there, too."""
    town = the_example_town()
    profiles = {ProfileId(name): Profile(label=name, grants=grants) for name, grants in LIMITS.items()}
    agents = tuple(
        Agent(agent_id=AgentId(name), name=name, sign_in=name, profile=ProfileId(name), departments=("voirie",))
        for name in LIMITS
    )
    staff = replace(town.staff, agents=(*town.agents, *agents), profiles={**town.staff.profiles, **profiles})
    return replace(town, staff=staff)
