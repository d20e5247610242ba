"""Where a mail is read: a small plain one here and now, any other in a process with limits."""

from dataclasses import dataclass
from datetime import datetime

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from ingest_email.limited_readers import LimitedReaders
from ingest_email.parse_mail import MailReader


@dataclass(frozen=True)
class MailReading:
    """Reads mails without keeping anything else waiting."""

    reader: MailReader
    limited: LimitedReaders

    async def read(self, envelope: Envelope, received_at: datetime) -> Draft:
        """Return the draft of a mail. Raises PermanentError and TransientError."""
        reading = self.reader.understand_quickly(envelope) or await self.limited.read(envelope)
        return self.reader.named(reading, received_at)
