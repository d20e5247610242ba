"""The desk in a real browser: live without reloading, usable by keyboard, clean for axe, no page wider than a phone."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from pyotp import TOTP

from guichet.case.history import HistoryEntry
from guichet.case.newest import Said
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseClosed, CaseOpened, CaseRerouted, MessageFiled
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import DateDoubt, DateSource
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, DepartmentId, EventId, MessageId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, follow_in_account, open_account, sign_in, sign_out
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.doors.filled_hall import KEY, mail
from guichet_testing.real.pages import address_of, assert_clean_at, problems_of, served


@pytest.fixture
async def address(hall: TownHall) -> AsyncIterator[str]:
    async with served(hall.web()) as server:
        yield address_of(server)


@pytest.fixture
async def page(chromium: Browser, address: str, cases) -> AsyncIterator[Page]:
    page = await chromium.new_page(base_url=address)
    problems = problems_of(page)
    await sign_in(page, "karim.haddad")
    yield page
    await page.close()  # with the browser's profile of its own
    assert problems == []


def about(case, **fields):
    common = {
        "event_id": EventId(f"event-{case.case_id}"),
        "occurred_at": case.received_at,
        "case_id": case.case_id,
        "reference": case.reference,
        "version": case.version,
        "caused_by": "x",
        "sector": case.sector,
        "department": case.department,
        "citizen": case.citizen,
    }
    return common | fields


async def test_a_new_case_appears_by_itself(page: Page, hall: TownHall):
    numbers = page.locator("#n-open, #n-received")
    before = [int(each) for each in await numbers.all_inner_texts()]
    case = await hall.open_case("fresh", subject="Tout frais", minutes=170)
    hall.feed.put(
        CaseOpened(
            **about(case), message_id=case.opened_by, channel=case.channel, account=case.account,
            received_at=case.received_at, routing=case.routing,
        )
    )  # fmt: skip
    await expect(page.locator(f"#r-{case.reference}")).to_contain_text("Tout frais")
    await expect(page.locator("[role=status][sse-swap]")).to_contain_text(f"Nouvelle demande {case.reference}")
    await expect(numbers).to_have_text([str(each + 1) for each in before])
    await page.locator(f"#a-{case.reference}").press("Enter")
    await expect(page.locator("h1")).to_have_text("Tout frais")


async def test_a_row_beside_a_case_opens_in_its_place_and_both_halves_stay_live(page: Page, hall: TownHall, cases):
    hole, lamp = cases["hole"], cases["lamp"]
    await page.goto(f"/demandes/{hole.reference}")
    await page.evaluate("window.untouched = true")
    await page.locator(f"#a-{lamp.reference}").click()
    await expect(page.locator(".case-head .reference")).to_have_text(lamp.reference)
    await expect(page).to_have_url(re.compile(f"/demandes/{lamp.reference}$"))
    await expect(page.locator(f"#a-{lamp.reference}")).to_have_attribute("aria-current", "true")
    await expect(page.locator("#contenu")).to_be_focused()
    assert await page.evaluate("window.untouched")
    hall.cases.put(lamp.model_copy(update={"state": "closed"}))
    hall.feed.put(CaseClosed(**about(lamp), by="agent-12"))
    await expect(page.locator(".case-head .state")).to_have_text("Close")
    await expect(page.locator(f"#r-{lamp.reference}")).to_have_count(0)
    await page.go_back()
    await expect(page.locator(".case-head .reference")).to_have_text(hole.reference)


async def test_a_case_updates_while_an_answer_is_being_typed(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    await page.locator("#text").fill("Je rédige")
    hall.cases.put(hole.model_copy(update={"state": "closed"}))
    hall.feed.put(CaseClosed(**about(hole), by="agent-12"))
    await expect(page.locator(".case-head .state")).to_have_text("Close")
    await expect(page.locator("#text")).to_have_value("Je rédige")
    await expect(page.locator("#text")).to_be_focused()


async def test_a_case_that_leaves_the_department_leaves_the_page(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    gone = hole.model_copy(update={"department": "ccas", "sector": "social"})
    hall.cases.put(gone)
    sealed = await hall.seal_reason(hole, "command", "motif")
    hall.feed.put(
        CaseRerouted(**about(gone), from_sector=hole.sector, from_department="voirie", by="agent-12", reason=sealed)
    )
    await expect(page.locator("h1")).to_have_text("Cette page n’existe pas")
    await expect(page.locator("body")).not_to_contain_text("Nid-de-poule")


async def test_a_case_that_left_before_the_page_could_listen_leaves_it_too(page: Page, hall: TownHall, cases):
    hole = cases["hole"]

    async def while_nobody_listens(route):
        hall.cases.put(hole.model_copy(update={"department": "ccas", "sector": "social"}))
        await route.continue_()

    await page.route("**/direct?**", while_nobody_listens)
    await page.goto(f"/demandes/{hole.reference}")
    await expect(page.locator("h1")).to_have_text("Cette page n’existe pas")


async def test_a_session_that_ends_clears_the_page_and_leaves_what_is_being_typed(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    await page.locator("#text").fill("Je rédige")
    hall.sessions._sessions.clear()
    hall.feed.put(CaseClosed(**about(hole), by="agent-12"))
    await expect(page.locator("#vivant")).to_contain_text("Votre session est terminée")
    await expect(page.locator("#vivant")).not_to_contain_text("jeanne.moreau@")
    await expect(page.locator("#text")).to_have_value("Je rédige")


async def test_a_hidden_tab_gives_its_connection_back_and_catches_up(page: Page, hall: TownHall, cases):
    look_away = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    look_away += "document.dispatchEvent(new Event('visibilitychange'))"
    lamp = cases["lamp"]
    await page.goto(f"/demandes/{lamp.reference}")
    await page.evaluate(look_away % "true")
    hall.cases.put(lamp.model_copy(update={"state": "closed"}))
    hall.feed.put(CaseClosed(**about(lamp), by="agent-12"))
    await asyncio.sleep(1)
    await expect(page.locator(".case-head .state")).to_have_text("Reçue")
    await page.evaluate(look_away % "false")
    await expect(page.locator(".case-head .state")).to_have_text("Close")


async def write_meanwhile(hall: TownHall, case: CaseRecord) -> MessageId:
    """Let the citizen write again while a page of the case is open; return the message."""
    again = MessageId(f"again-{case.case_id}")
    sender = (mail("jeanne.moreau@courriel.example"),)
    at = case.received_at + timedelta(hours=30)
    await hall.receive(case, InboundContent(sender=sender, text="Un second trou."), message_id=again, at=at)
    filed = {"type": "MessageFiled", "version": 8, "at": at, "message_id": again, "cause": again}
    entry = HistoryEntry(case_id=case.case_id, **filed)
    hall.happened(case, entry, newest=(*case.newest, Said(id=again)), last_inbound=again)
    event = MessageFiled(**about(case), message_id=again, channel=case.channel, received_at=at)
    hall.feed.put(event)
    return again


async def test_what_comes_while_one_types_was_shown_once_its_link_is_followed(page: Page, hall: TownHall, cases):
    hole = cases["hole"]
    await page.goto(f"/demandes/{hole.reference}")
    await page.locator("#text").fill("Je rédige")
    again = await write_meanwhile(hall, hole)
    link = page.locator("#nouveau").get_by_role("link", name="Message de l’usager")
    await expect(link).to_be_visible()
    await expect(page.locator("#nouveau-1")).to_contain_text("Un second trou.")
    await expect(page.locator("#text")).to_be_focused()
    assert await shown_by(page) == {hole.last_inbound}, "what has come is taken for seen"
    await link.press("Enter")
    await expect(page.locator("#nouveau-1")).to_be_focused()
    await expect(link).to_be_hidden()
    assert await shown_by(page) == {again}
    await page.get_by_role("button", name="Envoyer la réponse").click()
    await expect(page.get_by_text("Réponse prise en compte")).to_be_visible()
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.shown == again


async def shown_by(page: Page) -> set[str]:
    """Return what the forms of a page say was shown."""
    return set(await page.locator("[name=shown]").evaluate_all("fields => fields.map(field => field.value)"))


async def test_a_page_tells_by_itself_what_became_of_a_command_that_took_long(page: Page, hall: TownHall, cases):
    lamp = cases["lamp"]
    await page.goto(f"/demandes/{lamp.reference}")
    hall.publisher.is_away = True
    await page.locator("#text").fill("Nous passons demain.")
    await page.get_by_role("button", name="Envoyer la réponse").click()
    await expect(page.get_by_role("status").first).to_contain_text("Envoi de la réponse en cours.")
    await hall.publisher.decide(*hall.publisher.on(CASE_COMMANDS))
    await expect(page.get_by_role("status").first).to_contain_text("Réponse prise en compte")


async def test_an_outage_of_the_broker_loses_no_words(page: Page, hall: TownHall, cases):
    await page.goto(f"/demandes/{cases['lamp'].reference}")
    hall.publisher.away = True
    await page.locator("#text").fill("Bonjour, nous passons demain.")
    await page.get_by_role("button", name="Envoyer la réponse").click()
    await expect(page.locator("#depart")).to_contain_text("Bonjour, nous passons demain.")
    hall.publisher.away = False
    hall.drafts.lapse()
    await hall.leaving_answers().go_on()
    await expect(page.locator("#composer")).to_contain_text("Réponse prise en compte")
    await expect(page.locator("#text")).to_have_value("")
    assert len({command.event_id for command in hall.publisher.on(CASE_COMMANDS)}) == 1


async def test_everything_works_without_scripts(chromium: Browser, address: str, hall: TownHall, cases):
    context = await chromium.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, "karim.haddad")
    await page.locator(f"#a-{cases['hole'].reference}").click()
    await page.get_by_text("Transmettre à un autre service").click()
    await page.locator("#department").select_option("ccas")
    await page.locator("#reason").fill("Relève de l’action sociale")
    await page.get_by_role("button", name="Transmettre", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Transmission prise en compte")
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1


@pytest.fixture
async def narrow(chromium: Browser, address: str, cases) -> AsyncIterator[Page]:
    """A page on which nobody is signed in, in the narrowest window."""
    width, height = SIZES[NARROWEST]
    page = await chromium.new_page(
        base_url=address, viewport={"width": width, "height": height}, bypass_csp=True
    )  # axe comes from outside
    yield page
    await page.close()


async def test_every_page_is_accessible_and_fits(narrow: Page, hall: TownHall, cases):
    page = narrow
    await page.goto("/connexion")
    await assert_clean_at(page, "desk-connexion", SIZES)
    await sign_in(page, "karim.haddad")
    await assert_clean_at(page, "desk-demandes", SIZES)
    await assert_narrowed_is_clean(page)
    for name in ("hole", "shared", "machine", "closed", "social"):
        await page.goto(f"/demandes/{cases[name].reference}")
        for summary in await page.locator("summary:visible").all():  # the note’s are in the other mode
            await summary.click()
        await assert_clean_at(page, f"desk-{name}", SIZES)
    await assert_doubt_is_clean(page, hall)
    await assert_held_up_is_clean(page, hall)
    await assert_what_was_overtaken_is_clean(page, hall, cases["hole"])
    await page.locator("#recherche").fill("assigné:moi")
    await page.locator("#recherche").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("n’est pas un opérateur")
    await assert_clean_at(page, "desk-search", SIZES)
    await page.goto(f"/demandes/{cases['lamp'].reference}?langue=en")
    await page.locator("form[action$=reponse]").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(page.get_by_role("alert")).to_contain_text("To be corrected")
    await assert_clean_at(page, "desk-errors", SIZES)
    await assert_a_storm_fits(page, hall)


async def assert_a_storm_fits(page: Page, hall: TownHall) -> None:
    """More cases than are counted: what is said of « 99+ » aloud, and unseen, makes no page wider."""
    for number in range(100):
        await hall.open_case(f"storm-{number}")
    await page.goto("/demandes")
    await expect(page.locator("#n-open")).to_contain_text("99+")
    assert await page.evaluate("document.documentElement.scrollWidth") <= SIZES[NARROWEST][0]


async def assert_narrowed_is_clean(page: Page) -> None:
    """Look at a list that is narrowed, with its forms, and at the page of the view that is made of it."""
    await page.goto("/demandes?canal=sms&du=2026-11-01")
    await page.get_by_text("Enregistrer cette vue").click()
    await page.get_by_label("Nom de la vue").fill("SMS de novembre")
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(page.get_by_role("link", name="SMS de novembre")).to_have_attribute("aria-current", "page")
    for summary in await page.locator(".narrowing > summary").all():
        await summary.click()
    await assert_clean_at(page, "desk-narrowed", SIZES)
    await page.get_by_role("link", name="Gérer les vues").click()
    await assert_clean_at(page, "desk-saved-views", SIZES)


async def assert_held_up_is_clean(page: Page, hall: TownHall) -> None:
    """Look at a case that an outage of ours held up: both dates, a date that is not believed, a late receipt."""
    writes = (mail("jeanne@courriel.example"),)
    case, later = await hall.open_case("held-up", subject="Banc cassé", sender=writes), MessageId("held-up-later")
    content = InboundContent(sender=writes, text="Toujours cassé.")
    await hall.receive(case, content, message_id=later, at=ARRIVED + timedelta(hours=1))
    held = {"received_at": ARRIVED - timedelta(days=9), "dated_by": DateSource.MAILBOX}
    for message, dates in ((case.opened_by, held), (later, {"date_doubt": DateDoubt.IN_THE_FUTURE})):
        hall.messages.messages[message] = hall.messages.messages[message].model_copy(update=dates)
    hall.cases.put(case.model_copy(update={"received_at": held["received_at"]}))
    again, banner = (
        MessageId("held-up-again"),
        "ATTENTION : ce courriel vient de l’extérieur.\nNe cliquez sur aucun lien.",
    )
    content = InboundContent(sender=writes, subject="[EXTERNE] Banc cassé", text=f"{banner}\nBonjour.")
    await hall.receive(case, content, message_id=again, at=ARRIVED + timedelta(minutes=5))
    hall.messages.messages[again] = hall.messages.messages[again].model_copy(update={"copy_of": case.opened_by})
    await hall.send(case, "Votre demande est enregistrée.", purpose=Purpose.AEE, at=ARRIVED + timedelta(minutes=1))
    await page.goto(f"/demandes/{case.reference}")
    await expect(page.get_by_text("Reçu en droit le")).to_be_visible()
    await assert_clean_at(page, "desk-held-up", SIZES)


async def assert_what_was_overtaken_is_clean(page: Page, hall: TownHall, hole: CaseRecord) -> None:
    """Look at a page that somebody has written into meanwhile, at an answer that came back, and at one under way."""
    await page.goto(f"/demandes/{hole.reference}")
    await write_meanwhile(hall, hole)
    await expect(page.locator("#nouveau")).to_contain_text("Message de l’usager")
    await assert_clean_at(page, "desk-news", SIZES)
    hall.publisher.refuses = "case-changed"
    await page.locator("#text").fill("Nous passons.")
    await page.get_by_role("button", name="Envoyer la réponse").click()
    await expect(page.locator("#refus")).to_be_focused()
    await assert_clean_at(page, "desk-refused", SIZES)
    hall.publisher.refuses, hall.publisher.is_away = None, True
    await page.get_by_role("button", name="Envoyer la réponse").click()
    await expect(page.get_by_text("Envoi de la réponse en cours.")).to_be_visible()
    await assert_clean_at(page, "desk-under-way", SIZES)
    hall.publisher.is_away = False


async def assert_doubt_is_clean(page: Page, hall: TownHall) -> None:
    """Look at a case whose author nobody vouches for, before and after its form is sent as a family's is."""
    streets, home = hall.town.sector_of(DepartmentId("voirie")), mail("famille.roux@courriel.example")
    people = [await hall.register(name, home) for name in ("Anne Roux", "Marc Roux")]
    candidates = tuple(sector_citizen_id(KEY, streets, person) for person in people)
    case = await hall.open_case("doubt", sender=(home,), candidates=candidates, unverified=True)
    await page.goto(f"/demandes/{case.reference}")
    await assert_clean_at(page, "desk-unverified", SIZES)
    await page.get_by_label("J’ai vérifié autrement").check()
    await page.get_by_role("button", name="Continuer").click()
    await expect(page.get_by_role("group", name="Qui a écrit ?").get_by_role("radio")).to_have_count(2)
    await assert_clean_at(page, "desk-who-wrote", SIZES)


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_newcomer_chooses_a_password(chromium: Browser, address: str, hall: TownHall, cases, scripts):
    account = await hall.accounts.find(AgentId("agent-12"))
    assert await hall.accounts.replace(account, account.model_copy(update={"must_change": True}))
    width, height = SIZES[NARROWEST]
    page = await chromium.new_page(
        base_url=address, viewport={"width": width, "height": height}, bypass_csp=scripts, java_script_enabled=scripts
    )
    await page.goto("/connexion")
    await page.locator("#name").fill("karim.haddad")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/mot-de-passe")
    await _look_at(page, "newcomer", scripts=scripts)
    await page.locator("#current").fill(PASSWORD)
    await page.keyboard.press("Tab")
    await page.keyboard.type("trois pommes et un vélo")
    await page.keyboard.press("Tab")
    await page.keyboard.type("trois pommes et un velo")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("ne sont pas les mêmes")
    await _look_at(page, "newcomer-wrong", scripts=scripts)
    for field, text in (
        ("current", PASSWORD),
        ("password", "trois pommes, un vélo"),
        ("again", "trois pommes, un vélo"),
    ):
        await page.locator(f"#{field}").fill(text)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/demandes")
    await follow_in_account(page, "Mot de passe")
    await expect(page.locator("h1")).to_have_text("Changer de mot de passe")
    await _look_at(page, "password", scripts=scripts)
    await page.close()


