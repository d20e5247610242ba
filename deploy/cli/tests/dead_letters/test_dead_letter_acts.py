"""What an operator may do with a dead letter, and what stands in the audit trail before it happens."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from guichet.channel.oversize import keep_aside
from guichet.contracts.dead_letters import DeadLetter, DeadLetterClosed, DeadLetterContent
from guichet.errors import ErasedError, PermanentError, TransientError
from guichet.ids import AgentId, EventId, MessageId
from guichet.kafka.dead_letters.index import IndexedLetter
from guichet.kafka.produce.producer import Record
from guichet.kafka.records import ONLY_GROUP
from guichet.store.audit.trail import Act
from guichet.vault.sealing import Thing, seal
from guichet_cli.dead_letters.actions import DeadLetterActions, choose_open, consequence, find
from guichet_cli.dead_letters.redelivery import Redeliver, RedeliveryError
from guichet_testing.sealing import seal_model
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = b'{"text": "Madame Dupont"}'


class Sent:
    """Stands for the producer: remembers what was sent. away: the broker does not answer."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False

    async def send(self, records: Sequence[Record]) -> None:
        if self.away:
            raise TransientError("away")
        self.records += records


class Desk:
    """An operator's desk with everything in memory."""

    def __init__(self) -> None:
        self.vault, self.audit, self.sent = InMemoryVault(), InMemoryAuditTrail(), Sent()
        self.objects = InMemoryObjects()
        self.handed_in: list[bytes] = []
        self.door_is_open = True
        producer: Any = self.sent
        self.acts = DeadLetterActions(
            self.vault, self.audit, producer, self.objects, AgentId("operator:jo"), self._redelivery_of, now=lambda: NOW
        )

    async def _redelivery_of(self, letter: DeadLetter, _: DeadLetterContent, payload: bytes) -> Redeliver:
        if letter.group == "agent-desk":
            raise PermanentError("no door")

        async def redeliver() -> None:
            if not self.door_is_open:
                raise RedeliveryError("away")
            self.handed_in.append(payload)

        return redeliver

    async def a_payload(self, name: str = "d1", **more: Any) -> DeadLetter:
        return await self.a_letter(name, **{"partition": None, "offset": None, "group": "ingest-sms", **more})

    async def a_letter(self, name: str = "d1", **more: Any) -> DeadLetter:
        [key] = await self.vault.new_keys(1)
        content = DeadLetterContent.model_construct(
            key=b"sender", value=WORDS, headers=(("traceparent", b"t"),), error_text="E"
        )
        return DeadLetter(
            event_id=EventId(name), occurred_at=NOW, reason="bug", error="KeyError",
            record=seal_model(key, Thing("dead-letter", name), "record", content),
            **{"topic": "inbound-sms", "partition": 3, "offset": 4, "group": "case-router", **more},
        )  # fmt: skip


async def test_showing_is_in_the_audit_trail_before_anything_is_shown() -> None:
    desk = Desk()
    letter = await desk.a_letter()
    assert (await desk.acts.show(letter)).value == WORDS
    [entry] = desk.audit.entries
    assert (entry.act, entry.agent, entry.things) == (Act.SHOWN, "operator:jo", ("d1",))
    desk.audit.away = True
    with pytest.raises(TransientError):
        await desk.acts.show(letter)


async def test_a_replay_goes_to_its_group_alone_keyed_as_it_was() -> None:
    desk = Desk()
    await desk.acts.replay(await desk.a_letter(), "mended in 1.2")
    replayed, closed = desk.sent.records
    assert (replayed.topic, replayed.key, replayed.value) == ("inbound-sms", b"sender", WORDS)
    assert dict(replayed.headers)[ONLY_GROUP] == b"case-router"
    assert dict(replayed.headers)["traceparent"] == b"t"
    assert closed.topic == "inbound-sms-dlq"
    assert [(entry.act, entry.reason) for entry in desk.audit.entries] == [(Act.REPLAYED, "mended in 1.2")]


async def test_nothing_is_replayed_or_dropped_while_the_audit_trail_is_away() -> None:
    desk = Desk()
    letter = await desk.a_letter()
    desk.audit.away = True
    for act in (desk.acts.replay, desk.acts.drop):
        with pytest.raises(TransientError):
            await act(letter, "because")
    assert desk.sent.records == []


async def test_what_was_decided_can_never_be_read_again() -> None:
    desk = Desk()
    letter = await desk.a_letter()
    await desk.acts.drop(letter, "spam")
    with pytest.raises(ErasedError):
        await desk.acts.show(letter)


async def test_while_the_broker_is_away_the_bytes_stay() -> None:
    desk = Desk()
    letter = await desk.a_letter()
    desk.sent.away = True
    for act in (desk.acts.replay, desk.acts.drop):
        with pytest.raises(TransientError):
            await act(letter, "because")
    assert (await desk.acts.show(letter)).value == WORDS


