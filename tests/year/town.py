"""A town of the router and the notifier, as their processes put them together, under a moved clock.

Both in one process, on a bus in its memory, with keys in memory: what is proven of Kafka, of kills and of the vault
stands in tests/faults and tests/timers. The providers' pace is not played: a year would take one.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from case_router.app import build_router
from case_router.domain.keys import RouterKeys
from case_router.handlers.days_come import DaysCome
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.base import Event
from guichet.follow_pages.view_writer import ViewWriter
from guichet.kafka.records import Received
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.deliveries.document import gathered
from guichet.town import Town
from guichet.town.provider_accounts import accounts_of
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault
from notifier.domain.mail_message import MailWriter
from notifier.domain.wording import Wording
from notifier.entry.consumers import add_consumers
from notifier.entry.gathered_lane import GatheredLane
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from notifier.handlers.announce_changes import LEFT_TO_OTHERS, Announcer
from notifier.handlers.limit_receipts import Ceiling
from notifier.handlers.owe_another_way import OtherWays
from notifier.handlers.owe_letters import Handlers
from notifier.handlers.redirect_letters import Redirects
from notifier.handlers.watch_clocks import WatchClocks
from notifier.handlers.watch_deliveries import Watch
from notifier.handlers.write_bundles import BundleWriter
from notifier.handlers.write_letters import LetterWriter
from tests.year.bus import Bus
from tests.year.clock import MovedClock
from tests.year.faces import Faces
from tests.year.incidents import Incidents
from tests.year.providers import Handed, Provider

KEY: Final = b"y" * 32
KEYS: Final = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
BATCH: Final = 200
LETTERS_AT_ONCE: Final = 50
RECEIPTS_A_DAY: Final = 10  # as the notifier's setting has it
FASTER_THAN_ANY: Final = Rate(per_second=100_000, burst=100_000)
HOLD: Final = timedelta(minutes=30)  # of a lease: the clock leaps within a day, and nobody else sends
LOOKS: Final = 10  # of a minute each, at what is late: a look sees some hundreds
WAITS_AT_MOST: Final = timedelta(days=7)  # a letter, for anything
LEFT_ALONE_AGAIN: Final = timedelta(seconds=31)


class LivingTown:
    """handed: every letter that left. late: cases of which the alarm of a late receipt rang; passed_over: those of
    which it did because nobody had counted their day. down: lanes whose alarm rang."""

    def __init__(
        self, faces: Faces, town: Town, clock: MovedClock, incidents: Incidents, heard: Callable[[Event], None]
    ) -> None:
        self.clock, self.town, self.vault, self.stores = clock, town, InMemoryVault(), faces.router
        self.handed: list[Handed] = []
        self.late: set[str] = set()
        self.passed_over: set[str] = set()
        self.down: set[str] = set()
        self._held_up: set[str] = set()
        self.bus = Bus(heard)
        self._router = build_router(faces.router, self.vault, self.bus, town, KEYS, clock=clock)
        self._days = (
            DaysCome.of_snoozes(faces.router.cases, self._router.decide, clock),
            DaysCome.of_clocks(faces.router.cases, self._router.decide, clock),
        )
        self._deliveries = faces.deliveries
        stored = (faces.deliveries, faces.router.cases, faces.router.messages)
        ways = OtherWays(*stored, self.vault, town, self._wording, clock)
        self._announcer = Announcer(faces.deliveries, self.bus, clock, ways.go_on)
        self._watch_clocks = WatchClocks(faces.router.cases, clock)
        self._watch = Watch(faces.watched, clock, faces.deliveries.has_due)
        self._providers = [Provider(lane, clock, incidents.providers, self.handed) for lane in accounts_of(town)]
        self._lanes, self._gathered = self._lanes_of(faces)
        self._notified = self._notifier(faces)

    def _lanes_of(self, faces: Faces) -> tuple[list[Lane], list[GatheredLane]]:
        cases, messages, now = faces.router.cases, faces.router.messages, self.clock
        wording, mails = self._wording, MailWriter(self.town, KEY)
        ceiling = Ceiling(faces.counts, KEY, RECEIPTS_A_DAY, now)
        writer = LetterWriter(cases, messages, self.vault, self.vault, wording, ceiling, mails, InMemoryObjects(), now)
        announce, bundles = self._announcer.announce_soon, BundleWriter(writer, wording)
        redirects = Redirects(faces.deliveries, cases, messages, self.vault, self.town, announce, now)
        accounts = [Account(each, FASTER_THAN_ANY, now, faces.deliveries.taken) for each in self._providers]
        options = LaneOptions(hold=HOLD, settle_after=timedelta(0), senders=1, at_once=LETTERS_AT_ONCE)
        shared: dict[str, Any] = {"deliveries": faces.deliveries, "clock": now, "redirects": redirects}
        lanes = [Lane(each, options, write=writer.write, announce=announce, **shared) for each in accounts]
        together = [
            GatheredLane(each, timedelta(0), counts=faces.counts, write=bundles.write, **shared) for each in accounts
        ]
        return lanes, together

    def _notifier(self, faces: Faces) -> Callable[[Sequence[Received[Any]]], Awaitable[None]]:
        handlers = Handlers(
            deliveries=faces.deliveries,
            decisions=faces.decisions,
            cases=faces.router.cases,
            messages=faces.router.messages,
            announcer=self._announcer,
            town=self.town,
            wording=self._wording,
            wake=lambda lane: None,
            note_owed=self._watch.note_owed,
            clock=self.clock,
        )
        views = ViewWriter(faces.followed, faces.router.messages, faces.views, self.vault, self.town)
        listening = _Listening()
        add_consumers(listening, handlers, views)  # type: ignore[arg-type]  # it asks for nothing but `read`
        return listening.handle

    @property
    def _wording(self) -> Wording:
        return Wording(self.town, "https://guichet.mairie.example/")

    async def look_for_days_passed_over(self) -> bool:
        """Do what the notifier does where the router may have been away; return whether an alarm rings."""
        await self._watch_clocks.look()
        ringing = _ringing(Alarm.CLOCK_PASSED_OVER)
        self.passed_over |= ringing
        return bool(ringing)

    async def _look_at_days(self) -> None:
        """Do what the router's rounds do: bring cases back, and reckon clocks whose day has come."""
        for each in self._days:
            await each.look()

    async def settle(self) -> None:
        """Work until nothing waits that could be done by now; then look at what is late."""
        await self._look_at_days()
        await self._work()
        self.clock.move_to(self.clock() + LEFT_TO_OTHERS + timedelta(seconds=1))
        await self._announcer.sweep()
        await self._look_at_days()  # what was said may have been of a day that is over
        if self.bus.to_router or self.bus.to_notifier:
            await self._work()
        await self._look_at_what_is_late()

    async def has_letters_waiting(self) -> bool:
        """Say whether anything is still to leave: tried again later, or together with others."""
        soon = self.clock() + WAITS_AT_MOST
        lanes = [name for each in self._providers for name in (each.name, gathered(each.name))]
        return any([await self._deliveries.has_due(lane, soon) for lane in lanes])

    async def _work(self) -> None:
        while True:
            await self._read()
            if await self._send() or self.bus.to_router or self.bus.to_notifier:
                continue
            if not self._held_up & {each.name for each in self._providers if not each.is_down}:
                return
            self.clock.move_to(self.clock() + LEFT_ALONE_AGAIN)  # a provider that is up again, and left alone still

    async def _read(self) -> None:
        while self.bus.to_router or self.bus.to_notifier:
            if batch := _taken(self.bus.to_router):
                await self._router.handle(batch)
            if batch := _taken(self.bus.to_notifier):
                await self._notified(batch)
            await self._announcer.announce_gathered()

    async def _send(self) -> bool:
        """Let every lane send what it can; return whether anything left. Note which have more and may not."""
        before = len(self.handed)
        self._held_up = {lane.name for lane in self._lanes if await self._is_held_up(lane)}
        for each in self._gathered:
            await each.step()  # it looks first itself
        await self._announcer.announce_gathered()
        return len(self.handed) > before

    async def _is_held_up(self, lane: Lane) -> bool:
        while await self._deliveries.has_due(lane.name, self.clock()):
            if await lane.step():
                return True
        return False

    async def _look_at_what_is_late(self) -> None:
        self.late |= _ringing(Alarm.RECEIPT_OVERDUE)  # of what was late as it was owed, and has left since
        for _ in range(LOOKS):
            known = len(self.late)
            await self._watch.look()
            self.late |= _ringing(Alarm.RECEIPT_OVERDUE)
            self.down |= _ringing(Alarm.PROVIDER_DOWN)
            if len(self.late) == known:
                return


class _Listening:
    """Stands where the notifier's worker does, and keeps what handles its batches."""

    handle: Callable[[Sequence[Received[Any]]], Awaitable[None]]

    def read(self, _topics: object, handle: Callable[[Sequence[Received[Any]]], Awaitable[None]]) -> None:
        self.handle = handle


def _ringing(alarm: Alarm) -> set[str]:
    return {each.labels["cause"] for each in ALARM.collect()[0].samples if each.value and each.labels["alarm"] == alarm}


def _taken(queue: deque[Received[Any]]) -> list[Received[Any]]:
    return [queue.popleft() for _ in range(min(BATCH, len(queue)))]
