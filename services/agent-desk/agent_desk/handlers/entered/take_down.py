"""What an agent took down becomes a message that cannot be lost any more, and opens a case."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.domain.entered.stamp import receipt_by_stamp
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.live.live_feed import LiveFeed
from guichet.case.record import CaseRecord
from guichet.channel.draft import Draft
from guichet.channel.edge import Edge
from guichet.contracts.topics import INBOUND_DESK
from guichet.errors import BugError
from guichet.ids import MessageId, Reference, case_id, derive_id
from guichet.privacy.pseudonyms import keyed_digest, message_id
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.reader import CaseReader


async def nothing_is_unreadable(*_: object, **__: object) -> None:
    """What the edge does with a payload that nobody can read: the desk hands it none, only what was typed."""
    raise BugError("the desk reads no payloads")


@dataclass(frozen=True, kw_only=True)
class TakeDown:
    """Accepts what agents take down. account: the town's mailbox that it counts as written to.

    patience: how long an agent waits for the case.
    """

    edge: Edge
    cases: CaseReader
    feed: LiveFeed
    audit: AuditTrail
    message_id_key: bytes
    account: str
    patience: timedelta
    clock: Callable[[], datetime]

    @property
    def position(self) -> str:
        """Where hearing stands now: to be read before a message is accepted."""
        return self.feed.position

    async def accept(self, visitor: Visitor, typed: TakenDown) -> MessageId:
        """Return the message's id once the broker holds it. A double click is one message. Raises TransientError.

        typed: without errors. The id covers the form and everything it says, as that of a decision does.
        """
        now, agent = self.clock(), visitor.agent.agent_id
        digest = keyed_digest(self.message_id_key, typed.content.model_dump_json().encode())
        when = f"{typed.received_on or ''}{' on-the-spot' if typed.on_the_spot else ''}"
        said = derive_id("entered", agent, typed.once, typed.way, typed.procedure, digest, when)
        message = message_id(self.message_id_key, typed.way, self.account, said)
        draft = Draft(
            channel=typed.way,
            accounts=(self.account,),
            message_id=message,
            content=typed.content,
            received_at=now,
            sender_key_value=f"{agent}\n{typed.name}",
            entered_by=agent,
            procedure=typed.chosen,
            on_the_spot=typed.on_the_spot,
        ).dated(receipt_by_stamp(typed.received_on, now))
        await self.record(visitor, draft)
        return await self.accept_draft(draft)

    async def record(self, visitor: Visitor, draft: Draft) -> None:
        """Note who enters a message; to be done before it is handed over. Raises TransientError."""
        by, things = visitor.agent.agent_id, (draft.message_id,)
        noted = AuditEntry(at=draft.at_our_edge, agent=by, act=Act.ENTERED, thing="message", things=things)
        await self.audit.record(noted)

    async def accept_draft(self, draft: Draft) -> MessageId:
        """Return a message's id once the broker holds it. Raises TransientError."""
        return await self.edge.accept(INBOUND_DESK, draft)

    async def own_case(self, visitor: Visitor, reference: str) -> CaseRecord | None:
        """Return the case of a reference, if the visitor took it down and may see it. Raises TransientError."""
        case = await self.cases.find_by_reference(visitor.scope, Reference(reference))
        return case if case is not None and case.entered_by == visitor.agent.agent_id else None

    async def case_of(self, visitor: Visitor, message: MessageId, since: str) -> CaseRecord | None:
        """Return the case that a message has opened, once it has; None: not yet, or not the visitor's to see.

        since: the position before the message was accepted. Raises TransientError.
        """
        opened = case_id(message)
        if (case := await self.cases.find(visitor.scope, opened)) is not None:  # a double click: it is there already
            return case
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(self.patience.total_seconds()),
                aclosing(self.feed.changes(since, lambda event: event.case_id == opened)) as changes,
            ):
                await anext(changes)
        return await self.cases.find(visitor.scope, opened)
