"""What every adapter promises. Inherit `AdapterConformance` in your tests and say how your provider speaks.

Each test fails with a sentence that names the fault. The suite itself is tested on broken adapters
(shared/testing/tests/test_conformance.py).
"""

# a test's name is its sentence

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from guichet.channel.text import clean_text
from guichet.contracts.inbound import DateSource, MessageReceived
from guichet.contracts.topics import MIB, Topic
from guichet_testing.conformance.captured_output import eavesdropped
from guichet_testing.conformance.sources import Answer, OpenSource, Source
from guichet_testing.conformance.world import World

TEXT: Final = "Le lampadaire-canari de la rue des Lilas est éteint."
FILE: Final = b"%PDF-1.7 certificat-canari " + bytes(range(256))
A_WHILE: Final = 0.15  # seconds that an answer has to come too early in
PATIENCE: Final = 20.0

STRANGE_TEXTS: Final = {
    "emoji": "Merci 👩🏽‍🚒🇫🇷 !",
    "right to left": "مرحبا، الإنارة معطلة \u200f(rue des Lilas)",
    "combining marks": "e\u0301te\u0301 Zalgo\u0335\u0321",
    "NUL": "avant\x00après",
    "one MiB": "é" * (MIB // 2),
    "JSON and HTML": '{"a": "<script>alert(1)</script>"} \\u0000 &amp;',
}


class AdapterConformance:
    """Override what raises NotImplementedError. Every payload holds every word of `personal` where it can."""

    topic: Topic[MessageReceived]
    personal: tuple[str, ...] = ()
    """The invented sender's name and address, as payloads hold them: to be found nowhere in clear."""

    def open(self, world: World) -> OpenSource:
        """Build the adapter on `world.edge` and `world.now`, and return the provider's side of it."""
        raise NotImplementedError

    def payload(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        """Return what the provider sends for a message of `text`. An empty provider_id: it names none."""
        raise NotImplementedError

    def unreadable(self) -> bytes:
        """Return what no parser can read, with a personal word in it if that is possible."""
        raise NotImplementedError

    def oversize(self) -> bytes:
        """Return a payload larger than the adapter takes."""
        raise NotImplementedError

    async def test_a_message_is_published_and_then_accepted(self) -> None:
        world = World()
        async with self.open(world) as source:
            event = await self._accepted(world, source, self.payload(TEXT))
        assert event.accounts, "the message does not say which of the town's accounts received it"
        assert event.at_our_edge == world.time, (
            "arrived_at is not the moment of arrival that the clock gave: received_at is that moment, and what the"
            " provider says of its own goes in by Draft.dated(date_of_receipt(…))"
        )
        by_us = event.dated_by is DateSource.EDGE
        assert not by_us or event.received_at == world.time, "received_at is another than ours, and nobody says it"
        content = await world.content(event)
        assert content.sender, "the message has no sender: nobody can be answered"

    async def test_the_text_arrives_whole(self) -> None:
        for kind, text in {"plain": TEXT, **STRANGE_TEXTS}.items():
            world = World()
            async with self.open(world) as source:
                content = await world.content(await self._accepted(world, source, self.payload(text)))
            same = content.text == clean_text(text)
            assert same, f"text was changed or cut ({kind}): {len(content.text)} characters instead of {len(text)}"

    async def test_files_arrive_whole(self) -> None:
        world = World()
        async with self.open(world) as source:
            event = await self._accepted(world, source, self.payload(TEXT, files=(FILE,)))
        assert len(event.attachments) == 1, f"the message came with 1 file and was filed with {len(event.attachments)}"
        assert await world.files(event) == [FILE], "a file was changed on its way"

    async def test_the_same_message_twice_has_one_id(self) -> None:
        world = World()
        async with self.open(world) as source:
            first = await self._accepted(world, source, self.payload(TEXT))
            world.time += timedelta(days=1, seconds=1)
            second = await self._accepted(world, source, self.payload(TEXT))
        same = (first.message_id, first.event_id) == (second.message_id, second.event_id)
        assert same, "the same payload got another id when it was sent again: ids come from the provider's id alone"

    async def test_two_messages_have_two_ids_and_two_keys(self) -> None:
        world = World()
        async with self.open(world) as source:
            first = await self._accepted(world, source, self.payload(TEXT, provider_id="1"))
            second = await self._accepted(world, source, self.payload(TEXT, provider_id="2"))
        assert first.message_id != second.message_id, "two messages of equal words got one id: one of them is lost"
        assert first.content.key_id != second.content.key_id, "two messages share a data key: neither is erased alone"

    async def test_messages_without_a_provider_id_are_never_matched(self) -> None:
        world = World()
        async with self.open(world) as source:
            for text in (TEXT, f"{TEXT} Encore."):
                answer = await self._deliver(source, self.payload(text, provider_id=""))
                assert answer.is_accepted, f"a message without an id was answered {answer}: keep it or put it aside"
        ids = {event.message_id for event in world.received(self.topic)}
        kept = len(ids) + len(world.dead_letters)
        assert kept == 2, f"two messages without a provider's id were taken for {kept}: blank ids never match"

    async def test_nothing_is_accepted_before_the_broker_confirmed(self) -> None:
        world = World()
        world.broker.may_confirm.clear()
        async with self.open(world) as source:
            delivery = asyncio.create_task(self._deliver(source, self.payload(TEXT)))
            await asyncio.wait({delivery}, timeout=A_WHILE)
            too_early = delivery.done()
            world.broker.may_confirm.set()
            answer = await delivery
        assert not too_early, f"answered {answer} before the broker had confirmed: a crash then loses the message"
        assert answer.is_accepted, f"answered {answer} after the broker had confirmed"

    async def test_while_the_broker_is_away_the_source_keeps_the_message(self) -> None:
        world = World()
        world.broker.away = True
        await self._refused_for_now(world, self.payload(TEXT), "the broker")
        world.broker.away = False
        async with self.open(world) as source:
            await self._accepted(world, source, self.payload(TEXT))

    async def test_while_the_vault_is_away_and_the_pool_empty_the_source_keeps_the_message(self) -> None:
        world = World()
        world.vault.away = True
        await self._refused_for_now(world, self.payload(TEXT), "the vault")

    async def test_while_the_object_store_is_away_the_source_keeps_the_message(self) -> None:
        world = World()
        world.objects.away = True
        await self._refused_for_now(world, self.payload(TEXT, files=(FILE,)), "the object store")

    async def test_what_nobody_can_read_is_accepted_and_kept(self) -> None:
        world = World()
        async with self.open(world) as source:
            answer = await self._deliver(source, self.unreadable())
        assert answer.is_accepted, f"an unreadable payload was answered {answer}: the source would send it for ever"
        unread = [event for event in world.received(self.topic) if event.unread]
        kept = [payload for _, payload, _ in world.dead_letters] + [
            file for each in unread for file in await world.files(each)
        ]
        assert len(kept) == 1, "an unreadable payload was accepted and dropped: a person must get to see it"
        assert self.unreadable() in kept[0], "neither the dead letter nor the unread message holds the payload"

    async def test_what_nobody_can_read_stays_with_the_source_while_it_cannot_be_put_aside(self) -> None:
        world = World()
        world.broker.away = True
        await self._refused_for_now(world, self.unreadable(), "the broker")

    async def test_what_is_too_large_is_refused_clearly(self) -> None:
        world = World()
        async with self.open(world) as source:
            answer = await self._deliver(source, self.oversize())
        assert answer.is_refused, (
            f"an oversize payload was answered {answer}: the source must learn that it is too large"
        )
        assert not world.broker.published, "an oversize payload was refused and published"

    async def test_nothing_personal_is_in_clear(self) -> None:
        world = World()
        async with self.open(world) as source:
            await self._accepted(world, source, self.payload(TEXT, files=(FILE,)))
        for word in self._personal_words():
            assert word not in world.in_clear(), f"{word!r} can be read on the topic or in the object store"

    async def test_nothing_personal_is_in_the_log(self) -> None:
        with eavesdropped() as ear:
            for away in (False, True):
                world = World()
                async with self.open(world) as source:
                    world.broker.away = away
                    for payload in (
                        self.payload(TEXT, files=(FILE,)),
                        self.payload(TEXT, provider_id=""),
                        self.unreadable(),
                    ):
                        await self._deliver(source, payload)
        for word in self._personal_words():
            assert word not in ear.heard(), f"{word!r} was logged"

    async def test_the_order_of_a_sender_is_kept_by_a_pseudonym(self) -> None:
        world = World()
        async with self.open(world) as source:
            for provider_id in ("1", "2"):
                await self._accepted(world, source, self.payload(TEXT, provider_id=provider_id))
        keys = {publication.record_key for publication in world.broker.published}
        assert len(keys) == 1, "messages of one sender have different keys: their order is lost"

    def _personal_words(self) -> tuple[str, ...]:
        return (*self.personal, "lampadaire-canari", "certificat-canari")

    async def _deliver(self, source: Source, payload: bytes) -> Answer:
        async with asyncio.timeout(PATIENCE):
            return await source.deliver(payload)

    async def _accepted(self, world: World, source: Source, payload: bytes) -> MessageReceived:
        before = len(world.received(self.topic))
        answer = await self._deliver(source, payload)
        reasons = "; ".join(str(error) for _, _, error in world.dead_letters)
        assert answer.is_accepted, f"a genuine message was answered {answer}"
        published = world.received(self.topic)[before:]
        assert len(published) == 1, f"accepted, and {len(published)} messages on {self.topic.name} ({reasons})"
        return published[0]

    async def _refused_for_now(self, world: World, payload: bytes, what: str) -> None:
        async with self.open(world) as source:
            answer = await self._deliver(source, payload)
        assert answer.is_retried, f"answered {answer} while {what} was away: the source must be told to try again"
        assert not world.broker.published, f"published while {what} was away"
        assert not world.dead_letters, f"a readable message was put aside because {what} was away"
