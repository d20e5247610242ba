"""A search tells nobody of a case that they do not see whole, by whatever word of it, and before anything was said."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from guichet_testing.doors.searched_hall import searched
from tests.rights.test_every_route import AT_THE_DESK, AtDesk, at_desk, said
from tests.rights.town_hall import Standing, World, a_world, standing

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
    """In one world: each agent, each kind of case, by its words, its subject, who wrote it, and its state."""
    for name in AT_THE_DESK:
        async with at_desk(world, name) as desk:
            for kind, marked in world.cases.items():
                word = f"texte-{kind}-zq"
                for typed in (word, f"objet:objet-{kind}-zq", f"de:{kind}-zq@courriel.example", "est:ouverte"):
                    answer = await look_for(desk, typed)
                    assert answer.status_code == 200, (name, kind, typed)
                    assert not world.leaks(name, said(answer), typed), (name, kind, typed)
                    if typed == word:
                        whole = standing(name, kind) is Standing.WHOLE and kind != "under-erasure"
                        assert (f'href="/demandes/{marked.case.reference}"' in answer.text) == whole, (name, kind)


async def test_a_search_asks_the_same_of_the_stores_whether_a_case_is_denied_or_not_there(world: World) -> None:
    for name in LIMITED:
        async with at_desk(world, name) as desk:
            nothing, by = (await look_for(desk, f'"{NOWHERE}"')).text.replace(NOWHERE, ""), [*desk.calls]
            for kind in world.cases:
                if standing(name, kind) is Standing.WHOLE:
                    continue
                word = f"texte-{kind}-zq"
                hidden = (await look_for(desk, f'"{word}"')).text.replace(word, "")
                assert (hidden, [*desk.calls]) == (nothing, by), (name, kind)
