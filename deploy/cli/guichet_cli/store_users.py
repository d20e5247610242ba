"""The roles and users of MongoDB, as deploy/mongodb/roles.json and the town's file of passwords say."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError
from guichet.runtime.settings import MongoSettings, VaultSettings, read_settings
from guichet.store.client import translated
from guichet.store.roles import ROLE_OF, password_variable, read_roles
from guichet.store.users import Changes, administrator_at, make_roles_and_users

ROLES: Final = Path(__file__).parents[2] / "mongodb" / "roles.json"


def make_users(admin_uri_file: Path, users_file: Path) -> Changes:
    """Make them, in whichever state they are. Raises SettingsError, TransientError."""
    uri, passwords = _read(admin_uri_file).strip(), read_passwords(_read(users_file), ROLE_OF)
    with translated(), administrator_at(uri) as administrator:
        return make_roles_and_users(
            administrator,
            read_roles(ROLES),
            passwords,
            database=read_settings(MongoSettings).mongodb_database,
            vault_database=read_settings(VaultSettings).vault_database,
        )


def read_passwords(text: str, users: Iterable[str]) -> dict[str, str]:
    """Return the passwords of these users that the file has; its other lines are not looked at."""
    said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {user: said[password_variable(user)] for user in users if said.get(password_variable(user))}


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as exc:
        raise SettingsError(f"{file} cannot be read: {exc.strerror}.") from exc
