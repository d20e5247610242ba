"""What the page calls things, in French."""

from datetime import datetime
from zoneinfo import ZoneInfo

from citizen_sandbox.mail import troubles as mail
from citizen_sandbox.mail.results import Proof
from citizen_sandbox.play.entry import State
from citizen_sandbox.telegram import troubles as telegram
from citizen_sandbox.twilio import troubles as twilio

PARIS = ZoneInfo("Europe/Paris")

STATES = {
    State.WAITING: "En attente",
    State.ACCEPTED: "Remis à la mairie",
    State.REFUSED: "Refusé par la mairie",
    State.ARRIVED: "Reçu",
}

PROOFS = {
    Proof.PASS: "l’expéditeur est authentique (DMARC pass)",
    Proof.NONE: "son domaine ne dit rien (DMARC none)",
    Proof.FAIL: "son domaine désavoue le courriel (DMARC fail)",
    Proof.UNSAID: "rien : pas de verdict",
}

TROUBLES = {**twilio.WORDS, **telegram.WORDS, **mail.WORDS}


def clock(moment: datetime) -> str:
    """Return the time of day in the town, such as 14:32."""
    return moment.astimezone(PARIS).strftime("%H:%M")


def day(moment: datetime) -> str:
    """Return day and time in the town, such as 03/05/2026 à 14:32."""
    return moment.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1000:
        return f"{count} o"
    if count < 1_000_000:
        return f"{count / 1000:.0f} ko"
    return f"{count / 1_000_000:.1f} Mo".replace(".", ",")
