"""Citizens write from a phone and from a chat; the same person is the same citizen on every channel."""

import re

import pytest
from playwright.async_api import expect

from guichet_testing.doors.desk_lines import reference_in

REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
pytestmark = [pytest.mark.story, pytest.mark.real]


async def answer_of(desk, text: str) -> None:
    await desk.get_by_label("Réponse à l’usager").fill(text)
    await desk.get_by_role("button", name="Envoyer la réponse").click()


async def test_thomas_writes_by_sms_and_the_conversation_stays_one_case(sandbox, sign_in):
    desk = await sign_in("sophie.renard")
    sent = await sandbox.send_sms("thomas-lefevre", "Un dépôt sauvage place du Marché depuis hier")
    assert sent.state == "accepted"
    row = desk.get_by_role("row").filter(has_text="dépôt sauvage place du Marché")
    await expect(row).to_contain_text("Thomas Lefèvre")

    receipt = await sandbox.wait_for_sms("thomas-lefevre")
    reference = REFERENCE.search(receipt.text)[0]
    assert any("/suivi/" in link for link in receipt.links)
    await row.get_by_role("link").click()
    await answer_of(desk, "Enlèvement prévu demain matin.")
    await sandbox.wait_for_sms("thomas-lefevre", after=receipt.id, containing="Enlèvement prévu")
    await expect(desk.locator(".delivery-delivered").last).to_be_visible()

    await sandbox.send_sms("thomas-lefevre", "Merci, c’est noté.")
    await expect(desk.get_by_text("Merci, c’est noté.")).to_be_visible()

    await sandbox.send_sms("thomas-lefevre", "/nouvelle Il manque une poubelle au parc")
    second = await sandbox.wait_for_sms("thomas-lefevre", after=receipt.id, containing="20")
    while REFERENCE.search(second.text) is None or "Enlèvement" in second.text:
        second = await sandbox.wait_for_sms("thomas-lefevre", after=second.id)
    assert REFERENCE.search(second.text)[0] != reference


async def test_ngoc_anh_unknown_to_the_town_writes_on_telegram(sandbox, sign_in):
    desk = await sign_in("julien.petit")
    sent = await sandbox.send_telegram("ngoc-anh-tran", "Bonjour, comment inscrire ma fille à l’école ?")
    assert sent.state == "accepted"
    row = desk.get_by_role("row").filter(has_text="inscrire ma fille")
    await expect(row).to_contain_text("Ngọc Ánh Trần")
    receipt = await sandbox.wait_for_telegram("ngoc-anh-tran")
    assert await reference_in(row) == REFERENCE.search(receipt.text)[0]
    await row.get_by_role("link").click()
    await answer_of(desk, "Il suffit d’un justificatif de domicile.")
    await sandbox.wait_for_telegram("ngoc-anh-tran", after=receipt.id, containing="justificatif de domicile")
    await sandbox.send_telegram("ngoc-anh-tran", "Parfait, je l’apporte demain.")
    await expect(desk.get_by_text("Parfait, je l’apporte demain.")).to_be_visible()


async def test_a_mail_and_an_sms_of_one_registered_citizen_appear_under_that_citizen(sandbox, sign_in):
    desk = await sign_in("karim.haddad")
    await sandbox.send_mail("amina-benali", "Trottoir cassé", "Le trottoir est cassé devant la mairie.")
    await sandbox.send_sms("amina-benali", "/nouvelle Le panneau STOP rue Pasteur est tombé")

    by_mail = desk.get_by_role("row").filter(has_text="Trottoir cassé")
    by_sms = desk.get_by_role("row").filter(has_text="panneau STOP rue Pasteur")
    await expect(by_mail).to_contain_text("Amina Benali")
    await expect(by_sms).to_contain_text("Amina Benali")

    # Each shows the other among the citizen's further cases.
    sms_reference = await reference_in(by_sms)
    await by_mail.get_by_role("link").first.click()
    await expect(desk.get_by_role("link", name=sms_reference)).to_be_visible()


async def test_a_family_on_one_phone_is_left_to_the_agent(sandbox, sign_in):
    desk = await sign_in("sophie.renard")
    await sandbox.send_sms("louis-marchand", "Les arbres du square débordent sur la rue")
    row = desk.get_by_role("row").filter(has_text="arbres du square")
    await expect(row).to_be_visible()
    await row.get_by_role("link").first.click()
    await expect(desk.get_by_text("Louis Marchand").first).to_be_visible()
    await expect(desk.get_by_text("Jeanne Marchand").first).to_be_visible()


async def test_a_text_that_never_arrives_is_sent_by_mail_with_the_same_words(sandbox, sign_in):
    desk = await sign_in("karim.haddad")
    await sandbox.send_sms("amina-benali", "/nouvelle Le lampadaire du lavoir clignote")
    await sandbox.wait_for_sms("amina-benali")  # the receipt has left
    await desk.get_by_role("row").filter(has_text="lampadaire du lavoir").get_by_role("link").first.click()
    await sandbox.misbehave("twilio-undelivered")
    await answer_of(desk, "Il est réparé, lavoir compris.")
    await expect(desk.locator(".delivery-failed").last).to_be_visible()
    await desk.get_by_role("button", name="Envoyer par courriel").click()
    await desk.get_by_label("amina.benali@courriel.example").check()
    await desk.get_by_role("button", name="Envoyer la réponse").click()
    answer = await sandbox.wait_for_mail("amina-benali", containing="Il est réparé, lavoir compris.")
    assert "fait suite à votre message (SMS)" in answer.text
    await sandbox.send_mail("amina-benali", "Re: lavoir", "Merci, je l’ai eue par courriel.", reply_to=answer)
    await expect(desk.get_by_text("Merci, je l’ai eue par courriel.")).to_be_visible()
    await expect(desk.locator(".delivery-failed")).to_have_count(1)
