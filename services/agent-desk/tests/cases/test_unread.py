"""Each agent sees what they have not read, until they or a colleague have dealt with it."""

import re
from datetime import timedelta

import pytest

from agent_desk.domain.cases.unread import first_unread, is_unread
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound import Automatic
from guichet.ids import AgentId, MessageId
from guichet.law.calendar import paris_date
from guichet.store.read_marks import KEPT, read_mark
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.doors.filled_hall import mail

LEA = AgentId("lea")
NEW = a_case()
READ = read_mark(LEA, NEW.case_id, NEW.last_inbound, ARRIVED)


def changed(**fields):
    return NEW.model_copy(update=fields)


@pytest.mark.parametrize(
    ("case", "mark", "unread"),
    [
        (NEW, None, True),
        (NEW, READ, False),
        (changed(last_inbound="again", has_news=True), READ, True),
        (changed(last_inbound="again", has_news=True, state=CaseState.CLOSED), READ, True),
        (changed(last_inbound="again", state=CaseState.IN_PROGRESS), READ, False),  # a colleague has answered
        (changed(state=CaseState.IN_PROGRESS), None, False),
        (changed(last_spoken_at=ARRIVED - KEPT), None, False),
        (changed(state=CaseState.CLOSED), read_mark(LEA, NEW.case_id, None, ARRIVED), True),
    ],
)
def test_what_is_unread(case, mark, unread):
    assert is_unread(case, mark, ARRIVED) is unread


def rows(page: str) -> dict[str, bool]:
    """Return the references of a list, and whether each is in bold."""
    return {name: "is-new" in more for name, more in re.findall(r'<tr id="r-([^"]+)"([^>]*)>', page)}


async def test_a_row_is_bold_for_each_agent_until_they_have_read_it(karim, sign_in, hall, cases):
    reference = cases["lamp"].reference
    page = (await karim.get("/demandes")).text
    assert rows(page)[reference]
    assert "non lue" in page.partition(f'id="r-{reference}"')[2].partition("</tr>")[0]
    await karim.get(f"/demandes/{reference}")
    assert not rows((await karim.get("/demandes/liste")).text)[reference]
    other = next(each for each in hall.town.agents if "voirie" in each.departments and each.sign_in != "karim.haddad")
    assert rows((await (await sign_in(other.sign_in)).get("/demandes")).text)[reference]


async def test_a_case_opens_at_the_first_message_that_was_not_read_and_stays_there(karim, hall, cases):
    shared = cases["shared"]
    first = await karim.get(f"/demandes/{shared.reference}")
    assert 'id="non-lu"' not in first.text, "of a case that is opened for the first time all is new"
    for number in (1, 2):
        await again(hall, shared, f"again-{number}", f"Encore {number}", minutes=150 + number)
    page = (await karim.get(f"/demandes/{shared.reference}")).text
    assert page.index("sens unique") < page.index('id="non-lu"') < page.index("Encore 1") < page.index("Encore 2")
    seen = re.search(r'id="lu" name="lu" value="([^"]+)"', page)[1]
    assert seen == shared.last_inbound
    part = (await karim.get(f"/demandes/{shared.reference}/fil?lu={seen}")).text
    assert part.index('id="non-lu"') < part.index("Encore 1")
    assert 'id="non-lu"' not in (await karim.get(f"/demandes/{shared.reference}")).text


async def test_what_a_machine_wrote_is_no_message_to_read(karim, hall, cases):
    shared = cases["shared"]
    await karim.get(f"/demandes/{shared.reference}")
    await again(hall, shared, "robot", "Absent", minutes=160, automatic=Automatic.AUTO_SUBMITTED)
    assert 'id="non-lu"' not in (await karim.get(f"/demandes/{shared.reference}")).text


async def test_a_case_is_put_back_and_found_again(karim, hall, cases, fields):
    hole = cases["hole"]
    page = await karim.get(f"/demandes/{hole.reference}")
    assert hole.reference not in (await karim.get("/demandes?vue=non-lues")).text
    led = await karim.post(f"/demandes/{hole.reference}/non-lue", data=fields(page))
    assert (led.status_code, led.headers["location"]) == (303, "/demandes")
    view = (await karim.get("/demandes?vue=non-lues")).text
    assert rows(view)[hole.reference]
    hall.cases.put(hole.model_copy(update={"state": CaseState.WAITING_FOR_CITIZEN}))
    view = (await karim.get("/demandes?vue=non-lues")).text
    assert next(iter(rows(view))) == hole.reference, "what waits no longer stands first"
    await karim.get(f"/demandes/{hole.reference}")
    assert hole.reference not in (await karim.get("/demandes?vue=non-lues")).text


