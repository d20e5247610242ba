"""Who signs in to the stack's store, and with what: each process as itself, a test and the tools as administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from guichet.store.setup.roles import ADMINISTRATOR, password_variable
from guichet_local.machine.certificates import AUTHORITY, SERVER, make_certificates
from guichet_local.machine.ports import HOST
from guichet_local.machine.private_file import write_private
from guichet_local.mongod.access import MongodAccess
from guichet_topology.sign_in import STORE_ADDRESS, STORE_AUTHORITY, STORE_URI, VAULT_URI, admin_uri

Environment = dict[str, str]

ADMIN_URI_FILE: Final = "GUICHET_MONGODB_ADMIN_URI_FILE"
USERS_FILE: Final = "GUICHET_MONGODB_USERS_FILE"
OLD_SERVER: Final = "GUICHET_MONGODB_OLD_SERVER"


def store_values(folder: Path, ports: Sequence[int], settings: Mapping[str, str]) -> Environment:
    """What the stack's variables hold of the store. A MongoDB of the user's own is as the user's settings say.

    ports: of each member of our own replica set; a client is told all of them.
    """
    if STORE_URI in settings:
        return {VAULT_URI: settings[STORE_URI]}
    secrets = folder / "secrets"
    return {
        STORE_ADDRESS: ",".join(f"{HOST}:{port}" for port in ports),
        ADMIN_URI_FILE: str(secrets / "mongodb-admin-uri"),
        USERS_FILE: str(secrets / "secrets.env"),
        OLD_SERVER: "accepted",  # of our own, on loopback: the wheel's is end of life
    }


def store_tls_values(folder: Path) -> Environment:
    """What makes our own mongod speak TLS alone, and everybody's connection string say so."""
    return {STORE_AUTHORITY: str(folder / "tls" / AUTHORITY)}


def mongod_access(folder: Path, values: Mapping[str, str]) -> MongodAccess:
    """What our own mongod is told; the administrator's connection string is written for `mongosh "$(cat …)"`."""
    write_private(Path(values[ADMIN_URI_FILE]), admin_uri(values))
    access = MongodAccess(folder / "secrets" / "mongodb.key", values[password_variable(ADMINISTRATOR)])
    if STORE_AUTHORITY not in values:
        return access
    make_certificates(folder / "tls")
    return replace(access, certificate=folder / "tls" / SERVER, authority=folder / "tls" / AUTHORITY)
