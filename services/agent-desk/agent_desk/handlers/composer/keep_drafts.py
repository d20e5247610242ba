"""Keep what agents type into an answer, sealed, until it is sent; give it back, and show colleagues that it is."""

from collections.abc import Callable, Iterable
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
from guichet.store.draft import SIGNING, WORDS, Draft, Signing, draft_of
from guichet.store.drafts import Drafts
from guichet.vault.fields import Keys, living_keys, open_one, opened_with
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
        return await self._put(await self._worded(visitor, case, typed, there, typed.text), typed)

    async def draft(self, visitor: Visitor, case: CaseRecord, typed: FormInput, words: str) -> Draft:
        """Return what there is to keep of an answer, sealed. Raises TransientError, ErasedError."""
        return await self._worded(visitor, case, typed, await self._there(visitor, case), words)

    async def asks(self, visitor: Visitor, case: CaseRecord) -> str:
        """Return the pieces that a visitor's answer asks for, on its way out or not. Raises TransientError."""
        there = await self._there(visitor, case)
        return there.asks if there is not None else ""

    async def end(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> None:
        """Let nothing be left of the words that their author throws away. Raises TransientError."""
        there = await self._there(visitor, case)
        words = None if there is None else await self.emptied(there)
        nothing = {"is_over": True, "sent_back": None, "signing": None, "asks": ""}
        over = self._draft(visitor, case, typed, there, words).model_copy(update=nothing)
        await self._put(over, typed)

    async def emptied(self, draft: Draft) -> Sealed | None:
        """Return nothing, sealed under the draft's own key: whoever erases the case destroys it. Raises TransientError.

        What was erased meanwhile stays as it is.
        """
        if draft.words is None:
            return None
        key = (await self.vault.open_keys([draft.words.key_id])).get(draft.words.key_id)
        return draft.words if key is None else WORDS.seal(key, draft.draft_id, "")

    async def signed(self, waiting: Draft, typed: FormInput, words: str) -> Draft:
        """Return a draft that somebody signs and sends in its author's place. words: what leaves.

        Raises TransientError, ErasedError, UnopenableError.
        """
        aside = (await self.aside(waiting)).model_copy(update={"unsigned": typed.text})
        out = await self.changed(waiting, typed.once, words, aside)
        return out.model_copy(update={"is_over": True, "way": typed.way, "instead_of": typed.instead_of})

    async def changed(self, draft: Draft, once: str, words: str, aside: Signing) -> Draft:
        """Return a draft with other words, and what is kept beside them. once: the mark of the form they come from.

        Raises TransientError, ErasedError.
        """
        key, name = await self.key_of(draft), draft.draft_id
        sealed = {"words": WORDS.seal(key, name, words), "signing": SIGNING.seal(key, name, aside)}
        return draft.model_copy(update={"once": once, "saved_at": self.clock(), "refused": None, **sealed})

    async def aside(self, draft: Draft) -> Signing:
        """Return what is kept beside one that was submitted. Raises TransientError, ErasedError, UnopenableError."""
        assert draft.signing is not None  # it is kept with either
        return await open_one(self.vault, SIGNING.on(draft.draft_id, draft.signing))

    async def unsigned(self, draft: Draft) -> Sealed | None:
        """Return what an answer said before somebody signed it, as its words; None where nobody signs for another.

        Raises TransientError, ErasedError, UnopenableError.
        """
        if draft.signing is None or draft.to_sign is None:
            return None
        aside = await self.aside(draft)
        return None if aside.unsigned is None else WORDS.seal(await self.key_of(draft), draft.draft_id, aside.unsigned)

    async def refused(self, visitor: Visitor) -> dict[CaseId, str]:
        """Return in which cases an answer of the visitor's did not leave of late, and why. Raises TransientError."""
        found = await self.drafts.refused_of(visitor.agent.agent_id, self.clock() - TOLD_FOR)
        return {each.case_id: each.refused for each in found if each.refused is not None}

    async def sent_back(self, visitor: Visitor) -> dict[CaseId, str | None]:
        """Return in which cases an answer of the visitor's came back unsigned, and why; None: that does not open.

        Raises TransientError.
        """
        found = [each for each in await self.drafts.sent_back_to(visitor.agent.agent_id) if each.signing is not None]
        sealed = {each.draft_id: SIGNING.on(each.draft_id, each.signing) for each in found if each.signing}
        keys = await living_keys(self.vault, (each.sealed for each in sealed.values()))
        aside = opened_with(keys, sealed).values
        return {each.case_id: aside[each.draft_id].reason if each.draft_id in aside else None for each in found}

    async def of_case(self, visitor: Visitor, case: CaseRecord) -> DraftsShown:
        """Return what a visitor is shown of a case's drafts; nothing where they may not answer it.

        What they read of a colleague's is noted. Raises TransientError.
        """
        if not visitor.scope.may(CaseAct.ANSWER, case):
            return NONE
        found = await self.drafts.of_case(case.case_id)
        await self._follow(case, found)
        living = {each.draft_id: each for each in found if not each.is_over or waits(each.leaving)}
        sealed = {name: WORDS.on(name, each.words) for name, each in living.items() if each.words is not None}
        keys = await living_keys(self.vault, (each.sealed for each in sealed.values()))
        opened = opened_with(keys, sealed)
        beside = {name: SIGNING.on(name, each.signing) for name, each in living.items() if each.signing is not None}
        aside = opened_with(keys, beside)
        shown = drafts_shown(
            (
                _shown(living[name], opened.values.get(name), keys, aside.values.get(name))
                for name in living
                if name in opened.values or name in opened.tampered
            ),
            visitor.agent.agent_id,
        )
        if theirs := (*shown.others, *shown.to_sign):
            read = [each.draft_id for each in theirs]
            await self._note(visitor, (case.case_id, *read))
        return shown

    async def _put(self, draft: Draft, typed: FormInput) -> bool:
        """Keep it, and forget the files of what it takes the place of, as that was by then. Raises TransientError."""
        kept = await self.drafts.put(draft, typed.replaces)
        if kept is not None and kept.replaced is not None:
            await self.files.forget(given_files(kept.replaced))
            await self.files.forget(kept.replaced.files if draft.is_over else ())
        return kept is not None

    async def _worded(
        self, visitor: Visitor, case: CaseRecord, typed: FormInput, there: Draft | None, words: str
    ) -> Draft:
        return self._draft(visitor, case, typed, there, WORDS.seal(await self.key_of(there), _of(visitor, case), words))

    async def _follow(self, case: CaseRecord, found: Iterable[Draft]) -> None:
        """Let what waits to be signed wait where its case is by now, so that whoever signs there is asked."""
        for draft in found:
            if draft.to_sign is not None and not draft.is_over and draft.to_sign.department != case.department:
                there = draft.to_sign.model_copy(update={"department": case.department})
                await self.drafts.follow_case(draft.draft_id, there, draft.to_sign)

    async def _there(self, visitor: Visitor, case: CaseRecord) -> Draft | None:
        mine = _of(visitor, case)
        return next((each for each in await self.drafts.of_case(case.case_id) if each.draft_id == mine), None)

    async def key_of(self, there: Draft | None) -> DataKey:
        """Return the draft's own key: a new one for the first words. Raises TransientError, ErasedError."""
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
        back = there if there is not None and goes_on and there.sent_back is not None else None
        return Draft(
            _id=_of(visitor, case),
            case_id=case.case_id,
            author=visitor.agent.agent_id,
            once=typed.once,
            shown=typed.shown,
            begun_at=there.begun_at if there is not None and goes_on else now,
            saved_at=now,
            words=words,
            sent_back=back.sent_back if back else None,
            signing=back.signing if back else None,
            way=typed.way,
            instead_of=typed.instead_of,
            asks=typed.asks,
        )

    async def _note(self, visitor: Visitor, things: tuple[str, ...]) -> None:
        entry = AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=Act.READ, thing="draft", things=things)
        await self.audit.record(entry)


def _of(visitor: Visitor, case: CaseRecord) -> DraftId:
    return draft_of(case.case_id, visitor.agent.agent_id)


def _shown(draft: Draft, text: str | None, keys: Keys, aside: Signing | None) -> DraftShown:
    return DraftShown(
        draft_id=draft.draft_id,
        author=draft.author,
        text=text,
        once=draft.once,
        shown=draft.shown,
        begun_at=draft.begun_at,
        saved_at=draft.saved_at,
        leaving=draft.leaving,
        refused=draft.refused,
        files=attached_shown(draft, keys),
        to_sign=draft.to_sign,
        sent_back=draft.sent_back,
        signing=aside,
        way=draft.way,
        instead_of=draft.instead_of,
        asks=draft.asks,
    )
