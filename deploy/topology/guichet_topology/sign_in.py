"""As whom a process signs in to broker and store, and with what. Pure.

A deployment keeps every password; a process is given its own alone. Where a deployment says by whom a broker or a store
of its own is used, it names the address itself (GUICHET_MONGODB_URI), and no user is put in.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from guichet.kafka.admin import rights
from guichet.store.setup.roles import ADMINISTRATOR as STORE_ADMINISTRATOR
from guichet.store.setup.roles import password_variable as store_password_variable

# Whom the broker knows by its own file: itself and its administrator.
BROKER, ADMINISTRATOR = "broker", "admin"
REPLICA_SET: Final = "rs0"
STORE_URI, VAULT_URI = "GUICHET_MONGODB_URI", "GUICHET_VAULT_MONGODB_URI"
STORE_ADDRESS: Final = "MONGODB_ADDRESS"  # host:port of each member, comma-separated; no process is given these two
STORE_AUTHORITY: Final = "MONGODB_AUTHORITY"  # the file of whose certificates are believed, where the store speaks TLS


def sign_in_as(user: str, values: Mapping[str, str]) -> dict[str, str]:
    """The two variables by which one process signs in to the broker.

    None for a broker that lets in everybody, or where the deployment says by itself who signs in.
    """
    if values.get("GUICHET_KAFKA_SECURITY", "plaintext") == "plaintext" or "GUICHET_KAFKA_USERNAME" in values:
        return {}
    return {"GUICHET_KAFKA_USERNAME": user, "GUICHET_KAFKA_PASSWORD": values[rights.password_variable(user)]}


def store_uris(user: str, values: Mapping[str, str]) -> dict[str, str]:
    """The connection strings with which one process signs in; none where the deployment names them itself."""
    if STORE_ADDRESS not in values or store_password_variable(user) not in values:
        return {}
    uri = _uri(user, values)
    return {STORE_URI: uri, VAULT_URI: values.get(VAULT_URI, uri)}


def admin_uri(values: Mapping[str, str]) -> str:
    """The administrator's connection string, or the one that the deployment names: for tests and tools, no service."""
    return _uri(STORE_ADMINISTRATOR, values) if STORE_ADDRESS in values else values[STORE_URI]


def uri_of(address: str, user: str | None = None, password: str = "", authority: str | None = None) -> str:
    """A whole connection string of a replica set. authority: the file of whose certificates are believed, for TLS."""
    options = {"replicaSet": REPLICA_SET, "w": "majority", "journal": "true"}
    if user is not None:
        options["authSource"] = "admin"
    if authority is not None:
        options |= {"tls": "true", "tlsCAFile": authority}
    who = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user is not None else ""
    return f"mongodb://{who}{address}/?{urlencode(options, safe='/')}"


def _uri(user: str, values: Mapping[str, str]) -> str:
    password = values[store_password_variable(user)]
    return uri_of(values[STORE_ADDRESS], user, password, values.get(STORE_AUTHORITY))
