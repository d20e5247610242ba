"""The stack's secrets: made at first start, kept in one file that only its owner can read."""

import base64
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from guichet.contracts.topics import TOPICS
from guichet.kafka.admin import rights
from guichet.store.setup import roles
from guichet.town.third_parties import ThirdParty
from guichet_local.kafka.security import ADMINISTRATOR, BROKER
from guichet_local.machine.private_file import write_private
from guichet_local.plan.local_values import local_secrets
from guichet_local.plan.town import Account
from guichet_topology.services import own_key_name
from guichet_topology.third_parties import services_of

Secrets = dict[str, str]


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _password() -> str:
    return secrets.token_urlsafe(32)


KAFKA_PASSWORDS: Final = {user: rights.password_variable(user) for user in (BROKER, ADMINISTRATOR, *rights.users())}

# Who signs what it publishes. A key bears its door's name at the end, not in front: GUICHET_<SERVICE>_… is handed on.
DOORS: Final = tuple(sorted({door for topic in TOPICS for door in topic.signed_by}))


def signing_key_name(door: str) -> str:
    """The name under which a door's signing key is kept."""
    return f"GUICHET_SIGNING_KEY_OF_{door.upper().replace('-', '_')}"


MAKERS: Final[dict[str, Callable[[], str]]] = {
    "GUICHET_MESSAGE_ID_KEY": _key,
    "GUICHET_INGEST_PSEUDONYM_KEY": _key,
    "GUICHET_REGISTRY_KEY": _key,
    "GUICHET_SECTOR_KEY": _key,
    "GUICHET_THREAD_KEY": _key,
    "GUICHET_LEDGER_KEY": _key,
    "GUICHET_REFERENCE_KEY": _key,
    "GUICHET_SESSION_KEY": _key,
    "GUICHET_PORTAL_FORM_KEY": _key,
    **dict.fromkeys(KAFKA_PASSWORDS.values(), _password),
    **{signing_key_name(door): _key for door in DOORS},
    **{roles.password_variable(user): _password for user in (roles.ADMINISTRATOR, *roles.ROLE_OF)},
}


def passwords_of(user: str) -> tuple[str, str]:
    """The names of a user's passwords, of the broker and of the store."""
    return rights.password_variable(user), roles.password_variable(user)


def makers_for(accounts: Iterable[Account]) -> dict[str, Callable[[], str]]:
    """What a stack with these accounts needs: what lets it in, and for a third party's processes keys and users."""
    accounts = [*accounts]
    makers = local_secrets(accounts) | MAKERS
    parties = (each for each in accounts if isinstance(each, ThirdParty))
    for service in (each for party in parties for each in services_of(party)):
        makers |= {own_key_name(service.name, variable): _key for variable in service.own_keys}
        if "GUICHET_KAFKA_USERNAME" in service.variables:
            makers |= dict.fromkeys(passwords_of(service.name), _password)
    return makers


def load_or_make_secrets(folder: Path, accounts: Iterable[Account] = ()) -> Secrets:
    """Read `secrets.env` in the folder (0700), made or completed (0600) where something is missing.

    What is there is never replaced: a new key would make unreadable what the old one sealed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "secrets.env"
    known = parse(file.read_text()) if file.exists() else {}
    missing = {name: make() for name, make in makers_for(accounts).items() if name not in known}
    if missing:
        write_private(file, render(known | missing))
    return known | missing


def parse(text: str) -> Secrets:
    """Read lines of NAME=value; others are skipped."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def render(values: Secrets) -> str:
    """Write lines of NAME=value."""
    return "".join(f"{name}={value}\n" for name, value in values.items())
