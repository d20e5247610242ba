"""What a channel's sender promises, against a provider at the wire. Each failure says what to do."""

# a test's name is its sentence

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from guichet.channel.declaration import Channel
from guichet.channel.outgoing.letter import Letter, Mail
from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Outcome
from guichet.channel.outgoing.provider_reports import failure_of
from guichet.channel.outgoing.sender import Outgoing, Sender
from guichet.contracts.channels import ChannelFacts, Form
from guichet.contracts.delivery import DeliveryState
from guichet.errors import GuichetError, PermanentError, SettingsError, ThrottledError, TransientError
from guichet.ids import MessageId
from guichet_testing.conformance.captured_output import eavesdropped
from guichet_testing.conformance.opened import check_settings_of, sending_settings_of
from guichet_testing.conformance.payloads import Payloads
from guichet_testing.conformance.provider_api import LOST, THROTTLED_FOR, ProviderApi, Reply, Request, Respond, Wire

WORDS: Final = "Le lampadaire-canari est réparé. 👍🏽"
UNKNOWN: Final = "a refusal that nobody knows"
PATIENCE: Final = 30.0
ASTRAY: Final = (
    Reply(301, b"<html>", {"Content-Type": "text/html", "Location": "https://elsewhere.example/"}),
    Reply(404, b"<html>", {"Content-Type": "text/html"}),
)
"""What another server says at an address that an operator mistyped."""
OWN_CODE: Final = ("post", "code", "provider_id", "settle", "try_send")  # what a channel's sender may override
Tried = Outcome | GuichetError


