"""While somebody's call is taken down, the desk proposes whom cases know already, within what the agent sees whole."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.entered.people import MOST, Person, WhoSpeaks, proposed, queries_for
from agent_desk.handlers.entered.lookup_limit import MOST as LOOKUPS
from agent_desk.handlers.entered.lookup_limit import LookupLimit
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import INBOUND_DESK
from guichet.ids import AgentId
from guichet.store.audit.trail import Act
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail, phone
from guichet_testing.doors.searched_hall import searched

HERE = "/saisie/personnes"
NUMBER = phone("+33639987654")


@pytest.fixture
async def pipe(hall: TownHall, cases: dict) -> CaseRecord:
    """An open case of Irène Kessler's, who is known to the streets by two and to the social service by one; a neighbour was taken down once."""
    citizen = await hall.register("Irène Kessler", NUMBER, mail("irene.kessler@courriel.example"))
    about = {"citizen": citizen, "sender": (NUMBER,), "called": "Irène Kessler"}
    pipe = await hall.open_case("pipe", subject="Conduite percée", minutes=50, **about)
    await hall.open_case("bench", subject="Banc cassé", minutes=40, state=CaseState.CLOSED, **about)
    await hall.open_case("rent", "ccas", subject="Loyer impayé", minutes=60, **about)
    heard = {"called": "Solange Dubreuil", "channel": "phone", "entered_by": AgentId("agent-12")}
    await hall.open_case("hedge", subject="Haie trop haute", minutes=45, **heard)
    return pipe


@pytest.fixture
async def desk(
    karim: httpx.AsyncClient, hall: TownHall, pipe: CaseRecord, tmp_path
) -> AsyncIterator[httpx.AsyncClient]:
    """Karim's browser, once the search files know all cases."""
    async with searched(hall, tmp_path / "search"):
        yield karim


async def look(browser, part: bool = True, **typed: str):
    page = (await browser.get("/saisie")).text
    named = {name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("form_token", "once")}
    return await browser.post(HERE, data=named | typed, headers={"HX-Request": "true"} if part else {})


def people(page) -> list[str]:
    """Return what each proposal says, in its words."""
    found = re.findall(r'<button class="person".*?>(.*?)</button>', page.text, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in found]


@pytest.mark.parametrize(
    "typed",
    [{"address": "06 39 98 76 54"}, {"address": "irene.kess"}, {"name": "kessler irè"}, {"name": "Irène Kessler"}],
)
async def test_a_half_typed_name_or_an_address_proposes_the_person_once_with_their_last_case(desk, typed):
    [said] = people(await look(desk, **typed))
    assert "Irène Kessler · 06 39 98 76 54 · irene.kessler@courriel.example Conduite percée" in said
    assert "Loyer" not in said, "of another sector"


async def test_a_number_that_the_registry_alone_knows_proposes_nobody_and_it_is_said(karim, hall, tmp_path):
    """The registry is never searched (docs/decisions/0082): a mail's case is found by what its messages bear."""
    citizen = await hall.register("Thomas Lefèvre", NUMBER, thomas := mail("thomas.lefevre@courriel.example"))
    await hall.open_case("bakery", subject="Terrasse", citizen=citizen, sender=(thomas,), called="Thomas Lefèvre")
    async with searched(hall, tmp_path / "search"):
        answer = await look(karim, address="06 39 98 76 54")
        assert people(answer) == []
        assert "Aucune demande que vous voyez ne porte ce nom, ce numéro" in answer.text
        [said] = people(await look(karim, address="thomas.lefevre@courriel.example"))
        assert "06 39 98 76 54" in said, "the number is shown, once a case that bears something of theirs is found"


async def test_who_was_taken_down_before_is_proposed_as_they_were(desk):
    [said] = people(await look(desk, name="dubreuil"))
    assert "Solange Dubreuil Haie trop haute" in said


async def test_people_of_one_name_without_an_address_are_each_their_own(karim, hall, tmp_path):
    for subject in ("Haie trop haute", "Porte forcée"):
        heard = {"called": "Solange Dubreuil", "channel": "phone", "entered_by": AgentId("agent-12"), "sender": ()}
        case = await hall.open_case(subject, subject=subject, **heard)
    async with searched(hall, tmp_path / "search"):
        assert len(people(await look(karim, name="dubreuil"))) == 2
        part = await look(karim, name="dubreuil", chosen=case.reference)
        assert ("Porte forcée" in part.text, "Haie trop haute" in part.text) == (True, False)


