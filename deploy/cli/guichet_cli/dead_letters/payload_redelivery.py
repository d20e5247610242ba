"""The adapters at which a payload that they put aside is handed in once more after the fix.

The provider's own code signs it, in a process that cannot open anything: for the adapter it is a delivery like any
other. What it still cannot read, it puts aside again, as another dead letter.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from guichet.channel.host.errand import Answer, Request
from guichet.contracts.channels import KnownChannels
from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL, INBOUND_THIRD_PARTY
from guichet.errors import PermanentError, SettingsError
from guichet_cli.console.errands import CodeTroubleError, Errand, channel_of_provider, errand
from guichet_cli.dead_letters.redelivery import Redeliver, RedeliveryError

# Whose a payload is of which no provider was noted: then each of these had one, and there will be no more of them.
OF_BEFORE: Final[Mapping[tuple[str, str], ChannelName]] = {
    ("ingest-email", INBOUND_EMAIL.name): "mail",
    ("ingest-sms", INBOUND_SMS.name): "twilio",
    ("ingest-social", INBOUND_SOCIAL.name): "telegram",
}


class Adapters:
    """Hands payloads in; an async context manager. One process for each channel's code, as long as it is open."""

    def __init__(self, known: KnownChannels) -> None:
        self._known = known
        self._started: dict[ChannelName, Errand] = {}
        self._silent: set[ChannelName] = set()
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def redelivery_of(self, letter: DeadLetter, content: DeadLetterContent, payload: bytes) -> Redeliver:
        """Return what hands a payload in where it came from.

        Raises PermanentError where there is no way back, SettingsError for a variable that this needs, RedeliveryError
        where the channel's code does not answer.
        """
        channel = _channel_of(letter, self._known)
        if channel is None and letter.provider is not None:
            raise PermanentError(
                f"dead letter {letter.event_id} came from {letter.provider}, whose channels are not known here."
                " Enable them again, or `show` it, then `drop` it.",
                reason="not-a-record",
            )
        if channel is None:
            raise PermanentError(
                f"dead letter {letter.event_id} is a payload that {letter.group} could not read; it never was a record"
                f" of {letter.topic}, and {letter.group} takes none again. Look at it with `show`, then `drop` it.",
                reason="not-a-record",
            )
        headers = _headers_of(letter, content)
        await self._ask(channel, Request(ask="prepare", body=payload, headers=headers, target=content.target))

        async def redeliver() -> None:
            await self._ask(channel, Request(ask="hand-in"))

        return redeliver

    async def _ask(self, channel: ChannelName, request: Request) -> None:
        """Code that did not answer once is asked no more: others' letters would wait for it each time, and what it
        says at last would be taken for the answer to another question.
        """
        if channel in self._silent:
            raise RedeliveryError(f"channel {channel}: its code did not answer, and is asked no more.")
        code = await self._code_of(channel)
        try:
            answer = await code.ask(request)
        except CodeTroubleError as error:
            self._silent.add(channel)
            raise RedeliveryError(str(error)) from None
        _raise_unless_done(answer)

    async def _code_of(self, channel: ChannelName) -> Errand:
        if channel not in self._started:
            self._started[channel] = await self._open.enter_async_context(errand(channel, self._known))
        return self._started[channel]


def _headers_of(letter: DeadLetter, content: DeadLetterContent) -> dict[str, str]:
    try:
        return {name: value.decode() for name, value in content.headers}
    except UnicodeDecodeError:  # no host of ours writes one
        raise PermanentError(
            f"dead letter {letter.event_id} came with a header that is no text: `show` it, then `drop` it.",
            reason="not-a-record",
        ) from None


def _raise_unless_done(answer: Answer) -> None:
    text = "\n".join(answer.lines)
    match answer.verdict:
        case "done":
            return
        case "never":
            raise PermanentError(text, reason="not-a-record")
        case "settings":
            raise SettingsError(text)
        case _:
            raise RedeliveryError(text)


def _channel_of(letter: DeadLetter, known: KnownChannels) -> ChannelName | None:
    """Return the channel whose package hands it in."""
    provider = letter.provider or OF_BEFORE.get((letter.group, letter.topic))
    channel = channel_of_provider(provider, known) if provider is not None else None
    if channel is not None and letter.topic not in _topics_of(known[channel].provider, known):
        raise PermanentError(
            f"dead letter {letter.event_id} says that it came from {provider}, and lies on the dead letters of"
            f" {letter.topic}, where nothing of that account is put. Hand nothing in; tell the security officer.",
            reason="wrong-topic",
        )
    return channel


def _topics_of(provider: ChannelName, known: KnownChannels) -> set[str | None]:
    """Return where an account's host puts what it cannot read: messages, and reports where it may bring them."""
    topics = {facts.topic for facts in known.values() if facts.provider == provider}
    return topics if INBOUND_THIRD_PARTY.name in topics else {*topics, DELIVERY_REPORTS.name}
