"""Send one mail from the town to itself, so that its own mail system says what it finds of it."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from guichet.contracts.delivery import OWN_MAIL_HEADER
from guichet.errors import GuichetError, SettingsError
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.runtime.clock import clock_to_look_at
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options
from guichet.town import load_town
from guichet_mail.settings import TownFolder

TIMEOUT_S = 60.0
TEXT = """\
Ce courriel d’essai est parti de la mairie vers sa propre boîte, par « guichet town mail ».
Il sert à lire ce que votre messagerie dit de SPF, DKIM et DMARC. Vous pouvez le supprimer.
"""


async def send_trial(settings: SmtpSettings, words: tuple[str, ...]) -> list[str]:
    """Hand the mail to the relay; return who it is from. words: its Message-ID, and the address that it goes to.

    It goes to mailboxes of the town alone: raises SettingsError for any other, GuichetError where the relay refuses.
    """
    message_id, recipient = words
    folder = TownFolder().town
    if folder is None:
        raise SettingsError("GUICHET_TOWN is not set: the town's mailboxes stand in that folder.")
    town = load_town(folder)
    if recipient not in town.mailboxes:
        raise SettingsError(f"{recipient} is no mailbox of town.yaml: a trial goes to the town alone.")
    mail = _mail(Address(town.name, addr_spec=town.main_mailbox), recipient, message_id)
    try:
        await aiosmtplib.send(mail, timeout=TIMEOUT_S, **relay_options(settings))
    except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        raise GuichetError(f"{where} did not take the mail ({type(exc).__name__}). See: guichet town check") from exc
    return [town.main_mailbox]


def _mail(sender: Address, recipient: str, message_id: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, recipient
    mail["Subject"] = with_no_break_spaces("Guichet : essai de SPF, DKIM et DMARC")
    mail["Date"] = format_datetime(clock_to_look_at().now())
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail[OWN_MAIL_HEADER] = "trial"  # should it be taken in, nobody answers it
    mail.set_content(with_no_break_spaces(TEXT))
    return mail
