"""A citizen writes a mail, an agent answers, the citizen looks and writes again."""

import re

import pytest
from playwright.async_api import expect

from citizen_sandbox.play.entry import Attachment
from guichet_mail.tile.results import Proof

REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
pytestmark = [pytest.mark.story, pytest.mark.real]


async def test_amina_reports_a_pothole_by_mail_and_follows_it_to_the_answer(sandbox, sign_in, new_page):
    desk = await sign_in("karim.haddad")

    photo = Attachment(name="nid-de-poule.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n photo")
    sent = await sandbox.send_mail(
        "amina-benali", "Nid-de-poule rue des Tilleuls", "Bonjour, un nid-de-poule devant le 12.", files=[photo]
    )
    assert sent.state == "accepted"

    # It appears live, under the right citizen, without anyone reloading the page.
    row = desk.get_by_role("row").filter(has_text="Nid-de-poule rue des Tilleuls")
    await expect(row).to_be_visible()
    await expect(row).to_contain_text("Amina Benali")

    # The receipt carries the reference and a link to follow the case.
    receipt = await sandbox.wait_for_mail("amina-benali")
    reference = REFERENCE.search(receipt.text)[0]
    assert receipt.header("Auto-Submitted") == "auto-replied"
    follow_link = next(link for link in receipt.links if "/suivi/" in link)
    assert any("/confidentialite" in link for link in receipt.links)

    # The agent reads the mail and its attachment, and answers.
    await row.get_by_role("link").click()
    await expect(desk.get_by_text("un nid-de-poule devant le 12")).to_be_visible()
    await desk.get_by_role("link", name="nid-de-poule.png").click()
    async with desk.expect_download() as download:
        await desk.get_by_role("link", name="Télécharger l’original").click()
    assert (await (await download.value).path()).read_bytes() == photo.content
    await desk.get_by_role("link", name="Revenir à la demande").click()
    await desk.get_by_label("Réponse à l’usager").fill("Nos agents passent mardi.")
    await desk.get_by_role("button", name="Envoyer la réponse").click()
    answer = await sandbox.wait_for_mail("amina-benali", after=receipt.id, containing="Nos agents passent mardi")
    await expect(desk.locator(".delivery-sent, .delivery-delivered").last).to_be_visible()

    # The citizen sees where it stands, and nothing but that.
    page = await new_page()
    await page.goto(follow_link)
    await expect(page.get_by_text(reference).first).to_be_visible()
    await expect(page.get_by_text("Nos agents passent mardi.")).to_be_visible()
    assert "un nid-de-poule devant le 12" not in await page.content()
    assert "Amina" not in await page.content()

    # Her answer joins the same case, live; a new subject opens another.
    await sandbox.send_mail("amina-benali", "Re: Nid-de-poule", "Merci beaucoup !", reply_to=answer)
    await expect(desk.get_by_text("Merci beaucoup !")).to_be_visible()
    await sandbox.send_mail("amina-benali", "Lampadaire éteint", "Le lampadaire du 14 est éteint.")
    second = await sandbox.wait_for_mail("amina-benali", after=answer.id)
    assert REFERENCE.search(second.text)[0] != reference


async def test_an_answer_to_the_receipt_joins_the_case_and_gets_no_second_receipt(sandbox, sign_in):
    await sandbox.send_mail("jeanne-marchand", "Acte de naissance", "Je voudrais un acte de naissance.")
    receipt = await sandbox.wait_for_mail("jeanne-marchand")
    await sandbox.send_mail(
        "jeanne-marchand", "Re: votre demande", "J’oubliais : en deux exemplaires.", reply_to=receipt
    )

    desk = await sign_in("paul.mercier")
    await desk.get_by_role("row").filter(has_text="Acte de naissance").get_by_role("link").first.click()
    await expect(desk.get_by_text("en deux exemplaires")).to_be_visible()
    received = [each for each in await sandbox.entries("jeanne-marchand") if each.direction == "received"]
    assert [each.id for each in received] == [receipt.id]


async def test_a_forged_mail_shows_nothing_of_thomas_until_an_agent_has_called_him(sandbox, sign_in):
    real, look_alike = "thomas.lefevre@courriel.example", "thomas.lefevre@courrie1.example"
    await sandbox.send_mail("thomas-lefevre", "Haie trop haute", "La haie du parc dépasse sur le trottoir.")
    await sandbox.wait_for_mail("thomas-lefevre")
    await sandbox.send_mail(
        sender=real,
        to=["contact@mairie.example"],
        subject="Carte perdue du conservatoire",
        text="Où en est mon dossier ?",
        headers={"Reply-To": look_alike},
        proof=Proof.NONE,
    )

    desk = await sign_in("claire.dumas")
    row = desk.get_by_role("row").filter(has_text="Carte perdue du conservatoire")
    await expect(row).to_contain_text("Identité non vérifiée")
    await row.get_by_role("link").first.click()
    await expect(desk.get_by_text("Ce que le registre sait de l’usager reste masqué")).to_be_visible()
    await desk.wait_for_load_state()
    assert "Lefèvre" not in await desk.content()

    # An answer would go to the look-alike: without the tick it does not leave, and the words stay.
    await desk.get_by_label("Réponse à l’usager").fill("Votre dossier est ici.")
    await desk.get_by_role("button", name="Envoyer la réponse").click()
    assert look_alike in await desk.locator(".goes-to").inner_text()
    assert await desk.get_by_label("J’envoie la réponse à cette adresse").evaluate("box => box.validity.valueMissing")

    # She calls him, he did write: from now on this address is his, but the look-alike is still asked about.
    await desk.get_by_label("J’ai vérifié autrement").check()
    await desk.get_by_role("button", name="Confirmer l’identité").click()
    await expect(desk.get_by_text("Confirmation prise en compte")).to_be_visible()
    await expect(desk.get_by_text("a confirmé l’identité de l’usager")).to_be_visible()
    await desk.reload()
    await expect(desk.locator("section", has=desk.locator("#titre-usager"))).to_contain_text("Lefèvre")
    await expect(desk.get_by_label("J’envoie la réponse à cette adresse")).to_be_visible()


async def test_a_machine_s_mail_becomes_a_case_without_a_receipt_and_the_agent_sees_why(sandbox, sign_in):
    await sandbox.send_mail(
        sender="robot@fournisseur.example",
        to=["contact@mairie.example"],
        subject="Facture disponible",
        text="Votre facture est disponible.",
        headers={"Auto-Submitted": "auto-generated"},
    )
    desk = await sign_in("claire.dumas")
    row = desk.get_by_role("row").filter(has_text="Facture disponible")
    await expect(row).to_be_visible()
    await row.get_by_role("link").first.click()
    await expect(desk.get_by_text("Aucun accusé de réception n’a été envoyé")).to_be_visible()
    assert not [
        each for each in await sandbox.entries(address="robot@fournisseur.example") if each.direction == "received"
    ]
