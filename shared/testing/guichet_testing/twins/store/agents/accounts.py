"""Agents' accounts in memory."""

from collections.abc import Iterable
from datetime import datetime

from guichet.ids import AgentId
from guichet.store.agents.accounts import AgentAccount, AgentAccounts, SecondFactor


class InMemoryAgentAccounts(AgentAccounts):
    """Twin of MongoAgentAccounts."""

    def __init__(self, *accounts: AgentAccount) -> None:
        self._accounts = {account.agent_id: account for account in accounts}

    async def find(self, agent: AgentId) -> AgentAccount | None:
        return self._accounts.get(agent)

    async def find_ids(self) -> frozenset[AgentId]:
        return frozenset(self._accounts)

    async def all(self) -> list[AgentAccount]:
        return [*self._accounts.values()]

    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        new = {account.agent_id: account for account in accounts if account.agent_id not in self._accounts}
        self._accounts |= new
        return frozenset(new)

    async def replace(self, old: AgentAccount, new: AgentAccount) -> bool:
        known = self._accounts.get(old.agent_id)
        if known is None or not old.opens_like(known):
            return False
        wanted = new.model_dump(include={"password_hash", "must_change", "disabled_at"})
        self._accounts[old.agent_id] = known.model_copy(update=wanted)
        return True

    async def note_sign_in(self, agent: AgentId, at: datetime) -> None:
        if account := self._accounts.get(agent):
            last = max(at, account.signed_in_at or at)
            self._accounts[agent] = account.model_copy(update={"signed_in_at": last})

    async def set_second_factor(self, old: AgentAccount, factor: SecondFactor | None) -> bool:
        known = self._accounts.get(old.agent_id)
        if known is None or not old.opens_like(known):
            return False
        self._accounts[old.agent_id] = known.model_copy(update={"second_factor": factor})
        return True

    async def spend_step(self, old: AgentAccount, step: int) -> bool:
        factor = self._same_factor(old)
        return factor is not None and factor.last_step < step and self._set(old, factor, last_step=step)

    async def spend_recovery_code(self, old: AgentAccount, code_hash: str) -> bool:
        factor = self._same_factor(old)
        if factor is None or code_hash not in factor.recovery:
            return False
        return self._set(old, factor, recovery=tuple(each for each in factor.recovery if each != code_hash))

    async def renew_recovery_codes(self, old: AgentAccount, salt: bytes, code_hashes: Iterable[str]) -> bool:
        factor = self._same_factor(old)
        return factor is not None and self._set(old, factor, recovery_salt=salt, recovery=tuple(code_hashes))

    def _same_factor(self, old: AgentAccount) -> SecondFactor | None:
        known = self._accounts.get(old.agent_id)
        mine, theirs = old.second_factor, known.second_factor if known else None
        return theirs if mine and theirs and mine.secret.key_id == theirs.secret.key_id else None

    def _set(self, old: AgentAccount, factor: SecondFactor, **fields: object) -> bool:
        changed = {"second_factor": factor.model_copy(update=fields)}
        self._accounts[old.agent_id] = self._accounts[old.agent_id].model_copy(update=changed)
        return True
