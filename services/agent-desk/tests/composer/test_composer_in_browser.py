"""The composer in a real browser: what is typed is kept by itself, and an answer is taken back, or leaves."""

import re
from datetime import timedelta

from playwright.async_api import Browser, expect

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import SendReply
from guichet.contracts.delivery import Purpose
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.vault.fields import open_one
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.desk_in_browser import SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail, phone
from guichet_testing.real.pages import assert_clean_at

UNDO = timedelta(seconds=10)
TEXT = "Nous passons mardi."


async def test_an_answer_is_kept_as_it_is_typed_taken_back_and_leaves(chromium: Browser):
    """What is typed elsewhere meanwhile stays."""
    hall = TownHall(undo=UNDO, town=profiled_town())
    lamp = await hall.open_case("lamp", subject="Lampadaire éteint")
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page:
        await page.goto(f"/demandes/{lamp.reference}")
        await expect(page.locator(".moment-said").last).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("button", name="Envoyer la réponse")).to_be_in_viewport(ratio=1)
        async with page.expect_response(lambda each: "mardi." in (each.request.post_data or "")):  # once one pauses
            await page.locator("#text").press_sequentially(TEXT)
        await expect(page.locator("#brouillon")).to_contain_text("Brouillon gardé")
        await page.reload()
        await expect(page.locator("#text")).to_have_value(TEXT)
        async with page.expect_response("**/pieces-jointes"):
            await page.get_by_label("Joindre des fichiers").set_input_files(
                [
                    {"name": "arrêté de circulation.pdf", "mimeType": "application/pdf", "buffer": b"%PDF the order"},
                    {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>"},
                ]
            )
        attached = page.locator("#pieces-jointes")
        await expect(attached).to_contain_text("« page.html » n’est pas joint")
        await expect(attached.get_by_role("button", name="Retirer : arrêté de circulation.pdf")).to_be_visible()
        await assert_clean_at(page, "composer-files", SIZES)
        await expect(page.locator("#fichiers-joints")).to_have_text("1 fichier joint")
        await attached.get_by_label("Joindre des fichiers").set_input_files(
            [{"name": "plan.png", "mimeType": "image/png", "buffer": b"PNG the plan"}]
        )
        await expect(page.locator("#fichiers-joints")).to_have_text("2 fichiers joints")
        await attached.get_by_role("button", name="Retirer : plan.png").press("Enter")
        await expect(page.locator("#fichiers-joints")).to_have_text("1 fichier joint")
        await expect(attached.get_by_role("button", name="Retirer : plan.png")).to_have_count(0)
        await expect(attached.get_by_label("Joindre des fichiers")).to_be_focused()
        await page.get_by_role("button", name="Aperçu").press("Enter")
        await expect(page.locator("#apercu")).to_contain_text("arrêté de circulation.pdf")
        await page.reload()
        await page.get_by_role("button", name="Envoyer la réponse").press("Enter")
        await expect(page.locator("#depart")).to_be_focused()
        await expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"^[0-9]$"))
        await assert_clean_at(page, "composer-leaving", SIZES)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Annuler l’envoi")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#text")).to_have_value(TEXT)
        await page.get_by_role("button", name="Envoyer la réponse").press("Enter")
        await expect(page.locator("#depart")).to_be_focused()  # it leaves ten seconds after this moment
        hall.clock.now += UNDO
        await page.reload()
        await page.locator("label[for=mode-note]").click()
        await page.locator("#note").fill("À suivre")
        await hall.leaving_answers().go_on()
        await expect(page.locator("#composer")).to_contain_text("Réponse prise en compte")
        await expect(page.locator("#text")).to_have_value("")
        await expect(page.locator("#note")).to_have_value("À suivre")
    assert [type(each) for each in hall.publisher.on(CASE_COMMANDS)] == [SendReply]
    await _submitted_and_signed(chromium, hall)
    await _sent_by_another_way(chromium, hall)


