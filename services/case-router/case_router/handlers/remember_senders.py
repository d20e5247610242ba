"""What an agent knew of a sender is remembered for the address: the next mail from there need not be asked about."""

from collections.abc import Iterable, Mapping
from functools import partial

from case_router.domain.keys import RouterKeys
from case_router.handlers.open_messages import MessageReader
from case_router.handlers.recognise_citizens import RecogniseCitizens
from guichet.case.history import uncopied
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import ConfirmSender
from guichet.contracts.case_events import SenderConfirmed
from guichet.ids import CaseId, CitizenId
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.cases.history import CaseHistory
from guichet.store.messages.store import MessageStore
from guichet.town.town import Town


class RememberSenders:
    """Writes into the registry whom agents have recognised."""

    def __init__(
        self,
        *,
        messages: MessageStore,
        history: CaseHistory,
        reader: MessageReader,
        registry: RecogniseCitizens,
        town: Town,
        keys: RouterKeys,
    ) -> None:
        self._messages = messages
        self._history = history
        self._reader = reader
        self._registry = registry
        self._sectors = {town.sector_of(department) for department in town.departments}
        self._key = keys.sector

    async def remember(self, commands: Iterable[ConfirmSender], cases: Mapping[CaseId, CaseRecord]) -> None:
        """Note each confirmation that its case has taken, once. Raises TransientError."""
        for command in commands:
            case = cases.get(command.case_id)
            if case is None or not await self._has_taken(case, command):
                continue
            opening = await self._messages.find_many([case.opened_by])
            for opened in await self._reader.open_others(opening.values()):
                await self._registry.confirm(opened, partial(self._is_meant, command))

    async def _has_taken(self, case: CaseRecord, command: ConfirmSender) -> bool:
        waiting = uncopied(entry for entry in case.outbox if entry.cause == command.event_id)
        copied = await self._history.of_causes([case.case_id], [command.event_id])
        return any(entry.type == SenderConfirmed.__name__ for entry in (*waiting, *copied))

    def _is_meant(self, command: ConfirmSender, citizen: CitizenId) -> bool:
        """Say whether the command names this citizen, in whatever sector the case was then: it may have moved on."""
        return any(sector_citizen_id(self._key, sector, citizen) == command.citizen for sector in self._sectors)
