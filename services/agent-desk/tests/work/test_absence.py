"""When agents are away: whose work is whose meanwhile, and who says so at the desk."""

import re
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Browser, expect

from agent_desk.domain.work.absence import whose_work
from guichet.law.calendar import paris_date
from guichet.store.agents.absences import OF_AN_AGENT, Absence, away_at, stand_in_of
from guichet.store.agents.on_call import OnCall
from guichet.store.audit.trail import Act
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.desk_in_browser import signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.pages import assert_clean

KARIM, HELENE = "agent-12", "agent-19"
DAY = timedelta(days=1)


def away(agent, stand_in=None, begins=ARRIVED - DAY, ends=ARRIVED + DAY):
    return Absence(_id=f"{agent} {begins}", agent=agent, begins=begins, ends=ends, stand_in=stand_in, stated_by=agent)


AGENTS = st.sampled_from(["lea", "karim", "ines", "paul", "yves"])


@given(st.dictionaries(AGENTS, st.none() | AGENTS))
def test_each_ones_work_is_done_by_one_who_is_there_or_by_nobody(stand_ins):
    absent = {agent: away(agent, stand_in) for agent, stand_in in stand_ins.items()}
    everybody = ["lea", "karim", "ines", "paul", "yves"]
    doing = {agent: stand_in_of(agent, absent) for agent in everybody}
    assert not {*doing.values()} & {*absent}
    for me in everybody:
        others = {agent for agent in everybody if agent != me and me in whose_work(agent, absent)}
        assert others == {doing[me]} - {me, None}
        assert whose_work(me, absent)[0] == me


def test_a_stand_in_who_is_away_is_stood_in_for_and_a_circle_has_nobody():
    chain = {"lea": away("lea", "karim"), "karim": away("karim", "ines")}
    assert whose_work("ines", chain) == ("ines", "karim", "lea")
    circle = {"lea": away("lea", "karim"), "karim": away("karim", "lea")}
    assert [stand_in_of(agent, circle) for agent in ("lea", "karim")] == [None, None]


def test_of_two_that_hold_the_one_that_ends_last_counts():
    longer = away("lea", "karim", ends=ARRIVED + 5 * DAY)
    over = away("ines", ends=ARRIVED)
    assert away_at([longer, away("lea"), over], ARRIVED) == {"lea": longer}


async def test_an_absence_over_a_time_on_call_is_pointed_out(karim, hall):
    begins = hall.clock()
    await hall.on_call.insert(
        OnCall(_id="x", department="voirie", agent=KARIM, begins=begins, ends=begins + DAY, stated_by=HELENE)
    )
    for stand_in, said in ((None, "personne ne la tient pendant l’absence"), (HELENE, "qui remplace est d’astreinte")):
        hall.absences.absences["a"] = away(KARIM, stand_in, begins - DAY, begins + DAY)
        page = unescape((await karim.get("/absences")).text)
        assert "astreinte</strong>" in page
        assert said in page


def form_for(hall, **said):
    today = paris_date(hall.clock())
    return {"first": str(today), "last": str(today + 3 * DAY), "stand_in": HELENE, **said}


async def test_the_stand_in_finds_the_work_among_their_own_until_it_is_over(sign_in, hall, cases, fields):
    hall.cases.put(cases["hole"].model_copy(update={"assigned_to": KARIM}))
    karim, helene = await sign_in("karim.haddad"), await sign_in("helene.vasseur")
    assert 'n-mine">0<' in (await helene.get("/demandes?vue=miennes")).text
    answer = await karim.post("/absences", data={**fields(await karim.get("/absences")), **form_for(hall)})
    assert answer.headers["location"] == "/absences?fait=absence"
    assert "Remplacement\xa0: Hélène Vasseur" in (await karim.get("/absences?fait=absence")).text
    mine = (await helene.get("/demandes?vue=miennes")).text
    assert cases["hole"].reference in mine
    assert "Vous remplacez Karim Haddad jusqu’au" in mine
    assert 'id="n-mine">1<' in mine
    page = (await helene.get(f"/demandes/{cases['hole'].reference}")).text
    assert re.search(r"Attribuée à Karim Haddad \(absence jusqu’au [^)]*, remplacement\xa0: Hélène Vasseur\)", page)
    assert cases["hole"].reference in (await karim.get("/demandes?vue=miennes")).text  # who looks in sees their own
    hall.clock.now += 4 * DAY
    helene = await sign_in("helene.vasseur")
    assert cases["hole"].reference not in (await helene.get("/demandes?vue=miennes")).text


