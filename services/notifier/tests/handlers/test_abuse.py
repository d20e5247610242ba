"""A sender whose messages an agent declared abusive: told once, at the address that it is about, and no receipt more."""

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.lengths import units
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import AbuseDeclared
from guichet.contracts.channels import Form
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.errors import ErasedError
from guichet.french.basic_letters import in_basic_letters
from guichet.ids import AgentId, EventId
from guichet_testing.builders.channels import FACTS

S = DeliveryState
AMINA, LIAR = "amina.benali@courriel.example", "escroc@ailleurs.example"


def declared(case, world, ground=AbuseGround.NUMBER):
    return AbuseDeclared(
        event_id=EventId(f"declared-{case.case_id}"),
        occurred_at=world.now,
        case_id=case.case_id,
        reference=case.reference,
        version=3,
        caused_by="click",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        by=AgentId("agent-12"),
        ground=ground,
        until=world.now + timedelta(days=90),
        reason=Sealed(key_id="key", box=b"box"),
    )


async def notices(world, case):
    return [each for each in await world.deliveries.of_case(case.case_id) if each.purpose is Purpose.ABUSE]


async def test_a_case_of_a_declared_sender_gets_no_receipt_and_the_router_is_told_why_once(world):
    case = await world.citizen_writes()
    for _ in range(3):
        await world.owe_receipts(world.opened(case, declared_abusive=True))
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason) == (S.WITHHELD, "declared-abusive")
    [told] = await world.announced()
    assert (told.state, told.reason) == (S.WITHHELD, "declared-abusive")
    assert await world.deliveries.claim("mail", "token", world.now, timedelta(minutes=1), 9) == []
    assert world.counts.counts == {}, "it uses up what the address gets one by one"


async def test_a_receipt_that_is_not_owed_is_never_overdue(world):
    owed, not_owed = await world.citizen_writes(name="owed"), await world.citizen_writes(name="not-owed")
    await world.owe_receipts(world.opened(owed), world.opened(not_owed, declared_abusive=True))
    late = await world.watched.overdue(world.now + timedelta(days=30), None, 9)
    assert [each.case_id for each in late] == [owed.case_id]


async def test_a_receipt_that_waits_to_be_gathered_still_leaves(world):
    """A declaration takes nothing back: what came before it is owed its receipt."""
    world.receipts_a_day = 0
    case = await world.citizen_writes()
    await world.owe_receipts(world.opened(case))
    held = await world.claimed("mail", timedelta(minutes=1))
    [gathered] = await world.writer.write([held])
    await world.deliveries.gather(held, gathered.due_at)
    await world.handlers.owe_notice(declared(case, world))
    world.now = gathered.due_at
    waiting = await world.deliveries.claim("mail-gathered", "token", world.now, timedelta(minutes=1), 9)
    [bundle], troubles = await world.bundle_writer.write(waiting)
    assert troubles == []
    assert case.reference in bundle.letter.text


async def test_r5_the_sender_is_told_once_however_often_it_is_told_us(world):
    """R5 (docs/law.md 13)."""
    case = await world.citizen_writes()
    await asyncio.gather(*(world.handlers.owe_notice(declared(case, world)) for _ in range(3)))
    [notice] = await notices(world, case)
    held = await world.claimed("mail", timedelta(minutes=1))
    await world.deliveries.conclude(held, S.SENT, world.now, None, None)
    await world.handlers.owe_notice(declared(case, world))
    assert [each.state for each in await notices(world, case)] == [S.SENT]
    assert notice.overdue_at is None


