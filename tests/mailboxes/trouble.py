"""What is broken while mailboxes are read, in a seeded order, and how many mails were under way just then."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx

from guichet_local.stack import LocalStack
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.town.store import DATA
from guichet_testing.town.town import Town
from guichet_testing.until import until
from tests.mailboxes.boxes import Box
from tests.mailboxes.form import ADAPTER, BROKER, DOVECOT, REBUILD, STORE, Form

AWAY_S: Final = 0.5  # how long Dovecot stays dead
_LEADS: Final = re.compile(r"^guichet_mailbox_polled_timestamp_seconds\{", re.MULTILINE)


@dataclass(frozen=True)
class Strike:
    """A fault that was carried out. under_way: mails that had been delivered and that the broker did not have."""

    what: str
    where: str
    under_way: int


def order_of(form: Form, seed: int) -> list[str]:
    """Return the faults in their order."""
    faults = [name for name, times in form.times.items() for _ in range(times)]
    random.Random(seed).shuffle(faults)
    return faults


@dataclass
class Trouble:
    """validities: of each mailbox that was rebuilt: its name, its UIDVALIDITY before and after."""

    town: Town
    dovecot: Dovecot
    boxes: Sequence[Box]
    form: Form
    chance: random.Random
    strikes: list[Strike] = field(default_factory=list)
    validities: list[tuple[str, int, int]] = field(default_factory=list)

    async def ready(self) -> None:
        """Wait until mailboxes are read: who was killed keeps others from them for as long as its leases last."""
        self._reader, self._reads = await until(self._who_reads, "a process reads mailboxes", seconds=150)

    async def strike(self, what: str, under_way: Callable[[], int]) -> Strike:
        """Carry one fault out, and put right what does not mend itself."""
        await asyncio.sleep(self.chance.uniform(0, 0.03))  # from hearing of a mail to its being safe
        acts: dict[str, Callable[[], Awaitable[str]]] = {
            DOVECOT: self._dovecot, ADAPTER: self._adapter, REBUILD: self._rebuild,
            BROKER: self._part(BROKER), STORE: self._part(STORE),
        }  # fmt: skip
        waiting = under_way()
        self.strikes.append(Strike(what, await acts[what](), waiting))
        return self.strikes[-1]

    async def _dovecot(self) -> str:
        self.dovecot.kill()
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(self.dovecot.start)
        return DOVECOT

    def _part(self, name: str) -> Callable[[], Awaitable[str]]:
        async def kill() -> str:
            await asyncio.to_thread(self._stack.kill, name)
            return name

        return kill

    async def _adapter(self) -> str:
        """Kill the process that reads the mailboxes."""
        await asyncio.to_thread(self._stack.kill, self._reader)
        if self.form.leases_end_at_once:
            places = self.town.store[DATA]["mailbox_places"]
            await asyncio.to_thread(places.update_many, {"until": {"$exists": True}}, [{"$set": {"until": "$$NOW"}}])
        return f"{self._reader}, which read {self._reads} mailboxes"

    async def _who_reads(self) -> tuple[str, int] | None:
        """Return the process that reads most mailboxes, and how many; None while all wait for a dead one's leases."""
        led = {each: await self._mailboxes_read_by(each) for each in adapters(self.form)}
        name = max(led, key=lambda each: led[each])
        return (name, led[name]) if led[name] > 0 else None

    async def _mailboxes_read_by(self, process: str) -> int:
        async with httpx.AsyncClient(trust_env=False) as http:
            try:
                page = (await http.get(f"{self._stack.addresses[f'{process}-health']}/metrics")).text
            except httpx.TransportError:  # killed a moment ago
                return 0
        return len(_LEADS.findall(page))

    async def _rebuild(self) -> str:
        box = self.chance.choice([each for each in self.boxes if each.wrong is None])
        before = box.inbox.uid_validity()
        box.inbox.rebuild()
        self.validities.append((box.name, before, box.inbox.uid_validity()))
        return box.name

    @property
    def _stack(self) -> LocalStack:
        return self.town.stack


def adapters(form: Form) -> Iterator[str]:
    """Yield the processes that read mailboxes."""
    return (ADAPTER if nth == 1 else f"{ADAPTER}-{nth}" for nth in range(1, form.processes + 1))
