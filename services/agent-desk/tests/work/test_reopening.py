"""A closed case that is opened again at the desk, with a reason."""

import pytest
from playwright.async_api import Browser, expect

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import ReopenCase
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.audit.trail import Act
from guichet.store.cases.fields import REASON
from guichet.store.commands import CommandDocument
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at

KARIM = "agent-12"
WHY = "La bordure est de nouveau descellée."


def opening(case):
    return f"/demandes/{case.reference}/reouverture"


async def test_it_is_opened_by_one_command_with_its_reason_sealed(karim, hall, cases, fields):
    case = cases["closed"]
    page = await karim.get(f"/demandes/{case.reference}")
    for _ in range(2):
        answer = await karim.post(opening(case), data={**fields(page), "reopening": f" {WHY} "})
        assert answer.status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, ReopenCase)
    assert first.event_id == second.event_id
    key = (await hall.vault.open_keys([first.reason.key_id]))[first.reason.key_id]
    assert REASON.called(first.event_id).open(key, case.case_id, first.reason) == WHY
    assert [each.act for each in hall.audit.entries].count(Act.REOPENED) == 2


@pytest.mark.parametrize(("typed", "told"), [(" ", "Donnez le motif"), ("é" * 1001, "Le motif dépasse 1 000")], ids=str)
async def test_without_a_sound_reason_it_stays_closed(karim, hall, cases, fields, typed, told):
    page = await karim.get(f"/demandes/{cases['closed'].reference}")
    answer = await karim.post(opening(cases["closed"]), data={**fields(page), "reopening": typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_a_closed_case_says_that_it_can_be_opened(karim, cases):
    page = (await karim.get(f"/demandes/{cases['closed'].reference}")).text
    assert "et peut être rouverte" in page
    assert "ne se traite plus" not in page


async def test_an_open_case_offers_nothing_of_it(karim, cases):
    assert opening(cases["hole"]) not in (await karim.get(f"/demandes/{cases['hole'].reference}")).text


async def test_the_story_tells_it_with_its_reason(karim, hall, cases):
    case = cases["closed"]
    reason = await hall.seal_reason(case, "c", WHY)
    said = {"type": "CaseReopened", "at": hall.clock(), "by": KARIM, "reason": reason, "reason_field": "c"}
    hall.happened(case, HistoryEntry(case_id=case.case_id, version=99, cause="c", **said))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "Karim Haddad a rouvert la demande" in page
    assert WHY in page


async def test_what_was_refused_comes_back_in_its_form(karim, hall, cases):
    case, command = cases["closed"], "c" * 32
    reason = await hall.seal_reason(case, command, WHY)
    said = {"type": "CommandRefused", "at": hall.clock(), "by": KARIM, "state": "case-changed", "cause": command}
    entry = HistoryEntry(case_id=case.case_id, version=99, reason=reason, reason_field=command, **said)
    hall.happened(case, entry)
    refused = CommandDocument(
        _id=command, type="ReopenCase", case_id=case.case_id, at=hall.clock(), done=True, refused="case-changed"
    )
    await hall.commands.insert_causes([refused])
    page = (await karim.get(f"/demandes/{case.reference}?suite=reouverture-{command}")).text
    assert "La demande n’a pas été rouverte" in page
    assert f"{WHY}</textarea>" in page


async def test_it_is_opened_by_keyboard(chromium: Browser, hall: TownHall, cases):
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await page.goto(f"/demandes/{cases['closed'].reference}")
        await page.locator("summary", has_text="Rouvrir la demande").press("Enter")
        await page.locator("#reopening").fill(WHY)
        await assert_clean_at(page, "reopening", SIZES)
        await page.get_by_role("button", name="Rouvrir", exact=True).press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Réouverture prise en compte")
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1
