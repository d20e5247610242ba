"""Keep what agents type into an answer, sealed, until it is sent; give it back, and show colleagues that it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.composer.drafts_shown import NONE, DraftShown, DraftsShown, drafts_shown
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.drafts import WORDS, Draft, Drafts, draft_of
from guichet.vault.fields import living_keys, opened_with
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey


@dataclass(frozen=True)
class DraftKeeper:
    """Keeps drafts. clock: aware UTC."""

    drafts: Drafts
    vault: Vault
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def keep(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> bool:
        """Keep what an agent has typed; say whether it is kept, and not another form's of theirs, or one that is over.

        Raises TransientError, ErasedError where the case was erased meanwhile.
        """
        there = await self._there(visitor, case)
        key = await self._key(there)
        return await self._put(visitor, case, typed, there, key, is_over=False)

    async def end(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> None:
        """Let nothing be left of the words that a form sent, or whose author throws them away.

        Raises TransientError, ErasedError.
        """
        there = await self._there(visitor, case)
        key = None if there is None or there.words is None else await self._key(there)
        await self._put(visitor, case, typed, there, key, is_over=True)

    async def of_case(self, visitor: Visitor, case: CaseRecord) -> DraftsShown:
        """Return what a visitor is shown of a case's drafts; nothing where they may not answer it.

        What they read of a colleague's is noted. Raises TransientError.
        """
        if not visitor.scope.may(CaseAct.ANSWER, case):
            return NONE
        living = {each.draft_id: each for each in await self.drafts.of_case(case.case_id) if not each.is_over}
        sealed = {name: WORDS.on(name, each.words) for name, each in living.items() if each.words is not None}
        opened = opened_with(await living_keys(self.vault, (each.sealed for each in sealed.values())), sealed)
        shown = drafts_shown(
            (
                _shown(living[name], opened.values.get(name))
                for name in living
                if name in opened.values or name in opened.tampered
            ),
            visitor.agent.agent_id,
        )
        if shown.others:
            read = [draft_of(case.case_id, each.author) for each in shown.others]
            await self._note(visitor, (case.case_id, *read))
        return shown

    async def _there(self, visitor: Visitor, case: CaseRecord) -> Draft | None:
        mine = draft_of(case.case_id, visitor.agent.agent_id)
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

    async def _put(
        self,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        there: Draft | None,
        key: DataKey | None,
        *,
        is_over: bool,
    ) -> bool:
        author, now = visitor.agent.agent_id, self.clock()
        draft_id = draft_of(case.case_id, author)
        goes_on = there is not None and not there.is_over
        draft = Draft(
            _id=draft_id,
            case_id=case.case_id,
            author=author,
            once=typed.once,
            shown=typed.shown,
            begun_at=there.begun_at if there is not None and goes_on else now,
            saved_at=now,
            words=WORDS.seal(key, draft_id, "" if is_over else typed.text) if key is not None else None,
            is_over=is_over,
        )
        return await self.drafts.put(draft, typed.replaces)

    async def _note(self, visitor: Visitor, things: tuple[str, ...]) -> None:
        entry = AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=Act.READ, thing="draft", things=things)
        await self.audit.record(entry)


def _shown(draft: Draft, text: str | None) -> DraftShown:
    return DraftShown(
        author=draft.author,
        text=text,
        once=draft.once,
        shown=draft.shown,
        begun_at=draft.begun_at,
        saved_at=draft.saved_at,
    )
