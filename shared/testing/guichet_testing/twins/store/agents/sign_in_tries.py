"""Tries to sign in, in memory."""

from datetime import datetime, timedelta

from guichet.store.agents.sign_in_tries import Limit, SignInTries


class InMemorySignInTries(SignInTries):
    """Twin of MongoSignInTries."""

    def __init__(self) -> None:
        self.empty_at: dict[str, datetime] = {}
        self.numbers: dict[str, int] = {}

    async def count(self, key: str, limit: Limit, now: datetime) -> timedelta | None:
        empty_at = self.empty_at.get(key)
        pause = limit.pause(empty_at, now)
        self.empty_at[key] = limit.filled(empty_at, now)
        return pause

    async def take_back(self, key: str, limit: Limit) -> None:
        if key in self.empty_at:
            self.empty_at[key] -= limit.regained_every

    async def tally(self, key: str, until: datetime) -> int:
        self.empty_at[key] = until
        self.numbers[key] = self.numbers.get(key, 0) + 1
        return self.numbers[key]

    async def tallied(self, key: str) -> int:
        return self.numbers.get(key, 0)
