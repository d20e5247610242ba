"""« Pour moi »: what colleagues address to an agent, for as long as they may answer the case; counted in the bar."""

import asyncio
import json
from contextlib import aclosing
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser, expect

from agent_desk.entry.news_streams import DUE_SAID_SINGLY
from agent_desk.handlers.live import live_streams
from agent_desk.handlers.live.live_streams import may_be_addressed, news_stream
from guichet.contracts.calls import CallStep
from guichet.contracts.case_events import CaseSnoozed, ClockReached, NoteAdded, ReceiptOwed
from guichet.ids import AgentId, EventId
from guichet.store.agents.news import READ_AT_MOST, AgentNews, NewsKind, ReachedDay, news_id
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_in_browser import NARROWEST, SIZES, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean_at
from guichet_testing.until import PATIENCE_S

KARIM, CLAIRE = AgentId("agent-12"), AgentId("agent-11")
NOTIFIED = """
window.notified = [];
document.hasFocus = () => false;
window.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(words) { super(); window.notified.push(words); }
};
"""
COUNT = '<span class="badge">{}<span class="unseen">'


async def told(hall, case, kind=NewsKind.MENTION, *, agent=KARIM, event="event", after=timedelta()):
    by = None if kind in (NewsKind.BACK, NewsKind.DUE) else CLAIRE
    named, at = news_id(agent, EventId(event), kind), hall.clock() + after
    reached = ReachedDay(clock="are", stage="late", on=date(2026, 5, 7)) if kind is NewsKind.DUE else None
    news = AgentNews(_id=named, agent=agent, case_id=case.case_id, kind=kind, by=by, at=at, reached=reached)
    await hall.news.add([news])


async def test_what_is_addressed_to_an_agent_is_listed_and_counted(karim, hall, cases):
    hall.cases.put(cases["hole"].model_copy(update={"call_back_at": hall.clock()}))
    for kind in NewsKind:
        await told(hall, cases["hole"], kind, event=kind)
    await told(hall, cases["lamp"], agent=CLAIRE)
    page = (await karim.get("/pour-moi")).text
    for words in (
        "Claire Dumas vous mentionne dans une note interne.",
        "Claire Dumas vous a attribué cette demande.",
        "Claire Dumas vous a repris cette demande.",
        "Votre demande mise en attente est de retour.",
        "Quelqu’un attend d’être rappelé.",
        "Une demande urgente est arrivée pendant l’astreinte.",
        "Accusé de réception (ARE)\xa0: échéance du 7 mai 2026 dépassée",
    ):
        assert words in page
    assert COUNT.format(7) in page
    assert cases["hole"].reference in page
    assert cases["lamp"].reference not in page
    assert (cases["hole"].case_id,) in {each.things for each in hall.audit.entries if each.act is Act.LISTED}


async def test_who_may_answer_a_case_no_more_is_told_nothing_of_it(karim, hall, cases):
    await told(hall, cases["hole"])
    hall.cases.put(cases["hole"].model_copy(update={"department": "ccas", "sector": "social"}))
    page = (await karim.get("/pour-moi")).text
    assert cases["hole"].reference not in page
    assert "Rien ne vous attend." in page
    assert "badge" not in page


async def test_a_call_back_is_told_once_it_is_time_and_until_somebody_has_called(karim, sign_in, hall, cases):
    later = hall.clock() + timedelta(days=1)
    hall.cases.put(cases["hole"].model_copy(update={"call_back_at": later}))
    await told(hall, cases["hole"], NewsKind.CALL, after=timedelta(days=1))
    assert "badge" not in (await karim.get("/demandes")).text
    hall.clock.now = later
    karim = await sign_in("karim.haddad")
    assert COUNT.format(1) in (await karim.get("/demandes")).text
    hall.cases.put(cases["hole"])
    assert "badge" not in (await karim.get("/demandes")).text


async def test_of_a_call_back_asked_again_for_later_the_older_wish_is_told_no_more(karim, hall, cases):
    await told(hall, cases["hole"], NewsKind.CALL)
    await told(hall, cases["hole"], NewsKind.CALL, event="again", after=timedelta(days=1))
    hall.cases.put(cases["hole"].model_copy(update={"call_back_at": hall.clock() + timedelta(days=1)}))
    assert "badge" not in (await karim.get("/demandes")).text
    assert "Quelqu’un attend" not in (await karim.get("/pour-moi")).text


