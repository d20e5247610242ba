"""From an intent to a letter."""

import email
from email.policy import default

import pytest

from guichet.channel.outgoing.letter import Letter
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import ErasedError, PermanentError, TamperedError, TransientError
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, Direction, OutboundContent


async def owed(world, channel="email"):
    case = await world.citizen_writes(channel)
    await world.owe_receipts(world.opened(case))
    return case, await world.receipt_of(case)


async def test_a_receipt_goes_to_who_wrote_and_is_kept_sealed_before_it_is_sent(world):
    case, intent = await owed(world)
    letter = await world.write(intent)
    assert letter.recipient == "amina.benali@courriel.example"
    assert (await world.draft(intent)).thread.message_id == "case-1@courriel.example"
    kept = world.messages.messages[intent.outbound_id]
    assert (kept.direction, kept.filed, kept.purpose, kept.author) == (
        Direction.OUTBOUND,
        case.case_id,
        Purpose.AEE,
        None,
    )
    assert b"mairie" not in kept.content.box


async def test_a_second_attempt_says_the_same_words_even_after_a_rerouting(world):
    case, intent = await owed(world)
    first = await world.write(intent)
    world.cases.cases[case.case_id] = case.model_copy(update={"department": "proprete"})
    assert (await world.write(intent)).text == first.text


async def test_a_further_attempt_makes_no_key_that_nothing_is_sealed_under(world):
    _, intent = await owed(world)
    first = await world.write(intent)
    world.vault.new_keys = None
    assert (await world.write(intent.model_copy(update={"attempts": 2}))).text == first.text


async def test_nothing_of_a_letter_shows_in_its_repr(world):
    _, intent = await owed(world)
    shown = repr(await world.write(intent))
    assert "courriel.example" not in shown
    assert "Bonjour" not in shown


async def test_an_agents_answer_keeps_its_words_in_the_towns_frame(world):
    case = await world.citizen_writes("telegram")
    await world.handlers.owe_reply(await world.agent_answers(case))
    [intent] = await world.deliveries.of_case(case.case_id)
    letter = await world.write(intent)
    assert letter.recipient == "710000101"
    assert letter.text.startswith("Nous réparons demain.")
    assert not (await world.draft(intent)).is_receipt


@pytest.mark.parametrize("gone", ["case", "case set aside", "message", "key"])
async def test_what_was_erased_is_not_written_to(world, gone):
    case, intent = await owed(world)
    if gone == "case":
        world.cases.cases.clear()
    elif gone == "case set aside":
        world.cases.cases[case.case_id] = case.model_copy(update={"erasing": True})
    elif gone == "message":
        del world.messages.messages[case.opened_by]
    else:
        await world.erase(case.opened_by)
    with pytest.raises(ErasedError):
        await world.write(intent)
    assert intent.outbound_id not in world.messages.messages


async def test_a_reply_that_was_erased_is_not_sent(world):
    case = await world.citizen_writes()
    await world.handlers.owe_reply(await world.agent_answers(case))
    [intent] = await world.deliveries.of_case(case.case_id)
    await world.erase(intent.outbound_id)
    with pytest.raises(ErasedError):
        await world.write(intent)


async def test_a_portal_user_who_left_a_telephone_only_has_no_mail_address(world):
    case = await world.citizen_writes("portal")
    by_phone = InboundContent(sender=(Identifier(kind="phone", value="+33639980101"),), text="Bonjour")
    await world.receive(case.opened_by, "portal", "portal", by_phone, case.case_id)
    await world.owe_receipts(world.opened(case))
    with pytest.raises(PermanentError) as caught:
        await world.write(await world.receipt_of(case))
    assert caught.value.reason == "no-address"


async def test_an_sms_receipt_repeats_none_of_the_citizens_words(world):
    _, intent = await owed(world, "sms")
    assert "Tilleuls" not in (await world.write(intent)).text


async def test_what_is_opened_twice_is_what_was_asked_for_each_time(world):
    case, intent = await owed(world)
    found = await world.writer.read([intent])
    found.opened(case.opened_by, INBOUND_CONTENT)
    assert isinstance(found.opened(case.opened_by, OUTBOUND_CONTENT), OutboundContent), (
        "another kind of content comes out"
    )


FILES = (("arrêté\r\nBcc: all@x.pdf", "application/pdf", b"%PDF the order"), ("mail.eml", "message/rfc822", b"From: x"))


async def answered(world, channel="email"):
    case = await world.citizen_writes(channel)
    await world.handlers.owe_reply(await world.agent_answers(case, files=FILES))
    [intent] = await world.deliveries.of_case(case.case_id)
    return intent


