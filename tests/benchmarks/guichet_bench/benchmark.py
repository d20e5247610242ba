"""What a benchmark is, and what it gets to work with."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from guichet_bench.rows import Row
from guichet_local.kafka.aot_cache import make_aot_cache
from guichet_local.kafka.installation import install_kafka
from guichet_local.machine.paths import CACHE
from guichet_local.mongod.server import CACHE_GIB
from guichet_local.stack import LocalStack
from guichet_testing.real.servers import running_kafka, running_mongod
from guichet_topology.services import Service

ROUNDS: Final = 5


@dataclass(frozen=True)
class Servers:
    """A broker and a mongod of a benchmark's own, without data."""

    bootstrap_servers: str
    mongodb_uri: str


@dataclass(frozen=True)
class Workbench:
    """What every benchmark shares. folder: for its files, deleted afterwards. say: one line of progress."""

    folder: Path
    say: Callable[[str], None]
    rounds: int = ROUNDS

    @contextmanager
    def servers(self, *, cache_gib: float = CACHE_GIB) -> Iterator[Servers]:
        """Run an empty Kafka and an empty MongoDB, both real, on free ports; stop them at the end.

        cache_gib: see MongoServer.
        """
        folder = self._own_folder()
        installation = install_kafka(CACHE, self.say)
        make_aot_cache(installation, self.say)
        with (
            running_mongod(folder / "mongodb", cache_gib=cache_gib) as mongo,
            running_kafka(folder / "kafka", installation) as kafka,
        ):
            yield Servers(kafka.bootstrap_servers, mongo.uri)

    @contextmanager
    def stack(
        self, settings: Mapping[str, str] | None = None, services: Sequence[Service] | None = None
    ) -> Iterator[LocalStack]:
        """Run Guichet, or some of its services, on free ports, as `make run` does; stop it at the end."""
        with LocalStack(self._own_folder(), settings=settings, services=services) as stack:
            yield stack

    def _own_folder(self) -> Path:
        return Path(mkdtemp(dir=self.folder))


@dataclass(frozen=True)
class Benchmark:
    """One part of `make bench`.

    name: for BENCH_ONLY. title: the table's heading. reading: how to read its rows, a paragraph of Markdown.
    run: measures, several rounds, both sides of a ratio in turn in each of them (`interleaved`), and stops all it started.
    """

    name: str
    title: str
    reading: str
    run: Callable[[Workbench], Coroutine[None, None, list[Row]]]


Measure = Callable[[], Coroutine[None, None, float]]


async def interleaved(bench: Workbench, measures: Mapping[str, Measure]) -> dict[str, list[float]]:
    """Measure each in turn, `bench.rounds` times, every other round backwards; return the values by name.

    What drifts (a warmer cache, a fuller disk, a busy machine) then falls on all of them alike.
    """
    values: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(bench.rounds):
        names = list(measures) if number % 2 == 0 else list(measures)[::-1]
        for name in names:
            values[name].append(await measures[name]())
            bench.say(f"round {number + 1} of {bench.rounds}: {name} {values[name][-1]:,.3g}")
    return values
