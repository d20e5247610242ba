"""The files of an answer: attached to its draft once the antivirus has seen them, opened as it leaves, then forgotten.

An object is put before a draft names it, and removed after: who is killed in between leaves one that nothing names,
which gdpr-worker removes (docs/decisions/0038).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from agent_desk.domain.composer.attachments import AttachedShown, NotAttached, SentFile, WhyNot, why_not_attached
from agent_desk.domain.composer.departure import files_of
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.antivirus import Antivirus, TooLargeToScanError, UnscannedError
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError
from guichet.ids import DraftId, random_id
from guichet.store.draft import AttachedFile, Draft, draft_of, file_name
from guichet.store.drafts import Drafts
from guichet.store.objects import ObjectStore, draft_file
from guichet.vault.fields import Keys, opened_with
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey

log = structlog.get_logger()


@dataclass(frozen=True)
class AnswerFiles:
    """Keeps them."""

    drafts: Drafts
    vault: Vault
    objects: ObjectStore
    antivirus: Antivirus

    async def attach(
        self, visitor: Visitor, case: CaseRecord, once: str, files: Sequence[SentFile]
    ) -> tuple[NotAttached, ...]:
        """Attach files to the draft that a form has just kept; return those that are not. Raises TransientError,
        ErasedError where the case was erased meanwhile.
        """
        refused = []
        for file in files:
            not_attached = await self._refused(file, case)
            if not_attached is None and not await self._attached(_of(visitor, case), case, once, file):
                not_attached = NotAttached(file.name, "too-much")
            if not_attached is not None:
                refused.append(not_attached)
        return tuple(refused)

    async def remove(self, visitor: Visitor, case: CaseRecord, once: str, file_id: str) -> None:
        """Take a file off the draft that a form has just kept, if it is there. Raises TransientError."""
        if await self.drafts.detach(_of(visitor, case), once, file_id):
            await self.objects.delete(file_id)

    async def of(self, visitor: Visitor, case: CaseRecord, once: str) -> tuple[AttachedFile, ...]:
        """Return what goes with an answer that its form sends, also where it is sent again. Raises TransientError."""
        there = await self._there(_of(visitor, case), case)
        return files_of(there, once) if there is not None else ()

    async def shown(self, visitor: Visitor, case: CaseRecord) -> tuple[AttachedShown, ...]:
        """Return what a page names of the visitor's own draft. Raises TransientError."""
        there = await self._there(_of(visitor, case), case)
        if there is None or there.words is None:
            return ()
        return attached_shown(there, await self.vault.open_keys([there.words.key_id]))

    async def opened(self, draft: Draft) -> tuple[SentFile, ...]:
        """Return what goes with a draft that leaves. Raises TransientError, UnopenableError, ErasedError,
        PermanentError where a file is gone.
        """
        files = draft.leaving.files if draft.leaving is not None else ()
        if not files or draft.words is None:
            return ()
        return await self.opened_of(draft, files)

    async def opened_of(self, draft: Draft, files: Sequence[AttachedFile]) -> tuple[SentFile, ...]:
        """Return files that a draft names. Raises likewise."""
        if draft.words is None:
            raise ErasedError(f"draft {draft.draft_id} has nothing")
        keys = await self.vault.open_keys([draft.words.key_id])
        if draft.words.key_id not in keys:
            raise ErasedError(f"draft {draft.draft_id} was erased")
        key = keys[draft.words.key_id]
        return tuple([await self._opened(draft, each, key) for each in files])

    async def forget(self, files: Iterable[AttachedFile]) -> None:
        """Remove what goes with nothing any more. Raises TransientError."""
        for each in files:
            await self.objects.delete(each.file_id)

    async def _opened(self, draft: Draft, file: AttachedFile, key: DataKey) -> SentFile:
        box = await self.objects.get(file.file_id)
        content = draft_file(file.file_id).open_box(key, draft.draft_id, box)
        name = file_name(file.file_id).open(key, draft.draft_id, file.name)
        return SentFile(name, file.content_type, content)

    async def _refused(self, file: SentFile, case: CaseRecord) -> NotAttached | None:
        if (why := why_not_attached(file)) is not None:
            return NotAttached(file.name, why)
        try:
            found = await self.antivirus.found_in(file.content)
        except (TooLargeToScanError, UnscannedError) as exc:
            log.warning("file not scanned, so not attached", case_id=case.case_id, error=str(exc))
            unscanned: WhyNot = "too-large" if isinstance(exc, TooLargeToScanError) else "unscanned"
            return NotAttached(file.name, unscanned)
        if found is None:
            return None
        log.warning("infected file not attached", case_id=case.case_id, found=found)
        return NotAttached(file.name, "infected", found)

    async def _attached(self, draft: DraftId, case: CaseRecord, once: str, file: SentFile) -> bool:
        there = await self._there(draft, case)
        if there is None or there.words is None:
            return False
        keys = await self.vault.open_keys([there.words.key_id])
        if there.words.key_id not in keys:
            raise ErasedError(f"draft {draft} was erased")
        file_id, key = random_id(), keys[there.words.key_id]
        await self.objects.put(file_id, draft_file(file_id).seal(key, draft, file.content).box)
        name = file_name(file_id).seal(key, draft, file.name)
        named = AttachedFile(file_id=file_id, name=name, content_type=file.content_type, size_bytes=len(file.content))
        if await self.drafts.attach(draft, once, named):
            return True
        await self.objects.delete(file_id)
        if await self._there(draft, case) is None:
            raise ErasedError(f"draft {draft} was erased")
        return False

    async def _there(self, draft: DraftId, case: CaseRecord) -> Draft | None:
        return next((each for each in await self.drafts.of_case(case.case_id) if each.draft_id == draft), None)


def attached_shown(draft: Draft, keys: Keys) -> tuple[AttachedShown, ...]:
    """Return what goes with a draft, as pages name it. keys: that of its words."""
    files = draft.leaving.files if draft.leaving is not None else draft.files
    sealed = {each.file_id: file_name(each.file_id).on(draft.draft_id, each.name) for each in files}
    names = opened_with(keys, sealed).values
    return tuple(AttachedShown(each.file_id, names.get(each.file_id), each.size_bytes) for each in files)


def _of(visitor: Visitor, case: CaseRecord) -> DraftId:
    return draft_of(case.case_id, visitor.agent.agent_id)
