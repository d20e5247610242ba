"""Sessions in memory."""

from datetime import datetime

from guichet.ids import AgentId
from guichet.store.agents.sessions import Session, Sessions


class InMemorySessions(Sessions):
    """Twin of MongoSessions."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    async def insert(self, session: Session) -> None:
        self._sessions[session.session_id] = session

    async def find(self, session_id: str) -> Session | None:
        return self._sessions.get(session_id)

    async def touch(self, session_id: str, seen_at: datetime) -> None:
        if session := self._sessions.get(session_id):
            seen = max(seen_at, session.seen_at)
            self._sessions[session_id] = session.model_copy(update={"seen_at": seen})

    async def note_reason(self, session_id: str, opened: str) -> None:
        if session := self._sessions.get(session_id):
            noted = session.reasons_for | {opened}
            self._sessions[session_id] = session.model_copy(update={"reasons_for": noted})

    async def note_caller(self, session_id: str, opened: str) -> None:
        if session := self._sessions.get(session_id):
            noted = session.callers_of | {opened}
            self._sessions[session_id] = session.model_copy(update={"callers_of": noted})

    async def end(self, session_id: str) -> bool:
        return self._sessions.pop(session_id, None) is not None

    async def end_all(self, agent: AgentId) -> None:
        self._sessions = {key: session for key, session in self._sessions.items() if session.agent_id != agent}

    async def of_provider(self, provider_session: str) -> frozenset[AgentId]:
        return frozenset(each.agent_id for each in self._sessions.values() if each.provider_session == provider_session)

    async def end_by_provider(self, provider_session: str) -> None:
        others = {key: each for key, each in self._sessions.items() if each.provider_session != provider_session}
        self._sessions = others
