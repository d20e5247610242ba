"""Who a mail says it is from, where nobody can read more of it. Pure."""

from guichet.channel.envelope import Envelope
from guichet.channel.text import clean_text
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier
from guichet_mail.read.headers import read_head


def named_senders(envelope: Envelope) -> tuple[Identifier, ...]:
    """Return the addresses of the envelope's sender, From and Sender, each once: whoever is erased takes it along."""
    headers = read_head(envelope.content)
    written = (each.address for name in ("from", "sender") for each in headers.mailboxes(name))
    addresses = dict.fromkeys(filter(None, (clean_text(envelope.return_path.strip("<> ")), *written)))
    return tuple(Identifier(kind=MAIL_ADDRESS, value=each) for each in addresses)
