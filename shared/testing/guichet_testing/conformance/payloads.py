"""How a provider speaks: what a channel's own tests say, and the suite asks everything else."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from guichet_testing.conformance.mailboxes import MailSource
from guichet_testing.conformance.provider_api import ProviderApi
from guichet_testing.conformance.sources import Source
from guichet_testing.conformance.world import World


@dataclass(frozen=True)
class Published:
    """An example of a signature that the provider published: the one proof that is not checked against our own code.

    environment: its secret. headers: as posted, their names in lower case. at: when. target: path and query that it
    was posted to; empty: the webhook's own.
    """

    environment: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    at: datetime
    target: str = ""


@dataclass(frozen=True)
class Report:
    """The provider's word on one of our messages. target: path and query that it is posted to."""

    body: bytes
    target: str = field(default="")


class Payloads:
    """Override what raises NotImplementedError, and the rest where the provider has it.

    environment: the variables that an operator would set, by their names. personal: the invented sender's name and
    address, to be found nowhere in clear; every payload holds each of them where it can. address: that of `personal`
    which an answer goes to. captures: a folder of payloads as the provider really sent them, people replaced; each
    must be readable, but for those whose name begins with `unreadable`. published: see Published. api: what the
    provider answers to letters, where there is a way out. mailboxes: two of the town's, where one message may come for
    several; stranger: no mailbox of the town.
    """

    environment: Mapping[str, str] = {}
    address: str = ""
    personal: tuple[str, ...] = ()
    captures: Path | None = None
    published: Published | None = None
    api: ProviderApi | None = None
    mailboxes: tuple[str, str] | None = None
    stranger: str = ""

    def message(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        """Return what the provider sends for a message of `text`. An empty provider_id: it names none."""
        raise NotImplementedError

    def unreadable(self) -> bytes:
        """Return what no parser can read, with the sender's address in it if that is possible."""
        raise NotImplementedError

    def oversize(self, most_bytes: int) -> bytes:
        """Return a payload larger than the channel takes."""
        return bytes(most_bytes + 1)

    def edit(self, text: str, *, provider_id: str, edits: str) -> bytes | None:  # noqa: ARG002
        """Return a correction of the message `edits`, itself called `provider_id`; None: the provider knows none."""
        return None

    def report(self, outbound_id: str, status: str) -> Report | None:  # noqa: ARG002
        """Return the provider's word on one of our messages; None: it says none."""
        return None

    def headers(self, body: bytes) -> Mapping[str, str]:  # noqa: ARG002
        """Return what the provider sends along beside what `sign` makes."""
        return {}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Mapping[str, str]]:
        """Be what a payload leads back to (files to fetch) while open; yield the variables that lead there."""
        yield {}

    def source(self, world: World) -> AbstractAsyncContextManager[Source]:
        """Return the provider's side of a channel that has no webhook, opened on `world`: its Listener listens."""
        raise NotImplementedError

    def mail_source(self, world: World) -> AbstractAsyncContextManager[MailSource]:
        """Return the same where mail is handed over for several of the town's mailboxes at once (`mailboxes`)."""
        raise NotImplementedError
