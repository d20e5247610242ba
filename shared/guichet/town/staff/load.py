"""Read who works for the town from its folder: agents.yaml, and, where the town has them, profiles and mappings."""

from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from guichet.ids import ProcedureId
from guichet.town.organisation import Organisation
from guichet.town.staff import agents as of_agents
from guichet.town.staff import identities as of_identities
from guichet.town.staff import profiles as of_profiles
from guichet.town.staff.agents import AgentList
from guichet.town.staff.checks import check_agents, check_mappings, check_profiles
from guichet.town.staff.identities import IdentityList
from guichet.town.staff.profiles import REASONS, WITHOUT_A_FILE, ProfileList
from guichet.town.staff.staff import Staff
from guichet.town.yaml_file import read_yaml


def read_staff(
    folder: Path, organisation: Organisation, procedures: Collection[ProcedureId]
) -> tuple[Staff, Iterator[str]]:
    """Return the staff, and complaints about what is named and does not exist. Raises SettingsError."""
    agents_file = read_yaml(folder / of_agents.FILE)
    agents = agents_file.parse(AgentList)
    profiles, reasons, mappings = WITHOUT_A_FILE, REASONS, IdentityList()
    complaints: list[Iterator[str]] = []
    if (folder / of_profiles.FILE).exists():
        file = read_yaml(folder / of_profiles.FILE)
        listed = file.parse(ProfileList)
        profiles, reasons = listed.profiles, listed.reasons
        complaints.append(check_profiles(file, profiles, organisation, procedures))
    if (folder / of_identities.FILE).exists():
        file = read_yaml(folder / of_identities.FILE)
        mappings = file.parse(IdentityList)
        complaints.append(check_mappings(file, mappings, profiles, organisation))
    complaints.append(check_agents(agents_file, agents, profiles, organisation))
    staff = Staff(agents.agents, profiles, organisation.units, mappings.mappings, reasons)
    return staff, chain.from_iterable(complaints)