async def test_what_cannot_be_replayed_is_refused_before_the_audit_trail_says_otherwise() -> None:
    desk = Desk()
    no_door, erased = await desk.a_payload(group="agent-desk"), await desk.a_letter("d2")
    await desk.vault.destroy_keys([erased.record.key_id])
    for letter in (no_door, erased):
        with pytest.raises(PermanentError):
            await desk.acts.replay(letter, "because")
    assert (desk.audit.entries, desk.sent.records) == ([], [])
    assert (await desk.acts.show(no_door)).value == WORDS


async def test_a_payload_goes_back_to_its_adapter_and_is_closed() -> None:
    desk = Desk()
    letter = await desk.a_payload()
    await desk.acts.replay(letter, "mended in 1.2")
    assert desk.handed_in == [WORDS]
    [closed] = desk.sent.records
    assert DeadLetterClosed.model_validate_json(closed.value).act == "replayed"
    assert [entry.act for entry in desk.audit.entries] == [Act.REPLAYED]
    with pytest.raises(ErasedError):
        await desk.acts.show(letter)


async def test_while_the_adapter_is_away_the_payload_stays_open() -> None:
    desk = Desk()
    letter = await desk.a_payload()
    desk.door_is_open = False
    with pytest.raises(RedeliveryError):
        await desk.acts.replay(letter, "because")
    assert desk.sent.records == []
    assert (await desk.acts.show(letter)).value == WORDS


async def test_a_payload_that_no_record_carries_is_opened_replayed_and_dropped_whole() -> None:
    desk, whole = Desk(), WORDS * 3
    shown, replayed, dropped = [
        await desk.a_payload(name, aside=await keep_aside(whole, keys=desk.vault, objects=desk.objects))
        for name in ("d1", "d2", "d3")
    ]
    assert await desk.acts.whole(shown, await desk.acts.show(shown)) == whole
    await desk.acts.replay(replayed, "mended in 1.2")
    assert desk.handed_in == [whole]
    await desk.acts.drop(dropped, "spam")
    for letter in (replayed, dropped):
        assert letter.aside is not None
        assert letter.aside.object_id not in desk.objects.objects
        assert await desk.vault.open_keys([letter.aside.key_id]) == {}
    assert len(desk.objects.objects) == 1


async def test_what_a_third_party_s_host_sealed_that_is_no_content_is_refused_and_can_be_dropped() -> None:
    """In a sentence: `replay --all` names it and goes on."""
    desk = Desk()
    [key] = await desk.vault.new_keys(1)
    record = seal(key, Thing("dead-letter", "d1"), "record", b"no content")
    letter = (await desk.a_payload()).model_copy(update={"record": record})
    for act in (desk.acts.replay(letter, "because"), desk.acts.show(letter)):
        with pytest.raises(PermanentError, match="`drop` it"):
            await act
    await desk.acts.drop(letter, "rubbish")
    assert await desk.vault.open_keys([key.key_id]) == {}


async def test_dropping_says_which_accepted_message_will_have_no_case() -> None:
    desk = Desk()
    message = await desk.a_letter(message_id=MessageId("m-17"), about=EventId("e-1"))
    event = await desk.a_letter(about=EventId("e-1"), topic="case-events", group="notifier")
    unreadable, payload = await desk.a_letter(), await desk.a_letter(partition=None, offset=None)
    assert "m-17" in consequence(message)
    assert "no case" in consequence(message)
    assert "notifier will never handle event e-1" in consequence(event)
    assert "3/4" in consequence(unreadable)
    assert "no case" in consequence(payload)


async def test_an_id_may_be_shortened_as_long_as_it_is_one() -> None:
    desk = Desk()
    letters = {
        letter.event_id: IndexedLetter(letter, 0)
        for letter in [await desk.a_letter("abc1"), await desk.a_letter("abd2")]
    }
    assert find(letters, "abc").letter.event_id == "abc1"
    with pytest.raises(PermanentError, match="2 dead letters"):
        find(letters, "ab")
    with pytest.raises(PermanentError, match="no dead letters"):
        find(letters, "x")


async def test_what_was_decided_is_not_decided_again() -> None:
    desk = Desk()
    decided, waiting = await desk.a_letter("d1"), await desk.a_letter("d2")
    closed = DeadLetterClosed(
        event_id=EventId("c"), occurred_at=NOW, dead_letter=EventId("d1"), act="dropped", by=AgentId("operator:jo")
    )
    letters = {EventId("d1"): IndexedLetter(decided, 0, closed), EventId("d2"): IndexedLetter(waiting, 1)}
    assert choose_open(letters, [], everything=True) == [waiting]
    with pytest.raises(PermanentError, match="was dropped"):
        choose_open(letters, ["d1"], everything=False)
