"""Taking away what belongs to a person. Each step may be killed anywhere, and called again."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final

from guichet.batches import batched
from guichet.erasure.belongings import Belongings
from guichet.erasure.finder import CITIZENS, IDENTIFIERS, PersonFinder
from guichet.erasure.senders import CASES, MESSAGES
from guichet.ids import CitizenId
from guichet.store.cases.erase import CaseErasing
from guichet.store.documents import DocumentFinder
from guichet.store.messages.erase import MessageErasing
from guichet.store.objects import ObjectStore
from guichet.store.registry.erase import CitizenErasing
from guichet.store.shared_documents import SharedDocuments
from guichet.vault.ports import Vault

THREADS: Final = "threads"
WITH_A_DEED: Final = frozenset({THREADS, MESSAGES, CASES, IDENTIFIERS, CITIZENS})
"""Collections whose documents need more than to be deleted; every other one goes as the data map says."""

_FILES_AT_ONCE: Final = 16


class Removal:
    """Diverts, destroys, deletes, in this order. Every method raises TransientError."""

    def __init__(
        self,
        *,
        finder: PersonFinder,
        documents: DocumentFinder,
        shared: SharedDocuments,
        citizens: CitizenErasing,
        cases: CaseErasing,
        messages: MessageErasing,
        vault: Vault,
        objects: ObjectStore,
    ) -> None:
        self._finder = finder
        self._documents = documents
        self._shared = shared
        self._citizens = citizens
        self._cases = cases
        self._messages = messages
        self._vault = vault
        self._objects = objects

    async def divert(self, *citizens: CitizenId) -> None:
        """From now on the person's addresses file under a new citizen, and their cases are set aside.

        citizens: the registry's ids of one person. First the person, then the cases: none is opened for them between.
        """
        found = await self._finder.find(*citizens)
        await self._citizens.mark_erasing(found.citizens)
        found = await self._finder.find(*citizens)
        await self._cases.mark_erasing(found.cases)

    async def release(self, *citizens: CitizenId) -> None:
        """Undo the diverting of somebody of whom nothing is destroyed. First the cases, so that a kill is made good."""
        found = await self._finder.find(*citizens)
        await self._cases.release(found.cases)
        await self._citizens.release(found.citizens)

    async def destroy_keys(self, belongings: Belongings) -> None:
        """Make noise of what is sealed, wherever it lies. Cases filed since the diverting are set aside first.

        From here on the mark tells what could be told only by opening a message (guichet.erasure.senders).
        """
        await self._cases.mark_erasing(belongings.cases)
        await self._vault.destroy_keys(belongings.keys)

    async def delete(self, belongings: Belongings, at: datetime) -> None:
        """Delete files and documents whose keys are destroyed; leave tombstones of cases and messages.

        What leads to something goes after it, so that whoever is killed here finds the rest again: files before
        messages, messages before cases, addresses before the citizen, whom the router would make anew behind them.
        """
        await self._delete_files(belongings.objects)
        for collection, ids in belongings.documents.items():
            if collection not in WITH_A_DEED:
                await self._documents.delete(collection, ids)
        await self._shared.leave_threads(belongings.cases, belongings.messages)
        await self._shared.leave_deliveries(belongings.messages)
        await self._messages.erase(belongings.messages, at)
        await self._cases.destroy(belongings.cases, at)
        await self._shared.leave_cases(belongings.undecided_cases, belongings.sector_citizens)
        addresses = belongings.identifiers | belongings.shared_identifiers
        await self._shared.leave_addresses(addresses, belongings.citizens, belongings.keys)
        await self._documents.delete(CITIZENS, belongings.documents.get(CITIZENS, frozenset()))

    async def _delete_files(self, objects: Collection[str]) -> None:
        for some in batched(objects, _FILES_AT_ONCE):
            await asyncio.gather(*map(self._objects.delete, some))
