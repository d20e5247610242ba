"""What a local stack tells of a town's provider accounts, where the citizen sandbox plays the providers.

Their channels' facts say it (guichet.contracts.accounts). What they need not say: where the provider is asked, where it
reaches the town, and the webhook that the sandbox posts to, as `guichet channels new` calls them.
"""

import base64
import re
import secrets
import string
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from guichet.contracts.accounts import PLACE, RANDOM, usual_values
from guichet.town.own_accounts import OwnAccount
from guichet_local.plan.town import Account
from guichet_topology.services import OF_EVERY_TOWN, prefix_of
from guichet_topology.third_parties import prefixes_of

_HOST_OF: Final = {each.topic: each.name for each in OF_EVERY_TOWN if each.topic is not None}
_SIGNS: Final = {"hex": "0123456789abcdef", "token": f"{string.ascii_letters}{string.digits}_-"}


def local_values(accounts: Iterable[Account], url: Mapping[str, str]) -> dict[str, str]:
    """Return the values that are not made up. url: by name of a port."""
    values: dict[str, str] = {}
    for account in accounts:
        ports = {"sandbox": "citizen-sandbox", "host": _host_of(account)}
        places = {place: url[port] for place, port in ports.items() if port is not None and port in url}
        said = {**_usual(account), **account.facts.local}
        known = {name: text for name, text in said.items() if not RANDOM.search(text)}
        values |= {name: _put_in(text, places) for name, text in known.items() if _has_place(text, places)}
    return values


def local_secrets(accounts: Iterable[Account]) -> dict[str, Callable[[], str]]:
    """Return what makes up the others, by variable."""
    return {
        name: partial(RANDOM.sub, _made_up, text)
        for account in accounts
        for name, text in account.facts.local.items()
        if RANDOM.search(text)
    }


def _has_place(text: str, places: Mapping[str, str]) -> bool:
    return {*PLACE.findall(text)} <= places.keys()


def _put_in(text: str, places: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: places[place[1]], text)


def _host_of(account: Account) -> str | None:
    """Return the process that takes its messages in; None where none does."""
    if isinstance(account, OwnAccount):
        return next((_HOST_OF[topic] for topic in sorted(account.topics) if topic in _HOST_OF), None)
    return account.host if account.takes_in else None


def _usual(account: Account) -> dict[str, str]:
    usual = prefix_of(account.provider)
    if prefixes_of(account) != (usual,):
        return {}  # they are called otherwise
    return usual_values(usual, account.provider)


def _made_up(wish: re.Match[str]) -> str:
    kind, length = wish[1], int(wish[2])
    if kind == "base64":
        return base64.b64encode(secrets.token_bytes(length)).decode()
    if kind == "digits":
        return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))  # no nought first
    return "".join(secrets.choice(_SIGNS[kind]) for _ in range(length))
