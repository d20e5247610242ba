"""Server-sent events for a page: that something changed, never what; the page then reads, within its scope."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from sse_starlette import ServerSentEvent

from agent_desk.handlers.live.live_feed import Change, Concerns, LiveFeed, as_before, concerns
from agent_desk.handlers.live.pace import Turn, at_once
from agent_desk.handlers.live.presence_board import Others, PresenceBoard
from guichet.case.record import CaseRecord
from guichet.contracts.calls import CallStep
from guichet.contracts.case_events import (
    CaseAssigned,
    CaseClosed,
    CaseDestroyed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    CaseRerouted,
    CaseSnoozed,
    ClockReached,
    FactStated,
    NoteAdded,
    ReceiptOwed,
)
from guichet.ids import AgentId, ProcedureId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Detail, Grant, Scope

SESSION_CHECKED_EVERY_S: Final = 30.0
_CHANGE_A_SYNTHESIS: Final = (
    *(CaseOpened, CaseMoved, CaseClosed, CaseReopened, CaseRerouted, CaseDestroyed),
    FactStated,  # of which procedure it is
)
_SHOWN: Final[tuple[Detail | None, ...]] = (None, "synthesis", "full")
ScopeNow = Callable[[], Awaitable[Scope | None]]
Announce = Callable[[CaseEvent], str]


@dataclass(frozen=True)
class ListAudience:
    """What an open list is told. Lists of equal grants are told the same, whoever looks at them."""

    grants: tuple[Grant, ...]
    scope: Scope = field(compare=False)

    @classmethod
    def to(cls, scope: Scope) -> "ListAudience":
        """Return what a scope is told."""
        return cls(scope.grants, scope)

    def __call__(self, event: CaseEvent) -> bool:
        """Say whether it is told of an event."""
        return is_told(self.scope, event)


class Onlooker:
    """Whoever looks at an open page, with what they may see. scope_now: None once their session is over.

    turn: when the page may be told.
    """

    def __init__(self, scope: Scope, scope_now: ScopeNow, turn: Turn = at_once) -> None:
        self.scope, self.turn = scope, turn
        self._scope_now = scope_now

    async def is_there(self) -> bool:
        """Say whether they are still signed in; from then on they see what their scope is by then."""
        scope = await self._scope_now()
        if scope is not None:
            self.scope = scope
        return scope is not None


async def list_stream(
    onlooker: Onlooker, seen: str, *, feed: LiveFeed, announce: Announce
) -> AsyncIterator[ServerSentEvent]:
    """Yield `changed` for every change that is theirs to know, and `announcement` with a sentence for screen readers.

    Of what they see in synthesis no sentence.
    """
    async for change in while_signed_in(onlooker, seen, feed=feed, concerned=ListAudience.to):
        yield ServerSentEvent(event="changed", data="")
        if change.event is not None and concerns(onlooker.scope.whole, change.event):
            yield ServerSentEvent(event="announcement", data=announce(change.event))


async def removal_stream(
    onlooker: Onlooker, seen: str, *, feed: LiveFeed, tell: Callable[[CaseEvent], str]
) -> AsyncIterator[ServerSentEvent]:
    """Yield `removed` for every case of which they see less from then on: its row goes before any list is read.

    R14 (docs/law.md 56) gives it two seconds. tell: what takes the row of an event's case from the page.
    """
    async with aclosing(feed.events(seen, lambda event: sees_less(onlooker.scope, event))) as events:
        async for event in events:
            yield ServerSentEvent(event="removed", data=tell(event))


async def case_stream(
    onlooker: Onlooker, case: CaseRecord, seen: str, *, feed: LiveFeed
) -> AsyncIterator[ServerSentEvent]:
    """Yield `changed` for what is theirs to know of one case, for as long as it exists and stays where it was found.

    The one that takes it out of the scope is told, whatever it was, so that the page finds nothing any more. Where it
    is handed over, or their scope becomes another one, the stream ends: whoever still sees the case, without being
    asked anything first, listens again.
    """
    scope = onlooker.scope

    def of_this_case(scope_now: Scope) -> Concerns:
        def is_theirs(event: CaseEvent) -> bool:
            if event.case_id != case.case_id:
                return False
            return _is_the_last(event, case, scope) or is_told(scope_now, event)

        return is_theirs

    async for change in while_signed_in(onlooker, seen, feed=feed, concerned=of_this_case):
        yield ServerSentEvent(event="changed", data="")
        if onlooker.scope != scope or (change.event is not None and _is_the_last(change.event, case, scope)):
            return


async def presence_stream(
    onlooker: Onlooker, case: CaseRecord, agent: AgentId, *, board: PresenceBoard, tell: Callable[[Others], str]
) -> AsyncIterator[ServerSentEvent]:
    """Say that an agent has a case open, and yield `presence` whenever who else has changes; of what they see whole.

    That somebody writes an answer is for who may: others are shown that they read.
    """
    if not onlooker.scope.whole.covers(case):
        return
    async with board.at(case.case_id, agent):
        async for others in board.others(case.case_id, agent):
            answers = onlooker.scope.may(CaseAct.ANSWER, case)
            shown = {who: types and answers for who, types in others.items()}
            yield ServerSentEvent(event="presence", data=tell(shown))


async def news_stream(
    changes: AsyncIterator[Change], tell: Callable[[], Awaitable[Sequence[str]]]
) -> AsyncIterator[ServerSentEvent]:
    """Yield `news` with each thing that there is to tell by now, whenever something may be addressed to an agent.

    changes: those that may_be_addressed finds.
    """
    async for _ in changes:
        for each in await tell():
            yield ServerSentEvent(event="news", data=each)


def may_be_addressed(event: CaseEvent, agent: AgentId, urgent: Collection[ProcedureId] = ()) -> bool:
    """Say whether an agent is perhaps told of an event.

    Whose a case is that comes back, is due, or in which somebody is to be called, the event does not say; nor who is on
    call, or heads a department.
    urgent: the procedures whose cases do not wait.
    """
    match event:
        case CaseOpened():
            return event.procedure in urgent and event.entered_by != agent
        case NoteAdded():
            return agent in event.mentions or event.call is CallStep.ASKED
        case CaseAssigned():
            return agent in (event.to, event.from_agent) and agent != event.by
        case CaseSnoozed():
            return event.until is None and event.by is None
        case ReceiptOwed():
            return not event.is_full
        case ClockReached():
            return True
    return False


def is_told(scope: Scope, event: CaseEvent) -> bool:
    """Say whether an open page is told of an event. A note's is for who may answer: others are shown none.

    Of a case that is seen in synthesis it is told what changes a synthesis: else who watches one would learn when
    somebody writes, or works on it.
    """
    if not concerns(scope.whole, event):
        return isinstance(event, _CHANGE_A_SYNTHESIS) and concerns(scope, event)
    return not isinstance(event, NoteAdded) or scope.may(CaseAct.ANSWER, event)


def sees_less(scope: Scope, event: CaseEvent) -> bool:
    """Say whether an event takes a case from a scope, or leaves of it what a synthesis shows."""
    match event:
        case CaseDestroyed():
            return scope.covers(event)
        case CaseRerouted() | FactStated():
            return _SHOWN.index(scope.detail_of(event)) < _SHOWN.index(scope.detail_of(as_before(event)))
    return False


def _is_the_last(event: CaseEvent, case: CaseRecord, scope: Scope) -> bool:
    """Say whether nothing more is told. case: as it was found: elsewhere a reason may be asked for that holds here."""
    is_elsewhere = (event.sector, event.department) != (case.sector, case.department)
    return isinstance(event, CaseDestroyed) or is_elsewhere or not scope.covers(event)


async def while_signed_in(
    onlooker: Onlooker, seen: str, *, feed: LiveFeed, concerned: Callable[[Scope], Concerns]
) -> AsyncIterator[Change]:
    """Yield changes until the session is over; it is looked up before each, and from time to time in between.

    Where their scope has changed meanwhile, everything has: they read again, once, and are told of no change apart.
    concerned: what is told to a scope.
    """
    scope = onlooker.scope
    changes = feed.changes(seen, concerned(scope), onlooker.turn)
    coming = asyncio.ensure_future(anext(changes))
    try:
        while await onlooker.is_there():
            if onlooker.scope != scope:
                await _end(coming, changes)
                scope = onlooker.scope
                changes = feed.changes(feed.position, concerned(scope), onlooker.turn)
                coming = asyncio.ensure_future(anext(changes))
                yield Change("", None)
            await asyncio.wait({coming}, timeout=SESSION_CHECKED_EVERY_S)
            if coming.done() and await onlooker.is_there() and onlooker.scope == scope:
                yield coming.result()
                coming = asyncio.ensure_future(anext(changes))
    finally:
        await _end(coming, changes)


async def _end(coming: asyncio.Future[Change], changes: AsyncGenerator[Change]) -> None:
    coming.cancel()
    await asyncio.wait({coming})
    await changes.aclose()
