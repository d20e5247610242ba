"""After a re-routing into another sector, or once an agent knows who wrote, a case's messages bear its citizen too."""

from collections.abc import Iterable

from case_router.arrival import Holders
from case_router.citizen_registry import CitizenRegistry
from case_router.opening import CaseOpener
from case_router.reading import MessageReader
from guichet.store.case_document import CaseDocument
from guichet.store.message_document import Direction
from guichet.store.messages import Filing, MessageStore


class HandingOver:
    """Gives messages to the sector that has their case."""

    def __init__(
        self, *, messages: MessageStore, reader: MessageReader, registry: CitizenRegistry, opener: CaseOpener
    ) -> None:
        self._messages = messages
        self._reader = reader
        self._registry = registry
        self._opener = opener

    async def hand_over(self, cases: Iterable[CaseDocument]) -> None:
        """Bring every message of these cases, filed or on its way, into the case's sector. Raises TransientError."""
        for case in cases:
            ids = {entry.message_id for entry in case.history if entry.message_id is not None}
            messages = (await self._messages.find_many(ids)).values()
            inbound = [message for message in messages if message.direction is Direction.INBOUND]
            holders = await self._registry.look_up(await self._reader.open_others(inbound))
            owners = {
                message: self._opener.in_sector(holders.get(message, Holders()), case.sector).citizen
                for message in (each.message_id for each in inbound)
            } | {case.opened_by: case.citizen}
            await self._messages.hand_over(
                [
                    Filing(message.message_id, case.case_id, case.sector, owners.get(message.message_id, case.citizen))
                    for message in messages
                ]
            )
