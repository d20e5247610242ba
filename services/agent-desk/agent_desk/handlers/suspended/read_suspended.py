"""Read suspended mail for a visitor: within their scope, opened, noted before anything is shown, and then seen.

Without the right there is no department in the scope: the same is asked and noted, and nothing is found.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.list_pages import ROWS
from agent_desk.domain.suspended.suspended_query import HERE, SuspendedQuery
from agent_desk.domain.suspended.suspended_view import SuspendedPage, SuspendedView, suspended_view
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.open_files import FileOpener, OpenedFile
from agent_desk.handlers.open_sealed import open_words
from guichet.ids import MessageId, Reference
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.reader import CaseReader
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.suspended import SuspendedMailReader
from guichet.store.messages.suspension import RELEASABLE, SuspensionState
from guichet.store.unseen_mail import UnseenMails
from guichet.vault.fields import Opened
from guichet.vault.ports import KeyOpener

THING = "suspended-mail"


@dataclass(frozen=True, kw_only=True)
class ScopedSuspendedMail:
    """Every way an agent reads suspended mail. Each raises NotFoundError alike for what is missing and out of scope."""

    suspended: SuspendedMailReader
    unseen: UnseenMails
    cases: CaseReader
    opener: KeyOpener
    files: FileOpener
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def list_mail(self, visitor: Visitor, query: SuspendedQuery) -> SuspendedPage:
        """Return a page of what waits for the visitor, or of what was confirmed as spam."""
        scope = visitor.suspended_scope
        found = await self.suspended.list_suspended(scope, query.filter)
        waiting = await self.suspended.count(scope, SuspensionState.WAITING)
        spam = await self.suspended.count(scope, SuspensionState.SPAM)
        shown = [message.message_id for message in found[:ROWS]]
        if not visitor.agent.suspended_mail:
            await self._note(visitor, Act.NOT_FOUND, ())
            raise NotFoundError
        unseen = await self.unseen.among(shown)
        rows = await self._views(found[:ROWS], unseen)
        await self._note(visitor, Act.LISTED, shown)
        await self.unseen.forget(unseen)
        return SuspendedPage(rows, waiting, spam, query.page, query.page + 1 if len(found) > ROWS else None)

    async def find_mail(self, visitor: Visitor, message: str) -> MessageDocument:
        """Return a suspended mail of the visitor's scope, decided on or not, without opening it."""
        found = await self.suspended.find(visitor.suspended_scope, MessageId(message))
        if found is None:
            await self._note(visitor, Act.NOT_FOUND, ())
            raise NotFoundError
        return found

    async def read_mail(self, visitor: Visitor, message: str) -> SuspendedView:
        """Return a suspended mail; once it is decided on, what was decided and no word of it."""
        found = await self.find_mail(visitor, message)
        [view] = await self._views([found], frozenset())
        await self._note(visitor, Act.READ, [found.message_id])
        await self.unseen.forget([found.message_id])
        return view.gone_to(await self.case_of(visitor, found))

    async def read_file(self, visitor: Visitor, message: str, number: int) -> OpenedFile:
        """Return a file of a mail that waits, opened and seen by the antivirus. Raises TamperedError, WithheldError."""
        found = await self.find_mail(visitor, message)
        if not _is_read_here(found) or not 1 <= number <= len(found.attachments):
            await self._note(visitor, Act.NOT_FOUND, [found.message_id])
            raise NotFoundError
        file = await self.files.open(found, number, back=f"{HERE}/{found.message_id}", message_id=found.message_id)
        await self._note(visitor, Act.READ, [found.message_id, found.attachments[number - 1].attachment_id])
        return file

    async def case_of(self, visitor: Visitor, message: MessageDocument) -> Reference | None:
        """Return the reference of the case that a mail went to; None for none, or one out of the visitor's scope."""
        case = await self.cases.find(visitor.listed, message.filed) if message.filed is not None else None
        return case.reference if case is not None else None

    async def _views(
        self, messages: Sequence[MessageDocument], unseen: frozenset[MessageId]
    ) -> tuple[SuspendedView, ...]:
        readable = [message for message in messages if _is_read_here(message)]
        words = await open_words(self.opener, readable) if readable else Opened({}, frozenset())
        return tuple(
            suspended_view(message, message.suspended, words, unseen=message.message_id in unseen)
            for message in messages
            if message.suspended is not None
        )

    async def _note(self, visitor: Visitor, act: Act, things: Iterable[str]) -> None:
        await self.audit.record(
            AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=act, thing=THING, things=tuple(things))
        )


def _is_read_here(message: MessageDocument) -> bool:
    """Say whether its words are for who looks at suspended mail: released, they are for who has the case."""
    return message.suspended is not None and message.suspended.state in RELEASABLE
