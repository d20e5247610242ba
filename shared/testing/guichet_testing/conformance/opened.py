"""A channel opened on the suite's world, as its host opens it; the provider's side of it."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import httpx

from guichet.channel.declaration import Channel, Webhook
from guichet.channel.host.webhooks import webhook_routes
from guichet.channel.lent import Host
from guichet.channel.payload import Incoming, Payload
from guichet.channel.refusals import UnverifiedSourceError
from guichet.channel.web import webhook_app
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND, Topic
from guichet.runtime.settings import SettingsGroup, read_settings
from guichet_testing.conformance.payloads import Payloads
from guichet_testing.conformance.sources import PROXIED, Answer
from guichet_testing.conformance.world import World


def topic_of(facts: ChannelFacts) -> Topic[MessageReceived] | None:
    """Return the topic that a channel's messages come in on; None where it names none of the town's."""
    return next((topic for topic in INBOUND if topic.name == facts.topic), None)


def settings_of(channel: Channel, payloads: Payloads, more: Mapping[str, str] | None = None) -> Any:
    """Return the provider's settings as an operator sets them. Raises SettingsError."""
    return _read(channel.provider.settings, payloads, more)


def sending_settings_of(channel: Channel, payloads: Payloads, more: Mapping[str, str]) -> Any:
    """Return those of the provider's sender. Raises SettingsError."""
    return _read(channel.provider.sending_settings, payloads, more)


def check_settings_of(channel: Channel, payloads: Payloads, more: Mapping[str, str]) -> Any:
    """Return what the provider's `check` is given. Raises SettingsError."""
    return _read(channel.provider.check_settings, payloads, more)


def _read(group: type[SettingsGroup], payloads: Payloads, more: Mapping[str, str] | None) -> Any:
    with patch.dict(os.environ, {**payloads.environment, **(more or {})}):
        return read_settings(group)


def lent(channel: Channel, world: World) -> Host:
    """Return what a host lends, made of the world."""
    topic = topic_of(channel.facts)
    assert topic is not None  # else nothing is opened
    return world.lend(channel.provider.name, topic, channel.facts)


@dataclass
class Opened:
    """One webhook of a channel, and who posts to it: a Source, and more."""

    channel: Channel
    payloads: Payloads
    world: World
    settings: SettingsGroup
    webhook: Webhook[Any]
    client: httpx.AsyncClient
    incoming: Incoming

    def signed(self, body: bytes, *, target: str = "", came_with: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return every header that the provider posts a body with. came_with: when it was posted before."""
        along = dict(self.payloads.headers(body)) if came_with is None else dict(came_with)
        payload = Payload(body, self.world.now(), lower(along), target or self.webhook.path)
        return {**along, **self.webhook.sign(self.settings, payload)}

    def payload(self, body: bytes, headers: Mapping[str, str] | None = None, target: str = "") -> Payload:
        """Return what `Incoming` is given of a genuine body, unless other headers are said."""
        came = lower(self.signed(body) if headers is None else headers)
        shown = {name.lower() for name in (*self.webhook.keeps, *self.webhook.proof)}
        kept = {name: came[name] for name in came if name in shown}
        return Payload(body, self.world.now(), kept, target or self.webhook.path)

    def verifies(self, payload: Payload) -> bool:
        """Return whether the channel takes it for its provider's."""
        try:
            self.incoming.verify(payload)
        except UnverifiedSourceError:
            return False
        return True

    def take_what_is_signed(self, body: bytes) -> None:
        """Raise AssertionError, which says why, unless the channel takes what it signs itself."""
        signed = self.signed(body)
        kept = self.payload(body, signed)
        whole = self.verifies(replace(kept, headers=lower(signed)))
        assert whole, "verify() refuses what sign() signed: a dead letter could not be handed in again"
        left = sorted(lower(signed).keys() - kept.headers.keys() - {"content-type"})
        assert self.verifies(kept), (
            f"verify() needs a header that is not shown to it: add {', '.join(left)} to the webhook's `proof`"
        )

    async def deliver(self, payload: bytes) -> Answer:
        """Post a genuine payload."""
        return await self.post(payload, self.signed(payload))

    async def deliver_forged(self, payload: bytes, proof: str) -> Answer:
        """Post a payload whose every proof is replaced; by a blank one: left out."""
        genuine = self.signed(payload)
        shown = lower(self.webhook.sign(self.settings, self.payload(payload, genuine))).keys() - {"content-type"}
        forged = {name: value for name, value in genuine.items() if name.lower() not in shown}
        return await self.post(payload, forged | (dict.fromkeys(shown, proof) if proof else {}))

    async def post(self, body: bytes, headers: Mapping[str, str], target: str = "") -> Answer:
        """Post with these headers and no others."""
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        answer = await self.client.post(target or self.webhook.path, content=body, headers=raw)
        return Answer((answer.status_code,))


def webhook_of(channel: Channel, carries: str = "messages") -> Webhook[Any] | None:
    """Return the provider's first webhook for messages, or reports."""
    ways = (way for way in channel.provider.inbound if isinstance(way, Webhook) and way.carries == carries)
    return next(ways, None)


@asynccontextmanager
async def opened(
    channel: Channel,
    payloads: Payloads,
    world: World,
    *,
    carries: str = "messages",
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Opened]:
    """Open a channel as its host does, behind a proxy. Raises SettingsError, LookupError where it has no webhook."""
    webhook = webhook_of(channel, carries)
    if webhook is None:
        raise LookupError(f"no webhook carries {carries}")
    web, incoming = webhook_app("conformance"), []

    def remembered(settings: Any, host: Host) -> AbstractAsyncContextManager[Incoming]:
        @asynccontextmanager
        async def open_and_remember() -> AsyncIterator[Incoming]:
            async with webhook.open(settings, host) as found:
                incoming.append(found)
                yield found

        return open_and_remember()

    provider = replace(channel.provider, inbound=(replace(webhook, open=remembered),))
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)  # what escapes is a 500, as on a real server
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(payloads.serving())
        settings = settings_of(channel, payloads, {**served, **(more or {})})
        routes = await stack.enter_async_context(webhook_routes(provider, settings, lent(channel, world)))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=PROXIED))
        web.include_router(routes)
        yield Opened(channel, payloads, world, settings, webhook, client, incoming[0])


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers by their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
