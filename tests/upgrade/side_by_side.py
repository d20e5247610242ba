"""Services of the last version and of this one run beside each other on the same topics: `make side-by-side`.

A town runs by the code of then. While citizens write by every way, the new version prepares; then its readers run beside
the adapters of then, for a while both routers and both notifiers in one group; then all is new; then the readers are those
of then again, while the adapters are new; then all is new. Agents answer and a person is erased in between.
"""

import asyncio
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import psutil
import yaml

from citizen_sandbox.play.entry import Direction
from guichet.contracts.delivery import DeliveryState
from guichet.store.deliveries.document import OPEN
from guichet_local.machine.ports import free_ports
from guichet_local.plan.preparation import NOTHING
from guichet_local.processes.service_process import ServiceProcess, first_process
from guichet_local.stack import LocalStack
from guichet_mail.imap_secrets import variable_of
from guichet_testing.real.dovecot import running_dovecot, why_no_dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.town.commands import guichet
from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.services import SANDBOX, SERVICES
from guichet_testing.town.store import DATA
from guichet_testing.town.town import Town, town_of
from guichet_testing.until import until
from guichet_topology.environment import Environment
from tests.faults.verdicts.verdicts import Verdict
from tests.rehearsal.citizens import Citizens
from tests.rehearsal.found import cases_by_address, cases_of, is_receipt, receipt_in
from tests.rehearsal.run import PASSWORD, SETTINGS, mail_file
from tests.rehearsal.verdicts import (
    each_has_one_receipt,
    nothing_is_lost_that_a_source_has,
    references_lead_to_their_cases,
)
from tests.rehearsal.ways import Way, When
from tests.upgrade.code_of_then import code_of, python_of

LAST: Final = "41b1abb7"
READERS: Final = ("case-router", "notifier", "gdpr-worker")
NEW: Final = ("search-indexer",)  # that version had none: it begins from the store
IN_ONE_GROUP: Final = ("case-router", "notifier")
WAYS: Final = (Way.IMAP, Way.HANDED_OVER, Way.SMS, Way.TELEGRAM, Way.FORM)
PAUSE_S: Final = 0.5  # between two waves, each a message by every way
PATIENCE_S: Final = 120.0
AGENT: Final = "helene.vasseur"
_NAMED: Final = {each.name: each for each in SERVICES}
OTHERS: Final = tuple(name for name in _NAMED if name not in (*READERS, *NEW, SANDBOX))


@dataclass(frozen=True)
class Earlier(ServiceProcess):
    """A service as an earlier version runs it. code: of then."""

    code: Path

    def command(self) -> list[str]:
        """What starts it."""
        return [str(python_of(self.code)), "-m", self.service.package]