async def test_choosing_fills_the_form_and_shows_the_open_cases_to_which_the_call_may_be_added(
    desk, hall, fields, pipe
):
    typed = {"name": "kess", "chosen": pipe.reference, "subject": "Fuite", "text": "Cela coule encore.", "way": "phone"}
    part = await look(desk, **typed)
    assert 'value="Irène Kessler"' in part.text
    assert 'value="+33639987654"' in part.text
    assert ("Conduite percée" in part.text, "Banc cassé" in part.text) == (True, False)
    page = await look(desk, part=False, **typed)  # without scripts, the whole form, and nothing typed is lost
    for words in ("Irène Kessler", "+33639987654", "Fuite", "Cela coule encore."):
        assert words in page.text
    added = f"/demandes/{pipe.reference}/ajout"
    assert f'formaction="{added}"' in page.text
    said = {"name": "Irène Kessler", "subject": "Fuite", "text": "Cela coule encore.", "way": "phone"}
    case = await desk.post(added, data=fields(page) | said)
    assert "Téléphone · Irène Kessler\nFuite\nCela coule encore.</textarea>" in case.text
    assert hall.publisher.on(INBOUND_DESK) == []


async def test_nothing_is_said_of_a_person_whom_the_agent_does_not_see(desk, sign_in, hall):
    rent = next(case for case in hall.cases.cases.values() if case.department == "ccas")
    for typed in ({"chosen": rent.reference}, {"chosen": "2026-0000-000"}, {"chosen": "<b>"}):
        page = await look(desk, **typed)
        assert (people(page), 'class="chosen"' in page.text) == ([], False)
    nadia = await sign_in("nadia.belkacem")  # who sees a case for a caller alone
    assert people(await look(nadia, name="Irène Kessler")) == []


async def test_each_look_is_noted_with_the_cases_that_it_showed_and_without_its_words(desk, hall):
    for typed, shown in (({"name": "Irène"}, 2), ({"name": "Wolfgang"}, 0)):
        await look(desk, **typed)
        noted = hall.audit.entries[-1]
        assert (noted.act, noted.thing, len(noted.things)) == (Act.SEARCHED, "case", shown)
        assert not any(word in noted.model_dump_json() for word in typed.values())


async def test_with_search_files_away_or_after_many_looks_typing_goes_on_with_a_word(desk, hall):
    for _ in range(LOOKUPS):
        answer = await look(desk, name="Wolfgang")
    assert "Le registre des usagers ne se cherche pas d’ici." in answer.text
    assert "Trop de recherches en une minute" in (await look(desk, name="Wolfgang")).text
    hall.clock.now += timedelta(minutes=1)
    hall.search_files.files = None
    answer = await look(desk, name="Wolfgang")
    assert answer.status_code == 200
    assert "La recherche n’est pas complète pour l’instant" in answer.text


def test_an_agent_looks_so_often_and_no_more_in_a_minute(hall):
    limit = LookupLimit(hall.clock)
    assert [limit.allows(AgentId("a")) for _ in range(LOOKUPS + 1)] == [True] * LOOKUPS + [False]
    assert limit.allows(AgentId("b"))


@given(st.text(max_size=60), st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=60))
def test_whatever_is_typed_but_a_number_proposes_whom_it_asks_for_and_eight_at_most(name, address):
    who = WhoSpeaks(name, address)
    them = [Person(cases=(), name=name, addresses=(mail(address),)) for _ in range(2 * MOST)]
    assert proposed([Person(cases=()), *them], who) == (tuple(them[:MOST]) if queries_for(who) else ())


def test_few_letters_half_a_number_or_words_of_one_letter_ask_for_nobody():
    for typed in (WhoSpeaks("Ir"), WhoSpeaks("", "06 39 98"), WhoSpeaks("a b c d"), WhoSpeaks("", "@")):
        assert queries_for(typed) == ()
