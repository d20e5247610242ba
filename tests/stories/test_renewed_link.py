"""A link that has ended is renewed by whoever holds it, and goes to the citizen alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import expect

from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S

pytestmark = [
    pytest.mark.story,
    pytest.mark.real,
    pytest.mark.xdist_group("confirmed town"),  # the last there: in it, months pass
]


@pytest.fixture(scope="module")
def guichet(confirmed_guichet: LocalStack) -> LocalStack:
    return confirmed_guichet


@pytest.fixture
async def sandbox(guichet: LocalStack) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(guichet.addresses["citizen-sandbox"]) as client:
        await client.reset()
        yield client


async def test_amina_renews_her_link_and_the_neighbour_who_wrote_last_gets_none(guichet, sandbox, sign_in, new_page):
    await sandbox.send_mail(
        "amina-benali",
        "Un banc cassé",
        "Le banc du square est cassé.",
        to=["voirie@mairie.example", "thomas.lefevre@courriel.example"],
    )
    receipt = await sandbox.wait_for_mail("amina-benali")
    link = next(each for each in receipt.links if "/suivi/" in each)
    # Her neighbour, to whom she wrote as well, answers: his mail is the case's last.
    await sandbox.send_mail("thomas-lefevre", "Re: votre demande", "Je l’ai vu aussi.", reply_to=receipt)

    desk = await sign_in("karim.haddad")
    await desk.get_by_role("row").filter(has_text="Un banc cassé").get_by_role("link").first.click()
    await expect(desk.get_by_text("Je l’ai vu aussi.")).to_be_visible()
    await desk.get_by_text("Clore la demande").click()
    await desk.get_by_label("Clore quand même").check()
    await desk.get_by_role("button", name="Clore", exact=True).click()
    await expect(desk.locator(".case-head .state")).to_have_text("Close")
    guichet.move_clock(the_example_town().follow_links_last + timedelta(minutes=1))

    page = await new_page()
    async with asyncio.timeout(PATIENCE_S):
        while (await page.goto(link)).status != 410:  # noqa: ASYNC110 (the page has no event)
            await asyncio.sleep(0.2)
    await expect(page.get_by_role("heading", name="Ce lien n’est plus actif")).to_be_visible()
    await page.get_by_role("button", name="Recevoir un nouveau lien").click()
    await expect(page.get_by_role("heading", name="Nouveau lien demandé")).to_be_visible()

    # In those months she was owed an acknowledgement as well: it may come before, with the link of then.
    letter = await sandbox.wait_for_mail("amina-benali", after=receipt.id, containing="nouveau lien")
    fresh = next(each for each in letter.links if "/suivi/" in each)
    assert fresh != link
    assert (await page.goto(fresh)).status == 200
    await expect(page.get_by_text("Close").first).to_be_visible()
    assert (await page.goto(link)).status == 404, "the former link leads nowhere"
    thomas = [each for each in await sandbox.entries("thomas-lefevre") if each.direction == "received"]
    assert not [each for each in thomas if "/suivi/" in each.text]
