"""Who is signed in. The browser holds a random token; here lies its HMAC only, so a dump opens no session."""

from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, IndexModel

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Expires, Phrase, hours

COLLECTION = "sessions"
ENDS = Ends(COLLECTION, "ends_at")
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("agent_id", ASCENDING)], name="by_agent"),
        IndexModel([("provider_session", ASCENDING)], name="by_provider_session", sparse=True),
    ]
}

DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="know who is signed in",
        legal_basis=SECURITY,
        whose="agents",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("sign-out or the session's end", "la déconnexion ou la fin de la session"),
                at_most=hours(12),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "HMAC of the browser's token"),
            PersonalField("agent_id", Form.PSEUDONYM, "the agent's id"),
            PersonalField("reasons_for", Form.PSEUDONYM, "digests of cases that the agent opened with a reason"),
            PersonalField("provider_session", Form.PSEUDONYM, "HMAC of the identity provider's name of its session"),
            PersonalField("callers_of", Form.PSEUDONYM, "digests of cases of which the agent recognised a caller"),
        ),
    ),
)


class Session(Contract):
    """A sign-in that lasts until `ends_at` at most. session_id: HMAC of the browser's token.

    must_change: it began with a password that an operator gave, and shows nothing but the page to choose one's own.
    second_factor: the account had one when it began, so it began with one; or the town's identity provider says that
    two factors were shown. by_provider: it began there, and no password of ours opens it. provider_session: HMAC of the
    provider's own name of its session with the browser; None where it has none. reasons_for: cases, each as
    it was, for which they said why they open them. callers_of: of which they recognised a caller. Both as the desk
    names them (`agent_desk.domain.cases.opened_as`).
    """

    session_id: str = Field(alias="_id")
    agent_id: AgentId
    started_at: AwareDatetime
    seen_at: AwareDatetime  # last act of the agent, for the idle limit
    ends_at: AwareDatetime
    must_change: bool = False
    second_factor: bool = False
    reasons_for: frozenset[str] = frozenset()
    by_provider: bool = False
    provider_session: str | None = None
    callers_of: frozenset[str] = frozenset()


class Sessions(Protocol):
    """The sessions. Every method raises TransientError when the store is away."""

    async def insert(self, session: Session) -> None:
        """Keep a new session."""

    async def find(self, session_id: str) -> Session | None:
        """Return a session; whether it is still valid is the caller's to judge."""

    async def touch(self, session_id: str, seen_at: datetime) -> None:
        """Note that the agent is still there."""

    async def note_reason(self, session_id: str, opened: str) -> None:
        """Note that the agent said why they open a case as it is: for this session they have."""

    async def note_caller(self, session_id: str, opened: str) -> None:
        """Note that the agent recognised who calls about a case as it is: for this session they have."""

    async def end(self, session_id: str) -> bool:
        """Forget a session; say whether it was there until now. One that is already gone is no error."""

    async def end_all(self, agent: AgentId) -> None:
        """Forget every session of an agent."""

    async def of_provider(self, provider_session: str) -> frozenset[AgentId]:
        """Return whose sessions began in one of the provider's, of those that stand."""

    async def end_by_provider(self, provider_session: str) -> None:
        """Forget the sessions that began in one of the provider's."""


class MongoSessions(Sessions):
    """The sessions in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._sessions = database[COLLECTION]

    @translate_errors
    async def insert(self, session: Session) -> None:
        document = session.model_dump(by_alias=True, exclude_none=True)
        noted = {"reasons_for": sorted(session.reasons_for), "callers_of": sorted(session.callers_of)}
        await self._sessions.insert_one({**document, **noted})

    @translate_errors
    async def find(self, session_id: str) -> Session | None:
        document = await self._sessions.find_one({"_id": session_id})
        return None if document is None else Session.model_validate(document)

    @translate_errors
    async def touch(self, session_id: str, seen_at: datetime) -> None:
        await self._sessions.update_one({"_id": session_id}, {"$max": {"seen_at": seen_at}})

    @translate_errors
    async def note_reason(self, session_id: str, opened: str) -> None:
        await self._sessions.update_one({"_id": session_id}, {"$addToSet": {"reasons_for": opened}})

    @translate_errors
    async def note_caller(self, session_id: str, opened: str) -> None:
        await self._sessions.update_one({"_id": session_id}, {"$addToSet": {"callers_of": opened}})

    @translate_errors
    async def end(self, session_id: str) -> bool:
        return (await self._sessions.delete_one({"_id": session_id})).deleted_count == 1

    @translate_errors
    async def end_all(self, agent: AgentId) -> None:
        await self._sessions.delete_many({"agent_id": agent})

    @translate_errors
    async def of_provider(self, provider_session: str) -> frozenset[AgentId]:
        found = self._sessions.find({"provider_session": provider_session}, {"agent_id": 1})
        return frozenset([AgentId(each["agent_id"]) async for each in found])

    @translate_errors
    async def end_by_provider(self, provider_session: str) -> None:
        await self._sessions.delete_many({"provider_session": provider_session})
