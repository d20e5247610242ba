"""A citizen writes far too much: an agent stops the receipts and says so, once; later they come again."""

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.story, pytest.mark.real]
WHO = "thomas-lefevre"


async def test_thomas_is_told_once_that_his_messages_are_abusive_and_is_heard_all_the_same(sandbox, sign_in):
    desk = await sign_in("claire.dumas")

    async def look_at(subject):
        """Open the case of a mail that has just been sent."""
        await desk.goto(desk.url.split("/demandes")[0] + "/demandes")
        row = desk.get_by_role("row").filter(has_text=subject)
        await expect(row).to_be_visible()
        await row.get_by_role("link").first.click()
        await expect(desk.locator("main.case")).to_be_visible()  # its words stand in its row, too
        return row

    await sandbox.send_mail(WHO, "Trentième message du jour", "Répondez-moi !")
    receipt = await sandbox.wait_for_mail(WHO)

    # The agent, by keyboard, gives ground and reason.
    await look_at("Trentième message du jour")
    question = desk.locator("summary", has_text="Envois abusifs")
    await question.focus()
    await desk.keyboard.press("Enter")
    await desk.get_by_label("leur nombre").focus()
    await desk.keyboard.press("Space")
    await desk.get_by_label("Faits et dates").fill("Trente messages par jour depuis lundi.")
    await desk.get_by_role("button", name="Déclarer ces envois abusifs").press("Enter")
    await expect(desk.get_by_text("Déclaration prise en compte")).to_be_visible()
    await expect(desk.get_by_text("a déclaré abusifs les envois de l’expéditeur, pour leur nombre")).to_be_visible()

    # He is told: what, why in the law's words, until when, how to contest it. Not the agent's words.
    notice = await sandbox.wait_for_mail(WHO, after=receipt.id)
    for said in ("L112-11", "leur nombre", "Défenseur des droits", "tribunal administratif", "In English"):
        assert said in notice.text, said
    assert "depuis lundi" not in notice.text
    assert notice.header("Auto-Submitted") == "auto-replied"

    # His next message is a case as ever, without a receipt, and says so.
    await sandbox.send_mail(WHO, "Toujours sans réponse", "Je recommence.")
    row = await look_at("Toujours sans réponse")
    await expect(desk.get_by_text("accusé non envoyé : envois déclarés abusifs le")).to_be_visible()
    await expect(desk.locator(".notice", has_text="Aucun accusé")).to_contain_text("Trente messages par jour")
    await desk.go_back()
    await expect(row).to_contain_text("abus déclaré")
    await expect(row).to_contain_text("Thomas Lefèvre")

    # He contests by answering; his answer joins the case on which it was decided.
    await sandbox.send_mail(WHO, "Re: décision", "Je conteste : c’est dangereux.", reply_to=notice)
    await look_at("Trentième message du jour")
    await expect(desk.get_by_text("Je conteste : c’est dangereux.")).to_be_visible()

    # The agent takes it back, and receipts come again.
    await desk.reload()
    await desk.locator("summary", has_text="Envois abusifs").click()
    await desk.get_by_role("button", name="Rétablir les accusés").click()
    await expect(desk.get_by_text("a rétabli les accusés de l’expéditeur")).to_be_visible()
    await sandbox.send_mail(WHO, "Merci", "Bonne journée.")
    last = await sandbox.wait_for_mail(WHO, after=notice.id)
    assert "enregistrée" in last.subject
    received = [each.id for each in await sandbox.entries(WHO) if each.direction == "received"]
    assert received == [receipt.id, notice.id, last.id], "one receipt, one notice, and the receipt of after"
