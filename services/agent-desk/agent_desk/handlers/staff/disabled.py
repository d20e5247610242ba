"""Whether an agent's account was taken away: no session of theirs lives, and nothing that they queued goes on."""

from guichet.ids import AgentId
from guichet.store.agents.accounts import AgentAccounts


async def is_disabled(accounts: AgentAccounts, agent: AgentId) -> bool:
    """Say so; not of who has no account of ours: the provider knows them. Raises TransientError."""
    account = await accounts.find(agent)
    return account is not None and account.disabled_at is not None
