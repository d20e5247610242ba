"""What went over the wires, in order: what citizens sent and what reached them. Memory only."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from citizen_sandbox.play.bounded import MAX_ITEMS, Bounded
from citizen_sandbox.play.entry import ANSWER_LOST, Direction, Entry, State


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for. addresses, channels: None for everybody's, for all."""

    addresses: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    direction: Direction | None = None
    after: int = 0
    containing: str = ""
    strangers_to: frozenset[str] = field(default_factory=frozenset)

    def has(self, entry: Entry) -> bool:
        """Say whether the entry is one of those asked for."""
        return (
            entry.id > self.after
            and self.is_about(entry.channel, entry.address)
            and self.direction in (None, entry.direction)
            and (self.containing in entry.text or self.containing in entry.subject)
        )

    def is_about(self, channel: str, address: str) -> bool:
        """Say whether what travels on this channel, to or from this address, is asked for."""
        return (
            (self.channels is None or channel in self.channels)
            and (self.addresses is None or address in self.addresses)
            and address not in self.strangers_to
        )


class Journal:
    """Every entry under its running number; whoever waits is woken by each change. max_items: the newest are kept."""

    def __init__(self, max_items: int = MAX_ITEMS) -> None:
        self._entries: Bounded[Entry] = Bounded(lambda entry: entry.weight, max_items=max_items)
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self._listeners: set[asyncio.Queue[Entry]] = set()

    async def add(self, entry: Entry) -> Entry:
        """Number the entry and keep it."""
        entry.id = next(self._numbers)
        self._entries.add(str(entry.id), entry)
        await self._notify(entry)
        return entry

    async def note_answer(self, entry: Entry, state: State, answer: str) -> None:
        """Write down what the town said to one more attempt."""
        entry.state, entry.answer = state, answer
        entry.attempts += 1
        await self._notify(entry)

    async def note_lost(self, channel: str, provider_id: str) -> None:
        """Write down that the town was never told that this message of its own arrived (see entry.ANSWER_LOST)."""
        received = [each for each in self._entries if (each.channel, each.provider_id) == (channel, provider_id)]
        if received:
            received[-1].answer = ANSWER_LOST
            await self._notify(received[-1])

    async def tell(self, entry: Entry) -> None:
        """Wake whoever waits: something about the entry changed that is not written in it."""
        await self._notify(entry)

    def find(self, number: int) -> Entry | None:
        """Return the entry of that number, or None."""
        return self._entries.find(str(number))

    def entries(self, wanted: Wanted) -> list[Entry]:
        """Return the entries asked for, oldest first."""
        return [entry for entry in self._entries if wanted.has(entry)]

    async def wait_for(self, wanted: Wanted, seconds: float) -> list[Entry]:
        """Return the entries asked for as soon as there is one; an empty list after `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.entries(wanted))
        except TimeoutError:
            return []
        return self.entries(wanted)

    async def wait_until_answered(self, entry: Entry, seconds: float) -> None:
        """Return once the town accepted or refused the entry, or after `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: entry.state is not State.WAITING)

    async def changes(self) -> AsyncIterator[Entry]:
        """Yield every entry that is added or changed from now on."""
        inbox: asyncio.Queue[Entry] = asyncio.Queue()
        self._listeners.add(inbox)
        try:
            while True:
                yield await inbox.get()
        finally:
            self._listeners.discard(inbox)

    def clear(self) -> None:
        """Forget everything; numbers go on, so that `after` keeps its meaning."""
        self._entries.clear()

    async def _notify(self, entry: Entry) -> None:
        for inbox in self._listeners:
            inbox.put_nowait(entry)
        async with self._changed:
            self._changed.notify_all()
