"""What one third party's host does to the dead letters of others, on the real broker with the real router: nothing.

It may write on its own topic alone (tests/attacks/channels/test_what_it_may_do.py), and sign there; what it gives up comes to the dead
letters through the router, as its own.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guichet.contracts.base import Event
from guichet.contracts.dead_letters import (
    Aside,
    DeadLetterClosed,
    DeadLetterContent,
    letter_id_of,
)
from guichet.contracts.topics import INBOUND_SOCIAL, INBOUND_THIRD_PARTY
from guichet.ids import AgentId, EventId, KeyId
from guichet.kafka.dead_letters.index import IndexedLetter, open_letter
from guichet.kafka.dead_letters.publish import Headers
from guichet.kafka.produce.producer import Record
from guichet.kafka.trim import plan_dead_letter_trim
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet_testing.builders.given_up import a_given_up, sealed_given_up
from tests.attacks.bus.attacked_router import ROUTER, AttackedRouter, attacked
from tests.attacks.bus.two_third_parties import HOSTS, WITH_TWO, on

pytestmark = pytest.mark.real

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PAYLOAD = DeadLetterContent.model_construct(key=None, value=b"coo", headers=(("ring", b"7"),), error_text="no ring")


@pytest.fixture
async def attack(kafka_server: Any) -> AsyncIterator[AttackedRouter]:
    kafka = KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)
    async with attacked(kafka, WITH_TWO, (INBOUND_THIRD_PARTY, INBOUND_SOCIAL), HOSTS) as attack:
        yield attack


def by(host: str | None, event: Event) -> Record:
    return on(INBOUND_THIRD_PARTY, event, host)


async def of_kite(attack: AttackedRouter, name: str) -> IndexedLetter:
    """A letter of the other third party's, which waits."""
    return await attack.refusal(by("ingest-kite", await sealed_given_up(attack.vault, name, PAYLOAD, "kite")))


async def test_what_a_host_gave_up_is_a_dead_letter_of_its_own_account_that_came_now(attack: AttackedRouter) -> None:
    """Whatever time it says: by an invented one, others' letters were trimmed before anybody looked at them."""
    began = datetime.now(UTC)
    given_up = await sealed_given_up(attack.vault, "unread", PAYLOAD, at=LONG_AGO)
    indexed = await attack.refusal(by("ingest-pigeon", given_up))
    letter = indexed.letter
    assert (letter.topic, letter.group, letter.provider) == (INBOUND_THIRD_PARTY.name, "ingest-pigeon", "pigeon")
    assert (letter.partition, letter.offset, letter.about, letter.message_id) == (None, None, None, None)
    assert (letter.reason, letter.error) == ("bug", "KeyError")
    assert began <= letter.occurred_at <= datetime.now(UTC)
    assert await open_letter(letter, attack.vault) == PAYLOAD
    assert not attack.has_alarm(Alarm.FORGED, INBOUND_THIRD_PARTY)


async def test_the_same_once_more_is_the_same_letter(attack: AttackedRouter) -> None:
    given_up = await sealed_given_up(attack.vault, "twice", PAYLOAD)
    first = await attack.refusal(by("ingest-pigeon", given_up))
    await attack.producer.send([by("ingest-pigeon", given_up)])
    await of_kite(attack, "after-twice")
    again = (await attack.index.letters())[first.letter.event_id]
    assert again.offset > first.offset, "it was written twice"
    assert again.is_open


@pytest.mark.parametrize(
    ("signer", "reason"),
    [(None, "unsigned"), ("ingest-pigeon", "wrong-signature"), ("agent-desk", "wrong-signature")],
)
async def test_no_host_hands_in_a_payload_in_the_name_of_anothers_account(
    attack: AttackedRouter, signer: str | None, reason: str
) -> None:
    """An operator who replays one gives it to the account that it names."""
    given_up = await sealed_given_up(attack.vault, f"kite-by-{signer}", PAYLOAD, "kite")
    await refused_as(attack, by(signer, given_up), reason)
    assert attack.has_alarm(Alarm.FORGED, INBOUND_THIRD_PARTY)


