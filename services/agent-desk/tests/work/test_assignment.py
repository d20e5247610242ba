"""Whose work a case is: taken, handed over and given back at the desk, and found by it in lists."""

import re

import pytest
from playwright.async_api import Browser, expect

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import AssignCase
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.audit.trail import Act
from guichet.store.cases.fields import REASON
from guichet.store.cases.reader import COUNTED_UP_TO
from guichet.store.commands import CommandDocument
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at

KARIM, CLAIRE = "agent-12", "agent-11"


def assigning(case):
    return f"/demandes/{case.reference}/attribution"


def assigned(hall, case, to):
    now = case.model_copy(update={"assigned_to": to})
    hall.cases.put(now)
    return now


def shown(page):
    return [part.split('"')[0] for part in page.text.split('id="r-')[1:]]


async def colleague_of(hall, case, karim):
    """Somebody else whom the page offers."""
    page = (await karim.get(f"/demandes/{case.reference}")).text
    offered = re.findall(r'<option value="(agent-[^"]+)"', page.split('id="to"')[1].split("</select>")[0])
    assert KARIM not in offered
    return offered[0]


async def test_an_agent_takes_a_case_by_one_click_that_is_one_command(karim, hall, cases, fields):
    case = cases["hole"]
    page = await karim.get(f"/demandes/{case.reference}")
    assert "Non attribuée" in page.text
    for _ in range(2):
        answer = await karim.post(assigning(case), data={**fields(page), "to": KARIM})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"/demandes/{case.reference}?")
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, AssignCase)
    assert (first.to, first.reason, first.issued_by, first.shown) == (KARIM, None, KARIM, case.newest_said)
    assert first.event_id == second.event_id
    noted = [each.things for each in hall.audit.entries if each.act is Act.ASSIGNED]
    assert noted == [(case.case_id, first.event_id)] * 2


async def test_it_is_handed_over_with_a_word_that_is_sealed(karim, hall, cases, fields):
    case = cases["hole"]
    to = await colleague_of(hall, case, karim)
    page = await karim.get(f"/demandes/{case.reference}")
    await karim.post(assigning(case), data={**fields(page), "to": to, "handover": " Rappeler avant midi. "})
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert command.to == to
    key = (await hall.vault.open_keys([command.reason.key_id]))[command.reason.key_id]
    assert REASON.called(command.event_id).open(key, case.case_id, command.reason) == "Rappeler avant midi."


