"""The alarm that the identity provider is away: raised after two questions without an answer, gone with an answer."""

import re
from datetime import timedelta

import httpx
import pytest

from agent_desk.domain.sign_in.openid.errors import ProviderAwayError
from agent_desk.handlers.sign_in.openid.provider_alarm import KNOWN_FOR, About
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from agent_desk.handlers.sign_in.openid.watch_provider import EVERY, watch_provider
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM, IDENTITY_PROVIDER_ANSWERS


@pytest.fixture
def client(hall) -> ProviderClient:
    return ProviderClient(hall.client, hall.provider_http, hall.clock)


def alarms() -> set[str]:
    family = next(iter(ALARM.collect()))
    raised = (each.labels for each in family.samples if each.value)
    return {each["cause"] for each in raised if each["alarm"] == Alarm.IDENTITY_PROVIDER_AWAY}


def counted(about: About, outcome: str) -> float:
    return IDENTITY_PROVIDER_ANSWERS.labels(about.value, outcome)._value.get()


async def test_who_cannot_sign_in_twice_raises_it_and_the_next_who_can_ends_it(
    open_browser, hall, provider, there_and_back
):
    browser = open_browser()
    assert (await browser.get("/connexion/fournisseur")).status_code == 303
    assert alarms() == set()
    provider.is_away = True
    hall.clock.now += timedelta(hours=1)
    unanswered = counted(About.ITSELF, "none")
    assert (await browser.get("/connexion/fournisseur")).status_code == 503
    assert alarms() == set(), "a moment's trouble"
    hall.clock.now += timedelta(minutes=1)
    assert (await browser.get("/connexion/fournisseur")).status_code == 503
    assert alarms() == {"metadata"}
    assert counted(About.ITSELF, "none") == unanswered + 2
    provider.is_away = False
    hall.clock.now += timedelta(minutes=1)
    assert (await there_and_back(browser)).status_code == 200
    assert alarms() == set()


async def test_a_code_that_is_not_exchanged_is_a_cause_of_its_own_that_ends_by_itself(open_browser, hall, provider):
    backs = []
    for _ in range(2):
        browser = open_browser()
        there = await browser.get("/connexion/fournisseur")
        backs.append((browser, provider.sign_in(there.headers["location"], "lea")))
    provider.is_away = True
    for browser, back in backs:
        assert (await browser.get(back)).status_code == 503
    assert alarms() == {"sign-in"}
    hall.clock.now += KNOWN_FOR
    assert alarms() == set(), "nobody has tried since"


@pytest.mark.parametrize("said", [httpx.Response(502), httpx.Response(200, html="<p>Maintenance</p>")])
async def test_codes_that_it_exchanges_do_not_hide_that_it_says_nothing_of_anybody(
    open_browser, hall, provider, there_and_back, said
):
    """Nor does a stranger who brings a code that it refuses."""
    provider.answers["/userinfo"] = lambda _: said
    for _ in range(2):
        assert (await there_and_back(open_browser())).status_code == 503
        browser = open_browser()
        back = provider.sign_in((await browser.get("/connexion/fournisseur")).headers["location"], "lea")
        assert (await browser.get(re.sub("code=[^&]+", "code=made-up", back))).status_code == 403
    assert alarms() == {"user-info"}
    provider.answers.clear()
    assert (await there_and_back(open_browser())).status_code == 200
    assert alarms() == set()


async def test_a_stranger_with_codes_of_any_length_raises_no_alarm(open_browser, hall, provider):
    for code in ("made-up", "x" * 5_000):
        browser = open_browser()
        back = provider.sign_in((await browser.get("/connexion/fournisseur")).headers["location"], "lea")
        assert (await browser.get(re.sub("code=[^&]+", f"code={code}", back))).status_code == 403
    assert alarms() == set()
    assert provider.asked.count("/token") == 1


async def test_while_it_is_away_it_is_asked_each_minute_and_then_no_more(hall, provider, client):
    looks = []

    async def sleep(duration: timedelta) -> None:
        looks.append((duration, alarms()))
        hall.clock.now += duration
        provider.is_away = len(looks) < 3
        if len(looks) == 5:
            raise KeyboardInterrupt

    provider.is_away = True
    with pytest.raises(KeyboardInterrupt):
        await watch_provider(client, sleep)
    assert looks == [(EVERY, each) for each in (set(), {"metadata"}, {"metadata"}, set(), set())]
    assert len(provider.asked) == 5, "three times in vain, then its metadata and its keys, once"


async def test_who_answers_by_another_name_does_not_answer(hall, provider, client):
    provider.metadata = {"issuer": "https://somebody-else.example"}
    for _ in range(2):
        with pytest.raises(ProviderAwayError):
            await client.look()
        hall.clock.now += EVERY
    assert alarms() == {"metadata"}
