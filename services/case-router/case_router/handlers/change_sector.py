"""After a re-routing into another sector, or once an agent knows who wrote, a case's messages bear its citizen too."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from case_router.domain.arrival import Holders
from case_router.domain.open_case import CaseOpener
from case_router.handlers.open_messages import MessageReader
from case_router.handlers.recognise_citizens import RecogniseCitizens
from case_router.handlers.search_sector import OwnId, SectorSearch
from guichet.batches import batched
from guichet.case.history import uncopied
from guichet.case.record import CaseRecord
from guichet.ids import MessageId, SectorCitizenId
from guichet.store.cases.history import CaseHistory
from guichet.store.messages.document import Direction, MessageDocument
from guichet.store.messages.store import Filing, MessageStore

AT_ONCE: Final = 500  # messages of a case


class ChangeSector:
    """Gives messages to the sector that has their case."""

    def __init__(
        self,
        *,
        messages: MessageStore,
        history: CaseHistory,
        reader: MessageReader,
        registry: RecogniseCitizens,
        search: SectorSearch,
        opener: CaseOpener,
    ) -> None:
        self._messages = messages
        self._history = history
        self._reader = reader
        self._registry = registry
        self._search = search
        self._opener = opener

    async def hand_over(self, cases: Iterable[CaseRecord]) -> None:
        """Bring every message of these cases, filed or on its way, into the case's sector. Raises TransientError."""
        for case in cases:
            waiting = {entry.message_id for entry in uncopied(case.outbox) if entry.message_id is not None}
            for some in batched(sorted(waiting | await self._history.messages(case.case_id)), AT_ONCE):
                await self._hand_over(case, some)

    async def _hand_over(self, case: CaseRecord, ids: Collection[MessageId]) -> None:
        messages = (await self._messages.find_many(ids)).values()
        inbound = [message for message in messages if message.direction is Direction.INBOUND]
        owners = await self._owners(inbound, case) | {case.opened_by: case.citizen}
        await self._messages.hand_over(
            [
                Filing(message.message_id, case.case_id, case.sector, owners.get(message.message_id, case.citizen))
                for message in messages
            ]
        )

    async def _owners(
        self, messages: Sequence[MessageDocument], case: CaseRecord
    ) -> dict[MessageId, SectorCitizenId | None]:
        """Return whose each message is, as the case's sector knows them.

        A message that is somebody's stays theirs, whoever has its address now and even if it does not open any more.
        """
        holders = await self._registry.look_up(await self._reader.open_others(messages))
        authors = {each.message_id: holders.get(each.message_id, Holders()) for each in messages}
        elsewhere = {own for each in messages if (own := _known_elsewhere(each, case)) is not None}
        people = await self._search.behind(
            elsewhere, {citizen for each in authors.values() for citizen in each.everybody}
        )

        def owner(message: MessageDocument) -> SectorCitizenId | None:
            if message.citizen is None:
                return self._opener.in_sector(authors[message.message_id], case.sector).citizen
            if message.sector == case.sector:
                return message.citizen
            return self._opener.in_sector(Holders(people.get(message.citizen)), case.sector).citizen

        return {each.message_id: owner(each) for each in messages}


def _known_elsewhere(message: MessageDocument, case: CaseRecord) -> OwnId | None:
    """Return by what id another sector knows whose a message is."""
    if message.sector is None or message.citizen is None or message.sector == case.sector:
        return None
    return message.sector, message.citizen
