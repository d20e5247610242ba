"""A guesser of agents' passwords before a real desk: from one address, from many, with a proxy's header, all at once."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.doors.desk_process import RunningDesk, running_desk, tries_to_sign_in

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

NAMED = "karim.haddad"
HOME = "198.51.100.7"  # where the agent works (addresses for documentation, RFC 5737)
PROXY = {"GUICHET_TRUSTED_PROXIES": "127.0.0.1"}
PER_ADDRESS = 50
GUESSES = 200
AS_LONG_AS = 20  # sign-ins one after the other; in one queue with the guesses it would be a hundred

UNUSED = (
    ssl.create_default_context()
)  # read once: for 200 browsers it would hold this loop, not the desk's, for seconds
ONE_EACH = httpx.Limits(max_keepalive_connections=0)  # the desk closes an idle connection just as one is used again
Browser = httpx.AsyncClient


@pytest.fixture
async def bare(kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path) -> AsyncIterator[RunningDesk]:
    """A desk that agents reach without a proxy: nothing is set."""
    async with running_desk(kafka_server, mongo_server, mongo_database, tmp_path, quick=True) as desk:
        yield desk


@pytest.fixture
async def behind_a_proxy(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[RunningDesk]:
    """A desk that is told of its proxy on this machine: the test plays the proxy."""
    async with running_desk(kafka_server, mongo_server, mongo_database, tmp_path, quick=True, **PROXY) as desk:
        yield desk


@pytest.fixture
async def with_dear_passwords(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[RunningDesk]:
    """The same desk where each check takes what it takes in a town."""
    async with running_desk(kafka_server, mongo_server, mongo_database, tmp_path, **PROXY) as desk:
        yield desk


def a_browser(desk: RunningDesk, address: str) -> Browser:
    """Return a browser; its requests say that they were forwarded for that address."""
    return Browser(
        base_url=desk.url,
        headers={"X-Forwarded-For": address},
        timeout=120,
        trust_env=False,
        verify=UNUSED,
        limits=ONE_EACH,
    )


async def guess(desk: RunningDesk, name: str, address: str) -> int:
    async with a_browser(desk, address) as browser:
        return (await tries_to_sign_in(browser, name, "guess")).status_code


async def test_naming_another_address_each_time_passes_no_limit(bare: RunningDesk) -> None:
    statuses = Counter([await guess(bare, f"name-{nth}", f"203.0.113.{nth}") for nth in range(PER_ADDRESS + 20)])
    assert statuses[429], f"{statuses[401]} tries from one address were all heard"


async def test_a_guesser_elsewhere_locks_no_named_agent_out(behind_a_proxy: RunningDesk) -> None:
    statuses = Counter([await guess(behind_a_proxy, NAMED, "203.0.113.9") for _ in range(15)])
    assert statuses[429], statuses
    async with a_browser(behind_a_proxy, HOME) as agent:
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 303, "the agent is locked out"


async def test_many_guessers_of_one_account_are_slowed_down_and_its_agent_is_not(behind_a_proxy: RunningDesk) -> None:
    async with a_browser(behind_a_proxy, HOME) as agent:
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 303
    statuses = Counter([await guess(behind_a_proxy, NAMED, f"203.0.113.{nth}") for nth in range(50)])
    assert statuses[429], f"nothing slows down who guesses from everywhere: {statuses}"
    async with a_browser(behind_a_proxy, HOME) as agent:  # a new browser, at the place where they always are
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 303, "the agent is locked out"


async def test_a_guesser_at_the_agents_own_address_does_not_keep_their_browser_out(bare: RunningDesk) -> None:
    async with a_browser(bare, HOME) as agent:
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 303
        statuses = Counter([await guess(bare, f"name-{nth}", HOME) for nth in range(PER_ADDRESS + 20)])
        assert statuses[429], statuses
        assert await guess(bare, NAMED, HOME) == 429
        agent.cookies.delete("guichet_session")
        assert (await tries_to_sign_in(agent, NAMED, PASSWORD)).status_code == 303, "the agent is locked out"


async def as_long_as_a_sign_in(browser: Browser) -> float:
    """Sign the named agent in; return how many seconds it took."""
    began = time.monotonic()
    assert (await tries_to_sign_in(browser, NAMED, PASSWORD)).status_code == 303
    return time.monotonic() - began


async def test_two_hundred_guesses_at_once_keep_no_agent_waiting(with_dear_passwords: RunningDesk) -> None:
    async with a_browser(with_dear_passwords, HOME) as at_work, a_browser(with_dear_passwords, HOME) as comes_back:
        before = await as_long_as_a_sign_in(at_work)
        guessers = [asyncio.create_task(guess(with_dear_passwords, f"n{n}", f"192.0.2.{n}")) for n in range(GUESSES)]
        await asyncio.sleep(0.5)
        waited = {}
        waited["to sign in"] = await as_long_as_a_sign_in(comes_back)
        began = time.monotonic()
        assert (await at_work.get("/demandes")).status_code == 200
        waited["for a page"] = time.monotonic() - began
        statuses = Counter(await asyncio.gather(*guessers))
        alone = max(before, await as_long_as_a_sign_in(at_work))  # other tests may have come in between
    assert max(waited.values()) < AS_LONG_AS * alone, f"the agent waited {waited}, alone {alone}; guessers: {statuses}"
    assert set(statuses) <= {401, 429}, statuses
