"""Which events have a case looked at, and how many at a time."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

from guichet.contracts.case_events import (
    CaseClosed,
    CaseDestroyed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseRerouted,
    MessageFiled,
    ReplyRequested,
    SenderConfirmed,
)
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, MessageId
from guichet.kafka.consume.worker import BATCH_SIZE, Worker
from guichet.kafka.records import Received
from search_indexer.handlers.index_cases import CaseIndexer

SERVES: Final = frozenset(
    {CaseClosed, CaseDestroyed, CaseMoved, CaseOpened, CaseRerouted, MessageFiled, ReplyRequested, SenderConfirmed}
)

TOGETHER_S: Final = 0.25
"""Between two batches that are not full, in seconds: each writes every sector's file and asks the store five times, so
that many small ones cost several times as much as one. What comes after a lull is handled at once; agents find a
message within two seconds."""


def add_consumers(worker: Worker, indexer: CaseIndexer) -> None:
    """Read the case events, all of a batch together: a case is looked at once, however much happened to it."""
    ended = -TOGETHER_S

    async def handle(batch: Sequence[Received[Any]]) -> None:
        nonlocal ended
        if len(batch) < BATCH_SIZE:
            await asyncio.sleep(ended + TOGETHER_S - monotonic())
        told: dict[CaseId, list[MessageId]] = {}
        for each in batch:
            if type(each.event) in SERVES:
                told.setdefault(each.event.case_id, []).extend(_messages_of(each.event))
        places: dict[int, int] = {}
        for each in batch:
            places[each.partition] = max(places.get(each.partition, 0), each.offset + 1)
        await indexer.index(told, places)
        ended = monotonic()

    worker.read([CASE_EVENTS], handle)


def _messages_of(event: CaseEvent) -> list[MessageId]:
    match event:
        case CaseOpened() | MessageFiled():
            return [event.message_id]
        case ReplyRequested():
            return [event.outbound_id]
        case _:
            return []
