"""Taking away what belongs to a person. Each step may be killed anywhere, and called again."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final

from guichet.batches import batched
from guichet.data_subject.finder import CITIZENS, IDENTIFIERS, PersonFinder
from guichet.data_subject.personal_data import PersonalData
from guichet.data_subject.senders import CASES, MESSAGES
from guichet.ids import CitizenId
from guichet.store.cases.erase import CaseErasing
from guichet.store.documents import DocumentFinder
from guichet.store.messages.erase import MessageErasing
from guichet.store.objects import ObjectStore
from guichet.store.registry.erase import MongoCitizenErasing
from guichet.store.shared_documents import MongoSharedDocuments
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
        shared: MongoSharedDocuments,
        citizens: MongoCitizenErasing,
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
        What is spared is given back: it was set aside before anybody said that it is a threat, or while one said so.
        """
        found = await self._finder.find(*citizens)
        await self._citizens.mark_erasing(found.citizens)
        found = await self._finder.find(*citizens)
        await self._cases.release(found.spared.cases)
        await self._cases.mark_erasing(found.cases)

    async def release(self, *citizens: CitizenId) -> None:
        """Undo the diverting of somebody of whom nothing is destroyed. First the cases, so that a kill is made good."""
        found = await self._finder.find(*citizens)
        await self._cases.release(found.cases | found.spared.cases)
        await self._citizens.release(found.citizens)

    async def destroy_keys(self, personal_data: PersonalData) -> None:
        """Make noise of what is sealed, wherever it lies. Cases filed since the diverting are set aside first.

        From here on the mark tells what could be told only by opening a message (guichet.data_subject.senders). Before
        anything goes, what is spared is marked as owed: nothing else will know any more that it was asked for. And it
        is given back: nobody would find it again to do so.
        """
        await self._cases.owe_erasure(personal_data.spared.cases)
        await self._cases.release(personal_data.spared.cases)
        await self._cases.mark_erasing(personal_data.cases)
        await self._vault.destroy_keys(personal_data.keys)

    async def delete(self, personal_data: PersonalData, at: datetime) -> None:
        """Delete files and documents whose keys are destroyed; leave tombstones of cases and messages.

        What leads to something goes after it, so that whoever is killed here finds the rest again: files before
        messages, messages before cases, addresses before the citizen, whom the router would make anew behind them.
        """
        await self._delete_files(personal_data.objects)
        for collection, ids in personal_data.documents.items():
            if collection not in WITH_A_DEED:
                await self._documents.delete(collection, ids)
        await self._shared.leave_threads(personal_data.cases, personal_data.messages)
        await self._shared.leave_deliveries(personal_data.messages)
        await self._messages.erase(personal_data.messages, at)
        await self._cases.destroy(personal_data.cases, at)
        await self._shared.leave_cases(personal_data.undecided_cases, personal_data.sector_citizens)
        addresses = personal_data.identifiers | personal_data.shared_identifiers
        await self._shared.leave_addresses(addresses, personal_data.citizens, personal_data.keys)
        await self._documents.delete(CITIZENS, personal_data.documents.get(CITIZENS, frozenset()))

    async def _delete_files(self, objects: Collection[str]) -> None:
        for some in batched(objects, _FILES_AT_ONCE):
            await asyncio.gather(*map(self._objects.delete, some))
