"""Send one mail from the town to itself, so that its own mail system says what it finds of it, or to an agent, so that
they see what citizens will read."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import aiosmtplib

from guichet.contracts.delivery import OWN_MAIL_HEADER
from guichet.errors import GuichetError, SettingsError
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.calendar import paris_date
from guichet.runtime.clock import clock_to_look_at
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options
from guichet.town import Town, load_town
from guichet_mail.settings import TownFolder

TIMEOUT_S = 60.0
TEXT = """\
Ce courriel d’essai est parti de la mairie vers sa propre boîte, par « guichet town mail ».
Il sert à lire ce que votre messagerie dit de SPF, DKIM et DMARC. Vous pouvez le supprimer.
"""
_SUBJECT: Final = "Guichet : essai de SPF, DKIM et DMARC"
_NO_LETTER: Final = "[Essai des textes de la mairie : tout y est inventé, rien n’a été reçu ni décidé.]"


async def send_trial(settings: SmtpSettings, words: tuple[str, ...]) -> list[str]:
    """Hand the mail to the relay; return who it is from. words: its Message-ID, and the address that it goes to.

    It goes to mailboxes of the town alone: raises SettingsError for any other, GuichetError where the relay refuses.
    """
    message_id, recipient = words
    town = _town()
    if recipient not in town.mailboxes:
        raise SettingsError(f"{recipient} is no mailbox of town.yaml: a trial goes to the town alone.")
    return await _send(settings, town, _mail(town, recipient, message_id, _SUBJECT, with_no_break_spaces(TEXT)))


async def send_words_trial(settings: SmtpSettings, words: tuple[str, ...]) -> list[str]:
    """Hand over a letter with invented values; return who it is from. words: Message-ID, address, subject and text.

    It goes to mailboxes of the town and of its agents alone: raises SettingsError for any other, and in a
    demonstration, GuichetError where the relay refuses.
    """
    message_id, recipient, subject, text = words
    town = _town()
    if town.demonstration:
        raise SettingsError("This town is a demonstration (town.yaml): nothing leaves it.")
    if recipient not in town.trial_mailboxes(paris_date(clock_to_look_at().now())):
        raise SettingsError(f"{recipient} is no mailbox of town.yaml or agents.yaml: a trial goes to no citizen.")
    marked = f"[ESSAI] {subject}"
    return await _send(settings, town, _mail(town, recipient, message_id, marked, f"{_NO_LETTER}\n\n{text}\n"))


def _town() -> Town:
    folder = TownFolder().town
    if folder is None:
        raise SettingsError("GUICHET_TOWN is not set: the town's mailboxes stand in that folder.")
    return load_town(folder)


async def _send(settings: SmtpSettings, town: Town, mail: EmailMessage) -> list[str]:
    try:
        await aiosmtplib.send(mail, timeout=TIMEOUT_S, **relay_options(settings))
    except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        raise GuichetError(f"{where} did not take the mail ({type(exc).__name__}). See: guichet town check") from exc
    return [town.main_mailbox]


def _mail(town: Town, recipient: str, message_id: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = Address(town.name, addr_spec=town.main_mailbox), recipient
    mail["Subject"] = with_no_break_spaces(" ".join(subject.split()))  # a template may have two lines
    mail["Date"] = format_datetime(clock_to_look_at().now())
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail[OWN_MAIL_HEADER] = "trial"  # should it be taken in, nobody answers it
    mail.set_content(text)
    return mail
