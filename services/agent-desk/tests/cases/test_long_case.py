"""A case where very much happened opens like any other, and nothing of its story is out of reach."""

import re
from datetime import timedelta
from itertools import chain

import pytest

from agent_desk.domain.cases.story import MOMENTS, StoryCursor, read_cursor
from guichet.case.history import HistoryEntry
from guichet.case.newest import Said
from guichet.case.record import OutboxEntry
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import MessageId
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.filled_hall import mail

OLDER = re.compile(r'href="(/demandes/[^"]+\?avant=[^"#]+)#fil"')


async def a_long_case(hall, messages: int, *, at_once: int = 1):
    """A case with so many messages, each followed by a step; `at_once` of them at the same instant."""
    case = await hall.open_case("long", subject="Sans fin", text="message 0 de la file")
    entries = []
    for nth in range(1, messages):
        at = ARRIVED + timedelta(minutes=nth // at_once)
        said = InboundContent(sender=(mail(f"usager-{nth}@courriel.example"),), text=f"message {nth} de la file")
        await hall.receive(case, said, message_id=MessageId(f"long-{nth:05}"), at=at)
        entries.append(
            HistoryEntry(case_id=case.case_id, version=nth + 1, type="CommandRefused", at=at, by="agent-12", state="x")
        )
    return hall.happened(case, *entries)


async def walk(agent, reference: str) -> list[str]:
    """Return every page of a story, following its links to what came before."""
    pages, address = [], f"/demandes/{reference}"
    while address:
        pages.append((await agent.get(address)).text)
        found = OLDER.search(pages[-1])
        address = found[1].replace("&amp;", "&") if found else None
    return pages


@pytest.mark.parametrize("at_once", [1, 7, 300])
async def test_every_moment_is_on_one_page(karim, hall, at_once):
    case = await a_long_case(hall, 130, at_once=at_once)
    pages = await walk(karim, case.reference)
    told = [re.findall(r"message \d+ de la file", page) for page in pages]
    assert sorted(chain.from_iterable(told)) == sorted(f"message {nth} de la file" for nth in range(130))
    assert max(page.count('<li class="moment') for page in pages) == MOMENTS
    assert len(pages) == -(-260 // MOMENTS)


async def test_the_newest_comes_first_and_the_way_back_is_there(karim, hall):
    case = await a_long_case(hall, 60)
    first, second, *_ = await walk(karim, case.reference)
    assert "message 59 de la file" in first
    assert "message 1 de la file" not in first
    assert "Revenir au plus récent" not in first
    assert "Revenir au plus récent" in second
    assert f'hx-get="/demandes/{case.reference}/fil"' in first
    assert f'hx-get="/demandes/{case.reference}/fil?avant=' in second, "a live page would jump to the newest"


async def test_who_wrote_first_and_last_is_known_on_every_page(karim, hall):
    """Where answers go does not depend on the page that the agent looks at."""
    case = await a_long_case(hall, 60)
    hall.cases.put(case.model_copy(update={"last_inbound": "long-00059"}))
    pages = await walk(karim, case.reference)
    assert len(pages) > 1
    assert all("usager-59@courriel.example" in page for page in pages)


async def test_an_older_page_does_not_pass_for_what_came_since_the_newest_was_looked_at(karim, hall, fields):
    case = await a_long_case(hall, 60)
    case = hall.happened(case, newest=(Said(id="long-00059"),))
    address = OLDER.search((await karim.get(f"/demandes/{case.reference}")).text)[1].replace("&amp;", "&")
    hall.happened(case, newest=(*case.newest, Said(id="unseen")))
    older = await karim.get(address)
    assert fields(older)["shown"] == "long-00059", "a decision made here would be made over what nobody has read"
    without = await karim.get(re.sub("&shown=[^&]*", "", address))
    assert fields(without)["shown"] == ""


async def test_what_waits_for_an_agent_is_on_the_newest_page_however_old_it_is(karim, hall):
    case = await a_long_case(hall, 60)
    receipt = await hall.send(case, "Votre demande est enregistrée.", purpose=Purpose.AEE, at=ARRIVED)
    hall.happened(case, undecided=(receipt,), deliveries={receipt: DeliveryState.UNKNOWN})
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert f'href="#envoi-{receipt}"' in page
    assert f'id="envoi-{receipt}"' in page


async def test_what_became_of_an_answer_that_the_case_keeps_no_longer_is_told_by_its_history(karim, hall, cases):
    case = cases["lamp"]
    sent = await hall.send(case, "C’est réparé.", purpose=Purpose.REPLY, at=ARRIVED + timedelta(days=1))
    about = {"case_id": case.case_id, "at": ARRIVED, "message_id": sent}
    asked = HistoryEntry(version=2, type="ReplyRequested", **about)
    doubt = HistoryEntry(version=3, type="DeliveryRecorded", state="unknown", **about)
    settled = HistoryEntry(version=4, type="DeliverySettled", by="agent-12", state="received", **about)
    hall.happened(case, asked, doubt)
    assert 'class="delivery delivery-unknown"' in (await karim.get(f"/demandes/{case.reference}")).text
    hall.happened(case, settled)
    assert 'class="delivery delivery-delivered"' in (await karim.get(f"/demandes/{case.reference}")).text


async def test_what_nobody_has_copied_into_the_history_yet_shows(karim, hall, cases):
    case = cases["lamp"]
    sent = await hall.send(case, "C’est réparé.", purpose=Purpose.REPLY, at=ARRIVED + timedelta(days=1))
    about = {
        "event_id": "asked",
        "occurred_at": "2026-11-25T09:30:00Z",
        "case_id": case.case_id,
        "reference": case.reference,
        "sector": case.sector,
        "department": case.department,
        "citizen": None,
        "caused_by": "click",
    }
    asked = {**about, "type": "ReplyRequested", "version": 2, "outbound_id": sent, "by": "agent-12"}
    closed = {**about, "type": "CaseClosed", "version": 3, "event_id": "closed", "by": "agent-12"}
    unreadable = {"type": "CaseClosed", "version": "?"}
    outbox = tuple(OutboxEntry(cause="click", event=event) for event in (asked, closed, unreadable))
    hall.cases.put(case.model_copy(update={"outbox": outbox}))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "C’est réparé." in page
    assert "Karim Haddad a clos la demande" in page


async def test_a_message_shows_as_soon_as_pages_are_told_of_it(karim, hall, cases):
    # The router tells that it has joined a case before it marks it as the case's (docs/decisions/0002).
    lamp, other = cases["lamp"], await hall.open_case("late", text="Je conteste.", files={"trou.png": b"un trou"})
    late = hall.messages.messages[other.opened_by].model_copy(update={"filed": None})
    hall.messages.messages[late.message_id] = late
    here = f"/demandes/{lamp.reference}"
    file = f"{here}/fichiers/{late.message_id}/1"
    assert "Je conteste." not in (await karim.get(here)).text
    assert (await karim.get(file)).status_code == 404
    told = {
        "type": "MessageFiled",
        "event_id": "told",
        "version": 2,
        "occurred_at": "2026-11-25T09:30:00Z",
        "case_id": lamp.case_id,
        "reference": lamp.reference,
        "sector": lamp.sector,
        "department": lamp.department,
        "citizen": None,
        "caused_by": late.message_id,
        "message_id": late.message_id,
        "channel": "mail",
        "received_at": "2026-11-25T09:30:00Z",
    }
    outbox = (OutboxEntry(cause=late.message_id, event=told),)
    newest = (*lamp.newest, Said(id=late.message_id))
    hall.cases.put(lamp.model_copy(update={"outbox": outbox, "newest": newest, "last_inbound": late.message_id}))
    for path in (here, f"{here}/fil", "/demandes"):
        assert "Je conteste." in (await karim.get(path)).text, path
    assert (await karim.get(file)).content == b"un trou"
    hall.messages.messages[late.message_id] = late.model_copy(update={"filed": other.case_id})
    assert "Je conteste." not in (await karim.get(here)).text, "it is another case's by now"


@pytest.mark.parametrize(
    "typed", ["", "x", "1.2", "1.2.3.4", "9" * 40 + ".0.0", "1.-1.0", "1.0.999999999", "-" + "9" * 20 + ".0.0", None]
)
async def test_a_cursor_that_was_made_up_is_the_newest_page(karim, cases, typed):
    assert read_cursor(typed) is None
    page = await karim.get(f"/demandes/{cases['lamp'].reference}", params={} if typed is None else {"avant": typed})
    assert page.status_code == 200


def test_a_cursor_is_read_as_it_was_written():
    cursor = StoryCursor(ARRIVED + timedelta(milliseconds=7), 3, 1)
    assert read_cursor(str(cursor)) == cursor
