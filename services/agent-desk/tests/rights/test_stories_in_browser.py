"""A morning at the contact centre, and an elected member's question, in a real browser and by keyboard alone."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseOpened
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_DESK
from guichet.ids import EventId
from guichet.store.audit.trail import Act
from guichet.store.messages.document import INBOUND_CONTENT
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, sign_in
from guichet_testing.doors.desk_lines import (
    GONE,
    NOBODYS,
    another_page,
    assert_is_not_there,
    assert_says_only,
    lines_of,
    synthesis_lines,
)
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import address_of, assert_clean_at, problems_of, served

FARTHEST: Final = 60  # tabs
LABEL: Final = "Signalement de voirie ou d’éclairage"
SYNTHESIS: Final = synthesis_lines(LABEL, "En cours", "22/11/2026", "Voirie et éclairage public")


@pytest.fixture
async def address(hall: TownHall) -> AsyncIterator[str]:
    async with served(hall.web()) as server:
        yield address_of(server)


@pytest.fixture
async def street(hall: TownHall, cases: dict[str, CaseRecord]) -> CaseRecord:
    """A case of a busy morning, of a procedure that the town knows."""
    known = cases["hole"].model_copy(update={"procedure": "signalement-voirie"})
    hall.cases.put(known)
    return known


async def open_desk(chromium: Browser, address: str) -> Page:
    width, height = SIZES[NARROWEST]
    return await chromium.new_page(base_url=address, viewport={"width": width, "height": height}, bypass_csp=True)


async def write(page: Page, *said: str) -> None:
    """Type words, and press keys by their names."""
    for each in said:
        await (page.keyboard.press(each) if each in ("Tab", "Enter") else page.keyboard.type(each))


async def go_to(page: Page, there: Locator) -> None:
    """Come to a part of the page as who has no mouse does."""
    for _ in range(FARTHEST):
        if await there.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {there}")


async def look_up(page: Page, reference: str) -> None:
    await go_to(page, page.locator("#recherche"))
    async with another_page(page):
        await write(page, reference, "Enter")


async def take_down(page: Page, *, name: str, subject: str, text: str) -> None:
    await go_to(page, page.get_by_role("link", name="Saisir", exact=True))
    await write(page, "Enter")
    await expect(page.locator("h1")).to_have_text("Saisir une demande")
    await go_to(page, page.locator("#name"))
    await write(page, name)
    await go_to(page, page.locator("#procedure"))
    await write(page, "Signalement de voirie")
    await expect(page.locator("#procedure")).to_have_value("signalement-voirie")
    await go_to(page, page.locator("#subject"))
    await write(page, subject, "Tab", text)
    await go_to(page, page.get_by_role("button", name="Enregistrer la demande"))
    await write(page, "Enter")
    await expect(page.locator("h1")).to_have_text("Demande enregistrée")


async def assert_the_keyboard_does_not_find(page: Page, reference: str) -> None:
    """A case that there is must read like one that there is not, to who has no mouse, too."""
    seen = []
    for each in (reference, NOBODYS):
        await look_up(page, each)
        await expect(page.locator("h1")).to_have_text(GONE)
        seen.append(await lines_of(page))
        await go_to(page, page.get_by_role("link", name="Revenir aux demandes"))
        async with another_page(page):
            await write(page, "Enter")
    assert seen[0] == seen[1]


async def test_a_contact_centre_agents_morning(
    chromium: Browser, address: str, hall: TownHall, cases: dict[str, CaseRecord], street: CaseRecord
):
    page = await open_desk(chromium, address)
    problems, agent = problems_of(page), "Nadia Belkacem"
    await sign_in(page, "nadia.belkacem")
    nothing = page.locator(".empty")
    await expect(nothing).to_contain_text("Demandez sa référence à l’appelant")
    await assert_says_only(page, agent, *(await nothing.inner_text()).splitlines())
    await assert_clean_at(page, "contact-list", SIZES)

    await look_up(page, street.reference.replace("-", "").lower())
    await expect(page.locator("#fact")).to_be_focused()
    await page.wait_for_load_state()  # a field takes the focus before the rest of its page has come
    asked = await page.locator("form.card").inner_text()
    await assert_says_only(page, agent, street.reference, "Reconnaître l’appelant", *map(str.strip, asked.splitlines()))
    await assert_clean_at(page, "contact-caller", SIZES)
    await write(page, "Jeanne Dupont", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Cela ne correspond pas")
    await assert_clean_at(page, "contact-refused", SIZES)
    await write(page, "jeanne moreau", "Enter")

    await expect(page.locator("h1")).to_have_text(LABEL)
    await assert_says_only(page, agent, street.reference, *SYNTHESIS)
    await assert_clean_at(page, "contact-synthesis", SIZES)
    await assert_the_keyboard_does_not_find(page, cases["social"].reference)

    await take_down(page, name="Irène Kessler", subject="Trou rue des Forges", text="Un trou devant le 4.")
    await expect(page.get_by_role("status")).to_contain_text("en route vers le service qui la traite")
    await assert_clean_at(page, "contact-taken", SIZES)
    [message] = taken(hall)
    assert (message.entered_by, message.procedure) == ("agent-20", "signalement-voirie")
    noted = [entry.act for entry in hall.audit.entries if entry.agent == "agent-20"]
    expected = [Act.CALLER_REFUSED, Act.CALLER_RECOGNISED, Act.ENTERED]
    assert [act for act in noted if act in expected] == expected
    await page.close()
    assert problems == []


async def test_an_elected_members_question(
    chromium: Browser, address: str, hall: TownHall, cases: dict[str, CaseRecord], street: CaseRecord
):
    swept = await hall.open_case("swept", "proprete", subject="Poubelle renversée", citizen=None, minutes=5)
    page = await open_desk(chromium, address)
    problems = problems_of(page)
    await sign_in(page, "yves.kermarrec")
    delegation = (street, swept, *(cases[name] for name in ("lamp", "shared", "machine")))
    for case in delegation:
        await expect(page.locator(f"#r-{case.reference}")).to_be_visible()
    await expect(page.locator("tbody tr")).to_have_count(len(delegation))
    await assert_tells_nobody(page, cases.values())
    await assert_clean_at(page, "member-list", SIZES)

    await take_down(page, name="Rose Petit", subject="Banc cassé au marché", text="Elle demande quand il sera réparé.")
    await go_to(page, page.locator("main").get_by_role("link", name="Demandes"))
    await write(page, "Enter")
    asked = await opened_by_the_router(hall)
    row = page.locator(f"#r-{asked.reference}")
    await expect(row).to_contain_text("Banc cassé au marché")  # by itself, and whole
    await assert_clean_at(page, "member-list-own", SIZES)
    await go_to(page, page.locator(f"#a-{asked.reference}"))
    await write(page, "Enter")
    await expect(page.locator("h1")).to_have_text("Banc cassé au marché")
    await expect(page.locator("main")).to_contain_text("Rose Petit")
    await expect(page.locator("main")).to_contain_text("Elle demande quand il sera réparé.")
    await expect(page.locator("main form.put-aside")).to_be_visible()  # what they have read is theirs; it comes last
    assert await page.locator("main form:not(.put-aside)").count() == 0, "a member reads, and decides nothing"
    await assert_clean_at(page, "member-own", SIZES)

    await look_up(page, street.reference)
    await expect(page.locator("h1")).to_have_text(LABEL)
    await assert_says_only(page, "Yves Kermarrec", street.reference, *SYNTHESIS)
    await assert_clean_at(page, "member-synthesis", SIZES)
    for foreign in ("social", "trees"):
        await assert_is_not_there(page, cases[foreign].reference)
    await page.close()
    assert problems == []

    cabinet = await open_desk(chromium, address)
    await sign_in(cabinet, "maud.tessier")
    await expect(cabinet.locator("tbody tr")).to_have_count(1)
    await expect(cabinet.locator(f"#r-{asked.reference}")).to_contain_text("Banc cassé au marché")
    await assert_clean_at(cabinet, "cabinet-list", SIZES)
    for foreign in (street, swept, cases["social"]):
        await assert_is_not_there(cabinet, foreign.reference)
    await cabinet.close()


async def assert_tells_nobody(page: Page, cases: Iterable[CaseRecord]) -> None:
    text = "\n".join(await lines_of(page))
    said = ("Jeanne", "Moreau", "Sarr", "Petit", "Nid-de-poule", "circulation", "loyer", "Branche", "SMS", "courriel")
    assert [word for word in said if word in text] == []
    foreign = [case.reference for case in cases if case.department not in ("voirie", "proprete")]
    assert [reference for reference in foreign if reference in text] == []


def taken(hall: TownHall) -> list[MessageReceived]:
    return [event for event in hall.publisher.on(INBOUND_DESK) if isinstance(event, MessageReceived)]


async def opened_by_the_router(hall: TownHall) -> CaseRecord:
    """Open the case of what was taken down, as the router does, and tell open pages."""
    [message] = taken(hall)
    keys = await hall.vault.open_keys([message.content.key_id])
    said = INBOUND_CONTENT.open(keys[message.content.key_id], message.message_id, message.content)
    case = await hall.open_case(
        "asked",
        subject=said.subject,
        channel=message.channel,
        procedure=message.procedure,
        entered_by=message.entered_by,
    )
    await hall.receive(case, said, message_id=case.opened_by, at=case.received_at)
    hall.feed.put(
        CaseOpened(
            event_id=EventId("event-asked"),
            occurred_at=case.received_at,
            case_id=case.case_id,
            reference=case.reference,
            version=case.version,
            caused_by=message.message_id,
            sector=case.sector,
            department=case.department,
            citizen=None,
            procedure=case.procedure,
            entered_by=case.entered_by,
            message_id=case.opened_by,
            channel=case.channel,
            account=case.account,
            received_at=case.received_at,
            routing=case.routing,
        )
    )
    return case
