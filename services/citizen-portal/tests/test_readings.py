"""Readings of follow pages are audit entries, durable before the page is given; a flood of tries fills no disk."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from citizen_portal.handlers.note_readings import LOST_IN_ALL, LOST_PER_ADDRESS, READINGS_PER_LINK, WINDOW
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.audit.trail import Act


@pytest.fixture(autouse=True)
def no_alarm_yet() -> Iterator[None]:
    ALARM.clear()
    yield
    ALARM.clear()


def probing() -> set[str]:
    """The causes for which the alarm holds."""
    samples = [sample for metric in ALARM.collect() for sample in metric.samples]
    return {each.labels["cause"] for each in samples if each.labels["alarm"] == "probing" and each.value == 1}


async def test_each_reading_is_an_entry_of_its_case_and_of_nobody(browser, counter):
    token = await counter.follow_case("Réponse.")
    for _ in range(2):
        assert (await browser.get(f"/suivi/{token}")).status_code == 200
    [view] = counter.views.views.values()
    kept = [(entry.act, entry.agent, entry.thing, entry.things) for entry in counter.audit.entries]
    assert kept == [(Act.FOLLOWED, None, "case", (view.case_id,))] * 2
    assert token not in str(counter.audit.entries)


async def test_without_a_durable_entry_no_page_is_given(browser, counter):
    token = await counter.follow_case("Réponse.")
    counter.audit.away = True
    page = await browser.get(f"/suivi/{token}")
    assert page.status_code == 503
    assert "Réponse." not in page.text


async def test_an_ended_link_is_an_entry_of_its_own(browser, counter):
    token = await counter.follow_case("Réponse.", expires_at=counter.clock())
    assert (await browser.get(f"/suivi/{token}")).status_code == 410
    assert [entry.act for entry in counter.audit.entries] == [Act.FOLLOW_ENDED]


async def test_a_link_that_leads_nowhere_is_an_entry_without_what_was_typed(browser, counter):
    for token in ("x", "jeanne.moreau@courriel.example"):
        assert (await browser.get(f"/suivi/{token}")).status_code == 404
    kept = [(entry.act, entry.agent, entry.thing, entry.things) for entry in counter.audit.entries]
    assert kept == [(Act.NOT_FOUND, None, "follow-link", ())] * 2


async def test_a_flood_of_lost_links_fills_no_disk_and_does_not_go_unseen(browser, counter):
    token = await counter.follow_case("Réponse.")
    for number in range(LOST_PER_ADDRESS + 15):
        assert (await browser.get(f"/suivi/nobody-{number}")).status_code == 404
    assert len(counter.audit.entries) == LOST_PER_ADDRESS
    assert probing() == {"citizen-portal:not-found"}
    assert (await browser.get(f"/suivi/{token}")).status_code == 200  # who shares the address still reads their page
    counter.clock.now += WINDOW
    assert probing() == set()
    await browser.get("/suivi/nobody")
    assert len(counter.audit.entries) == LOST_PER_ADDRESS + 2


async def test_a_flood_from_many_addresses_fills_no_disk(counter):
    web = counter.web()
    for number in range(LOST_IN_ALL + 20):
        transport = httpx.ASGITransport(web, client=(f"2001:db8::{number:x}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as stranger:
            assert (await stranger.get("/suivi/nobody")).status_code == 404
    assert len(counter.audit.entries) == LOST_IN_ALL


async def test_one_link_opened_without_end_fills_no_disk(browser, counter):
    token = await counter.follow_case("Réponse.")
    statuses = [(await browser.get(f"/suivi/{token}")).status_code for _ in range(READINGS_PER_LINK + 5)]
    assert statuses == [200] * READINGS_PER_LINK + [429] * 5
    assert len(counter.audit.entries) == READINGS_PER_LINK
    counter.clock.now += WINDOW + timedelta(seconds=1)
    assert (await browser.get(f"/suivi/{token}")).status_code == 200


async def test_forms_that_are_not_ours_do_not_go_unseen(browser, filled_in):
    for _ in range(30):
        forged = {**filled_in, "mark": "forged"}
        answer = await browser.post("/", data=forged, files={"files": ("", b"", "application/octet-stream")})
        assert answer.status_code == 409
    assert probing() == {"citizen-portal:form"}
