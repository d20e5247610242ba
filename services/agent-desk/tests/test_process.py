"""The desk as a process, on real Kafka, mongod, vault and files: live, answered, confirmed by the broker."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from guichet.contracts.case_commands import SendReply
from guichet.contracts.case_events import CaseClosed, CommandRefused
from guichet.contracts.topics import CASE_COMMANDS, CASE_EVENTS
from guichet.ids import AgentId, CaseId, EventId
from guichet.kafka.produce.publisher import KafkaPublisher, Publication
from guichet.privacy.signing.records import Signed
from guichet.store.audit.trail import Act, MongoAuditTrail
from guichet.store.commands import CommandDocument, MongoCommandStore
from guichet.store.messages.store import MongoMessageStore
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.signers import a_verifier
from guichet_testing.doors.desk_on_twins import PASSWORD
from guichet_testing.doors.desk_process import RunningDesk, another_desk, hidden, running_desk, tries_to_sign_in
from guichet_testing.until import PATIENCE_S

pytestmark = pytest.mark.real


@pytest.fixture
async def running(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path
) -> AsyncIterator[RunningDesk]:
    async with running_desk(kafka_server, mongo_server, mongo_database, tmp_path) as desk:
        yield desk


async def signed_in(browser: httpx.AsyncClient) -> None:
    assert (await tries_to_sign_in(browser, "karim.haddad", PASSWORD)).status_code == 303


async def test_an_agent_reads_hears_and_answers(running: RunningDesk):
    hole = running.cases["hole"]
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as browser:
        await signed_in(browser)
        assert "Jeanne Moreau" in (await browser.get("/demandes")).text
        page = await browser.get(f"/demandes/{hole.reference}")
        assert "À gauche en sortant" in page.text
        assert "jeanne.moreau@courriel.example" in page.text
        file = await browser.get(f"/demandes/{hole.reference}/fichiers/{hole.opened_by}/1")
        assert file.content.startswith(b"\xff\xd8\xff")
        assert (await browser.get(f"/demandes/{running.cases['social'].reference}")).status_code == 404

        seen = page.text.split("/direct?vu=")[1].split('"')[0]
        async with browser.stream("GET", f"/demandes/{hole.reference}/direct?vu={seen}") as stream:
            await publish_a_change(running, hole)
            async with asyncio.timeout(PATIENCE_S):
                assert [line async for line in until_changed(stream)][-1:] == ["event: changed"]

        form = {name: hidden(page, name) for name in ("form_token", "once", "answers")}
        form["text"] = "Nous passons demain."
        assert (await browser.post(f"/demandes/{hole.reference}/reponse", data=form)).status_code == 303
    command = await the_answer(running, hole.case_id)
    (kept,) = (await MongoMessageStore(running.database).find_many([command.outbound_id])).values()
    assert (kept.filed, kept.author) == (hole.case_id, "agent-12")
    acts = [entry.act for entry in await MongoAuditTrail(running.database).by(AgentId("agent-12"))]
    assert {Act.SIGNED_IN, Act.LISTED, Act.READ, Act.NOT_FOUND, Act.REPLIED} <= set(acts)


async def test_it_stops_when_told_even_with_a_page_open(running: RunningDesk):
    async with httpx.AsyncClient(base_url=running.url, timeout=20) as browser:
        await signed_in(browser)
        async with browser.stream("GET", "/demandes/direct?vu=elsewhere") as stream:
            assert [line async for line in until_changed(stream)][-1:] == ["event: changed"]
            running.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(running.process.wait, 15) == 0


async def test_whichever_process_an_agent_asks_knows_what_the_router_has_decided(running: RunningDesk):
    """The desk that took the answer hears of it; another one, asked by an open page, finds it in the store."""
    lamp = running.cases["lamp"]
    async with (
        another_desk(running) as second,
        httpx.AsyncClient(timeout=20) as browser,
        KafkaPublisher(running.kafka, "tester") as router,  # before it is asked: an agent waits four seconds
    ):
        browser.base_url = running.url
        await signed_in(browser)
        form = await a_form(browser, lamp)
        sending = asyncio.create_task(browser.post(f"/demandes/{lamp.reference}/reponse", data=form))
        await refuse(router, lamp, await the_command(running, Act.REPLIED))
        answer = await sending
        assert answer.status_code == 409
        assert "Nous passons demain.</textarea>" in answer.text

        form = await a_form(browser, lamp)
        closing = await browser.post(f"/demandes/{lamp.reference}/cloture", data=form)
        suite = closing.headers["location"].partition("?")[2]
        elsewhere = f"{second}/demandes/suite?{suite}"
        assert "Clôture en cours." in (await browser.get(elsewhere)).text
        commands, command = MongoCommandStore(running.database), await the_command(running, Act.CLOSED)
        about = {"type": "CloseCase", "case_id": lamp.case_id, "at": ARRIVED}
        await commands.insert_causes([CommandDocument(_id=command, **about)])
        await commands.mark_done([command], {command: "case-closed"})
        assert "La demande n’a pas été close" in (await browser.get(elsewhere)).text


async def a_form(browser: httpx.AsyncClient, case: Any) -> dict[str, str]:
    page = await browser.get(f"/demandes/{case.reference}")
    return {name: hidden(page, name) for name in ("form_token", "once", "shown", "answers", "closes_despite")} | {
        "text": "Nous passons demain."
    }


async def the_command(running: RunningDesk, act: Act) -> EventId:
    """Return the id of the command that the desk has noted."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for entry in await MongoAuditTrail(running.database).by(AgentId("agent-12")):
                if entry.act is act:
                    return EventId(entry.things[1])
            await asyncio.sleep(0.05)


async def refuse(router: KafkaPublisher, case: Any, command: EventId) -> None:
    """Refuse a command, as the router does."""
    event = CommandRefused(
        event_id=EventId(f"refusal-{command}"),
        occurred_at=ARRIVED,
        case_id=case.case_id,
        reference=case.reference,
        version=8,
        caused_by=command,
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        by=AgentId("agent-12"),
        command_id=command,
        why="case-changed",
    )
    await router.publish(Publication(CASE_EVENTS, event))


async def publish_a_change(running: RunningDesk, case: Any) -> None:
    event = CaseClosed(
        event_id=EventId(f"test-{case.case_id}"),
        occurred_at=ARRIVED,
        case_id=case.case_id,
        reference=case.reference,
        version=8,
        caused_by="test",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        by=AgentId("agent-12"),
    )
    async with KafkaPublisher(running.kafka, "tester") as publisher:
        await publisher.publish(Publication(CASE_EVENTS, event))


async def until_changed(stream: httpx.Response) -> AsyncIterator[str]:
    async for line in stream.aiter_lines():
        yield line
        if line == "event: changed":  # what is addressed to the agent may be told first
            return


async def the_answer(running: RunningDesk, case: CaseId) -> SendReply:
    """Return the answer that the desk published; other tests' commands may lie on the same topic."""
    consumer = AIOKafkaConsumer(
        CASE_COMMANDS.name, bootstrap_servers=running.kafka.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                record = await consumer.getone()
                command = CASE_COMMANDS.events.validate_json(record.value)
                if isinstance(command, SendReply) and command.case_id == case:
                    break
    finally:
        await consumer.stop()
    signed = Signed.of(record.topic, record.key, record.value, record.headers)
    assert a_verifier().verify(signed, CASE_COMMANDS).producer == "agent-desk"
    return command