@dataclass
class Sending:
    """A sender, and the provider that it meets."""

    sender: Sender
    wire: Wire

    async def send(self, letter: Letter) -> Tried:
        """Return what became of it, an error that a sender may raise among them."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.sender.send(letter)
        except (TransientError, PermanentError) as error:
            return error
        except Exception as exc:
            raise AssertionError(_bug(exc.__cause__ or exc)) from exc


class WayOutConformance:
    """Of every channel that letters leave by."""

    channel: Channel
    payloads: Payloads

    async def test_a_letter_is_sent_whole_to_its_recipient(self) -> None:
        tried, requests = await self._try(self._api.accepted)
        arrived = isinstance(tried, Concluded) and tried.state is DeliveryState.SENT
        assert arrived, f"a letter that the provider took became {tried!r} instead of sent"
        letter = self._letter()
        assert any(each.holds(letter.text) for each in requests), "the provider was not handed the whole text"
        to = any(each.holds(letter.recipient) or letter.recipient in each.path for each in requests)
        assert to, "the provider was not told the recipient"

    async def test_a_letter_that_was_taken_has_the_providers_id(self) -> None:
        tried, _ = await self._try(self._api.accepted)
        taken = isinstance(tried, Concluded) and tried.state is DeliveryState.SENT
        told = isinstance(tried, Concluded) and tried.provider_id
        assert told or not taken or not self._api.tells_id, (
            "a letter was taken, and its id is not told: let `provider_id` find it in the answer, or say"
            " ProviderApi.tells_id = False where the provider tells none"
        )

    async def test_each_failure_is_declared_in_words(self) -> None:
        failures = self._facts.failures
        for what, reply in self._refusals():
            tried, _ = await self._try(reply)
            assert isinstance(tried, Concluded), f"{what} became {tried!r}, and not a letter that failed"
            failed = tried.state is DeliveryState.FAILED
            assert failed, f"{what} became {tried.state}, and not a letter that failed"
            declared = tried.reason in failures or self._is_unknown_code(what, tried.reason)
            assert declared, f"{what} fails with {tried.reason}, which `failures` lacks: an agent would read a code"

    async def test_each_code_becomes_its_reason(self) -> None:
        for code, reason in self._codes.items():
            tried, _ = await self._try(self._api.refusal(code))
            said = tried.reason if isinstance(tried, Concluded) else repr(tried)
            assert said == reason, f"the code {code!r} became {said}, and `reasons` says {reason}"
        for reason, reply in self._api.refusals.items():
            tried, _ = await self._try(reply)
            said = tried.reason if isinstance(tried, Concluded) else repr(tried)
            assert said == reason, f"the refusal that ProviderApi calls {reason} became {said}"
        for reason, address in self._api.refused_addresses.items():
            tried, _ = await self._try(self._api.accepted, replace(self._letter(), recipient=address))
            said = tried.reason if isinstance(tried, Concluded) else repr(tried)
            assert said == reason, f"a letter to {address!r} became {said}, and ProviderApi says {reason}"

    async def test_each_declared_failure_can_happen(self) -> None:
        refused = {*self._api.refusals, *self._api.refused_addresses}
        happened = {*refused, *self._api.of_no_letter_here, *self._facts.reasons.values()}
        tried, _ = await self._try(self._api.unknown_refusal)
        happened |= {tried.reason or ""} if isinstance(tried, Concluded) else set()
        never = sorted(self._facts.failures.keys() - happened)
        assert not never, (
            f"`failures` declares {', '.join(never)}, which nothing leads to: add it to `reasons`, or drop it"
        )

    async def test_who_is_told_to_wait_waits(self) -> None:
        if self._api.throttled is None:
            mail = self._facts.form is Form.MAIL  # RFC 5321 knows no pause: 4xx puts one mail off
            assert mail, "ProviderApi.throttled is None, and `form` is not mail: say how the provider asks for a pause"
            return
        tried, _ = await self._try(self._api.throttled)
        assert isinstance(tried, ThrottledError), f"throttling became {tried!r}: raise ThrottledError"
        paused = abs(tried.retry_after - THROTTLED_FOR) <= timedelta(seconds=1)
        assert paused, f"the provider said wait {THROTTLED_FOR}, and the sender waits {tried.retry_after}"

    async def test_a_providers_trouble_fails_no_letter(self) -> None:
        for reply in filter(None, (self._api.broken, self._api.denied)):
            tried, _ = await self._try(reply)
            kept = isinstance(tried, TransientError | Doubtful | Deferred)
            assert kept, f"the provider's trouble (HTTP {reply.status}) became {tried!r}: raise TransientError"

    async def test_a_wrong_address_of_the_providers_fails_no_letter(self) -> None:
        for reply in ASTRAY:
            tried, _ = await self._try(reply)
            kept = isinstance(tried, TransientError | Doubtful | Deferred)
            assert kept, (
                f"a wrong address of the provider's (HTTP {reply.status}) became {tried!r}: an operator mends it"
            )

    async def test_while_the_provider_is_not_reached_the_letter_waits(self) -> None:
        async with self._api.serving(lambda _: LOST) as wire:
            settings = self._sending_settings(wire)
        async with self._started(settings, wire) as sending:  # nobody listens there any more
            tried = await sending.send(self._letter())
        assert isinstance(tried, TransientError), f"a provider that is not reached made {tried!r}: raise TransientError"

    async def test_a_lost_answer_is_in_doubt(self) -> None:
        tried, _ = await self._try(LOST)
        doubted = isinstance(tried, Doubtful)
        assert doubted, f"a lost answer became {tried!r}: it is Doubtful, or a citizen reads the letter twice or never"

    async def test_what_is_in_doubt_is_asked_for(self) -> None:
        listed = self._api.listed(self._letter().text)
        asks = self._facts.sending.settle_after > timedelta(0)
        assert asks or listed is None, "the provider can be asked, and `settle_after` is zero: nobody would ask it"
        if listed is None:
            assert not asks, "`settle_after` is said, and the provider cannot be asked: write settle(), or say nothing"
            return
        async with self._sending(lambda _: listed) as sending:
            found = [each.provider_id for each in await sending.sender.settle(self._letter())]
        assert self._api.settled_id in found, f"settle() found {found}, and not the letter that the provider has"

    async def test_a_long_text_is_never_cut(self) -> None:
        if self._facts.longest is None:
            return
        for length in (self._facts.longest, self._facts.longest * 2):
            letter = self._letter("x" * length)
            tried, requests = await self._try(self._api.accepted, letter)
            whole = any(each.holds(letter.text) for each in requests)
            refused = isinstance(tried, PermanentError) or (
                isinstance(tried, Concluded) and tried.state is DeliveryState.FAILED
            )
            sent = isinstance(tried, Concluded) and tried.state is DeliveryState.SENT
            if length == self._facts.longest:
                said = f"a text as long as `longest` ({length})"
                assert whole or not sent, f"{said} was cut, and sent: hand it over whole, or let `longest` say less"
                assert whole, f"{said} was not handed over: it became {tried!r}"
            assert whole or refused, f"a text of {length} characters was cut, and sent: refuse it as too long"

    async def test_it_sends_again_as_often_as_declared(self) -> None:
        async with self._sending(lambda _: LOST) as sending:
            repeats = sending.sender.repeats
        declared = self._facts.sending.repeats  # which decides: most senders say nothing of it
        agreed = repeats in (Outgoing.repeats, declared)
        assert agreed, f"the sender's `repeats` is {repeats}, and the facts' `sending.repeats` {declared}"

    async def test_the_lane_is_the_providers(self) -> None:
        async with self._sending(lambda _: LOST) as sending:
            name = sending.sender.name
        assert name == self.channel.provider.name, f"the sender calls itself {name}: its lane is the provider's name"

    async def test_nothing_personal_of_a_letter_is_in_the_log(self) -> None:
        with eavesdropped() as ear:
            for reply in (self._api.accepted, self._api.unknown_refusal, self._api.broken, LOST):
                await self._try(reply)
        for word in (self._letter().recipient, "lampadaire-canari"):
            assert word not in ear.heard(), f"{word!r} of a letter was logged"

    async def test_wrong_credentials_are_found_without_writing_to_anybody(self) -> None:
        check = self.channel.provider.check
        if check is None or self._api.denied is None:
            return
        denied = self._api.denied
        async with self._api.serving(lambda _: denied) as wire:
            settings = check_settings_of(self.channel, self.payloads, self._api.environment(wire.address))
            try:
                said = await check(settings)
            except SettingsError as exc:
                raise AssertionError("check() reads settings itself: say in `checked_with` which it is given") from exc
            except GuichetError:
                return
        raise AssertionError(f"check() said {said} while the provider refuses our credentials: raise GuichetError")

    @property
    def _facts(self) -> ChannelFacts:
        return self.channel.facts

    @property
    def _api(self) -> ProviderApi:
        api = self.payloads.api
        assert api, "letters leave by it, and payloads.api is None: say what the provider answers (ProviderApi)"
        return api

    def _letter(self, text: str = WORDS) -> Letter:
        recipient = self._facts.kind.example if self._facts.kind else ""
        mail = None
        if self._facts.form is Form.MAIL:
            mail = Mail("mairie@exemple.test", f"Subject: Votre demande\r\nTo: {recipient}\r\n\r\n{text}\r\n".encode())
        return Letter(MessageId("0" * 31 + "7"), self._facts.name, "mairie", recipient, text, mail)

    @property
    def _codes(self) -> Mapping[str, str]:
        return self._facts.reasons if self._api.refuses_in_codes else {}

    def _refusals(self) -> Iterator[tuple[str, Reply]]:
        yield from ((f"the refusal {code!r}", self._api.refusal(code)) for code in self._codes)
        yield from ((f"the refusal {reason!r}", reply) for reason, reply in self._api.refusals.items())
        yield UNKNOWN, self._api.unknown_refusal

    def _is_unknown_code(self, what: str, reason: str | None) -> bool:
        """Return whether it is said as `failure_of` says a code that the facts lack: the desk shows none of that."""
        code = (reason or "").removeprefix(f"{self._facts.provider}-")
        return what == UNKNOWN and bool(self._facts.reasons) and reason == failure_of(self._facts, code)

    async def _try(self, reply: Reply, letter: Letter | None = None) -> tuple[Tried, list[Request]]:
        async with self._sending(lambda _: reply) as sending:
            tried = await sending.send(letter or self._letter())
            return tried, sending.wire.letters

    def _sending_settings(self, wire: Wire) -> Any:
        try:
            return sending_settings_of(self.channel, self.payloads, self._api.environment(wire.address))
        except SettingsError as exc:
            raise AssertionError(f"the sender's settings cannot be read from payloads.environment: {exc}") from exc

    @asynccontextmanager
    async def _sending(self, respond: Respond) -> AsyncIterator[Sending]:
        async with self._api.serving(respond) as wire, self._started(self._sending_settings(wire), wire) as sending:
            yield sending

    @asynccontextmanager
    async def _started(self, settings: Any, wire: Wire) -> AsyncIterator[Sending]:
        outbound = self.channel.provider.outbound
        assert outbound is not None  # else this is not asked
        sender = outbound.open(settings)
        await sender.start()
        try:
            yield Sending(sender, wire)
        finally:
            await sender.stop()


def _bug(exc: BaseException) -> str:
    """Say where the sender fails: in what of the channel's own."""
    frames = traceback.extract_tb(exc.__traceback__)
    own = next((each for each in reversed(frames) if each.name in OWN_CODE), frames[-1])
    return (
        f"the sender fails in {own.name}(), {Path(own.filename).name}:{own.lineno} ({type(exc).__name__}: {exc}):"
        " `code` and `provider_id` are given any JSON that a provider answers, and `post` any letter"
    )
