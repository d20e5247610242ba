"""One suite for messages, on the twin and on the real MongoDB."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.contracts.inbound import Suspicion
from guichet.ids import CaseId, DepartmentId, KeyId, MessageId, SectorCitizenId, SectorId
from guichet.mongo.client import Database
from guichet.store.messages.document import Copy, Direction, MessageDocument
from guichet.store.messages.store import Filing, MessageStore, MongoMessageStore
from guichet.store.messages.suspension import Suspension
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.messages import InMemoryMessageStore

SEALED = Sealed(key_id=KeyId("key"), box=base64.b64encode(b"sealed"))
CASE = CaseId("case-1")


def a_message(name: str = "m1", **replaced: object) -> MessageDocument:
    fields: dict[str, object] = {
        "_id": name,
        "direction": Direction.INBOUND,
        "channel": "email",
        "accounts": ("contact@mairie.example",),
        "at": ARRIVED,
        "content": SEALED.model_dump(),
    }
    return MessageDocument.model_validate(fields | replaced)


def filing(name: str = "m1", sector: str = "voirie", citizen: str = "c1") -> Filing:
    return Filing(MessageId(name), CASE, SectorId(sector), SectorCitizenId(citizen))


class MessageStoreSuite:
    async def test_a_cause_is_inserted_once_and_known_from_then_on(self, messages: MessageStore):
        assert await messages.insert_causes([a_message()]) == frozenset()
        assert await messages.insert_causes([a_message(), a_message("m2")]) == {"m1"}
        assert await messages.find_many(["m1", "m2", "m3"]) == {"m1": a_message(), "m2": a_message("m2")}

    async def test_a_filed_message_knows_its_case_and_whose_it_is(self, messages: MessageStore):
        await messages.insert_causes([a_message()])
        await messages.mark_filed([filing()])
        assert await messages.of_case(CASE) == [a_message(filed=CASE, sector="voirie", citizen="c1")]

    async def test_another_route_s_copy_is_filed_as_one_and_the_first_keeps_the_head(self, messages: MessageStore):
        await messages.insert_causes([a_message("m1"), a_message("m2"), a_message("m3")])
        filings = [
            replace(filing("m1"), mail_head=MessageId("head")),
            replace(filing("m2"), copy_of=MessageId("m1")),
            filing("m3"),
        ]
        for _ in range(2):
            await messages.mark_filed(filings)
        found = await messages.of_case(CASE)
        assert [(each.copy_of, each.mail_head) for each in found] == [(None, "head"), ("m1", None), (None, None)]

    async def test_a_citizen_nobody_could_tell_stays_unknown(self, messages: MessageStore):
        await messages.insert_causes([a_message()])
        await messages.mark_filed([Filing(MessageId("m1"), CASE, SectorId("voirie"), None)])
        assert (await messages.of_case(CASE))[0].citizen is None

    async def test_a_handing_over_that_was_faster_than_the_filing_stands(self, messages: MessageStore):
        await messages.insert_causes([a_message()])
        await messages.hand_over([filing(sector="social", citizen="c9")])
        await messages.mark_filed([filing()])
        found = (await messages.of_case(CASE))[0]
        assert (found.sector, found.citizen) == ("social", "c9")

    async def test_a_case_lists_its_messages_oldest_first(self, messages: MessageStore):
        late, early = a_message("m1", at=ARRIVED + timedelta(hours=1)), a_message("m2")
        await messages.insert_causes([late, early])
        await messages.mark_filed([filing("m1"), filing("m2")])
        assert [message.message_id for message in await messages.of_case(CASE)] == ["m2", "m1"]

    async def test_a_page_of_a_case_goes_back_from_a_time_and_none_is_told_twice(self, messages: MessageStore):
        times = {"m1": 0, "m2": 1, "m3": 1, "m4": 1, "m5": 2}
        await messages.insert_causes([a_message(each, at=ARRIVED + timedelta(hours=at)) for each, at in times.items()])
        await messages.insert_causes([a_message("elsewhere")])
        await messages.mark_filed([filing(each) for each in times])

        async def page(until: int | None, skip: int, limit: int) -> list[str]:
            at = None if until is None else ARRIVED + timedelta(hours=until)
            return [each.message_id for each in await messages.page_of_case(CASE, at, skip, limit)]

        assert await page(None, 0, 3) == ["m5", "m4", "m3"]
        assert await page(1, 2, 3) == ["m2", "m1"]
        assert await page(0, 1, 3) == []

    async def test_what_a_citizen_wrote_on_some_channels_is_told_newest_first(self, messages: MessageStore):
        mails = [a_message(f"m{nth}", at=ARRIVED + timedelta(minutes=nth), citizen="c-1") for nth in range(4)]
        sms = a_message("sms", channel="sms", citizen="c-1")
        ours = a_message("ours", direction=Direction.OUTBOUND, citizen="c-1")
        await messages.insert_causes([*mails, sms, ours, a_message("other", citizen="c-2"), a_message("stranger")])
        newest = await messages.newest_of_citizen(SectorCitizenId("c-1"), ["email"], 3)
        assert [each.message_id for each in newest] == ["m3", "m2", "m1"]

    async def test_a_second_mailbox_is_added_once(self, messages: MessageStore):
        await messages.insert_causes([a_message()])
        for _ in range(2):
            await messages.add_accounts({MessageId("m1"): ["voirie@mairie.example", "contact@mairie.example"]})
        found = (await messages.find_many(["m1"]))["m1"]
        assert found.accounts == ("contact@mairie.example", "voirie@mairie.example")

    async def test_a_further_copy_is_noted_once(self, messages: MessageStore):
        await messages.insert_causes([a_message()])
        second, third = Copy(key_id=KeyId("k2"), files=("f2", "g2")), Copy(key_id=KeyId("k3"))
        for _ in range(2):
            await messages.add_copies({MessageId("m1"): [second], MessageId("m9"): [third]})
        await messages.add_copies({MessageId("m1"): [second, third]})
        assert (await messages.find_many(["m1", "m9"]))["m1"].copies == (second, third)

    async def test_an_outbound_message_is_kept_once(self, messages: MessageStore):
        reply = a_message("out", direction=Direction.OUTBOUND, filed=CASE, author="lea")
        assert await messages.insert_outbound(reply) == frozenset()
        assert await messages.insert_outbound(reply.model_copy(update={"author": "tom"})) == {reply.message_id}
        assert await messages.of_case(CASE) == [reply]


class TestInMemoryMessageStore(MessageStoreSuite):
    @pytest.fixture
    def messages(self) -> MessageStore:
        return InMemoryMessageStore()


@pytest.mark.real
class TestMongoMessageStore(MessageStoreSuite):
    @pytest.fixture
    def messages(self, database: Database) -> MessageStore:
        return MongoMessageStore(database)

    async def test_a_message_rests_as_what_it_says_and_where_it_went(self, messages: MongoMessageStore):
        await messages.insert_causes([a_message()])
        resting = await messages._messages.find_one({"_id": "m1"})
        said = {"_id", "direction", "channel", "accounts", "at", "content"}
        assert resting is not None
        assert MessageDocument.model_validate(resting) == a_message()
        assert resting.keys() == said | {"filed", "sector", "citizen"}

    async def test_what_lies_in_a_field_rests_whole(self, messages: MongoMessageStore):
        """Questions ask for it: a suspended mail that rested without its state was in no list."""
        suspended = Suspension(why=Suspicion.SPAM, department=DepartmentId("voirie"), sector=SectorId("voirie"))
        await messages.insert_causes([a_message(suspended=suspended)])
        resting = await messages._messages.find_one({"_id": "m1"})
        assert resting is not None
        assert resting["suspended"] == suspended.model_dump()
        assert resting["suspended"]["state"] == "waiting"
