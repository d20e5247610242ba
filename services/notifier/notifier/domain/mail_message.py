"""The mail that a letter becomes. Pure. Sources: RFC 5322 3.6.4 (threading), RFC 3834 (automatic responses)."""

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache
from typing import Final

from guichet.channel.outgoing.letter import Mail
from guichet.contracts.delivery import OWN_MAIL_HEADER, mail_message_id
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier
from guichet.errors import PermanentError
from guichet.french.prepositions import of_town
from guichet.privacy.normal_form import one_mailbox
from guichet.privacy.tokens import reply_address
from guichet.town import Town
from notifier.domain.unfinished_letter import EnclosedFile, UnfinishedLetter

_MESSAGE_ID: Final = re.compile(r"[!-;=?-~]{1,250}")  # printable ASCII without < and >
_IN_ENGLISH: Final = "\nIn English:"  # the line behind which our own letters, and the example town's, go on in English
_LONGEST_THREAD: Final = 20  # the root and the latest ones; a line has room for no more


@dataclass(frozen=True)
class MailWriter:
    """Makes mails of letters. reference_key: signs the reply address."""

    town: Town
    reference_key: bytes = field(repr=False)

    def finish(self, letter: UnfinishedLetter) -> Mail:
        """Return the mail as bytes, and who gets its bounces. Raises as `write` does."""
        sender = self.return_address(letter)
        in_ascii = (sender + letter.recipient).isascii()  # else SMTPUTF8 (RFC 6531), whose headers are in UTF-8
        return Mail(sender, self.write(letter).as_bytes(policy=SMTP if in_ascii else SMTPUTF8))

    def write(self, letter: UnfinishedLetter) -> EmailMessage:
        """Return the mail, the same for a letter at every call, and without a Date.

        Raises PermanentError (invalid-address) when the recipient is no address that a mail can carry.
        """
        mail = EmailMessage(policy=SMTP.clone(utf8=not letter.recipient.isascii()))
        town_hall = f"Mairie {of_town(self.town.name)}"
        mail["From"] = _author(town_hall, self.mailbox(letter))
        mail["To"] = _recipient(letter.recipient)
        mail["Reply-To"] = Address(town_hall, addr_spec=self.return_address(letter))
        mail["Subject"] = _one_line(letter.subject)
        mail["Message-ID"] = f"<{mail_message_id(letter.outbound_id, self.town.domain)}>"
        _thread(mail, letter)
        mail[OWN_MAIL_HEADER] = letter.outbound_id
        if letter.is_receipt:
            mail["Auto-Submitted"] = "auto-replied"
        mail.set_content(_well_formed(letter.text) + "\n", cte="quoted-printable")
        mail["Content-Language"] = _languages(letter.text)
        for file in letter.files:
            _enclose(mail, file)
        if letter.files:  # which the library draws by lot
            mail.set_boundary(f"{letter.outbound_id}=_")  # in base64 and quoted-printable no line has it
        return mail

    def mailbox(self, letter: UnfinishedLetter) -> str:
        """Return the town's mailbox that wrote back: the one that received, or the main one for other channels."""
        return letter.account if letter.account in self.town.mailboxes else self.town.main_mailbox

    def return_address(self, letter: UnfinishedLetter) -> str:
        """Return the signed address: answers and bounces that come to it join the case. Of several: the mailbox."""
        if letter.reference is None:
            return self.mailbox(letter)
        return reply_address(self.reference_key, letter.reference, self.mailbox(letter))


def _enclose(mail: EmailMessage, file: EnclosedFile) -> None:
    """Add a file, to be saved under its name: nothing of it is shown as the town's words."""
    kind, _, subtype = file.kept.content_type.partition("/")
    name = _one_line(file.name)
    if kind in ("message", "multipart") or not subtype:  # which a mail nests instead of enclosing them
        kind, subtype = "application", "octet-stream"
    mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=name, cte="base64")


@lru_cache(maxsize=256)
def _author(town_hall: str, mailbox: str) -> BaseHeader:
    """Return the header that names the town, read once: of every mail from a mailbox it is the same."""
    header: BaseHeader = SMTP.header_factory("From", str(Address(town_hall, addr_spec=mailbox)))
    return header


def _recipient(address: str) -> Address:
    """Parse the address in ASCII, where the library judges it; a local part in UTF-8 (RFC 6531) has the same shape.

    A comment in it, which the library leaves out, would lead to a mailbox that nobody counted receipts for.
    """
    username, _, domain = address.rpartition("@")
    in_ascii = "".join(letter if letter.isascii() else "x" for letter in address)
    try:
        if _mailbox(Address(addr_spec=in_ascii).addr_spec) != _mailbox(in_ascii):
            raise ValueError("it goes elsewhere than it says")
        if not (username and domain and address.isprintable()):
            raise ValueError("blank or unprintable")
    except (MessageError, ValueError, LookupError) as exc:
        raise PermanentError("the sender's address cannot stand in a mail", reason="invalid-address") from exc
    return Address(addr_spec=address) if address.isascii() else Address(username=username, domain=domain)


def _mailbox(address: str) -> str:
    return one_mailbox(Identifier(kind=MAIL_ADDRESS, value=address))


def _thread(mail: EmailMessage, letter: UnfinishedLetter) -> None:
    """Name the mail that is answered and those before it, leaving out ids that no mail could have."""
    if letter.thread is None or letter.thread.message_id is None:
        return
    before = letter.thread.references or letter.thread.in_reply_to
    chain = [each for each in (*before, letter.thread.message_id) if _MESSAGE_ID.fullmatch(each)]
    if len(chain) > _LONGEST_THREAD:
        chain = [chain[0], *chain[1 - _LONGEST_THREAD :]]
    if chain:
        mail["References"] = " ".join(f"<{each}>" for each in chain)
    if _MESSAGE_ID.fullmatch(letter.thread.message_id):
        mail["In-Reply-To"] = f"<{letter.thread.message_id}>"


def _languages(text: str) -> str:
    """Return in which languages a mail is, for its readers to choose by (RFC 3282)."""
    return "fr, en" if _IN_ENGLISH in text else "fr"


def _one_line(text: str) -> str:
    return " ".join(_well_formed(text).split())


def _well_formed(text: str) -> str:
    """Replace what no UTF-8 text can hold (lone surrogates) and NUL, which some servers refuse."""
    return text.encode("utf-8", errors="replace").decode().replace("\x00", "")
