"""One suite for erasing messages, on the twins and on the real MongoDB."""

import base64
from datetime import timedelta
from typing import NamedTuple

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import CaseId, KeyId, MessageId
from guichet.mongo.client import Database
from guichet.mongo.ended import MongoEnded
from guichet.privacy.coarse_times import day_of
from guichet.store.messages.document import Direction, MessageDocument
from guichet.store.messages.erase import ENDS, MessageErasing, MongoMessageErasing
from guichet.store.messages.store import Filing, MessageStore, MongoMessageStore
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.messages import InMemoryMessageStore

CASE, ERASED, LATER = CaseId("case-1"), MessageId("m1"), ARRIVED + timedelta(days=1)


class Faces(NamedTuple):
    """The router's and the erasure's way to the same messages."""

    messages: MessageStore
    erasing: MessageErasing


def a_message(name: str = "m1", **replaced: object) -> MessageDocument:
    fields: dict[str, object] = {
        "_id": name,
        "direction": Direction.INBOUND,
        "channel": "email",
        "accounts": ("contact@mairie.example",),
        "at": ARRIVED,
        "content": Sealed(key_id=KeyId(f"key-{name}"), box=base64.b64encode(b"sealed")).model_dump(),
    }
    return MessageDocument.model_validate(fields | replaced)


class MessageErasingSuite:
    async def test_an_erased_message_is_found_by_nobody_and_never_made_again(self, faces: Faces):
        await faces.messages.insert_causes([a_message("m1", filed=CASE), a_message("m2", filed=CASE)])
        await faces.erasing.erase([ERASED], LATER)
        assert await faces.messages.find_many(["m1", "m2"]) == {"m2": a_message("m2", filed=CASE)}
        assert [message.message_id for message in await faces.messages.of_case(CASE)] == ["m2"]
        assert await faces.messages.insert_causes([a_message("m1"), a_message("m3")]) == {"m1"}
        await faces.messages.insert_outbound(a_message("m1", direction=Direction.OUTBOUND))
        assert set(await faces.messages.find_many(["m1", "m3"])) == {"m3"}
        assert await faces.messages.erased(["m1", "m3", "never"]) == {"m1"}

    async def test_a_mail_leaves_its_head_however_often_it_is_erased_and_wherever_that_is_killed(self, faces: Faces):
        await faces.messages.insert_causes([a_message("m1", mail_head="head-1"), a_message("m2")])
        await faces.erasing.erase(["m1", "m2"], LATER)
        await faces.erasing.erase(["m1", "m2"], LATER)
        assert await faces.messages.erased(["m1", "m2", "head-1", "head-2"]) == {"m1", "m2", "head-1"}

    async def test_no_later_step_of_the_router_writes_to_it(self, faces: Faces):
        await faces.messages.insert_causes([a_message()])
        await faces.erasing.erase([ERASED], LATER)
        filing = Filing(ERASED, CASE, "voirie", "citizen")  # type: ignore[arg-type]
        await faces.messages.mark_filed([filing])
        await faces.messages.hand_over([filing])
        await faces.messages.add_accounts({ERASED: ["voirie@mairie.example"]})
        assert await faces.messages.of_case(CASE) == []
        assert await faces.messages.find_many([ERASED]) == {}

    async def test_a_message_that_is_still_to_be_written_is_not_written_any_more(self, faces: Faces):
        await faces.erasing.erase([MessageId("receipt")], LATER)
        await faces.messages.insert_outbound(a_message("receipt", direction=Direction.OUTBOUND))
        assert await faces.messages.find_many(["receipt"]) == {}

    async def test_erasing_again_or_nothing_changes_nothing(self, faces: Faces):
        for day in (1, 2):
            await faces.erasing.erase([ERASED], ARRIVED + timedelta(days=day))
        await faces.erasing.erase([], LATER)
        assert await faces.messages.find_many([ERASED]) == {}


class TestInMemoryMessageErasing(MessageErasingSuite):
    @pytest.fixture
    def faces(self) -> Faces:
        messages = InMemoryMessageStore()
        return Faces(messages, messages)

    async def test_the_first_date_stands(self):
        messages = InMemoryMessageStore()
        for day in (1, 2):
            await messages.erase([ERASED], ARRIVED + timedelta(days=day))
        assert messages.bare == {ERASED: day_of(LATER)}


@pytest.mark.real
class TestMongoMessageErasing(MessageErasingSuite):
    @pytest.fixture
    def faces(self, database: Database) -> Faces:
        return Faces(MongoMessageStore(database), MongoMessageErasing(database))

    async def test_a_bare_id_and_the_first_date_are_left_and_go_after_400_days(self, faces: Faces, database: Database):
        await faces.messages.insert_causes([a_message()])
        for day in (1, 2):
            await faces.erasing.erase([ERASED], ARRIVED + timedelta(days=day))
        assert await database["messages"].find_one({"_id": ERASED}) == {"_id": ERASED, "erased_at": day_of(LATER)}
        ended = MongoEnded(database, [ENDS])
        assert await ended.remove(day_of(LATER) + timedelta(days=400, seconds=-1)) == {"messages": 0}
        assert await ended.remove(day_of(LATER) + timedelta(days=400)) == {"messages": 1}
