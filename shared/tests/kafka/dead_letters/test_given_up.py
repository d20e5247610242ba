"""What a third party's host could not read: signed on its topic by the host, put among the dead letters by the reader."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from guichet.channel.edge import KEPT_BYTES_SIGNED
from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import (
    DEAD_LETTER_EVENTS,
    Aside,
    Origin,
    PayloadGivenUp,
    aside_id_of,
)
from guichet.contracts.inbound_content import Identifier
from guichet.contracts.topics import INBOUND_SOCIAL, INBOUND_THIRD_PARTY, MIB
from guichet.errors import PermanentError, TransientError
from guichet.ids import KeyId
from guichet.kafka.dead_letters.index import open_letter
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.producer import Record
from guichet.kafka.records import take
from guichet.kafka.sizes import LARGEST_RECORD, dead_letter_limit
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.builders.given_up import a_given_up
from guichet_testing.builders.signers import a_signer, a_verifier
from guichet_testing.twins.vault import InMemoryVault

HOST = "ingest-pigeon"
THEN, NOW = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ORIGIN = Origin(
    "pigeon", {"ring": "7"}, "/webhooks/pigeon?a=b", (Identifier(kind="email", value="a@courriel.example"),)
)


class Silent:
    """Stands for the producer: confirms everything, and remembers it."""

    def __init__(self) -> None:
        self.sent: list[Record] = []
        self.at_once: list[int] = []  # bytes of each send

    async def send(self, records: Sequence[Record]) -> None:
        self.sent += records
        self.at_once.append(sum(len(record.value) for record in records))

    async def stop(self) -> None: ...


class End:
    """A host's or the router's dead letters, and what went onto the broker."""

    def __init__(self, service: str, at: datetime, *, most: int = 100, **more: Any) -> None:
        self.vault, self.broker = InMemoryVault(), Silent()
        kafka = KafkaSettings(dead_letters_per_minute=most)
        self.letters = DeadLetters(kafka, self.vault, service=service, now=lambda: at, **more)
        self.letters._producer = self.broker  # type: ignore[assignment]


def a_host(**more: Any) -> End:
    return End(HOST, THEN, signer=a_signer(HOST), **more)


def a_router(**more: Any) -> End:
    return End("case-router", NOW, **more)


async def given_up_by(host: End, payload: bytes = b"coo", error: Exception | None = None, **more: Any) -> Record:
    """Have a host give a payload up; return what it wrote."""
    cause = error or PermanentError("no ring", reason="no-ring")
    await host.letters.publish_payload(INBOUND_THIRD_PARTY, payload, cause, **{"origin": ORIGIN, **more})
    return host.broker.sent[-1]


def read(record: Record) -> PayloadGivenUp:
    """Read a record as the router does. Raises what it was refused for."""
    raw: Any = type("R", (), {**vars(record), "partition": 0, "offset": 0})()
    taken = take(raw, INBOUND_THIRD_PARTY, "case-router", a_verifier(HOST))
    if taken.refused is not None:
        raise taken.refused
    assert isinstance(taken.event, PayloadGivenUp)
    return taken.event


async def test_a_host_signs_it_onto_its_topic_and_writes_nothing_among_the_dead_letters() -> None:
    host = a_host()
    event = read(await given_up_by(host))
    assert [record.topic for record in host.broker.sent] == [INBOUND_THIRD_PARTY.name]
    assert (event.provider, event.reason, event.error) == ("pigeon", "no-ring", "PermanentError")
    assert b"courriel.example" not in host.broker.sent[0].value


async def test_it_becomes_a_letter_that_holds_all_by_which_it_is_handed_in_again() -> None:
    host, router = a_host(), a_router()
    await router.letters.keep_given_up(INBOUND_THIRD_PARTY.name, [read(await given_up_by(host))])
    [record] = router.broker.sent
    letter = DEAD_LETTER_EVENTS.validate_json(record.value)
    assert letter.type == "DeadLetter"
    assert (record.topic, record.key) == (INBOUND_THIRD_PARTY.dead_letters, letter.event_id.encode())
    assert (letter.group, letter.provider, letter.partition, letter.occurred_at) == (HOST, "pigeon", None, NOW)
    content = await open_letter(letter, host.vault)
    assert (content.value, content.target, content.senders) == (b"coo", ORIGIN.target, ORIGIN.senders)
    assert content.headers == (("ring", b"7"),)
    assert "no ring" in content.error_text


async def test_a_host_of_guichet_s_own_puts_its_payloads_among_the_dead_letters_as_before() -> None:
    end = End("ingest-social", THEN)
    await end.letters.publish_payload(INBOUND_SOCIAL, b"?", ValueError(), origin=ORIGIN)
    assert [record.topic for record in end.broker.sent] == [INBOUND_SOCIAL.dead_letters]


async def test_the_largest_that_is_not_put_aside_fits_on_the_topic_and_among_its_dead_letters() -> None:
    host, router = a_host(), a_router()
    headers = {f"header-{nth}": "x" * 4_000 for nth in range(8)}
    error = ValueError("\N{PILE OF POO}" * 100_000)
    record = await given_up_by(host, bytes(KEPT_BYTES_SIGNED), error, origin=Origin("pigeon", headers, "/" * 8_000))
    assert len(record.value) <= INBOUND_THIRD_PARTY.max_bytes
    await router.letters.keep_given_up(INBOUND_THIRD_PARTY.name, [read(record)])
    assert len(router.broker.sent[0].value) <= dead_letter_limit(INBOUND_THIRD_PARTY)


@pytest.mark.parametrize("reason", ["No Code At All", "a" * 41, "line\nbreak", "ring\n", ""])
async def test_a_package_s_odd_reason_loses_no_payload(reason: str) -> None:
    assert read(await given_up_by(a_host(), error=PermanentError("?", reason=reason))).reason == "unreadable"


async def test_nor_does_the_long_name_of_its_error() -> None:
    error = type("E" * 1_000, (PermanentError,), {})("?", reason="no-ring")
    assert read(await given_up_by(a_host(), error=error)).error == "E" * 80


async def test_a_host_past_its_ceiling_leaves_a_payload_with_its_source() -> None:
    host = a_host(most=1)
    await given_up_by(host)
    with pytest.raises(TransientError, match="too many"):
        await given_up_by(host)
    await host.letters.stop()


async def test_of_one_that_floods_all_the_same_the_router_alarms_and_goes_on() -> None:
    router = a_router(most=2, calm_after=timedelta(seconds=60))
    alarm = ALARM.labels(Alarm.DEAD_LETTER_CEILING.value, "ingest-gale:inbound-third-party")
    for nth, alarmed in enumerate((0, 0, 1, 1)):
        payloads = [a_given_up(str(nth), "gale")]
        await router.letters.keep_given_up(INBOUND_THIRD_PARTY.name, payloads)
        assert alarm._value.get() == alarmed
    assert len(router.broker.sent) == 4
    await router.letters.stop()


async def test_many_large_ones_are_sent_in_as_many_parts_as_one_time_out_can_confirm() -> None:
    """All at once they would never be confirmed where the broker is slow, and the router would try for ever."""
    router = a_router()
    large = Sealed(key_id=KEY, box=bytes(2 * MIB))
    payloads = [a_given_up(str(nth), record=large) for nth in range(10)]
    await router.letters.keep_given_up(INBOUND_THIRD_PARTY.name, payloads)
    assert [DEAD_LETTER_EVENTS.validate_json(each.value).event_id for each in router.broker.sent] == [
        each.letter_id for each in payloads
    ]
    assert len(router.broker.at_once) < 10
    assert max(router.broker.at_once) <= LARGEST_RECORD


KEY = KeyId("5f0c2f6f4d1e4c7c9a0b1c2d3e4f5a6b")


@pytest.mark.parametrize(
    "told",
    [
        {"aside": Aside(object_id="a-citizens-file", key_id=KEY, size_bytes=1)},
        {"aside": Aside(object_id=aside_id_of(KeyId("k" * 65)), key_id=KeyId("k" * 65), size_bytes=1)},
        {"record": Sealed(key_id=KeyId("k" * 65), box=b"?")},
        {"record": Sealed(key_id=KeyId("restoring"), box=b"?")},
        {"reason": "Not A Code"},
        {"reason": "a" * 41},
        {"error": "E" * 81},
    ],
)
def test_what_would_harm_a_reader_is_refused(told: dict[str, Any]) -> None:
    """Ids and codes are kept in the memory of who lists letters, and an object's name says what a `drop` deletes."""
    with pytest.raises(ValidationError):
        a_given_up(**told)


def test_letters_of_two_accounts_never_have_one_id() -> None:
    assert a_given_up("same", "pigeon").letter_id != a_given_up("same", "kite").letter_id