@pytest.mark.parametrize(
    ("narrowed", "is_there"),
    [
        ("canal=email", True),
        ("canal=sms", False),
        ("demarche={other}", False),
        ("agent=agent-12", False),
        ("du={later}", False),
        ("au={day}", True),
        ("etat=in_progress", True),
        ("etat=closed", False),
    ],
)
async def test_what_was_put_back_is_in_no_list_that_its_filters_keep_it_out_of(
    karim, hall, cases, fields, narrowed, is_there
):
    hole = cases["hole"]
    await karim.post(f"/demandes/{hole.reference}/non-lue", data=fields(await karim.get(f"/demandes/{hole.reference}")))
    day = paris_date(hole.received_at)
    other = next(
        name
        for name, each in hall.town.procedures.items()
        if each.department == hole.department and name != hole.procedure
    )
    asked = narrowed.format(day=day, later=day + timedelta(days=1), other=other)
    assert (hole.reference in rows((await karim.get(f"/demandes?vue=non-lues&{asked}")).text)) is is_there


async def test_a_closed_case_that_was_put_back_is_unread_among_the_closed(karim, hall, cases, fields):
    hole = cases["hole"]
    await karim.post(f"/demandes/{hole.reference}/non-lue", data=fields(await karim.get(f"/demandes/{hole.reference}")))
    hall.cases.put(hole.model_copy(update={"state": CaseState.CLOSED}))
    assert hole.reference not in rows((await karim.get("/demandes?vue=non-lues")).text)
    assert rows((await karim.get("/demandes?vue=non-lues&etat=closed")).text) == {hole.reference: True}


async def test_the_view_holds_what_waits_and_was_not_read(karim, cases):
    await karim.get(f"/demandes/{cases['shared'].reference}")
    view = rows((await karim.get("/demandes?vue=non-lues")).text)
    assert view == {cases[name].reference: True for name in ("machine", "lamp")}


async def test_a_long_list_of_unread_ones_goes_on_where_it_stopped(karim, hall, cases, monkeypatch):
    monkeypatch.setattr("agent_desk.domain.cases.case_query.ROWS", 1)
    found, page = list[str](), (await karim.get("/demandes?vue=non-lues")).text
    while True:
        found += rows(page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        if further is None:
            break
        page = (await karim.get(further[1].replace("&amp;", "&"))).text
    assert found == [cases[name].reference for name in ("machine", "shared", "lamp")]


async def test_the_file_of_the_view_is_of_what_was_not_read(karim, cases):
    await karim.get(f"/demandes/{cases['shared'].reference}")
    lines = (await karim.get("/demandes/export.csv?vue=non-lues")).text.strip().splitlines()
    assert {line.partition(";")[0].strip('"') for line in lines[1:]} == {
        cases[name].reference for name in ("machine", "lamp")
    }


async def test_nothing_is_noted_of_a_case_that_its_reader_does_not_see_whole(sign_in, hall, cases):
    rada = await sign_in("karim.haddad")
    assert (await rada.get(f"/demandes/{cases['social'].reference}")).status_code == 404
    assert not hall.read_marks.marks


async def again(hall, case, name, text, *, minutes, automatic=None):
    """Let the citizen write once more."""
    later = await hall.open_case(
        name, text=text, sender=(mail("famille.petit@courriel.example"),), minutes=minutes, automatic=automatic
    )
    message = hall.messages.messages[later.opened_by].model_copy(update={"filed": case.case_id})
    hall.messages.messages[later.opened_by] = message
    hall.cases.cases.pop(later.case_id)
    if automatic is None:
        now = hall.cases.cases[case.case_id]
        at = later.received_at
        hall.cases.put(now.model_copy(update={"last_inbound": MessageId(later.opened_by), "last_spoken_at": at}))


def test_what_was_seen_and_is_on_no_page_begins_nothing():
    assert first_unread((), None) is None
    assert first_unread((), MessageId("gone")) is None