async def _sent_by_another_way(chromium: Browser, hall: TownHall) -> None:
    """What failed by text goes by mail, by keyboard: its words and the address are there, and the undo says where."""
    lea = await hall.register("Léa Martin", phone("+33639982222"), mail("lea.martin@courriel.example"))
    case = await hall.open_case(
        "texted", subject="Trottoir", citizen=lea, sender=(phone("+33639982222"),), channel="sms"
    )
    answer = await hall.send(case, TEXT, purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-34")
    about = {"case_id": case.case_id, "at": ARRIVED, "message_id": answer}
    asked = HistoryEntry(version=2, type="ReplyRequested", by="agent-34", **about)
    told = HistoryEntry(version=3, type="DeliveryRecorded", state="failed", code="unreachable", **about)
    hall.happened(case, asked, told, deliveries={answer: "failed"}, unsent=(answer,))
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page:
        await page.goto(f"/demandes/{case.reference}?fait=reponse")
        await expect(page.get_by_text("La réponse n’est pas arrivée")).to_be_in_viewport(ratio=1)
        await expect(page.get_by_text("Réponse prise en compte")).to_be_hidden()
        await expect(page.get_by_label("06 39 98 22 22")).to_be_checked()
        await page.get_by_role("button", name="Envoyer par courriel").press("Enter")
        await expect(page.locator("#text")).to_be_focused()
        await expect(page.locator("#text")).to_have_value(TEXT)
        await expect(page.get_by_label("lea.martin@courriel.example")).to_be_checked()
        await expect(page.locator("#brouillon")).to_contain_text("Brouillon gardé")
        await assert_clean_at(page, "composer-another-way", SIZES)
        known = list(hall.registry.identifiers)
        hall.registry.identifiers[:] = [each for each in known if each.kind == "phone"]
        await page.goto(f"/demandes/{case.reference}")
        await expect(page.locator("#par")).to_contain_text("choisissez de nouveau")
        await page.locator("#text").press("Control+Enter")
        await expect(page.get_by_label("06 39 98 22 22")).to_be_focused()
        hall.registry.identifiers[:] = known
        await page.reload()
        await expect(page.get_by_label("lea.martin@courriel.example")).to_be_checked()
        radio = await page.get_by_label("lea.martin@courriel.example").bounding_box()
        assert min(radio["width"], radio["height"]) >= 24, "a finger misses it"
        await page.locator("#text").press("Control+Enter")
        await expect(page.locator("#depart")).to_contain_text("lea.martin@courriel.example")
        await expect(page.locator(".delivery-failed")).to_be_visible()
        other = await hall.open_case(
            "bench", subject="Banc", citizen=lea, sender=(phone("+33639982222"),), channel="sms"
        )
        await page.goto(f"/demandes/{other.reference}")
        await page.locator("#text").fill("Nous passerons peut-être jeudi.")
        await expect(page.locator("#segments [role=status]")).to_have_text(re.compile(r"messages facturés$"))
        await page.get_by_label("lea.martin@courriel.example").check()
        await expect(page.locator("#segments")).to_be_hidden()
        mailed = await hall.open_case(
            "path", subject="Allée", citizen=lea, sender=(mail("lea.martin@courriel.example"),)
        )
        await page.goto(f"/demandes/{mailed.reference}")
        await page.locator("#text").fill("Nous passons jeudi.")
        await page.get_by_label("06 39 98 22 22").check()
        await page.locator("#signed").check()
        await expect(page.locator("#segments")).to_be_visible()
        await page.get_by_role("button", name="Aperçu").press("Enter")
        told = page.locator("#segments").locator("span")
        for each in await told.all():  # as many messages and signs as the preview tells
            await expect(page.locator("#apercu")).to_contain_text(await each.inner_text())
        await page.locator("#text").fill("mot " * 600)
        await expect(page.locator("#segments")).to_be_hidden()  # it is cut
    hall.clock.now += UNDO
    await hall.leaving_answers().go_on()
    given = hall.publisher.on(CASE_COMMANDS)[-1]
    assert isinstance(given, SendReply)
    assert (given.goes_by, given.instead_of) == ("email", answer)
    words = hall.messages.messages[given.outbound_id].content
    sealed = await open_one(hall.vault, OUTBOUND_CONTENT.on(given.outbound_id, words))
    assert sealed.to == mail("lea.martin@courriel.example"), "what leaves later has forgotten where it goes"


async def _submitted_and_signed(chromium: Browser, hall: TownHall) -> None:
    """Who may not sign submits; who may finds it, corrects it, reads what changed, and sends it."""
    tree = await hall.open_case("tree", subject="Arbre tombé")
    async with signed_in_page(chromium, hall.web(), "writes-unsigned", "desk") as page:
        await page.goto(f"/demandes/{tree.reference}")
        await page.locator("#text").fill(TEXT)
        await page.get_by_role("button", name="Soumettre à signature").press("Enter")
        await expect(page.locator("#a-signer-mienne")).to_be_focused()
        await assert_clean_at(page, "composer-submitted", SIZES)
    async with signed_in_page(chromium, hall.web(), "answers", "desk") as page:
        await page.goto("/demandes?vue=a-signer")
        await page.locator(f"#a-{tree.reference}").click()
        await page.locator("#a-signer-texte").fill("Nous passons jeudi matin.")
        await expect(page.locator("#a-signer-garde")).to_contain_text("Brouillon gardé")
        await page.reload()
        await expect(page.locator(".changes ins")).to_contain_text("jeudi matin.")
        await assert_clean_at(page, "composer-to-sign", SIZES)
        await page.get_by_role("button", name="Signer et envoyer").press("Enter")
        await expect(page.locator("#depart")).to_contain_text("Nous passons jeudi matin.")
