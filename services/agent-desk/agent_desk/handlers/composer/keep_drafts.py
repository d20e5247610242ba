"""Keep what agents type into an answer, sealed, until it is sent; give it back, and show colleagues that it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agent_desk.domain.composer.departure import given_files, waits
from agent_desk.domain.composer.drafts_shown import NONE, DraftShown, DraftsShown, drafts_shown
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.composer.answer_files import AnswerFiles, attached_shown
from guichet.case.record import CaseRecord
from guichet.contracts.base import Sealed
from guichet.errors import ErasedError
from guichet.ids import CaseId, DraftId
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.drafts import WORDS, Draft, Drafts, draft_of
from guichet.vault.fields import Keys, living_keys, opened_with
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey

TOLD_FOR: Final = timedelta(days=7)  # outside of its case, which its author may see no more; there the draft stays


@dataclass(frozen=True)
class DraftKeeper:
    """Keeps drafts. clock: aware UTC."""

    drafts: Drafts
    files: AnswerFiles
    vault: Vault
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def keep(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> bool:
        """Keep what an agent has typed; say whether it is kept, and not another form's of theirs, or one that is over.

        Raises TransientError, ErasedError where the case was erased meanwhile.
        """
        there = await self._there(visitor, case)
        return await self._put(await self._worded(visitor, case, typed, there, typed.text), typed, there)

    async def draft(self, visitor: Visitor, case: CaseRecord, typed: FormInput, words: str) -> Draft:
        """Return what there is to keep of an answer, sealed. Raises TransientError, ErasedError."""
        return await self._worded(visitor, case, typed, await self._there(visitor, case), words)

    async def end(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> None:
        """Let nothing be left of the words that their author throws away. Raises TransientError."""
        there = await self._there(visitor, case)
        words = None if there is None else await self.emptied(there)
        over = self._draft(visitor, case, typed, there, words).model_copy(update={"is_over": True})
        await self._put(over, typed, there)

    async def emptied(self, draft: Draft) -> Sealed | None:
        """Return nothing, sealed under the draft's own key: whoever erases the case destroys it. Raises TransientError.

        What was erased meanwhile stays as it is.
        """
        if draft.words is None:
            return None
        key = (await self.vault.open_keys([draft.words.key_id])).get(draft.words.key_id)
        return draft.words if key is None else WORDS.seal(key, draft.draft_id, "")

    async def refused(self, visitor: Visitor) -> dict[CaseId, str]:
        """Return in which cases an answer of the visitor's did not leave of late, and why. Raises TransientError."""
        found = await self.drafts.refused_of(visitor.agent.agent_id, self.clock() - TOLD_FOR)
        return {each.case_id: each.refused for each in found if each.refused is not None}

    async def of_case(self, visitor: Visitor, case: CaseRecord) -> DraftsShown:
        """Return what a visitor is shown of a case's drafts; nothing where they may not answer it.

        What they read of a colleague's is noted. Raises TransientError.
        """
        if not visitor.scope.may(CaseAct.ANSWER, case):
            return NONE
        found = await self.drafts.of_case(case.case_id)
        living = {each.draft_id: each for each in found if not each.is_over or waits(each.leaving)}
        sealed = {name: WORDS.on(name, each.words) for name, each in living.items() if each.words is not None}
        keys = await living_keys(self.vault, (each.sealed for each in sealed.values()))
        opened = opened_with(keys, sealed)
        shown = drafts_shown(
            (
                _shown(living[name], opened.values.get(name), keys)
                for name in living
                if name in opened.values or name in opened.tampered
            ),
            visitor.agent.agent_id,
        )
        if shown.others:
            read = [draft_of(case.case_id, each.author) for each in shown.others]
            await self._note(visitor, (case.case_id, *read))
        return shown

    async def _put(self, draft: Draft, typed: FormInput, there: Draft | None) -> bool:
        """Keep it, and forget the files of what it takes the place of. Raises TransientError."""
        is_kept = await self.drafts.put(draft, typed.replaces)
        if is_kept and there is not None:
            await self.files.forget(given_files(there))
            await self.files.forget(there.files if draft.is_over else ())
        return is_kept

    async def _worded(
        self, visitor: Visitor, case: CaseRecord, typed: FormInput, there: Draft | None, words: str
    ) -> Draft:
        return self._draft(visitor, case, typed, there, WORDS.seal(await self._key(there), _of(visitor, case), words))

    async def _there(self, visitor: Visitor, case: CaseRecord) -> Draft | None:
        mine = _of(visitor, case)
        return next((each for each in await self.drafts.of_case(case.case_id) if each.draft_id == mine), None)

    async def _key(self, there: Draft | None) -> DataKey:
        """Return the draft's own key: a new one for the first words."""
        if there is None or there.words is None:
            (key,) = await self.vault.new_keys(1)
            return key
        keys = await self.vault.open_keys([there.words.key_id])
        if there.words.key_id not in keys:
            raise ErasedError(f"draft {there.draft_id} was erased")
        return keys[there.words.key_id]

    def _draft(
        self, visitor: Visitor, case: CaseRecord, typed: FormInput, there: Draft | None, words: Sealed | None
    ) -> Draft:
        now, goes_on = self.clock(), there is not None and not there.is_over
        return Draft(
            _id=_of(visitor, case),
            case_id=case.case_id,
            author=visitor.agent.agent_id,
            once=typed.once,
            shown=typed.shown,
            begun_at=there.begun_at if there is not None and goes_on else now,
            saved_at=now,
            words=words,
        )

    async def _note(self, visitor: Visitor, things: tuple[str, ...]) -> None:
        entry = AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=Act.READ, thing="draft", things=things)
        await self.audit.record(entry)


def _of(visitor: Visitor, case: CaseRecord) -> DraftId:
    return draft_of(case.case_id, visitor.agent.agent_id)


def _shown(draft: Draft, text: str | None, keys: Keys) -> DraftShown:
    return DraftShown(
        author=draft.author,
        text=text,
        once=draft.once,
        shown=draft.shown,
        begun_at=draft.begun_at,
        saved_at=draft.saved_at,
        leaving=draft.leaving,
        refused=draft.refused,
        files=attached_shown(draft, keys),
    )
