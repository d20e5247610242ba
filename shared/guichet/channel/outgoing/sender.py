"""The middle rung of the ladder: times, counts and logs every attempt; a provider only tries."""

import asyncio
import time
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import ClassVar

import structlog

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome
from guichet.runtime.telemetry.metrics import SEND_SECONDS

log = structlog.get_logger()


class Sender(ABC):
    """One provider account. name: the lane's, the metric's and the store's word for it.

    repeats: how often a message is sent again while nobody knows whether it left. patience: an attempt that takes
    longer has an unknown outcome.
    """

    name: ClassVar[str]
    repeats: ClassVar[int] = 1
    patience: timedelta = timedelta(seconds=20)

    async def start(self) -> None:  # noqa: B027  most providers need no start
        """Open what is kept open between attempts."""

    async def stop(self) -> None:  # noqa: B027
        """Close it."""

    async def send(self, letter: Letter) -> Outcome:
        """Try once.

        Raises TransientError when the provider is in trouble and took nothing, ThrottledError when told to wait.
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                outcome = await self.try_send(letter)
        except TimeoutError:
            outcome = Doubtful("timed-out")
        finally:
            SEND_SECONDS.labels(self.name).observe(time.monotonic() - started)
        log.info("tried to send", provider=self.name, outbound_id=letter.outbound_id, outcome=_word(outcome))
        return outcome

    async def settle(self, letter: Letter) -> Concluded | None:  # noqa: ARG002
        """Say what became of attempts whose outcome is unknown; None: it has to be sent again.

        A provider that can be asked overrides this. Raises TransientError.
        """
        return None

    @abstractmethod
    async def try_send(self, letter: Letter) -> Outcome:
        """Hand the letter to the provider. Raises TransientError, ThrottledError."""


def _word(outcome: Outcome) -> str:
    word = outcome.state.value if isinstance(outcome, Concluded) else type(outcome).__name__.lower()
    return f"{word}: {outcome.reason}" if outcome.reason else word
