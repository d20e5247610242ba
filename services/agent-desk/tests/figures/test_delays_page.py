"""The page of delays met and its file: of whoever heads a department, about what they see whole, and about nobody."""

import csv
from collections import Counter
from datetime import date, timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent_desk.domain.figures.delays import MONTHS, Delays, chosen_month, first_of_month, last_months
from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date, start_of_day
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.outcome import COUNTED, Outcome
from guichet.store.audit.trail import Act
from guichet.store.cases.department_days import KEPT, department_day, ended_under

HERE = "/mon-service/delais"
FILE = f"{HERE}/delais.csv"
STREETS, PARKS, SOCIAL = DepartmentId("voirie"), DepartmentId("espaces-verts"), DepartmentId("ccas")
TODAY = date(2026, 11, 24)

some_ends = some.lists(
    some.tuples(
        some.integers(0, KEPT.days),
        some.sampled_from((STREETS, PARKS)),
        some.dictionaries(
            some.builds(ended_under, some.sampled_from(COUNTED), some.sampled_from([*Outcome])),
            some.integers(1, 9),
            max_size=4,
        ),
    ),
    max_size=12,
    unique_by=lambda each: each[:2],
)


def delays_of(ends) -> Delays:
    days = tuple(
        department_day(department, TODAY - timedelta(days=ago)).model_copy(update={"ended": ended})
        for ago, department, ended in ends
    )
    both = (STREETS, PARKS)
    return Delays(start_of_day(TODAY), both, both, first_of_month(TODAY), days)


@given(some_ends)
def test_every_clock_that_ended_is_in_one_month_one_department_and_one_outcome(ends):
    delays = delays_of(ends)
    shown = Counter[str]()
    for month in delays.months:
        together = delays.of(month).together
        assert together.ended == sum(delays.of(month, each).together.ended for each in delays.chosen)
        for tally in delays.of(month).tallies:
            shown.update({ended_under(tally.of, outcome): number for outcome, number in tally.outcomes.items()})
            assert tally.ended == sum(tally.outcomes.values())
            assert tally.ended == 0 or tally.percent(*Outcome) == 100
    since = last_months(TODAY)[-1]
    expected = Counter[str]()
    for ago, _, ended in ends:
        expected.update(ended if TODAY - timedelta(days=ago) >= since else {})
    assert +shown == expected


@given(some.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_last_twelve_months_are_kept_whole(today):
    months = last_months(today)
    assert len(set(months)) == MONTHS
    assert months[0] == first_of_month(today)
    assert today - months[-1] < KEPT
    assert [chosen_month(f"{each:%Y-%m}", today) for each in months] == [*months]
    assert chosen_month("", today) == months[0]
    assert chosen_month("2026-13", today) is None


@pytest.fixture
async def helene(sign_in, cases):
    """Heads several departments, and neither social help nor public security."""
    return await sign_in("helene.vasseur")


@pytest.fixture
async def ended(hall):
    today = paris_date(hall.clock())
    ago = first_of_month(today) - timedelta(days=1)
    await hall.days.put_ended(STREETS, {today: {"are:met": 3, "are:not-met": 1, "silence:rejected": 7}})
    await hall.days.put_ended(PARKS, {today: {"are:met": 1}, ago: {"closing:met-late": 5}})
    await hall.days.put_ended(SOCIAL, {today: {"are:met": 900}})


def rows_of(answer):
    assert answer.text.startswith("\ufeff")
    return [*csv.reader(answer.text.removeprefix("\ufeff").splitlines(), delimiter=";")]


def words_of(page):
    return " ".join(unescape(page.text).replace("\xa0", " ").split())


async def test_a_head_sees_what_was_met_of_what_they_head_alone_and_it_is_noted(helene, hall, ended):
    page = await helene.get(HERE)
    assert page.status_code == 200
    said = words_of(page)
    assert (
        '<th scope="row">Accusé de réception (ARE)</th><td class="n">5</td><td class="n">4 <small>(80 %)</small></td>'
        in said
    )
    assert "ARE : 80 %" in said, "in words, for who does not see the drawing"
    assert '<th scope="row">Rejetée par le silence</th><td class="n">7 <small>(100 %)</small></td>' in said
    assert "900" not in said
    assert 'href="/demandes?vue=en-retard"' in said
    assert 'href="/demandes?vue=silence"' in said
    [noted] = [each for each in hall.audit.entries if each.act is Act.FIGURES_SHOWN]
    assert STREETS in noted.things
    assert SOCIAL not in noted.things


async def test_one_department_and_an_earlier_month_are_chosen_in_the_address(helene, hall, ended):
    before = first_of_month(paris_date(hall.clock())) - timedelta(days=1)
    page = words_of(await helene.get(f"{HERE}?service={PARKS}&mois={before:%Y-%m}"))
    assert '<th scope="row">Clôture</th><td class="n">5</td><td class="n">0 <small>(0 %)</small></td>' in page
    assert "vue=en-retard" not in page, "nothing of it is still to be met"
    assert "Service par service" not in page


async def test_nothing_that_was_counted_is_said_so(helene):
    page = await helene.get(HERE)
    assert page.status_code == 200
    assert "Rien n’est encore compté." in words_of(page)


async def test_the_page_of_figures_leads_there(helene):
    assert f'href="{HERE}"' in (await helene.get("/mon-service")).text


@pytest.mark.parametrize("address", [HERE, FILE, f"{HERE}?service=voirie", f"{FILE}?service=voirie"])
async def test_without_the_right_there_is_no_such_page(karim, hall, address):
    answer = await karim.get(address)
    assert answer.status_code == 404
    assert [each.things for each in hall.audit.entries if each.thing == "figures"] == [()]


@pytest.mark.parametrize("query", ["service=ccas", "service=nulle-part", "mois=2020-01", "mois=x"])
async def test_what_is_not_theirs_or_not_shown_is_as_what_there_is_not(helene, query):
    nothing = await helene.get(f"{HERE}?service=zq")
    answer = await helene.get(f"{HERE}?{query}")
    assert (answer.status_code, answer.text) == (404, nothing.text)


async def test_the_file_has_each_number_of_twelve_months(helene, hall, ended):
    answer = await helene.get(f"{FILE}?service={STREETS}")
    assert "delais-" in answer.headers["content-disposition"]
    headings, *rows = rows_of(answer)
    assert headings == ["Service", "Mois", "Délai", "Issue", "Nombre", "Pour cent"]
    assert len(rows) == MONTHS * len(COUNTED) * 3
    month = f"{paris_date(hall.clock()):%m/%Y}"
    name = hall.town.departments[STREETS].name
    assert [name, month, "Accusé de réception (ARE)", "Tenu à temps", "3", "75"] in rows
    assert [name, month, "Silence", "Décision expresse à temps", "0", "0"] in rows
    assert [name, month, "Silence", "Rejetée par le silence", "7", "100"] in rows
    assert sum(int(row[4]) for row in rows) == 11
    assert [each.things for each in hall.audit.entries if each.act is Act.FIGURES_EXPORTED] == [(STREETS,)]


async def test_an_outage_of_the_store_is_told(helene, hall):
    hall.days.away = True
    assert (await helene.get(HERE)).status_code == 503


def test_a_kind_of_which_none_ended_has_no_percentage():
    tally = delays_of([]).of(first_of_month(TODAY)).tallies[0]
    assert (tally.of, tally.ended, tally.percent(Outcome.MET)) == (ClockKind.AEE, 0, None)
