"""A message of which nobody knows whether it left: its mark, and the act that settles it, once."""

import re

import pytest
from playwright.async_api import Browser, expect

from guichet.case.history import HistoryEntry
from guichet.case.newest import Said
from guichet.contracts.case_commands import SettleDelivery
from guichet.contracts.case_events import CaseState, DeliverySettled
from guichet.contracts.delivery import DeliveryState, Purpose, Settlement
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, EventId
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at

UNCERTAIN = "Personne ne sait si ce message est parti"
MARK = "envoi incertain"


@pytest.fixture
async def lost(hall: TownHall, cases):
    """A case whose receipt may have left."""
    case = cases["hole"]
    receipt = await hall.send(case, "Votre demande est enregistrée.", purpose=Purpose.AEE, at=hall.clock())
    case = case.model_copy(
        update={"deliveries": {**case.deliveries, receipt: DeliveryState.UNKNOWN}, "undecided": (receipt,)}
    )
    hall.cases.put(case)
    return case


def row_of(page, case):
    return page.text.split(f'id="r-{case.reference}"')[1].split("</tr>")[0]


def settling_of(case):
    return f"/demandes/{case.reference}/envois/{case.undecided[0]}"


async def test_a_message_of_unknown_fate_is_marked_in_the_list_and_on_the_case(karim, hall, lost, cases):
    page = await karim.get("/demandes")
    assert MARK in row_of(page, lost)
    assert MARK not in row_of(page, cases["lamp"])
    page = await karim.get(f"/demandes/{lost.reference}")
    assert UNCERTAIN in page.text
    assert settling_of(lost) in page.text
    hall.cases.put(lost.model_copy(update={"undecided": ()}))
    page = await karim.get(f"/demandes/{lost.reference}")
    assert UNCERTAIN not in page.text


async def test_a_page_that_updates_by_itself_does_not_take_what_is_new_for_read(karim, lost):
    """The form lies in the part that an open page fetches anew; the newest of this case is the message that opened it."""
    part = await karim.get(f"/demandes/{lost.reference}/fil", params={"shown": "what-the-agent-saw"})
    form = part.text.split(f'action="{settling_of(lost)}"')[1].split("</form>")[0]
    assert 'name="shown" value="what-the-agent-saw"' in form


async def test_no_page_says_that_nothing_is_left_to_do_while_it_waits(karim, hall, lost):
    page = await karim.get(f"/demandes/{lost.reference}")
    closing = page.text.split(f'action="/demandes/{lost.reference}/cloture"')[1].split("</form>")[0]
    assert "cet envoi attend toujours une décision" in closing
    hall.cases.put(lost.model_copy(update={"state": CaseState.CLOSED}))
    page = await karim.get(f"/demandes/{lost.reference}")
    assert settling_of(lost) in page.text
    assert "elle ne se traite plus" not in page.text


@pytest.mark.parametrize("settlement", [Settlement.RECEIVED, Settlement.SEND_AGAIN])
async def test_settling_it_is_one_command_however_often_it_is_clicked(karim, hall, lost, fields, settlement):
    page = await karim.get(f"/demandes/{lost.reference}")
    for _ in range(2):
        answer = await karim.post(settling_of(lost), data={**fields(page), "settlement": settlement.value})
        assert answer.headers["location"].startswith(f"/demandes/{lost.reference}?")
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, SettleDelivery)
    assert (first.outbound_id, first.settlement, first.issued_by) == (lost.undecided[0], settlement, "agent-12")
    assert first.event_id == second.event_id
    noted = [each.things for each in hall.audit.entries if each.act is Act.DELIVERY_SETTLED]
    assert noted == [(lost.case_id, first.event_id)] * 2


async def test_it_is_settled_though_the_case_keeps_the_state_of_newer_messages_alone(karim, hall, lost, fields):
    hall.cases.put(lost.model_copy(update={"deliveries": {}}))
    page = await karim.get(f"/demandes/{lost.reference}")
    assert settling_of(lost) in page.text
    answer = await karim.post(settling_of(lost), data={**fields(page), "settlement": "received"})
    assert answer.status_code == 303, "the page offers an act that the desk does not take: the alarm stands for ever"


async def test_the_story_tells_who_settled_it(karim, hall, lost):
    for settlement, told in (
        ("received", "a indiqué que l’usager a reçu"),
        ("send-again", "a fait envoyer de nouveau"),
    ):
        said = {"type": DeliverySettled.__name__, "at": hall.clock(), "by": "agent-12", "state": settlement}
        hall.happened(lost, HistoryEntry(case_id=lost.case_id, version=9, **said), undecided=())
        assert told in (await karim.get(f"/demandes/{lost.reference}")).text


@pytest.mark.parametrize(
    ("settlement", "title"),
    [("received", "a indiqué que l’usager a reçu"), ("send-again", "a fait envoyer de nouveau")],
)
async def test_what_another_agent_has_said_of_it_is_news(karim, hall, lost, settlement, title):
    said = {"type": DeliverySettled.__name__, "at": hall.clock(), "by": "agent-11", "state": settlement, "cause": "c"}
    newest = (Said(id=lost.opened_by), Said(id=EventId("c"), by=AgentId("agent-11")))
    hall.happened(lost, HistoryEntry(case_id=lost.case_id, version=9, **said), newest=newest, undecided=())
    part = (await karim.get(f"/demandes/{lost.reference}/fil", params={"shown": lost.opened_by})).text
    assert title in part.split('class="since"')[1].split("</ul>")[0]


@pytest.mark.parametrize("settlement", ["", "deleted", "posted"])
async def test_what_no_page_of_ours_offers_settles_nothing(karim, hall, lost, fields, settlement):
    page = await karim.get(f"/demandes/{lost.reference}")
    answer = await karim.post(settling_of(lost), data={**fields(page), "settlement": settlement})
    assert answer.status_code == 404
    elsewhere = f"/demandes/{lost.reference}/envois/{'0' * 32}"
    answer = await karim.post(elsewhere, data={**fields(page), "settlement": "received"})
    assert answer.status_code == 404
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_no_agent_settles_a_message_of_another_sector(sign_in, hall, lost, fields):
    stranger = await sign_in("fatou.diallo")
    page = await stranger.get("/demandes")
    answer = await stranger.post(settling_of(lost), data={**fields(page), "settlement": "send-again"})
    assert answer.status_code == 404
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_it_is_found_and_settled_by_keyboard(chromium: Browser, hall: TownHall, lost):
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await expect(page.locator(f"#r-{lost.reference} .tag-danger")).to_have_text(MARK)
        await assert_clean_at(page, "uncertain-list", SIZES)
        await page.goto(f"/demandes/{lost.reference}")
        await page.get_by_role("link", name="Voir cet envoi").press("Enter")
        await assert_clean_at(page, "uncertain-case", SIZES)
        again = page.get_by_role("button", name="Envoyer de nouveau")
        await expect(again).to_have_accessible_description(re.compile("en double"))
        await again.press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Décision sur l’envoi")
        assert [each.settlement for each in hall.publisher.on(CASE_COMMANDS)] == [Settlement.SEND_AGAIN]
