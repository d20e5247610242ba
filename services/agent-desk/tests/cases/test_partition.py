"""A case of another department is to an agent what a case that does not exist is: the same status, the same body."""

import re
from itertools import product

import pytest

from guichet.contracts.case_events import CaseState
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail

NOBODYS = "2026-0000-000"
FOREIGN = ("social", "trees")  # another sector, and another department of the same sector


def ways_to_read(reference: str, message: str = "0" * 32) -> list[str]:
    return [
        f"/demandes/{reference}",
        f"/demandes/{reference}/fil",
        f"/demandes/{reference}/direct",
        f"/demandes/{reference}/direct?vu=x-1",
        f"/demandes/{reference}/fichiers/{message}/1",
    ]


COMMANDS = {
    "reponse": {"text": "Bonjour"},
    "transmission": {"department": "voirie", "reason": "À nous"},
    "cloture": {},
    "abus": {"ground": "number", "abuse_reason": "Trop", "sure": "oui"},
    "abus/levee": {},
}


def without_marks(text: str) -> str:
    """Leave out what differs at each rendering of a page, whoever asks."""
    return re.sub(r'name="once" value="[0-9a-f]+"', "", text)


@pytest.mark.parametrize("name", FOREIGN)
async def test_every_way_of_reading_answers_as_for_a_case_that_does_not_exist(karim, cases, name):
    foreign = cases[name]
    ours, theirs = ways_to_read(NOBODYS), ways_to_read(foreign.reference, foreign.opened_by)
    for missing, forbidden in zip(ours, theirs, strict=True):
        nothing, hidden = await karim.get(missing), await karim.get(forbidden)
        assert (hidden.status_code, hidden.text) == (404, nothing.text), forbidden
        assert hidden.headers.raw == nothing.headers.raw


@pytest.mark.parametrize("name", FOREIGN)
async def test_a_search_does_too_and_puts_what_was_typed_into_no_address(karim, cases, search, name):
    nothing = await search(karim, NOBODYS)
    for typed in (cases[name].reference, cases[name].reference.lower()):
        hidden = await search(karim, typed)
        assert (hidden.status_code, hidden.text) == (404, nothing.text)
    found = await search(karim, cases["hole"].reference.lower())
    assert (found.status_code, found.url.path) == (200, f"/demandes/{cases['hole'].reference}")
    page = (await karim.get("/demandes")).text
    assert 'action="/recherche" method="post"' in page
    by_address = await karim.get(f"/recherche?q={cases['hole'].reference}")
    assert cases["hole"].reference not in by_address.text


async def test_so_does_a_case_under_erasure(karim, hall, cases):
    hole, lamp = cases["hole"], cases["lamp"]
    before = (await karim.get("/demandes")).text
    hall.cases.put(hole.model_copy(update={"erasing": True}))
    for missing, gone in zip(ways_to_read(NOBODYS), ways_to_read(hole.reference, hole.opened_by), strict=True):
        nothing, erased = await karim.get(missing), await karim.get(gone)
        assert (erased.status_code, erased.text) == (404, nothing.text), gone
    after = (await karim.get("/demandes")).text
    assert hole.reference in before
    assert hole.reference not in after
    assert lamp.reference in after


@pytest.mark.parametrize(("name", "command"), product(FOREIGN, COMMANDS))
async def test_every_command_answers_as_for_a_case_that_does_not_exist(karim, hall, cases, fields, name, command):
    form = {**fields(await karim.get(f"/demandes/{cases['hole'].reference}")), **COMMANDS[command]}
    hidden = await karim.post(f"/demandes/{cases[name].reference}/{command}", data=form)
    nothing = await karim.post(f"/demandes/{NOBODYS}/{command}", data=form)
    assert (hidden.status_code, hidden.text) == (404, nothing.text)
    assert hall.publisher.published == []


async def test_a_file_of_another_case_is_not_had_through_ones_own(karim, hall, cases):
    social = cases["social"]
    answer = await karim.get(f"/demandes/{cases['hole'].reference}/fichiers/{social.opened_by}/1")
    assert answer.status_code == 404


async def test_no_page_of_one_department_tells_anything_of_another(sign_in, cases, hall):
    """Whoever signs in, whatever page they open: no reference, subject or count of a case out of their scope."""
    for agent in hall.town.agents:
        browser = await sign_in(agent.sign_in)
        mine = [case for case in cases.values() if case.department in agent.departments]
        others = [case for case in cases.values() if case.department not in agent.departments]
        pages = [f"/demandes?etat={state}" for state in ("open", *CaseState)]
        pages += [f"/demandes/{case.reference}{part}" for case in mine for part in ("", "/fil")]
        text = "".join([(await browser.get(page)).text for page in [*pages, "/demandes/liste"]])
        assert all(case.reference in text for case in mine)
        assert not [case.reference for case in others if case.reference in text or case.case_id in text]
        if agent.profile == "contact":  # a list of theirs counts nothing
            assert 'class="count"' not in text
            continue
        open_ones = sum(case.state in ("received", "in_progress") for case in mine)
        assert f'<span class="count" id="n-open">{open_ones}</span>' in text
        assert f'<span class="count" id="n-open" hx-swap-oob="true">{open_ones}</span>' in text


async def test_other_cases_of_a_citizen_show_within_the_scope_only(karim, cases):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    assert cases["closed"].reference in page.text
    assert cases["social"].reference not in page.text
    assert cases["trees"].reference not in page.text
    assert "loyer" not in page.text


async def test_a_linked_case_out_of_scope_is_not_even_counted(karim, hall, cases):
    case = await hall.open_case("quoting", subject="Re: aide", linked_to=(cases["social"].case_id,))
    page = await karim.get(f"/demandes/{case.reference}")
    assert "Demandes liées" not in page.text


async def test_a_case_handed_over_leaves_its_former_department(karim, hall, cases):
    """Nothing of it stays behind in the former sector's view."""
    hole = cases["hole"]
    assert (await karim.get(f"/demandes/{hole.reference}")).status_code == 200
    hall.cases.put(hole.model_copy(update={"department": "ccas", "sector": "social"}))
    assert (await karim.get(f"/demandes/{hole.reference}")).status_code == 404
    assert hole.reference not in (await karim.get("/demandes")).text


async def test_a_look_where_one_should_not_is_noted_like_a_mistyped_reference(karim, hall, cases, search):
    await karim.get(f"/demandes/{cases['social'].reference}")
    await karim.get(f"/demandes/{NOBODYS}")
    await search(karim, "jeanne.moreau@courriel.example")
    noted = [entry for entry in hall.audit.entries if entry.act is Act.NOT_FOUND]
    assert [entry.things for entry in noted] == [(cases["social"].reference,), (NOBODYS,)]


async def test_two_sectors_know_one_citizen_by_unlinkable_ids(hall: TownHall):
    jeanne = await hall.register("Jeanne", mail("j@courriel.example"))
    ids = {sector_citizen_id(b"k" * 32, sector, jeanne) for sector in hall.town.sectors}
    assert len(ids) == len(hall.town.sectors)