async def test_a_mail_encloses_the_files_of_an_answer_the_same_at_every_attempt(world):
    intent = await answered(world)
    letter = await world.write(intent)
    mail = email.message_from_bytes(letter.mail.message, policy=default)
    enclosed = [(each.get_filename(), each.get_content_type(), each.get_content()) for each in mail.iter_attachments()]
    assert enclosed == [
        ("arrêté Bcc: all@x.pdf", "application/pdf", b"%PDF the order"),
        ("mail.eml", "application/octet-stream", b"From: x"),
    ]
    assert mail["Bcc"] is None
    assert "Nous réparons demain." in mail.get_body().get_content()
    assert (await world.write(intent)).mail == letter.mail


async def test_files_open_beside_a_receipt_that_somebody_else_wrote_meanwhile(world):
    answer, (_, receipt) = await answered(world), await owed(world)
    await world.write(receipt)  # by another notifier, once this one has read that there is none
    find, asked = world.messages.find_many, []

    async def late(ids):
        found = await find(ids)
        asked.append(ids)
        return {name: each for name, each in found.items() if len(asked) > 1 or name != receipt.outbound_id}

    world.messages.find_many = late
    letter, other = await world.writer.write([answer, receipt])
    assert len(asked) == 2
    assert isinstance(letter, Letter), letter
    assert isinstance(other, Letter), other


async def test_while_a_file_cannot_be_read_the_answer_waits_and_an_altered_one_goes_nowhere(world):
    intent = await answered(world)
    world.objects.away = True
    with pytest.raises(TransientError):
        await world.write(intent)
    world.objects.away = False
    world.objects.objects["file-0"] = b"altered"
    with pytest.raises(TamperedError):
        await world.write(intent)


async def test_a_chat_is_told_where_the_files_are(world):
    letter = await world.write(await answered(world, "telegram"))
    assert "Fichiers joints : https://guichet.mairie.example/suivi/" in letter.text


ELSEWHERE = Identifier(kind="email", value="lea@ailleurs.example")


async def test_an_answer_goes_to_the_address_that_its_agent_chose_and_says_what_it_follows(world):
    case = await world.citizen_writes("sms")
    await world.handlers.owe_reply(await world.agent_answers(case, to=ELSEWHERE, goes_by="email"))
    [intent] = await world.deliveries.of_case(case.case_id)
    assert (intent.channel, intent.lane, intent.to_chosen) == ("email", "mail", True)
    letter = await world.write(intent)
    assert letter.recipient == ELSEWHERE.value
    mail = email.message_from_bytes(letter.mail.message, policy=default)
    said = mail.get_body().get_content()
    assert said.startswith("Ce courriel fait suite à votre message (SMS). Nous vous l’envoyons à une autre adresse")
    assert "Nous réparons demain." in said
    assert world.town.main_mailbox in mail["From"]
    assert case.reference in mail["Subject"]


async def test_a_text_in_place_of_a_mail_leaves_by_the_town_s_own_number_and_says_no_more_than_it_must(world):
    case = await world.citizen_writes("email")
    number = Identifier(kind="phone", value="+33639982222")
    await world.handlers.owe_reply(await world.agent_answers(case, to=number, goes_by="sms"))
    [intent] = await world.deliveries.of_case(case.case_id)
    letter = await world.write(intent)
    assert (letter.recipient, letter.account) == (number.value, "")
    assert letter.text.startswith("Nous réparons demain.")


@pytest.mark.parametrize("same", [True, False], ids=["to who wrote it", "to another address"])
async def test_a_mail_s_subject_and_thread_go_to_no_other_address(world, same):
    case = await world.citizen_writes("email")
    address = "amina.benali@courriel.example" if same else "amina.bureau@courriel.example"
    to = Identifier(kind="email", value=address)
    await world.handlers.owe_reply(await world.agent_answers(case, to=to, goes_by="email"))
    [intent] = await world.deliveries.of_case(case.case_id)
    mail = email.message_from_bytes((await world.write(intent)).mail.message, policy=default)
    told = ("lampadaire" in mail["Subject"].lower(), mail["In-Reply-To"] is not None, mail["References"] is not None)
    assert told == (same, same, same)


@pytest.mark.parametrize("to", [None, Identifier(kind="phone", value="+33639982222")])
async def test_without_an_address_of_its_channel_a_chosen_way_leads_to_nobody_else(world, to):
    case = await world.citizen_writes("sms")
    await world.handlers.owe_reply(await world.agent_answers(case, to=to, goes_by="email"))
    [intent] = await world.deliveries.of_case(case.case_id)
    with pytest.raises(PermanentError):
        await world.write(intent)
