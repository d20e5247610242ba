"""A list narrowed by its address: within what its reader may know of the cases in it, and no more."""

import re
from datetime import date, timedelta

import pytest

from agent_desk.domain.cases.case_query import read_query
from agent_desk.domain.cases.list_filters import NONE, Choosable, Filters, choosable
from agent_desk.domain.cases.listed_states import EXACT
from agent_desk.domain.visitor import Visitor
from agent_desk.domain.work.views import View, scope_of_list
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId
from guichet.store.audit.trail import Act
from guichet.store.cases.case_filter import ListCursor, Order
from guichet.town.procedures import Procedure
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.profiled_town import profiled_town

TOWN = profiled_town()
TODAY = ARRIVED.date()
EVERYTHING = Choosable({"voirie", "ccas"}, {"nid-de-poule"}, {"sms", "email"}, {"agent-12"})
ASKED = {
    "service": "voirie",
    "demarche": "nid-de-poule",
    "canal": "sms",
    "agent": "agent-12",
    "du": "2026-11-01",
    "au": "2026-11-30",
}


def visitor_called(sign_in: str) -> Visitor:
    [agent] = [each for each in TOWN.agents if each.sign_in == sign_in]
    return Visitor(agent, TOWN.scope_of(agent, ARRIVED.date()), "session", "token", "fr", TOWN.staff.names)


def may_choose(sign_in: str) -> Choosable:
    return choosable(
        visitor_called(sign_in), TOWN.procedures, TOWN.facts, {AgentId("agent-12"), AgentId("agent-1")}, TODAY
    )


def rows_of(page: str) -> list[str]:
    return re.findall(r'<tr id="r-([^"]+)"', page)


def test_an_address_says_its_filters_and_leads_back_to_them():
    query = read_query(ASKED, EXACT, EVERYTHING)
    assert query.filters == Filters("voirie", "nid-de-poule", "sms", "agent-12", date(2026, 11, 1), date(2026, 11, 30))
    assert {name: word for name, word in query.words.items() if word} == ASKED
    assert "canal" not in query.without("channel")
    assert query.unfiltered == "/demandes"


@pytest.mark.parametrize("word", ["service", "demarche", "canal", "agent", "du", "au"])
def test_what_may_not_be_chosen_is_left_out(word):
    assert read_query({word: "x"}, EXACT, EVERYTHING).filters == NONE
    if word not in {"du", "au"}:
        assert read_query(ASKED, EXACT, Choosable()).filters == Filters(
            since=date(2026, 11, 1), until=date(2026, 11, 30)
        )


def test_a_period_is_of_days_in_paris_and_has_both_its_ends():
    wanted = read_query(ASKED, EXACT, EVERYTHING).filter_for(visitor_called("karim.haddad"), ())
    assert (wanted.received_from.isoformat(), wanted.received_before.isoformat()) == (
        "2026-11-01T00:00:00+01:00",
        "2026-12-01T00:00:00+01:00",
    )
    assert read_query({"du": "2026-11-30", "au": "2026-11-01"}, EXACT, EVERYTHING).filters.until is None


@pytest.mark.parametrize("view", ["miennes", "non-attribuees"])
def test_whose_work_is_asked_for_once(view):
    query = read_query({"vue": view, "agent": "agent-12"}, EXACT, EVERYTHING)
    assert query.view is View.ALL
    assert query.filter_for(visitor_called("karim.haddad"), ()).assigned_to == ("agent-12",)


@pytest.mark.parametrize("typed", ["", "-", "x-y", "12-zz", "９-" + "0" * 32, "1" * 15 + "-" + "0" * 32, "1" * 400])
def test_a_cursor_that_we_never_gave_is_the_beginning(typed):
    assert read_query({"apres": typed}, EXACT, EVERYTHING).after is None


def test_a_cursor_is_read_as_it_was_given():
    cursor = ListCursor(at=ARRIVED + timedelta(milliseconds=7), case=a_case().case_id)
    address = read_query({}, EXACT, EVERYTHING).address(after=cursor)
    assert read_query({"apres": address.partition("apres=")[2]}, EXACT, EVERYTHING).after == cursor


def test_numbers_stand_where_an_index_counts_them_and_are_of_what_is_chosen():
    scope = visitor_called("karim.haddad").listed
    plain = read_query({}, EXACT, EVERYTHING)
    assert (plain.counted(scope), plain.counted_work(scope)) == (scope, scope)
    narrowed = read_query({"service": "ccas"}, EXACT, EVERYTHING)
    assert narrowed.counted(scope).grants == narrowed.counted_work(scope).grants == ()
    of_procedure = read_query({"demarche": "nid-de-poule"}, EXACT, EVERYTHING)
    assert of_procedure.counted(scope) is not None
    assert of_procedure.counted_work(scope) is None
    for word in ("canal", "agent", "du", "au"):
        assert read_query({word: ASKED[word]}, EXACT, EVERYTHING).counted(scope) is None


@pytest.mark.parametrize("who", ["in-synthesis", "with-a-reason", "sees-nothing", "nadia.belkacem"])
def test_who_sees_no_case_whole_chooses_neither_channel_nor_agent(who):
    offered = may_choose(who)
    assert not offered.channels
    assert not offered.agents


def test_of_what_is_seen_in_synthesis_beside_whole_cases_a_list_by_channel_or_agent_holds_nothing():
    """A synthesis tells neither; being in such a list would."""
    visitor = visitor_called("synthesis-beside")
    for word in ("canal", "agent"):
        query = read_query({word: ASKED[word]}, EXACT, EVERYTHING)
        assert scope_of_list(visitor, query.filter_for(visitor, ())) == visitor.listed.whole
    query = read_query({"service": "voirie", "demarche": "nid-de-poule"}, EXACT, EVERYTHING)
    assert scope_of_list(visitor, query.filter_for(visitor, ())) == visitor.listed