async def test_only_who_works_on_the_case_by_now_is_told_that_somebody_is_to_be_called_and_once(karim, hall, cases):
    due = cases["hole"].model_copy(update={"call_back_at": hall.clock()})
    for event in ("asked", "given back"):
        await told(hall, due, NewsKind.CALL, event=event)
    for worker, count in (KARIM, 1), (None, 1), (CLAIRE, 0):
        hall.cases.put(due.model_copy(update={"assigned_to": worker}))
        assert (await karim.get("/pour-moi")).text.count("Quelqu’un attend") == count


async def test_calls_that_were_made_hide_nothing_else(karim, hall, cases):
    await told(hall, cases["hole"], after=-timedelta(minutes=1))
    for nth in range(READ_AT_MOST):
        await told(hall, cases["hole"], NewsKind.CALL, event=f"call-{nth}")
    page = (await karim.get("/pour-moi")).text
    assert "Claire Dumas vous mentionne" in page
    assert COUNT.format(1) in page


async def test_what_lies_ahead_is_not_seen_with_what_is_there(karim, sign_in, hall, cases, fields):
    later = hall.clock() + timedelta(days=1)
    hall.cases.put(cases["hole"].model_copy(update={"call_back_at": later}))
    await told(hall, cases["hole"])
    await told(hall, cases["hole"], NewsKind.CALL, after=timedelta(days=1))
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    assert (await karim.post("/pour-moi", data=fields(page))).status_code == 303
    hall.clock.now = later
    assert COUNT.format(1) in (await (await sign_in("karim.haddad")).get("/demandes")).text


async def test_opening_the_case_is_seeing_it_and_so_is_saying_that_all_is_seen(karim, hall, cases, fields):
    await told(hall, cases["hole"])
    await told(hall, cases["lamp"], event="other")
    hall.cases.put(cases["lamp"].model_copy(update={"department": "voirie", "sector": cases["hole"].sector}))
    assert COUNT.format(2) in (await karim.get("/demandes")).text
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    assert COUNT.format(1) in page.text
    assert (await karim.post("/pour-moi", data=fields(page))).status_code == 303
    assert "badge" not in (await karim.get("/pour-moi")).text
    assert all(each.seen for each in hall.news.news.values())


async def test_a_forged_form_sees_nothing(karim, hall, cases):
    await told(hall, cases["hole"])
    assert (await karim.post("/pour-moi", data={"form_token": "x"})).status_code == 403
    assert not any(each.seen for each in hall.news.news.values())


def an_event(case, kind, **said):
    about = {"case_id": case.case_id, "reference": case.reference, "sector": case.sector, "citizen": None}
    return kind(
        event_id="e",
        occurred_at=case.received_at,
        caused_by="c",
        version=9,
        department=case.department,
        **about,
        **said,
    )


@pytest.mark.parametrize(
    ("kind", "said", "is_told"),
    [
        (NoteAdded, {"note_id": "n", "by": CLAIRE, "mentions": (KARIM,)}, True),
        (NoteAdded, {"note_id": "n", "by": CLAIRE}, False),
        (NoteAdded, {"note_id": "n", "by": CLAIRE, "call": CallStep.ASKED}, True),
        (NoteAdded, {"note_id": "n", "by": CLAIRE, "call": CallStep.REACHED}, False),
        (CaseSnoozed, {"until": None}, True),
        (CaseSnoozed, {"until": None, "by": CLAIRE}, False),
        (ClockReached, {"clock": "are", "stage": "near", "due": date(2026, 5, 7)}, True),
        (ReceiptOwed, {"answers": "m", "received_on": date(2026, 5, 7), "is_full": False}, True),
        (ReceiptOwed, {"answers": "m", "received_on": date(2026, 5, 7), "is_full": True}, False),
    ],
)
def test_an_open_page_counts_again_where_something_may_be_its_readers(cases, kind, said, is_told):
    assert may_be_addressed(an_event(cases["hole"], kind, **said), KARIM) is is_told


