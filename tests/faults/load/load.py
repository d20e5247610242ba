"""Full load while everything breaks: clients, chaos, misbehaving providers and poison side by side."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from guichet.contracts.topics import CASE_COMMANDS, PRIVACY_REQUESTS
from guichet.errors import TransientError
from guichet.kafka.produce.producer import Producer, Record
from guichet.kafka.produce.publisher import Publication, as_record
from guichet_testing.town.processes import Watch
from guichet_testing.town.sandbox_client import SandboxClient
from tests.faults.load.clients import send_all
from tests.faults.load.plan import Plan
from tests.faults.load.poison import PoisonRecord, erasure_of_nobody
from tests.faults.town.town import TownStack
from tests.faults.trouble.chaos import Chaos
from tests.faults.trouble.schedule import MOVES, Act, Fault, make_schedule
from tests.faults.trouble.town_in_trouble import Troublemaker
from tests.faults.verdicts.outcome import Outcome
from tests.faults.watching import watch

_POISON_BY: Final = 0.9  # of the messages: it lies between the others
REPEATED: Final = 40
AGAIN: Final = 120  # messages
_CONFIRMED: Final = timedelta(seconds=30)


@dataclass
class Load:
    """One run's load. outcome: filled with what was struck."""

    town: TownStack
    outcome: Outcome
    plan: Plan
    poison: list[PoisonRecord]
    chaos: Chaos
    sandbox: SandboxClient
    say: Callable[[str], None]

    async def carry(self) -> None:
        """Return when every message is accepted, every fault carried out and every hold of a dead sender over."""
        form, began = self.outcome.form, time.monotonic()
        self._before = len(self.outcome.accepted.numbers)
        schedule = make_schedule(self.outcome.seed, form.doses, one_broker=form.one_broker)
        processes = Watch(self.town.stack, self.chaos.killed)
        trouble = Troublemaker(self.sandbox, self.outcome.seed)
        watching = asyncio.create_task(watch(processes, lambda: self._progress(began), self.say))
        try:
            async with Producer(self.town.kafka, "faults", timeout=_CONFIRMED, linger=timedelta(0)) as producer:
                self._producer = producer
                await self._break_everything(schedule, trouble, began)
            await self.chaos.end()
            # What was put off to within the hour that was taken back is due at last.
            self.town.stack.move_clock(MOVES[Act.AHEAD])
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            self.outcome.strikes, self.outcome.struck = self.chaos.strikes, trouble.struck
            self.outcome.ended = processes.ended

    async def _break_everything(self, schedule: list[Fault], trouble: Troublemaker, began: float) -> None:
        quiet = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._put_poison())
            troubling = tasks.create_task(trouble.run(quiet))
            striking = tasks.create_task(self.chaos.carry_out(schedule, self._share, self._provoke))
            await send_all(self.plan, self.town.doors, self.outcome.accepted, self.chaos.pace, self._share)
            self.outcome.load_s = time.monotonic() - began
            if put_off := await striking:
                await self._strike_again(put_off)
            quiet.set()
            await troubling

    async def _strike_again(self, put_off: list[Fault]) -> None:
        """Strike what had nothing in flight, while some of the messages are handed over again and again, as sources do."""
        known = [each for each in self.plan.sendings if each.message_id is not None][:AGAIN]
        some = Plan(tuple(known), len(known))
        striking = asyncio.create_task(self.chaos.carry_out(put_off, lambda: 1.0, self._provoke))
        while not striking.done():  # some are sent within a second: the last fault must meet them, too
            await send_all(some, self.town.doors, self.outcome.accepted)
        await striking

    async def _provoke(self, fault: Fault) -> None:
        """Ask gdpr-worker to erase somebody whom nobody knows, again and again: one request, however often it comes."""
        if fault.process == "gdpr-worker":
            request = erasure_of_nobody(self.outcome.seed, len(self.outcome.requests))
            self.outcome.requests.append(request.event_id)
            await self._confirmed(
                [as_record(Publication(PRIVACY_REQUESTS, request), self.town.signer_of("guichet-cli"))] * REPEATED
            )

    def _share(self) -> float:
        return (len(self.outcome.accepted.numbers) - self._before) / len(self.plan.sendings)

    async def _put_poison(self) -> None:
        for nth, poison in enumerate(self.poison):
            while self._share() < _POISON_BY * nth / len(self.poison):  # noqa: ASYNC110  looked at, not told
                await asyncio.sleep(0.1)
            await self._confirmed([self._by_the_desk(poison.record)])

    def _by_the_desk(self, record: Record) -> Record:
        """Sign a command as the desk would: what it says must be refused too, not only that nobody signed it."""
        if record.topic != CASE_COMMANDS.name or record.key is None:
            return record
        signed = self.town.signer_of("agent-desk").sign(record.topic, record.key, record.value)
        return Record(record.topic, record.key, record.value, signed.headers)

    async def _confirmed(self, records: Sequence[Record]) -> None:
        """Return once the brokers have these records, at least once each."""
        while True:
            try:
                return await self._producer.send(records)
            except TransientError:
                self.say("a broker is away: the records again")

    def _progress(self, began: float) -> str:
        accepted = self.outcome.accepted
        return (
            f"{time.monotonic() - began:4.0f} s: {len(accepted.numbers) - self._before} of {len(self.plan.sendings)}"
            f" accepted, {sum(accepted.never_answered.values())} never answered, {len(self.chaos.strikes)} faults"
        )
