"""The whole run: plant the controls, let everybody write, be answered, stumble and knock; then search everything."""

import asyncio
import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import httpx

from citizen_sandbox.play.entry import Direction
from guichet.kafka.dead_letters.index import DeadLetterIndex
from guichet_canary import surroundings
from guichet_canary.controls import Control, controls_in_collections, plant_controls
from guichet_canary.search.files import search_folder
from guichet_canary.search.search import Hit, Search
from guichet_canary.stack import legible_stack
from guichet_canary.writing.desk import Desk
from guichet_canary.writing.desk_texts import COLLEAGUE_S_NAME, ask_for_mails
from guichet_canary.writing.desk_work import AGENT, work_at_the_desk
from guichet_canary.writing.outage import write_during_an_outage
from guichet_canary.writing.planting import Cast, plant_everything, whole_cast
from guichet_canary.writing.strangers import HEALTH
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet
from guichet_testing.town.desk_client import password_of, signed_in
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import until

_BURIED = {
    ("inbound-email", "case-router", "bug"),  # the router stumbled
    ("inbound-sms", "case-router", "unreadable"),  # a record that nobody can decode
    ("case-events", "notifier", "unreadable"),
    ("delivery-reports", "notifier", "unreadable"),
    ("inbound-sms", "ingest-sms", "unreadable"),  # a payload that the adapter cannot read
    ("inbound-social", "ingest-social", "unreadable"),
    ("delivery-reports", "ingest-sms", "unreadable"),
}


@dataclass
class Findings:
    """What a run brought. seen: labels of the canaries that reached, in clear, whom they were for.

    searched: the files.
    """

    who: Cast
    controls: list[Control]
    seen: set[str] = field(default_factory=set)
    hits: list[Hit] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)


async def run(folder: Path, beside: Path) -> Findings:
    """Run a whole stack in `folder` and search it, its surroundings while it runs, its files after it was stopped."""
    (temporary := folder / "tmp").mkdir()
    stack, who = legible_stack(folder), whole_cast()
    with patch.dict(os.environ, TMPDIR=str(temporary)), stack:  # what is left there is found there
        findings = Findings(who, await plant_controls(stack))
        controls = [each.canary for each in (*findings.controls, *controls_in_collections(stack))]
        search = Search([*controls, *(canary for each in who.values() for canary in each.canaries)])
        async with (
            SandboxClient(stack.addresses["citizen-sandbox"]) as sandbox,
            Desk(stack.addresses["agent-desk"]) as desk,
        ):
            await plant_everything(stack, who, sandbox, beside)
            assert await desk.sign_in(AGENT, password_of(stack, AGENT)) == 303
            async with signed_in(stack, COLLEAGUE_S_NAME) as colleague:
                await ask_for_mails(colleague)
            findings.seen = await work_at_the_desk(desk, sandbox, who)
            await _until_all_went_wrong(stack)
            case = await until(lambda: desk.case_of(who["form"].subject.value), "the form's case")
            await write_during_an_outage(stack, who["outage"], sandbox, desk, case)
            await until(lambda: desk.case_of(who["outage"].subject.value), "the case of the mail sent in the outage")
            await _open_the_dead_letters(stack)
            for where, content in (await _look_around(stack, sandbox, desk)).items():
                findings.hits += search.in_bytes(where, content)
        findings.controls += controls_in_collections(stack)
    findings.hits += search_folder(search, folder, findings.searched.append)
    return findings


async def _until_all_went_wrong(stack: LocalStack) -> None:
    """Wait for every dead letter and for the crash."""

    async def all_put_aside() -> bool:
        letters = [each.letter for each in (await index.letters()).values() if each.is_open]
        return {(letter.topic, letter.group, letter.reason) for letter in letters} >= _BURIED

    async def crashed() -> bool:
        log = (stack.folder / "logs" / "notifier.log").read_text()
        return '"error": "_Crash"' in log and "a bug while sending" in log and await _is_ready(stack, "notifier")

    async with DeadLetterIndex(stack.kafka_admin) as index:
        await until(all_put_aside, "every dead letter")
    await until(crashed, "the crash of the notifier")


async def _open_the_dead_letters(stack: LocalStack) -> None:
    """Show each, as an operator does, then drop one."""
    listed = (await asyncio.to_thread(guichet, stack, "dead-letters", "list")).splitlines()
    ids = [line.split()[0] for line in listed if " ingest-" in line]
    for each in ids[:2]:
        assert await asyncio.to_thread(guichet, stack, "dead-letters", "show", each)
    await asyncio.to_thread(guichet, stack, "dead-letters", "drop", ids[0], "--reason", "nothing to read")


async def _is_ready(stack: LocalStack, name: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        with contextlib.suppress(httpx.HTTPError):
            return (await http.get(f"{stack.addresses[HEALTH[name]]}/health/ready")).status_code == 200
    return False


async def _look_around(stack: LocalStack, sandbox: SandboxClient, desk: Desk) -> surroundings.Shown:
    links = [link for entry in await sandbox.entries(direction=Direction.RECEIVED) for link in entry.links]
    return {
        **await surroundings.metrics_and_console(
            stack.addresses, {name: stack.addresses[each] for name, each in HEALTH.items()}
        ),
        **surroundings.addresses_in(desk.pages),
        "addresses that the desk led to": "\n".join(desk.led_to).encode(),
        "addresses that the providers were asked for": "\n".join(await sandbox.requests()).encode(),
        "links that citizens got": "\n".join(links).encode(),
        **await surroundings.names_in_the_broker(stack),
        **await asyncio.to_thread(surroundings.talk_of_the_database, stack),
        **surroundings.processes(stack),
    }
