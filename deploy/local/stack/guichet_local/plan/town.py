"""What of a town's files decides which processes a stack has."""

from collections.abc import Mapping
from pathlib import Path

from guichet.errors import SettingsError
from guichet.town.demonstration import is_demonstration
from guichet.town.own_accounts import OwnAccount, every_own_account, own_accounts
from guichet.town.third_parties import ThirdParty, third_parties
from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import TOWN
from guichet_topology.demonstration import told_settings

Account = OwnAccount | ThirdParty


def accounts_of(settings: Mapping[str, str]) -> tuple[Account, ...]:
    """Return the provider accounts of the channels that the stack's town switched on. Raises StartFailedError."""
    town = _folder(settings)
    try:
        return (*own_accounts(town), *third_parties(town))
    except SettingsError as exc:
        raise StartFailedError(str(exc)) from exc


def settings_told(settings: Mapping[str, str]) -> dict[str, str]:
    """Return those that processes are told: of a demonstration, no provider's. Raises StartFailedError."""
    try:
        return told_settings(settings, is_demonstration=is_demonstration(_folder(settings)))
    except SettingsError as exc:
        raise StartFailedError(str(exc)) from exc


def accounts_if_legible(settings: Mapping[str, str]) -> tuple[Account, ...]:
    """Return them; of a town that cannot be read, those of all of Guichet's own channels.

    Who reads the files says what is wrong with them.
    """
    try:
        return accounts_of(settings)
    except StartFailedError:
        return every_own_account()


def _folder(settings: Mapping[str, str]) -> Path:
    return Path(settings.get("GUICHET_TOWN", TOWN))
