"""Check passwords without stopping the loop, and never many at once: each check takes 64 MiB on purpose.

Who waits for a check waits in a short queue, and past its end is told so at once. Agents who are where they always are
have a queue of their own: a crowd of guessers fills the other one.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

from agent_desk.domain.errors import BusyError
from guichet.privacy.passwords import hash_password, is_outdated, password_matches
from guichet.store.agents.accounts import AgentAccount, AgentAccounts

KNOWN_WAITING: Final = 30  # the whole town hall at half past eight: 3 to 6 s for the last
STRANGERS_WAITING: Final = 8  # 1 to 2 s for the last

R = TypeVar("R")


class HashingQueue:
    """One check at a time, and so many who wait."""

    def __init__(self, waiting: int) -> None:
        self._room = 1 + waiting
        self._inside = 0
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hashing")  # no other work of the process waits for it

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Keep a place while the block runs. Raises BusyError where there is none."""
        if self._inside >= self._room:
            raise BusyError
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    async def run(self, work: Callable[[], R]) -> R:
        """Hash something, when it is one's turn."""
        async with self._turn:  # who is no longer waited for leaves nothing behind in the thread's own queue
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)


class PasswordCheck:
    """Checks passwords of local accounts."""

    def __init__(self, accounts: AgentAccounts) -> None:
        self._accounts = accounts
        self.known = HashingQueue(KNOWN_WAITING)
        self.strangers = HashingQueue(STRANGERS_WAITING)

    async def opened(self, account: AgentAccount | None, password: str, queue: HashingQueue) -> AgentAccount | None:
        """Return the account that the password opens, as it is then; None where it opens none. Raises TransientError.

        An account that is unknown or disabled takes as long.
        """
        known = account.password_hash if account and account.disabled_at is None else None
        right = await queue.run(lambda: password_matches(known, password))
        if not right or account is None:
            return None
        return await self._rehashed(account, password, queue) if is_outdated(account.password_hash) else account

    async def hashed(self, password: str, queue: HashingQueue) -> str:
        """Return the hash to keep of a new password."""
        return await queue.run(lambda: hash_password(password))

    async def _rehashed(self, account: AgentAccount, password: str, queue: HashingQueue) -> AgentAccount:
        """Keep a stronger hash of the same password, unless another one was given meanwhile."""
        stronger = account.model_copy(update={"password_hash": await self.hashed(password, queue)})
        return stronger if await self._accounts.replace(account, stronger) else account
