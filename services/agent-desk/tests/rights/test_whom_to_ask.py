"""Who sees or may do too little reads whom to ask; who manages profiles reads that they may do it themselves."""

from dataclasses import replace

import pytest

from guichet.ids import ProfileId
from guichet_testing.doors.desk_on_twins import TownHall

ASK_IT = "le service informatique de la mairie peut changer votre profil"


@pytest.fixture
def managed(hall: TownHall) -> TownHall:
    """Hélène Vasseur manages profiles, and so does somebody who sees no case."""
    files = hall.town.staff
    manages = files.profiles[ProfileId("sees-nothing")].model_copy(update={"administers": True})
    staff = replace(
        files,
        agents=tuple(
            each.model_copy(update={"profile": ProfileId("manages")}) if each.agent_id == "agent-19" else each
            for each in files.agents
        ),
        profiles={**files.profiles, ProfileId("manages"): manages},
    )
    hall.town = replace(hall.town, staff=staff)
    return hall


@pytest.fixture
def unmanaged(hall: TownHall) -> TownHall:
    files = hall.town.staff
    profiles = {name: each.model_copy(update={"administers": False}) for name, each in files.profiles.items()}
    hall.town = replace(hall.town, staff=replace(files, profiles=profiles))
    return hall


async def test_without_anybody_who_manages_profiles_the_it_department_is_named(unmanaged, sign_in):
    page = (await (await sign_in("sees-nothing")).get("/demandes")).text
    assert "Votre profil ne montre aucune demande" in page
    assert ASK_IT in page


async def test_who_manages_profiles_is_named(managed, sign_in):
    page = (await (await sign_in("sees-nothing")).get("/demandes")).text
    assert "Hélène Vasseur peut changer votre profil" in page
    assert ASK_IT not in page


async def test_a_refusal_names_them_too(managed, sign_in, cases, fields):
    browser, here = await sign_in("reads-alone"), f"/demandes/{cases['hole'].reference}"
    sheet = {"once": "0" * 32, "shown": "", **fields(await browser.get(here))}
    answer = await browser.post(f"{here}/cloture", data=sheet)
    assert answer.status_code == 403
    assert "Hélène Vasseur peut changer votre profil" in answer.text


async def test_who_manages_profiles_is_not_sent_to_themselves(managed, sign_in):
    page = (await (await sign_in("helene.vasseur")).get("/demandes")).text
    assert "Vous gérez les profils" in page
    assert "Hélène Vasseur peut changer" not in page