@dataclass
class Change:
    """town: of which each service runs by one version or the other. code: of then."""

    town: Town
    code: Path
    citizens: Citizens
    answered: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    async def then(self, *names: str) -> None:
        """Run these services by the code of then."""
        await asyncio.to_thread(self._run_instead, [self._earlier(name) for name in names])
        assert all(map(self._is_of_then, names))

    async def now(self, *names: str) -> None:
        """Run these services by the code of today."""
        await asyncio.to_thread(
            self._run_instead, [first_process(_NAMED[each], self.town.stack.ports) for each in names]
        )
        assert not any(map(self._is_of_then, names))

    async def both(self, *names: str) -> None:
        """Run these by the code of today beside those of then, in the same groups; then those of then end."""
        further = [_further(name) for name in names]
        await asyncio.to_thread(self._run_instead, further)
        await self.write_for(5)
        await self.town.stop(*names)
        await self.write_for(3)
        await self.now(*names)
        await self.town.stop(*(each.name for each in further))

    async def write_for(self, seconds: float) -> None:
        """Let citizens write by every way for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.citizens.write(When.BEFORE, WAYS)
            await asyncio.sleep(PAUSE_S)

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[None]:
        """Citizens write while the block lasts."""
        writing = asyncio.create_task(self.write_for(600))
        yield
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    async def an_agent_answers(self, words: str) -> None:
        """A citizen writes, an agent answers at the desk, and the answer arrives."""
        number = len(self.answered)
        sender, subject = f"question-{number}@courriel.example", f"Question {number}"
        await self.town.sandbox.send_mail(sender=sender, subject=subject, text="Où est-ce ?", proof="pass")
        async with signed_in(self.town.stack, AGENT) as desk:
            case = await until(lambda: desk.case_of(subject), "the case is listed", seconds=PATIENCE_S)
            await desk.send(case, "reponse", text=words)
        await self.town.sandbox.wait_for_mail(address=sender, containing=words, timeout=PATIENCE_S)
        self.answered.append(sender)

    async def an_agent_answers_and_closes(self, words: str) -> None:
        """Two citizens write, one answer goes to both and closes their cases: an act that the desk of then refuses."""
        people = [f"close-{number}@courriel.example" for number in range(2)]
        for number, sender in enumerate(people):
            await self.town.sandbox.send_mail(sender=sender, subject=f"À clore {number}", text="Merci.", proof="pass")
        async with signed_in(self.town.stack, AGENT) as desk:
            cases = [
                await until(partial(desk.case_of, f"À clore {number}"), "the case is listed", seconds=PATIENCE_S)
                for number in range(2)
            ]
            act = {"words": words, "signed": "oui", "then": "close", "despite": "oui"}
            here = await desk.act_on_many(cases, "reponse-cloture", **act)

            async def is_done() -> bool:
                return "<dt>Faites</dt><dd>2</dd>" in (await desk.read(here))[1]

            await until(is_done, "both are answered and closed", seconds=PATIENCE_S)
        for sender in people:
            await self.town.sandbox.wait_for_mail(address=sender, containing=words, timeout=PATIENCE_S)
        self.answered += people

    async def a_person_is_erased(self) -> None:
        """Asked for by today's command; whoever runs carries it out."""
        address = f"effacee-{len(self.erased)}@courriel.example"
        await self.town.sandbox.send_mail(sender=address, subject="Effacez-moi", text="Bonjour.", proof="pass")
        await self.town.sandbox.wait_for_mail(address=address, timeout=PATIENCE_S)
        request = await self.town.ask_for_erasure(await self.town.citizen_at(address), len(self.erased) + 1)
        await until(
            lambda: [each.finished for each in self.town.ledger([request])] == [True],
            f"{address} is erased",
            seconds=PATIENCE_S,
        )
        self.erased.append(address)

    def says(self, what: str) -> None:
        """Say what runs from now on, and what was written until now."""
        say(f"{len(self.citizens.written):5} messages so far; now: {what}")

    def _is_of_then(self, name: str) -> bool:
        """Look at the process itself."""
        return str(python_of(self.code)) in psutil.Process(self.town.stack.supervisor.state_of(name).pid).cmdline()

    def _earlier(self, name: str) -> Earlier:
        process = first_process(_NAMED[name], self.town.stack.ports)
        return Earlier(process.name, process.service, process.ports, self.code)

    def _run_instead(self, processes: Sequence[ServiceProcess]) -> None:
        self.town.stack.run_instead(processes)


def _further(name: str) -> ServiceProcess:
    names = [*_NAMED[name].ports.values()]
    return ServiceProcess(f"{name}-2", _NAMED[name], dict(zip(names, free_ports(len(names)), strict=True)))


@contextmanager
def scene(folder: Path, code: Path) -> Iterator[tuple[LocalStack, Mailbox]]:
    """Start servers and the sandbox; the town's folder has the form of then, which both versions read."""
    with running_dovecot(folder / "dovecot") as dovecot:
        inbox = dovecot.add_user("contact@mairie.example", PASSWORD)
        inbox.deliver([])
        files = folder / "town"
        shutil.copytree(code / "deploy" / "local" / "town", files, ignore=shutil.ignore_patterns("tests"))
        (files / "mail.yaml").write_text(yaml.safe_dump(mail_file(dovecot, {"contact": inbox})))
        settings = {
            **SETTINGS,
            variable_of("contact", "PASSWORD"): PASSWORD,
            "GUICHET_TOWN": str(files),
            "GUICHET_IMAP_CA_FILE": str(dovecot.authority),
        }
        held_back = [name for name in _NAMED if name != SANDBOX]
        with LocalStack(folder / "guichet", settings=settings, held_back=held_back, preparation=NOTHING) as stack:
            yield stack, inbox


def by_then(code: Path, stack: LocalStack, *words: str) -> None:
    """Run `guichet …` of then, which must succeed."""
    environment: Environment = stack.environment_of("guichet", *words)
    subprocess.run([python_of(code), "-m", "guichet_cli", *words], env=environment, check=True, capture_output=True)


