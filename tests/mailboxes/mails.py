"""The mails: who lies where, and by which id each must be known. Seeded; everybody in them is invented."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from guichet.channel.envelope import Envelope
from guichet.ids import MessageId
from guichet_mail.read.parse import MailReader
from tests.mailboxes.boxes import ADDRESS, Box

OLDEST: Final = timedelta(days=20)  # the mailbox took mails over so long a time
IN_TWO: Final = 25  # one in so many lies in a second mailbox too
READ_AT: Final = datetime(2026, 11, 2, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Mail:
    """One mail. header: its Message-ID. message_id: what Guichet must know it by. boxes: where it is delivered."""

    header: str
    content: bytes
    received_at: datetime
    message_id: MessageId
    boxes: tuple[Box, ...]


def make_mails(seed: int, count: int, boxes: Sequence[Box], reader: MailReader, now: datetime) -> list[Mail]:
    """Return so many mails, spread over the mailboxes in turn. now: before which all were received."""
    chance = random.Random(seed)
    sound = [each for each in boxes if each.wrong is None]
    mails = []
    for number in range(count):
        first = boxes[number % len(boxes)]
        second = chance.choice(sound) if number % IN_TWO == 0 else first
        mails.append(_mail(seed, number, tuple(dict.fromkeys((first, second))), reader, now - OLDEST * chance.random()))
    return mails


def _mail(seed: int, number: int, boxes: tuple[Box, ...], reader: MailReader, received_at: datetime) -> Mail:
    header = f"{seed}-{number}@courriel.example"
    content = (
        f"From: Citoyen {number} <citoyen-{number}@courriel.example>\r\nTo: {ADDRESS}\r\n"
        f"Subject: Demande {number}\r\nMessage-ID: <{header}>\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\n\r\n"
        f"Bonjour, ceci est la demande {number}.\r\n{'Merci de votre réponse. ' * (number % 40)}\r\n"
    ).encode()
    read = reader.read(Envelope("", (ADDRESS,), content), READ_AT)
    return Mail(header, content, received_at.replace(microsecond=0), read.message_id, boxes)
