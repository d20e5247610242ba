"""The portal in a real browser: written by keyboard, clean for axe, no page wider than a phone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from guichet.store.follow_views.document import GenericState, Hidden
from guichet_testing.doors.portal_on_twins import Counter
from guichet_testing.real.pages import address_of, assert_clean_at, served, weight_of

SIZES = {"desk": (1280, 860), "phone": (360, 740), "zoomed": (640, 430)}  # zoomed: 1280 pixels at 200 %
LIGHT = 40_000  # bytes of a first view: a telephone on a slow line


@pytest.fixture
async def address(counter: Counter) -> AsyncIterator[str]:
    async with served(counter.web()) as server:
        yield address_of(server)


async def test_a_message_is_written_by_keyboard_without_any_script(chromium: Browser, address: str, counter: Counter):
    context = await chromium.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/")
    await page.locator("#name").focus()
    for words in ("Jeanne Moreau", "jeanne@courriel.example", "", "Lampadaire", "Il clignote."):
        await page.keyboard.type(words)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")  # past the files; the trap is not on the way
    await expect(page.get_by_role("link", name="En savoir plus")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("votre message est enregistré")
    assert len(counter.received) == 1


async def test_mistakes_take_the_focus_and_lead_to_their_fields(chromium: Browser, address: str):
    page = await chromium.new_page(base_url=address)
    await page.goto("/")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("alert").get_by_role("link", name="Écrivez votre message.").click()
    await expect(page.locator("#message")).to_be_focused()


async def test_every_page_is_accessible_and_fits(chromium: Browser, address: str, counter: Counter):
    width, height = SIZES["phone"]
    context = await chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        bypass_csp=True,  # axe comes from outside
    )
    page = await context.new_page()
    token = await counter.follow_case(
        "Bonjour Madame,\n\nLe trou est rebouché depuis ce matin.\n\nService voirie",
        state=GenericState.WAITING_FOR_CITIZEN,
    )
    ended = await counter.follow_case("Réponse.", "Fin.", expires_at=counter.clock())
    discreet = await counter.follow_case(Hidden.SENSITIVE, state=GenericState.CLOSED)
    pages = {
        "form": "/", "thanks": "/merci", "follow": f"/suivi/{token}", "ended": f"/suivi/{ended}",
        "discreet": f"/suivi/{discreet}", "privacy": "/confidentialite",
        "accessibility": "/accessibilite", "english": "/?langue=en", "nothing": "/suivi/x?langue=fr",
    }  # fmt: skip
    for name, path in pages.items():
        await page.goto(path)
        await assert_clean_at(page, f"portal-{name}", SIZES)
    for path in ("/", f"/suivi/{token}"):
        assert sum((weight := await weight_of(page, path)).values()) <= LIGHT, weight
    await page.goto(f"/suivi/{ended}")
    await page.get_by_role("button", name="Recevoir un nouveau lien").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await assert_clean_at(page, "portal-asked", SIZES)
    await page.goto("/")
    await page.locator("#name").fill("Jeanne Moreau")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await assert_clean_at(page, "portal-errors", SIZES)
