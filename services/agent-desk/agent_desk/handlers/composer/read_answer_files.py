"""Look at a file of an answer before it leaves: its author does, and who is to sign it (docs/decisions/0078)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.composer.attachments import SentFile
from agent_desk.domain.composer.four_eyes import files_shown
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.composer.answer_files import AnswerFiles
from guichet.case.record import CaseRecord
from guichet.errors import ErasedError, PermanentError, UnopenableError
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.drafts import Drafts
from guichet.town.town import Town


@dataclass(frozen=True, kw_only=True)
class AnswerFileReader:
    """Opens files of drafts for who is shown them. The antivirus saw each before it was attached. clock: aware UTC."""

    drafts: Drafts
    files: AnswerFiles
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    async def read(self, visitor: Visitor, case: CaseRecord, file_id: str) -> SentFile:
        """Return a file of an answer to a case that the visitor may answer, noted before it is given.

        Raises NotFoundError where no draft that they are shown names it, or it is gone; UnopenableError;
        TransientError.
        """
        for draft in await self.drafts.of_case(case.case_id):
            shown = files_shown(draft, visitor.scope, case, self.town)
            named = [each for each in shown if each.file_id == file_id][:1]
            if named:
                try:
                    (file,) = await self.files.opened_of(draft, named)
                except UnopenableError:
                    raise
                except (ErasedError, PermanentError) as exc:  # gone meanwhile
                    raise NotFoundError from exc
                await self._note(visitor, Act.READ, case.case_id, draft.draft_id, file_id)
                return file
        await self._note(visitor, Act.NOT_FOUND, case.case_id)
        raise NotFoundError

    async def _note(self, visitor: Visitor, act: Act, *things: str) -> None:
        entry = AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=act, thing="attachment", things=things)
        await self.audit.record(entry)
