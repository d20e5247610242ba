"""A tile at play between a channel's webhook and what its sender posts. The one module that needs citizen_sandbox."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
from fastapi import FastAPI
from pydantic import ValidationError

from citizen_sandbox.play.clock import now
from citizen_sandbox.play.courier import Courier
from citizen_sandbox.play.entry import Direction, Entry
from citizen_sandbox.play.form import Field, Kind, Written
from citizen_sandbox.play.journal import Journal, Wanted
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.people import Citizen, load_people
from citizen_sandbox.play.settings import explain, read_settings
from citizen_sandbox.play.tile import Kit, OpenTile, Sender, Tile
from guichet.channel.declaration import Channel
from guichet.contracts.accounts import usual_values
from guichet_testing.conformance.declared import account_of
from guichet_testing.conformance.opened import Opened, opened
from guichet_testing.conformance.payloads import Payloads
from guichet_testing.conformance.provider_api import Reply, Request
from guichet_testing.conformance.world import World

_SANDBOX, _HOST = "http://127.0.0.1:8003", "http://127.0.0.1:8012"
_SELDOM: Final = timedelta(hours=1)  # until a tile posts again what was refused: longer than any test


@dataclass
class Playing:
    """The tile, and the channel that it posts to."""

    town: Opened
    kit: Kit
    play: OpenTile

    @property
    def citizens(self) -> tuple[Citizen, ...]:
        """Whom one can play."""
        return self.kit.people.citizens

    async def write(self, citizen: Citizen, text: str) -> list[Entry]:
        """Have a citizen write, as on the page: of each choice what is called as the channel, else the first."""
        fields = {field.name: self._filled_in(field, text) for field in self.play.form.fields}
        sender = Sender(self.play.address_of(citizen), citizen.name, citizen)
        return await self.play.write(sender, Written({**fields, "text": text}))

    async def take(self, letter: Request) -> Reply:
        """Return what the tile answers to what the channel's sender posted."""
        headers = {name: value for name, value in letter.headers.items() if name not in ("host", "connection")}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._web()), base_url=_SANDBOX) as client:
            answer = await client.request(letter.method, letter.path, headers=headers, content=letter.body)
        said = {"Content-Type": answer.headers.get("content-type", "")}
        return Reply(answer.status_code, answer.content, said)

    def received(self) -> list[Entry]:
        """Return the town's messages that the tile shows."""
        return self.kit.journal.entries(Wanted(direction=Direction.RECEIVED))

    def _filled_in(self, field: Field, text: str) -> str:
        name = self.town.channel.facts.name
        offered = [each.value for each in field.options if each.is_offered]
        if field.kind is Kind.CHOICE and offered:
            return name if name in offered else offered[0]
        return text if field.is_required else ""

    def _web(self) -> FastAPI:
        web = FastAPI(openapi_url=None)
        for router in self.play.routers:
            web.include_router(router)
        for error, answer in self.play.error_handlers.items():
            web.add_exception_handler(error, answer)
        return web


@asynccontextmanager
async def playing(channel: Channel, payloads: Payloads, tile: Tile[Any]) -> AsyncIterator[Playing]:
    """Open the tile as the sandbox does, before the channel's webhook. Raises AssertionError where it cannot be."""
    world = World()
    world.time = now()  # a provider's clock runs on, and signatures tell the time
    async with opened(channel, payloads, world) as town:
        journal = Journal()
        kit = Kit(
            people=load_people(),
            journal=journal,
            courier=Courier(journal, _SELDOM),
            misbehaviour=Misbehaviour(),
            http=town.client,
            own_url=_SANDBOX,
            kept_messages=100,
        )
        try:
            yield Playing(town, kit, _opened(tile, _environment(channel, payloads), kit))
        finally:
            await kit.courier.stop()


def _opened(tile: Tile[Any], environment: Mapping[str, str], kit: Kit) -> OpenTile:
    try:
        return tile.open(read_settings(tile.settings, environment, tile.variable), kit)
    except ValidationError as exc:
        wrong = "; ".join(explain(exc, tile.variable))
        raise AssertionError(f"the tile's settings cannot be read from payloads.environment: {wrong}") from exc
    except Exception as exc:
        raise AssertionError(f"the tile does not open ({type(exc).__name__}: {exc})") from exc


def _environment(channel: Channel, payloads: Payloads) -> Mapping[str, str]:
    """Return what the sandbox reads: the town's own account, and where a local stack says that the town's door is."""
    facts = channel.facts
    local = {**usual_values(facts.prefixes[0], facts.provider), **account_of(facts).local}
    doors = {name: value.replace("{host}", _HOST) for name, value in local.items() if "GUICHET_SANDBOX_" in name}
    return {**doors, **payloads.environment}
