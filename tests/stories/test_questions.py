"""A town asks back by a form: answered once, from a telephone; passed on, replaced, left unanswered."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from playwright.async_api import Page, ViewportSize, expect

from guichet.law.calendar import paris_date
from guichet_local.stack import LocalStack
from guichet_testing.doors.delays_in_browser import DelaysInBrowser
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.town import Town, town_of
from guichet_testing.until import until

pytestmark = [
    *(pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)),
    pytest.mark.xdist_group("confirmed town"),  # before months pass there (test_renewed_link); here, days do
]

TELEPHONE: Final = ViewportSize(width=360, height=740)
PHOTO: Final = {"name": "trou.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0 a photo of a hole"}
WHO: Final = "amina-benali"


@pytest.fixture(scope="module")
def guichet(confirmed_guichet: LocalStack) -> LocalStack:
    return confirmed_guichet


@pytest.fixture
async def town(guichet: LocalStack) -> AsyncIterator[Town]:
    async with town_of(guichet) as town:
        await town.sandbox.reset()
        yield town


@pytest.fixture
def sandbox(town: Town) -> SandboxClient:
    return town.sandbox


async def opened_case(desk: Page, subject: str) -> DelaysInBrowser:
    await desk.get_by_role("row").filter(has_text=subject).get_by_role("link").first.press("Enter")
    reference = desk.locator(".case-head .reference")
    await expect(reference).to_be_visible()
    return DelaysInBrowser(desk, (await reference.inner_text()).strip())


async def ask(case: DelaysInBrowser, *labels: str, kind: str = "words", until_day: str = "") -> None:
    """Ask by a form, and send what then stands in the composer."""
    await case.open("question")
    for number, label in enumerate(labels, start=1):
        if number > 1:
            await case.desk.get_by_text(f"Question {number}", exact=True).click()
        await case.fill(**{f"label-{number}": label})
    await case.desk.locator(f"#kind-{len(labels)}").select_option(kind)
    if until_day:
        await case.fill(until=until_day)
    await case.press("Mettre dans la réponse")
    await expect(case.desk.locator("#pieces-demandees")).to_contain_text("porte un formulaire")
    await send(case)


async def send(case: DelaysInBrowser) -> None:
    if await case.desk.locator("#elsewhere").count():
        await case.desk.locator("#elsewhere").press("Space")
    await case.press("Envoyer la réponse")
    assert await case.says("Réponse prise en compte")


async def form_in(sandbox: SandboxClient, after: int, containing: str) -> tuple[int, str]:
    """Return the letter that asks, and where it leads."""
    letter = await sandbox.wait_for_mail(WHO, after=after, containing=containing)
    return letter.id, next(each for each in letter.links if "/question/" in each)


async def says(page: Page, link: str, words: str) -> bool:
    await page.goto(link)
    return words in (await page.locator("main").inner_text()).replace("\u00a0", " ")


async def test_asked_once_it_is_answered_from_a_telephone_and_whoever_comes_later_loses_no_word(
    sandbox, sign_in, new_page
):
    await sandbox.send_mail(WHO, "Un trou rue des Lilas", "Il y a un trou.", to=["voirie@mairie.example"])
    receipt = await sandbox.wait_for_mail(WHO)
    karim = await sign_in("karim.haddad")
    case = await opened_case(karim, "Un trou rue des Lilas")
    await ask(case, "Où est le trou ?", "Une photo, si vous pouvez", kind="files")
    _, link = await form_in(sandbox, receipt.id, "Où est le trou ?")

    # Two tabs on a telephone, and a neighbour to whom the link was passed on.
    phone, other_tab, neighbour = await new_page(), await new_page(), await new_page()
    for page in (phone, other_tab, neighbour):
        await page.set_viewport_size(TELEPHONE)
        if page is other_tab:  # by the page of the case
            await page.goto(next(each for each in receipt.links if "/suivi/" in each))
            await page.get_by_role("link", name="Répondre à la question").press("Enter")
        else:
            await page.goto(link)
        assert await page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
        assert "Amina" not in await page.content(), "it says who asks, not who is asked"
        await page.get_by_label("Où est le trou ?").fill(f"Devant le numéro {3 if page is phone else 5}.")
    await phone.get_by_label("Une photo").set_input_files(PHOTO)
    await phone.get_by_role("button", name="Envoyer ma réponse").press("Enter")
    await expect(phone.get_by_role("heading", name="Merci")).to_be_visible()
    await phone.go_back()
    await phone.reload()
    await expect(phone.get_by_role("heading", name="déjà reçu une réponse")).to_be_visible()
    for page in (other_tab, neighbour):
        await page.get_by_role("button", name="Envoyer ma réponse").press("Enter")
        await expect(page.get_by_role("heading", name="déjà reçu une réponse")).to_be_visible()
        await expect(page.get_by_label("Ce que vous avez écrit")).to_contain_text("Devant le numéro 5.")

    # It is one message of the case, whose next answer goes to Amina.
    await case.open()
    await expect(karim.get_by_text("Devant le numéro 3.")).to_be_visible()
    await expect(karim.get_by_text("Rien ne prouve qui a ouvert le lien")).to_have_count(1)
    await expect(karim.get_by_text("trou.jpg").first).to_be_visible()
    await case.fill(text="Merci, nous le rebouchons lundi.")
    await send(case)
    await sandbox.wait_for_mail(WHO, containing="nous le rebouchons lundi")


async def test_pieces_come_by_the_same_form_and_a_newer_question_takes_its_place(sandbox, sign_in, new_page):
    await sandbox.send_mail(WHO, "Une terrasse", "Je voudrais une terrasse de café.", to=["contact@mairie.example"])
    receipt = await sandbox.wait_for_mail(WHO)
    ines = await sign_in("ines.caron")
    case = await opened_case(ines, "Une terrasse")
    await case.open()
    await case.press("Confirmer : Terrasse ou autre occupation du domaine public")
    await sandbox.wait_for_mail(WHO, after=receipt.id, containing="réputée rejetée")
    await case.open("pieces")
    await case.press("Mettre dans la réponse")
    await send(case)
    asked, link = await form_in(sandbox, receipt.id, "Plan coté")

    page = await new_page()
    await page.goto(link)
    await expect(page.get_by_label("Plan coté")).to_be_visible()
    await page.get_by_label("Un mot au service").fill("Je dessine le plan ce soir.")
    await ask(case, "Combien de tables ?")
    _, newer = await form_in(sandbox, asked, "Combien de tables ?")
    await page.get_by_role("button", name="Envoyer ma réponse").press("Enter")
    await expect(page.get_by_role("heading", name="Cette question a été remplacée")).to_be_visible()
    await expect(page.get_by_label("Ce que vous avez écrit")).to_contain_text("Je dessine le plan ce soir.")
    assert newer not in await page.content()


async def test_left_unanswered_the_case_comes_back_to_its_agent(guichet, sandbox, sign_in, new_page):
    await sandbox.send_mail(WHO, "Un banc cassé", "Le banc est cassé.", to=["voirie@mairie.example"])
    receipt = await sandbox.wait_for_mail(WHO)
    karim = await sign_in("karim.haddad")
    case = await opened_case(karim, "Un banc cassé")
    tomorrow = paris_date(datetime.now(UTC) + timedelta(days=1))
    await ask(case, "Quel banc ?", until_day=tomorrow.isoformat())
    _, link = await form_in(sandbox, receipt.id, "Quel banc ?")
    await until(lambda: _sleeps(case), "the case waits")
    guichet.move_clock(timedelta(days=3))

    again = DelaysInBrowser(await sign_in("karim.haddad"), case.reference)
    await again.open()
    await until(lambda: _is_back(again), "the case is back")
    late = await new_page()
    assert await says(late, link, "Quel banc ?"), "late is better than never"


async def _sleeps(case: DelaysInBrowser) -> bool:
    await case.open()
    return "Cette demande revient le" in await case.desk.content()


async def _is_back(case: DelaysInBrowser) -> bool:
    return not await _sleeps(case)
