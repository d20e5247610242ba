"""Records that decide something, written by whoever may not: the real router on the real broker obeys none of them."""

from typing import Any

import pytest

from guichet.contracts.topics import CASE_COMMANDS, PRIVACY_REQUESTS
from guichet.kafka.produce.producer import Record
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet_testing.builders.signers import a_signer
from tests.attacks.bus.attacked_router import AttackedRouter, attacked, signed_by, unsigned

pytestmark = pytest.mark.real
DESK = a_signer("agent-desk")


@pytest.fixture
async def attack(kafka_server: Any):
    async with attacked(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)) as attack:
        yield attack


async def test_a_forged_reroute_moves_no_case(attack: AttackedRouter) -> None:
    case = attack.a_case("social")
    indexed = await attack.refusal(unsigned(await attack.a_reroute(case, "forged", by="agent-17")))
    assert attack.is_untouched(case), "a forged command moved a social case to another sector"
    assert (indexed.letter.reason, indexed.letter.error) == ("unsigned", "ForgedError")
    assert attack.has_alarm(Alarm.FORGED)


async def test_no_record_on_case_commands_is_obeyed_without_the_desks_own_signature(attack: AttackedRouter) -> None:
    """One router, one forgery after the other: each is a dead letter, and nothing comes of any."""
    case, other = attack.a_case("social"), attack.a_case("another")
    true = await attack.a_reroute(case, "true", by="agent-17")
    worse = true.model_copy(update={"department": "voirie", "issued_by": "agent-12"})
    signature = dict(signed_by(DESK, true).headers)
    stolen = tuple(signature.items())
    for_another_topic = DESK.sign(PRIVACY_REQUESTS.name, case.case_id.encode(), true.model_dump_json().encode())
    forgeries = {
        "signed by nobody": (unsigned(true), "unsigned"),
        "half a signature": (_with(unsigned(true), stolen[:1]), "unsigned"),
        "signed by a key of one's own": (signed_by(a_signer("an attacker"), true), "unknown-signer"),
        "signed by the operator's command": (signed_by(a_signer("guichet-cli"), true), "wrong-signature"),
        "the signature of other words": (_with(unsigned(worse), stolen), "wrong-signature"),
        "the signature for another topic": (_with(unsigned(true), for_another_topic.headers), "wrong-signature"),
        "laid under another case": (_under(unsigned(true), other.case_id, stolen), "wrong-signature"),
        "signed for another case's key": (signed_by(DESK, true, key=other.case_id), "wrong-signature"),
        "no command at all": (Record(CASE_COMMANDS.name, b"case", b"?"), "unsigned"),
    }
    for what, (record, reason) in forgeries.items():
        indexed = await attack.refusal(record)
        assert (what, indexed.letter.reason) == (what, reason)
        assert attack.is_untouched(case), what
        assert attack.is_untouched(other), what
    assert attack.has_alarm(Alarm.FORGED)


async def test_a_forgery_stays_refused_when_it_is_replayed(attack: AttackedRouter) -> None:
    case = attack.a_case("social")
    indexed = await attack.refusal(unsigned(await attack.a_reroute(case, "again", by="agent-17")))
    again = await attack.replayed(indexed)
    assert again.letter.reason == "unsigned"
    assert attack.is_untouched(case)


def _with(record: Record, headers: tuple[tuple[str, bytes], ...]) -> Record:
    return Record(record.topic, record.key, record.value, headers)


def _under(record: Record, key: str, headers: tuple[tuple[str, bytes], ...]) -> Record:
    return Record(record.topic, key.encode(), record.value, headers)
