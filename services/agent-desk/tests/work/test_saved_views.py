"""Saved views: kept under a name, one's own or a department's, read anew whenever they are shown."""

import re

import httpx
import pytest

from agent_desk.domain.cases.list_filters import Choosable
from agent_desk.domain.cases.listed_states import AS_SHOWN, EXACT
from agent_desk.domain.work.saved_view_form import LONGEST_NAME, OWN, saved_view_input, unused_name, view_id_of
from agent_desk.domain.work.saved_view_link import SavedViewShown, link_to
from guichet.ids import AgentId, DepartmentId
from guichet.store.audit.trail import Act
from guichet.store.saved_views import MOST
from guichet_testing.doors.filled_hall import KEY

KARIM = AgentId("agent-12")


async def keep(browser: httpx.AsyncClient, fields, **form: str) -> httpx.Response:
    page = await browser.get("/demandes")
    return await browser.post("/vues", data={**fields(page), **form})


def shown(page: str) -> dict[str, str]:
    """Return the saved views of a list, by name."""
    there = page.partition('class="kept-views"')[2].partition("</ul>")[0]
    return {name: address for address, name in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)', there)}


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"name": " Mes  SMS "}, {}),
        ({"name": " "}, {"name": "missing"}),
        ({}, {"name": "missing"}),
        ({"name": "n" * (LONGEST_NAME + 1)}, {"name": "too-long"}),
        ({"name": "x", "whose": "ccas"}, {"whose": "missing"}),
        ({"name": "x", "whose": "voirie"}, {}),
    ],
)
def test_what_is_wrong_with_a_form(form, errors):
    said = saved_view_input(form, {"canal": "sms", "etat": ""}, {DepartmentId("voirie")})
    assert said.errors == errors
    assert said.words == {"canal": "sms"}
    assert said.name == " ".join(form.get("name", "").split())


def test_one_of_the_same_name_and_owner_is_the_same():
    assert view_id_of(KEY, KARIM, None, "SMS") == view_id_of(KEY, KARIM, None, "sms")
    owners = ((KARIM, None), ("lea", None), (KARIM, "voirie"), (KARIM, "ccas"))
    others = {view_id_of(KEY, *owner, "sms") for owner in owners}
    assert len(others) == 4
    assert view_id_of(b"x" * 32, KARIM, None, "SMS") not in others, "who tries words needs the key"
    assert view_id_of(KEY, AgentId("lea"), "voirie", "sms") == view_id_of(KEY, KARIM, "voirie", "sms")


@pytest.mark.parametrize(
    ("said", "taken", "name"),
    [
        ("SMS", (), "SMS"),
        ("SMS", ("sms", "SMS (2)"), "SMS (3)"),
        ("n" * LONGEST_NAME, (), "n" * LONGEST_NAME),
        ("À répondre · " + "n" * LONGEST_NAME, (), "À répondre · " + "n" * 26 + "…"),
        ("x" * 39 + " · SMS", (), "x" * 39 + "…"),
        ("n" * 50, ("n" * 39 + "…",), "n" * 35 + "… (2)"),
    ],
)
def test_a_name_is_proposed_that_is_free_and_no_longer_than_names_are(said, taken, name):
    assert unused_name(said, taken) == name
    assert len(name) <= LONGEST_NAME


async def test_a_list_proposes_a_name_of_what_it_is_narrowed_to(karim, fields):
    async def proposed(asked: str) -> str:
        (name,) = re.findall(r'id="v-name" name="name" value="([^"]*)"', (await karim.get(f"/demandes{asked}")).text)
        return name

    assert await proposed("") == "À traiter"
    assert await proposed("?vue=a-repondre&canal=sms&du=2026-02-01&ordre=attente") == (
        "À répondre · SMS · du 01/02/2026 · Anci…"
    )
    assert await proposed("?etat=closed") == "Closes"
    await keep(karim, fields, name="closes", canal="sms")
    assert await proposed("?etat=closed") == "Closes (2)"
    assert await proposed("?canal=sms") == "SMS"


@pytest.mark.parametrize(
    ("words", "may_choose", "address"),
    [
        ({"canal": "sms"}, Choosable(channels={"sms"}), "/demandes?canal=sms"),
        ({}, Choosable(), "/demandes"),
        ({"canal": "sms"}, Choosable(), None),
        ({"vue": "gone"}, Choosable(), None),
        ({"etat": "closed", "vue": "miennes"}, Choosable(), "/demandes?etat=closed&vue=miennes"),
    ],
)
def test_a_view_that_is_not_understood_whole_leads_nowhere(words, may_choose, address):
    kept = SavedViewShown("v", None, "SMS", words)
    assert link_to(kept, EXACT, may_choose).address == address
    exact = SavedViewShown("v", None, "x", {"etat": "archived"})
    assert link_to(exact, AS_SHOWN, may_choose).address is None


