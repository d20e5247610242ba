"""How fast a provider account may send. Pure: the clock comes in as a value."""

from datetime import datetime, timedelta
from typing import Final

from cachetools import LRUCache

from guichet.channel.outgoing.rate import Rate

NO_WAIT: Final = timedelta(0)


class TokenBucket:
    """So many sends a second on average, `burst` of them at once."""

    def __init__(self, per_second: float, burst: int = 1) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at: datetime | None = None

    def take(self, now: datetime) -> timedelta:
        """Take a token and return zero, or return how long until there is one."""
        if self._at is not None:
            elapsed = max(0.0, (now - self._at).total_seconds())
            self._tokens = min(self._burst, self._tokens + elapsed * self._per_second)
        self._at = now
        if self._tokens < 1:
            return timedelta(seconds=(1 - self._tokens) / self._per_second)
        self._tokens -= 1
        return NO_WAIT

    def take_more(self, most: int) -> int:
        """Take further tokens at the time of the last `take`, at most `most`; return how many there were."""
        taken = min(most, int(self._tokens))
        self._tokens -= taken
        return taken

    def give_back(self, tokens: int = 1) -> None:
        """Return tokens that were not used."""
        self._tokens = min(self._burst, self._tokens + tokens)


class Pace:
    """One account's buckets: its own, and one for each recipient of late."""

    _REMEMBERED: Final = 10_000

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._account = TokenBucket(rate.per_second, rate.burst)
        self._recipients = LRUCache[str, TokenBucket](self._REMEMBERED)

    def take(self, now: datetime) -> timedelta:
        """Take the account's token, or return how long until there is one."""
        return self._account.take(now)

    def take_more(self, most: int) -> int:
        """Take further tokens of the account, at most `most`; return how many there were."""
        return self._account.take_more(most)

    def give_back(self, tokens: int = 1) -> None:
        """Return tokens of the account, unused."""
        self._account.give_back(tokens)

    def take_for(self, recipient: str, now: datetime) -> timedelta:
        """Take the recipient's token, or return how long until there is one."""
        if self._rate.per_recipient is None:
            return NO_WAIT
        return self._recipients.setdefault(recipient, TokenBucket(self._rate.per_recipient)).take(now)
