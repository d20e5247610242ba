"""The words of receipts and answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.lengths import units
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.link import a_link
from notifier.domain.subject import plain_subject


@pytest.mark.parametrize("channel", ["email", "sms", "whatsapp", "telegram", "portal"])
async def test_a_receipt_says_when_which_who_and_where(world, channel):
    case = await world.citizen_writes(channel)
    text = world.wording.receipt(case, a_link(case.case_id), channel, "Lampadaire").text
    assert "1er mai 2026 à 1 h 30" in text.replace("\u00a0", " ")  # arrived on 30 April at 23:30 UTC
    assert case.reference in text
    assert "Voirie et éclairage public" in text
    assert f"https://guichet.mairie.example/suivi/{a_link(case.case_id).token}" in text
    assert "https://guichet.mairie.example/confidentialite" in text
    assert units(text) <= (FACTS[channel].longest or 10_000)


async def test_a_department_that_the_town_gave_up_is_answered_for_by_the_fallback(world):
    case = await world.citizen_writes(department="pigeons")
    assert (
        "Accueil et relations avec les usagers" in world.wording.receipt(case, a_link(case.case_id), "email", None).text
    )


async def test_only_a_mail_has_a_subject(world):
    case = await world.citizen_writes()
    assert world.wording.receipt(case, a_link(case.case_id), "email", "RE: Re : Nid de poule").subject == (
        f"Re: Nid de poule – demande {case.reference} enregistrée"
    )
    assert (
        world.wording.receipt(case, a_link(case.case_id), "email", None).subject
        == f"demande {case.reference} enregistrée"
    )
    assert world.wording.receipt(case, a_link(case.case_id), "sms", None).subject is None


async def test_an_answer_stands_in_the_towns_frame(world):
    case = await world.citizen_writes()
    reply = world.wording.reply(case, a_link(case.case_id), "email", "Nous réparons demain.", "Lampadaire")
    assert reply.text.startswith("Nous réparons demain.")
    assert "01 99 00 12 10" in reply.text
    assert reply.subject == f"Re: Lampadaire – demande {case.reference}"


@pytest.mark.parametrize(
    ("channel", "known", "asks"),
    [
        ("sms", {"citizen": None}, True),
        ("telegram", {"citizen": None}, True),
        ("sms", {}, False),
        ("sms", {"citizen": None, "candidates": ("one", "another")}, False),
        ("email", {"citizen": None}, False),
    ],
)
async def test_who_is_known_to_nobody_is_asked_once_who_they_are(world, channel, known, asks):
    """CRPA R112-9-1 (docs/law.md 4): by the case's receipt, which says that nothing waits for the answer."""
    case = await world.citizen_writes(channel, **known)
    said = world.wording.receipt(case, a_link(case.case_id), channel, None).text
    assert ("nom, prénom et adresse postale" in said, "traitée sans attendre" in said) == (asks, asks)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_an_answer_too_long_for_a_chat_ends_in_a_link_to_the_whole(world, channel):
    case = await world.citizen_writes(channel)
    text = world.wording.reply(case, a_link(case.case_id), channel, "Trottoir réparé. " * 600, None).text
    assert FACTS[channel].longest - 40 < units(text) <= FACTS[channel].longest
    assert "/suivi/" in text
    assert case.reference in text


@given(text=st.text(min_size=1, max_size=3000))
async def test_any_answer_fits_a_chat(lasting_world, text):
    case = await lasting_world.citizen_writes("sms")
    assert (
        units(lasting_world.wording.reply(case, a_link(case.case_id), "sms", text * 3, None).text)
        <= FACTS["sms"].longest
    )


@given(st.text())
def test_any_subject_becomes_one_short_printable_line(subject):
    plain = plain_subject(subject)
    assert plain.isprintable()
    assert len(plain) <= 151
    assert plain == plain_subject(plain)


async def test_a_subject_does_not_grow_with_every_exchange(world):
    case = await world.citizen_writes()
    subject, link = "Nid de poule", a_link(case.case_id)
    for _ in range(2):
        subject = world.wording.receipt(case, link, "email", f"RE: {subject}").subject
        assert subject == f"Re: Nid de poule – demande {case.reference} enregistrée"
        subject = world.wording.reply(case, link, "email", "Demain.", f"Re: {subject}").subject
        assert subject == f"Re: Nid de poule – demande {case.reference}"


async def test_an_answer_to_a_receipt_without_subject_has_the_reference_once(world):
    case = await world.citizen_writes()
    receipt = world.wording.receipt(case, a_link(case.case_id), "email", None).subject
    reply = world.wording.reply(case, a_link(case.case_id), "email", "Demain.", f"Re: {receipt}").subject
    assert reply == f"demande {case.reference}"


async def test_the_words_of_another_case_stay_in_a_subject(world):
    case = await world.citizen_writes()
    other = "Suite – demande 2026-0000-000"
    subject = world.wording.reply(case, a_link(case.case_id), "email", "Demain.", other).subject
    assert subject == f"Re: {other} – demande {case.reference}"
