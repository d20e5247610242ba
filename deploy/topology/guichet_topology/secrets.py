"""The secrets that a deployment makes, each once: keys, and passwords of broker and store. Pure but for chance.

What is there is never replaced: a new key would make unreadable what the old one sealed. Where they are kept, the
deployment knows; which process is given which, environment.py says.
"""

import base64
import secrets
from collections.abc import Callable, Iterable
from typing import Final

from guichet.contracts.topics import TOPICS
from guichet.kafka.admin import rights
from guichet.store.setup import roles
from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_topology.env_file import read_env, with_values
from guichet_topology.services import own_key_name
from guichet_topology.sign_in import ADMINISTRATOR, BROKER
from guichet_topology.third_parties import services_of

Secrets = dict[str, str]
Maker = Callable[[], str]


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _password() -> str:
    return secrets.token_urlsafe(32)


A_KEY: Final = "{base64:32}"  # what a channel's facts say of a key that no provider gives: it seals what rests here
KAFKA_PASSWORDS: Final = {user: rights.password_variable(user) for user in (BROKER, ADMINISTRATOR, *rights.users())}

# Who signs what it publishes. A key bears its door's name at the end, not in front: GUICHET_<SERVICE>_… is handed on.
DOORS: Final = tuple(sorted({door for topic in TOPICS for door in topic.signed_by}))


def signing_key_name(door: str) -> str:
    """The name under which a door's signing key is kept."""
    return f"GUICHET_SIGNING_KEY_OF_{door.upper().replace('-', '_')}"


MAKERS: Final[dict[str, Maker]] = {
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


def makers_for(accounts: Iterable[OwnAccount | ThirdParty]) -> dict[str, Maker]:
    """What a deployment with these accounts needs: its own, keys of channels', a third party's keys and users."""
    accounts = [*accounts]
    makers = dict(MAKERS)
    for account in (each for each in accounts if isinstance(each, OwnAccount)):
        makers |= {name: _key for name, text in account.facts.local.items() if text == A_KEY}
    parties = (each for each in accounts if isinstance(each, ThirdParty))
    for service in (each for party in parties for each in services_of(party)):
        makers |= {own_key_name(service.name, variable): _key for variable in service.own_keys}
        if "GUICHET_KAFKA_USERNAME" in service.variables:
            makers |= dict.fromkeys(passwords_of(service.name), _password)
    return makers


def parse(text: str) -> Secrets:
    """Read a file of secrets. Raises SettingsError, with the line's number, for what is no NAME=value."""
    return read_env(text, file="secrets")


def render(values: Secrets) -> str:
    """Write lines of NAME=value."""
    return with_values("", values)
