"""One suite for bulk acts and their cases, on the twins and on the real MongoDB."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from guichet.ids import AgentId, BulkId, CaseId, EventId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.bulk.acts import BulkAct, BulkActs, BulkState, MongoBulkActs
from guichet.store.bulk.cases import BulkCase, BulkCases, MongoBulkCases, RowState, row_of
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.bulk import InMemoryBulkActs, InMemoryBulkCases

KARIM, BULK = AgentId("karim"), BulkId("bulk")
HOLD = timedelta(minutes=1)


def an_act(name: str = BULK, **fields: Any) -> BulkAct:
    usual = {"author": KARIM, "kind": "close", "at": ARRIVED, "ends": ARRIVED + HOLD, "count": 2, "worked_at": ARRIVED}
    return BulkAct.model_validate({"_id": name, **usual, **fields})


def a_row(number: int, **fields: Any) -> BulkCase:
    case = CaseId(f"case-{number}")
    usual = {"bulk_id": BULK, "number": number, "case_id": case, "reference": f"ref-{number}", "ends": ARRIVED + HOLD}
    return BulkCase.model_validate({"_id": row_of(BULK, case), **usual, **fields})


@dataclass
class Stores:
    acts: BulkActs
    rows: BulkCases


class BulkSuite:
    async def test_what_was_begun_once_stays_as_it_is(self, stores: Stores):
        await stores.acts.insert(an_act())
        await stores.acts.insert(an_act(count=9))
        assert await stores.acts.find(KARIM, BULK) == an_act()
        assert await stores.acts.find(AgentId("claire"), BULK) is None
        await stores.rows.insert([a_row(2), a_row(1)])
        await stores.rows.insert([a_row(1, state="done")])
        assert await stores.rows.of(BULK) == [a_row(1), a_row(2)]
        assert await stores.rows.of(BulkId("other")) == []

    async def test_an_agent_finds_their_own_the_newest_first(self, stores: Stores):
        for name, minutes in (("a", 1), ("b", 3), ("c", 2)):
            await stores.acts.insert(an_act(name, at=ARRIVED + timedelta(minutes=minutes)))
        await stores.acts.insert(an_act("d", author="claire"))
        assert [each.bulk_id for each in await stores.acts.of_author(KARIM)] == ["b", "c", "a"]

    async def test_one_holds_an_act_until_they_let_go(self, stores: Stores):
        await stores.acts.insert(an_act())
        held = await stores.acts.take(HOLD)
        assert held is not None
        assert held.bulk_id == BULK
        assert await stores.acts.take(HOLD) is None
        later = ARRIVED + timedelta(seconds=1)
        await stores.acts.let_go(held, later, under_way=True, state=BulkState.RUNNING)
        again = await stores.acts.take(HOLD)
        assert again is not None
        assert again.worked_at == later
        await stores.acts.let_go(again, later, under_way=False, state=BulkState.DONE)
        assert await stores.acts.take(HOLD) is None
        done = await stores.acts.find(KARIM, BULK)
        assert done is not None
        assert done.state is BulkState.DONE

    async def test_of_many_that_ask_at_once_each_has_another_one_and_who_is_killed_has_none(self, stores: Stores):
        for name in ("a", "b", "c"):
            await stores.acts.insert(an_act(name, author=name))
        for hold in (timedelta(0), HOLD):
            taken = await asyncio.gather(*(stores.acts.take(hold) for _ in range(3)))
        assert sorted(each.bulk_id for each in taken if each) == ["a", "b", "c"]

    async def test_the_one_that_waited_longest_is_next(self, stores: Stores):
        await stores.acts.insert(an_act("late", worked_at=ARRIVED + HOLD))
        await stores.acts.insert(an_act("early", author="claire"))
        taken = await stores.acts.take(HOLD)
        assert taken is not None
        assert taken.bulk_id == "early"

    async def test_an_author_s_next_waits_for_the_one_before_unless_that_is_paused(self, stores: Stores):
        later = ARRIVED + timedelta(seconds=1)
        await stores.acts.insert(an_act("next", at=later))
        await stores.acts.insert(an_act("first", worked_at=later))
        held = await stores.acts.take(HOLD)
        assert held is not None
        assert held.bulk_id == "first"
        assert await stores.acts.take(HOLD) is None
        await stores.acts.change(KARIM, BulkId("first"), BulkState.RUNNING, BulkState.PAUSED)
        taken = await stores.acts.take(HOLD)
        assert taken is not None
        assert taken.bulk_id == "next"

    async def test_who_lets_go_does_not_undo_what_its_author_changed(self, stores: Stores):
        await stores.acts.insert(an_act())
        held = await stores.acts.take(HOLD)
        assert held is not None
        assert await stores.acts.change(KARIM, BULK, BulkState.RUNNING, BulkState.PAUSED)
        assert not await stores.acts.change(KARIM, BULK, BulkState.RUNNING, BulkState.CANCELLED)
        await stores.acts.let_go(held, ARRIVED, under_way=False, state=BulkState.DONE)
        found = await stores.acts.find(KARIM, BULK)
        assert found is not None
        assert (found.state, found.under_way) == (BulkState.PAUSED, True)

    async def test_what_has_begun_to_leave_is_not_cancelled(self, stores: Stores):
        await stores.rows.insert([a_row(1), a_row(2)])
        first = a_row(1).row_id
        assert await stores.rows.begin(first, EventId("command"), ARRIVED)
        assert not await stores.rows.begin(first, EventId("command"), ARRIVED)
        await stores.rows.cancel(BULK)
        assert not await stores.rows.begin(a_row(2).row_id, EventId("other"), ARRIVED)
        leaving, cancelled = await stores.rows.of(BULK)
        assert (leaving.state, leaving.command, leaving.given_at) == (RowState.LEAVING, "command", ARRIVED)
        assert cancelled.state is RowState.CANCELLED

    async def test_what_became_of_one_is_said_of_what_it_was_read_as(self, stores: Stores):
        await stores.rows.insert([a_row(1)])
        await stores.rows.settle(a_row(1), RowState.REFUSED, "case-closed")
        await stores.rows.settle(a_row(1), RowState.DONE)
        await stores.rows.settle(a_row(1, state="leaving"), RowState.GIVEN, given_at=ARRIVED)
        [row] = await stores.rows.of(BULK)
        assert (row.state, row.why) == (RowState.REFUSED, "case-closed")

    async def test_when_it_was_given_is_said_anew(self, stores: Stores):
        await stores.rows.insert([a_row(1, state="leaving", given_at=ARRIVED)])
        await stores.rows.settle(a_row(1, state="leaving"), RowState.GIVEN, given_at=ARRIVED + HOLD)
        await stores.rows.settle(a_row(1, state="given"), RowState.UNCONFIRMED)
        [row] = await stores.rows.of(BULK)
        assert row.given_at == ARRIVED + HOLD

    async def test_the_first_in_some_states_are_found(self, stores: Stores):
        await stores.rows.insert([a_row(3), a_row(1, state="given"), a_row(2), a_row(4, state="leaving")])
        states = (RowState.WAITING, RowState.LEAVING)
        assert [each.number for each in await stores.rows.in_states(BULK, states, 2)] == [2, 3]


def test_an_act_of_a_kind_that_a_reader_does_not_know_is_refused_and_not_half_done():
    with pytest.raises(ValidationError):
        an_act(kind="of-tomorrow")


class TestInMemoryBulk(BulkSuite):
    @pytest.fixture
    def stores(self) -> Stores:
        return Stores(InMemoryBulkActs(), InMemoryBulkCases())


@pytest.mark.real
class TestMongoBulk(BulkSuite):
    @pytest.fixture
    async def stores(self, mongo_server, mongo_database) -> Stores:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        return Stores(MongoBulkActs(database), MongoBulkCases(database))
