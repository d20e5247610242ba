"""Decisions about suspended mail by whoever may not give them: the real router on the real broker obeys none."""

from typing import Any

import pytest

from guichet.contracts.case_commands import ConfirmSpam, MailCommand, ReleaseMail
from guichet.ids import AgentId, DepartmentId, EventId, derive_id
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.store.agents.rights import BEGINNING, AgentRight
from guichet.store.messages.document import MessageDocument
from guichet_testing.builders.signers import a_signer
from guichet_testing.until import until
from tests.attacks.bus.attacked_router import LATER, AttackedRouter, attacked, signed_by, unsigned

pytestmark = pytest.mark.real
DESK = a_signer("agent-desk")


@pytest.fixture
async def attack(kafka_server: Any):
    async with attacked(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)) as attack:
        yield attack


def a_decision(kind: type[MailCommand], mail: MessageDocument, name: str, by: str = "agent-17") -> MailCommand:
    return kind(
        event_id=EventId(derive_id("attack", name)),
        occurred_at=LATER,
        message_id=mail.message_id,
        issued_by=AgentId(by),
    )


def may(attack: AttackedRouter, agent: str, department: str, *, suspended_mail: bool) -> None:
    attack.rights.rights[agent] = AgentRight(
        _id=agent,
        agent=AgentId(agent),
        departments=(DepartmentId(department),),
        since=BEGINNING,
        suspended_mail=suspended_mail,
    )


def is_untouched(attack: AttackedRouter, mail: MessageDocument) -> bool:
    """Whether nothing at all came of what was tried on a mail."""
    nothing_told = not attack.publisher.published and not attack.cases.cases and not attack.commands.commands
    return nothing_told and attack.messages.messages[mail.message_id] == mail


async def test_no_forged_decision_releases_or_ends_a_mail(attack: AttackedRouter) -> None:
    """So nobody has a receipt sent, or has a citizen's mail deleted, who can write on the topic and no more."""
    mail, other = await attack.a_suspended_mail("social"), await attack.a_suspended_mail("another")
    may(attack, "agent-17", "ccas", suspended_mail=True)
    for kind in (ReleaseMail, ConfirmSpam):
        command = a_decision(kind, mail, kind.__name__)
        forgeries = {
            "signed by nobody": (unsigned(command), "unsigned"),
            "signed by a key of one's own": (signed_by(a_signer("an attacker"), command), "unknown-signer"),
            "signed by the operator's command": (signed_by(a_signer("guichet-cli"), command), "wrong-signature"),
            "laid under another mail": (signed_by(DESK, command, key=other.message_id), "wrong-signature"),
        }
        for what, (record, reason) in forgeries.items():
            assert (what, (await attack.refusal(record)).letter.reason) == (what, reason)
            assert is_untouched(attack, mail), what
    assert attack.has_alarm(Alarm.FORGED)


async def test_an_agent_without_the_right_decides_nothing_of_the_ccas_s_mail(attack: AttackedRouter) -> None:
    """As from a desk that obeys anybody: of another department, without the right, whom nobody knows."""
    mail = await attack.a_suspended_mail("social")
    may(attack, "of-voirie", "voirie", suspended_mail=True)
    may(attack, "of-the-ccas", "ccas", suspended_mail=False)
    for agent in ("of-voirie", "of-the-ccas", "nobody"):
        for kind in (ReleaseMail, ConfirmSpam):
            command = a_decision(kind, mail, f"{agent}-{kind.__name__}", by=agent)
            indexed = await attack.refusal(signed_by(DESK, command))
            assert (agent, indexed.letter.reason) == (agent, "no-right")
            assert is_untouched(attack, mail), agent
    assert attack.has_alarm(Alarm.NO_RIGHT)


async def test_who_has_the_right_is_obeyed(attack: AttackedRouter) -> None:
    """Or the attacks above would prove nothing."""
    mail = await attack.a_suspended_mail("social")
    may(attack, "agent-17", "ccas", suspended_mail=True)
    await attack.producer.send([signed_by(DESK, a_decision(ReleaseMail, mail, "true"))])
    await until(lambda: attack.messages.messages[mail.message_id].filed is not None, seconds=30)
