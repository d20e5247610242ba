"""Mails as citizens write them: a plain part and its HTML twin, as most programs send. Everybody writes once."""

import secrets
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime

from guichet_bench.payloads.payloads import TEXT
from guichet_bench.wires.lmtp_wire import hand_over
from guichet_bench.wires.load import Exchange


def mails(numbers: Iterable[int], mailbox: str) -> Iterator[Exchange]:
    """Yield mails of different invented citizens to one of the town's mailboxes."""
    written = format_datetime(localtime())
    for number in numbers:
        sender = f"citoyen.{number}@courriel.example"
        yield hand_over(sender, mailbox, mail(number, sender, mailbox, written))


def mail(number: int, sender: str, mailbox: str, written: str) -> bytes:
    """Return one mail's bytes, about 1.5 KB. written: the Date header."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = f"Citoyen Numéro {number} <{sender}>"
    letter["To"] = mailbox
    letter["Subject"] = f"Lampadaire en panne, rue des Lilas ({number})"
    letter["Date"] = written
    letter["Message-ID"] = f"<{secrets.token_hex(12)}@courriel.example>"
    letter["Received"] = "from mx.courriel.example by mail.mairie.example; Tue, 3 Mar 2026 10:00:00 +0100"
    letter.set_content(f"{TEXT}\n\n-- \nCitoyen {number}\n")
    letter.add_alternative(f"<html><body><p>{TEXT}</p><p>Citoyen {number}</p></body></html>", subtype="html")
    return letter.as_bytes()
