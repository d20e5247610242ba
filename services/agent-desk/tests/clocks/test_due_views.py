"""Lists say what is due, and views hold what is late, what comes next, and where silence has decided."""

from datetime import timedelta

from guichet.case.record import CaseDue
from guichet.contracts.case_events import CaseState
from guichet.law.calendar import paris_date


def due_in(hall, case, days, **kept):
    on = paris_date(hall.clock()) + timedelta(days=days)
    now = case.model_copy(update={"due": CaseDue(clock="are", due_on=on, is_late=days < 0), **kept})
    hall.cases.put(now)
    return now


def shown(page):
    return [part.split('"')[0] for part in page.text.split('id="r-')[1:]]


def row(page, case):
    return page.text.split(f'id="r-{case.reference}"')[1].split("</tr>")[0]


async def test_a_row_says_when_it_is_due_in_words(karim, hall, cases):
    due_in(hall, cases["hole"], -2)
    due_in(hall, cases["lamp"], 0)
    due_in(hall, cases["shared"], 3)
    due_in(hall, cases["machine"], 30)
    page = await karim.get("/demandes")
    assert "en retard" in row(page, cases["hole"])
    assert "échéance aujourd’hui" in row(page, cases["lamp"])
    assert "échéance dans 3 j" in row(page, cases["shared"])
    assert "échéance" not in row(page, cases["machine"])


async def test_views_hold_what_is_late_and_what_comes_next(karim, hall, cases):
    late = due_in(hall, cases["hole"], -2)
    older = due_in(hall, cases["closed"], -9, state=CaseState.CLOSED)
    today, soon = due_in(hall, cases["lamp"], 0), due_in(hall, cases["shared"], 30)
    page = await karim.get("/demandes?vue=en-retard")
    assert shown(page) == [older.reference, late.reference]
    assert "Anciennes d’abord" not in page.text
    assert shown(await karim.get("/demandes?vue=echeances")) == [today.reference, soon.reference]
    part = (await karim.get("/demandes/liste")).text
    for text, live in ((page.text, ""), (part, ' hx-swap-oob="true"')):
        assert f'id="n-late"{live}>2<' in text
        assert f'id="n-due"{live}>1<' in text


async def test_what_silence_decided_is_listed_and_said(karim, hall, cases):
    on = paris_date(hall.clock())
    case = cases["hole"].model_copy(update={"due": CaseDue(decided="rejects", decided_on=on)})
    hall.cases.put(case)
    page = await karim.get("/demandes?vue=silence")
    assert shown(page) == [case.reference]
    assert "silence décidé" in row(page, case)
    assert 'id="n-silence">1<' in page.text


async def test_silence_that_decided_nothing_is_a_nought_as_its_neighbours_are(karim):
    for address, live in (("/demandes", ""), ("/demandes/liste", ' hx-swap-oob="true"')):
        text = (await karim.get(address)).text
        for name in ("late", "due", "silence"):
            assert f'id="n-{name}"{live}>0<' in text, name


async def test_a_synthesis_is_in_no_such_view(sign_in, hall, cases):
    due_in(hall, cases["hole"], -2)
    browser = await sign_in("in-synthesis")
    assert shown(await browser.get("/demandes?vue=en-retard")) == []
    assert "en retard" not in (await browser.get("/demandes")).text.lower().split("<table")[1]
