"""Let a town live through seven days: real broker, store, services and providers, under a clock that is moved.

day 1     everything works
day 2, 3  the mail relay refuses everything (451)
day 4     the notifier is down
day 5     a backup of the morning is put back in the evening
day 6, 7  everything works
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from citizen_sandbox.play.entry import Direction, Entry, State
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.store.deliveries.document import OPEN
from guichet_testing.town.processes import Watch
from guichet_testing.town.services import SANDBOX, without
from guichet_testing.town.store import database_of
from guichet_testing.town.town import Town, town_in
from tests.week.diary import Message, Restore, Week

SERVED: Final = without("agent-desk", "citizen-portal", "ops-console")  # no message passes through these doors
NOTIFIER: Final = "notifier"
AN_HOUR: Final = timedelta(hours=1)
WRITES_AT: Final = (6, 9, 15)  # hours of a day
BACKED_UP_AT, PUT_BACK_AT = 8, 18
EACH_HOUR_S: Final = 0.6  # for rounds and retries, which an hour of the clock wakes
PROMPTLY_S: Final = 60.0  # of real time
ENDLESSLY: Final = 10_000  # the sandbox takes no larger order, and a day has fewer attempts
BROKEN: Final = {
    2: "the mail relay answers 451",
    3: "the mail relay answers 451",
    4: "the notifier is down",
    5: f"at {PUT_BACK_AT} h the backup of {BACKED_UP_AT} h is put back",
}

Say = Callable[[str], None]


class Calendar:
    """What happens in a town, hour by hour. people: who write at once by each way; each of them writes once."""

    def __init__(self, town: Town, *, people: int, say: Say) -> None:
        self._town = town
        self._stack = town.stack
        self._sandbox = town.sandbox
        self._people = people
        self._say = say
        self._written = 0
        self._came: list[Message] = []
        self._down: set[str] = set()  # lanes that send nothing, or the notifier: not to be waited for
        self._restore: Restore | None = None
        self._taken_at: datetime | None = None
        self._watch = Watch(town.stack)
        self._database = database_of(town.stack)

    def now(self) -> datetime:
        """Return what time it is in the town."""
        return datetime.now(UTC) + self._stack.move_clock(timedelta(0))

    async def live(self, days: int) -> Week:
        """Live so many days, then let everything come to its end."""
        began = self.now()
        for day in range(1, days + 1):
            await self._break(day)
            for hour in range(24):
                await self._an_hour(day, hour)
            await self._mend(day)
            self._watch.look()
            self._say(f"day {day} is over: {BROKEN.get(day, 'everything worked')}")
        await self._until(self._all_left)
        return await self._look_back(began)

    async def _an_hour(self, day: int, hour: int) -> None:
        if hour in WRITES_AT:
            await self._write()
        if day == 5 and hour == BACKED_UP_AT:
            await self._back_up()
        if day == 5 and hour == PUT_BACK_AT:
            await self._put_back()
        self._stack.move_clock(AN_HOUR)
        await asyncio.sleep(EACH_HOUR_S)

    async def _break(self, day: int) -> None:
        if day == 2:
            self._down.add("mail")
            await self._sandbox.misbehave("smtp-deferred", ENDLESSLY)
        if day == 4:
            self._down.add(NOTIFIER)
            await self._stop(NOTIFIER)

    async def _mend(self, day: int) -> None:
        if day == 3:
            await self._sandbox.behave()
            self._down.discard("mail")
        if day == 4:
            await self._start(NOTIFIER)
            self._down.discard(NOTIFIER)

    async def _write(self) -> None:
        """Let citizens write, and wait until what can be sent has left."""
        for _ in range(self._people):
            self._written += 1
            mail = await self._sandbox.send_mail(
                sender=f"habitant-{self._written}@courriel.example", subject="Une question", text="Bonjour."
            )
            sms = await self._sandbox.send_sms(phone=f"+3363998{1000 + self._written}", text="Bonjour.")
            chat = await self._sandbox.send_telegram(writer_id=700_000_000 + self._written, text="Bonjour.")
            for entry in (mail, sms, chat):
                assert entry.state is State.ACCEPTED, f"{entry.channel}: {entry.answer}"
                self._came.append(_message(entry))
        await self._until(self._all_filed)
        if NOTIFIER not in self._down:
            await self._until(self._all_left)

    async def _all_filed(self) -> bool:
        messages, cases = self._database["messages"], self._database["cases"]
        unfiled = await messages.count_documents({"direction": "inbound", "filed": None})
        return not unfiled and await cases.count_documents({}) >= len(self._came)

    async def _all_left(self) -> bool:
        deliveries = self._database["deliveries"]
        owed = await deliveries.count_documents({"purpose": Purpose.AEE.value})
        waits = {"state": {"$in": list(OPEN)}, "lane": {"$nin": [*self._down]}}
        return owed >= len(self._came) and not await deliveries.count_documents(waits)

    async def _until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait for it, as long as is reasonable: what did not come about shows in the verdicts."""
        end = monotonic() + PROMPTLY_S
        while not await holds() and monotonic() < end:  # noqa: ASYNC110 (other processes do it)
            await asyncio.sleep(0.2)

    async def _back_up(self) -> None:
        self._taken_at = self.now()
        await self._town.guichet("backup", "data", str(self._backup))

    async def _put_back(self) -> None:
        """As docs/operations.md says: stop every service, put the data back, start them again."""
        services = [service.name for service in SERVED if service.name != SANDBOX]
        for name in services:
            await self._stop(name)
        assert self._taken_at is not None
        self._restore = Restore(self._taken_at, self.now())
        self._say((await self._town.guichet("restore", "data", str(self._backup), "--replace", "--yes")).strip())
        for name in services:
            await self._start(name)
        await self._until(self._all_filed)
        await self._until(self._all_left)

    @property
    def _backup(self) -> Path:
        return self._stack.folder / "backup-of-the-week"

    async def _stop(self, name: str) -> None:
        self._watch.stops(name)
        await self._town.stop(name)

    async def _start(self, name: str) -> None:
        await self._town.start(name)

    async def _look_back(self, began: datetime) -> Week:
        self._watch.look()
        addresses = {each.address for each in self._came}
        received = await self._sandbox.entries(direction=Direction.RECEIVED)
        deliveries = self._database["deliveries"]
        failed = {"state": DeliveryState.FAILED.value}
        return Week(
            began=began,
            came=self._came,
            receipts=[_message(entry) for entry in received if entry.address in addresses],
            broken=BROKEN,
            restore=self._restore,
            given_up=[f"{each['case_id']}: {each.get('reason')}" async for each in deliveries.find(failed)],
            waiting=await deliveries.count_documents({"state": {"$in": list(OPEN)}}),
            cases=await self._database["cases"].count_documents({}),
            ended=self._watch.ended,
        )


def _message(entry: Entry) -> Message:
    same = entry.provider_id if entry.channel == "mail" else ""
    return Message(entry.address, entry.channel, entry.at, same)


async def live_a_week(folder: Path, *, days: int = 7, people: int = 2, say: Say) -> Week:
    """Start a town in this folder, let it live, stop it."""
    settings = {"GUICHET_NOTIFIER_SMS_PER_SECOND": "100"}
    async with town_in(folder, services=SERVED, settings=settings) as town:
        return await Calendar(town, people=people, say=say).live(days)
