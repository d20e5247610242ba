"""The processes of channels that are not part of Guichet: an ingest host and a sender for each provider account. Pure.

They get what any host or sender gets, their provider's variables, and keys of their own; and nothing of anybody else's
(docs/decisions/0041).
"""

from collections.abc import Iterable, Iterator

from guichet.errors import SettingsError
from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_topology.accounts import played, with_accounts
from guichet_topology.own_names import overlap, reasons_against
from guichet_topology.ports import health_port_name
from guichet_topology.services import OF_EVERY_TOWN, Service, prefix_of
from guichet_topology.variables import (
    BASE,
    DOOR,
    FILES,
    INTAKE,
    PACKAGES,
    PROBED,
    PROCESS,
    PROXIES,
    SEAL,
    SENDERS,
    SHOWN,
    STORE,
)


def services_with(accounts: Iterable[OwnAccount | ThirdParty]) -> tuple[Service, ...]:
    """Return all services of a town. Raises SettingsError where a party's name would give it what is another's."""
    accounts = [*accounts]
    found = [*with_accounts(OF_EVERY_TOWN, (each for each in accounts if isinstance(each, OwnAccount)))]
    for party in (each for each in accounts if isinstance(each, ThirdParty)):
        for service in services_of(party):
            if reason := next(_reasons_against(service, found), None):
                raise SettingsError(f"provider {party.provider}: {reason}; its package must call it otherwise.")
            found.append(service)
    return played((each.provider for each in accounts), found)


def prefixes_of(account: OwnAccount | ThirdParty) -> tuple[str, ...]:
    """Return how an account's variables begin."""
    return account.prefixes if isinstance(account, OwnAccount) else (prefix_of(account.provider),)


def services_of(party: ThirdParty) -> tuple[Service, ...]:
    """Return the processes of one third party."""
    return (*([_host(party)] if party.takes_in else []), *([_sender(party)] if party.sends else []))


def _host(party: ThirdParty) -> Service:
    return Service(
        party.host,
        "ingest_social",
        {"GUICHET_HTTP_PORT": party.host, "GUICHET_HEALTH_PORT": health_port_name(party.host)},
        (*BASE, *DOOR, *STORE, *SEAL, *FILES, *PROBED, *PROXIES, *SHOWN, *PACKAGES),
        channels=party.channels,
        own_keys=(*INTAKE, "GUICHET_SIGNING_KEY"),
        provider=party.provider,
    )


def _sender(party: ThirdParty) -> Service:
    return Service(
        party.sender,
        "notifier_sender",
        {"GUICHET_HEALTH_PORT": health_port_name(party.sender)},
        (*PROCESS, *SENDERS, *PACKAGES),
        lane=party.provider,
        channels=party.channels,
        provider=party.provider,
    )


def _reasons_against(service: Service, others: Iterable[Service]) -> Iterator[str]:
    yield from reasons_against(service.prefixes)
    for other in others:
        if other.provider == service.provider:
            continue  # host and sender of one account
        if other.name == service.name:
            yield f"there is another process called {other.name}"
        if other.is_third_party and overlap(service.prefixes, other.prefixes):
            yield f"its variables could not be told from those of {other.provider}"
