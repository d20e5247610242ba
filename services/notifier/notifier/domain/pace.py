"""How fast a provider account may send, and which part of that is this process's. Pure: clock and share come in as
values.

Several notifiers send by one account, and none asks another: each has the part of the account's rate and burst that it
has of the topics' partitions, which Kafka divides among them anew when one comes or goes (docs/operations.md).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from cachetools import LRUCache

from guichet.channel.outgoing.rate import Rate

NO_WAIT: Final = timedelta(0)
NOT_NOW: Final = timedelta(seconds=1)  # this process has no part just now; then it looks again
WHOLE: Final = 1.0


class TokenBucket:
    """So many sends a second on average, `burst` of them at once. share: the part that is ours, from 0 to 1."""

    def __init__(self, per_second: float, burst: int = 1) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at: datetime | None = None

    def take(self, now: datetime, share: float = WHOLE) -> timedelta:
        """Take a token and return zero, or return how long until there is one."""
        self._fill(now, share)
        if share <= 0:
            return NOT_NOW
        wait = timedelta(seconds=max(0.0, 1 - self._tokens) / (self._per_second * share))
        if (
            not wait
        ):  # a token that lacks less than a microsecond is there: to wait for nothing would be to send for none
            self._tokens -= 1
        return wait

    def _fill(self, now: datetime, share: float) -> None:
        """Add what has come since, at most our part of a burst, and one: a smaller part would never send."""
        elapsed = max(0.0, (now - self._at).total_seconds()) if self._at is not None else 0.0
        self._tokens = min(max(1.0, self._burst * share), self._tokens + elapsed * self._per_second * share)
        self._at = now

    def take_more(self, most: int) -> int:
        """Take further tokens at the time of the last `take`, at most `most`; return how many there were."""
        taken = min(most, int(self._tokens))
        self._tokens -= taken
        return taken

    def give_back(self, tokens: int = 1) -> None:
        """Return tokens that were not used."""
        self._tokens = min(self._burst, self._tokens + tokens)


class Pace:
    """One account's buckets: its own, and one for each recipient of late. share: asked at every take."""

    _REMEMBERED: Final = 10_000

    def __init__(self, rate: Rate, share: Callable[[], float] = lambda: WHOLE) -> None:
        self._rate = rate
        self._share = share
        self._account = TokenBucket(rate.per_second, rate.burst)
        self._recipients = LRUCache[str, TokenBucket](self._REMEMBERED)

    def take(self, now: datetime) -> timedelta:
        """Take the account's token, or return how long until there is one."""
        return self._account.take(now, self._share())

    @property
    def apart(self) -> timedelta | None:
        """How far apart two sends of ours are on average; None: this process has no part just now."""
        share = self._share()
        return timedelta(seconds=1 / (self._rate.per_second * share)) if share > 0 else None

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
        bucket = self._recipients.setdefault(recipient, TokenBucket(self._rate.per_recipient))
        return bucket.take(now, self._share())
