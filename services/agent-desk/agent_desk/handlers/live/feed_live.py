"""Keep the live feed fed: from the broadcast reader into this process's memory, for as long as the desk runs."""

import asyncio
from contextlib import aclosing

import structlog

from agent_desk.handlers.live.live_feed import LiveFeed
from guichet.contracts.topics import CASE_EVENTS
from guichet.kafka.groupless.follow import follow
from guichet.runtime.settings import KafkaSettings

log = structlog.get_logger()


async def feed_live_events(feed: LiveFeed, kafka: KafkaSettings) -> None:
    """Hand every case event of now to the feed; after an outage every page reads again."""
    listening = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_say_when_cut_off(feed, listening))
        async with aclosing(follow(CASE_EVENTS, kafka, started=listening)) as events:
            async for event in events:
                feed.put(event)


async def _say_when_cut_off(feed: LiveFeed, listening: asyncio.Event) -> None:
    """Each time the reader listens anew, events may have gone by unseen."""
    while True:
        await listening.wait()
        listening.clear()
        feed.interrupt()
        log.info("case events are followed")
