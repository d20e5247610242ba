"""Somebody writes or decides while an agent is about to: nothing is decided over what nobody has read."""

import re

import pytest
from playwright.async_api import Page, expect

REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
pytestmark = [pytest.mark.story, pytest.mark.real]


async def open_case(desk: Page, subject: str) -> None:
    row = desk.get_by_role("row").filter(has_text=subject)
    await row.get_by_role("link").first.click()
    await expect(desk.get_by_role("heading", name=subject)).to_be_visible()


async def test_a_message_that_comes_while_the_agent_writes_the_closing_is_not_closed_over(sandbox, sign_in):
    await sandbox.send_mail("amina-benali", "Trottoir affaissé rue Basse", "Bonjour, le trottoir s’affaisse au 4.")
    receipt = await sandbox.wait_for_mail("amina-benali")
    desk = await sign_in("karim.haddad")
    await open_case(desk, "Trottoir affaissé rue Basse")

    # Karim is about to close; Amina writes once more, somewhere below on his page.
    await desk.get_by_text("Clore la demande").click()
    more = "Attention, un enfant vient d’y tomber."
    await sandbox.send_mail("amina-benali", "Re: Trottoir", more, reply_to=receipt)
    await expect(desk.get_by_text(more)).to_be_visible()

    # He has not looked: his closing comes back, with what is new, and the case is still open.
    await desk.get_by_label("Clore quand même").check()
    await desk.get_by_role("button", name="Clore", exact=True).click()
    await expect(desk.locator(".notice-done, .notice-wrong")).to_be_visible()
    assert "prise en compte" not in await desk.locator("main").inner_text(), (
        "closed over a message that nobody has read"
    )
    refusal = desk.get_by_role("alert")
    await expect(refusal).to_contain_text("La demande n’a pas été close")
    await expect(refusal).to_be_focused()
    await expect(desk.locator(".case-head .state")).not_to_have_text("Close")
    await refusal.get_by_role("link", name="Message de l’usager").click()
    await expect(desk.locator("#nouveau-1")).to_contain_text(more)
    await expect(desk.locator("#nouveau-1")).to_be_focused()

    # Now that he has read it, what he decides is taken.
    await desk.get_by_text("Clore la demande").click()
    await desk.get_by_label("Clore quand même").check()
    await desk.get_by_role("button", name="Clore", exact=True).click()
    await expect(desk.get_by_text("Clôture prise en compte.")).to_be_visible()
    await expect(desk.locator(".case-head .state")).to_have_text("Close")


async def test_two_agents_who_answer_at_once_send_the_citizen_one_answer(sandbox, sign_in):
    await sandbox.send_mail("amina-benali", "Nid-de-poule place Haute", "Bonjour, un nid-de-poule devant le 3.")
    receipt = await sandbox.wait_for_mail("amina-benali")
    karim, helene = await sign_in("karim.haddad"), await sign_in("helene.vasseur")
    shared = await first_shared(karim, helene, "Nid-de-poule place Haute")
    words = "Nous passons\nvendredi, au plus tard."
    for desk, text in ((karim, "Nous passons demain."), (helene, words)):
        await desk.goto(shared)
        await desk.get_by_label("Réponse à l’usager").fill(text)
    await karim.get_by_role("button", name="Envoyer la réponse").click()
    await expect(karim.get_by_text("Réponse prise en compte")).to_be_visible()
    await helene.get_by_role("button", name="Envoyer la réponse").click()

    # Hers comes back as she wrote it, also when she loads the page again; his is there to be read.
    await expect(helene.get_by_role("alert")).to_contain_text("La réponse n’est pas partie")
    await expect(helene.get_by_role("alert").get_by_role("link")).to_contain_text("Réponse de Karim Haddad")
    await expect(helene.get_by_label("Réponse à l’usager")).to_have_value(words)
    await helene.reload()
    await expect(helene.get_by_label("Réponse à l’usager")).to_have_value(words)
    await sandbox.wait_for_mail("amina-benali", after=receipt.id, containing="Nous passons demain")
    received = [each for each in await sandbox.entries("amina-benali") if each.direction == "received"]
    assert not [each for each in received if "vendredi" in each.text]

    # She reads it, and what she has to add goes.
    await helene.get_by_label("Réponse à l’usager").fill("En complément : passage entre 8 h et 10 h.")
    await helene.get_by_role("button", name="Envoyer la réponse").click()
    await sandbox.wait_for_mail("amina-benali", after=receipt.id, containing="entre 8 h et 10 h")


async def first_shared(one: Page, other: Page, subject: str) -> str:
    """Return the address of a case that both agents see."""
    await open_case(one, subject)
    address = one.url.partition("?")[0]
    answer = await other.goto(address)
    assert answer is not None
    assert answer.ok, "these two agents share no department"
    return address
