"""Agents' accounts in memory."""

from collections.abc import Iterable
from datetime import datetime

from guichet.ids import AgentId
from guichet.store.agents import AgentAccount


class InMemoryAgentAccounts:
    """Twin of MongoAgentAccounts."""

    def __init__(self, *accounts: AgentAccount) -> None:
        self._accounts = {account.agent_id: account for account in accounts}

    async def find(self, agent: AgentId) -> AgentAccount | None:
        """See AgentAccounts."""
        return self._accounts.get(agent)

    async def find_ids(self) -> frozenset[AgentId]:
        """See AgentAccounts."""
        return frozenset(self._accounts)

    async def all(self) -> list[AgentAccount]:
        """See AgentAccounts."""
        return [*self._accounts.values()]

    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        """See AgentAccounts."""
        new = {account.agent_id: account for account in accounts if account.agent_id not in self._accounts}
        self._accounts |= new
        return frozenset(new)

    async def replace(self, old: AgentAccount, new: AgentAccount) -> bool:
        """See AgentAccounts."""
        known = self._accounts.get(old.agent_id)
        if known is None or not old.opens_like(known):
            return False
        wanted = new.model_dump(include={"password_hash", "must_change", "disabled_at"})
        self._accounts[old.agent_id] = known.model_copy(update=wanted)
        return True

    async def note_sign_in(self, agent: AgentId, at: datetime) -> None:
        """See AgentAccounts."""
        if account := self._accounts.get(agent):
            last = max(at, account.signed_in_at or at)
            self._accounts[agent] = account.model_copy(update={"signed_in_at": last})