async def test_a_list_is_kept_opened_renamed_and_thrown_away(karim, hall, cases, fields):
    led = await keep(karim, fields, name="Les SMS", canal="sms", vue="a-repondre")
    assert (led.status_code, led.headers["location"]) == (303, "/demandes?vue=a-repondre&canal=sms")
    assert shown((await karim.get("/demandes")).text) == {"Les SMS": "/demandes?vue=a-repondre&amp;canal=sms"}
    [view] = hall.saved_views.views
    page = await karim.get("/vues")
    await karim.post(f"/vues/{view}", data={**fields(page), "name": "Textos"})
    assert [*shown((await karim.get("/demandes")).text)] == ["Textos"]
    [view] = hall.saved_views.views
    await karim.post(f"/vues/{view}/retrait", data=fields(page))
    assert not hall.saved_views.views
    noted = [each for each in hall.audit.entries if each.act is Act.SAVED_VIEW_CHANGED]
    assert len(noted) == 3
    assert "SMS" not in str(noted)


async def test_a_departments_is_its_agents_and_nobody_elses(karim, sign_in, hall, cases, fields):
    await keep(karim, fields, name="Voirie", whose="voirie", etat="closed")
    await keep(karim, fields, name="À moi", whose=OWN)
    colleague, stranger = (
        next(each for each in hall.town.agents if (department in each.departments) and each.sign_in != "karim.haddad")
        for department in ("voirie", "ccas")
    )
    assert [*shown((await (await sign_in(colleague.sign_in)).get("/demandes")).text)] == ["Voirie"]
    elsewhere = await sign_in(stranger.sign_in)
    assert shown((await elsewhere.get("/demandes")).text) == {}
    token = fields(await elsewhere.get("/demandes"))
    for view in hall.saved_views.views:
        for way in (f"/vues/{view}", f"/vues/{view}/retrait"):
            assert (await elsewhere.post(way, data={**token, "name": "x"})).status_code == 404
    assert (await keep(elsewhere, fields, name="x", whose="voirie")).status_code == 422
    assert len(hall.saved_views.views) == 2


async def test_what_is_wrong_is_said_beside_what_was_typed(karim, hall, cases, fields):
    assert f'data-first="chosen" required maxlength="{LONGEST_NAME}"' in (await karim.get("/demandes")).text
    answer = await keep(karim, fields, name=" ", canal="sms")
    assert answer.status_code == 422
    assert 'name="canal" value="sms"' in answer.text
    assert "Donnez un nom" in answer.text
    await keep(karim, fields, name="SMS", canal="sms")
    [view] = hall.saved_views.views
    answer = await karim.post(
        f"/vues/{view}", data={**fields(await karim.get("/vues")), "name": "n" * (LONGEST_NAME + 1)}
    )
    assert answer.status_code == 422
    assert f"dépasse {LONGEST_NAME} caractères" in answer.text


async def test_there_is_an_end_to_them(karim, hall, cases, fields, monkeypatch):
    monkeypatch.setattr("agent_desk.handlers.work.saved_views.MOST", 1)
    await keep(karim, fields, name="Une")
    assert (await keep(karim, fields, name="Deux")).status_code == 422
    assert (await keep(karim, fields, name="une", canal="sms")).status_code == 303
    assert (await keep(karim, fields, name="Voirie", whose="voirie")).status_code == 303


async def test_where_there_is_no_room_for_another_one_is_renamed_all_the_same(karim, hall, cases, fields):
    for number in range(MOST):
        assert (await keep(karim, fields, name=f"Vue {number}")).status_code == 303
    assert (await keep(karim, fields, name="Une de trop")).status_code == 422
    view = view_id_of(KEY, KARIM, None, "Vue 7")
    renamed = await karim.post(f"/vues/{view}", data={**fields(await karim.get("/vues")), "name": "Les SMS"})
    assert renamed.status_code == 303
    names = [*shown((await karim.get("/demandes")).text)]
    assert len(names) == MOST
    assert "Les SMS" in names
    assert "Vue 7" not in names


async def test_a_name_for_which_there_is_no_room_leaves_the_view_as_it_was(karim, hall, cases, fields, monkeypatch):
    for name in ("Une", "Deux"):
        await keep(karim, fields, name=name)
    monkeypatch.setattr("agent_desk.handlers.work.saved_views.MOST", 1)
    view = view_id_of(KEY, KARIM, None, "Une")
    answer = await karim.post(f"/vues/{view}", data={**fields(await karim.get("/vues")), "name": "Trois"})
    assert answer.status_code == 422
    assert "vues existent déjà" in answer.text
    assert {*shown((await karim.get("/demandes")).text)} == {"Une", "Deux"}


async def test_a_name_rests_sealed_and_one_whose_key_is_gone_is_left_out(karim, hall, cases, fields):
    await keep(karim, fields, name="Madame Moreau")
    [view] = hall.saved_views.views.values()
    assert b"Moreau" not in view.list.box
    await hall.vault.destroy_keys([view.list.key_id])
    page = await karim.get("/demandes")
    assert page.status_code == 200
    assert shown(page.text) == {}
