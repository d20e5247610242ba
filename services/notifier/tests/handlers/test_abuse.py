"""A sender whose messages an agent declared abusive: told once, at the address that it is about, and no receipt more."""

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.lengths import units
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import AbuseDeclared
from guichet.contracts.channels import FACTS, Form
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic, Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent, MailThread
from guichet.errors import ErasedError
from guichet.ids import AgentId, EventId

S = DeliveryState
AMINA, LIAR = "amina.benali@courriel.example", "escroc@ailleurs.example"


def declared(case, office, ground=AbuseGround.NUMBER):
    return AbuseDeclared(
        event_id=EventId(f"declared-{case.case_id}"),
        occurred_at=office.now,
        case_id=case.case_id,
        reference=case.reference,
        version=3,
        caused_by="click",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        by=AgentId("agent-12"),
        ground=ground,
        until=office.now + timedelta(days=90),
        reason=Sealed(key_id="key", box=b"box"),
    )


async def notices(office, case):
    return [each for each in await office.deliveries.of_case(case.case_id) if each.purpose is Purpose.ABUSE]


async def test_a_case_of_a_declared_sender_gets_no_receipt_and_the_router_is_told_why_once(office):
    case = await office.citizen_writes()
    for _ in range(3):
        await office.owe_receipts(office.opened(case, declared_abusive=True))
    receipt = await office.receipt_of(case)
    assert (receipt.state, receipt.reason) == (S.WITHHELD, "declared-abusive")
    [told] = await office.announced()
    assert (told.state, told.reason) == (S.WITHHELD, "declared-abusive")
    assert await office.deliveries.claim("mail", "token", office.now, timedelta(minutes=1), 9) == []
    assert office.counts.counts == {}, "it uses up what the address gets one by one"


async def test_a_receipt_that_is_not_owed_is_never_overdue(office):
    owed, not_owed = await office.citizen_writes(name="owed"), await office.citizen_writes(name="not-owed")
    await office.owe_receipts(office.opened(owed), office.opened(not_owed, declared_abusive=True))
    late = await office.watched.overdue(office.now + timedelta(days=30), None, 9)
    assert [each.case_id for each in late] == [owed.case_id]


async def test_a_receipt_that_waits_to_be_gathered_still_leaves(office):
    """A declaration takes nothing back: what came before it is owed its receipt."""
    office.receipts_a_day = 0
    case = await office.citizen_writes()
    await office.owe_receipts(office.opened(case))
    held = await office.claimed("mail", timedelta(minutes=1))
    [gathered] = await office.writer.write([held])
    await office.deliveries.gather(held, gathered.due_at)
    await office.handlers.owe_notice(declared(case, office))
    office.now = gathered.due_at
    waiting = await office.deliveries.claim("mail-gathered", "token", office.now, timedelta(minutes=1), 9)
    [bundle], troubles = await office.bundle_writer.write(waiting)
    assert troubles == []
    assert case.reference in bundle.letter.text


async def test_the_sender_is_told_once_however_often_it_is_told_us(office):
    case = await office.citizen_writes()
    await asyncio.gather(*(office.handlers.owe_notice(declared(case, office)) for _ in range(3)))
    [notice] = await notices(office, case)
    held = await office.claimed("mail", timedelta(minutes=1))
    await office.deliveries.conclude(held, S.SENT, office.now, None, None)
    await office.handlers.owe_notice(declared(case, office))
    assert [each.state for each in await notices(office, case)] == [S.SENT]
    assert notice.overdue_at is None


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.PORTAL, Channel.SMS, Channel.WHATSAPP, Channel.TELEGRAM])
@pytest.mark.parametrize("ground", AbuseGround)
async def test_the_notice_says_what_why_until_when_and_how_to_contest_it(office, channel, ground):
    case = await office.citizen_writes(channel)
    await office.handlers.owe_notice(declared(case, office, ground))
    [intent] = await notices(office, case)
    letter = await office.write(intent)
    said = " ".join(letter.text.split())
    reason = {
        AbuseGround.NUMBER: "leur nombre",
        AbuseGround.REPEATED: "leur caractère répétitif ou systématique",
        AbuseGround.SECURITY: "le risque pour la sécurité du système d’information",
    }[ground]
    department = office.town.departments[case.department]
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
    assert "lampadaire" not in (letter.subject + letter.text).lower(), "what the sender wrote comes back"
    if FACTS[channel].form is Form.SHORT:
        assert units(letter.text) <= FACTS[channel].longest
    assert (await office.write(intent)).text == letter.text, "another attempt says the same"


async def test_it_goes_to_the_address_that_it_is_about_and_not_where_answers_go(office):
    """Whoever forges an address and has answers sent to themselves must not keep its owner from knowing."""
    case = await office.citizen_writes()
    content = InboundContent(
        sender=(
            Identifier(kind=IdentifierKind.EMAIL, value=LIAR),
            Identifier(kind=IdentifierKind.EMAIL, value=AMINA),
        ),
        text="Encore moi.",
        thread=MailThread(message_id="m@courriel.example"),
    )
    await office.receive(case.opened_by, Channel.EMAIL, case.account, content, case.case_id)
    await office.handlers.owe_notice(declared(case, office))
    [intent] = await notices(office, case)
    assert (await office.write(intent)).recipient == AMINA


@pytest.mark.parametrize("automatic", [each for each in Automatic if each is not Automatic.OWN_MESSAGE])
async def test_who_writes_as_somebody_and_like_a_machine_keeps_nothing_from_them(office, automatic):
    case = await office.citizen_writes()
    opening = office.messages.messages[case.opened_by]
    office.messages.messages[case.opened_by] = opening.model_copy(update={"automatic": automatic})
    await office.handlers.owe_notice(declared(case, office))
    [notice] = await notices(office, case)
    assert notice.state is S.PENDING, "whose messages get no receipt any more is never told"


@pytest.mark.parametrize("automatic", [Automatic.OWN_MESSAGE])
async def test_we_tell_nothing_to_ourselves(office, automatic):
    case = await office.citizen_writes()
    opening = office.messages.messages[case.opened_by]
    office.messages.messages[case.opened_by] = opening.model_copy(update={"automatic": automatic})
    await office.handlers.owe_notice(declared(case, office))
    [notice] = await notices(office, case)
    assert (notice.state, notice.reason) == (S.WITHHELD, automatic.value)


async def test_who_wrote_a_letter_is_told_by_no_machine(office):
    case = await office.citizen_writes(Channel.LETTER)
    await office.handlers.owe_notice(declared(case, office))
    [notice] = await notices(office, case)
    assert (notice.state, notice.reason) == (S.WITHHELD, "not-electronic")


async def test_the_erased_are_not_told(office):
    case = await office.citizen_writes()
    await office.cases.mark_erasing([case.case_id])
    with pytest.raises(ErasedError):
        await office.handlers.owe_notice(declared(case, office))


async def test_an_answer_to_them_is_sent_as_ever(office):
    case = await office.citizen_writes()
    await office.owe_receipts(office.opened(case, declared_abusive=True))
    await office.handlers.owe_reply(await office.agent_answers(case))
    [reply] = [each for each in await office.deliveries.of_case(case.case_id) if each.purpose is Purpose.REPLY]
    assert reply.state is S.PENDING
    assert (await office.write(reply)).recipient == AMINA
