"""Somebody who no longer works for the town, with a page that they left open: a real desk, the operator's own command."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from guichet.store.audit.trail import MongoAuditTrail
from guichet_cli.console.command import operator
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.doors.desk_process import RunningDesk, running_desk, tries_to_sign_in
from guichet_testing.forks.popen import run

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

NAMED, ID = "karim.haddad", "agent-12"
STREAM = {"accept": "text/event-stream"}


@pytest.fixture
async def desk(kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    async with running_desk(kafka_server, mongo_server, mongo_database, tmp_path) as desk:
        yield desk


@pytest.fixture
def environment(mongo_server: Any, mongo_database: str) -> dict[str, str]:
    return os.environ | {
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
    }


def a_browser(desk: RunningDesk) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=desk.url, timeout=90, trust_env=False)


async def guichet(environment: dict[str, str], *words: str) -> str:
    """Run the operator's command to its end."""
    done = await asyncio.to_thread(run, "guichet_cli", ["agents", *words], environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_a_disabled_agents_open_page_hears_nothing_more_after_a_minute(
    desk: RunningDesk, environment: dict[str, str]
) -> None:
    async with a_browser(desk) as agent:
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 303
        assert (await agent.get("/demandes")).status_code == 200
        async with agent.stream("GET", "/demandes/direct", headers=STREAM) as stream:
            assert stream.status_code == 200
            await guichet(environment, "disable", NAMED)
            disabled = time.monotonic()
            assert (await agent.get("/demandes")).status_code == 303, "a page after the account was disabled"
            async with asyncio.timeout(60):
                async for _ in stream.aiter_bytes():
                    pass
            print(f"the stream ended {time.monotonic() - disabled:.1f} s after the account")  # noqa: T201
        assert (await agent.get("/demandes/direct", headers=STREAM)).status_code == 401
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 401
    assert "disabled" in await guichet(environment, "list")


async def test_a_reset_leaves_the_thief_of_a_password_nothing(desk: RunningDesk, environment: dict[str, str]) -> None:
    async with a_browser(desk) as thief, a_browser(desk) as agent:
        assert (await tries_to_sign_in(thief, NAMED, PASSWORD)).status_code == 303
        once = (await guichet(environment, "reset", NAMED)).split()[-1]
        assert (await thief.get("/demandes")).status_code == 303
        assert (await tries_to_sign_in(thief, NAMED, PASSWORD)).status_code == 401
        assert (await tries_to_sign_in(agent, NAMED, once)).status_code == 303
        assert (await agent.get("/demandes")).headers["location"] == "/mot-de-passe"
    acts = [(entry.act, entry.agent) for entry in await MongoAuditTrail(desk.database).about(ID)]
    assert ("account-reset", operator()) in acts
    assert "must change password" in await guichet(environment, "list")


async def test_nobody_outside_the_towns_files_is_given_an_account(
    desk: RunningDesk, environment: dict[str, str]
) -> None:
    for name, why in (("a.stranger", "not among the town's agents"), (NAMED, "has an account")):
        with pytest.raises(AssertionError, match=why):
            await guichet(environment, "add", name)
    once = (await guichet(environment, "add", "paul.mercier")).splitlines()[0].split()[-1]
    async with a_browser(desk) as agent:
        assert (await tries_to_sign_in(agent, "paul.mercier", once)).status_code == 303
        assert (await agent.get("/demandes")).headers["location"] == "/mot-de-passe"