async def test_it_is_noted_and_withdrawn_by_whose_it_is_alone(sign_in, hall, cases, fields):
    karim, claire = await sign_in("karim.haddad"), await sign_in("claire.dumas")
    await karim.post("/absences", data={**fields(await karim.get("/absences")), **form_for(hall)})
    [absence] = hall.absences.absences
    hers = fields(await claire.get("/absences"))
    for agent in ("", KARIM):
        await claire.post("/absences/retrait", data={**hers, "absence": absence, "agent": agent})
    assert [*hall.absences.absences] == [absence]
    assert (await claire.get(f"/absences?agent={KARIM}")).status_code == 404
    assert (await claire.post("/absences", data={**hers, **form_for(hall), "agent": KARIM})).status_code == 404
    await karim.post("/absences/retrait", data={**fields(await karim.get("/absences")), "absence": absence})
    assert hall.absences.absences == {}
    acts = [(each.act, each.agent, each.things) for each in hall.audit.entries if each.thing == "agent"]
    assert acts[0] == (Act.ABSENCE_STATED, KARIM, (KARIM,))
    assert acts[-1] == (Act.ABSENCE_WITHDRAWN, KARIM, (KARIM,))


async def test_an_administrator_says_it_of_who_fell_ill(sign_in, hall, cases, fields):
    helene = await sign_in("helene.vasseur")
    page = await helene.get(f"/absences?agent={KARIM}")
    assert "Absences de Karim Haddad" in page.text
    answer = await helene.post("/absences", data={**fields(page), **form_for(hall), "agent": KARIM})
    assert answer.headers["location"] == f"/absences?fait=absence&agent={KARIM}"
    [absence] = hall.absences.absences.values()
    assert (absence.agent, absence.stated_by, absence.stand_in) == (KARIM, HELENE, HELENE)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"first": ""}, "Indiquez le premier jour"),
        ({"first": "0001-01-01"}, "Indiquez le premier jour"),
        ({"last": "bientôt"}, "Indiquez le dernier jour"),
        ({"first": "2020-01-01", "last": "2020-01-02"}, "déjà passée"),
        ({"first": "2030-01-02", "last": "2030-01-01"}, "avant le premier"),
        ({"last": "2200-01-01"}, "dans les deux ans"),
        ({"stand_in": ""}, "Choisissez qui reprend le travail"),
        ({"stand_in": KARIM}, "Choisissez qui reprend le travail"),
    ],
)
async def test_what_is_wrong_is_said_and_the_dates_stay(karim, hall, fields, said, words):
    typed = form_for(hall, **said)
    answer = await karim.post("/absences", data={**fields(await karim.get("/absences")), **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert hall.absences.absences == {}
    for name in ("first", "last"):
        assert f'name="{name}" type="date" value="{typed[name]}"' in answer.text


async def test_days_may_be_typed_in_french(karim, hall, fields):
    first = paris_date(hall.clock())
    said = form_for(hall, first=f"{first:%d/%m/%Y}", last=f"{first + DAY:%d.%m.%Y}")
    await karim.post("/absences", data={**fields(await karim.get("/absences")), **said})
    [absence] = hall.absences.absences.values()
    assert (paris_date(absence.begins), absence.last_day) == (first, first + DAY)


async def test_days_are_covered_once_and_not_without_end(karim, hall, fields):
    shown = fields(await karim.get("/absences"))
    await karim.post("/absences", data={**shown, **form_for(hall)})
    again = await karim.post("/absences", data={**shown, **form_for(hall)})
    assert (again.status_code, len(hall.absences.absences)) == (422, 1)
    assert "Une autre absence couvre" in again.text
    for number in range(OF_AN_AGENT):
        begins = hall.clock() + (number + 10) * DAY
        await hall.absences.insert(away(KARIM, begins=begins, ends=begins + timedelta(hours=1)))
    later = str(paris_date(hall.clock() + 90 * DAY))
    many = await karim.post("/absences", data={**shown, **form_for(hall, first=later, last=later)})
    assert "Trop d’absences" in many.text


@pytest.mark.parametrize("staff", ["there", "away"])
async def test_while_the_store_is_away_nothing_typed_is_lost(karim, hall, fields, staff_away, staff):
    shown = fields(await karim.get("/absences"))
    hall.absences.away = True
    if staff == "away":
        staff_away("colleagues_of")
    typed = form_for(hall)
    answer = await karim.post("/absences", data={**shown, **typed})
    assert answer.status_code == 503
    assert f'value="{typed["last"]}"' in answer.text
    assert f'<option value="{HELENE}" selected>Hélène Vasseur</option>' in answer.text


async def test_who_answers_nothing_has_no_such_page(sign_in, hall, cases):
    browser = await sign_in("yves.kermarrec")
    assert 'href="/absences"' not in (await browser.get("/demandes")).text
    assert (await browser.get("/absences")).status_code == 404


@pytest.mark.parametrize("size", ["phone"])
async def test_it_is_stated_by_keyboard(chromium: Browser, hall: TownHall, cases, size):
    async with signed_in_page(chromium, hall.web(), "karim.haddad", size) as page:
        await page.goto("/absences")
        today = paris_date(hall.clock())
        await page.locator("#first").fill(str(today))
        await page.locator("#last").fill(str(today + 3 * DAY))
        await page.locator("#stand_in").select_option(HELENE)
        await assert_clean(page, f"absences-{size}")
        await page.get_by_role("button", name="Enregistrer l’absence").press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("enregistrée")
        await expect(page.get_by_text("en cours", exact=True)).to_be_visible()
        await assert_clean(page, f"absences-stated-{size}")
