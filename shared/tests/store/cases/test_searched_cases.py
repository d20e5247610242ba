"""One suite for what searches are made of, on the twins and on the real MongoDB."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.ids import CaseId, MessageId, SectorId, derive_id
from guichet.mongo.client import Database
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.cases.searched import MongoSearchedCases, SearchedCases
from guichet.store.cases.store import MongoCaseStore
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.store.messages.erase import MongoMessageErasing
from guichet.store.messages.store import MongoMessageStore
from guichet.vault.sealing import Thing, new_data_key
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.sealing import seal_model
from guichet_testing.twins.store.cases.searched import InMemorySearchedCases
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.messages import InMemoryMessageStore

STREETS, SOCIAL = SectorId("cadre-de-vie"), SectorId("social")


def a_message(case: CaseRecord, nth: int) -> MessageDocument:
    name = MessageId(derive_id("message", case.case_id, str(nth)))
    content = OutboundContent(text="Bonjour")
    return MessageDocument(
        _id=name,
        direction=Direction.OUTBOUND,
        channel="email",
        accounts=(),
        at=ARRIVED + timedelta(minutes=nth),
        filed=case.case_id,
        content=seal_model(new_data_key(), Thing("message", name), "content", content),
    )


@dataclass
class Store:
    """The one under test, and those that fill it."""

    searched: SearchedCases
    put: Callable[[list[CaseRecord], list[MessageDocument]], Awaitable[Any]]
    destroy: Callable[[CaseId, MessageId], Awaitable[Any]]


class SearchedCasesSuite:
    async def test_all_living_cases_in_the_order_of_their_ids(self, store: Store) -> None:
        cases = sorted((a_case(f"{nth}") for nth in range(5)), key=lambda case: case.case_id)
        await store.put(cases, [])
        await store.destroy(cases[1].case_id, MessageId("none"))
        first, looked_at = await store.searched.cases_after(None, 2)
        assert ([case.case_id for case in first], looked_at) == ([cases[0].case_id], cases[1].case_id)
        rest, last = await store.searched.cases_after(looked_at, 9)
        assert ([case.case_id for case in rest], last) == ([cases[nth].case_id for nth in (2, 3, 4)], cases[4].case_id)
        assert await store.searched.cases_after(last, 9) == ([], None)

    async def test_which_cases_a_sector_still_has(self, store: Store) -> None:
        here, there, gone = a_case("1"), a_case("2", sector=SOCIAL), a_case("3")
        await store.put([here, there, gone], [])
        await store.destroy(gone.case_id, MessageId("none"))
        asked = [here.case_id, there.case_id, gone.case_id, CaseId("0" * 32)]
        assert await store.searched.of_sector(STREETS, asked) == {here.case_id}

    async def test_messages_of_each_case_in_their_order_and_which_are_there(self, store: Store) -> None:
        one, two, empty = a_case("1"), a_case("2"), a_case("3")
        ones = [a_message(one, nth) for nth in (3, 1, 2)]
        twos = [a_message(two, 1), a_message(two, 5)]
        await store.put([one, two, empty], [*ones, *twos])
        ids = [one.case_id, two.case_id, empty.case_id]
        in_order = [ones[1], ones[2], ones[0]]
        assert await store.searched.timed_messages_of(ids) == {
            one.case_id: tuple((each.message_id, each.at) for each in in_order),
            two.case_id: tuple((each.message_id, each.at) for each in twos),
        }
        await store.destroy(two.case_id, twos[0].message_id)
        asked = [twos[0].message_id, ones[0].message_id, MessageId("none")]
        assert await store.searched.living_messages(asked) == {ones[0].message_id}


class TestInMemorySearchedCases(SearchedCasesSuite):
    @pytest.fixture
    def store(self) -> Store:
        cases, messages = InMemoryCaseStore(), InMemoryMessageStore()

        async def put(some: list[CaseRecord], said: list[MessageDocument]) -> None:
            await cases.insert_new(some)
            await messages.insert_outbound(*said)

        async def destroy(case: CaseId, message: MessageId) -> None:
            await messages.erase([message], ARRIVED)
            await cases.mark_erasing([case])
            await cases.destroy([case], ARRIVED)

        return Store(InMemorySearchedCases(cases, messages), put, destroy)


@pytest.mark.real
class TestMongoSearchedCases(SearchedCasesSuite):
    @pytest.fixture
    def store(self, database: Database) -> Store:
        cases, messages, erasing = MongoCaseStore(database), MongoMessageStore(database), MongoCaseErasing(database)

        async def put(some: list[CaseRecord], said: list[MessageDocument]) -> None:
            await cases.insert_new(some)
            await messages.insert_outbound(*said)

        async def destroy(case: CaseId, message: MessageId) -> None:
            await MongoMessageErasing(database).erase([message], ARRIVED)
            await erasing.mark_erasing([case])
            await erasing.destroy([case], ARRIVED)

        return Store(MongoSearchedCases(database), put, destroy)
