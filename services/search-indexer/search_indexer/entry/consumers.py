"""Which events have a case looked at, and how often."""

from collections.abc import Sequence
from typing import Any, Final

from guichet.contracts.case_events import (
    CaseClosed,
    CaseDestroyed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseRerouted,
    FactStated,
    MessageFiled,
    ReplyRequested,
    SenderConfirmed,
)
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, MessageId
from guichet.kafka.consume.batch_pause import BatchPause
from guichet.kafka.consume.worker import BATCH_SIZE, Worker
from guichet.kafka.records import Received
from search_indexer.handlers.index_cases import CaseIndexer

SERVES: Final = frozenset(
    (
        *(CaseClosed, CaseDestroyed, CaseMoved, CaseOpened, CaseRerouted, FactStated),
        *(MessageFiled, ReplyRequested, SenderConfirmed),
    )
)

PAUSE: Final = BatchPause(seconds=0.25, enough=BATCH_SIZE)
"""Each batch writes every sector's file and asks the store five times, and agents find a message within two seconds all
the same."""


def add_consumers(worker: Worker, indexer: CaseIndexer) -> None:
    """Read the case events, all of a batch together: a case is looked at once, however much happened to it."""

    async def handle(batch: Sequence[Received[Any]]) -> None:
        told: dict[CaseId, list[MessageId]] = {}
        for each in batch:
            if type(each.event) in SERVES:
                told.setdefault(each.event.case_id, []).extend(_messages_of(each.event))
        places: dict[int, int] = {}
        for each in batch:
            places[each.partition] = max(places.get(each.partition, 0), each.offset + 1)
        await indexer.index(told, places)

    worker.read([CASE_EVENTS], handle, pause=PAUSE)


def _messages_of(event: CaseEvent) -> list[MessageId]:
    match event:
        case CaseOpened() | MessageFiled():
            return [event.message_id]
        case ReplyRequested():
            return [event.outbound_id]
        case _:
            return []
