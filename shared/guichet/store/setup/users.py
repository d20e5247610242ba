"""Make MongoDB's roles and users as deploy/mongodb/roles.json says, in a deploy step, never from a service.

Two questions tell what is missing or changed; where nothing is, nothing is written. (Making a user costs mongod a
hash of 15,000 rounds, on purpose.)
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import MongoClient

from guichet.store.setup.roles import DATA, OURS, VAULT, Rights, are_the_same, privileges, roles_in
from guichet.town.third_parties import HAS_THE_ROLE_OF

Client = MongoClient[dict[str, Any]]

MECHANISM: Final = "SCRAM-SHA-256"
_ADMIN: Final = "admin"  # the database that holds users and roles


def administrator_at(uri: str) -> Client:
    """Connect as who may make users; every write counts once a majority has it."""
    return MongoClient(uri, serverSelectionTimeoutMS=5000, w="majority", journal=True)


@dataclass
class Changes:
    """What was made or changed, by name; nothing of what stayed."""

    roles: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)


def make_roles_and_users(
    administrator: Client,
    roles: Mapping[str, Rights],
    passwords: Mapping[str, str],
    *,
    database: str = DATA,
    vault_database: str = VAULT,
    hosts: Collection[str] = (),
) -> Changes:
    """Make what is missing, renew what differs, drop our roles that `roles` no longer names.

    passwords: by user; one who has none here stays as they are. hosts: of third parties; those of channels that the
    town switched off are dropped. Raises PyMongoError.
    """
    changes, role_of = Changes(), roles_in(hosts)
    _make_roles(administrator, roles, {DATA: database, VAULT: vault_database}, changes)
    make_users(administrator, {user: (role_of[user], password) for user, password in passwords.items()}, changes)
    _drop_hosts(administrator, role_of, changes)
    return changes


def _drop_hosts(administrator: Client, role_of: Mapping[str, str], changes: Changes) -> None:
    """Drop who has a host's role and a host's name, and is none of ours."""
    query = {"roles.role": role_of[HAS_THE_ROLE_OF], "user": {"$regex": "^ingest-"}}
    for each in administrator.admin.command("usersInfo", 1, filter=query)["users"]:
        if each["user"] not in role_of:
            administrator.admin.command("dropUser", each["user"])
            changes.users.append(each["user"])


def make_users(administrator: Client, wanted: Mapping[str, tuple[str, str]], changes: Changes | None = None) -> None:
    """Make users, each with one role. wanted: user → role, password. Raises PyMongoError."""
    asked = [{"user": user, "db": _ADMIN} for user in wanted]
    listed = administrator.admin.command("usersInfo", asked, showCredentials=True)["users"] if asked else []
    there = {each["user"]: each for each in listed}
    for user, (role, password) in wanted.items():
        if user in there and _is_as_wanted(there[user], role, password):
            continue
        verb = "updateUser" if user in there else "createUser"
        administrator.admin.command(verb, user, pwd=password, roles=[role], mechanisms=[MECHANISM])
        if changes is not None:
            changes.users.append(user)


def _make_roles(
    administrator: Client, roles: Mapping[str, Rights], databases: Mapping[str, str], changes: Changes
) -> None:
    listed = administrator.admin.command("rolesInfo", 1, showPrivileges=True)["roles"]
    there = {each["role"]: each["privileges"] for each in listed if each["role"].startswith(OURS)}
    for role, rights in roles.items():
        wanted = privileges(rights, databases)
        if role in there and are_the_same(there[role], wanted):
            continue
        verb = "updateRole" if role in there else "createRole"
        administrator.admin.command(verb, role, privileges=wanted, roles=[])
        changes.roles.append(role)
    for role in sorted(there.keys() - roles.keys()):
        administrator.admin.command("dropRole", role)
        changes.roles.append(role)


def _is_as_wanted(found: Mapping[str, Any], role: str, password: str) -> bool:
    return [each["role"] for each in found["roles"]] == [role] and _is_their_password(found, password)


def _is_their_password(found: Mapping[str, Any], password: str) -> bool:
    """RFC 5802, section 3: what the server keeps is derived from the password. Ours need no normalising: ASCII."""
    kept = found.get("credentials", {}).get(MECHANISM)
    if kept is None:
        return False
    salt, rounds = base64.b64decode(kept["salt"]), int(kept["iterationCount"])
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), base64.b64decode(kept["storedKey"]))
