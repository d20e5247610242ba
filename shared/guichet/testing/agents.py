"""Agents' accounts in memory."""

from collections.abc import Iterable

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

    async def insert_missing(self, accounts: Iterable[AgentAccount]) -> frozenset[AgentId]:
        """See AgentAccounts."""
        new = {account.agent_id: account for account in accounts if account.agent_id not in self._accounts}
        self._accounts |= new
        return frozenset(new)

    async def replace_hash(self, agent: AgentId, password_hash: str) -> None:
        """See AgentAccounts."""
        if account := self._accounts.get(agent):
            self._accounts[agent] = account.model_copy(update={"password_hash": password_hash})
