"""From an intent to a letter: open the citizen's message, write the receipt's words once, find the address."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import IdentifierKind, InboundContent
from guichet.errors import ErasedError, PermanentError
from guichet.ids import CaseId, MessageId
from guichet.privacy.sealing import DataKey, M, Thing, seal_model, unseal_model
from guichet.privacy.vault import KeyOpener, KeySource
from guichet.store.case_document import CaseDocument
from guichet.store.cases import CaseStore
from guichet.store.delivery_document import DeliveryDocument
from guichet.store.message_document import Direction, MessageDocument, OutboundContent
from guichet.store.messages import MessageStore
from notifier.letter import Letter
from notifier.wording import BY_MAIL, Wording

_CONTENT: Final = "content"
_KIND_OF: Final = {
    Channel.EMAIL: IdentifierKind.EMAIL,
    Channel.PORTAL: IdentifierKind.EMAIL,
    Channel.SMS: IdentifierKind.PHONE,
    Channel.WHATSAPP: IdentifierKind.PHONE,
    Channel.TELEGRAM: IdentifierKind.TELEGRAM,
}


@dataclass(frozen=True)
class LetterWriter:
    """Writes letters. keys: for receipts. Every method raises TransientError while the store or the vault is away."""

    cases: CaseStore
    messages: MessageStore
    keys: KeySource
    opener: KeyOpener
    wording: Wording
    clock: Callable[[], datetime]

    async def write(self, delivery: DeliveryDocument) -> Letter:
        """Return the letter of an intent, with the same words at every call.

        Raises ErasedError when its case, its words or the message that it answers are gone, PermanentError
        (no-address) when the citizen left no address for the channel.
        """
        case, (answered, inbound) = await asyncio.gather(self._case(delivery.case_id), self._answered(delivery))
        content = await self._content(delivery, case, inbound)
        return Letter(
            outbound_id=delivery.outbound_id,
            channel=delivery.channel,
            account=delivery.account,
            reference=case.reference,
            is_receipt=delivery.purpose is not Purpose.REPLY,
            recipient=_address(inbound, delivery.channel),
            subject=content.subject or "",
            text=content.text,
            thread=inbound.thread if answered.channel is Channel.EMAIL else None,
        )

    async def _case(self, case_id: CaseId) -> CaseDocument:
        case = (await self.cases.find_many([case_id])).get(case_id)
        if case is None or case.erasing:
            raise ErasedError(f"case {case_id} is erased")
        return case

    async def _answered(self, delivery: DeliveryDocument) -> tuple[MessageDocument, InboundContent]:
        answered = await self._message(delivery.answers)
        if answered is None:
            raise ErasedError(f"message {delivery.answers} is gone")
        return answered, await self._open(answered, InboundContent)

    async def _content(
        self, delivery: DeliveryDocument, case: CaseDocument, inbound: InboundContent
    ) -> OutboundContent:
        if delivery.purpose is Purpose.REPLY:
            reply = await self._kept(delivery)
            return self.wording.reply(case, delivery.channel, reply.text, inbound.subject)
        if delivery.attempts > 1 and (kept := await self._message(delivery.outbound_id)):
            return await self._open(kept, OutboundContent)
        subject = inbound.subject if delivery.channel in BY_MAIL else None
        words = self.wording.receipt(case, delivery.channel, subject)
        return words if await self._keep(words, delivery, case) else await self._kept(delivery)

    async def _keep(self, words: OutboundContent, delivery: DeliveryDocument, case: CaseDocument) -> bool:
        """Keep the receipt before it is sent: agents see it, and a second attempt says the same words.

        Returns False where somebody wrote it before.
        """
        [key] = await self.keys.new_keys(1)
        return await self.messages.insert_outbound(
            MessageDocument(
                _id=delivery.outbound_id,
                direction=Direction.OUTBOUND,
                channel=delivery.channel,
                accounts=(delivery.account,),
                at=self.clock(),
                filed=case.case_id,
                sector=case.sector,
                citizen=case.citizen,
                content=seal_model(key, _thing(delivery.outbound_id), _CONTENT, words),
                purpose=delivery.purpose,
            )
        )

    async def _kept(self, delivery: DeliveryDocument) -> OutboundContent:
        kept = await self._message(delivery.outbound_id)
        if kept is None:
            raise ErasedError(f"{delivery.purpose} {delivery.outbound_id} is gone")
        return await self._open(kept, OutboundContent)

    async def _message(self, message_id: MessageId) -> MessageDocument | None:
        return (await self.messages.find_many([message_id])).get(message_id)

    async def _open(self, message: MessageDocument, model: type[M]) -> M:
        key = await self._key(message)
        return unseal_model(key, _thing(message.message_id), _CONTENT, message.content, model)

    async def _key(self, message: MessageDocument) -> DataKey:
        key_id = message.content.key_id
        key = (await self.opener.open_keys([key_id])).get(key_id)
        if key is None:
            raise ErasedError(f"message {message.message_id} is erased")
        return key


def _thing(message_id: MessageId) -> Thing:
    return Thing("message", message_id)


def _address(inbound: InboundContent, channel: Channel) -> str:
    wanted = _KIND_OF[channel]
    if not inbound.sender or inbound.sender[0].kind is not wanted:
        raise PermanentError(f"the sender left no {wanted.value} address", reason="no-address")
    return inbound.sender[0].value
