"""Local accounts of agents: an Argon2 hash for each, and how the account stands. Who an agent is: the town's files."""

from collections.abc import Iterable
from datetime import datetime
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
    """A local account. password_hash: Argon2id in PHC format, salt included.

    must_change: an operator gave this password, which opens nothing but the page to choose one's own.
    disabled_at: since when nobody signs in with it. signed_in_at: the last time that somebody did.
    """

    agent_id: AgentId = Field(alias="_id")
    password_hash: str
    created_at: AwareDatetime
    must_change: bool = False
    disabled_at: AwareDatetime | None = None
    signed_in_at: AwareDatetime | None = None

    def opens_like(self, other: "AgentAccount | None") -> bool:
        """Say whether what opens this account opens the other: it was not reset, changed or disabled in between."""
        return other is not None and _what_opens(self) == _what_opens(other)


class AgentAccounts(Protocol):
    """The accounts. Every method raises TransientError when the store is away."""

    async def find(self, agent: AgentId) -> AgentAccount | None:
        """Return an agent's account, or None where they have none."""

    async def find_ids(self) -> frozenset[AgentId]:
        """Return the agents who have an account."""

    async def all(self) -> list[AgentAccount]:
        """Return every account, in no order."""

    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        """Insert the accounts that do not exist yet and return whose they are; one that exists keeps its password."""

    async def replace(self, old: AgentAccount, new: AgentAccount) -> bool:
        """Store how an account opens from now on, if it still opens as in `old`; say whether it did.

        So nobody undoes what another does meanwhile. The dates of its making and of sign-ins stay as they are.
        """

    async def note_sign_in(self, agent: AgentId, at: datetime) -> None:
        """Note that somebody signed in."""


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
    async def all(self) -> list[AgentAccount]:
        """See AgentAccounts."""
        return [AgentAccount.model_validate(document) async for document in self._accounts.find()]

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
    async def replace(self, old: AgentAccount, new: AgentAccount) -> bool:
        """See AgentAccounts."""
        # A document from before the field was there has no `disabled_at`, which None finds too.
        unchanged = {"_id": old.agent_id, "password_hash": old.password_hash, "disabled_at": old.disabled_at}
        wanted = new.model_dump(include={"password_hash", "must_change", "disabled_at"})
        return (await self._accounts.update_one(unchanged, {"$set": wanted})).matched_count == 1

    @translate_errors
    async def note_sign_in(self, agent: AgentId, at: datetime) -> None:
        """See AgentAccounts."""
        await self._accounts.update_one({"_id": agent}, {"$max": {"signed_in_at": at}})


def _what_opens(account: AgentAccount) -> tuple[str, datetime | None]:
    """Return what decides: a hash has a salt, so a password that is given anew is another one, too."""
    return account.password_hash, account.disabled_at
