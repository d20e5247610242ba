"""One suite for what a follow link shows, on the twin and on the real MongoDB."""

import pytest

from guichet.ids import MessageId
from guichet.runtime.settings import MongoSettings
from guichet.store.case_document import CaseDocument, HistoryEntry
from guichet.store.client import connect
from guichet.store.followed_cases import FollowedCases, MongoFollowedCases
from guichet.testing.a_case import ARRIVED, a_case
from guichet.testing.followed_cases import InMemoryFollowedCases

RECEIPT, ANSWER = MessageId("outbound-receipt"), MessageId("outbound-answer")
CASE = a_case(
    history=(
        HistoryEntry(version=1, type="CaseOpened", at=ARRIVED, message_id=MessageId("inbound")),
        HistoryEntry(version=2, type="DeliveryRecorded", at=ARRIVED, message_id=RECEIPT, state="sent"),
        HistoryEntry(version=3, type="ReplyRequested", at=ARRIVED, message_id=ANSWER),
    )
)
UNDER_ERASURE = a_case("erasing", erasing=True)


class FollowedCasesSuite:
    async def test_the_link_shows_the_state_and_the_answers_only(self, followed_cases: FollowedCases):
        seen = await followed_cases.find(CASE.follow)
        assert seen is not None
        assert seen.model_dump() == {
            "case_id": CASE.case_id,
            "reference": CASE.reference,
            "received_at": CASE.received_at,
            "state": CASE.state,
            "answers": (ANSWER,),
        }

    async def test_an_unknown_link_shows_nothing(self, followed_cases: FollowedCases):
        assert await followed_cases.find("0" * 64) is None

    async def test_the_link_of_a_case_under_erasure_shows_nothing(self, followed_cases: FollowedCases):
        assert await followed_cases.find(UNDER_ERASURE.follow) is None


class TestInMemoryFollowedCases(FollowedCasesSuite):
    @pytest.fixture
    def followed_cases(self) -> FollowedCases:
        return InMemoryFollowedCases(CASE, UNDER_ERASURE)


@pytest.mark.real
class TestMongoFollowedCases(FollowedCasesSuite):
    @pytest.fixture
    async def followed_cases(self, mongo_server, mongo_database) -> FollowedCases:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        assert CaseDocument.model_validate(CASE.model_dump(by_alias=True)) == CASE
        await database["cases"].insert_many([case.model_dump(by_alias=True) for case in (CASE, UNDER_ERASURE)])
        return MongoFollowedCases(database)
