"""Apply the ledger of erasures to data that was restored: what was erased since the backup is erased from it, too."""

from collections.abc import Collection
from dataclasses import dataclass

from guichet.erasure.finder import PersonFinder
from guichet.erasure.removal import Removal
from guichet.erasure.senders import CASES, MESSAGES
from guichet.errors import PermanentError
from guichet.ids import CaseId
from guichet.privacy.vault import KeyOpener
from guichet.store.case_erasing import CaseErasing
from guichet.store.erasure_document import ErasureEntry, ErasureStep
from guichet.store.erasures import ErasureLedger
from guichet.store.holdings import Holdings, values_at


@dataclass(frozen=True)
class Reapplying:
    """vault: the newest, in which the keys are destroyed already."""

    ledger: ErasureLedger
    finder: PersonFinder
    removal: Removal
    holdings: Holdings
    cases: CaseErasing
    vault: KeyOpener

    async def run(self) -> int:
        """Erase again whom the ledger says was erased, divert whose erasure is under way; return how many were erased.

        May be killed anywhere, and called again. Raises TransientError; PermanentError when something is left.
        """
        entries = await self.ledger.all()
        erased = [entry for entry in entries if entry.destroyed_keys]
        if erased:
            await self.cases.mark_erasing(await self._opened_by_an_erased_message())
        for entry in erased:
            await self._erase_again(entry)
        for entry in entries:
            if ErasureStep.DIVERTED.value in entry.reached and not (entry.destroyed_keys or entry.finished):
                await self.removal.divert(*entry.person)
        return len(erased)

    async def _erase_again(self, entry: ErasureEntry) -> None:
        await self.removal.divert(*entry.person)
        found = await self.finder.find(*entry.person, noted=entry.noted)
        await self.removal.destroy_keys(found)
        await self.removal.delete(found, entry.reached[ErasureStep.DESTROYED.value], entry.request_id)
        if not (await self.finder.find(*entry.person, noted=entry.noted)).is_empty:
            raise PermanentError(f"erasure {entry.request_id} was applied again and something is left: report it")

    async def _opened_by_an_erased_message(self) -> Collection[CaseId]:
        """Return the cases without a citizen whose opening message can no longer be opened: they went with it.

        Whose they were was told by its sender, and restored data has lost the mark that stands for it.
        """
        undecided = await self.holdings.find(CASES, "citizen", [None], ("opened_by",))
        opened = {case["opened_by"]: CaseId(case["_id"]) for case in undecided if "opened_by" in case}
        messages = await self.holdings.find(MESSAGES, "_id", opened, ("content.key_id",))
        keys = {message["_id"]: values_at(message, "content.key_id") for message in messages}
        living = await self.vault.open_keys({key for ids in keys.values() for key in ids})
        return [opened[message] for message, ids in keys.items() if ids and not living.keys() & set(ids)]
