"""The sender of the town's relay."""

from guichet.channel.outgoing.sender import Sender
from guichet.runtime.clock import clock_of
from guichet.runtime.settings import SmtpSettings
from guichet_mail.send.sender import MailSender


def open_relay(settings: SmtpSettings) -> Sender:
    """Return who hands mails to the relay, dated when they leave. Raises SettingsError for a wrong clock."""
    return MailSender(settings, clock=clock_of("sender-mail").now)
