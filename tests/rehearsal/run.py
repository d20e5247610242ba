"""A whole town is lost under load, with its disks, and comes back on an empty machine from what lies elsewhere."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import yaml

from citizen_sandbox.play.entry import Direction, Entry, State
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import Reference, receipt_id
from guichet.store.deliveries.document import OPEN
from guichet_local.machine.paths import TOWN as EXAMPLE
from guichet_local.plan.preparation import PREPARATION, Preparation
from guichet_local.stack import LocalStack
from guichet_mail.imap_secrets import variable_of
from guichet_testing.real.dovecot import Dovecot, running_dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.services import SANDBOX, without
from guichet_testing.town.store import DATA
from guichet_testing.town.town import ERASES_SOON, Town, town_of
from guichet_testing.until import until
from tests.faults.verdicts.verdicts import Verdict
from tests.rehearsal.citizens import TOWN, Citizens
from tests.rehearsal.found import cases_by_address, cases_of, is_receipt, receipt_in
from tests.rehearsal.machine import Elsewhere, Machine
from tests.rehearsal.verdicts import (
    each_has_one_receipt,
    nothing_is_lost_that_a_source_has,
    only_the_named_is_lost,
    references_lead_to_their_cases,
)
from tests.rehearsal.ways import Step, Way, When, Written

PASSWORD: Final = "un mot de passe"
ERASED: Final = "effacee@courriel.example"
EACH: Final = 8  # messages by each way, before the backup and since
WAVES: Final = 12  # of messages in the seconds before the loss
PATIENCE_S: Final = 120.0
SETTINGS: Final = ERASES_SOON | {
    "GUICHET_IMAP_POLL_EVERY": "PT1S",
    "GUICHET_TWILIO_CATCH_UP_EVERY": "PT2S",
    "GUICHET_TWILIO_CATCH_UP_GRACE": "PT1S",
    "GUICHET_NOTIFIER_SMS_PER_SECOND": "100",
}
Say = Callable[[str], None]


@dataclass
class Rehearsal:
    """What a run came to."""

    written: list[Written] = field(default_factory=list)
    cases: dict[str, list[str]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


@contextmanager
def scene(folder: Path) -> Iterator[tuple[LocalStack, Elsewhere, Mailbox, Mailbox]]:
    """Start a town, what lies elsewhere, and the town's mail server with two mailboxes that are read."""
    with ExitStack() as opened:
        dovecot = opened.enter_context(running_dovecot(folder / "dovecot"))
        boxes = {name: dovecot.add_user(f"{name}@mairie.example", PASSWORD) for name in ("contact", "copies")}
        for box in boxes.values():
            box.deliver([])
        files = folder / "town"
        shutil.copytree(EXAMPLE, files, ignore=shutil.ignore_patterns("tests"))
        (files / "mail.yaml").write_text(yaml.safe_dump(mail_file(dovecot, boxes)))
        elsewhere = Elsewhere(folder / "elsewhere").make()
        settings = {
            **SETTINGS,
            **elsewhere.settings,
            **{variable_of(name, "PASSWORD"): PASSWORD for name in boxes},
            "GUICHET_TOWN": str(files),
            "GUICHET_IMAP_CA_FILE": str(dovecot.authority),
        }
        stack = LocalStack(
            folder / "guichet",
            settings=settings,
            services=without("agent-desk", "ops-console"),
            preparation=Preparation(PREPARATION.before, meanwhile=()),  # nobody is imported: no key before its copy
        )
        yield opened.enter_context(stack), elsewhere, boxes["contact"], boxes["copies"]


def mail_file(dovecot: Dovecot, boxes: Mapping[str, Mailbox]) -> dict[str, Any]:
    """Return the town's mail.yaml, by which it reads these mailboxes."""
    account = {"host": dovecot.host, "port": dovecot.tls_port, "since": "2026-01-01", "mailboxes": [TOWN]}
    return {
        "imap": {
            name: {**account, "user": box.user, "sign_in": "password", "afterwards": "leave"}
            for name, box in boxes.items()
        }
    }


