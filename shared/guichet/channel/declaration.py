"""All that Guichet asks of a channel's code; what it knows without running any is data (guichet.contracts.channels).

A package announces each of its channels by an entry point of the group `guichet.channels`, which bears its name and
leads to a `Channel`. Only hosts import it: ingest-email, ingest-sms and ingest-social, the sender process of a provider
account, and the short-lived processes that hand a dead letter in again or check credentials. None of them holds a key
that opens.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

from guichet.channel.lent import Host
from guichet.channel.outgoing.sender import Sender
from guichet.channel.payload import Incoming, Payload
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.topics import MIB
from guichet.runtime.settings import SettingsGroup

S = TypeVar("S", bound=SettingsGroup)

MOST_BYTES: Final = 8 * MIB


@dataclass(frozen=True)
class Accepted:
    """What a provider is told once its payload is safe."""

    status: int = 200
    body: str = ""
    media_type: str | None = None


@dataclass(frozen=True)
class Webhook(Generic[S]):
    """Where a provider posts to us.

    path: under the host's public address. open: what reads the payloads, while the host runs. public_url: the base
    address as the provider knows it. sign: the headers with which the provider would post this body to this target now,
    its Content-Type among them; a dead letter that is handed in again comes with them. keeps: the headers that
    `Incoming` sees, and that a dead letter keeps. proof: those that `Incoming.verify` sees beside them, and that nobody
    keeps: a secret, or a signature that is made anew. carries: what a payload is, citizens' messages or the provider's
    reports on ours. proven_by: what `Incoming.verify` looks at; where headers alone prove who posts, no byte of a
    stranger's body is taken in.
    """

    path: str
    open: Callable[[S, Host], AbstractAsyncContextManager[Incoming]]
    public_url: Callable[[S], object]
    sign: Callable[[S, Payload], Mapping[str, str]]
    keeps: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES
    accepted: Accepted = Accepted()
    carries: Literal["messages", "reports"] = "messages"
    proven_by: Literal["body", "headers"] = "body"


@dataclass(frozen=True)
class Listener(Generic[S]):
    """What comes for messages itself: a mailbox, a provider's list, a stream.

    open: listens as long as it is open, and hands over by the host it is given. redeliver: returns what hands in, at
    our own door, what could not be read before (raises GuichetError); it raises PermanentError, before anything is
    noted or done, for what that door never takes. None: a webhook of the same provider does it. brings_reports: whether
    reports on our own letters are among what comes.
    """

    open: Callable[[S, Host], AbstractAsyncContextManager[None]]
    redeliver: Callable[[S, Payload], Callable[[], Awaitable[None]]] | None = None
    brings_reports: bool = False


@dataclass(frozen=True)
class Outbound(Generic[S]):
    """How letters leave. open: the sender of the account, started and stopped by its process.

    settings: what it reads where that is not what the ways in read (a mailbox here, a relay there); None: the
    provider's.
    """

    open: Callable[[S], Sender]
    settings: type[S] | None = None


Act = Callable[[S, tuple[str, ...]], Awaitable[list[str]]]
"""Does what an operator typed, the words behind the act's name among it; returns what they must know, a line each.

Raises GuichetError, in a sentence, where something is wrong. It runs apart from every host, and has no store or broker.
"""


@dataclass(frozen=True)
class Provider(Generic[S]):
    """One account at a provider; several channels may share it.

    name: its lane, its sender process and the prefix of its variables (GUICHET_<NAME>_…), as its channels' facts say
    it. settings: read from the environment of each process that runs its code; descriptions of the fields are the
    operator's documentation. check: tries the credentials without writing to anybody, and returns what an operator must
    know, a line each. register: tells the provider where it reaches us, and returns what it was told; None: that is
    done by hand. Both raise GuichetError, in a sentence, where the provider refuses. checked_with: the settings that
    `check` is given; None: those that its sender process reads. acts: what else an operator may have its code do, by
    name, with what the ways in read (guichet_cli: `guichet mailbox`).
    """

    name: str
    settings: type[S]
    inbound: tuple[Webhook[S] | Listener[S], ...] = ()
    outbound: Outbound[Any] | None = None
    check: Callable[[Any], Awaitable[list[str]]] | None = None
    register: Callable[[S], Awaitable[list[str]]] | None = None
    checked_with: type[SettingsGroup] | None = None
    acts: Mapping[str, Act[S]] = field(default_factory=dict)

    @property
    def sending_settings(self) -> type[SettingsGroup]:
        """What its sender process reads."""
        return (self.outbound and self.outbound.settings) or self.settings

    @property
    def check_settings(self) -> type[SettingsGroup]:
        """What `check` is given."""
        return self.checked_with or self.sending_settings


@dataclass(frozen=True)
class Channel:
    """One channel: its facts, read from its file, and the provider that carries it."""

    facts: ChannelFacts
    provider: Provider[Any]
