"""What adapters promise whose source hands a message to several recipients at once (LMTP, RFC 2033)."""

# a test's name is its sentence

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from guichet_testing.conformance.sources import Answer, Source
from guichet_testing.conformance.suite import TEXT, AdapterConformance
from guichet_testing.conformance.world import World


class MailSource(Source, Protocol):
    """A mail server. `deliver` hands a mail over for the first of the town's mailboxes."""

    async def deliver_to(self, recipients: Sequence[str], payload: bytes) -> tuple[Answer, Answer]:
        """Hand one mail over for several recipients; return the answers to RCPT and those to DATA."""


class MailboxConformance(AdapterConformance):
    """Inherit this one where a message has recipients. town: two mailboxes. stranger: no mailbox of the town."""

    town: tuple[str, str]
    stranger: str

    def open(self, world: World) -> AbstractAsyncContextManager[MailSource]:
        raise NotImplementedError

    async def test_a_mail_to_two_mailboxes_is_one_message_that_names_both(self) -> None:
        world = World()
        async with self.open(world) as source:
            _, answer = await source.deliver_to(self.town, self.payload(TEXT))
        assert answer.is_accepted, f"a mail to two mailboxes was answered {answer}"
        events = world.received(self.topic)
        assert len(events) == 1, f"one mail to two mailboxes became {len(events)} messages"
        named = set(events[0].accounts)
        assert named == set(self.town), f"a recipient was swallowed: {len(named)} of 2 mailboxes named"

    async def test_every_recipient_gets_an_answer(self) -> None:
        for away in (False, True):
            world = World()
            world.broker.away = away
            async with self.open(world) as source:
                _, answer = await source.deliver_to(self.town, self.payload(TEXT))
            got = len(answer.codes)
            assert got == 2, f"2 recipients got {got} answer(s) to DATA (broker away: {away}): the mail server waits"

    async def test_every_recipient_of_an_oversize_mail_gets_an_answer(self) -> None:
        world = World()
        async with self.open(world) as source:
            _, answer = await source.deliver_to(self.town, self.oversize())
        assert len(answer.codes) == 2, f"2 recipients of an oversize mail got {len(answer.codes)} answer(s)"
        assert answer.is_refused, f"an oversize mail was answered {answer}"

    async def test_a_mailbox_that_does_not_exist_is_refused_and_the_others_are_served(self) -> None:
        world = World()
        async with self.open(world) as source:
            asked, answer = await source.deliver_to((self.stranger, self.town[0]), self.payload(TEXT))
        assert asked.codes[0] == 550, f"a mailbox that does not exist was answered {asked.codes[0]} instead of 550"
        assert answer.codes == (250,), f"the mailbox beside an unknown one was answered {answer}"
