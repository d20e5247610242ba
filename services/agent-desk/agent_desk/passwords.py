"""Check passwords without stopping the loop, and never many at once: each check takes 64 MiB on purpose."""

import asyncio
from typing import Final

from guichet.privacy.passwords import hash_password, is_outdated, password_matches
from guichet.store.agents import AgentAccount, AgentAccounts

AT_ONCE: Final = 2


class PasswordCheck:
    """Checks passwords of local accounts."""

    def __init__(self, accounts: AgentAccounts) -> None:
        self._accounts = accounts
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def is_right(self, account: AgentAccount | None, password: str) -> bool:
        """Say whether the password opens the account; None, an unknown one, takes as long. Raises TransientError."""
        async with self._turns:
            known = account.password_hash if account else None
            right = await asyncio.to_thread(password_matches, known, password)
            if right and account and is_outdated(account.password_hash):
                await self._accounts.replace_hash(account.agent_id, await asyncio.to_thread(hash_password, password))
        return right
