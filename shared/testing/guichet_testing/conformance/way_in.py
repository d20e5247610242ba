"""What a channel's webhooks promise, beside what every adapter does (suite.py). Each failure says what to do."""

# a test's name is its sentence

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from guichet.channel.declaration import Channel
from guichet.contracts.channels import Voucher
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier
from guichet.contracts.topics import DELIVERY_REPORTS
from guichet.ids import MessageId
from guichet.privacy.normal_form import written_form
from guichet_testing.conformance.opened import Opened, lower, opened, webhook_of
from guichet_testing.conformance.payloads import Payloads, Report
from guichet_testing.conformance.provider_api import holds
from guichet_testing.conformance.sources import Answer
from guichet_testing.conformance.suite import TEXT, AdapterConformance
from guichet_testing.conformance.world import World

NO_MESSAGES: Final = (b"", b"\xff\xfe", b"null", b"[]", b"7", b'"text"', b"{}", b'{"from": 7}', b"[" * 3000, b"a=b&c")
OUTBOUND: Final = MessageId("00000000000000000000000000000042")


class WayInConformance(AdapterConformance):
    """Of every channel with a webhook."""

    channel: Channel
    payloads: Payloads

    def open(self, world: World) -> AbstractAsyncContextManager[Opened]:
        return opened(self.channel, self.payloads, world)

    async def test_a_message_is_of_this_channel(self) -> None:
        world, facts = World(), self.channel.facts
        async with self.open(world) as source:
            event = await self._accepted(world, source, self.payload(TEXT))
        assert event.channel == facts.name, f"messages say they came on {event.channel}: the channel is {facts.name}"
        content = await world.content(event)
        sender, kind = content.sender[0], facts.kind
        assert kind, "`kind` is null, and messages come from an address: say what kind it is"
        assert sender.kind == kind.name, f"an answer goes to a {sender.kind}, and the facts' `kind` is {kind.name}"
        form = written_form(kind, sender.value)
        assert form, f"the pattern of `kind` does not take {sender.value!r}, from which a message came"
        known = self.payloads.address in ("", sender.value)
        assert known, f"an answer would go to {sender.value!r}, and the payload came from {self.payloads.address!r}"
        talks = content.conversation is not None
        assert talks or not facts.is_conversation, "`is_conversation` is true, and messages name no `conversation`"
        assert facts.is_conversation or not talks, (
            "`is_conversation` is false, and messages name a `conversation`: say true, or each opens a new case"
        )

    async def test_what_is_signed_anew_is_taken(self) -> None:
        async with self.open(World()) as source:
            source.take_what_is_signed(self.payload(TEXT))

    async def test_a_dead_letter_can_be_handed_in_again(self) -> None:
        world = World()
        async with self.open(world) as source:
            await self._deliver(source, self.unreadable())
            if not world.dead_letters:
                return
            origin = world.origins[-1]
            assert origin, "a dead letter does not say where it came from: hand it over by host.receive"
            secrets = [each.get_secret_value() for _, each in source.settings if isinstance(each, SecretStr)]
            told = [name for name, value in origin.headers.items() if any(secret in value for secret in secrets)]
            assert not told, f"a dead letter keeps a secret, in {', '.join(told)}: move it to `proof`"
            world.time += timedelta(days=30)
            signed = source.signed(self.unreadable(), target=origin.target, came_with=origin.headers)
            answer = await source.post(self.unreadable(), signed, origin.target)
        assert answer.is_accepted, (
            f"a dead letter that is handed in a month later was answered {answer}: sign() must sign it anew"
        )

    async def test_who_sent_it_is_told_of_what_nobody_can_read(self) -> None:
        """Whoever is erased takes along what nobody could read."""
        world = World()
        async with self.open(world) as source:
            self._names(self._senders(source, self.payload(TEXT)), "a message")
            await self._deliver(source, self.unreadable())
            if not holds(self.unreadable(), self.payloads.address) or not world.dead_letters:
                return
            origin = world.origins[-1]
            self._names(list(origin.senders or ()) if origin else [], "a dead letter")

    async def test_what_is_no_message_at_all_harms_nothing(self) -> None:
        for body in NO_MESSAGES:
            world = World()
            async with self.open(world) as source:
                self._senders(source, body)
                answer = await self._deliver(source, body)
                assert answer.is_accepted, f"{body[:20]!r} was answered {answer}: what nobody can read is accepted"
            assert not world.received(self.topic), f"{body[:20]!r} became a message"

    async def test_a_correction_names_what_it_corrects(self) -> None:
        edit = self.payloads.edit(f"{TEXT} Correction.", provider_id="2", edits="1")
        if edit is None:
            return
        world = World()
        async with self.open(world) as source:
            first = await self._accepted(world, source, self.payload(TEXT, provider_id="1"))
            second = await self._accepted(world, source, edit)
        assert second.message_id != first.message_id, "a correction has the id of what it corrects: it would be dropped"
        assert second.edits == first.message_id, "a correction does not say what it corrects: set `edits` in the draft"

    async def test_each_capture_is_read(self) -> None:
        for file in self._captures():
            world = World()
            async with self.open(world) as source:
                answer = await self._deliver(source, file.read_bytes())
            assert answer.is_accepted, f"{file.name} was answered {answer}"
            why = "; ".join(str(error) for _, _, error in world.dead_letters)
            readable = not world.dead_letters or file.name.startswith("unreadable")
            assert readable, (
                f"{file.name} cannot be read ({why}): the provider really sent it. Return None for a notice that holds"
                " no message, or call the file `unreadable…`"
            )

    async def test_a_published_signature_is_taken(self) -> None:
        example = self.payloads.published
        if example is None:
            return
        world = World()
        world.time = example.at
        async with opened(self.channel, self.payloads, world, more=example.environment) as source:
            taken = source.verifies(source.payload(example.body, example.headers, example.target))
            assert taken, "verify() refuses the provider's own published example"
            altered = source.verifies(source.payload(example.body + b" ", example.headers, example.target))
        assert not altered, "verify() takes the provider's published example with another body"

    async def test_each_report_is_passed_on(self) -> None:
        for status in self.channel.facts.statuses:
            report = self.payloads.report(OUTBOUND, status)
            if webhook_of(self.channel, "reports") is None:
                assert report is None, "the provider reports, and no webhook carries reports: declare one"
                return
            assert report, f"payloads.report() says nothing of {status!r}, one of `statuses`"
            passed = await self._passed_on(report)
            assert passed.outbound_id == OUTBOUND, "a report is passed on for another message than it is of"
            assert passed.status == status, f"a report of {status!r} is passed on as {passed.status!r}"

    async def _passed_on(self, report: Report) -> DeliveryReported:
        world = World()
        async with opened(self.channel, self.payloads, world, carries="reports") as source:
            target = report.target or source.webhook.path
            answer = await source.post(report.body, source.signed(report.body, target=target), target)
        assert answer.is_accepted, f"a report was answered {answer}"
        told = [event for event in world.broker.on(DELIVERY_REPORTS) if isinstance(event, DeliveryReported)]
        why = "; ".join(str(error) for _, _, error in world.dead_letters)
        assert len(told) == 1, f"a report was accepted and not passed on ({why})"
        return told[0]

    async def _deliver(self, source: Any, payload: bytes) -> Answer:
        """Say why a genuine payload is refused, and not what else that leads to."""
        answer = await super()._deliver(source, payload)
        if answer.codes == (403,) and isinstance(source, Opened):
            source.take_what_is_signed(payload)
        return answer

    def _captures(self) -> list[Path]:
        folder = self.payloads.captures
        return sorted(path for path in folder.iterdir() if path.is_file()) if folder is not None else []

    def _senders(self, source: Opened, body: bytes) -> list[Identifier]:
        try:
            return list(source.incoming.senders(source.payload(body)))
        except NotImplementedError:
            raise AssertionError("senders() is not written: an erasure would leave dead letters behind") from None
        except Exception as exc:
            raise AssertionError(f"senders() crashes on {body[:20]!r} ({type(exc).__name__}): return nobody") from exc

    def _names(self, senders: list[Identifier], what: str) -> None:
        kind, address = self.channel.facts.kind, self.payloads.address
        told = kind is not None and Identifier(kind=kind.name, value=address) in senders
        assert told, (
            f"senders() does not tell who sent {what}, which holds {address!r}: an erasure would leave it behind"
        )


class VouchedConformance(WayInConformance):
    """Of a webhook whose provider vouches for who wrote, or says that nobody does."""

    async def test_who_vouches_is_told_right(self) -> None:
        async with self.open(World()) as source:
            proofs = sorted(lower(source.signed(self.payload(TEXT))).keys() - {"content-type"})
        facts = self.channel.facts
        vouched, of_mailboxes = facts.vouched_by is Voucher.PROVIDER, facts.kind and facts.kind.name == MAIL_ADDRESS
        assert proofs or not vouched, "`vouched_by` is provider, and nothing is signed: say nobody"
        assert vouched or of_mailboxes or not proofs, (
            f"`vouched_by` is nobody, and {', '.join(proofs)} proves the provider: say provider"
        )

    async def test_what_was_altered_after_signing_is_refused(self) -> None:
        async with self.open(World()) as source:
            body, other = self.payload(TEXT), self.payload(f"{TEXT} Encore.", provider_id="2")
            signed, signed_other = source.signed(body), source.signed(other)
            if signed == signed_other:  # a secret alone, which says nothing of the body
                return
            answer = await source.post(other, signed)
        assert answer.codes == (403,), f"a body that was altered after signing was answered {answer} instead of 403"