async def rehearse(stack: LocalStack, elsewhere: Elsewhere, inbox: Mailbox, copies: Mailbox, say: Say) -> Rehearsal:
    """Live, lose everything, come back, and judge."""
    async with SandboxClient(stack.addresses[SANDBOX]) as sandbox:  # it outlives the town
        citizens = Citizens(sandbox, stack.addresses["citizen-portal"], inbox, copies)
        async with town_of(stack) as town:
            before = Life(town, Machine(town, elsewhere), citizens, say)
            await before.live()
            in_doubt = await before.lose_everything()
        result = Rehearsal(written=citizens.written)
        async with _coming_back(stack, before.machine, citizens, result, say) as back:
            await back.judge(in_doubt)
    return result


@dataclass
class Life:
    """Of the town before the loss."""

    town: Town
    machine: Machine
    citizens: Citizens
    say: Say

    async def live(self) -> None:
        """Take messages in, make a backup, take more in, erase a person."""
        await self.citizens.write(When.BEFORE, Way, EACH)
        erased = await self.town.sandbox.send_mail(sender=ERASED, subject="Effacez-moi", text="Bonjour.", proof="pass")
        assert erased.state is State.ACCEPTED, erased.answer
        await until(self._all_left, "receipts of before the backup left", seconds=PATIENCE_S)
        self.machine.keep_secrets()
        self.say((await self.town.guichet("backup", "nightly")).strip())
        await self.citizens.write(When.SINCE, Way, EACH)
        request = await self.town.ask_for_erasure(await self.town.citizen_at(ERASED), 1)
        await until(self._all_left, "receipts of since the backup left", seconds=PATIENCE_S)
        await until(
            lambda: all(each.finished for each in self.town.ledger([request])),
            "the erasure is done",
            seconds=PATIENCE_S,
        )

    async def lose_everything(self) -> frozenset[str]:
        """Lose it while messages come in; return the receipts that were with their senders."""
        waves = asyncio.create_task(self._under_load())
        await asyncio.sleep(2.5)
        held = self.town.store[DATA]["deliveries"].find({"held_by": {"$exists": True}}, {"_id": 1})
        in_doubt = frozenset(each["_id"] for each in held)
        await self.machine.is_lost()
        await waves
        self.say(f"everything is lost; {len(in_doubt)} letters were with their senders")
        return in_doubt

    async def _under_load(self) -> None:
        """Messages go on when nobody is there to take them: of the waves after the loss most are refused."""
        for _ in range(WAVES):
            await self.citizens.write(When.AMID, Way)
            await asyncio.sleep(0.1)

    async def _all_left(self) -> bool:
        deliveries = self.town.store[DATA]["deliveries"]
        owed = deliveries.count_documents({"purpose": Purpose.AEE.value})
        waits = deliveries.count_documents({"state": {"$in": list(OPEN)}})
        return owed >= sum(each.taken for each in self.citizens.written) and not waits


@asynccontextmanager
async def _coming_back(
    stack: LocalStack, machine: Machine, citizens: Citizens, result: Rehearsal, say: Say
) -> AsyncIterator["Back"]:
    """Do what docs/backup-and-restore.md says for an empty machine, and time it."""
    await citizens.write(When.WHILE_AWAY, [each for each in Way if each is not Way.FORM], 2)
    steps = Steps(result.steps, say)
    with steps.timed("an empty Kafka and MongoDB, settings and secrets"):
        await machine.stands_empty()
    with steps.timed("the root-key file from its copy"):
        shutil.copy(machine.elsewhere.folder / "root" / "root.key", stack.folder / "secrets" / "root.key")
    async with town_of(stack) as town:
        with steps.timed("`guichet restore everything`: users, topics, vault, data, erasures, and its check"):
            say((await town.guichet("restore", "everything", str(machine.elsewhere.newest_good_backup()))).strip())
        with steps.timed("`guichet prepare`"):
            await town.guichet("prepare")
        with steps.timed("the services are ready"):
            await machine.starts()
        back = Back(town, citizens, result, say)
        with steps.timed("sources are caught up, every receipt has left"):
            try:
                await until(back.all_is_there, "all is caught up", seconds=PATIENCE_S)
            except TimeoutError as error:  # what did not come about shows in the verdicts
                say(str(error))
        yield back


