"""Who may do what in MongoDB: one user a service, the rights of deploy/mongodb/roles.json and no other. Pure.

The file names places "database.collection"; "database." is the database itself. `guichet` and `guichet_vault` stand
there for the two databases, whatever a town calls them.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from guichet.errors import SettingsError
from guichet.town.third_parties import HAS_THE_ROLE_OF

Rights = Mapping[str, Iterable[str]]
"""Place → actions, as in the file."""

ROLE_OF: Final[Mapping[str, str]] = {
    "ingest-email": "guichet_ingest_email",
    "ingest-sms": "guichet_ingest_sms",
    "ingest-social": "guichet_adapter",
    "case-router": "guichet_router",
    "notifier": "guichet_notifier",
    "gdpr-worker": "guichet_gdpr_worker",
    "search-indexer": "guichet_search_indexer",
    "agent-desk": "guichet_desk",
    "citizen-portal": "guichet_portal",
    "guichet-cli": "guichet_operator",
    "guichet-deployment": "guichet_deployment",
    "guichet-backup": "guichet_backup",
    "guichet-restore": "guichet_restore",
    "guichet-export": "guichet_export",
    "guichet-import": "guichet_import",
}
"""User → role. ops-console has neither: it reads no store."""


def roles_in(hosts: Iterable[str]) -> dict[str, str]:
    """Return user → role in a town whose channels of other packages have these hosts."""
    return {**ROLE_OF, **dict.fromkeys(hosts, ROLE_OF[HAS_THE_ROLE_OF])}


ADMINISTRATOR: Final = "guichet-admin"  # of the local stack, who makes the others; a town's has any name

OURS: Final = "guichet_"  # how the names of our roles begin: one that the file no longer names is dropped
DATA, VAULT = "guichet", "guichet_vault"


def password_variable(user: str) -> str:
    """The line of a user's password in the file of passwords. No service's variable begins like it."""
    return f"MONGODB_PASSWORD_{user.upper().replace('-', '_')}"


def read_roles(file: Path) -> dict[str, Rights]:
    """Return each role's rights. Raises SettingsError where the file is not there or is no such file."""
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError) as exc:
        raise SettingsError(f"MongoDB's roles cannot be read from {file}: {type(exc).__name__}.") from exc


def privileges(rights: Rights, databases: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return rights as MongoDB's createRole takes them. databases: what DATA and VAULT are called here."""
    named = ((place.partition("."), actions) for place, actions in rights.items())
    return [
        {"resource": {"db": databases[database], "collection": collection}, "actions": sorted(actions)}
        for (database, _, collection), actions in named
    ]


def are_the_same(found: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether two lists of privileges say the same: MongoDB keeps no order."""
    return _by_place(found) == _by_place(wanted)


def _by_place(listed: Iterable[Mapping[str, Any]]) -> dict[frozenset[tuple[str, str]], frozenset[str]]:
    return {frozenset(each["resource"].items()): frozenset(each["actions"]) for each in listed}
