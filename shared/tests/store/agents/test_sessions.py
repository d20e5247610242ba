"""One suite for sessions, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import AgentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.sessions import MongoSessions, Session, Sessions
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.sessions import InMemorySessions

SESSION = Session(
    _id="hmac-1", agent_id=AgentId("lea"), started_at=ARRIVED, seen_at=ARRIVED, ends_at=ARRIVED + timedelta(hours=10)
)


class SessionsSuite:
    async def test_a_session_lasts_until_it_is_ended(self, sessions: Sessions):
        await sessions.insert(SESSION)
        assert await sessions.find("hmac-1") == SESSION
        await sessions.end("hmac-1")
        await sessions.end("hmac-1")
        assert await sessions.find("hmac-1") is None

    async def test_being_seen_moves_forward_only(self, sessions: Sessions):
        await sessions.insert(SESSION)
        await sessions.touch("hmac-1", ARRIVED + timedelta(minutes=9))
        await sessions.touch("hmac-1", ARRIVED + timedelta(minutes=3))
        found = await sessions.find("hmac-1")
        assert found is not None
        assert found.seen_at == ARRIVED + timedelta(minutes=9)

    async def test_a_reason_is_kept_once_for_a_case_and_revives_no_ended_session(self, sessions: Sessions):
        await sessions.insert(SESSION)
        for case in ("case-1", "case-2", "case-1"):
            await sessions.note_reason("hmac-1", case)
        found = await sessions.find("hmac-1")
        assert found is not None
        assert found.reasons_for == {"case-1", "case-2"}
        await sessions.note_reason("hmac-2", "case-1")
        assert await sessions.find("hmac-2") is None

    async def test_a_recognised_caller_is_kept_once_for_a_case_and_revives_no_ended_session(self, sessions: Sessions):
        await sessions.insert(SESSION)
        for case in ("case-1", "case-2", "case-1"):
            await sessions.note_caller("hmac-1", case)
        found = await sessions.find("hmac-1")
        assert found is not None
        assert (found.callers_of, found.reasons_for) == ({"case-1", "case-2"}, frozenset())
        await sessions.note_caller("hmac-2", "case-1")
        assert await sessions.find("hmac-2") is None

    async def test_all_sessions_of_an_agent_end_and_nobody_elses(self, sessions: Sessions):
        await sessions.insert(SESSION)
        await sessions.insert(SESSION.model_copy(update={"session_id": "hmac-2"}))
        await sessions.insert(SESSION.model_copy(update={"session_id": "hmac-3", "agent_id": AgentId("sam")}))
        await sessions.end_all(AgentId("lea"))
        assert [await sessions.find(f"hmac-{nth}") is None for nth in (1, 2, 3)] == [True, True, False]

    async def test_what_began_in_one_of_the_providers_sessions_ends_with_it(self, sessions: Sessions):
        there = {"by_provider": True, "provider_session": "of-lea"}
        await sessions.insert(SESSION)
        await sessions.insert(SESSION.model_copy(update={"session_id": "hmac-2", **there}))
        await sessions.insert(SESSION.model_copy(update={"session_id": "hmac-3", **there}))
        await sessions.insert(
            SESSION.model_copy(update={"session_id": "hmac-4", **there, "provider_session": "another"})
        )
        assert await sessions.of_provider("of-lea") == {"lea"}
        for _ in range(2):
            await sessions.end_by_provider("of-lea")
        assert await sessions.of_provider("of-lea") == frozenset()
        assert [await sessions.find(f"hmac-{nth}") is None for nth in (1, 2, 3, 4)] == [False, True, True, False]
        found = await sessions.find("hmac-4")
        assert found is not None
        assert (found.by_provider, found.provider_session) == (True, "another")

    async def test_being_seen_revives_no_ended_session(self, sessions: Sessions):
        await sessions.touch("hmac-1", ARRIVED)
        assert await sessions.find("hmac-1") is None


class TestInMemorySessions(SessionsSuite):
    @pytest.fixture
    def sessions(self) -> Sessions:
        return InMemorySessions()


@pytest.mark.real
class TestMongoSessions(SessionsSuite):
    @pytest.fixture
    async def sessions(self, mongo_server, mongo_database) -> Sessions:
        return MongoSessions(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
