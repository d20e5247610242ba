"""Whatever agents, profiles and mappings name exists, and nobody stands twice."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from guichet.ids import ProcedureId, ProfileId
from guichet.town.checks import no_department
from guichet.town.organisation import Organisation
from guichet.town.staff.agents import Agent, AgentList
from guichet.town.staff.identities import IdentityList
from guichet.town.staff.profiles import Profile
from guichet.town.yaml_file import YamlFile

Place = tuple[str | int, ...]


def check_profiles(
    file: YamlFile,
    profiles: Mapping[ProfileId, Profile],
    organisation: Organisation,
    procedures: Collection[ProcedureId],
) -> Iterator[str]:
    """Yield a complaint for each department or procedure of a profile that does not exist."""
    for name, profile in profiles.items():
        for nth, grant in enumerate(profile.grants):
            listed = grant.departments if isinstance(grant.departments, tuple) else ()
            for place, department in enumerate(listed):
                if department not in organisation.departments:
                    yield file.complaint(
                        ("profiles", name, "grants", nth, "departments", place), no_department(department)
                    )
            for place, procedure in enumerate(grant.procedures or ()):
                if procedure not in procedures:
                    yield file.complaint(
                        ("profiles", name, "grants", nth, "procedures", place), f"there is no procedure {procedure!r}."
                    )


def check_mappings(
    file: YamlFile, listed: IdentityList, profiles: Mapping[ProfileId, Profile], organisation: Organisation
) -> Iterator[str]:
    """Yield a complaint for each unit or profile of a mapping that does not exist."""
    for nth, mapping in enumerate(listed.mappings):
        if mapping.unit not in organisation.units:
            yield file.complaint(("mappings", nth, "unit"), _no_unit(mapping.unit))
        if mapping.profile not in profiles:
            yield file.complaint(("mappings", nth, "profile"), _no_profile(mapping.profile, profiles))


def check_agents(
    file: YamlFile, listed: AgentList, profiles: Mapping[ProfileId, Profile], organisation: Organisation
) -> Iterator[str]:
    """Yield a complaint for each doubled sign-in or id, and each department, unit or profile that does not exist."""
    signs = Counter(agent.sign_in for agent in listed.agents)
    ids = Counter(agent.agent_id for agent in listed.agents)
    for nth, agent in enumerate(listed.agents):
        if signs[agent.sign_in] > 1:
            yield file.complaint(("agents", nth, "sign_in"), f"two agents sign in as {agent.sign_in!r}.")
        if ids[agent.agent_id] > 1:
            yield file.complaint(("agents", nth, "agent_id"), f"two agents are called {agent.agent_id!r}.")
        yield from _check_assignments(file, nth, agent, profiles, organisation)


def _check_assignments(
    file: YamlFile, nth: int, agent: Agent, profiles: Mapping[ProfileId, Profile], organisation: Organisation
) -> Iterator[str]:
    for which, assignment in enumerate(agent.assignments):
        at: Place = ("agents", nth) if which == 0 else ("agents", nth, "also", which - 1)
        for place, department in enumerate(assignment.departments):
            if department not in organisation.departments:
                yield file.complaint((*at, "departments", place), no_department(department))
        if assignment.unit is not None and assignment.unit not in organisation.units:
            yield file.complaint((*at, "unit"), _no_unit(assignment.unit))
        profile = profiles.get(assignment.profile)
        if profile is None:
            yield file.complaint((*at, "profile"), _no_profile(assignment.profile, profiles))
        elif not assignment.departments and assignment.unit is None and _is_of_own(profile):
            yield file.complaint(at, f"the profile {assignment.profile!r} shows one's own departments; name some.")


def _is_of_own(profile: Profile) -> bool:
    return all(grant.departments == "own" for grant in profile.grants)


def _no_unit(unit: str) -> str:
    return f"there is no unit {unit!r} in organisation.yaml."


def _no_profile(profile: str, profiles: Mapping[ProfileId, Profile]) -> str:
    return f"there is no profile {profile!r}; there are {', '.join(sorted(profiles))}."
