"""One run on a stack that is up: exceptions, load and faults, verdicts, everything once more."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Final

from citizen_sandbox.play.entry import Entry
from guichet.clock import SystemClock
from guichet.contracts.topics import INBOUND_SMS
from guichet.kafka.dead_letters.publish import BUG
from guichet.runtime.settings import OpeningSettings
from guichet.vault.mongo_vault import open_vault
from guichet_testing.town.commands import guichet
from guichet_testing.town.rewind import rewind_all
from guichet_testing.town.town import town_of
from tests.faults.form import Form
from tests.faults.load.clients import send_all
from tests.faults.load.load import Load
from tests.faults.load.plan import Plan, PlanMaker, singles
from tests.faults.load.poison import poison_records
from tests.faults.town.town import TownStack
from tests.faults.trouble.chaos import Chaos
from tests.faults.trouble.first_batch import ROUTER, FaultyRouters
from tests.faults.trouble.in_flight import Eyes
from tests.faults.verdicts import reading, verdicts
from tests.faults.verdicts.judging import judge_messages, judge_receipts, received
from tests.faults.verdicts.outcome import Outcome
from tests.faults.verdicts.verdicts import Verdict
from tests.faults.watching import until_quiet

FIRST: Final = 60  # messages that wait for the first router
ALONE_AMONG: Final = 300
READ_WITHIN: Final = timedelta(minutes=2)
Say = Callable[[str], None]


class Run:
    """The steps of a run, in order; `outcome` fills as they go."""

    def __init__(self, town: TownStack, form: Form, seed: int, say: Say) -> None:
        self._town = town
        self._form = form
        self._say = say
        self._began = time.monotonic()
        self.outcome = Outcome(seed, form, datetime.now(UTC))
        names = town.names
        self._plan = PlanMaker(seed, names).make(form.messages)
        self._first = PlanMaker(seed, names, part=1).make(FIRST)
        self._alone = singles(PlanMaker(seed, names, part=2).make(ALONE_AMONG))[: 1 + form.with_bug]
        self._poison = list(poison_records(seed, max(8, form.messages // 200)))

    async def play(self) -> Outcome:
        """Play the whole run."""
        async with AsyncExitStack() as opened:
            seen = await opened.enter_async_context(town_of(self._town.stack))
            self._eyes, self._sandbox = await opened.enter_async_context(Eyes(seen)), seen.sandbox
            await self._sandbox.open_chats([chat for plan in self._plans for chat in plan.chats])
            await self._throw()
            await self._load(opened)
            await self._judge()
            await self._read_again()
        self.outcome.took_s = time.monotonic() - self._began
        return self.outcome

    @property
    def _plans(self) -> list[Plan]:
        return [self._first, self._plan, *self._alone]

    async def _throw(self) -> None:
        """Throw where Faust's agents lose messages, before any router of the stack has run."""
        self._say("exceptions: the first batch of a new group, a batch of one")
        faulty = FaultyRouters(self._town.stack, self._eyes.offsets)
        thrown = self.outcome.thrown
        await self._send(self._first)
        thrown.append(await faulty.first_batch())
        await self._read_all_that_waits()
        await self._send(self._alone[0])
        thrown.append(await faulty.batch_of_one())
        if self._form.with_bug:
            await self._read_all_that_waits()
            await self._send(self._alone[1])
            thrown.append(await faulty.bug_over(f"message {self._alone[1].sendings[0].number}."))
            [letter] = [each for each in await reading.open_letters(self._town.kafka) if each.reason == BUG]
            words = ("dead-letters", "replay", letter.event_id, "--reason", "mended")
            await asyncio.to_thread(guichet, self._town.stack, *words)
        wrong = tuple(f"{each.where}: {line}" for each in thrown for line in each.wrong)
        figures = "; ".join(f"{each.where}: {each.batch} record(s)" for each in thrown)
        self._hold(Verdict("exceptions thrown", figures, wrong))
        await asyncio.to_thread(self._town.start_routers)

    async def _send(self, plan: Plan) -> None:
        await send_all(plan, self._town.doors, self.outcome.accepted)

    async def _read_all_that_waits(self) -> None:
        await asyncio.to_thread(self._town.stack.start, ROUTER)
        await until_quiet(self._eyes, READ_WITHIN, self._say)
        await asyncio.to_thread(self._town.stack.stop, ROUTER)

    async def _load(self, opened: AsyncExitStack) -> None:
        """Full load with every fault, then wait until all of it is done."""
        self._say("full load, and faults")
        self.outcome.load_began = datetime.now(UTC)
        chaos = Chaos(self._town.stack, self._eyes, self.outcome.accepted, time.monotonic())
        opened.callback(chaos.release)
        await Load(self._town, self.outcome, self._plan, self._poison, chaos, self._sandbox, self._say).carry()
        self._say("waiting until all is quiet")
        is_quiet = await until_quiet(self._eyes, self._form.quiet_within, self._say)
        self._hold(Verdict("everything is done in time", "", () if is_quiet else ("something is left",)))
        self._hold(verdicts.kills_count(self.outcome.counted, self._form.at_least, self._form.services_together))

    async def _judge(self) -> None:
        kafka, outcome = self._town.kafka, self.outcome
        for verdict in await judge_messages(self._eyes, self._plans, outcome.accepted):
            self._hold(verdict)
        entries, began = await self._received(), outcome.load_began or outcome.began
        judged, outcome.doubled = await judge_receipts(self._eyes, entries, began, outcome.strikes)
        for verdict in judged:
            self._hold(verdict)
        self._hold(await self._searched())
        self._hold(verdicts.requests_are_recorded(outcome.requests, await reading.recorded_requests(kafka)))
        poison = {word: {way} for plan in self._plans for word, way in plan.poison.items()}
        poison |= {each.word: {(each.record.topic, group) for group in each.groups} for each in self._poison}
        poison |= {
            str(plan.sendings[0].message_id): {(INBOUND_SMS.name, ROUTER)} for plan in self._alone[1:]
        }  # the bug's
        vault = open_vault(OpeningSettings(**reading.opening(self._town.values)), clock=SystemClock().now)
        self._hold(verdicts.poison_is_put_aside(poison, await reading.letters(kafka, vault)))

    async def _searched(self) -> Verdict:
        filed = [name for name, case in (await reading.filed(self._eyes.database)).items() if case is not None]
        return verdicts.filed_is_searched(filed, await reading.searched(self._town.stack))

    async def _read_again(self) -> None:
        """Set every group back to the first record, let everything be read again, and compare."""
        self._say("everything once more")
        stack, database, readers = self._town.stack, self._eyes.database, self._town.readers
        await asyncio.to_thread(stack.supervisor.end, *readers)
        before, last = await reading.digests(database), max(entry.id for entry in await self._received())
        self.outcome.replayed = await rewind_all(self._town.kafka)
        await asyncio.gather(*(asyncio.to_thread(stack.start, reader) for reader in readers))
        is_quiet = await until_quiet(self._eyes, self._form.quiet_within, self._say)
        await asyncio.to_thread(stack.supervisor.end, *readers)
        sent = await self._received(after=last)
        self._hold(verdicts.nothing_changed(before, await reading.digests(database), len(sent)))
        wrong = () if is_quiet else ("it did not end in time",)
        self._hold(Verdict("everything was read again", f"{self.outcome.replayed} records", wrong))

    async def _received(self, after: int = 0) -> list[Entry]:
        return await received(self._sandbox, self._town.on_call, after)

    def _hold(self, verdict: Verdict) -> None:
        self.outcome.verdicts.append(verdict)
        self._say(f"{'holds' if verdict.holds else 'FAILS'}: {verdict.name} ({verdict.figures})")
        for line in verdict.wrong[:10]:
            self._say(f"       {line}")
