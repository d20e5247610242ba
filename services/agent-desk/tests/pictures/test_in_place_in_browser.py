"""A picture opens over the case and closes again, by keyboard; its own page is the same without scripts."""

import io

from PIL import Image, ImageDraw
from playwright.async_api import expect

from guichet.contracts.inbound_content import InboundContent, Location
from guichet.town.town_map import load_town_map
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.real.pages import assert_clean, assert_clean_at


def photograph() -> bytes:
    made, image = io.BytesIO(), Image.new("RGB", (1200, 900), (206, 214, 210))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 520, 1200, 900), fill=(120, 124, 120))
    draw.ellipse((420, 600, 760, 760), fill=(52, 50, 48))
    image.save(made, "JPEG")
    return made.getvalue()


def plan() -> bytes:
    made, sheets = io.BytesIO(), [Image.new("L", (620, 877), 250) for _ in range(3)]
    for number, sheet in enumerate(sheets, start=1):
        ImageDraw.Draw(sheet).rectangle((80, 80, 540, 140 * number), outline=60, width=4)
    sheets[0].save(made, "PDF", save_all=True, append_images=sheets[1:])
    return made.getvalue()


async def test_a_picture_opens_over_the_case_and_escape_leads_back(chromium, hall):
    files = {f"trou-{number}.jpg": photograph() for number in (1, 2, 3)} | {"plan du quartier.pdf": plan()}
    case = await hall.open_case("album", subject="Nid-de-poule", text="Voici des photos et un plan.", files=files)
    hall.town_map = load_town_map(EXAMPLE_TOWN)
    here = InboundContent(sender=(), text="", location=Location(latitude=47.64, longitude=-0.92))
    await hall.receive(case, here, message_id="m" * 32, at=case.received_at)
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await page.goto(f"/demandes/{case.reference}")
        await expect(page.get_by_role("img", name="Plan autour de la position envoyée")).to_be_visible()
        thumbs, dialog = page.locator(".thumb"), page.locator("#loupe")
        await expect(thumbs).to_have_count(3)
        await page.wait_for_function(
            "[...document.querySelectorAll('.thumb img')].every(each => each.naturalWidth > 0)"
        )
        await assert_clean_at(page, "case-with-pictures-and-a-map", SIZES)
        await thumbs.first.focus()
        await page.keyboard.press("Enter")
        await expect(dialog.locator(".picture-large")).to_have_js_property("complete", True)
        await expect(dialog.get_by_role("heading")).to_have_text("trou-1.jpg")
        await assert_clean_at(page, "picture-over-case", SIZES)
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(thumbs.first).to_be_focused()
        await page.get_by_role("link", name="Voir ici").press("Enter")
        await expect(dialog).to_contain_text("Page 1 sur 3")
        await page.keyboard.press("ArrowRight")
        await expect(dialog).to_contain_text("Page 2 sur 3")
        await page.keyboard.press("Escape")
        await page.goto(f"/demandes/{case.reference}/fichiers/{case.opened_by}/4/vue")
        await assert_clean(page, "document-page")
