"""An answer that its author does not sign waits for somebody who does (docs/decisions/0078).

It stays one document, in its author's place. Each deed is one conditional write, over the mark of whoever kept it last
as a page showed it: of two who sign one does, and nothing is signed that was changed after it was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent_desk.domain.composer.attachments import marked
from agent_desk.domain.composer.four_eyes import signed_departments, signs, signs_of
from agent_desk.domain.decisions.decision import new_once
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from guichet.case.record import CaseRecord
from guichet.ids import CaseId
from guichet.store.audit.trail import Act, AuditEntry
from guichet.store.cases.case_filter import OPEN_STATES
from guichet.store.cases.reader import CaseReader
from guichet.store.draft import WORDS, Draft, SentBack, Signing, ToSign, draft_of
from guichet.store.drafts import Drafts
from guichet.town.town import Town
from guichet.vault.fields import open_one


@dataclass(frozen=True, kw_only=True)
class AnswersToSign:
    """Every method raises TransientError, and ErasedError where the case was erased meanwhile."""

    drafts: Drafts
    keeper: DraftKeeper
    cases: CaseReader
    town: Town

    async def submit(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> bool:
        """Let an answer wait to be signed; say whether it does, and nothing else of theirs is in its place.

        What is typed is kept first: whoever dies in between leaves a draft. A form that is sent twice finds what it
        says waiting already.
        """
        is_kept, there = await self.keeper.keep(visitor, case, typed), await self._own(visitor, case)
        if there is not None and is_kept and await self._submitted(visitor, case, there, typed):
            return True
        return await self._waits_as_typed(await self._own(visitor, case), typed)

    async def _submitted(self, visitor: Visitor, case: CaseRecord, there: Draft, typed: FormInput) -> bool:
        known = await self.keeper.aside(there) if there.sent_back is not None else None
        aside = Signing(compared=known.compared if known is not None else typed.text)
        changed = await self.keeper.changed(there, new_once(), typed.text, aside)
        to_sign = ToSign(department=case.department, at=changed.saved_at, awaits_answer=typed.awaits_answer)
        waits = changed.model_copy(update={"to_sign": to_sign, "sent_back": None, "shown": typed.shown})
        await self._note(visitor, Act.SUBMITTED, waits)
        return await self.drafts.replace(waits, {typed.once})

    async def _waits_as_typed(self, there: Draft | None, typed: FormInput) -> bool:
        """Say whether what waits is what this form says: other words, ticks or files are never taken for it."""
        if there is None or there.to_sign is None or there.is_over or there.words is None:
            return False
        says_so = (there.to_sign.awaits_answer, there.way, there.asks) == (typed.awaits_answer, typed.way, typed.asks)
        if not says_so or marked(each.file_id for each in there.files) != typed.attached:
            return False
        return await open_one(self.keeper.vault, WORDS.on(there.draft_id, there.words)) == typed.text

    async def withdraw(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> bool:
        """Give an answer that waits back to its author, who asks for it; say whether it still waited as they saw it."""
        there = await self._own(visitor, case)
        if there is None or there.to_sign is None:
            return there is not None and not there.is_over
        again = there.model_copy(update={"to_sign": None, "signing": None, "once": new_once()})
        await self._note(visitor, Act.SUBMISSION_WITHDRAWN, there)
        return await self.drafts.replace(again, {typed.replaces})

    async def find(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> Draft | None:
        """Return what waits, of what the visitor signs; None: it waits no more, or not for them."""
        found = (each for each in await self.drafts.of_case(case.case_id) if each.draft_id == typed.signs)
        there = next((each for each in found if each.to_sign is not None), None)
        is_theirs = there is not None and signs_of(there.author, visitor.scope, case, self.town)
        return there if is_theirs else None

    async def keep(self, waiting: Draft, typed: FormInput) -> bool:
        """Keep what a signer changes in it; say whether nobody had changed it otherwise."""
        changed = await self.keeper.changed(waiting, typed.once, typed.text, await self.keeper.aside(waiting))
        return await self.drafts.replace(changed.model_copy(update={"way": typed.way}), {typed.once, typed.replaces})

    async def send_back(self, visitor: Visitor, waiting: Draft, typed: FormInput) -> bool:
        """Give it back to its author, with the reason; say whether nobody had done anything else with it.

        Blank, it goes back as it was submitted.
        """
        words = typed.text if typed.text.strip() else (await self.keeper.aside(waiting)).compared
        aside = Signing(compared=words, reason=typed.send_back)
        changed = await self.keeper.changed(waiting, new_once(), words, aside)
        back = SentBack(by=visitor.agent.agent_id, at=changed.saved_at)
        await self._note(visitor, Act.SENT_BACK, waiting)
        out = changed.model_copy(update={"to_sign": None, "sent_back": back})
        return await self.drafts.replace(out, {typed.once, typed.replaces})

    async def waiting_for(self, visitor: Visitor) -> tuple[CaseRecord, ...]:
        """Return the cases with an answer that a visitor may sign, the longest waiting first.

        What waits in a case that was closed is its author's draft again: nobody is asked to sign it any more.
        """
        departments = signed_departments(visitor)
        found = await self.drafts.to_sign_in(departments) if departments else []
        cases = {each.case_id: each for each in await self._cases(visitor, found)}
        shown: dict[CaseId, CaseRecord] = {}
        for draft in found:
            case = cases.get(draft.case_id)
            if case is None or not signs(visitor.listed.whole, case):
                continue
            if case.state not in OPEN_STATES:
                await self._wait_no_more(draft)
            elif signs_of(draft.author, visitor.listed.whole, case, self.town):
                shown[case.case_id] = case
        return tuple(shown.values())

    async def _cases(self, visitor: Visitor, found: Sequence[Draft]) -> Sequence[CaseRecord]:
        if not found:
            return ()
        return await self.cases.find_many(visitor.listed.whole, [each.case_id for each in found])

    async def _wait_no_more(self, draft: Draft) -> None:
        if draft.to_sign is not None:
            await self.drafts.follow_case(draft.draft_id, None, draft.to_sign)

    async def _own(self, visitor: Visitor, case: CaseRecord) -> Draft | None:
        mine = draft_of(case.case_id, visitor.agent.agent_id)
        return next((each for each in await self.drafts.of_case(case.case_id) if each.draft_id == mine), None)

    async def _note(self, visitor: Visitor, act: Act, draft: Draft) -> None:
        things = (draft.case_id, draft.draft_id, draft.author)
        entry = AuditEntry(at=self.keeper.clock(), agent=visitor.agent.agent_id, act=act, thing="draft", things=things)
        await self.keeper.audit.record(entry)