@pytest.mark.parametrize("channel", ["email", "portal", "sms", "whatsapp", "telegram"])
@pytest.mark.parametrize("ground", AbuseGround)
async def test_the_notice_says_what_why_until_when_and_how_to_contest_it(world, channel, ground):
    case = await world.citizen_writes(channel)
    await world.handlers.owe_notice(declared(case, world, ground))
    [intent] = await notices(world, case)
    letter = await world.write(intent)
    said = " ".join(letter.text.split())
    reason = {
        AbuseGround.NUMBER: "leur nombre",
        AbuseGround.REPEATED: "leur caractère répétitif ou systématique",
        AbuseGround.SECURITY: "le risque pour la sécurité du système d’information",
    }[ground]
    reason = in_basic_letters(reason) if FACTS[channel].form is Form.SHORT else reason
    department = world.town.departments[case.department]
    for expected in (
        case.reference,
        reason,
        "L112-11",
        "30 juillet 2026",
        "30 July 2026",
        department.name,
        department.postal_address,
        "Défenseur des droits",
        "www.telerecours.fr",
        "/confidentialite",
    ):
        assert expected in said, expected
    assert said.index("Mairie" if FACTS[channel].form is Form.SHORT else "Bonjour") < said.index("30 July"), (
        "French comes first"
    )
    assert "/suivi/" not in said, "a link to the case, where answers may go to somebody else"
    assert "lampadaire" not in ((await world.draft(intent)).subject + letter.text).lower(), (
        "what the sender wrote comes back"
    )
    if FACTS[channel].form is Form.SHORT:
        assert units(letter.text) <= FACTS[channel].longest
    assert (await world.write(intent)).text == letter.text, "another attempt says the same"


async def test_it_goes_to_the_address_that_it_is_about_and_not_where_answers_go(world):
    """Whoever forges an address and has answers sent to themselves must not keep its owner from knowing."""
    case = await world.citizen_writes()
    content = InboundContent(
        sender=(
            Identifier(kind="email", value=LIAR),
            Identifier(kind="email", value=AMINA),
        ),
        text="Encore moi.",
        thread=MailThread(message_id="m@courriel.example"),
    )
    await world.receive(case.opened_by, "email", case.account, content, case.case_id)
    await world.handlers.owe_notice(declared(case, world))
    [intent] = await notices(world, case)
    assert (await world.write(intent)).recipient == AMINA


@pytest.mark.parametrize("automatic", [each for each in Automatic if each is not Automatic.OWN_MESSAGE])
async def test_who_writes_as_somebody_and_like_a_machine_keeps_nothing_from_them(world, automatic):
    case = await world.citizen_writes()
    opening = world.messages.messages[case.opened_by]
    world.messages.messages[case.opened_by] = opening.model_copy(update={"automatic": automatic})
    await world.handlers.owe_notice(declared(case, world))
    [notice] = await notices(world, case)
    assert notice.state is S.PENDING, "whose messages get no receipt any more is never told"


@pytest.mark.parametrize("automatic", [Automatic.OWN_MESSAGE])
async def test_we_tell_nothing_to_ourselves(world, automatic):
    case = await world.citizen_writes()
    opening = world.messages.messages[case.opened_by]
    world.messages.messages[case.opened_by] = opening.model_copy(update={"automatic": automatic})
    await world.handlers.owe_notice(declared(case, world))
    [notice] = await notices(world, case)
    assert (notice.state, notice.reason) == (S.WITHHELD, automatic.value)


async def test_who_wrote_a_letter_is_told_by_no_machine(world):
    case = await world.citizen_writes("letter")
    await world.handlers.owe_notice(declared(case, world))
    [notice] = await notices(world, case)
    assert (notice.state, notice.reason) == (S.WITHHELD, "not-electronic")


async def test_the_erased_are_not_told(world):
    case = await world.citizen_writes()
    await world.cases.mark_erasing([case.case_id])
    with pytest.raises(ErasedError):
        await world.handlers.owe_notice(declared(case, world))


async def test_an_answer_to_them_is_sent_as_ever(world):
    case = await world.citizen_writes()
    await world.owe_receipts(world.opened(case, declared_abusive=True))
    await world.handlers.owe_reply(await world.agent_answers(case))
    [reply] = [each for each in await world.deliveries.of_case(case.case_id) if each.purpose is Purpose.REPLY]
    assert reply.state is S.PENDING
    assert (await world.write(reply)).recipient == AMINA