async def test_it_is_given_back_or_taken_from_a_colleague(karim, hall, cases, fields):
    mine = assigned(hall, cases["hole"], KARIM)
    page = await karim.get(f"/demandes/{mine.reference}")
    assert "Attribuée à vous" in page.text
    assert "Rendre</button>" in page.text
    await karim.post(assigning(mine), data={**fields(page), "to": "-"})
    theirs = assigned(hall, cases["lamp"], CLAIRE)
    page = await karim.get(f"/demandes/{theirs.reference}")
    assert "Attribuée à Claire Dumas" in page.text
    assert '<option value="-"' in page.text
    await karim.post(assigning(theirs), data={**fields(page), "to": "-"})
    assert [each.to for each in hall.publisher.on(CASE_COMMANDS)] == [None, None]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"to": ""}, "Choisissez un collègue."),
        ({"to": "agent-of-nowhere"}, "Choisissez un collègue."),
        ({"to": KARIM, "handover": "é" * 1001}, "Le mot dépasse 1 000 caractères"),
    ],
)
async def test_what_a_form_lacks_is_said_and_its_words_stay(karim, hall, cases, fields, typed, told):
    case = cases["hole"]
    page = await karim.get(f"/demandes/{case.reference}")
    answer = await karim.post(assigning(case), data={**fields(page), "handover": "à garder", **typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert typed.get("handover", "à garder") in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_whoever_may_not_answer_the_case_is_not_offered(karim, hall, cases):
    case = cases["hole"]
    page = (await karim.get(f"/demandes/{case.reference}")).text
    offered = set(re.findall(r'<option value="(agent-[^"]+)"', page.split('id="to"')[1].split("</select>")[0]))
    day = hall.clock.now.date()
    able = {each.agent_id for each in hall.town.agents if case.department in _answers(hall, each, day)}
    assert offered == able - {KARIM}
    assert offered


def _answers(hall, agent, day):
    return hall.town.scope_of(agent, day).answered_departments


async def test_what_was_refused_comes_back_with_its_words(karim, hall, cases):
    case = cases["hole"]
    reason = await hall.seal_reason(case, "c" * 32, "Rappeler avant midi.")
    said = {"type": "CommandRefused", "at": hall.clock(), "by": KARIM, "state": "agent-without-right"}
    entry = HistoryEntry(case_id=case.case_id, version=99, cause="c" * 32, reason=reason, reason_field="c" * 32, **said)
    hall.happened(case, entry)
    refused = CommandDocument(
        _id="c" * 32, type="AssignCase", case_id=case.case_id, at=hall.clock(), done=True, refused="agent-without-right"
    )
    await hall.commands.insert_causes([refused])
    page = (await karim.get(f"/demandes/{case.reference}?suite=attribution-{'c' * 32}")).text
    assert "L’attribution n’a pas changé" in page
    assert "Rappeler avant midi.</textarea>" in page


@pytest.mark.parametrize(
    ("by", "to", "from_agent", "told"),
    [
        (KARIM, KARIM, None, "Karim Haddad a pris la demande"),
        (KARIM, CLAIRE, KARIM, "Karim Haddad a attribué la demande à Claire Dumas"),
        (KARIM, None, KARIM, "Karim Haddad a rendu la demande"),
        (KARIM, None, CLAIRE, "Karim Haddad a retiré la demande à Claire Dumas"),
        (None, None, CLAIRE, "Claire Dumas n’a plus le droit d’y répondre"),
    ],
)
async def test_the_story_tells_it(karim, hall, cases, by, to, from_agent, told):
    case = cases["hole"]
    said = {"type": "CaseAssigned", "at": hall.clock(), "by": by, "to_agent": to, "from_agent": from_agent}
    hall.happened(case, HistoryEntry(case_id=case.case_id, version=99, cause="c", **said))
    assert told in (await karim.get(f"/demandes/{case.reference}")).text


async def test_lists_say_whose_work_each_case_is(karim, hall, cases):
    assigned(hall, cases["hole"], KARIM)
    assigned(hall, cases["lamp"], CLAIRE)
    page = await karim.get("/demandes")
    rows = {
        case: page.text.split(f'id="r-{cases[case].reference}"')[1].split("</tr>")[0]
        for case in cases
        if cases[case].reference in page.text
    }
    assert "à vous" in rows["hole"]
    assert "Claire Dumas" in rows["lamp"]
    assert "attribuée à" not in rows["machine"]
    assert 'id="n-mine">1<' in page.text
    assert shown(await karim.get("/demandes?vue=miennes")) == [cases["hole"].reference]
    nobodys = shown(await karim.get("/demandes?vue=non-attribuees"))
    assert f'id="n-unassigned">{len(nobodys)}<' in page.text
    assert not {cases["hole"].reference, cases["lamp"].reference} & {*nobodys}
    part = (await karim.get("/demandes/liste?vue=miennes")).text
    assert 'id="n-mine" hx-swap-oob="true">1<' in part
    assert f'id="n-unassigned" hx-swap-oob="true">{len(nobodys)}<' in part


async def test_a_count_of_work_stops_as_others_do(karim, hall, cases):
    for number in range(COUNTED_UP_TO + 5):
        update = {"case_id": f"case-{number}", "state": CaseState.RECEIVED, "assigned_to": KARIM}
        hall.cases.put(cases["hole"].model_copy(update=update))
    assert 'id="n-mine"><span aria-hidden="true">99+</span>' in (await karim.get("/demandes")).text


async def test_a_closed_case_offers_nothing_of_it(karim, cases):
    page = (await karim.get(f"/demandes/{cases['closed'].reference}")).text
    assert assigning(cases["closed"]) not in page


async def test_it_is_taken_and_handed_over_by_keyboard(chromium: Browser, hall: TownHall, cases):
    case = cases["hole"]
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await page.goto(f"/demandes/{case.reference}")
        await page.get_by_role("button", name="Prendre").press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Attribution")
        assigned(hall, case, KARIM)
        await page.goto(f"/demandes/{case.reference}")
        await page.get_by_text("Attribuer à un collègue").press("Enter")
        await page.locator("#to").press("ArrowDown")
        await page.locator("#handover").fill("Rappeler avant midi.")
        await assert_clean_at(page, "assignment-case", SIZES)
        await page.get_by_role("button", name="Attribuer", exact=True).press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Attribution")
        given = hall.publisher.on(CASE_COMMANDS)
        assert given[0].to == KARIM
        assert given[1].to not in {KARIM, None}
        await page.goto("/demandes")
        await assert_clean_at(page, "assignment-list", SIZES)
