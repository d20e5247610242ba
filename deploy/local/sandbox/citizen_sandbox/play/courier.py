"""Carry what citizens send to the town's web address, and try again where the real source would."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from citizen_sandbox.play.entry import Entry, State
from citizen_sandbox.play.journal import Journal

LONGEST_PAUSE = timedelta(seconds=8)
PATIENCE = timedelta(seconds=16)  # a little over what the most patient provider gives a webhook


@dataclass(frozen=True)
class Verdict:
    """What one attempt brought. WAITING: the source tries again."""

    state: State
    answer: str


Attempt = Callable[[], Awaitable[Verdict]]


class Courier:
    """Runs deliveries in the background. first_pause doubles up to LONGEST_PAUSE."""

    def __init__(self, journal: Journal, first_pause: timedelta) -> None:
        self._journal = journal
        self._first_pause = first_pause
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._under_way: set[asyncio.Task[None]] = set()

    async def carry(self, entry: Entry, attempt: Attempt, *, in_order: str = "") -> Entry:
        """Write the entry down, try once and return it; further attempts go on in the background.

        in_order: deliveries under one such name keep their order; the next waits until the former is done with.
        """
        entry.state = State.WAITING
        await self._journal.add(entry)
        tried = asyncio.Event()
        self.start(self._run(entry, attempt, in_order, tried))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await tried.wait()
        return entry

    def start(self, work: Awaitable[None]) -> None:
        """Do `work` in the background, until stopped."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def stop(self) -> None:
        """Drop every delivery under way."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._locks.clear()

    async def _run(self, entry: Entry, attempt: Attempt, in_order: str, tried: asyncio.Event) -> None:
        pause = self._first_pause
        async with self._locks[in_order] if in_order else contextlib.nullcontext():
            while True:
                verdict = await _tried(attempt)
                await self._journal.note_answer(entry, verdict.state, verdict.answer)
                tried.set()
                if verdict.state is not State.WAITING:
                    break
                await asyncio.sleep(pause.total_seconds())
                pause = min(pause * 2, LONGEST_PAUSE)


async def _tried(attempt: Attempt) -> Verdict:
    """Try. A bug of the tile's is said as its answer: nobody would hear of it otherwise."""
    try:
        return await attempt()
    except Exception as exc:
        return Verdict(State.REFUSED, f"la tuile a échoué : {type(exc).__name__}: {exc}")


class TownAddress:
    """One adapter's webhook.

    webhook_url: where the sandbox delivers. public_url: the base under which the town registered
    itself with the provider; the provider signs for it, so the sandbox does too. Empty: no difference.
    """

    def __init__(self, webhook_url: str, public_url: str = "") -> None:
        parts = urlsplit(webhook_url)
        self.local_webhook = webhook_url
        self._local_base = f"{parts.scheme}://{parts.netloc}"
        self._public_base = public_url.rstrip("/") or self._local_base
        self.public_webhook = self._public_base + webhook_url.removeprefix(self._local_base)

    def local(self, url: str) -> str:
        """Return where an address that the town gave out is reached; a foreign one stays as it is."""
        path = url.removeprefix(self._public_base)
        return url if path == url else self._local_base + path
