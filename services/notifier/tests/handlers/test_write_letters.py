"""From an intent to a letter."""

import pytest

from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import Identifier, IdentifierKind, InboundContent
from guichet.errors import ErasedError, PermanentError
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, Direction, OutboundContent


async def owed(office, channel=Channel.EMAIL):
    case = await office.citizen_writes(channel)
    await office.owe_receipts(office.opened(case))
    return case, await office.receipt_of(case)


async def test_a_receipt_goes_to_who_wrote_and_is_kept_sealed_before_it_is_sent(office):
    case, intent = await owed(office)
    letter = await office.write(intent)
    assert letter.recipient == "amina.benali@courriel.example"
    assert letter.thread.message_id == "case-1@courriel.example"
    kept = office.messages.messages[intent.outbound_id]
    assert (kept.direction, kept.filed, kept.purpose, kept.author) == (
        Direction.OUTBOUND,
        case.case_id,
        Purpose.AEE,
        None,
    )
    assert b"mairie" not in kept.content.box


async def test_a_second_attempt_says_the_same_words_even_after_a_rerouting(office):
    case, intent = await owed(office)
    first = await office.write(intent)
    office.cases.cases[case.case_id] = case.model_copy(update={"department": "proprete"})
    assert (await office.write(intent)).text == first.text


async def test_a_further_attempt_makes_no_key_that_nothing_is_sealed_under(office):
    _, intent = await owed(office)
    first = await office.write(intent)
    office.vault.new_keys = None
    assert (await office.write(intent.model_copy(update={"attempts": 2}))).text == first.text


async def test_nothing_of_a_letter_shows_in_its_repr(office):
    _, intent = await owed(office)
    shown = repr(await office.write(intent))
    assert "courriel.example" not in shown
    assert "Bonjour" not in shown


async def test_an_agents_answer_keeps_its_words_in_the_towns_frame(office):
    case = await office.citizen_writes(Channel.TELEGRAM)
    await office.handlers.owe_reply(await office.agent_answers(case))
    [intent] = await office.deliveries.of_case(case.case_id)
    letter = await office.write(intent)
    assert letter.recipient == "710000101"
    assert letter.text.startswith("Nous réparons demain.")
    assert not letter.is_receipt


@pytest.mark.parametrize("gone", ["case", "case set aside", "message", "key"])
async def test_what_was_erased_is_not_written_to(office, gone):
    case, intent = await owed(office)
    if gone == "case":
        office.cases.cases.clear()
    elif gone == "case set aside":
        office.cases.cases[case.case_id] = case.model_copy(update={"erasing": True})
    elif gone == "message":
        del office.messages.messages[case.opened_by]
    else:
        await office.erase(case.opened_by)
    with pytest.raises(ErasedError):
        await office.write(intent)
    assert intent.outbound_id not in office.messages.messages


async def test_a_reply_that_was_erased_is_not_sent(office):
    case = await office.citizen_writes()
    await office.handlers.owe_reply(await office.agent_answers(case))
    [intent] = await office.deliveries.of_case(case.case_id)
    await office.erase(intent.outbound_id)
    with pytest.raises(ErasedError):
        await office.write(intent)


async def test_a_portal_user_who_left_a_telephone_only_has_no_mail_address(office):
    case = await office.citizen_writes(Channel.PORTAL)
    by_phone = InboundContent(sender=(Identifier(kind=IdentifierKind.PHONE, value="+33639980101"),), text="Bonjour")
    await office.receive(case.opened_by, Channel.PORTAL, "portal", by_phone, case.case_id)
    await office.owe_receipts(office.opened(case))
    with pytest.raises(PermanentError) as caught:
        await office.write(await office.receipt_of(case))
    assert caught.value.reason == "no-address"


async def test_an_sms_receipt_repeats_none_of_the_citizens_words(office):
    _, intent = await owed(office, Channel.SMS)
    assert "Tilleuls" not in (await office.write(intent)).text


async def test_what_is_opened_twice_is_what_was_asked_for_each_time(office):
    case, intent = await owed(office)
    found = await office.writer.read([intent])
    found.opened(case.opened_by, INBOUND_CONTENT)
    assert isinstance(found.opened(case.opened_by, OUTBOUND_CONTENT), OutboundContent), (
        "another kind of content comes out"
    )
