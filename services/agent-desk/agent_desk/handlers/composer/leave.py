"""An answer leaves: some seconds after its agent said so, during which they may take it back (docs/decisions/0074).

What is to be done is kept with the words first, in one write. Then somebody gives it: the request itself where a town
wants no such seconds, else the round that every process of the desk makes. Whoever is killed in between, the next round
goes on: words and commands have the ids that they were given at the start, and the time of the words that were kept,
so that whatever is done twice is done once. What the router then refuses, or nothing confirms for long, is its author's
draft again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk
from agent_desk.domain.composer.departure import (
    HOLD,
    Then,
    dated,
    given,
    given_files,
    is_overdue,
    leaving_in,
    looked_at,
    refused_anew,
    sent,
)
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.questions.asked_by_answer import AskedByAnswer
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.await_outcome import Outcome
from agent_desk.handlers.cases.decide import DecisionPorts, issue, keep_answer
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.composer.answer_files import AnswerFiles
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.staff.disabled import is_disabled
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.case.record import CaseRecord
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, SendReply, SnoozeCase
from guichet.errors import ErasedError, PermanentError, UnopenableError
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.accounts import AgentAccounts
from guichet.store.audit.trail import Act, AuditEntry
from guichet.store.cases.reader import CaseReader
from guichet.store.commands import CommandStore
from guichet.store.draft import NOBODY, UNCONFIRMED, WORDS, AttachedFile, Draft, Leaving
from guichet.store.drafts import Drafts
from guichet.town.town import Town
from guichet.vault.fields import open_one

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=1)
WITHOUT_RIGHT: Final = "agent-without-right"
UNREADABLE: Final = "unreadable-words"

_ACTS: Final[dict[type[SendReply | CloseCase | SnoozeCase], Act]] = {
    SendReply: Act.REPLIED,
    CloseCase: Act.CLOSED,
    SnoozeCase: Act.SNOOZED,
}


@dataclass(frozen=True, kw_only=True)
class LeavingAnswers:
    """Lets answers leave. after: for how long they may be taken back; none: they leave at once. clock: aware UTC."""

    drafts: Drafts
    keeper: DraftKeeper
    files: AnswerFiles
    cases: CaseReader
    commands: CommandStore
    ways: WayFinder
    staff: StaffDirectory
    accounts: AgentAccounts
    ports: DecisionPorts
    town: Town
    after: timedelta
    clock: Callable[[], datetime]

    async def leave(
        self,
        visitor: Visitor,
        case: CaseRecord,
        typed: FormInput,
        words: str,
        files: tuple[AttachedFile, ...],
        reply: SendReply,
        then: Then | None,
        waiting: Draft | None = None,
    ) -> Draft | None:
        """Keep what is to be done, in the place of the agent's draft; None: another one of theirs, or files, is there.

        words, files: what leaves. waiting: a colleague's, which is signed in their place; None: it has been signed,
        sent back or changed meanwhile. What was given before is returned as it is to be followed. Raises
        TransientError, ErasedError where the case was erased meanwhile.
        """
        hold = NOBODY if self.after else HOLD  # where it leaves at once the request itself gives it
        leaving, before = leaving_in(self.after, reply, then, files, self.clock()), await self.of(visitor, case)
        if waiting is not None:
            before = None  # it has a place of its own
            out = (await self.keeper.signed(waiting, typed, words)).model_copy(update={"leaving": leaving})
            is_kept = await self.drafts.replace(out, {typed.once, typed.replaces}, hold)
        else:
            draft = await self.keeper.draft(visitor, case, typed, words)
            out = draft.model_copy(update={"is_over": True, "leaving": leaving})
            is_kept = await self.drafts.leave(out, typed.replaces, hold)
        if is_kept:
            if before is not None and _leaving(before).reply.event_id != reply.event_id:
                await self.files.forget(given_files(before))
            return await self._as_given_before(out, leaving) if self.after else out
        there = await self.of(visitor, case)
        return there if there is not None and _leaving(there).reply.event_id == reply.event_id else None

    async def _as_given_before(self, out: Draft, leaving: Leaving) -> Draft:
        """Return what leaves: as given, to be followed, where a round gave this form's as it was sent again."""
        if not await self.was_given(leaving.reply):
            return out
        before = given(out, leaving, self.clock())
        await self.drafts.settle(before, leaving.reply.event_id)
        return before

    async def was_given(self, reply: SendReply) -> bool:
        """Say whether this very answer was given before: then its form was sent twice. Raises TransientError."""
        return bool(await self.ports.messages.find_many([reply.outbound_id]))

    async def of(self, visitor: Visitor, case: CaseRecord) -> Draft | None:
        """Return an agent's answer to a case that is on its way out, or one that they signed; None: none is.

        Raises TransientError.
        """
        mine = (each for each in await self.drafts.of_case(case.case_id) if _sender(each) == visitor.agent.agent_id)
        return max(mine, key=lambda each: each.saved_at, default=None)

    async def take_back(self, visitor: Visitor, case: CaseRecord) -> bool:
        """Let an answer not leave: it is a draft again. Say whether it was time. Raises TransientError."""
        there = await self.of(visitor, case)
        if there is None:
            return False
        unsigned = await self._unsigned(there)
        return await self.drafts.take_back(there.draft_id, _leaving(there).reply.event_id, unsigned)

    async def go_on(self) -> None:
        """Give whatever is due, and see what became of what was given. Raises TransientError."""
        while (draft := await self.drafts.take(self.clock(), HOLD)) is not None:
            if _leaving(draft).given_at is not None:
                await self._follow(draft)
            else:
                await self._go_on_with(draft)

    async def give(self, draft: Draft, case: CaseRecord, words: str) -> None:
        """Give what leaves, of a case that its author may answer now. Raises TransientError: then a round goes on;
        ErasedError, PermanentError, UnopenableError where its files do not open.
        """
        files = await self.files.opened(draft)
        reply = dated(_leaving(draft).reply, self.clock())
        to = await self.ways.address(case, draft.way)
        asked = AskedByAnswer(PiecesToAsk(case, self.town, self.clock()), draft.asks, words).form
        await keep_answer(case, reply, words, self.ports, files, to, asked)
        await self._issue(draft, reply.occurred_at)

    async def settle(self, draft: Draft, outcome: Outcome) -> None:
        """Note what became of an answer: it is over, or a draft again. Raises TransientError."""
        reply = _leaving(draft).reply.event_id
        if outcome.refused is not None:
            await self.drafts.settle(refused_anew(draft, outcome.refused, await self._unsigned(draft)), reply)
        elif outcome.is_decided:
            words = await self.keeper.emptied(draft)
            await self.files.forget(_leaving(draft).files)
            await self.drafts.settle(sent(draft, words), reply)

    async def _unsigned(self, draft: Draft) -> Sealed | None:
        """Return what it said before somebody signed it; None: it stays as it was to leave."""
        try:
            return await self.keeper.unsigned(draft)
        except (ErasedError, UnopenableError):
            return None

    async def _go_on_with(self, draft: Draft) -> None:
        reply = _leaving(draft).reply
        kept = (await self.ports.messages.find_many([reply.outbound_id])).get(reply.outbound_id)
        if kept is not None:  # somebody began to give it: rights were looked at then, and the router looks again
            await self._go_on_with_given(draft, kept.at)
            return
        case = await self._case_within_rights(draft)
        if case is None:
            await self.settle(draft, Outcome(is_decided=True, refused=WITHOUT_RIGHT))
            return
        try:
            assert draft.words is not None  # it leaves with them
            words = await open_one(self.keeper.vault, WORDS.on(draft.draft_id, draft.words))
            await self.give(draft, case, words)
        except ErasedError:
            await self.drafts.settle(draft.model_copy(update={"leaving": None}), reply.event_id)
        except (UnopenableError, PermanentError) as exc:  # the alarm tells
            log.error("an answer cannot leave", draft_id=draft.draft_id, error=type(exc).__name__)
            await self.settle(draft, Outcome(is_decided=True, refused=UNREADABLE))

    async def _go_on_with_given(self, draft: Draft, at: datetime) -> None:
        """Give it again; not for whom the account was taken away: then what left is followed, and no more leaves."""
        if await is_disabled(self.accounts, _leaving(draft).reply.issued_by):
            leaving = _leaving(draft)
            await self.drafts.settle(given(draft, leaving, self.clock()), leaving.reply.event_id)
        else:
            await self._issue(draft, at)

    async def _case_within_rights(self, draft: Draft) -> CaseRecord | None:
        """Return the case if whoever sends it may do by now what is to be done."""
        leaving, now = _leaving(draft), self.clock()
        staff = await self.staff.now(since=leaving.due_at)
        sender = leaving.reply.issued_by
        agent = next((each for each in staff.agents if each.agent_id == sender), None)
        if agent is None or await is_disabled(self.accounts, sender):
            return None
        scope = self.staff.scopes.of(agent, staff, paris_date(now))
        case = await self.cases.find(scope, draft.case_id)
        acts = (CaseAct.ANSWER, CaseAct.SIGN, *((CaseAct.CLOSE,) if isinstance(leaving.then, CloseCase) else ()))
        if case is None or (draft.author == sender and self.town.wants_four_eyes(case.department)):
            return None  # signed alone, and the town wants four eyes by now
        return case if all(scope.may(act, case) for act in acts) else None

    async def _issue(self, draft: Draft, at: datetime) -> None:
        """Give the commands, of that time, one behind the other on the case's own key."""
        leaving = _leaving(draft)
        if draft.to_sign is not None:
            things = (draft.case_id, draft.draft_id, draft.author)
            sender = leaving.reply.issued_by
            entry = AuditEntry(at=at, agent=sender, act=Act.SIGNED, thing="draft", things=things)
            await self.ports.audit.record(entry)
        then = leaving.then and leaving.then.model_copy(update={"occurred_at": at})
        for command in (dated(leaving.reply, at), then):
            if command is not None:
                await issue(command, _ACTS[type(command)], self.ports)
        await self.drafts.settle(given(draft, leaving, self.clock()), leaving.reply.event_id)

    async def _follow(self, draft: Draft) -> None:
        leaving = _leaving(draft)
        known = (await self.commands.find_many([leaving.reply.event_id])).get(leaving.reply.event_id)
        if known is not None and known.done:
            await self.settle(draft, Outcome(is_decided=True, refused=known.refused))
        elif is_overdue(leaving, self.clock()):  # the router is down, say, or it ended as a dead letter
            await self.settle(draft, Outcome(is_decided=False, refused=UNCONFIRMED))
        else:
            await self.drafts.settle(looked_at(draft, leaving, self.clock()), leaving.reply.event_id)


def _sender(draft: Draft) -> AgentId | None:
    return draft.leaving.reply.issued_by if draft.leaving is not None else None


def _leaving(draft: Draft) -> Leaving:
    assert draft.leaving is not None  # of no other is there anything to be done
    return draft.leaving
