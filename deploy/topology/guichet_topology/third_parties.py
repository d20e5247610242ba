"""The processes of channels that are not part of Guichet: an ingest host and a sender for each provider account. Pure.

They get what any host or sender gets, their provider's variables, and keys of their own; and nothing of anybody else's
(docs/decisions/0041).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from guichet.errors import SettingsError
from guichet.town.third_parties import ThirdParty
from guichet_topology.commands import ADMINISTRATORS, EVERY_COMMAND
from guichet_topology.ports import health_port_name
from guichet_topology.services import SERVICES, TUNING, Service
from guichet_topology.variables import (
    BASE,
    DOOR,
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

PLAYS_PROVIDERS: Final = "citizen-sandbox"  # on a local stack


def services_with(parties: Iterable[ThirdParty]) -> tuple[Service, ...]:
    """Return all services of a town. Raises SettingsError where a party's name would give it what is another's."""
    parties = [*parties]
    played = tuple(party.provider for party in parties)
    found = [replace(each, plays=played) if each.name == PLAYS_PROVIDERS else each for each in SERVICES]
    for party in parties:
        for service in services_of(party):
            if reason := next(_reasons_against(service, found), None):
                raise SettingsError(f"provider {party.provider}: {reason}; its package must call it otherwise.")
            found.append(service)
    return tuple(found)


def services_of(party: ThirdParty) -> tuple[Service, ...]:
    """Return the processes of one third party."""
    return (*([_host(party)] if party.takes_in else []), *([_sender(party)] if party.sends else []))


def _host(party: ThirdParty) -> Service:
    return Service(
        party.host,
        "ingest_social",
        {"GUICHET_HTTP_PORT": party.host, "GUICHET_HEALTH_PORT": health_port_name(party.host)},
        (*BASE, *DOOR, *STORE, *SEAL, *PROBED, *PROXIES, *SHOWN, *PACKAGES),
        channels=party.channels,
        own_keys=INTAKE,
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
    if seen := sorted(name for name in _known_to_others() if name.startswith(service.prefixes)):
        yield f"{seen[0]} would be among its variables"
    for other in others:
        if other.provider == service.provider:
            continue  # host and sender of one account
        if other.name == service.name:
            yield f"there is another process called {other.name}"
        if any(a.startswith(b) or b.startswith(a) for a in service.prefixes for b in other.prefixes):
            yield f"its variables could not be told from those of {other.provider or other.name}"


def _known_to_others() -> set[str]:
    rows = [service.variables for service in SERVICES]
    return {name for names in (*rows, *TUNING.values(), EVERY_COMMAND, *ADMINISTRATORS.values()) for name in names}
