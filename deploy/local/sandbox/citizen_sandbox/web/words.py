"""What the page calls things, in French."""

from datetime import datetime
from zoneinfo import ZoneInfo

from citizen_sandbox.mail.results import Proof
from citizen_sandbox.play.entry import State
from citizen_sandbox.play.misbehaviour import Trouble

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

TROUBLES = {
    Trouble.TWILIO_THROTTLED: "SMS de la mairie : trop de demandes (429)",
    Trouble.TWILIO_ERROR: "SMS de la mairie : panne de Twilio (500)",
    Trouble.TWILIO_ANSWER_LOST: "SMS de la mairie : accepté, réponse perdue",
    Trouble.TWILIO_UNSUBSCRIBED: "SMS de la mairie : destinataire désabonné (21610)",
    Trouble.TWILIO_UNDELIVERED: "SMS de la mairie : accepté, jamais remis",
    Trouble.TWILIO_DOUBLED_WEBHOOK: "SMS du citoyen : livré deux fois",
    Trouble.TWILIO_LOST_WEBHOOK: "SMS du citoyen : livraison perdue (reste dans la liste)",
    Trouble.TWILIO_MEDIA_REFUSED: "SMS du citoyen : photo refusée à la mairie (403)",
    Trouble.TWILIO_LOST_STATUS: "Accusés de remise : perdus (restent dans la liste)",
    Trouble.TWILIO_DOUBLED_STATUS: "Accusés de remise : en double",
    Trouble.TWILIO_REORDERED_STATUS: "Accusés de remise : dans le désordre",
    Trouble.TELEGRAM_THROTTLED: "Telegram de la mairie : trop de demandes (429)",
    Trouble.TELEGRAM_ERROR: "Telegram de la mairie : panne (500)",
    Trouble.TELEGRAM_ANSWER_LOST: "Telegram de la mairie : accepté, réponse perdue",
    Trouble.TELEGRAM_BLOCKED: "Telegram de la mairie : bloquée par l’usager (403)",
    Trouble.TELEGRAM_DOUBLED_WEBHOOK: "Telegram du citoyen : livré deux fois",
    Trouble.TELEGRAM_FILE_ERROR: "Telegram du citoyen : fichier qui ne vient pas (500)",
    Trouble.SMTP_DEFERRED: "Mail de la mairie : refus temporaire (451)",
    Trouble.SMTP_REFUSED: "Mail de la mairie : adresse refusée (550)",
    Trouble.SMTP_ANSWER_LOST: "Mail de la mairie : accepté, connexion coupée",
    Trouble.SMTP_SLOW_ANSWER: "Mail de la mairie : accepté, réponse tardive",
    Trouble.MAIL_DOUBLED: "Mail du citoyen : livré deux fois",
}


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