async def test_a_second_factor_is_added_and_asked_for(narrow: Page, hall: TownHall):
    page = narrow
    await sign_in(page, "karim.haddad")
    await follow_in_account(page, "Code de connexion")
    await expect(page.get_by_role("img", name="Code QR")).to_be_visible()
    await assert_clean_at(page, "desk-enrol", SIZES)
    drawing = await page.get_by_role("img", name="Code QR").bounding_box()
    assert drawing is not None
    assert drawing["width"] == pytest.approx(drawing["height"], abs=2)
    assert drawing["width"] > 150, "no telephone reads it"
    secret = (await page.locator(".secret").inner_text()).replace(" ", "")
    codes = TOTP(secret)
    for code, password in (("000000", PASSWORD), (codes.at(hall.clock.now), PASSWORD)):
        await page.get_by_label("Code à six chiffres").fill(code)
        await page.keyboard.press("Tab")
        await page.keyboard.type(password)
        await page.keyboard.press("Enter")
        if code == "000000":
            await expect(page.get_by_role("alert")).to_contain_text("Ce code ne convient pas")
            await assert_clean_at(page, "desk-enrol-wrong", SIZES)
    await expect(page.locator(".codes li")).to_have_count(8)
    await assert_clean_at(page, "desk-recovery-codes", SIZES)
    recovery = await page.locator(".codes li").first.inner_text()
    await page.get_by_role("link", name="C’est noté").click()
    await follow_in_account(page, "Code de connexion")
    for summary in await page.locator("summary:visible").all():  # the note’s are in the other mode
        await summary.click()
    await assert_clean_at(page, "desk-second-factor", SIZES)
    await sign_out(page)
    await _give_password(page)
    await expect(page.get_by_label("Code à six chiffres")).to_be_focused()  # by itself: an agent types at once
    await assert_clean_at(page, "desk-code", SIZES)
    await page.keyboard.type("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Ce code ne convient pas")
    await page.get_by_text("Sans votre téléphone ?").click()
    await assert_clean_at(page, "desk-code-wrong", SIZES)
    await page.get_by_label("Code de secours").fill(recovery)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/demandes")
    await page.close()


async def _give_password(page: Page) -> None:
    await page.locator("#name").fill("karim.haddad")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")


async def _look_at(page: Page, name: str, *, scripts: bool) -> None:
    if scripts:  # axe is one
        await assert_clean_at(page, name, SIZES)


async def test_the_menu_of_an_account_opens_by_its_name_and_closes_by_escape_or_elsewhere(page: Page):
    name, absences = page.locator(".who > summary"), page.get_by_role("link", name="Absences")
    await open_account(page)
    await expect(absences).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(absences).to_be_hidden()
    await expect(name).to_be_focused()
    await open_account(page)
    await page.locator("h1").click()
    await expect(absences).to_be_hidden()


async def test_the_keyboard_reaches_the_content_first(page: Page):
    await page.goto("/demandes")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#contenu")).to_be_focused()
