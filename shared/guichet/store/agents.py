"""Local accounts of agents: an Argon2 hash for each, nothing else. Who an agent is stands in the town's files."""

from collections.abc import Iterable
from typing import Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from guichet.contracts.base import Contract
from guichet.ids import AgentId
from guichet.privacy.data_map import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.store.client import Database, translate_errors

COLLECTION = "agents"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let the town's agents sign in",
        legal_basis=SECURITY,
        whose="agents",
        retention="as long as the agent works for the town",
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "the agent's id"),
            PersonalField("password_hash", Form.PSEUDONYM, "Argon2id of the password"),
        ),
    ),
)
_DUPLICATE_KEY = 11000


class AgentAccount(Contract):
    """A local account. password_hash: Argon2id in PHC format, salt included."""

    agent_id: AgentId = Field(alias="_id")
    password_hash: str
    created_at: AwareDatetime


class AgentAccounts(Protocol):
    """The accounts. Every method raises TransientError when the store is away."""

    async def find(self, agent: AgentId) -> AgentAccount | None:
        """Return an agent's account, or None where they have none."""

    async def find_ids(self) -> frozenset[AgentId]:
        """Return the agents who have an account."""

    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        """Insert the accounts that do not exist yet and return whose they are; one that exists keeps its password."""

    async def replace_hash(self, agent: AgentId, password_hash: str) -> None:
        """Store a new hash of an existing account's password."""


class MongoAgentAccounts:
    """The accounts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._accounts = database[COLLECTION]

    @translate_errors
    async def find(self, agent: AgentId) -> AgentAccount | None:
        """See AgentAccounts."""
        document = await self._accounts.find_one({"_id": agent})
        return None if document is None else AgentAccount.model_validate(document)

    @translate_errors
    async def find_ids(self) -> frozenset[AgentId]:
        """See AgentAccounts."""
        return frozenset([AgentId(document["_id"]) async for document in self._accounts.find({}, {"_id": 1})])

    @translate_errors
    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        """See AgentAccounts."""
        wanted = [account.model_dump(by_alias=True) for account in accounts]
        if not wanted:
            return frozenset()
        try:
            await self._accounts.insert_many(wanted, ordered=False)
        except BulkWriteError as exc:
            refused = exc.details["writeErrors"]
            if any(error["code"] != _DUPLICATE_KEY for error in refused):
                raise
            existing = {error["index"] for error in refused}
            wanted = [account for index, account in enumerate(wanted) if index not in existing]
        return frozenset(account["_id"] for account in wanted)

    @translate_errors
    async def replace_hash(self, agent: AgentId, password_hash: str) -> None:
        """See AgentAccounts."""
        await self._accounts.update_one({"_id": agent}, {"$set": {"password_hash": password_hash}})
