"""The router against what its broker and its store can do at most."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import psutil

from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.router.pace import Pace, pace_of, stand_at_end
from guichet_bench.router.process import running
from guichet_bench.router.record import Recording, record
from guichet_bench.router.scene import GROUP, Scene
from guichet_bench.rows import Row, at_least

EARLIER: Final = 1500  # messages filed before, which some of those that count answer
MESSAGES: Final = 8000
UNTIMED: Final = 2000  # at either end: more than all parts have in work at once


async def measure_router(bench: Workbench) -> list[Row]:
    """Let a router and the raw limit work through the same records, in turn."""
    with bench.servers() as servers:
        scene = Scene(servers, Path(mkdtemp(dir=bench.folder)))
        await scene.set()
        race = Race(bench, scene, await record(scene, EARLIER, MESSAGES))
        for number in range(bench.rounds):
            await race.run(number)
    return race.rows()


class Race:
    """Rounds of the router and of the raw limit on one town."""

    def __init__(self, bench: Workbench, scene: Scene, recording: Recording) -> None:
        self._bench = bench
        self._scene = scene
        self._recording = recording
        self._router: list[Pace] = []
        self._raw: list[Pace] = []

    async def run(self, number: int) -> None:
        """Deliver fresh messages and let both work through them, in another order every other round."""
        raw = f"raw-{number}"
        earlier = self._scene.traffic(f"earlier {number}", EARLIER)
        await self._scene.deliver(earlier)
        await self._route(left_out=0)
        await stand_at_end(raw, self._scene.kafka)
        await self._scene.deliver(self._scene.traffic(f"round {number}", MESSAGES, earlier))
        sides: list[Callable[[], Awaitable[None]]] = [self._measure_router, partial(self._measure_raw, raw)]
        for measure in sides if number % 2 == 0 else sides[::-1]:
            await measure()

    def rows(self) -> list[Row]:
        """Return the ratio, and what makes it up."""
        router, raw = ([pace.per_second for pace in paces] for paces in (self._router, self._raw))
        return [
            Row.ratio("router ÷ raw limit", router, raw, at_least(0.8)),
            Row("router", tuple(router), "messages/s"),
            Row("raw limit", tuple(raw), "messages/s"),
            *_cpu_rows("router", self._router),
            *_cpu_rows("raw limit", self._raw),
        ]

    async def _measure_router(self) -> None:
        self._router.append(await self._route(left_out=UNTIMED))
        self._print_paces("router", self._router)

    async def _measure_raw(self, name: str) -> None:
        files = {part.upper(): str(file) for part, file in vars(self._recording).items()}
        environment = {**self._scene.environment, **files, "RAW_NAME": name}
        async with running("guichet_bench.router.raw", environment, self._scene.log("raw")) as process:
            self._raw.append(await pace_of(name, self._scene.kafka, _with_servers(process), left_out=UNTIMED))
        self._print_paces("raw limit", self._raw)

    async def _route(self, left_out: int) -> Pace:
        async with running("case_router", self._scene.environment, self._scene.log("router")) as process:
            return await pace_of(GROUP, self._scene.kafka, _with_servers(process), left_out=left_out)

    def _print_paces(self, side: str, paces: Sequence[Pace]) -> None:
        pace = paces[-1]
        cpu = ", ".join(f"{name} {pace.cpu_us(name):.0f}" for name in pace.cpu_s)
        self._bench.say(f"round {len(paces)}: {side} {pace.per_second:,.0f}/s; µs of CPU a message: {cpu}")


def _with_servers(process: psutil.Process) -> dict[str, psutil.Process]:
    """Return whose CPU time is told. The servers are this process's own children."""
    children = {child.name(): child for child in psutil.Process().children()}
    return {"Python": process, "mongod": children["mongod"], "broker": children["java"]}


def _cpu_rows(side: str, paces: Sequence[Pace]) -> list[Row]:
    return [
        Row(f"{side}: CPU of {name}", tuple(pace.cpu_us(name) for pace in paces), "µs a message")
        for name in paces[0].cpu_s
    ]


ROUTER: Final = Benchmark(
    name="router",
    title="The router at full load",
    reading=(
        "One router process works off a backlog: mail, SMS and Telegram, 70 % new cases from new and known citizens,"
        " 30 % answers to cases filed earlier, in batches of up to 1,500 and three parts (the raw limit: 500 and one). The raw limit is a bare aiokafka consumer of the same"
        " records that decodes them, sends the writes that a router was recorded to send for such a traffic"
        " (same order, same sizes, ready documents, fresh ids), publishes the same events and commits; it looks up,"
        " opens, decides and seals nothing. Both are timed from outside, by what their groups commit,"
        f" without the first and the last {UNTIMED:,} messages."
    ),
    run=measure_router,
)
