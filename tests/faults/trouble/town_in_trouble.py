"""Providers that misbehave while the run lasts: seeded orders to the sandbox, a few strikes each."""

import asyncio
import random
from collections import Counter

from guichet_testing.town.sandbox_client import SandboxClient

# Left out: what refuses a receipt for good (unsubscribed, blocked, refused, undelivered, bounced, given up: no receipt could arrive), and
# what the sandbox does when it brings messages in itself: here the clients do that, and hand some over twice.
TROUBLES = (
    "twilio-throttled",
    "twilio-error",
    "twilio-answer-lost",
    "twilio-doubled-status",
    "twilio-reordered-status",
    "telegram-throttled",
    "telegram-error",
    "telegram-answer-lost",
    "smtp-deferred",
    "smtp-answer-lost",
    "smtp-slow-answer",
)
# Of the lost answers each is a second copy, by design: enough to see that it is the only one. A slow one holds a
# connection to the relay for as long as it takes.
SELDOM = {"smtp-answer-lost": 3, "telegram-answer-lost": 3, "smtp-slow-answer": 6}
SLOW_S = (
    25  # seconds from the mail to the relay's answer: longer than a client waits elsewhere, and no reason to repeat
)
MOST_STRIKES = 3  # five failures in a row and a sender leaves the provider alone for half a minute
EVERY_S = 2.0


class Troublemaker:
    """Orders one trouble after the other until told to stop. struck: how often each was carried out."""

    def __init__(self, sandbox: SandboxClient, seed: int) -> None:
        self._sandbox = sandbox
        self._chance = random.Random(seed)
        self._ordered: Counter[str] = Counter()
        self._seldom: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Trouble the town; then behave well again."""
        order = list(TROUBLES)
        self._chance.shuffle(order)
        while not stop.is_set():
            await self._order(order[0])
            order.append(order.pop(0))
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S)
            except TimeoutError:
                continue
        left = await self._sandbox.troubles()
        self.struck = Counter({each: self._ordered[each] - left.get(each, 0) for each in self._ordered})
        await self._sandbox.behave()

    async def _order(self, trouble: str) -> None:
        """Order some more strikes; what did not strike yet of the last order is taken back by the new one."""
        left = (await self._sandbox.troubles()).get(trouble, 0)
        count = min(self._chance.randint(1, MOST_STRIKES), SELDOM.get(trouble, MOST_STRIKES) - self._seldom[trouble])
        if count <= 0:
            return
        self._seldom[trouble] += count if trouble in SELDOM else 0
        self._ordered[trouble] += count - left
        later = SLOW_S if trouble == "smtp-slow-answer" else self._chance.randint(1, 3)
        await self._sandbox.misbehave(trouble, count, retry_after=later)
