"""The roles and users of MongoDB, as deploy/mongodb/roles.json and the town's file of passwords say."""

from pathlib import Path
from typing import Final

from guichet.mongo.client import translated
from guichet.runtime.settings import MongoSettings, VaultSettings, read_settings
from guichet.store.setup.roles import ROLE_OF, password_variable, read_roles
from guichet.store.setup.users import Changes, administrator_at, make_roles_and_users
from guichet_cli.console.users_file import read_passwords, read_text

ROLES: Final = Path(__file__).parents[3] / "mongodb" / "roles.json"


def make_users(admin_uri_file: Path, users_file: Path) -> Changes:
    """Make them, in whichever state they are. Raises SettingsError, TransientError."""
    uri = read_text(admin_uri_file, setting="GUICHET_MONGODB_ADMIN_URI_FILE").strip()
    passwords = read_passwords(users_file, ROLE_OF, password_variable, setting="GUICHET_MONGODB_USERS_FILE")
    with translated(), administrator_at(uri) as administrator:
        return make_roles_and_users(
            administrator,
            read_roles(ROLES),
            passwords,
            database=read_settings(MongoSettings).mongodb_database,
            vault_database=read_settings(VaultSettings).vault_database,
        )
