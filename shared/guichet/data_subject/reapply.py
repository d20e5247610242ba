"""Apply the ledger of erasures to data that was restored: what was erased since the backup is erased from it, too."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import structlog

from guichet.data_subject.authority import Authority
from guichet.data_subject.erase import Removal
from guichet.data_subject.finder import PersonFinder
from guichet.data_subject.senders import CASES, MESSAGES
from guichet.errors import PermanentError
from guichet.ids import CaseId, CitizenId
from guichet.store.cases.erase import CaseErasing
from guichet.store.documents import DocumentFinder, values_at
from guichet.store.registry.reader import CitizenReader
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet.vault.erasure_ledger.ledger import ErasureLedger
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()


@dataclass(frozen=True)
class Reapplying:
    """vault: the newest, in which the keys are destroyed already. tag: of a registry id, as gdpr-worker made it.

    authority: an entry that still names somebody does nothing unless a door has signed it; to make a tag takes the key.
    """

    ledger: ErasureLedger
    finder: PersonFinder
    removal: Removal
    documents: DocumentFinder
    cases: CaseErasing
    vault: KeyOpener
    registry: CitizenReader
    tag: Callable[[CitizenId], str]
    authority: Authority

    async def run(self) -> int:
        """Erase again whom the ledger says was erased, divert whose erasure is under way; return how many were erased.

        May be killed anywhere, and called again. Raises TransientError; PermanentError when something is left.
        """
        entries = [entry for entry in await self.ledger.all() if self._counts(entry)]
        erased = [entry for entry in entries if entry.destroyed_keys]
        if erased:
            await self.cases.mark_erasing(await self._opened_by_an_erased_message())
            back = await self._who_came_back()
            for entry in erased:
                await self._erase_again(entry, entry.person.union(*(back.get(tag, ()) for tag in entry.tags)))
        for entry in entries:
            if ErasureStep.DIVERTED.value in entry.reached and not (entry.destroyed_keys or entry.finished):
                await self.removal.divert(*entry.person)
        return len(erased)

    def _counts(self, entry: ErasureEntry) -> bool:
        """Return whether an entry is to be applied; of one that nobody signed the operator must hear."""
        counts = not entry.person or self.authority.asked_for(entry)
        if not counts:
            log.error("an erasure that no door signed is not applied", request_id=entry.request_id, step=entry.step)
        return counts

    async def _who_came_back(self) -> Mapping[str, frozenset[CitizenId]]:
        """Return by tag everybody whom the restored registry knows: the ledger no longer says whom it means."""
        known = {
            name: frozenset((citizen.citizen_id, *citizen.formerly))
            for citizen in await self.registry.who_exists()
            for name in (citizen.citizen_id, *citizen.formerly)
        }
        return {self.tag(name): person for name, person in known.items()}

    async def _erase_again(self, entry: ErasureEntry, person: Collection[CitizenId]) -> None:
        if not person:  # nothing of them came back
            return
        await self.removal.divert(*person)
        found = await self.finder.find(*person, noted=entry.noted)
        await self.removal.destroy_keys(found)
        await self.removal.delete(found, entry.reached[ErasureStep.DESTROYED.value])
        if not (await self.finder.find(*person, noted=entry.noted)).is_empty:
            raise PermanentError(f"erasure {entry.request_id} was applied again and something is left: report it")

    async def _opened_by_an_erased_message(self) -> Collection[CaseId]:
        """Return the cases without a citizen whose opening message can no longer be opened: they went with it.

        Whose they were was told by its sender, and restored data has lost the mark that stands for it.
        """
        undecided = await self.documents.find(CASES, "citizen", [None], ("opened_by",))
        opened = {case["opened_by"]: CaseId(case["_id"]) for case in undecided if "opened_by" in case}
        messages = await self.documents.find(MESSAGES, "_id", opened, ("content.key_id",))
        keys = {message["_id"]: values_at(message, "content.key_id") for message in messages}
        living = await self.vault.open_keys({key for ids in keys.values() for key in ids})
        return [opened[message] for message, ids in keys.items() if ids and not living.keys() & set(ids)]
