"""Two agents share the work: one takes a case, hands it over with a word, notes, puts it off; the citizen brings it back."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.story, pytest.mark.real]

SUBJECT = "Nid-de-poule square Haut"
NOTE = "L’enrobé arrive jeudi au dépôt."


def row_of(desk: Page):
    return desk.get_by_role("row").filter(has_text=SUBJECT)


async def look_at(desk: Page, view: str) -> None:
    await desk.goto(f"{desk.url.partition('/demandes')[0]}/demandes?vue={view}")


async def test_a_case_goes_from_hand_to_hand_and_comes_back_when_the_citizen_writes(sandbox, sign_in):
    await sandbox.send_mail("amina-benali", SUBJECT, "Bonjour, un nid-de-poule devant le square.")
    receipt = await sandbox.wait_for_mail("amina-benali")
    karim, helene = await sign_in("karim.haddad"), await sign_in("helene.vasseur")
    await expect(row_of(helene)).to_be_visible()

    # Karim takes it: his list says so, and Hélène's open list by itself.
    await row_of(karim).get_by_role("link").first.click()
    await karim.get_by_role("button", name="Prendre").click()
    await expect(karim.get_by_text("Attribution prise en compte.")).to_be_visible()
    await expect(row_of(helene)).to_contain_text("Karim Haddad")
    await expect(karim.locator(".case-head")).to_contain_text("Attribuée à vous")

    # He hands it over with a word, and she finds it under « Les miennes ».
    await karim.locator("summary", has_text="Attribuer à un collègue").click()
    await karim.get_by_label("Collègue", exact=True).select_option(label="Hélène Vasseur")
    await karim.get_by_label("Un mot pour la suite").fill("Tu connais le fournisseur.")
    await karim.get_by_role("button", name="Attribuer", exact=True).click()
    await expect(karim.get_by_text("Karim Haddad a attribué la demande à Hélène Vasseur")).to_be_visible()
    await helene.get_by_role("link", name="Les miennes").click()
    await helene.wait_for_url("**vue=miennes*")
    await row_of(helene).get_by_role("link").first.click()
    await expect(helene.locator(".story")).to_contain_text("Tu connais le fournisseur.")

    # She leaves a note for him, of which his open page is told, and puts it off: it waits for its day, and for no answer.
    await helene.wait_for_load_state()  # the case then stands where its reader begins, and moves no more
    await helene.locator("label[for=mode-note]").click()
    await helene.get_by_label("Pour vos collègues").fill(f"{NOTE} @karim.haddad")
    await helene.get_by_role("button", name="Ajouter la note").click()
    await expect(helene.locator(".moment-note")).to_contain_text(f"{NOTE} @Karim Haddad")
    await expect(karim.locator("#pour-moi .badge")).to_contain_text("1")
    await helene.locator(".side summary", has_text="Mettre en attente").click()
    await helene.get_by_label("Elle revient le").fill(f"{datetime.now(UTC) + timedelta(days=10):%Y-%m-%d}")
    await helene.get_by_role("button", name="Mettre en attente", exact=True).click()
    await expect(helene.locator(".case-head")).to_contain_text("Revient le")
    await look_at(karim, "a-repondre")
    await expect(row_of(karim)).to_have_count(0)
    await look_at(karim, "en-attente")
    await expect(row_of(karim)).to_contain_text("Hélène Vasseur")

    # Amina writes: it is back at once. Nothing of what the agents told each other reached her.
    await sandbox.send_mail("amina-benali", "Re: Nid-de-poule", "Le trou est maintenant dangereux.", reply_to=receipt)
    await expect(row_of(karim)).to_have_count(0)
    await look_at(karim, "a-repondre")
    await expect(row_of(karim)).to_contain_text("nouveau message")
    assert not [entry for entry in await sandbox.entries("amina-benali") if NOTE in entry.text]
