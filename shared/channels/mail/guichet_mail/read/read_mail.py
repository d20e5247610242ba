"""Where a mail is read: a small plain one here and now, any other in a process with limits."""

from datetime import datetime

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet_mail.read.identity import id_of_cut
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.parse import MailReader
from guichet_mail.read.small import cut_small


async def read_mail(reader: MailReader, limited: LimitedReaders, envelope: Envelope, arrived_at: datetime) -> Draft:
    """Return the draft of a mail without keeping anything else waiting. Raises PermanentError and TransientError."""
    small = cut_small(envelope.content)
    reading = (small and reader.understand_plain(small, envelope)) or await limited.read(envelope)
    # by this process: who breaks into a reader cannot have another's mail taken for one that came twice
    message_id = id_of_cut(small, envelope.content, reader.message_id_key)
    return reader.named(reading, envelope, message_id, arrived_at)
