"""One run: a store is filled, its search files are made, and the town is asked, before and while messages come in."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from time import monotonic, perf_counter
from typing import Final
from urllib.parse import urlsplit

from guichet_bench.french import FrenchWords
from guichet_bench.rows import Row, at_most, percentile
from guichet_local.plan.ports import MONGODB
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.real.chromium import find_chromium
from guichet_testing.town.search_files import folder_of
from tests.scale.asked import LISTS, typed_in_turn
from tests.scale.browser import timed_browser
from tests.scale.cpu import MILLION, cpu_rows, seconds_of_each
from tests.scale.desk import TimedDesk, timed_desk
from tests.scale.figures import Figures
from tests.scale.filling import figures_of_filling, fill_store
from tests.scale.live.messages import Door, messages_of, send_evenly
from tests.scale.live.onlookers import Seen, look_on
from tests.scale.live.sessions import sign_in_onlookers
from tests.scale.size import Size
from tests.scale.town import (
    AGENT,
    DESK,
    INDEXER,
    ROUTER,
    resident_mib,
    search_files_are_made,
    size_mib,
)

Say = Callable[[str], None]
FOUND_WITHIN: Final = at_most(2)  # s
GIVEN_UP_AFTER_S: Final = 60.0
_POLLED_EVERY_S: Final = 0.05
_BETWEEN_CLICKS_S: Final = 0.2


@dataclass
class Run:
    """The parts of a run, in their order. Each returns its rows; seconds: what each took."""

    stack: LocalStack
    size: Size
    say: Say
    seconds: dict[str, float] = field(default_factory=dict)
    french: FrenchWords = field(default_factory=FrenchWords)

    async def fill(self) -> Figures:
        """Seal every case, and weigh what lies there."""
        return figures_of_filling(await fill_store(self.stack, self.size.cases, self.say), self.size.cases)

    async def index(self) -> Figures:
        """Let search-indexer make its files as after a loss, then start the other services."""
        began = monotonic()
        before = seconds_of_each(self.stack)
        most = await search_files_are_made(self.stack, len(the_example_town().sectors))
        took, after = monotonic() - began, seconds_of_each(self.stack)
        cpu = after[INDEXER] + after[MONGODB] - before[MONGODB]
        on_disk = size_mib(folder_of(self.stack).path)
        await asyncio.to_thread(self.serve)
        rows = [
            Row("search files made from the store", (took,), "s"),
            Row("a million cases at this rate", (took / self.size.cases * MILLION / 60,), "min"),
            *cpu_rows(cpu, self.size.cases, "search-indexer and MongoDB"),
            Row("search files, a case", (on_disk * 2**20 / self.size.cases,), "bytes"),
            Row("search-indexer while it made them, at most", (most,), "MiB"),
        ]
        return Figures(rows)

    def serve(self) -> None:
        """Start the services of a town that is filled."""
        for name in (INDEXER, ROUTER, DESK):
            self.stack.start(name)

    async def searches(self) -> Figures:
        """Search over HTTP, look further, and open what was found first."""
        took = defaultdict[str, list[float]](list)
        async with timed_desk(self.stack, AGENT) as desk:
            await desk.search("bonjour")  # opens the files
            before = seconds_of_each(self.stack)
            for kind, typed in typed_in_turn(self.french, self.size.cases, self.size.searches):
                page = await desk.search(typed)
                took[kind].append(page.took)
                if page.further:
                    took["search further"].append((await desk.read(page.further)).took)
                if page.cases and len(took["open a case that was found"]) < self.size.opened:
                    took["open a case that was found"].append((await desk.read(page.cases[0])).took)
            rows = self._cpu_a_page(before, took)
        return Figures(rows, took)

    async def lists(self) -> Figures:
        """Open every list, and look further where it says so."""
        took = defaultdict[str, list[float]](list)
        async with timed_desk(self.stack, AGENT) as desk:
            await desk.read("/demandes")  # the first one after a start compiles what shows it
            before = seconds_of_each(self.stack)
            for _ in range(1 + self.size.searches // 4):
                for name, path in LISTS.items():
                    page = await desk.read(path)
                    took[name].append(page.took)
                    if page.further:
                        took["list: the next page, or further"].append((await desk.read(page.further)).took)
            rows = self._cpu_a_page(before, took)
        return Figures([*rows, Row("agent-desk after all of it", (resident_mib(self.stack, DESK),), "MiB")], took)

    def _cpu_a_page(self, before: Mapping[str, float], took: Mapping[str, Sequence[float]]) -> list[Row]:
        """What a page costs those who make it, however long it waits for a core."""
        pages, spent = sum(map(len, took.values())), seconds_of_each(self.stack)
        return [
            Row(f"CPU of {name}, a page", ((spent[name] - before[name]) / pages * 1000,), "ms")
            for name in (DESK, MONGODB)
        ]

    async def browser(self) -> Figures:
        """Search and open in a real Chromium: from the key or click to the frame that shows the answer."""
        path = find_chromium()
        if path is None:
            self.say("  there is no Chromium: make browser")
            return Figures()
        took = defaultdict[str, list[float]](list)
        async with timed_browser(self.stack, AGENT, path) as browser:
            await browser.search("bonjour")
            for kind, typed in typed_in_turn(self.french, self.size.cases, max(1, self.size.searches // 4)):
                took[kind].append(await browser.search(typed))
                took["every search"].append(took[kind][-1])
                if (opened := await browser.open_first()) is not None:
                    took["open the first hit"].append(opened)
            for address in LISTS.values():
                took["every list"] += [await browser.read(address) for _ in range(2)]
        return Figures(timed=took)

    async def found(self) -> Figures:
        """Write messages of a word that nobody else wrote, and search it until it is found."""
        took = list[float]()
        async with timed_desk(self.stack, AGENT) as desk, messages_of(Door.of(self.stack)) as messages:
            for nth in range(self.size.new_messages):
                word = f"xylophone{nth}wagram"
                await messages.write(f"Bonjour, un {word} a disparu")
                took.append(await _until_found(desk, word))
        p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
        return Figures(
            [
                Row("a new message is found, p50", (p50,), "s"),
                Row("a new message is found, p95", (p95,), "s", FOUND_WITHIN),
            ]
        )

    async def live(self) -> Figures:
        """Click while every onlooker's list is open and messages come in."""
        size, context = self.size, get_context("spawn")
        cookies = await sign_in_onlookers(self.stack, size.agents)
        port = urlsplit(self.stack.addresses[DESK]).port
        took, loop = defaultdict[str, list[float]](list), asyncio.get_running_loop()
        async with AsyncExitStack() as opened:
            pool = opened.enter_context(ProcessPoolExecutor(2, mp_context=context))
            desk = await opened.enter_async_context(timed_desk(self.stack, AGENT))
            manager = opened.enter_context(context.Manager())
            all_are_open, it_is_over = manager.Event(), manager.Event()
            looking = loop.run_in_executor(pool, look_on, port, cookies, all_are_open, it_is_over)
            await asyncio.to_thread(all_are_open.wait)
            self.say("  every list is open")
            sending = loop.run_in_executor(pool, send_evenly, Door.of(self.stack), size.messages, size.live_seconds)
            before, began = seconds_of_each(self.stack), monotonic()
            await self._click(desk, sending, took)
            spent, lasted = seconds_of_each(self.stack), monotonic() - began
            it_is_over.set()
            seen, _ = await looking, await sending
        cores = [Row(f"CPU of {name}", ((spent[name] - before[name]) / lasted,), "cores") for name in sorted(spent)]
        rate = Row(
            "messages that came in, while clicks were timed", (size.messages * size.live_seconds / lasted,), "/s"
        )
        return Figures([rate, *_seen_rows(seen, size), *cores], took)

    async def _click(self, desk: TimedDesk, sending: asyncio.Future[None], took: dict[str, list[float]]) -> None:
        listed = await desk.read("/demandes")
        case = cycle(listed.cases)
        searches = cycle(typed_in_turn(self.french, self.size.cases, 1))
        while not sending.done():
            clicks = {
                "live: a list": lambda: desk.read("/demandes"),
                "live: a case": lambda: desk.read(next(case)),
                "live: a search": lambda: desk.search(next(searches)[1]),
            }
            for name, click in clicks.items():
                took[name].append((await click()).took)
                took["live: every click"].append(took[name][-1])
                await asyncio.sleep(_BETWEEN_CLICKS_S)


async def _until_found(desk: TimedDesk, word: str) -> float:
    """Return the seconds. Raises TimeoutError."""
    began = perf_counter()
    async with asyncio.timeout(GIVEN_UP_AFTER_S):
        while not (await desk.search(word)).cases:  # noqa: ASYNC110  as somebody would who tries again
            await asyncio.sleep(_POLLED_EVERY_S)
    return perf_counter() - began


def _seen_rows(seen: Seen, size: Size) -> list[Row]:
    return [
        Row("pages open, each with its stream", (float(size.agents - seen.refused),), "pages"),
        Row("times that pages were told", (seen.told / size.live_seconds,), "/s"),
        Row("an open page reads its list again, p95", (percentile(seen.read or [0.0], 0.95),), "ms"),
    ]
