"""Which messages are mails, and what a mail program is shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from guichet.contracts.channels import Form
from guichet.contracts.delivery import mail_message_id
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import MessageId
from guichet.mongo.snapshot import Snapshot
from guichet.store.deliveries.store import COLLECTION as DELIVERIES
from guichet.store.messages.document import (
    INBOUND_CONTENT,
    MessageDocument,
    OutboundContent,
)
from guichet.store.messages.store import COLLECTION as MESSAGES
from guichet.town.town import Town
from guichet.vault.fields import SealedValue, open_each
from guichet.vault.ports import KeyOpener
from guichet_cli.town_export.mail_text import File, Mail

MailContent = InboundContent | OutboundContent
Senders = Mapping[MessageId, str]
"""Outbound id → the address of who is answered."""
NOBODY_KNOWN: Final[Senders] = {}


@dataclass(frozen=True)
class Mails:
    """Makes mails of messages. town: for its domain and its channels."""

    snapshot: Snapshot
    keys: KeyOpener = field(repr=False)
    town: Town

    async def answered(self, sent: Sequence[MessageDocument]) -> Senders:
        """Return to whom each of these messages of the town went. Raises TransientError."""
        mails = [each.message_id for each in sent if self._is_letter(each)]
        owed = await self.snapshot.of(DELIVERIES, "_id", mails) if mails else []
        answers = {MessageId(each["_id"]): MessageId(each["answers"]) for each in owed}
        found = await self.snapshot.of(MESSAGES, "_id", sorted({*answers.values()})) if answers else []
        asked = [MessageDocument.model_validate(each) for each in found if "erased_at" not in each]
        opened = await open_each(
            self.keys,
            {each.message_id: SealedValue(INBOUND_CONTENT, each.message_id, each.content) for each in asked},
        )
        return {
            name: opened.values[message].sender[0].value
            for name, message in answers.items()
            if message in opened.values and opened.values[message].sender
        }

    def mail(
        self, message: MessageDocument, content: MailContent, files: Sequence[File], to: str | None
    ) -> Mail | None:
        """Return a message as a mail; None for what is none."""
        if isinstance(content, InboundContent):
            return None if content.thread is None else _received(message, content, files)
        return self._sent(message, content, files, to) if self._is_letter(message) else None

    def _is_letter(self, message: MessageDocument) -> bool:
        facts = self.town.facts.get(message.channel)
        return facts is not None and facts.form is Form.MAIL

    def _sent(self, message: MessageDocument, content: OutboundContent, files: Sequence[File], to: str | None) -> Mail:
        """Return it as it left: to the address that an agent chose, else to who is answered.

        From its case's mailbox; where that case came in by no mail, from the town's main one.
        """
        account, to = next(iter(message.accounts), ""), content.to.value if content.to else to
        return Mail(
            guichet_id=message.message_id,
            at=message.at,
            sender=account if account in self.town.mailboxes else self.town.main_mailbox,
            sender_name=self.town.name,
            to=(to,) if to else (),
            subject=content.subject or "",
            message_id=mail_message_id(message.message_id, self.town.domain),
            text=content.text,
            files=files,
        )


def _received(message: MessageDocument, content: InboundContent, files: Sequence[File]) -> Mail:
    thread = content.thread
    assert thread is not None
    return Mail(
        guichet_id=message.message_id,
        at=content.written_at or message.date_of_receipt,
        sender=content.sender[0].value if content.sender else "",
        sender_name=content.display_name or "",
        to=thread.to_addresses or message.accounts,
        subject=content.subject or "",
        message_id=thread.message_id or "",
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        text=content.text,
        files=files,
    )
