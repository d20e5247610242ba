"""Who is on call: whom the page is for, who says it, what it points out, and what an urgent case tells."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from playwright.async_api import Browser, expect

from agent_desk.domain.work.on_call import OnCallForm, to_change
from agent_desk.domain.work.on_call_weeks import Gap, Shift, weeks_of
from agent_desk.handlers.live.live_streams import may_be_addressed
from guichet.contracts.case_events import CaseOpened
from guichet.law.calendar import PARIS, WorkingDays, paris_date, start_of_day
from guichet.store.agents.absences import Absence
from guichet.store.agents.news import AgentNews, NewsKind
from guichet.store.agents.on_call import OnCall
from guichet.store.audit.trail import Act
from guichet.town.opening_hours import OpeningHours
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.desk_in_browser import follow_in_account, signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean

HERE = "/astreinte"
KARIM, CLAIRE, HELENE = "agent-12", "agent-11", "agent-19"
STREETS = "voirie"
DAY = timedelta(days=1)
WEEKS = timedelta(weeks=4)


@pytest.fixture
async def helene(sign_in, cases):
    """Heads several departments, and administers."""
    return await sign_in("helene.vasseur")


def paris(text):
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def period(begins, ends, agent=KARIM, department=STREETS):
    name = f"{department}-{agent}-{begins:%d%H}"
    return OnCall(_id=name, department=department, agent=agent, begins=begins, ends=ends, stated_by="x")


def weeks(own, towns=(), absences=(), *, now, hours=None):
    return weeks_of(own, towns, absences, now, hours=hours, calendar=WorkingDays())


def said(hall, **more):
    today = paris_date(hall.clock())
    form = {"service": STREETS, "agent": KARIM, "first": str(today), "last": str(today + 6 * DAY)}
    return {**form, "first_time": "", "last_time": "", "replaces": "", **more}


def typed(**more):
    return OnCallForm(STREETS, **{"agent": KARIM, "first": "2026-03-27", "last": "2026-03-29", **more})


def test_whole_days_and_hours_are_those_of_paris_while_the_clocks_change():
    days = typed()
    assert (days.begins, days.ends) == (paris("2026-03-27"), paris("2026-03-30"))
    assert days.ends - days.begins == 3 * DAY - timedelta(hours=1)
    hours = typed(first_time="18h", last="2026-10-26", last_time="8:30")
    assert (hours.begins, hours.ends) == (paris("2026-03-27T18:00"), paris("2026-10-26T08:30"))
    assert typed(last_time="02:30").ends is None  # on this day there is no such time
    twice = typed(last="2026-10-25", last_time="02:30").ends
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of the two


def test_what_is_changed_is_typed_as_it_was():
    for form in (typed(), typed(first_time="18:00", last_time="08:30")):
        again = to_change(period(form.begins, form.ends))
        assert (again.begins, again.ends) == (form.begins, form.ends)
        assert (again.first_time, again.last_time) == (form.first_time, form.last_time)


def test_gaps_are_when_neither_the_departments_nor_the_towns_rota_holds():
    now = paris("2026-03-27T10:00")
    own = [period(now, now + DAY), period(now + 3 * DAY, now + WEEKS)]
    towns = [period(now + 2 * DAY, now + 4 * DAY, CLAIRE, None)]
    assert weeks(own, towns, now=now)[1] == Gap(now + DAY, now + 2 * DAY)
    assert weeks([], now=now) == [Gap(now, now + WEEKS)]


def test_while_the_department_is_open_there_is_no_gap():
    week = OpeningHours(friday="8:30-12:00, 13:30-17:00")
    now, lunch = paris("2026-03-27T09:00"), paris("2026-03-27T12:00")
    later = [period(lunch, now + WEEKS)]
    assert [type(line) for line in weeks(later, now=now, hours=week)] == [Shift]
    tomorrow = now + DAY  # a Saturday
    assert weeks([period(tomorrow, now + WEEKS)], now=now, hours=week)[0] == Gap(now, tomorrow)
    holiday = paris("2026-05-01T09:00")  # a Friday
    closed = weeks([period(holiday + timedelta(hours=1), holiday + WEEKS)], now=holiday, hours=week)
    assert closed[0] == Gap(holiday, holiday + timedelta(hours=1))


def test_who_is_on_call_twice_or_away_is_pointed_out():
    now = paris("2026-03-27T10:00")
    mine, other = period(now, now + 3 * DAY), period(now + 2 * DAY, now + WEEKS, CLAIRE)
    day = start_of_day(date(2026, 3, 28))
    absence = Absence(_id="a", agent=KARIM, begins=day, ends=day + DAY, stated_by=KARIM)
    first, second = weeks([mine, other], (), [absence], now=now)
    assert (first.beside, first.absences) == ((CLAIRE,), (absence,))
    assert (second.beside, second.absences) == ((KARIM,), ())


async def test_who_heads_the_department_says_it_and_all_of_it_see_it(helene, karim, hall, fields):
    form = {**fields(await helene.get(f"{HERE}?service={STREETS}")), **said(hall)}
    answer = await helene.post(HERE, data=form)
    assert answer.headers["location"] == f"{HERE}?service={STREETS}&fait=astreinte"
    page = (await karim.get(HERE)).text
    assert "<strong>Karim Haddad</strong>, jusqu’au" in page
    assert "Personne n’est d’astreinte" in page  # after these days
    assert "Prévoir une astreinte" not in page
    [there] = hall.on_call.periods.values()
    assert (there.agent, there.department, there.stated_by) == (KARIM, STREETS, HELENE)
    [noted] = [each for each in hall.audit.entries if each.act is Act.ON_CALL_STATED]
    assert (noted.agent, noted.things) == (HELENE, (KARIM, STREETS, there.period_id))


async def test_now_names_whom_a_case_would_reach_as_the_router_finds_them(helene, hall):
    now = hall.clock()
    lost = "agent-30"  # answers for nothing there
    await hall.on_call.insert(period(now, now + DAY, lost))
    await hall.on_call.insert(period(now, now + 2 * DAY, HELENE, None))
    page = unescape((await helene.get(f"{HERE}?service={STREETS}")).text)
    [line] = re.findall(rf'<a href="{HERE}\?service={STREETS}" aria-current.*?</li>', page, re.DOTALL)
    assert "<strong>Hélène Vasseur</strong>, jusqu’au" in line
    assert "astreinte de toute la commune" in line
    assert "ne peut plus répondre pour ce service" in line


async def test_when_colleagues_will_be_away_only_who_keeps_the_rota_sees(helene, karim, hall):
    """To others, who stands in now."""
    now = hall.clock()
    for department in (STREETS, None):
        await hall.on_call.insert(period(now, now + WEEKS, CLAIRE, department))
    for days in (0, 14):
        begins = start_of_day(paris_date(now) + days * DAY)
        name = f"away-{days}"
        hall.absences.absences[name] = Absence(
            _id=name, agent=CLAIRE, begins=begins, ends=begins + DAY, stand_in=HELENE, stated_by=CLAIRE
        )
    for service in (STREETS, "-"):
        pages = [(await each.get(f"{HERE}?service={service}")).text for each in (helene, karim)]
        assert [page.count("absence</span>") for page in pages] == [2, 0]
        assert all("(remplace " in page for page in pages)
        lists = [" ".join(page.partition('id="semaines"')[2].split()) for page in pages]
        assert all("en cours</strong> remplacement : Hélène Vasseur" in unescape(each) for each in lists)


async def test_it_is_changed_and_withdrawn(helene, hall, fields):
    shown = fields(await helene.get(f"{HERE}?service={STREETS}"))
    await helene.post(HERE, data={**shown, **said(hall)})
    [before] = hall.on_call.periods
    page = (await helene.get(f"{HERE}?service={STREETS}&modifier={before}")).text
    assert f'name="replaces" value="{before}"' in page
    for _ in range(2):  # a double click
        await helene.post(HERE, data={**shown, **said(hall, last_time="08:30", replaces=before)})
    [(after, there)] = hall.on_call.periods.items()
    assert after != before
    assert f"{there.ends.astimezone(PARIS):%H:%M}" == "08:30"
    await helene.post(f"{HERE}/retrait", data={**shown, "service": STREETS, "period": after})
    assert hall.on_call.periods == {}
    withdrawn = [each.things for each in hall.audit.entries if each.act is Act.ON_CALL_WITHDRAWN]
    assert withdrawn == [(KARIM, STREETS, before), (KARIM, STREETS, after)]


async def test_nobody_else_says_it_and_another_department_is_as_one_that_there_is_not(karim, hall, fields):
    shown = fields(await karim.get(HERE))
    await hall.on_call.insert(there := period(hall.clock(), hall.clock() + DAY))
    for department in (STREETS, "-", "ccas", "nulle-part"):
        form = {**shown, **said(hall), "service": department, "period": there.period_id}
        for address in (HERE, f"{HERE}/retrait"):
            assert (await karim.post(address, data=form)).status_code == 404
    assert [*hall.on_call.periods] == [there.period_id]
    missing, social = await karim.get(f"{HERE}?service=zq"), await karim.get(f"{HERE}?service=ccas")
    assert (social.status_code, social.text) == (404, missing.text)
    assert (await karim.get(f"{HERE}?service=-")).status_code == 200


async def test_who_answers_nothing_has_no_such_page(sign_in, hall, cases):
    browser = await sign_in("yves.kermarrec")
    account = await browser.get("/demandes")
    assert account.status_code == 200
    assert f'href="{HERE}"' not in account.text
    assert (await browser.get(HERE)).status_code == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"agent": "agent-30"}, "Choisissez qui est d’astreinte"),
        ({"first": "demain"}, "Indiquez le jour où l’astreinte commence"),
        ({"first": "0001-01-01"}, "Indiquez le jour où l’astreinte commence"),
        ({"last": "9999-12-31"}, "Indiquez le jour où l’astreinte finit"),
        ({"last": "2026-01-01"}, "déjà passée"),
        ({"last_time": "25:00"}, "Indiquez une heure"),
        ({"first": "2027-03-28", "first_time": "02:30"}, "n’existe pas ce jour-là"),
        ({"first": "2027-03-28", "last": "2027-03-27"}, "La fin est avant le début"),
        ({"last": "2029-03-28"}, "finit dans l’année"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(helene, hall, fields, more, words):
    form = said(hall, **more)
    answer = await helene.post(HERE, data={**fields(await helene.get(f"{HERE}?service={STREETS}")), **form})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert hall.on_call.periods == {}
    for name in ("first", "first_time", "last", "last_time"):
        assert f'name="{name}"' in answer.text
        assert f'value="{form[name]}"' in answer.text


async def test_one_agent_is_on_call_once_at_a_time(helene, hall, fields):
    shown = fields(await helene.get(f"{HERE}?service={STREETS}"))
    for last_time, status in ("", 303), ("", 303), ("12:00", 422):
        answer = await helene.post(HERE, data={**shown, **said(hall, last_time=last_time)})
        assert answer.status_code == status
    assert "déjà d’astreinte" in unescape(answer.text)


@pytest.mark.parametrize("away", [("on_call",), ("audit",), ("on_call", "absences", "audit", "presence", "staff")])
async def test_whatever_is_away_nothing_typed_is_lost(helene, hall, fields, staff_away, away):
    shown = fields(await helene.get(f"{HERE}?service={STREETS}"))
    for part in away:
        setattr(getattr(hall, part), "away", True)  # noqa: B010
    if "staff" in away:
        staff_away("answering")
    answer = await helene.post(HERE, data={**shown, **said(hall, last_time="07:45")})
    assert answer.status_code == 503
    assert 'value="07:45"' in answer.text
    assert f'<option value="{KARIM}" selected>Karim Haddad</option>' in answer.text


async def test_who_is_on_call_finds_the_urgent_case_and_their_open_page_hears_of_it(karim, hall, cases):
    case = cases["hole"]
    opened = CaseOpened.model_construct(procedure="fuite", entered_by=None)
    assert may_be_addressed(opened, KARIM, {"fuite"})
    assert not may_be_addressed(opened, KARIM, {"autre"})
    news = AgentNews(_id="n", agent=KARIM, case_id=case.case_id, kind=NewsKind.URGENT, by=None, at=ARRIVED)
    await hall.news.add([news])
    page = (await karim.get("/pour-moi")).text
    assert "Une demande urgente est arrivée pendant l’astreinte." in page
    assert case.reference in page


@pytest.mark.parametrize("size", ["phone"])
async def test_it_is_stated_by_keyboard(chromium: Browser, hall: TownHall, cases, size):
    begins = start_of_day(paris_date(hall.clock()))
    absence = Absence(_id="a", agent=KARIM, begins=begins, ends=begins + DAY, stand_in=HELENE, stated_by=KARIM)
    hall.absences.absences["a"] = absence
    hall.on_call.periods["other"] = period(hall.clock(), hall.clock() + DAY, HELENE)
    async with signed_in_page(chromium, hall.web(), "helene.vasseur", size) as page:
        await follow_in_account(page, "Astreinte")
        await page.get_by_role("link", name="Voirie").press("Enter")
        await page.locator("#agent").select_option(KARIM)
        for field in ("#first", "#last"):
            await page.locator(field).fill(str(paris_date(hall.clock())))
        await assert_clean(page, f"on-call-{size}")
        await page.get_by_role("button", name="Enregistrer l’astreinte").press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("enregistrée")
        await expect(page.get_by_text("en même temps").first).to_be_visible()
        await assert_clean(page, f"on-call-stated-{size}")