async def test_an_open_page_is_told_the_count(hall, cases):
    async def tell() -> list[str]:
        return ["1"]

    changes = hall.feed.changes(hall.feed.position, lambda event: may_be_addressed(event, KARIM))
    hall.feed.put(an_event(cases["hole"], NoteAdded, note_id="n", by=CLAIRE))
    hall.feed.put(an_event(cases["hole"], NoteAdded, note_id="n", by=CLAIRE, mentions=(KARIM,)))
    async with aclosing(news_stream(changes, tell)) as stream:
        event = await anext(stream)
    assert (event.event, event.data) == ("news", "1")


async def test_of_a_case_that_one_may_not_answer_one_learns_nothing_not_even_that_it_is_back(
    sign_in, hall, cases, monkeypatch
):
    stranger = await sign_in("paul.mercier")
    position = hall.feed.position
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.05)
    listening = asyncio.create_task(stranger.get("/demandes/direct", params={"vu": position}))
    hall.feed.put(an_event(cases["hole"], CaseSnoozed, until=None))
    await asyncio.sleep(0.2)  # for as long as it has to be told nothing
    await hall.sessions.end_all(AgentId("agent-14"))
    assert "news" not in (await asyncio.wait_for(listening, PATIENCE_S)).text


async def test_a_browser_is_told_nothing_once_its_agent_is_signed_out(karim, hall, monkeypatch):
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.01)
    listening = asyncio.create_task(karim.get("/pour-moi/direct"))
    await hall.sessions.end_all(KARIM)
    answer = await asyncio.wait_for(listening, PATIENCE_S)
    assert "news" not in answer.text


async def test_a_browser_says_single_days_by_reference_and_many_by_their_number(karim, hall, cases, monkeypatch):
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.3)
    listening = asyncio.create_task(karim.get("/pour-moi/direct"))
    await asyncio.sleep(0.1)
    for nth in range(DUE_SAID_SINGLY + 40):
        await told(hall, cases["hole"], NewsKind.DUE, event=f"due-{nth}")
    hall.feed.put(an_event(cases["hole"], ClockReached, clock="are", stage="late", due=date(2026, 5, 7)))
    await asyncio.sleep(0.1)
    await hall.sessions.end_all(KARIM)
    said = [line for line in (await listening).text.splitlines() if line.startswith("data:")]
    assert len(said) == DUE_SAID_SINGLY + 1
    assert cases["hole"].reference in said[0]
    assert "du 7 mai 2026 dépassée" in json.loads(said[0].removeprefix("data:"))["words"]
    assert json.loads(said[-1].removeprefix("data:"))["words"] == "40 échéances de plus"


async def test_the_bar_counts_while_a_page_is_open(chromium: Browser, hall: TownHall, cases):
    await told(hall, cases["hole"])
    async with signed_in_page(chromium, hall.web(), "karim.haddad", NARROWEST) as page:
        await page.goto("/pour-moi")
        await assert_clean_at(page, "news", SIZES)
        await told(hall, cases["hole"], NewsKind.GIVEN, event="given")
        hall.feed.put(an_event(cases["hole"], NoteAdded, note_id="n", by=CLAIRE, mentions=(KARIM,)))
        await expect(page.locator("#pour-moi .badge")).to_contain_text("2")
        await expect(page.locator("#pour-moi")).to_have_attribute("aria-current", "true")
        await expect(page.locator(".told li")).to_have_count(2)
        assert await page.locator("script[src*=notify]").count() == 0, "who did not ask for notifications loads nothing"
        await page.add_init_script(NOTIFIED)
        await page.goto("/preferences")
        await page.get_by_label("Me notifier dans ce navigateur").check()
        await assert_clean_at(page, "news-preferences", SIZES)
        async with page.expect_response("**/pour-moi/direct"):
            await page.get_by_role("button", name="Enregistrer").click()
        await told(hall, cases["hole"], NewsKind.GIVEN, event="again")
        hall.feed.put(an_event(cases["hole"], NoteAdded, note_id="n", by=CLAIRE, mentions=(KARIM,)))
        await page.wait_for_function("window.notified.length")
        said = [f"Une demande vous est attribuée\xa0: {cases['hole'].reference}"]
        assert await page.evaluate("window.notified") == said
