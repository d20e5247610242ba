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
from guichet.town.staff.profiles import WITHOUT_A_FILE, ProfileList
from guichet.town.staff.staff import Staff
from guichet.town.yaml_file import YamlFile, read_yaml


def read_staff(
    folder: Path, organisation: Organisation, procedures: Collection[ProcedureId], mailboxes: Collection[str] = ()
) -> tuple[Staff, Iterator[str]]:
    """Return the staff, and complaints about what is named and does not exist. Raises SettingsError.

    mailboxes: the town's own.
    """
    agents_file = read_yaml(folder / of_agents.FILE)
    profiles_file = _read_if_there(folder / of_profiles.FILE)
    identities_file = _read_if_there(folder / of_identities.FILE)
    listed = profiles_file.parse(ProfileList) if profiles_file else ProfileList(profiles=WITHOUT_A_FILE)
    staff = Staff(
        agents=agents_file.parse(AgentList).agents,
        profiles=listed.profiles,
        units=organisation.units,
        mappings=identities_file.parse(IdentityList).mappings if identities_file else (),
        reasons=listed.reasons,
        caller_gives=listed.caller_gives,
    )
    complaints = (
        check_profiles(profiles_file, staff, organisation, procedures) if profiles_file else (),
        check_mappings(identities_file, staff) if identities_file else (),
        check_agents(agents_file, staff, organisation, mailboxes),
    )
    return staff, chain.from_iterable(complaints)


def _read_if_there(path: Path) -> YamlFile | None:
    return read_yaml(path) if path.exists() else None
