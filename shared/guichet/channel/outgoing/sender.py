"""The ladder of senders: the port, then the rung that times, bounds and logs every attempt; a provider only tries."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta

import structlog

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome
from guichet.runtime.telemetry.metrics import SEND_SECONDS

log = structlog.get_logger()


class UnsentBugError(Exception):
    """A bug in a sender's own code before a byte of the letter left, which `__cause__` is; the text is its class.

    Nobody doubts what became of such a letter: it waits until somebody has mended the code.
    """


class Outgoing(ABC):
    """One provider account, here or in another process. name: the lane's, the metric's and the store's word for it.

    repeats: how often a message is sent again while nobody knows whether it left; its channel's facts decide, and the
    notifier alone asks. patience: an attempt that takes longer has an unknown outcome.
    """

    name: str
    repeats: int = 1
    patience: timedelta = timedelta(seconds=20)

    async def start(self) -> None:  # noqa: B027  most providers need no start
        """Open what is kept open between attempts."""

    async def stop(self) -> None:  # noqa: B027
        """Close it."""

    @abstractmethod
    async def send(self, letter: Letter) -> Outcome:
        """Try once.

        Raises TransientError when the provider is in trouble and took nothing, ThrottledError when told to wait,
        PermanentError for a letter that no attempt could send, UnsentBugError. Of any other bug nobody knows whether
        the letter had left.
        """

    async def settle(self, letter: Letter) -> Sequence[Concluded]:  # noqa: ARG002
        """Say what attempts whose outcome is unknown may have become, the likeliest first; nothing: send it again.

        A provider that can be asked overrides this. Each candidate bears its provider's id: the notifier, which knows
        whose these are, passes over other deliveries' own. Raises TransientError.
        """
        return ()


class Sender(Outgoing):
    """A provider that is spoken to by this process."""

    async def send(self, letter: Letter) -> Outcome:
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

    @abstractmethod
    async def try_send(self, letter: Letter) -> Outcome:
        """Hand the letter to the provider. Raises TransientError, ThrottledError."""


def _word(outcome: Outcome) -> str:
    word = outcome.state.value if isinstance(outcome, Concluded) else type(outcome).__name__.lower()
    return f"{word}: {outcome.reason}" if outcome.reason else word