@pytest.mark.parametrize("account", ["telegram", "twilio", "raven"])
async def test_nor_in_that_of_an_account_of_guichet_s_or_of_nobody_s(attack: AttackedRouter, account: str) -> None:
    await refused_as(attack, by("ingest-pigeon", a_given_up(f"of-{account}", account)), "wrong-topic")
    assert attack.has_alarm(Alarm.FORGED, INBOUND_THIRD_PARTY)


async def test_no_host_closes_a_letter_of_anothers(attack: AttackedRouter) -> None:
    kites = await of_kite(attack, "closed")
    closed = DeadLetterClosed(
        event_id=EventId("forged"),
        occurred_at=LONG_AGO,
        dead_letter=kites.letter.event_id,
        act="dropped",
        by=AgentId("uid-0"),
    )
    await refused_as(attack, by("ingest-pigeon", closed), "unreadable")
    await still_waits(attack, kites)


async def test_no_host_writes_a_dead_letter_itself(attack: AttackedRouter) -> None:
    kites = await of_kite(attack, "replaced-whole")
    await refused_as(
        attack, by("ingest-pigeon", kites.letter.model_copy(update={"occurred_at": LONG_AGO})), "unreadable"
    )
    await still_waits(attack, kites)


async def test_no_host_puts_a_letter_in_the_place_of_anothers(attack: AttackedRouter) -> None:
    """Of a payload's, of a record's, of one that is to come, under the name that the other host gave: ids are of an
    account.
    """
    kites = await of_kite(attack, "replaced")
    refused = await refusal_of_a_record(attack)
    to_come = letter_id_of(ROUTER, INBOUND_SOCIAL.name, 0, 1_000_000)
    names = {kites.letter.event_id, refused.letter.event_id, to_come, a_given_up("replaced").event_id}
    for name in names:
        indexed = await attack.refusal(by("ingest-pigeon", a_given_up("replaces", event_id=name)))
        assert indexed.letter.group == "ingest-pigeon"
        assert indexed.letter.event_id not in names
    await still_waits(attack, kites)
    await still_waits(attack, refused)


async def test_nothing_that_a_host_writes_has_anothers_letter_trimmed(attack: AttackedRouter) -> None:
    kites = await of_kite(attack, "not-trimmed")
    await attack.refusal(by("ingest-pigeon", a_given_up("young", at=datetime.now(UTC) + timedelta(days=400))))
    index = await attack.index.letters()
    later = datetime.now(UTC) + timedelta(days=365)
    first_open = min(each.offset for each in index.values() if each.is_open)
    assert plan_dead_letter_trim(index.values(), kites.offset + 2, later) == first_open <= kites.offset


async def test_no_host_has_a_file_deleted_that_is_not_its_own(attack: AttackedRouter) -> None:
    """Whoever drops a letter deletes what lies aside."""
    anothers = Aside(object_id="a-citizens-file", key_id=KeyId("its-own"), size_bytes=1)
    given_up = a_given_up("anothers-file").model_copy(update={"aside": anothers})
    await refused_as(attack, by("ingest-pigeon", given_up), "unreadable")


async def refusal_of_a_record(attack: AttackedRouter) -> IndexedLetter:
    return await attack.refusal(by("ingest-kite", a_given_up("of-pigeon")))


async def refused_as(attack: AttackedRouter, record: Record, reason: str) -> None:
    """It ends as a letter of the router's own about a record, whole, and as nothing else."""
    letter = (await attack.refusal(record)).letter
    assert (letter.group, letter.reason, letter.provider) == (ROUTER, reason, None)
    assert letter.event_id == letter_id_of(ROUTER, letter.topic, letter.partition or 0, letter.offset or 0)


async def still_waits(attack: AttackedRouter, before: IndexedLetter) -> None:
    now = (await attack.index.letters())[before.letter.event_id]
    assert now.is_open
    assert now.letter == before.letter


@pytest.mark.parametrize("headers", [(("a", b""),) * 900_000, (("\x01" * 3_000_000, b""),)], ids=["many", "one"])
async def test_no_record_is_too_large_to_be_put_aside(attack: AttackedRouter, headers: Headers) -> None:
    """Else the router would crash over it each time that it is started."""
    await refused_as(attack, Record(INBOUND_THIRD_PARTY.name, b"k", b"rubbish", headers), "unsigned")
    await of_kite(attack, f"after-{len(headers)}-headers")
