"""Whatever agents, profiles and mappings of the town's files name exists, and nobody stands twice."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from guichet.ids import ProcedureId
from guichet.town.organisation import Organisation
from guichet.town.staff.faults import (
    Fault,
    Place,
    address_faults,
    agent_faults,
    in_english,
    mapping_faults,
    profile_faults,
)
from guichet.town.staff.staff import Staff
from guichet.town.yaml_file import YamlFile


def check_profiles(
    file: YamlFile, staff: Staff, organisation: Organisation, procedures: Collection[ProcedureId]
) -> Iterator[str]:
    """Yield a complaint for each department or procedure of a profile that does not exist."""
    for name, profile in staff.profiles.items():
        faults = profile_faults(profile, organisation.departments, procedures)
        yield from _complaints(file, ("profiles", name), faults, staff)


def check_mappings(file: YamlFile, staff: Staff) -> Iterator[str]:
    """Yield a complaint for each unit or profile of a mapping that does not exist."""
    for nth, mapping in enumerate(staff.mappings):
        yield from _complaints(file, ("mappings", nth), mapping_faults(mapping, staff), staff)


def check_agents(
    file: YamlFile, staff: Staff, organisation: Organisation, mailboxes: Collection[str] = ()
) -> Iterator[str]:
    """Yield a complaint for each doubled sign-in or id, and each department, unit or profile that does not exist.

    mailboxes: the town's own, which are no agent's.
    """
    signs = Counter(agent.sign_in for agent in staff.agents)
    ids = Counter(agent.agent_id for agent in staff.agents)
    for nth, agent in enumerate(staff.agents):
        if signs[agent.sign_in] > 1:
            yield file.complaint(("agents", nth, "sign_in"), f"two agents sign in as {agent.sign_in!r}.")
        if ids[agent.agent_id] > 1:
            yield file.complaint(("agents", nth, "agent_id"), f"two agents are called {agent.agent_id!r}.")
        faults = chain(agent_faults(agent, staff, organisation.departments), address_faults(agent, mailboxes))
        yield from _complaints(file, ("agents", nth), faults, staff)


def _complaints(file: YamlFile, at: Place, faults: Iterable[Fault], staff: Staff) -> Iterator[str]:
    for fault in faults:
        yield file.complaint((*at, *fault.place), in_english(fault, staff.profiles))
