"""Who has a case open, and who writes an answer to it: told to colleagues who may know, for as long as it is so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from agent_desk.handlers.live.live_streams import Onlooker, presence_stream
from agent_desk.handlers.live.merged import merged
from agent_desk.handlers.live.presence_board import LASTS, SAID_EVERY, TYPES_FOR, Others, PresenceBoard
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, DepartmentId, SectorId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet_testing.builders.case import a_case
from guichet_testing.doors.desk_in_browser import sign_in
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import address_of, assert_clean, problems_of, served
from guichet_testing.twins.clock import Clock
from guichet_testing.twins.store.agents.presence import InMemoryPresence
from guichet_testing.until import PATIENCE_S

HOLE, KARIM, LEA, MAX = CaseId("hole"), AgentId("karim"), AgentId("lea"), AgentId("max")
CASE = a_case("c1", _id="c1", department="voirie", sector="espace-public")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence() -> InMemoryPresence:
    return InMemoryPresence()


@pytest.fixture
def board(presence, clock) -> PresenceBoard:
    return PresenceBoard(presence, clock)


async def soon(stream):
    return await asyncio.wait_for(anext(stream), PATIENCE_S)


async def test_two_processes_tell_each_other_who_is_there_until_they_leave(presence, clock, board):
    other = PresenceBoard(presence, clock)
    async with board.at(HOLE, KARIM), aclosing(board.others(HOLE, KARIM)) as seen:
        async with other.at(HOLE, LEA), other.at(HOLE, LEA):
            await other.look()
            await board.look()
            assert await soon(seen) == {LEA: False}
        await board.look()
        assert await soon(seen) == {}


async def test_who_writes_is_told_from_whichever_process_and_soon_no_longer(presence, clock, board):
    elsewhere = PresenceBoard(presence, clock)
    async with board.at(HOLE, KARIM), board.at(HOLE, LEA), aclosing(board.others(HOLE, KARIM)) as seen:
        await board.look()
        assert await soon(seen) == {LEA: False}
        await elsewhere.types(HOLE, LEA)
        await board.look()
        assert await soon(seen) == {LEA: True}
        clock.now += TYPES_FOR
        await board.look()
        assert await soon(seen) == {LEA: False}


async def test_a_process_that_died_is_believed_for_a_minute(presence, clock, board):
    dead = PresenceBoard(presence, clock)
    stays = dead.at(HOLE, LEA)
    await stays.__aenter__()
    await dead.look()
    async with board.at(HOLE, KARIM), aclosing(board.others(HOLE, KARIM)) as seen:
        await board.look()
        assert await soon(seen) == {LEA: False}
        clock.now += LASTS
        await board.look()
        assert await soon(seen) == {}


async def test_open_pages_say_so_every_twenty_seconds_and_nobody_asks_while_none_is_open(presence, clock, board):
    async with board.at(HOLE, KARIM), board.at(HOLE, KARIM):
        for _ in range(10):
            await board.look()
            clock.now += SAID_EVERY / 10
        assert presence.writes == 1
        await board.look()
        assert presence.writes == 2
    assert presence.present == {}
    presence.at = None  # type: ignore[method-assign]  # nobody asks
    await board.look()


async def test_while_the_store_is_away_pages_open_write_and_close(presence, board):
    presence.away = True
    async with board.at(HOLE, KARIM):
        with pytest.raises(TransientError):
            await board.look()
        await board.types(HOLE, KARIM)


def onlooker(scope: Scope) -> Onlooker:
    async def as_before() -> Scope:
        return scope

    return Onlooker(scope, as_before)


STREETS = Scope.of_departments(KARIM, {DepartmentId("voirie")}, {SectorId("espace-public")})
READS = replace(STREETS, grants=tuple(replace(each, acts=frozenset()) for each in STREETS.grants))
SYNTHESIS = replace(STREETS, grants=tuple(replace(each, detail="synthesis") for each in STREETS.grants))


@pytest.mark.parametrize(("scope", "told"), [(STREETS, {LEA: True}), (READS, {LEA: False})])
async def test_that_somebody_answers_is_for_who_may(presence, board, scope, told):
    assert scope.may(CaseAct.ANSWER, CASE) == told[LEA]
    heard: list[Others] = []
    async with board.at(CASE.case_id, LEA):
        stream = presence_stream(onlooker(scope), CASE, KARIM, board=board, tell=lambda each: heard.append(each) or "")
        coming = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await board.look()
        await board.types(CASE.case_id, LEA)
        await board.look()
        assert (await asyncio.wait_for(coming, PATIENCE_S)).event == "presence"
        assert {each.agent for each in presence.present.values()} == {KARIM, LEA}
        await stream.aclose()
    assert heard[-1] == told
    assert presence.present == {}


async def test_who_sees_a_synthesis_is_neither_told_nor_seen(presence, board):
    stream = presence_stream(onlooker(SYNTHESIS), CASE, KARIM, board=board, tell=str)
    assert [each async for each in stream] == []
    await board.look()
    assert presence.present == {}


async def test_two_streams_are_one_until_the_first_ends():
    ended, more = [], asyncio.Event()

    async def one() -> AsyncIterator[str]:
        yield "one"
        await more.wait()

    async def endless() -> AsyncIterator[str]:
        try:
            yield "other"
            await asyncio.Event().wait()
        finally:
            ended.append("other")

    stream = merged(one(), endless())
    assert {await soon(stream), await soon(stream)} == {"one", "other"}
    more.set()
    assert [each async for each in stream] == []
    assert ended == ["other"]


async def test_colleagues_see_each_other_in_a_browser(chromium: Browser, hall: TownHall, cases):
    async with served(hall.web()) as server:
        pages = [await chromium.new_page(base_url=address_of(server), bypass_csp=True) for _ in range(2)]
        problems = [problem for page in pages for problem in problems_of(page)]
        for page, name in zip(pages, ("karim.haddad", "helene.vasseur"), strict=True):
            await sign_in(page, name)
            await page.goto(f"/demandes/{cases['hole'].reference}")
        karim, helene = pages
        await _told(hall, karim, "Hélène Vasseur lit cette demande")
        await helene.locator("#text").fill("Bonjour,")
        await _told(hall, karim, "Hélène Vasseur écrit une réponse")
        await assert_clean(karim, "presence")
        await helene.goto("/demandes")
        await _told(hall, karim, "")
        for page in pages:
            await page.close()
    assert problems == []


async def _told(hall: TownHall, page, words: str) -> None:
    """Let the desk look until a page says so."""
    async with asyncio.timeout(PATIENCE_S):
        while (await page.locator(".present").inner_text()).strip() != words:
            await hall.board.look()
            hall.clock.now += timedelta(milliseconds=20)
            await asyncio.sleep(0.05)
    await expect(page.locator(".present")).to_have_text(words)