async def live(stack: LocalStack, inbox: Mailbox, code: Path) -> list[Verdict]:
    """Change from one version to the other and back, under load, and judge."""
    by_then(code, stack, "prepare")
    by_then(code, stack, "agents", "create", "--passwords-file", str(stack.folder / "secrets" / "agents.txt"))
    async with town_of(stack) as town:
        citizens = Citizens(town.sandbox, stack.addresses["citizen-portal"], inbox, inbox)
        change = Change(town, code, citizens)
        change.says(f"all of {code.name}")
        await change.then(*OTHERS, *READERS)
        await change.write_for(3)
        await change.an_agent_answers("Réponse d’avant.")
        async with change.under_load():
            change.says("this version prepares")
            await asyncio.to_thread(guichet, stack, "prepare")
            await asyncio.sleep(3)
            change.says("both routers and both notifiers in their groups; then those of this version alone")
            await change.both(*IN_ONE_GROUP)
            await change.now("gdpr-worker")
            change.says(f"readers of this version, everything else of {code.name}")
            await change.an_agent_answers("D’un guichet d’avant à un routeur d’après.")
            await change.a_person_is_erased()
            await asyncio.sleep(5)
            change.says("all of this version")
            await change.now(*OTHERS, *NEW)
            await asyncio.sleep(3)
            change.says(f"readers of {code.name}, everything else of this version")
            await change.then(*READERS)
            await change.an_agent_answers("D’un guichet d’après à un routeur d’avant.")
            await change.an_agent_answers_and_closes("À chacun, et clos, par un routeur d’avant.")
            await change.a_person_is_erased()
            await asyncio.sleep(5)
            change.says("all of this version")
            await change.now(*READERS)
            await change.an_agent_answers("Réponse d’après.")
        return await judge(change)


async def judge(change: Change) -> list[Verdict]:
    """Compare what citizens wrote and hold with what the town has, once nothing moves."""
    town, citizens = change.town, change.citizens
    written = [each for each in citizens.written if not each.was_refused]
    deliveries = town.store[DATA]["deliveries"]

    async def is_all_there() -> bool:
        waits = deliveries.count_documents({"state": {"$in": [*OPEN]}})
        return len(cases_of(town)) >= len(written) and not waits and await town.all_is_handled()

    try:
        await until(is_all_there, "everything is filed and answered", seconds=PATIENCE_S)
    except TimeoutError as error:
        say(str(error))
    await asyncio.sleep(3)  # for what would come twice
    entries = await town.sandbox.entries(direction=Direction.RECEIVED)
    cases = await cases_by_address(town)
    apart = {*change.answered, *change.erased}
    receipts = [receipt_in(each) for each in entries if is_receipt(each) and each.address not in apart]
    inbound = [each for each in town.documents("messages") if each.get("direction") == "inbound"]
    unfiled = [str(each["_id"]) for each in inbound if not each.get("filed")]
    letters = (await town.guichet("dead-letters", "list")).splitlines()
    unknown = deliveries.count_documents({"state": DeliveryState.UNKNOWN.value})
    return [
        nothing_is_lost_that_a_source_has(written, cases),
        each_has_one_receipt(written, receipts, ()),
        references_lead_to_their_cases(written, receipts, cases),
        Verdict("every message that was accepted is in a case", f"{len(inbound)} messages", tuple(unfiled)),
        Verdict("no dead letter", f"{len(inbound)} messages", tuple(_letters(letters))),
        Verdict("no letter's fate is unknown", "", (f"{unknown} letters",) * bool(unknown)),
        Verdict(
            "agents' answers arrived, the erased are gone",
            f"{len(change.answered)}, {len(change.erased)}",
            tuple(each for each in change.erased if each in cases),
        ),
    ]


def _letters(lines: Iterable[str]) -> Iterator[str]:
    yield from (line for line in lines if line.strip() and not line.startswith("No "))


def main() -> int:
    """Say what held; return the exit status."""
    commit = sys.argv[1] if len(sys.argv) > 1 else LAST
    folder = Path(tempfile.mkdtemp(prefix="guichet-side-by-side-"))
    if reason := why_no_dovecot(folder / "try"):
        say(reason)
        return 2
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    code, began = code_of(commit), time.monotonic()
    with scene(folder, code) as (stack, inbox):
        verdicts = asyncio.run(live(stack, inbox, code))
    for each in verdicts:
        say(f"{'holds' if each.holds else 'DOES NOT HOLD'}: {each.name} ({each.figures})")
        for line in each.wrong[:10]:
            say(f"       {line}")
    say(f"{(time.monotonic() - began) / 60:.1f} minutes")
    if not all(each.holds for each in verdicts):
        say(f"Logs and data stay in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
