"""What a server's files follow from, read from its disk: the town's files, its settings, its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guichet.errors import SettingsError
from guichet.town.demonstration import is_demonstration
from guichet.town.load import load_town
from guichet.town.own_accounts import OwnAccount, own_accounts
from guichet.town.third_parties import ThirdParty, third_parties
from guichet.town.yaml_file import read_yaml
from guichet_local.plan.secrets import complete_secrets
from guichet_server.layout import GIVEN_SECRETS, MADE_SECRETS, PLACES, SETTINGS
from guichet_server.render.everything import Town, values_of
from guichet_server.render.mail import read_by_imap
from guichet_topology.demonstration import told_settings
from guichet_topology.env_file import read_env
from guichet_topology.environment import Environment
from guichet_topology.secrets import Maker, makers_for


@dataclass(frozen=True)
class Installation:
    """settings: the town's, those that providers gave among them, but for a demonstration. secrets: made here."""

    town: Town
    settings: Mapping[str, str]
    secrets: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """The town's folder."""
        return folder_of(self.settings)

    @property
    def hosts(self) -> list[str]:
        """The ingest processes of third parties: each signs what it brings in."""
        return [each.host for each in self.town.accounts if isinstance(each, ThirdParty) and each.takes_in]

    @property
    def values(self) -> Environment:
        """Every variable's value."""
        return values_of(self.town, self.settings, self.secrets)


def read_installation() -> Installation:
    """Read it, and make the secrets that are missing. For root. Raises SettingsError, in sentences."""
    said = read_settings_files()
    folder = folder_of(said)
    town = read_town(folder)
    told = told_settings(said, is_demonstration=is_demonstration(folder))
    return Installation(town, told, complete_secrets(Path(MADE_SECRETS), _makers(town)))


def folder_of(settings: Mapping[str, str]) -> Path:
    """Return the town's folder."""
    return Path(settings.get("GUICHET_TOWN", PLACES.town))


def read_settings_files() -> dict[str, str]:
    """Return what the town sets, and what providers gave it; a line that was left empty says nothing."""
    files = [file for file in map(Path, (SETTINGS, GIVEN_SECRETS)) if file.exists()]
    said = {name: value for file in files for name, value in read_env(file.read_text("utf-8"), file=str(file)).items()}
    return {name: value for name, value in said.items() if value}


def read_town(folder: Path) -> Town:
    """Read what of a town decides which processes it has. Raises SettingsError with a line per mistake."""
    if not (folder / "town.yaml").exists():
        raise SettingsError(f"{folder} describes no town yet. Run: guichet town init")
    accounts: tuple[OwnAccount | ThirdParty, ...] = (*own_accounts(folder), *third_parties(folder))
    return Town(accounts, tuple(load_town(folder).mailboxes), read_by_imap(_mail_file(folder)))


def _mail_file(folder: Path) -> object:
    file = folder / "mail.yaml"
    return read_yaml(file).content if file.exists() else None


def _makers(town: Town) -> dict[str, Maker]:
    return makers_for(town.accounts)
