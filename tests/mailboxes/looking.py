"""What a run left behind: on the topic and when, in the mailboxes and when, among the alarms."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL
from guichet.ids import MessageId
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from tests.faults.verdicts.reading import everything_on
from tests.mailboxes.boxes import Box

_HEADER: Final = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)
_ALARM: Final = re.compile(r'^guichet_alarm\{alarm="(mailbox-[^"]+)",cause="([^"]+)"\} 1\.0$', re.MULTILINE)
_HEAD: Final = 2_000  # bytes of a file in which a mail's Message-ID stands


@dataclass(frozen=True)
class Lying:
    """A mail in a mailbox. flags: of its file's name (Maildir). changed_at: when the file was last flagged or moved."""

    box: Box
    header: str
    flags: str
    is_moved: bool
    changed_at: datetime


async def accepted(kafka: KafkaSettings) -> dict[MessageId, list[datetime]]:
    """Return each message on the topic and when the broker took it, as often as it did."""
    found: dict[MessageId, list[datetime]] = {}
    for record in await everything_on(kafka, INBOUND_EMAIL.name):
        message = MessageReceived.model_validate_json(record.value)
        found.setdefault(message.message_id, []).append(datetime.fromtimestamp(record.timestamp / 1000, UTC))
    return found


def lying_in(boxes: Sequence[Box]) -> list[Lying]:
    """Return all that lies in the mailboxes, from their files: whether Dovecot runs or not."""
    return [
        each
        for box in boxes
        for mailbox, is_moved in ((box.inbox, False), (box.done, True))
        if mailbox is not None
        for each in _in_folder(box, mailbox.maildir, is_moved=is_moved)
    ]


def _in_folder(box: Box, maildir: Path, *, is_moved: bool) -> Iterable[Lying]:
    for file in (each for name in ("new", "cur") for each in (maildir / name).iterdir()):
        with file.open("rb") as mail:
            header = _HEADER.search(mail.read(_HEAD))
        assert header is not None, file
        flags = file.name.partition(":2,")[2]
        yield Lying(box, header[1].decode(), flags, is_moved, datetime.fromtimestamp(file.stat().st_ctime, UTC))


async def alarms_of(addresses: Sequence[str]) -> set[tuple[str, str]]:
    """Return the alarms about mailboxes that these processes tell: (alarm, cause). addresses: of their health."""
    found: set[tuple[str, str]] = set()
    async with httpx.AsyncClient(trust_env=False) as http:
        for each in addresses:
            found.update(_ALARM.findall((await http.get(f"{each}/metrics")).text))
    return found


class Tail:
    """Reads the topic as it grows, over every kill of the broker. ids: of the messages on it. An async context manager."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.ids: set[MessageId] = set()
        self._consumer = AIOKafkaConsumer(**client_options(kafka))

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign([TopicPartition(INBOUND_EMAIL.name, nth) for nth in range(INBOUND_EMAIL.partitions)])
        await self._consumer.seek_to_beginning()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    async def _read(self) -> None:
        async for record in self._consumer:
            self.ids.add(MessageReceived.model_validate_json(record.value).message_id)