@dataclass
class Steps:
    """Times steps."""

    steps: list[Step]
    say: Say

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long it took."""
        began = monotonic()
        yield
        self.steps.append(Step(name, monotonic() - began))
        self.say(f"{self.steps[-1].seconds:6.1f} s  {name}")


@dataclass
class Back:
    """The town that came back."""

    town: Town
    citizens: Citizens
    result: Rehearsal
    say: Say

    async def all_is_there(self) -> bool:
        """Return whether what sources still have is filed and answered, and nothing is under way."""
        cases = self.town.store[DATA]["cases"].count_documents({"state": {"$ne": "destroyed"}})
        expected = sum(each.is_still_somewhere for each in self.citizens.written)
        waits = self.town.store[DATA]["deliveries"].count_documents(
            {"state": {"$in": list(OPEN)}, "undecided_since": None}
        )
        return cases >= expected and not waits and await self.town.all_is_handled()

    async def judge(self, in_doubt: frozenset[str]) -> None:
        """Compare what citizens wrote and hold with what the town has."""
        await asyncio.sleep(5)  # for what would come twice
        entries = await self.town.sandbox.entries(direction=Direction.RECEIVED)
        receipts = [receipt_in(each) for each in entries if is_receipt(each)]
        written = self.result.written
        self.result.cases = await cases_by_address(self.town)
        ids = {each["reference"]: receipt_id(each["_id"], Purpose.AEE) for each in cases_of(self.town)}
        doubtful = {each.address for each in receipts if ids.get(Reference(each.reference)) in in_doubt}
        undecided = self.town.store[DATA]["deliveries"].count_documents({"state": DeliveryState.UNKNOWN.value})
        for verdict in (
            nothing_is_lost_that_a_source_has(written, self.result.cases),
            each_has_one_receipt(written, receipts, doubtful),
            references_lead_to_their_cases(written, receipts, self.result.cases),
            only_the_named_is_lost(written, self.result.cases),
            await self._an_answer_joins(entries),
            await self._who_was_erased_stays_so(),
            Verdict("nothing is left to an agent", f"of {len(ids)} cases", (f"{undecided} letters",) * bool(undecided)),
        ):
            self.result.verdicts.append(verdict)
            self.say(f"{'holds' if verdict.holds else 'FAILS'}: {verdict.name} ({verdict.figures})")
            for line in verdict.wrong[:10]:
                self.say(f"       {line}")

    async def _an_answer_joins(self, entries: Sequence[Entry]) -> Verdict:
        """A citizen answers the receipt that they got before the loss, at the address that it names."""
        since = {each.address for each in self.result.written if each.way is Way.IMAP and each.when is When.SINCE}
        receipt = next(each for each in entries if each.address in since and each.channel == "mail")
        before = len(cases_of(self.town))
        answer = await self.town.sandbox.send_mail(
            sender=receipt.address,
            subject="Re",
            text="Encore.",
            to=[receipt.counterpart],
            reply_to=receipt,
            proof="pass",
        )
        assert answer.state is State.ACCEPTED, answer.answer
        reference = self.result.cases[receipt.address][0]

        async def is_filed() -> bool:
            case = next(each for each in cases_of(self.town) if each["reference"] == reference)
            filed = self.town.store[DATA]["messages"].count_documents({"filed": case["_id"], "direction": "inbound"})
            return bool(filed == 2 and len(cases_of(self.town)) == before)

        try:
            await until(is_filed, "the answer is filed", seconds=30)
        except TimeoutError as error:
            return Verdict("an answer to a receipt of before joins its case", "", (str(error),))
        return Verdict("an answer to a receipt of before joins its case", reference, ())

    async def _who_was_erased_stays_so(self) -> Verdict:
        """Erased since the backup, they were in it."""
        found = self.result.cases.get(ERASED, ())
        return Verdict("who was erased since the backup stays erased", "1 erasure", tuple(found))
