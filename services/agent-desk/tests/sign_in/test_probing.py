"""Who tries the desk's doors is seen: refusals past a rate raise an alarm, which ends once it is calm."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from agent_desk.domain.sign_in.try_limits import PER_PLACE
from agent_desk.handlers.sign_in import check_password
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.audit.trail import Act

TOO_MANY = 30
WINDOW = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def no_alarm_yet() -> Iterator[None]:
    ALARM.clear()
    yield
    ALARM.clear()


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every password is wrong, at no cost: 64 MiB a try would make these tests slow, and no truer."""
    monkeypatch.setattr(check_password, "password_matches", lambda _hash, _password: False)


def probing() -> set[str]:
    """The causes for which the alarm holds."""
    samples = [sample for metric in ALARM.collect() for sample in metric.samples]
    return {each.labels["cause"] for each in samples if each.labels["alarm"] == "probing" and each.value == 1}


async def try_to_sign_in(browser, name: str, password: str):
    page = await browser.get("/connexion")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    return await browser.post("/connexion", data={"form_token": token, "name": name, "password": password})


async def test_a_guesser_of_passwords_does_not_go_unseen(open_browser, hall):
    for number in range(TOO_MANY - 1):
        assert (await try_to_sign_in(open_browser(), f"name-{number}", "guess")).status_code == 401
    assert probing() == set()
    await try_to_sign_in(open_browser(), "karim.haddad", "guess")
    assert probing() == {"agent-desk:sign-in"}
    hall.clock.now += WINDOW
    assert probing() == set()


async def test_an_agent_who_tries_references_does_not_go_unseen(karim, cases):
    for number in range(TOO_MANY):
        assert (await karim.get(f"/demandes/2026-AAAA-{number:03}")).status_code == 404
    assert probing() == {"agent-desk:not-found"}


async def test_forged_forms_do_not_go_unseen(karim, open_browser, cases):
    for number in range(TOO_MANY):
        forger = karim if number % 2 else open_browser()
        answer = await forger.post("/connexion", data={"form_token": "forged", "name": "karim.haddad"})
        assert answer.status_code == 403
    assert probing() == {"agent-desk:form"}


async def test_tries_in_a_pause_fill_no_disk_and_still_do_not_go_unseen(open_browser, hall):
    for _ in range(PER_PLACE.tries):
        assert (await try_to_sign_in(open_browser(), "karim.haddad", "guess")).status_code == 401
    for _ in range(TOO_MANY):
        assert (await try_to_sign_in(open_browser(), "karim.haddad", "guess")).status_code == 429
    refused = [entry for entry in hall.audit.entries if entry.act is Act.SIGN_IN_REFUSED]
    assert len(refused) == PER_PLACE.tries
    assert probing() == {"agent-desk:sign-in"}


async def test_a_cause_names_nobody(open_browser):
    for _ in range(TOO_MANY):
        await try_to_sign_in(open_browser(), "fatou.diallo", "guess")
    assert not [cause for cause in probing() if "fatou" in cause or "agent-" in cause.removeprefix("agent-desk")]


def from_address(hall, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(hall.web(), client=(address, 50_000)), base_url="http://desk.test"
    )


async def test_tries_at_invented_names_do_not_fill_the_trail(hall, quickly):
    """Nothing removes an entry before its months are over: a guest must not decide how many there are."""
    tried = 0
    for address in ("2001:db8:1::1", "2001:db8:2::1", "203.0.113.9"):
        async with from_address(hall, address) as guest:
            for number in range(45):
                answer = await try_to_sign_in(guest, f"name-{number}", "guess")
                assert answer.status_code == 401, f"{address}, {number}"
                tried += 1
    refused = [entry for entry in hall.audit.entries if entry.act is Act.SIGN_IN_REFUSED]
    assert len(refused) <= 12, f"{len(refused)} entries of {tried} tries"
    assert (refused[-1].count, tried) == (128, 135), "the trail says how many there were, to a factor of two"
    assert probing() == {"agent-desk:sign-in"}


async def test_what_is_tried_in_the_next_quarter_of_an_hour_is_counted_anew(hall, open_browser, quickly):
    for _ in range(2):
        for number in range(7):
            await try_to_sign_in(open_browser(), f"name-{number}", "guess")
        hall.clock.now += timedelta(minutes=15)
    assert [entry.count for entry in hall.audit.entries] == [1, 2, 3, 4, 1, 2, 3, 4]


async def test_each_failure_of_a_named_agent_stays_an_entry_of_its_own(hall, open_browser, quickly):
    for number in range(20):
        await try_to_sign_in(open_browser(), f"name-{number}", "guess")
    for _ in range(PER_PLACE.tries):
        await try_to_sign_in(open_browser(), "karim.haddad", "guess")
    assert [entry.agent for entry in hall.audit.entries].count("agent-12") == PER_PLACE.tries
