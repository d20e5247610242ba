"""The test API: play a citizen, look at what arrived, order trouble. JSON, under /sandbox/api.

`client.py` is its typed client; README.md describes each route.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from citizen_sandbox.play.entry import Direction, Entry
from citizen_sandbox.play.form import Written
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.misbehaviour import Order
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.tile import Sender
from citizen_sandbox.play.wishes import attachments
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.requests_seen import RequestsSeen
from citizen_sandbox.web.seat import Seat
from citizen_sandbox.web.shown import PayloadShown, TileShown, payload_shown, shown
from citizen_sandbox.web.wishes import MessageWish, TroubleWish

LONGEST_WAIT = 60.0  # seconds a request may wait for something to arrive
Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT)]


def build_api(playground: Playground, seen: RequestsSeen) -> APIRouter:
    """Return the routes."""
    web = APIRouter(prefix="/sandbox/api")
    _add_sending(web, playground)
    _add_reading(web, playground)
    _add_trouble(web, playground)

    @web.get("/requests")
    async def requests() -> list[str]:
        return seen.all

    return web


def _add_sending(web: APIRouter, playground: Playground) -> None:
    @web.get("/tiles")
    async def tiles() -> list[TileShown]:
        return [shown(seat) for seat in playground.seats]

    @web.post("/tiles/{key}", status_code=201)
    async def write(key: str, wish: MessageWish) -> list[Entry]:
        seat = playground.existing_seat(key)
        if wish.edits is not None:
            return [await seat.edit(playground.existing_entry(wish.edits), wish.text)]
        written = Written(wish.fields | {"text": wish.text}, attachments(wish.files))
        return await seat.write(_sender(playground, seat, wish), written)

    @web.get("/tiles/{key}/payloads")
    async def payloads(key: str) -> list[PayloadShown]:
        seat = playground.existing_seat(key)
        return [payload_shown(playground, seat, each) for each in seat.play.kit.payloads.newest_first(Wanted())]

    @web.post("/entries/{number}/again")
    async def again(number: int) -> str:
        entry = playground.existing_entry(number)
        return await playground.seat_of(entry).again(entry)


def _sender(playground: Playground, seat: Seat, wish: MessageWish) -> Sender:
    if wish.citizen:
        citizen = playground.people.existing(wish.citizen)
        return Sender(seat.address_of(citizen), citizen.name, citizen)
    if not wish.address:
        raise HTTPException(422, "name a citizen or an address")
    return Sender(wish.address, wish.name)


def _add_reading(web: APIRouter, playground: Playground) -> None:
    @web.get("/citizens")
    async def citizens() -> tuple[Citizen, ...]:
        return playground.people.citizens

    @web.get("/entries")
    async def entries(
        citizen: str = "",
        address: str = "",
        channel: Annotated[list[str] | None, Query()] = None,
        direction: Direction | None = None,
        after: int = 0,
        containing: str = "",
        wait: Wait = 0,
    ) -> list[Entry]:
        wanted = Wanted(
            addresses=_addresses(playground, citizen, address),
            channels=frozenset(channel) if channel else None,
            direction=direction,
            after=after,
            containing=containing,
        )
        return playground.journal.entries(wanted) or await playground.journal.wait_for(wanted, wait)

    @web.get("/entries/{number}")
    async def entry(number: int, wait: Wait = 0) -> Entry:
        found = playground.existing_entry(number)
        await playground.journal.wait_until_answered(found, wait)
        return found

    @web.get("/entries/{number}/raw")
    async def raw(number: int) -> Response:
        return Response(playground.existing_entry(number).raw, media_type="application/octet-stream")

    @web.get("/entries/{number}/attachments/{position}")
    async def attachment(number: int, position: int) -> Response:
        files = playground.existing_entry(number).attachments
        if not 0 <= position < len(files):
            raise HTTPException(404, f"entry {number} has {len(files)} attachment(s), counted from 0")
        # never a type that a browser runs: what was sent is shown to nobody as a page
        return Response(files[position].content, media_type="application/octet-stream")


def _add_trouble(web: APIRouter, playground: Playground) -> None:
    @web.get("/misbehaviour")
    async def remaining() -> dict[str, Order]:
        return playground.misbehaviour.remaining()

    @web.post("/misbehaviour")
    async def order(wish: TroubleWish) -> dict[str, Order]:
        playground.order(wish.trouble, Order(wish.count, wish.retry_after))
        return playground.misbehaviour.remaining()

    @web.delete("/misbehaviour", status_code=204)
    async def behave() -> None:
        playground.misbehaviour.clear()

    @web.post("/reset", status_code=204)
    async def reset() -> None:
        await playground.reset()


def _addresses(playground: Playground, citizen: str, address: str) -> frozenset[str] | None:
    if citizen:
        return playground.addresses_of(playground.people.existing(citizen))
    return frozenset({address, address.lower()}) if address else None
