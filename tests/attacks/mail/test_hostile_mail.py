"""Who writes mails that are dear to read, or ends none, does not take the counter down.

On ingest-email as the process that it is, with its readers, by LMTP; what it costs is measured from outside.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

import psutil
import pytest

from guichet.contracts.topics import INBOUND_EMAIL, MIB
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.real.adapter_process import AdapterProcess
from guichet_testing.slowness import slowness
from tests.attacks.mail.hostile_mails import HTML, WORST, chances, deep

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

CONTACT: Final = "contact@mairie.example"
CPU_S: Final = 0.2  # for 64 KB of anything, on a machine as fast as usual
MEMORY: Final = 50 * MIB
TRIES: Final = 6  # of a mail that took too long: another process may have used the same core
IN_FLIGHT: Final = 20 * MIB
FLOOD: Final = 12


class Attacked:
    """The adapter, seen from outside."""

    def __init__(self, adapter: AdapterProcess, port: int) -> None:
        self.port = port
        self._process = psutil.Process(adapter.pid)

    def rss(self) -> int:
        """Return the bytes that the adapter itself holds."""
        return int(self._process.memory_info().rss)

    def tree(self) -> list[psutil.Process]:
        """Return the adapter, the server of its readers, and these."""
        return [self._process, *self._process.children(recursive=True)]

    def used(self) -> tuple[float, int]:
        """Return the seconds of CPU so far, of what has ended too, and the bytes that all of them have of their own."""
        cpu_s, own_bytes = 0.0, 0
        for each in reversed(self.tree()):  # a reader first: once it has left, its server counts it
            with suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                cpu_s += times.user + times.system + times.children_user + times.children_system
                own_bytes += each.memory_full_info().uss
        return cpu_s, own_bytes

    async def deliver(self, mail: bytes) -> tuple[int, ...]:
        """Hand a mail over on a connection of its own; return the answer."""
        async with lmtp_source("127.0.0.1", self.port, sender="a@b.example", recipient=CONTACT) as source:
            return (await source.deliver(mail)).codes

    async def begin(self, talks: AsyncExitStack) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection on which a mail may be written; it ends with the talks."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        talks.callback(writer.close)
        writer.write(f"LHLO mx\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{CONTACT}>\r\nDATA\r\n".encode())
        while not (await reader.readline()).startswith(b"354"):
            pass
        return reader, writer

    async def cost(self, mail: bytes) -> tuple[float, int]:
        """Return the seconds of CPU and the bytes that a mail takes; it is accepted whatever it does."""
        cpu_s, own_bytes = self.used()
        most_bytes, delivering = own_bytes, asyncio.create_task(self.deliver(mail))
        while not delivering.done():  # its reader leaves with it: what it holds is seen while it reads
            await asyncio.sleep(0.002)
            most_bytes = max(most_bytes, self.used()[1])
        assert await delivering == (250,)
        return self.used()[0] - cpu_s, most_bytes - own_bytes


async def hand_over(writer: asyncio.StreamWriter, mail: bytes) -> None:
    """Write a mail to its end, and wait for no answer."""
    writer.write(mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
    await writer.drain()


@pytest.fixture
async def attacked(
    kafka_server: KafkaServer, mongo_server: MongoServer, mongo_database: str, tmp_path: Path
) -> AsyncIterator[Attacked]:
    health_port, lmtp_port = free_ports(2)
    more = {"TOWN": str(EXAMPLE_TOWN), "LMTP_PORT": str(lmtp_port), "LMTP_MAX_BYTES_IN_FLIGHT": str(IN_FLIGHT)}
    async with AdapterProcess(
        "ingest_email", INBOUND_EMAIL, kafka_server.bootstrap_servers, mongo_server.uri, mongo_database, tmp_path,
        health_port, more,
    ) as adapter:  # fmt: skip
        attacked = Attacked(adapter, lmtp_port)
        for _ in range(3):
            await attacked.deliver(HTML + b"<p>x")  # a reader is there, and every connection was used once
        yield attacked


async def test_no_mail_of_64_kb_takes_more_than_the_budget(attacked: Attacked) -> None:
    too_dear = {}
    for name, mail in [*WORST.items(), *chances(6)]:
        least_s, most_bytes = await attacked.cost(mail)
        for _ in range(TRIES):
            if least_s <= CPU_S * slowness():
                break
            again_s, again_bytes = await attacked.cost(mail)
            least_s, most_bytes = min(least_s, again_s), max(most_bytes, again_bytes)
        if least_s > CPU_S * slowness() or most_bytes > MEMORY:
            too_dear[name] = f"{least_s:.2f} s, {most_bytes // MIB} MiB"
    assert not too_dear


async def test_a_flood_of_dear_mails_keeps_no_ordinary_mail_waiting(attacked: Attacked) -> None:
    """By order, not by time: the ordinary mails are accepted before more than a few of the flood are done with."""
    done: list[str] = []

    async def ends(reader: asyncio.StreamReader) -> None:
        await reader.readline()  # a flood may be told to come later
        done.append("dear")

    async def deliver() -> None:
        answer = await attacked.deliver(HTML + b"<p>Un trou devant le 12")
        assert answer == (250,), answer
        done.append("ordinary")

    dear = [deep(14, b"\n", most=2_000_000 if n % 2 else 200_000) for n in range(FLOOD)]
    async with AsyncExitStack() as talks, asyncio.TaskGroup() as group:
        talking = [await attacked.begin(talks) for _ in dear]
        await asyncio.gather(*(hand_over(writer, mail) for (_, writer), mail in zip(talking, dear, strict=True)))
        for reader, _ in talking:
            group.create_task(ends(reader))
        for _ in range(5):
            group.create_task(deliver())
    waited = done[: len(done) - done[::-1].index("ordinary")].count("dear")
    assert waited <= FLOOD - 3, f"{waited} of {FLOOD} dear mails went before the last of 5 ordinary ones"


async def test_unfinished_mails_take_no_more_than_is_allowed_in_flight(attacked: Attacked) -> None:
    before = attacked.rss()
    async with AsyncExitStack() as talks:
        writers = []
        for _ in range(20):
            writers.append(await attacked.begin(talks))
        for _, writer in writers:
            writer.write((b"x" * 78 + b"\r\n") * (10 * MIB // 80))
            await writer.drain()
        reader, writer = writers[-1]
        writer.write(b"\r\n.\r\n")
        assert (await reader.readline()).startswith(b"452")
        assert (attacked.rss() - before) <= 4 * IN_FLIGHT
    async with asyncio.timeout(30):
        answers = [await attacked.deliver(HTML + b"<p>x") for _ in range(50)]
    assert answers[-1] == (250,)
