"""Local accounts of agents: what opens them, and how they stand. Who an agent is: the town's files."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.contracts.base import Contract, Sealed
from guichet.ids import AgentId, KeyId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import SECURITY, DataMapEntry, Erasure, Form, PersonalField
from guichet.store.agents.leaver_retention import kept_after_leaving
from guichet.vault.fields import TEXT, SealedField

SECOND_FACTOR: Final = SealedField(
    "second-factor", "secret", TEXT, holds="what the agent's telephone makes its codes of"
)

COLLECTION = "agents"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="let the town's agents sign in",
        legal_basis=SECURITY,
        whose="agents",
        retention=kept_after_leaving(),
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "the agent's id"),
            PersonalField("password_hash", Form.PSEUDONYM, "Argon2id of the password"),
            SECOND_FACTOR.at("second_factor.secret"),
            PersonalField("second_factor.recovery", Form.PSEUDONYM, "Argon2id of each recovery code that is left"),
        ),
    ),
)
_FACTOR = "second_factor"


class SecondFactor(Contract):
    """What an agent has beside the password: time-based one-time codes (RFC 6238), and recovery codes on paper.

    secret: sealed under a key of its own, which also tells one enrolment from the next. last_step: the latest time step
    whose code was taken; no code of it or of an earlier one is taken again. recovery: the hash of each recovery code
    that is left, under one salt (guichet.privacy.passwords).
    """

    secret: Sealed
    enrolled_at: AwareDatetime
    last_step: int
    recovery_salt: bytes
    recovery: tuple[str, ...]


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
    second_factor: SecondFactor | None = None

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

    async def set_second_factor(self, old: AgentAccount, factor: SecondFactor | None) -> bool:
        """Store an account's second factor, or none, if the account still opens as in `old`; say whether it did."""

    async def spend_step(self, old: AgentAccount, step: int) -> bool:
        """Take the code of a time step, once for good, of the second factor in `old`; say whether it could be taken.

        It could not where that step's code, or a later one's, was taken before, whichever process took it.
        """

    async def spend_recovery_code(self, old: AgentAccount, code_hash: str) -> bool:
        """Take a recovery code away from the second factor in `old`; say whether it was there."""

    async def renew_recovery_codes(self, old: AgentAccount, salt: bytes, code_hashes: Iterable[str]) -> bool:
        """Give the second factor in `old` other recovery codes; say whether it was still there."""


class MongoAgentAccounts(AgentAccounts):
    """The accounts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._accounts = database[COLLECTION]

    @translate_errors
    async def find(self, agent: AgentId) -> AgentAccount | None:
        document = await self._accounts.find_one({"_id": agent})
        return None if document is None else AgentAccount.model_validate(document)

    @translate_errors
    async def find_ids(self) -> frozenset[AgentId]:
        return frozenset([AgentId(document["_id"]) async for document in self._accounts.find({}, {"_id": 1})])

    @translate_errors
    async def all(self) -> list[AgentAccount]:
        return [AgentAccount.model_validate(document) async for document in self._accounts.find()]

    @translate_errors
    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        wanted = [*accounts]
        errors = await insert_new(self._accounts, [account.model_dump(by_alias=True) for account in wanted])
        existing = {error["index"] for error in errors}
        return frozenset(account.agent_id for place, account in enumerate(wanted) if place not in existing)

    @translate_errors
    async def replace(self, old: AgentAccount, new: AgentAccount) -> bool:
        return await self._update(
            _opens_as(old), new.model_dump(include={"password_hash", "must_change", "disabled_at"})
        )

    @translate_errors
    async def note_sign_in(self, agent: AgentId, at: datetime) -> None:
        await self._accounts.update_one({"_id": agent}, {"$max": {"signed_in_at": at}})

    @translate_errors
    async def set_second_factor(self, old: AgentAccount, factor: SecondFactor | None) -> bool:
        return await self._update(_opens_as(old), {"second_factor": factor.model_dump() if factor else None})

    @translate_errors
    async def spend_step(self, old: AgentAccount, step: int) -> bool:
        not_yet = {**_has_the_factor_of(old), f"{_FACTOR}.last_step": {"$lt": step}}
        return await self._update(not_yet, {f"{_FACTOR}.last_step": step})

    @translate_errors
    async def spend_recovery_code(self, old: AgentAccount, code_hash: str) -> bool:
        there = {**_has_the_factor_of(old), f"{_FACTOR}.recovery": code_hash}
        taken = await self._accounts.update_one(there, {"$pull": {f"{_FACTOR}.recovery": code_hash}})
        return taken.matched_count == 1

    @translate_errors
    async def renew_recovery_codes(self, old: AgentAccount, salt: bytes, code_hashes: Iterable[str]) -> bool:
        new = {f"{_FACTOR}.recovery_salt": salt, f"{_FACTOR}.recovery": [*code_hashes]}
        return await self._update(_has_the_factor_of(old), new)

    async def _update(self, which: dict[str, Any], wanted: dict[str, Any]) -> bool:
        return (await self._accounts.update_one(which, {"$set": wanted})).matched_count == 1


def _what_opens(account: AgentAccount) -> tuple[str, datetime | None, KeyId | None]:
    """Return what decides: a hash has a salt, so a password that is given anew is another one, too."""
    return account.password_hash, account.disabled_at, _factor_of(account)


def _factor_of(account: AgentAccount) -> KeyId | None:
    return account.second_factor.secret.key_id if account.second_factor else None


def _opens_as(old: AgentAccount) -> dict[str, Any]:
    """A document from before a field was there has no such field, which None finds too."""
    password_hash, disabled_at, factor = _what_opens(old)
    opens = {"password_hash": password_hash, "disabled_at": disabled_at, f"{_FACTOR}.secret.key_id": factor}
    return {"_id": old.agent_id, **opens}


def _has_the_factor_of(old: AgentAccount) -> dict[str, Any]:
    return {"_id": old.agent_id, f"{_FACTOR}.secret.key_id": _factor_of(old) or "none"}
