"""The page of figures and its file: of whoever has the right, about what they see whole, and about nothing else."""

import csv
from datetime import timedelta
from html import unescape

import pytest

from agent_desk.domain.figures.draw_bars import Bar, draw_bars
from agent_desk.handlers.figures import read_figures
from guichet.law.calendar import paris_date, start_of_day
from guichet.store.agents.absences import Absence
from guichet.store.audit.trail import Act
from guichet.store.cases.department_days import department_day
from guichet_testing.twins.store.cases import reader as twin_reader

HERE = "/mon-service"
FILE = f"{HERE}/chiffres.csv"


@pytest.fixture
async def helene(sign_in, cases):
    """Heads several departments, and neither social help nor public security."""
    return await sign_in("helene.vasseur")


def rows_of(answer):
    assert answer.text.startswith("\ufeff")
    return [*csv.reader(answer.text.removeprefix("\ufeff").splitlines(), delimiter=";")]


async def test_a_head_sees_how_much_there_is_and_it_is_noted(helene, hall, cases):
    page = await helene.get(HERE)
    assert page.status_code == 200
    theirs = [case for case in hall.cases.cases.values() if case.department not in {"ccas", "tranquillite-publique"}]
    still_open = [case for case in theirs if case.state != "closed"]
    assert f"<dt>Ouvertes</dt><dd>{len(still_open)}<small>" in page.text
    assert 'aria-current="true">Mon service</a>' in page.text
    [noted] = [each for each in hall.audit.entries if each.act is Act.FIGURES_SHOWN]
    assert "voirie" in noted.things
    assert "ccas" not in noted.things


@pytest.mark.parametrize(("most", "is_cut"), [(0, False), (-1, True)])
async def test_that_there_are_more_is_said_where_there_are(helene, hall, cases, monkeypatch, most, is_cut):
    still_open = [each for each in hall.cases.cases.values() if each.department == "voirie" and each.state != "closed"]
    for module in (read_figures, twin_reader):
        monkeypatch.setattr(module, "OPEN_AT_ONCE", counted := len(still_open) + most)
    page = await helene.get(f"{HERE}?service=voirie")
    assert ("Plus de demandes sont ouvertes" in page.text) is is_cut
    assert f"<dt>Ouvertes</dt><dd>{counted}<small>" in page.text


async def test_one_department_is_chosen_in_the_address(helene, hall, cases):
    page = await helene.get(f"{HERE}?service=voirie")
    still_open = [each for each in hall.cases.cases.values() if each.department == "voirie" and each.state != "closed"]
    assert f"<dt>Ouvertes</dt><dd>{len(still_open)}<small>" in page.text
    assert "Service par service" not in page.text
    assert "service=voirie" in page.text


@pytest.mark.parametrize("address", [HERE, FILE, f"{HERE}?service=voirie", f"{FILE}?service=voirie"])
async def test_without_the_right_there_is_no_such_page(karim, hall, address):
    answer = await karim.get(address)
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text
    assert HERE not in (await karim.get("/demandes")).text
    assert [each.things for each in hall.audit.entries if each.thing == "figures"] == [()]


async def test_the_right_alone_shows_nothing_of_what_is_seen_in_synthesis(sign_in, hall, cases, monkeypatch):
    yves = next(each for each in hall.town.agents if each.sign_in == "yves.kermarrec")
    monkeypatch.setitem(yves.__dict__, "figures", True)
    yves = await sign_in("yves.kermarrec")
    assert (await yves.get(HERE)).status_code == 404
    assert HERE not in (await yves.get("/demandes")).text


@pytest.mark.parametrize("service", ["ccas", "tranquillite-publique", "nulle-part"])
async def test_another_department_is_as_one_that_there_is_not(helene, service):
    for address in (HERE, FILE):
        nothing, answer = await helene.get(f"{address}?service=zq"), await helene.get(f"{address}?service={service}")
        assert (answer.status_code, answer.text) == (404, nothing.text)


async def test_a_sensitive_department_is_told_to_who_sees_it_alone(sign_in, hall, cases):
    fatou = await sign_in("fatou.diallo")
    assert {row[1] for row in rows_of(await fatou.get(FILE))[1:]} == {hall.town.departments["ccas"].name}


async def test_who_is_away_and_who_stands_in_is_told(helene, hall, cases):
    begins = start_of_day(paris_date(hall.clock()))
    hall.absences.absences["a"] = Absence(
        _id="a", agent="agent-12", begins=begins, ends=begins + timedelta(days=9), stand_in="agent-19", stated_by="x"
    )
    page = unescape((await helene.get(f"{HERE}?service=voirie")).text)
    assert "remplacement\xa0: Hélène Vasseur" in page


async def test_the_file_holds_what_the_page_shows_and_runs_nothing(helene, hall, cases, monkeypatch):
    monkeypatch.setitem(hall.town.departments["voirie"].__dict__, "name", "=1+1")
    answer = await helene.get(f"{FILE}?service=voirie")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "chiffres-" in answer.headers["content-disposition"]
    headings, *rows = rows_of(answer)
    assert headings == ["Le", "Service", "Chiffre", "De", "Nombre"]
    assert {row[1] for row in rows} == {"'=1+1"}
    numbers = {(row[2], row[3]): int(row[4]) for row in rows}
    ages = sum(number for (what, _), number in numbers.items() if what == "Par âge")
    assert numbers["Demandes ouvertes", ""] == ages > 0
    assert [each.things for each in hall.audit.entries if each.act is Act.FIGURES_EXPORTED] == [("voirie",)]


async def test_what_came_and_went_a_day_is_shown_of_what_they_head_alone(helene, hall, cases):
    today = paris_date(hall.clock())
    hall.days.days = {
        each.day_id: each
        for each in (
            department_day("voirie", today, received=41, answered=7, closed=3),
            department_day("espaces-verts", today, received=2),
            department_day("ccas", today, received=900),
        )
    }
    page, answer = await helene.get(HERE), await helene.get(FILE)
    assert "En tout\xa0: 43 reçues, 7 réponses, 3 closes." in page.text
    assert f'<th scope="row">{today:%d/%m}</th>' in page.text, "of one day that was counted, not from it to itself"
    numbers = {(row[1], row[2]): row[4] for row in rows_of(answer)}
    assert numbers[hall.town.departments["voirie"].name, "Réponses ce jour"] == "7"
    assert "900" not in page.text + answer.text
    hall.days.away = True
    assert (await helene.get(HERE)).status_code == 503


async def test_an_outage_of_the_store_is_told(helene, hall):
    hall.cases.away = True
    assert (await helene.get(HERE)).status_code == 503


def test_a_drawing_says_what_it_shows_and_escapes_it():
    drawn = draw_bars([Bar('<b>"x"</b>', 3), Bar("none", 0)], named_by="a", told="<i>")
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert 'role="img"' in drawn
    assert "&lt;i&gt;" in drawn
    assert "style" not in drawn
