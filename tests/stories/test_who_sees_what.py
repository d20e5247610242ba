"""Who sees what of a town's cases, while the real router opens and moves them."""

import re
from datetime import UTC, datetime
from typing import Final

import pytest
from playwright.async_api import Page, expect

from guichet.law.calendar import paris_date
from guichet_testing.doors.desk_lines import assert_is_not_there, assert_says_only, look_up, synthesis_lines
from guichet_testing.until import as_busy

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)]

REFERENCE: Final = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
STREETS: Final = "Signalement de voirie ou d’éclairage"
GONE_WITHIN_S: Final = 2.0
NOTE_WHEN_GONE: Final = """shown => {
  const look = () => { if (!document.querySelector(shown)) window.goneAt ??= Date.now() };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


async def take_down(page: Page, way: str, name: str, address: str, procedure: str, subject: str, text: str) -> None:
    await page.get_by_role("link", name="Saisir", exact=True).click()
    await page.locator("#way").select_option(way)
    await page.locator("#name").fill(name)
    await page.locator("#address").fill(address)
    await page.locator("#procedure").select_option(procedure)
    await page.locator("#subject").fill(subject)
    await page.locator("#text").fill(text)
    await page.get_by_role("button", name="Enregistrer la demande").click()


def today() -> str:
    return paris_date(datetime.now(UTC)).strftime("%d/%m/%Y")


def in_synthesis(state: str = "Reçue") -> tuple[str, ...]:
    return synthesis_lines(STREETS, state, today(), "Voirie et éclairage public")


async def test_nadia_recognises_a_caller_tells_the_synthesis_and_takes_down_a_call(sandbox, sign_in, file_by_mail):
    street = await file_by_mail("amina-benali", "Trottoir cassé rue Haute", "Le trottoir est cassé devant le 3.")
    social = await file_by_mail("amina-benali", "Aide alimentaire", "Nous n’y arrivons plus.", "ccas@mairie.example")
    nadia, name = await sign_in("nadia.belkacem"), "Nadia Belkacem"
    nothing = nadia.locator(".empty")
    await expect(nothing).to_contain_text("Demandez sa référence à l’appelant")
    await assert_says_only(nadia, name, *(await nothing.inner_text()).splitlines())

    # A neighbour knows the reference; Amina knows who she is.
    await look_up(nadia, street.replace("-", "").lower())
    await expect(nadia.locator("h1")).to_have_text("Reconnaître l’appelant")
    await nadia.wait_for_load_state()
    asked = (await nadia.locator("form.card").inner_text()).splitlines()
    await assert_says_only(nadia, name, street, "Reconnaître l’appelant", *asked)
    await nadia.locator("#fact").fill("Jeanne Marchand")
    await nadia.get_by_role("button", name="Vérifier").click()
    await expect(nadia.get_by_role("alert")).to_contain_text("Cela ne correspond pas")
    await nadia.locator("#fact").fill("amina benali")
    await nadia.get_by_role("button", name="Vérifier").click()
    await expect(nadia.locator("h1")).to_have_text(STREETS)
    await assert_says_only(nadia, name, street, *in_synthesis())
    await assert_is_not_there(nadia, social)

    # Somebody calls who has no case yet.
    said = ("Irène Kessler", "irene.kessler@ailleurs.example", "signalement-proprete")
    await take_down(nadia, "phone", *said, "Dépôt rue des Forges", "Des cartons devant le 4, depuis lundi.")
    told = nadia.get_by_role("status")
    await expect(told).to_contain_text("Donnez-la à la personne")
    call = REFERENCE.search(await told.inner_text())[0]

    sophie = await sign_in("sophie.renard")
    await expect(sophie.locator(f"#r-{call}")).to_contain_text("Dépôt rue des Forges")
    await sophie.locator(f"#a-{call}").click()
    case = sophie.locator("#vivant")
    for each in ("Irène Kessler", "Des cartons devant le 4", "Saisi par Nadia Belkacem", "aucun n’est dû"):
        await expect(case).to_contain_text(each)
    assert await sandbox.entries(address="irene.kessler@ailleurs.example") == []


async def test_yves_takes_down_a_residents_word_and_she_gets_her_answer(sandbox, sign_in, file_by_mail):
    street = await file_by_mail("amina-benali", "Lampadaire éteint rue Basse", "Il ne s’allume plus depuis mardi.")
    yves, rose = await sign_in("yves.kermarrec"), "rose.petit@ailleurs.example"
    said = ("Rose Petit", rose, "signalement-proprete")
    await take_down(yves, "counter", *said, "Poubelle du marché", "Elle demande quand elle sera vidée.")
    await expect(yves.locator("h1")).to_have_text("Poubelle du marché")
    for each in ("Rose Petit", "Elle demande quand elle sera vidée."):
        await expect(yves.locator("#vivant")).to_contain_text(each)
    await yves.wait_for_load_state()
    decisions = yves.locator("main form:not([action$='/non-lue'])")
    assert await decisions.count() == 0, "a member reads, and decides nothing"
    word = await yves.locator(".case-head .reference").inner_text()

    # His delegation beside it: in synthesis alone.
    listed = await yves.context.new_page()
    await listed.goto(yves.url.rsplit("/", 1)[0])
    await expect(listed.locator(f"#r-{word}")).to_contain_text("Poubelle du marché")
    row = listed.locator(f"#r-{street}")
    await expect(row).to_contain_text(STREETS)
    assert not [mark for mark in ("Amina", "Lampadaire", "Courriel") if mark in await row.inner_text()]
    await look_up(listed, street)
    await assert_says_only(listed, "Yves Kermarrec", street, *in_synthesis())

    sophie = await sign_in("sophie.renard")
    await sophie.locator(f"#a-{word}").click()
    await sophie.get_by_label("Réponse à l’usager").fill("Elle est vidée chaque matin dès demain.")
    await sophie.get_by_role("button", name="Envoyer la réponse").click()
    await sandbox.wait_for_mail(address=rose, containing="chaque matin dès demain")
    await expect(yves.locator("#vivant")).to_contain_text("chaque matin dès demain")  # by itself
    assert len(await sandbox.entries(address=rose)) == 1, "no receipt is owed"

    maud = await sign_in("maud.tessier")
    await expect(maud.locator(f"#r-{word}")).to_contain_text("Poubelle du marché")
    await assert_is_not_there(maud, street)


async def test_r14_a_case_that_the_router_moves_to_social_aid_is_gone_from_every_open_page_in_two_seconds(
    sign_in, file_by_mail, store
):
    moved = await file_by_mail("thomas-lefevre", "Trou devant chez moi", "Un trou, et je n’ai plus de quoi manger.")
    pages = []
    for name in ("karim.haddad", "yves.kermarrec"):
        rows = await sign_in(name)
        await expect(rows.locator(f"#r-{moved}")).to_be_visible()
        case = await rows.context.new_page()
        await case.goto(f"{rows.url}/{moved}")
        pages += [(rows, f"#r-{moved}"), (case, "#vivant .case-head")]
    nadia = await sign_in("nadia.belkacem")
    await look_up(nadia, moved)
    await nadia.locator("#fact").fill("Thomas Lefèvre")
    await nadia.get_by_role("button", name="Vérifier").click()
    pages.append((nadia, "#vivant .case-head"))
    for page, shown in pages:
        await expect(page.locator(shown)).to_be_visible()
        await page.evaluate(NOTE_WHEN_GONE, shown)
    counted = [int(await page.locator("#n-received").inner_text()) for page in (pages[0][0], pages[2][0])]

    helene = await sign_in("helene.vasseur")
    await helene.locator(f"#a-{moved}").click()
    await helene.get_by_text("Transmettre à un autre service").click()
    await helene.get_by_label("Service", exact=True).select_option("ccas")
    await helene.get_by_label("Motif").fill("Demande une aide")
    await helene.get_by_role("button", name="Transmettre", exact=True).click()
    await expect(helene.get_by_text("Transmission prise en compte")).to_be_visible()

    for page, shown in pages:
        await expect(page.locator(shown)).to_have_count(0)
    case_id = store["cases"].find_one({"reference": moved})["_id"]
    decided = store["case_history"].find_one({"type": "CaseRerouted", "case_id": case_id})["at"]
    took = [await page.evaluate("window.goneAt") / 1000 - decided.timestamp() for page, _ in pages]
    assert max(took) < as_busy(GONE_WITHIN_S), took
    for (page, _), before in zip((pages[0], pages[2]), counted, strict=True):
        await expect(page.locator("#n-received")).to_have_text(str(before - 1))
    for page in (pages[0][0], pages[2][0], nadia):
        await assert_is_not_there(page, moved)
