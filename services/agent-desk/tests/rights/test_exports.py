"""A list as a file: for who may export, of what they may export, with nothing of a person, each case noted."""

import csv
import io

import pytest

from agent_desk.domain.cases.list_file import HEADINGS, lines_of
from agent_desk.handlers.cases import export_list
from guichet.store.audit.trail import Act

HERE = "/demandes/export.csv"


def rows_of(answer):
    assert answer.status_code == 200
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text[1:]), delimiter=";"))


async def test_a_file_has_the_cases_of_the_list_and_nothing_of_a_person(sign_in, hall, cases):
    browser = await sign_in("exports")
    answer = await browser.get(HERE)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    heading, *rows = rows_of(answer)
    open_ones = {case.reference for case in cases.values() if case.department == "voirie" and case.state != "closed"}
    assert tuple(heading) == HEADINGS
    assert {row[0] for row in rows} == open_ones
    assert {row[3] for row in rows} == {hall.town.departments["voirie"].name}
    assert not [word for word in ("Jeanne", "Nid", "Jules", "courriel.example", "+336") if word in answer.text]
    entry = hall.audit.entries[-1]
    assert (entry.act, {*entry.things}) == (
        Act.LIST_EXPORTED,
        {case.case_id for case in cases.values() if case.reference in open_ones},
    )
    closed = rows_of(await browser.get(f"{HERE}?etat=closed"))
    assert [row[2] for row in closed[1:]] == ["Close"]
    assert HERE in (await browser.get("/demandes")).text


async def test_for_who_may_not_it_is_an_address_that_there_is_not(sign_in, hall, cases):
    browser = await sign_in("reads-alone")
    assert "export" not in (await browser.get("/demandes")).text
    noted = len(hall.audit.entries)
    answer = await browser.get(HERE)
    nothing = await browser.get("/demandes/export.xls")
    assert (answer.status_code, answer.text.replace("csv", "xls")) == (404, nothing.text)
    assert [(each.act, each.things) for each in hall.audit.entries[noted:]] == [(Act.NOT_FOUND, ())] * 2


async def test_of_two_grants_the_file_has_what_the_one_with_the_act_covers(sign_in, cases):
    """Who exports their own department's cases, and sees others in synthesis without that act."""
    browser = await sign_in("synthesis-beside")
    assert cases["trees"].reference in (await browser.get("/demandes")).text
    references = {row[0] for row in rows_of(await browser.get(HERE))}
    assert cases["hole"].reference in references
    assert cases["trees"].reference not in references


async def test_in_synthesis_it_is_what_a_synthesis_shows_and_no_sensitive_case(sign_in, cases):
    text = (await (await sign_in("in-synthesis")).get(HERE)).text
    assert cases["hole"].reference in text
    assert cases["trees"].reference in text
    assert cases["social"].reference not in text


@pytest.mark.parametrize("order", ["", "?ordre=attente"])
async def test_a_long_list_is_read_in_parts_and_has_an_end(sign_in, hall, monkeypatch, order):
    monkeypatch.setattr(export_list, "AT_ONCE", 3)
    for number in range(8):
        await hall.open_case(f"case-{number}", minutes=number // 3)  # some of one instant
    browser = await sign_in("exports")
    whole = [row[0] for row in rows_of(await browser.get(HERE + order))[1:]]
    assert len(whole) == len({*whole}) == 8
    assert sum(entry.act is Act.LIST_EXPORTED for entry in hall.audit.entries) == 3
    monkeypatch.setattr(export_list, "MOST", 6)
    *rows, last = rows_of(await browser.get(HERE + order))[1:]
    assert [row[0] for row in rows] == whole[:6]
    assert last == ["Liste coupée\xa0: 6 demandes au plus"]


@pytest.mark.parametrize("label", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_begins_as_a_formula_does(label):
    [[cell]] = list(csv.reader(io.StringIO(lines_of([(label,)]), newline=""), delimiter=";"))
    assert cell == f"'{label}"


async def test_a_case_is_a_document_for_who_may_export_it(sign_in, hall, cases):
    address = f"/demandes/{cases['hole'].reference}"
    for name, may in (("exports", True), ("reads-alone", False)):
        browser = await sign_in(name)
        assert ("/dossier.pdf" in (await browser.get(address)).text) is may
        assert (await browser.get(f"{address}/dossier.pdf")).status_code == (200 if may else 403)
    assert hall.audit.entries[-1].act is Act.NOT_ALLOWED
    assert (await browser.get("/demandes/2026-AAAA-AAA/dossier.pdf")).status_code == 404
