"""A citizen writes by the town's form and follows the link that comes back by mail."""

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.story, pytest.mark.real]


async def test_thomas_uses_the_form_and_follows_his_case(sandbox, sign_in, new_page, guichet):
    desk = await sign_in("julien.petit")
    page = await new_page()
    await page.goto(guichet.addresses["citizen-portal"])
    await page.get_by_label("Nom et prénom").fill("Thomas Lefèvre")
    await page.get_by_label("Adresse électronique").fill("thomas.lefevre@courriel.example")
    await page.get_by_label("Objet").fill("Location de la salle des fêtes")
    await page.get_by_label("Message", exact=True).fill("Est-elle libre le 14 juillet ?")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("heading", name="Merci")).to_be_visible()

    row = desk.get_by_role("row").filter(has_text="Location de la salle des fêtes")
    await expect(row).to_contain_text("Portail")  # who wrote is told once an agent has confirmed him at this address
    receipt = await sandbox.wait_for_mail("thomas-lefevre")
    follow = next(link for link in receipt.links if "/suivi/" in link)
    assert (await page.goto(follow)).status == 200
    await expect(page.get_by_text("Reçue", exact=True)).to_be_visible()
    assert "14 juillet" not in await page.content()
    assert (await page.goto(follow[:-6] + "AAAAAA")).status == 404


async def test_nobody_is_thanked_while_the_broker_is_away_and_nothing_typed_is_lost(new_page, guichet, sandbox):
    page = await new_page()
    await page.goto(guichet.addresses["citizen-portal"])
    guichet.stop("kafka")
    try:
        await page.get_by_label("Nom et prénom").fill("Amina Benali")
        await page.get_by_label("Adresse électronique").fill("amina.benali@courriel.example")
        await page.get_by_label("Objet").fill("Cantine")
        await page.get_by_label("Message", exact=True).fill("Menu sans arachide ?")
        await page.get_by_role("button", name="Envoyer").click()
        await expect(page.get_by_text("Votre message n’est pas encore envoyé")).to_be_visible()
        await expect(page.get_by_label("Message", exact=True)).to_have_value("Menu sans arachide ?")
    finally:
        guichet.start("kafka")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    receipt = await sandbox.wait_for_mail("amina-benali", 60)
    assert receipt.header("Auto-Submitted") == "auto-replied"
