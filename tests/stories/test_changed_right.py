"""Somebody who administers takes a right away: it is gone from open pages, and the router obeys it no more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from playwright.async_api import expect

from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.contracts.case_commands import CloseCase
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, EventId
from guichet.kafka.produce.producer import Producer, Record
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import SigningSettings
from guichet_local.stack import LocalStack
from guichet_testing.doors.desk_lines import GONE, assert_is_not_there, look_up
from guichet_testing.town.commands import guichet as run_command
from guichet_testing.until import until

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)]
INES: Final = AgentId("agent-15")
A_MINUTE_MS: Final = 60_000
ON_CALL: Final = "astreinte@mairie.example"


@pytest.fixture
async def given_back(guichet: LocalStack, store: Any) -> AsyncIterator[None]:
    """Whatever becomes of the story, the files say again what Inès does."""
    yield
    if store["staff"].find_one({"_id": f"agent:{INES}"}) is not None:
        await asyncio.to_thread(run_command, guichet, "staff", "give-back", "agent", INES)
        await asyncio.sleep(OLDEST.total_seconds())  # the desk's directory may be as old, and the next story is hers


async def refused_command(guichet: LocalStack) -> dict[str, Any] | None:
    async with httpx.AsyncClient(trust_env=False) as http:
        overview = (await http.get(f"{guichet.addresses['ops-console']}/api/overview")).json()
    [standing] = [each for each in overview["topics"] if each["topic"] == CASE_COMMANDS.name]
    return next((each for each in standing["dead_letters"] if each["reason"] == "no-right"), None)


async def give(guichet: LocalStack, command: CloseCase) -> None:
    """Put a command on the broker that is the desk's own to the letter: as from a desk that did not hear of a change."""
    seed = SigningSettings(signing_key=guichet.environment_of("agent-desk")["GUICHET_SIGNING_KEY"]).signing_key
    key, value = command.case_id.encode(), command.model_dump_json().encode()
    signed = Signer(seed.get_secret_value()).sign(CASE_COMMANDS.name, key, value)
    timeout = timedelta(seconds=30)
    async with Producer(guichet.kafka_admin, "desk", timeout=timeout, linger=timedelta(0)) as producer:
        await producer.send([Record(CASE_COMMANDS.name, key, value, signed.headers)])


async def test_helene_moves_ines_and_her_open_pages_empty_within_a_minute_and_the_router_refuses_her(
    sandbox, guichet, sign_in, file_by_mail, store, given_back
):
    permit = await file_by_mail("thomas-lefevre", "Permis de construire", "Où en est mon permis de construire ?")
    ines = await sign_in("ines.caron")
    case = await ines.context.new_page()
    await case.goto(f"{ines.url}/{permit}")
    await expect(case.get_by_text("Clore la demande")).to_be_visible()
    helene = await sign_in("helene.vasseur")
    await helene.get_by_role("link", name="Administration").click()
    await helene.get_by_role("link", name="Inès Caron").click()
    await helene.locator("#departments-urbanisme").uncheck()
    await helene.locator("#departments-vie-associative").check()
    await expect(ines.locator(f"#r-{permit}")).to_be_visible()
    await helene.get_by_role("button", name="Enregistrer").click()
    await expect(helene.get_by_role("status")).to_contain_text("Enregistré.")

    close = CloseCase(
        event_id=EventId("closed-too-late"),
        occurred_at=datetime.now(UTC),
        case_id=store["cases"].find_one({"reference": permit})["_id"],
        issued_by=INES,
    )
    await give(guichet, close)
    letter = await until(lambda: refused_command(guichet), "the router refuses it")
    assert letter["group"] == "case-router"
    await sandbox.wait_for_mail(address=ON_CALL, containing=CASE_COMMANDS.name)
    await look_up(helene, permit)
    await expect(helene.locator(".case-head .state")).to_have_text("Reçue")
    await asyncio.to_thread(run_command, guichet, "dead-letters", "drop", "--all", "--reason", "droit retiré")

    await asyncio.gather(
        expect(case.locator("h1")).to_have_text(GONE, timeout=A_MINUTE_MS),
        expect(ines.locator(f"#r-{permit}")).to_have_count(0, timeout=A_MINUTE_MS),
    )
    await assert_is_not_there(ines, permit)
