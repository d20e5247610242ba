"""An ingest service: it opens what the town switched on, and serves it until it is told to stop."""

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from guichet.channel.connect import connected_edge
from guichet.channel.declaration import Listener, Provider, Webhook
from guichet.channel.edge import Edge
from guichet.channel.host.discovery import providers_of, use_packages_of
from guichet.channel.host.settings import HostSettings, names_in
from guichet.channel.host.webhooks import webhook_routes
from guichet.channel.lent import Host
from guichet.channel.web import webhook_app
from guichet.clock import Clock
from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_THIRD_PARTY, Topic
from guichet.errors import SettingsError
from guichet.mongo.client import closing, connect
from guichet.privacy.signing.records import Signer
from guichet.runtime.clock import clock_of
from guichet.runtime.garbage import tune_collector
from guichet.runtime.health import Health
from guichet.runtime.server import serve, serving_health
from guichet.runtime.settings import SettingsGroup, SigningSettings, read_settings
from guichet.runtime.signals import told_to_stop
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.catch_ups import CatchUps, lent_for
from guichet.store.mailbox_places import MailboxPlaces, places_lent_for
from guichet.town import Town, load_town
from guichet.town.channel_facts import known_channels


@dataclass(frozen=True)
class _Surroundings:
    """What every provider of a host is lent alike."""

    service: str
    topic: Topic[MessageReceived]
    town: Town
    clock: Clock
    edge: Edge
    catch_ups: CatchUps
    mailbox_places: MailboxPlaces
    message_id_key: bytes

    def lend(self, provider: str) -> Host:
        return Host(provider=provider, **vars(self))


async def run_host(service: str, topic: Topic[MessageReceived], settings: HostSettings) -> None:
    """Open every channel that the town switched on and whose messages go onto `topic`, and serve them until SIGTERM.

    Who is told by name what to open is a third party's host: its messages go onto inbound-third-party instead.
    Raises SettingsError for a wrong town, a channel without a package, a setting that a provider needs, a taken port.
    """
    town = load_town(settings.town)  # first: what another package announces would pass for a part of Guichet
    use_packages_of(settings.channels, settings.channel_packages)
    topic = INBOUND_THIRD_PARTY if settings.channels else topic
    service = name_of_host(service, town.facts, settings.channels)
    clock, health = clock_of(service), Health()
    providers = with_settings(providers_of(opened_here(town, topic, settings.channels)))
    async with AsyncExitStack() as stack:
        signer = _signer() if topic.is_signed else None
        edge = await stack.enter_async_context(connected_edge(service, settings, health, clock.now, signer))
        database = stack.enter_context(closing(connect(settings.mongo)))
        key = settings.edge.message_id_key.get_secret_value()
        lent = lent_for(topic, database), places_lent_for(topic, database)
        around = _Surroundings(service, topic, town, clock, edge, *lent, key)
        web = webhook_app(topic.name.removeprefix("inbound-"), probing=Probing(service, settings.probing, clock.now))
        for provider, own in providers:
            await stack.enter_async_context(
                opened(provider, own, around.lend(provider.name), web, settings.message_ids_shown)
            )
        if any(isinstance(each, Webhook) for provider, _ in providers for each in provider.inbound):
            await serve(web, settings.http, health)
            return
        async with serving_health(health, settings.http):
            tune_collector()
            await told_to_stop().wait()


def _signer() -> Signer:
    return Signer(read_settings(SigningSettings).signing_key.get_secret_value())


def name_of_host(service: str, facts: KnownChannels, only: tuple[str, ...]) -> str:
    """Return the name by which a process is known: a third party's has its own, after its provider account."""
    return facts[only[0]].host if only else service


def name_to_begin_with(service: str) -> str:
    """Return the same before any setting is read: the first line of a log is under the right name, too.

    What is wrong with the town, or with its channels, is said by who reads the settings.
    """
    only, town = names_in(os.environ.get("GUICHET_CHANNELS", "")), os.environ.get("GUICHET_TOWN")
    if not only or not town:
        return service
    with suppress(SettingsError, OSError):
        return name_of_host(service, known_channels(Path(town)), only)
    return service


def opened_here(town: Town, topic: Topic[MessageReceived], only: tuple[str, ...]) -> list[str]:
    """Return the channels that a host opens. only: those of another package have a host each, which opens nothing else.

    Without `only` that leaves what is part of Guichet: a town's own copy of the facts marks a channel of another
    package. Raises SettingsError where `only` names a channel that is not switched on, or none whose messages go here.
    """
    here = town.channels_onto(topic.name)
    if not only:
        return [name for name in here if name not in town.facts.of_other_packages]
    _require_named(only, town, here, topic)
    return [name for name in here if name in only]


def _require_named(only: tuple[str, ...], town: Town, here: list[str], topic: Topic[MessageReceived]) -> None:
    """Raise SettingsError rather than let a host run that opens nothing and says that it is well."""
    if unknown := [name for name in only if name not in town.channels]:
        raise SettingsError(
            f"GUICHET_CHANNELS names {', '.join(unknown)}, which the town's channels.yaml does not switch on:"
            " mend the name, or run `guichet channels enable`."
        )
    if not set(only) & set(here):
        raise SettingsError(
            f"GUICHET_CHANNELS names {', '.join(only)}, none of whose messages come in on {topic.name}: another"
            " service opens them."
        )


def with_settings(providers: Iterable[Provider[Any]]) -> list[tuple[Provider[Any], SettingsGroup]]:
    """Read what each provider needs from the environment. Raises SettingsError with a line for each wrong variable."""
    read, wrong = [], []
    for provider in providers:
        try:
            read.append((provider, read_settings(provider.settings)))
        except SettingsError as error:
            wrong.append(str(error))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return read


@asynccontextmanager
async def opened(
    provider: Provider[Any], settings: SettingsGroup, host: Host, web: FastAPI, message_ids_shown: bool
) -> AsyncIterator[None]:
    """Open all ways in of a provider."""
    async with AsyncExitStack() as stack:
        routes = webhook_routes(provider, settings, host, message_ids_shown=message_ids_shown)
        web.include_router(await stack.enter_async_context(routes))
        for way_in in provider.inbound:
            if isinstance(way_in, Listener):
                await stack.enter_async_context(way_in.open(settings, host))
        yield
