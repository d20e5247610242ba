"""The console's two rounds: look at everything, and announce what nobody was told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NoReturn

import structlog

from guichet.errors import TransientError
from guichet.runtime.overview import Overview
from ops_console.domain.alarms.alarm_book import AlarmBook
from ops_console.domain.alarms.notice import write_notice
from ops_console.domain.watch.broker_reading import BrokerReading
from ops_console.domain.watch.scrape import Scrape
from ops_console.domain.watch.watch import Round, Watch
from ops_console.handlers.board import Board
from ops_console.handlers.read_broker import Broker
from ops_console.handlers.send_notices import NoticeSender

log = structlog.get_logger()

FIRST_RETRY: Final = timedelta(seconds=5)
LONGEST_RETRY: Final = timedelta(minutes=5)
Clock = Callable[[], datetime]
ScrapeAll = Callable[[], Awaitable[Mapping[str, Scrape | None]]]


async def keep_watching(look: Callable[[], Awaitable[Overview]], board: Board, *, pause: timedelta) -> NoReturn:
    """Look, show, rest, round after round."""
    while True:
        await board.put(await look())
        await asyncio.sleep(pause.total_seconds())


async def look_once(watch: Watch, broker: Broker, scrape: ScrapeAll, clock: Clock) -> Overview:
    """Look at Kafka and at every service at once; a broker that is away is part of the picture."""
    reading, scrapes = await asyncio.gather(_read(broker), scrape())
    if isinstance(reading, BrokerReading):
        return watch.take(Round(clock(), reading, scrapes))
    if watch.broker_answered:  # said once, not every two seconds
        log.warning("Kafka is away", why=str(reading))
    return watch.take(Round(clock(), None, scrapes, trouble=str(reading)))


async def _read(broker: Broker) -> BrokerReading | TransientError:
    try:
        return await broker.read()
    except TransientError as exc:
        return exc


async def keep_announcing(
    sender: NoticeSender, book: AlarmBook, board: Board, *, town: str, console_url: str
) -> NoReturn:
    """Announce each cause once through one channel; a refusal is retried, and holds no other channel up."""
    retry = FIRST_RETRY
    async for _ in board.changes():
        try:
            await announce(sender, book, town=town, console_url=console_url)
            retry = FIRST_RETRY
        except TransientError as exc:
            log.warning("notice not taken", channel=sender.name, why=str(exc), retry_s=retry.total_seconds())
            await asyncio.sleep(retry.total_seconds())
            retry = min(retry * 2, LONGEST_RETRY)
    raise AssertionError("the board never ends")


async def announce(sender: NoticeSender, book: AlarmBook, *, town: str, console_url: str) -> None:
    """Send one notice about everything that this channel has not announced. Raises TransientError."""
    unannounced = book.unannounced(sender.name)
    if not unannounced:
        return
    await sender.send(write_notice(town, [entry.standing() for entry in unannounced], console_url))
    for entry in unannounced:
        entry.announced_by.add(sender.name)
    log.info("alarms announced", channel=sender.name, alarms=[":".join(entry.key) for entry in unannounced])
