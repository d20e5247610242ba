"""A letter that an agent has completed becomes one message, whoever is killed in between.

What was typed is kept with the letter first, and what was kept first stands: so the message says the same however often
it is made. Then it is accepted like any other; then the letter is done. Whoever finds one that was begun goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from agent_desk.domain.entered.stamp import receipt_by_stamp
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.typed_day import typed_day
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.letters.letter_box import departments_of
from agent_desk.handlers.letters.recognise_text import ReadTexts
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.edge import Edge
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import PaperOriginal
from guichet.contracts.topics import INBOUND_DESK
from guichet.errors import ErasedError, PermanentError, TransientError
from guichet.ids import AgentId, MessageId
from guichet.privacy.pseudonyms import message_id
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.letters import SCAN, SHEET, TYPED, Filing, Letter, Letters, TypedLetter
from guichet.vault.fields import open_one
from guichet.vault.ports import Vault

log = structlog.get_logger()

LEFT_BEHIND: Final = timedelta(minutes=1)  # a request is long over by then: whoever began it is gone
LOOK_EVERY: Final = timedelta(minutes=1)


@dataclass(eq=False)
class CompletedError(Exception):
    """A colleague has completed the letter: what stands is what they typed."""

    by: AgentId


@dataclass(frozen=True, kw_only=True)
class FileLetter:
    """Files letters. channel: that they come by. account: the town's mailbox that they count as written to."""

    letters: Letters
    vault: Vault
    edge: Edge
    audit: AuditTrail
    texts: ReadTexts
    message_id_key: bytes
    channel: ChannelName
    account: str
    clock: Callable[[], datetime]

    async def file(self, visitor: Visitor, batch: str, number: int, typed: TakenDown) -> MessageId:
        """Return the letter's message once what was typed is kept; while the broker is away it is filed later.

        typed: without errors. A letter that somebody has completed is filed as they did. Raises CompletedError where
        that was a colleague, NotFoundError, TransientError, ErasedError, UnopenableError.
        """
        letter = await self.letters.find(departments_of(visitor), batch, number)
        if letter is None:
            raise NotFoundError
        now, agent = self.clock(), visitor.agent.agent_id
        message = message_id(self.message_id_key, self.channel, self.account, letter.letter_id)
        if letter.filing is None:
            noted = AuditEntry(at=now, agent=agent, act=Act.ENTERED, thing="message", things=(message,))
            await self.audit.record(noted)
            (key,) = (await self.vault.open_keys([letter.sheet.key_id])).values() or (None,)
            if key is None:
                raise ErasedError(f"letter {letter.letter_id} was erased")
            said = await self._said(letter, typed)
            filing = Filing(message_id=message, by=agent, at=now, typed=TYPED.seal(key, letter.letter_id, said))
            stands = await self.letters.begin(letter.letter_id, filing)
            if stands is None:
                raise NotFoundError
            letter = stands
        if letter.filing is not None and letter.filing.by != agent:
            raise CompletedError(letter.filing.by)
        try:
            await self._accept(letter)
        except TransientError as exc:
            log.warning("letter kept, and filed later", letter_id=letter.letter_id, error=str(exc))
        return message

    async def go_on(self) -> None:
        """File what was completed and left behind. Raises TransientError."""
        for letter in await self.letters.begun(self.clock() - LEFT_BEHIND):
            try:
                await self._accept(letter)
            except PermanentError as exc:  # the alarm tells; the others go on
                log.error(
                    "a letter that was begun cannot be filed", letter_id=letter.letter_id, error=type(exc).__name__
                )

    async def _said(self, letter: Letter, typed: TakenDown) -> TypedLetter:
        sheet = await open_one(self.vault, SHEET.on(letter.letter_id, letter.sheet))
        kept_at = typed.kept_at.strip() or None
        original = PaperOriginal(kept_at=kept_at, scan_sha256=sheet.scan_sha256, pages=letter.pages)
        content = typed.content.model_copy(update={"original": original})
        day = typed.received_on
        return TypedLetter(content=content, procedure=typed.chosen, received=day.isoformat() if day else letter.stamp)

    async def _accept(self, letter: Letter) -> None:
        """Have the message of a completed letter accepted, and note it; nothing where that is done."""
        filing = letter.filing
        if filing is None or filing.typed is None or letter.scan is None:
            return
        said = await open_one(self.vault, TYPED.on(letter.letter_id, filing.typed))
        scan = await open_one(self.vault, SCAN.on(letter.letter_id, letter.scan))
        draft = Draft(
            channel=self.channel,
            accounts=(self.account,),
            message_id=filing.message_id,
            content=said.content,
            received_at=filing.at,
            sender_key_value=f"{filing.by}\n{said.content.display_name}",
            files=(DraftFile("courrier.pdf", "application/pdf", scan),),
            entered_by=filing.by,
            procedure=said.procedure,
        )
        await self.edge.accept(INBOUND_DESK, draft.dated(receipt_by_stamp(typed_day(said.received), filing.at)))
        await self.letters.finish(letter.letter_id, self.clock())
        self.texts.forget(letter.letter_id)
