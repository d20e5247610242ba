"""One suite for what agents have read, on the twin and on the real MongoDB."""

import pytest

from guichet.ids import AgentId, CaseId, MessageId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.read_marks import MongoReadMarks, ReadMarks, read_mark
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.read_marks import InMemoryReadMarks

LEA, KARIM = AgentId("lea"), AgentId("karim")
HOLE, LAMP = CaseId("hole"), CaseId("lamp")


class ReadMarksSuite:
    async def test_the_last_reading_counts_and_each_agent_has_their_own(self, marks: ReadMarks):
        first, again = (read_mark(LEA, HOLE, MessageId(seen), ARRIVED) for seen in ("m-1", "m-2"))
        for mark in (first, again, read_mark(KARIM, HOLE, MessageId("m-1"), ARRIVED)):
            await marks.put(mark)
        assert await marks.of(LEA, [HOLE, LAMP]) == {HOLE: again}
        assert await marks.of(LEA, []) == {}
        assert await marks.put_back(LEA) == []

    async def test_what_an_agent_has_put_back_is_found_until_they_read_it(self, marks: ReadMarks):
        for mark in (read_mark(LEA, HOLE, None, ARRIVED), read_mark(KARIM, LAMP, None, ARRIVED)):
            await marks.put(mark)
        assert await marks.put_back(LEA) == [HOLE]
        await marks.put(read_mark(LEA, HOLE, MessageId("m-1"), ARRIVED))
        assert await marks.put_back(LEA) == []


class TestInMemoryReadMarks(ReadMarksSuite):
    @pytest.fixture
    def marks(self) -> ReadMarks:
        return InMemoryReadMarks()


@pytest.mark.real
class TestMongoReadMarks(ReadMarksSuite):
    @pytest.fixture
    def marks(self, mongo_server, mongo_database) -> ReadMarks:
        return MongoReadMarks(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
