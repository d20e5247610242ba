"""SMS and chats have no subject: the open case of the conversation goes on, until silence or a word of the town's."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import CloseCase
from guichet.town.new_case_words import begins_anew
from guichet.vault.sealing import Thing, unseal
from guichet_testing.builders.case import ARRIVED

ALICE, BOB = "+33639980101", "+33639980102"
TELEGRAM = {"channel": "telegram", "accounts": ("mairie_bot",)}


async def test_the_next_sms_joins_the_open_case(world):
    one, two = await world.sms("one", ALICE, "Lampadaire éteint"), await world.sms("two", ALICE, "Rue Pasteur")
    await world.take_one_by_one(one, two)
    assert world.case_of(one) == world.case_of(two)
    assert world.case_of(one).account == "+33199001200"
    world.check()


async def test_in_one_batch_too(world):
    messages = [await world.sms(f"m{number}", ALICE) for number in range(4)]
    await world.take(*messages)
    assert len(world.cases.cases) == 1
    world.check()


async def test_somebody_else_or_another_channel_is_another_conversation(world):
    one = await world.sms("one", ALICE)
    others = [
        await world.sms("two", BOB),
        await world.sms("three", ALICE, channel="whatsapp"),
        await world.sms("four", ALICE, accounts=("+33199001299",)),
    ]
    await world.take(one, *others)
    assert len(world.cases.cases) == 4


@pytest.mark.parametrize(("silence", "cases"), [(timedelta(days=3), 1), (timedelta(days=3, seconds=1), 2)])
async def test_after_a_long_silence_a_new_case_begins(world, silence, cases):
    one, two = await world.sms("one", ALICE), await world.sms("two", ALICE, at=ARRIVED + silence)
    await world.take_one_by_one(one, two)
    assert len(world.cases.cases) == cases
    three = await world.sms("three", ALICE, at=ARRIVED + silence + timedelta(hours=1))
    await world.take(three)
    assert world.case_of(three) == world.case_of(two)
    world.check()


async def test_a_word_of_the_town_begins_a_new_case_that_the_next_message_joins(world):
    one, two, three = (
        await world.sms("one", ALICE),
        await world.sms("two", ALICE, "/Nouvelle fuite d’eau"),
        await world.sms("three", ALICE, "Rue Pasteur"),
    )
    await world.take(one, two, three)
    assert world.case_of(one) != world.case_of(two) == world.case_of(three)
    assert await world.links_of(two) == ()


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("/nouvelle", True),
        ("  /NOUVELLE : trottoir", True),
        ("Nouvelle demande, trottoir", True),
        ("/nouvelles de la mairie", False),
        ("Nouvelle fuite", False),
        ("Une /nouvelle", False),
        ("", False),
    ],
)
def test_only_a_whole_first_word_counts(text, anew):
    assert begins_anew(text, ["NOUVELLE DEMANDE", "/nouvelle"]) is anew


async def test_a_case_that_a_word_opened_is_called_by_what_follows_it(world):
    sms = await world.sms("one", ALICE, "/nouvelle Le panneau STOP est tombé")
    await world.take(sms)
    case = world.case_of(sms)
    keys = await world.vault.open_keys([case.subject.key_id])
    assert unseal(keys[case.subject.key_id], Thing("case", case.case_id), "subject", case.subject) == (
        "Le panneau STOP est tombé".encode()
    )


async def test_a_closed_case_never_takes_a_new_message(world):
    one = await world.sms("one", ALICE)
    await world.take(one)
    close = CloseCase(event_id="c", occurred_at=ARRIVED, case_id=world.case_of(one).case_id, issued_by="lea")
    two = await world.sms("two", ALICE)
    await world.take_one_by_one(close, two)
    assert world.case_of(two) != world.case_of(one)
    world.check()


async def test_a_corrected_message_joins_its_original_s_case(world):
    one = await world.sms("one", ALICE, **TELEGRAM)
    two = await world.sms("two", ALICE, "/nouvelle", **TELEGRAM)
    corrected = await world.sms("edit", ALICE, "Bonjour !", edits=one.message_id, **TELEGRAM)
    await world.take_one_by_one(one, two, corrected)
    assert world.case_of(corrected) == world.case_of(one) != world.case_of(two)
    again = await world.sms("edit2", ALICE, edits=two.message_id, **TELEGRAM)
    await world.take(again)
    assert world.case_of(again) == world.case_of(two)
    world.check()


async def test_original_and_correction_in_one_batch(world):
    one = await world.sms("one", ALICE, **TELEGRAM)
    corrected = await world.sms("edit", ALICE, edits=one.message_id, **TELEGRAM)
    await world.take(corrected, one)
    assert world.case_of(corrected) == world.case_of(one)
    world.check()


async def test_a_correction_of_what_we_never_saw_goes_the_conversation_s_way(world):
    one = await world.sms("one", ALICE, **TELEGRAM)
    corrected = await world.sms("edit", ALICE, edits="unknown", **TELEGRAM)
    await world.take(one, corrected)
    assert world.case_of(corrected) == world.case_of(one)
