"""A search tells nobody of a case that they do not see whole, by whatever word of it, and before anything was said."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from guichet_testing.doors.searched_hall import searched
from tests.rights.test_every_route import AT_THE_DESK, AtDesk, at_desk, said
from tests.rights.town_hall import NOBODYS, Standing, World, a_world, standing

NOWHERE: Final = "nulle-part-ailleurs"
LIMITED: Final = ("karim.haddad", "in-synthesis", "with-a-reason-for-sensitive", "of-a-procedure", "contact")


@pytest.fixture(autouse=True)
def _quick(quick_passwords: None) -> None:
    """Everybody signs in."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = await a_world()
    async with searched(world.hall, tmp_path / "search"):
        yield world


async def look_for(desk: AtDesk, typed: str) -> httpx.Response:
    there = await desk.browser.post("/recherche", data={"form_token": desk.token, "q": typed})
    desk.calls.clear()
    return await desk.browser.get(there.headers["location"])


async def test_a_search_finds_what_its_reader_sees_whole_and_tells_nothing_of_anything_else(world: World) -> None:
    """In one world: each agent, each kind of case, by its words, its subject, who wrote it, its place, and its state."""
    for name in AT_THE_DESK:
        async with at_desk(world, name) as desk:
            for kind, marked in world.cases.items():
                word = f"texte-{kind}-zq"
                by = (f"objet:objet-{kind}-zq", f"de:{kind}-zq@courriel.example", f"lieu:lieu-{kind}-zq", "est:ouverte")
                for typed in (word, *by):
                    answer = await look_for(desk, typed)
                    assert answer.status_code == 200, (name, kind, typed)
                    assert not world.leaks(name, said(answer), typed), (name, kind, typed)
                    if typed in {word, by[2]}:
                        whole = standing(name, kind) is Standing.WHOLE and kind != "under-erasure"
                        assert (f'href="/demandes/{marked.case.reference}"' in answer.text) == whole, (name, kind)


async def test_a_search_asks_the_same_of_the_stores_whether_a_case_is_denied_or_not_there(world: World) -> None:
    for name in LIMITED:
        async with at_desk(world, name) as desk:
            nothing, by = (await look_for(desk, f'"{NOWHERE}"')).text.replace(NOWHERE, ""), [*desk.calls]
            for kind in world.cases:
                if standing(name, kind) is Standing.WHOLE:
                    continue
                for word in (f"texte-{kind}-zq", f"lieu-{kind}-zq"):
                    hidden = (await look_for(desk, f'"{word}"')).text.replace(word, "")
                    assert (hidden, [*desk.calls]) == (nothing, by), (name, kind, word)


async def test_who_may_be_before_an_agent_is_proposed_of_what_they_see_whole_and_of_nothing_else(world: World) -> None:
    """By what is typed of them, and by a reference that somebody says was proposed."""
    for name in (*LIMITED, "of-own-entries", "helene.vasseur", "fatou.diallo", "reads-alone"):
        async with at_desk(world, name) as desk:
            if (await desk.browser.get("/saisie")).status_code == 404:
                assert (await chosen(desk, world.cases["own"].case.reference))[0] == (await chosen(desk, NOBODYS))[0]
                continue
            for kind, marked in world.cases.items():
                said_of_them = {"name": f"personne-{kind}-zq", "address": f"{kind}-zq@courriel.example"}
                for typed in (said_of_them, {"chosen": marked.case.reference}):
                    answer = await desk.browser.post("/saisie/personnes", data={"form_token": desk.token, **typed})
                    whole = standing(name, kind) is Standing.WHOLE and kind != "under-erasure"
                    assert not world.leaks(name, said(answer), *typed.values()), (name, kind, typed)
                    assert (f"objet-{kind}-zq" in answer.text) == whole, (name, kind, typed)


async def test_who_is_not_an_agents_to_see_is_looked_for_as_who_is_not_there(world: World) -> None:
    for name in ("karim.haddad", "in-synthesis", "contact"):
        async with at_desk(world, name) as desk:
            nothing, by = await chosen(desk, NOBODYS)
            for kind, marked in world.cases.items():
                if standing(name, kind) is not Standing.WHOLE:
                    assert await chosen(desk, marked.case.reference) == (nothing, by), (name, kind)


async def chosen(desk: AtDesk, reference: str) -> tuple[str, list[tuple[str, str]]]:
    desk.calls.clear()
    form = {"form_token": desk.token, "chosen": reference}
    answer = await desk.browser.post("/saisie/personnes", data=form, headers={"HX-Request": "true"})
    return answer.text, [*desk.calls]
