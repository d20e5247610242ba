"""A provider's payload and who understands it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from guichet.channel.draft import Draft
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.inbound_content import Identifier
from guichet.errors import PermanentError


@dataclass(frozen=True, eq=False)
class Payload:
    """What came in. headers: those that the channel keeps, their names in lower case. target: path and query as
    requested.

    at: when it arrived at our edge, aware UTC. Equal to itself alone: what was read of one may be kept beside it, in a
    WeakKeyDictionary, as long as it is at work.
    """

    body: bytes = field(repr=False)
    at: datetime
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    target: str = field(default="", repr=False)


class Incoming:
    """Understands the payloads of one webhook. Override `verify`, `read` and `senders`; the rest where it fits."""

    def verify(self, payload: Payload) -> None:
        """Raise UnverifiedSourceError unless the provider sent this. Called before anything of it is read.

        The body is empty where headers alone prove it (Webhook.proven_by).
        """
        raise NotImplementedError

    async def read(self, payload: Payload) -> Draft | DeliveryReported | None:
        """Return the message, or the provider's report on one of ours; None for a notice that holds neither.

        Raises PermanentError for what nobody can read, TransientError where the provider must send it again.
        """
        raise NotImplementedError

    def senders(self, payload: Payload) -> Iterable[Identifier]:
        """Return who sent a payload that nobody can read, as far as can be told: whoever is erased takes it along."""
        raise NotImplementedError

    def salvage(self, payload: Payload) -> Draft:  # noqa: ARG002
        """Return what can be told of a message that nobody can read, what came being one of its files.

        Raises PermanentError where it cannot be told who sent it to which of the town's accounts: then it is a dead
        letter.
        """
        raise PermanentError("nothing can be told of what nobody can read", reason="unreadable")

    def accepted(self, draft: Draft) -> None:
        """Hear that a message is safe: what has to wait for that begins now."""

    def handled(self, payload: Payload) -> None:
        """Hear that a payload is safe, whether it could be read or not: a list that names it too has nothing new."""
