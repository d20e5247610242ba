"""The test API: play a citizen, look at what arrived, order trouble. JSON, under /sandbox/api.

`client.py` is its typed client; README.md describes each route.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from citizen_sandbox.play.entry import Direction, Entry
from citizen_sandbox.play.journal import Wanted
from citizen_sandbox.play.misbehaviour import Order
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.requests_seen import RequestsSeen
from citizen_sandbox.web.send import send_mail, send_raw_mail, send_sms, send_telegram
from citizen_sandbox.web.wishes import ChatsWish, MailWish, RawMailWish, SmsWish, TelegramWish, TroubleWish
from citizen_sandbox.web.words import TROUBLES

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
    @web.post("/sms", status_code=201)
    async def sms(wish: SmsWish) -> Entry:
        return await send_sms(playground, wish)

    @web.post("/telegram", status_code=201)
    async def telegram(wish: TelegramWish) -> list[Entry]:
        return await send_telegram(playground, wish)

    @web.post("/mail", status_code=201)
    async def mail(wish: MailWish) -> Entry:
        return await send_mail(playground, wish)

    @web.post("/mail/raw", status_code=201)
    async def raw_mail(wish: RawMailWish) -> Entry:
        return await send_raw_mail(playground, wish)

    @web.post("/entries/{number}/again")
    async def again(number: int) -> str:
        message = playground.account.messages.find(existing_entry(playground, number).provider_id)
        if message is None or message.direction != "inbound":
            raise HTTPException(422, f"entry {number} is no SMS or WhatsApp message of a citizen")
        return (await playground.telephone.send_again(message)).answer

    @web.post("/telegram/chats", status_code=204)
    async def chats(wish: ChatsWish) -> None:
        playground.bot.chats.update(wish.ids)


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
        found = existing_entry(playground, number)
        await playground.journal.wait_until_answered(found, wait)
        return found

    @web.get("/entries/{number}/raw")
    async def raw(number: int) -> Response:
        return Response(existing_entry(playground, number).raw, media_type="application/octet-stream")

    @web.get("/entries/{number}/attachments/{position}")
    async def attachment(number: int, position: int) -> Response:
        files = existing_entry(playground, number).attachments
        if not 0 <= position < len(files):
            raise HTTPException(404, f"entry {number} has {len(files)} attachment(s), counted from 0")
        # never a type that a browser runs: what came by mail is shown to nobody as a page
        return Response(files[position].content, media_type="application/octet-stream")


def _add_trouble(web: APIRouter, playground: Playground) -> None:
    @web.get("/misbehaviour")
    async def remaining() -> dict[str, Order]:
        return playground.misbehaviour.remaining()

    @web.post("/misbehaviour")
    async def order(wish: TroubleWish) -> dict[str, Order]:
        existing_trouble(wish.trouble)
        playground.misbehaviour.ask(wish.trouble, Order(wish.count, wish.retry_after))
        return playground.misbehaviour.remaining()

    @web.delete("/misbehaviour", status_code=204)
    async def behave() -> None:
        playground.misbehaviour.clear()

    @web.post("/reset", status_code=204)
    async def reset() -> None:
        await playground.reset()


def existing_entry(playground: Playground, number: int) -> Entry:
    """Return the entry of that number. Raises HTTPException 404."""
    found = playground.journal.find(number)
    if found is None:
        raise HTTPException(404, f"no entry {number}: it never was, or is forgotten")
    return found


def existing_trouble(name: str) -> str:
    """Return the name of a trouble. Raises HTTPException 422 naming those there are."""
    if name not in TROUBLES:
        raise HTTPException(422, f"no trouble {name!r}; there are {', '.join(TROUBLES)}")
    return name


def _addresses(playground: Playground, citizen: str, address: str) -> frozenset[str] | None:
    if citizen:
        return playground.existing_citizen(citizen).addresses
    return frozenset({address.lower()}) if address else None
