"""A town of profiles, an answer to its lamp that waits, who wrote it and who signs it."""

from typing import Any

import pytest

from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.answers_to_sign import DRAFTER, SIGNER, TEXT, here
from guichet_testing.doors.desk_on_twins import TownHall


@pytest.fixture
def hall() -> TownHall:
    return TownHall(town=profiled_town())


@pytest.fixture
async def drafter(sign_in, cases):
    return await sign_in(DRAFTER)


@pytest.fixture
async def signer(sign_in, cases):
    return await sign_in(SIGNER)


@pytest.fixture
def lamp(cases):
    return cases["lamp"]


@pytest.fixture
def submit(drafter, lamp, fields):
    async def submit(text: str = TEXT, **more: str) -> Any:
        form = {**fields(await drafter.get(here(lamp))), "text": text, **more}
        return form, await drafter.post(here(lamp, "signature"), data=form)

    return submit