def test_a_view_of_work_is_by_what_happened_last_for_whoever_sees_other_cases_in_synthesis():
    """By receipt no index has what is nobody's or to be answered, and what is seen in synthesis is in neither."""
    visitor = visitor_called("synthesis-beside")
    for view in ("a-repondre", "non-attribuees"):
        assert read_query({"vue": view}, EXACT, EVERYTHING).filter_for(visitor, ()).order is Order.ACTIVITY
    assert read_query({}, EXACT, EVERYTHING).filter_for(visitor, ()).order is Order.NEWEST


def test_departments_and_procedures_are_offered_of_what_is_seen():
    procedures = {
        name: Procedure(label=name, department=department, category="x", is_request=True)
        for name, department in (("nid-de-poule", "voirie"), ("lampadaire", "voirie"), ("loyer", "ccas"))
    }
    offered = {
        who: choosable(visitor_called(who), procedures, (), (), TODAY)
        for who in ("karim.haddad", "of-a-procedure", "sees-nothing")
    }
    assert set(offered["karim.haddad"].departments) == {"voirie"}
    assert offered["karim.haddad"].procedures == {"nid-de-poule", "lampadaire"}
    assert offered["of-a-procedure"].procedures == {"nid-de-poule"}
    assert offered["sees-nothing"].procedures == set()


async def test_the_page_shows_what_is_on_and_takes_it_off(karim, cases):
    page = (await karim.get("/demandes?canal=sms")).text
    assert rows_of(page) == [cases["lamp"].reference]
    chips = page.partition('class="chips"')[2].partition("</ul>")[0]
    assert 'href="/demandes"' in chips
    assert "SMS" in chips
    assert 'id="n-open"' not in page, "no index counts what came by a channel"
    assert rows_of((await karim.get("/demandes/liste?canal=email")).text) == [
        cases[each].reference for each in ("machine", "shared", "hole")
    ]


async def test_a_period_is_a_list_by_receipt(karim, cases):
    day = cases["lamp"].received_at.date()
    assert cases["hole"].reference not in (await karim.get(f"/demandes?du={day}")).text
    assert rows_of((await karim.get(f"/demandes?au={day - timedelta(days=1)}")).text) == [cases["hole"].reference]


@pytest.mark.parametrize("asked", ["du=0001-01-01", "au=9999-12-31", "du=1899-12-31", "au=2101-01-01"])
async def test_a_day_out_of_all_living_memory_is_none(karim, cases, asked):
    there = await karim.get(f"/demandes?{asked}")
    assert there.status_code == 200
    assert "Filtres en place" not in there.text


async def test_a_filter_of_another_department_is_as_none(karim, cases):
    there = await karim.get("/demandes?service=ccas")
    assert rows_of(there.text) == rows_of((await karim.get("/demandes")).text)
    assert cases["social"].reference not in there.text


async def test_what_no_index_answers_is_looked_for_further(karim, hall, cases, monkeypatch):
    monkeypatch.setattr("guichet_testing.twins.store.cases.reader.SCANNED_AT_ONCE", 2)
    page, found, looks = (await karim.get("/demandes?canal=email")).text, list[str](), 0
    while True:
        found += rows_of(page)
        looks += 1
        further = re.search(r'rel="next" href="([^"]+)"', page)
        if further is None:
            break
        page = (await karim.get(further[1].replace("&amp;", "&"))).text
    assert found == [cases[each].reference for each in ("machine", "shared", "hole")]
    assert looks == 3
    assert "Revenir au début" in page


async def test_the_file_of_a_narrowed_list_is_whole(karim, cases, monkeypatch):
    monkeypatch.setattr("guichet_testing.twins.store.cases.reader.SCANNED_AT_ONCE", 2)
    lines = (await karim.get("/demandes/export.csv?canal=email")).text.strip().splitlines()
    assert len(lines) == 1 + 3


async def test_a_file_for_which_too_much_would_be_looked_at_ends_and_says_so(karim, hall, cases, monkeypatch):
    monkeypatch.setattr("guichet_testing.twins.store.cases.reader.SCANNED_AT_ONCE", 1)
    monkeypatch.setattr("agent_desk.handlers.cases.export_list.MOST_LOOKED_AT", 2)
    lines = (await karim.get("/demandes/export.csv?canal=sms")).text.strip().splitlines()
    assert "2 demandes" in lines[-1]
    assert len(lines) <= 3


async def test_where_nothing_is_given_nothing_is_noted(karim, hall, cases, monkeypatch):
    monkeypatch.setattr("guichet_testing.twins.store.cases.reader.SCANNED_AT_ONCE", 1)
    assert len((await karim.get("/demandes/export.csv?canal=sms")).text.strip().splitlines()) == 2
    [noted] = [each for each in hall.audit.entries if each.act is Act.LIST_EXPORTED]
    assert noted.things == (cases["lamp"].case_id,)


async def test_what_did_not_leave_is_a_view_with_a_number_and_a_mark(karim, hall, cases):
    hall.cases.put(cases["hole"].model_copy(update={"unsent": ("receipt-1",)}))
    page = (await karim.get("/demandes?vue=envoi-en-echec")).text
    assert rows_of(page) == [cases["hole"].reference]
    assert re.search(r'id="n-unsent"[^>]*>1<', page)
    assert page.count("envoi en échec") == 1
    assert CaseState.IN_PROGRESS is cases["hole"].state
