"""Cases that are put off at the desk, and the views of what waits for an answer and for a day."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import SnoozeCase
from guichet.contracts.topics import CASE_COMMANDS
from guichet.law.calendar import paris_date
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at

KARIM = "agent-12"


def waiting(case):
    return f"/demandes/{case.reference}/attente"


def in_days(hall, days):
    return (paris_date(hall.clock()) + timedelta(days=days)).isoformat()


def put_off(hall, case, days=3):
    now = case.model_copy(update={"snoozed_until": hall.clock() + timedelta(days=days), "at_rest": True})
    hall.cases.put(now)
    return now


def shown(page):
    return [part.split('"')[0] for part in page.text.split('id="r-')[1:]]


async def test_it_is_put_off_until_the_day_begins_in_paris_by_one_command(karim, hall, cases, fields):
    case = cases["hole"]
    page = await karim.get(f"/demandes/{case.reference}")
    for _ in range(2):
        answer = await karim.post(waiting(case), data={**fields(page), "until": "2026-12-24"})
        assert answer.status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, SnoozeCase)
    assert first.until == datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert first.event_id == second.event_id
    assert [each.act for each in hall.audit.entries].count(Act.SNOOZED) == 2


@pytest.mark.parametrize("said", ["", "demain", "2026-13-01", 0, -1, 366], ids=str)
async def test_a_day_that_is_none_past_or_far_is_said(karim, hall, cases, fields, said):
    until = in_days(hall, said) if isinstance(said, int) else said
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    answer = await karim.post(waiting(cases["hole"]), data={**fields(page), "until": until})
    assert answer.status_code == 422
    assert "Choisissez un jour à venir, dans l’année." in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_it_is_taken_up_again_before_its_day(karim, hall, cases, fields):
    case = put_off(hall, cases["hole"])
    page = await karim.get(f"/demandes/{case.reference}")
    assert "Cette demande revient le" in page.text
    await karim.post(waiting(case), data={**fields(page), "until": "-"})
    assert [each.until for each in hall.publisher.on(CASE_COMMANDS)] == [None]


@pytest.mark.parametrize(
    ("by", "days", "told"),
    [
        (KARIM, 3, "Karim Haddad a mis la demande en attente jusqu’au"),
        (KARIM, None, "Karim Haddad a repris la demande avant le jour prévu"),
        (None, None, "La demande est revenue"),
    ],
)
async def test_the_story_tells_it(karim, hall, cases, by, days, told):
    until = None if days is None else hall.clock() + timedelta(days=days)
    said = {"type": "CaseSnoozed", "at": hall.clock(), "by": by, "until": until, "cause": "c"}
    hall.happened(cases["hole"], HistoryEntry(case_id=cases["hole"].case_id, version=99, **said))
    assert told in (await karim.get(f"/demandes/{cases['hole'].reference}")).text


async def test_views_hold_what_waits_for_a_word_and_what_for_a_day(karim, hall, cases):
    put_off(hall, cases["hole"])
    hall.cases.put(cases["lamp"].model_copy(update={"at_rest": True}))
    page = await karim.get("/demandes")
    assert "revient le" in page.text.split(f'id="r-{cases["hole"].reference}"')[1].split("</tr>")[0]
    assert shown(await karim.get("/demandes?vue=en-attente")) == [cases["hole"].reference]
    to_answer = shown(await karim.get("/demandes?vue=a-repondre"))
    assert {cases["hole"].reference, cases["lamp"].reference, cases["closed"].reference}.isdisjoint(to_answer)
    assert cases["machine"].reference in to_answer
    part = (await karim.get("/demandes/liste")).text
    for text, live in ((page.text, ""), (part, ' hx-swap-oob="true"')):
        assert f'id="n-snoozed"{live}>1<' in text
        assert f'id="n-to-answer"{live}>{len(to_answer)}<' in text


async def test_it_is_put_off_by_keyboard(chromium: Browser, hall: TownHall, cases):
    case = cases["hole"]
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await page.goto(f"/demandes/{case.reference}")
        await page.locator(".side summary", has_text="Mettre en attente jusqu’à un jour").press("Enter")
        await page.locator("#until").fill(in_days(hall, 10))
        await assert_clean_at(page, "snooze-case", SIZES)
        await page.get_by_role("button", name="Mettre en attente", exact=True).press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Mise en attente")
        put_off(hall, case)
        await page.goto("/demandes?vue=en-attente")
        await assert_clean_at(page, "snooze-list", SIZES)
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1
