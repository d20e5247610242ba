"""What became of a command is heard from the router, or found in the store; past some seconds it is under way."""

import asyncio
from datetime import timedelta

import pytest

from agent_desk.handlers.cases.await_outcome import UNDER_WAY, Outcome, Outcomes
from agent_desk.handlers.live.live_feed import LiveFeed
from guichet.contracts.case_events import CaseClosed, CommandRefused
from guichet.ids import EventId
from guichet.store.commands import CommandDocument
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.until import PATIENCE_S

TAKEN, REFUSED = Outcome(is_decided=True), Outcome(is_decided=True, refused="case-changed")
ABOUT = {
    "occurred_at": ARRIVED,
    "case_id": "c1",
    "reference": "2026-AAAA-AAA",
    "version": 2,
    "sector": "s",
    "department": "d",
    "citizen": None,
    "by": "lea",
}


def closed(cause: str) -> CaseClosed:
    return CaseClosed(event_id=EventId(f"e-{cause}"), caused_by=cause, **ABOUT)


def refused(cause: str) -> CommandRefused:
    return CommandRefused(event_id=f"r-{cause}", caused_by=cause, command_id=cause, why="case-changed", **ABOUT)


async def decided(commands: InMemoryCommandStore, name: str, why: str | None = None) -> None:
    await commands.insert_causes([CommandDocument(_id=name, type="CloseCase", case_id="c1", at=ARRIVED)])
    await commands.mark_done([EventId(name)], {EventId(name): why} if why else {})


@pytest.fixture
def commands() -> InMemoryCommandStore:
    return InMemoryCommandStore()


@pytest.fixture
def feed() -> LiveFeed:
    return LiveFeed()


@pytest.fixture
def outcomes(commands, feed) -> Outcomes:
    return Outcomes(commands=commands, feed=feed, patience=timedelta(seconds=PATIENCE_S))


@pytest.mark.parametrize(("event", "outcome"), [(closed("k"), TAKEN), (refused("k"), REFUSED)])
async def test_it_is_heard_as_the_router_decides(outcomes, feed, event, outcome):
    waiting = asyncio.create_task(outcomes.heard(EventId("k"), outcomes.position))
    await asyncio.sleep(0)  # it has begun
    feed.put(closed("another"))
    feed.put(event)
    assert await asyncio.wait_for(waiting, PATIENCE_S) == outcome


async def test_what_was_decided_before_one_listens_is_heard_too(outcomes, feed):
    since = outcomes.position
    feed.put(refused("k"))
    assert await asyncio.wait_for(outcomes.heard(EventId("k"), since), PATIENCE_S) == REFUSED


async def test_a_form_sent_twice_is_told_what_became_of_the_first(outcomes, commands):
    await decided(commands, "k", "case-changed")
    assert await asyncio.wait_for(outcomes.heard(EventId("k"), outcomes.position), PATIENCE_S) == REFUSED


async def test_after_a_cut_the_store_is_asked(outcomes, feed, commands):
    waiting = asyncio.create_task(outcomes.heard(EventId("k"), outcomes.position))
    await asyncio.sleep(0)  # it has begun
    await decided(commands, "k")
    feed.interrupt()
    assert await asyncio.wait_for(waiting, PATIENCE_S) == TAKEN


async def test_past_its_patience_it_is_under_way_and_nothing_waits_on(commands, feed):
    outcomes, before = Outcomes(commands=commands, feed=feed, patience=timedelta(seconds=0.05)), asyncio.all_tasks()
    assert await outcomes.heard(EventId("k"), outcomes.position) == UNDER_WAY
    left = asyncio.all_tasks() - before
    assert not [each for each in left if "aiokafka" not in str(each.get_stack(limit=1))]  # whose fetches come and go


async def test_what_nobody_heard_is_in_the_store_when_patience_ends(commands, feed):
    class DecidedOnceAsked:
        async def find_many(self, wanted):
            found = await commands.find_many(wanted)
            await decided(commands, "k", "case-changed")
            return found

    outcomes = Outcomes(commands=DecidedOnceAsked(), feed=feed, patience=timedelta(seconds=0.05))
    assert await outcomes.heard(EventId("k"), outcomes.position) == REFUSED


async def test_while_the_store_is_away_a_command_that_was_given_is_under_way(outcomes, commands):
    commands.away = True
    assert await outcomes.heard(EventId("k"), outcomes.position) == UNDER_WAY


async def test_the_store_is_asked_no_oftener_than_twice(commands, feed):
    asked: list[EventId] = []

    class Counting:
        async def find_many(self, wanted):
            asked.extend(wanted)
            return await commands.find_many(wanted)

    outcomes = Outcomes(commands=Counting(), feed=feed, patience=timedelta(seconds=0.1))
    waiting = asyncio.create_task(outcomes.heard(EventId("k"), outcomes.position))
    for number in range(50):
        feed.put(closed(f"other-{number}"))
        await asyncio.sleep(0)
    await waiting
    assert len(asked) == 2
