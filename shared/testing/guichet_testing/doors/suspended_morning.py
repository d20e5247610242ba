"""What a filter has held back overnight from a small town's mailboxes. Everybody is invented."""

from dataclasses import dataclass
from typing import Any

from guichet.contracts.inbound import Suspicion
from guichet.contracts.inbound_content import InboundContent, MailThread
from guichet.ids import MessageId
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail


@dataclass(frozen=True)
class SuspendedMorning:
    """A citizen's letter, a lure, and a mail to the CCAS, which is another sector's."""

    letter: MessageId
    lure: MessageId
    social: MessageId


def a_mail(sender: str, subject: str, text: str, name: str | None = None, **thread: Any) -> InboundContent:
    """Return what a mail says. thread: of its headers, beside its Message-ID."""
    headers = MailThread(message_id=f"{sender}-{len(text)}", **thread)
    return InboundContent(sender=(mail(sender),), display_name=name, subject=subject, text=text, thread=headers)


async def a_suspended_morning(hall: TownHall) -> SuspendedMorning:
    """Put the mail where agents look for it."""
    letter = a_mail(
        "jeanne.moreau@courriel.example",
        "Copie de mon acte de naissance",
        "Bonjour,\nmerci de m’envoyer une copie de mon acte de naissance. Mon livret est joint.\n\nJeanne Moreau",
        "Jeanne Moreau",
        authenticated=True,
    )
    lure = a_mail(
        "support@banque.example",
        "URGENT ! Votre compte sera fermé",
        "Cher client,\ncliquez ici avant ce soir : piege.example/compte",
        "Votre banque",
        authenticated=False,
    )
    social = a_mail("paul.girard@courriel.example", "Aide au logement", "Je ne peux plus payer mon loyer.")
    files = {"livret-de-famille.pdf": b"%PDF-1.7 invented", "signature.html": b"<p>Jeanne</p>"}
    return SuspendedMorning(
        letter=await hall.suspend("letter", letter, files=files),
        lure=await hall.suspend("lure", lure, why=Suspicion.SPAM_AND_REFUSED, minutes=30),
        social=await hall.suspend("social", social, department="ccas", account="ccas@mairie.example", minutes=60),
    )
