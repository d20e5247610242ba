"""What can go wrong with mail, and how the page says it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Trouble(StrEnum):
    """Each strikes the next N times that it could."""

    SMTP_DEFERRED = "smtp-deferred"
    SMTP_REFUSED = "smtp-refused"
    SMTP_ANSWER_LOST = "smtp-answer-lost"
    SMTP_SLOW_ANSWER = "smtp-slow-answer"  # takes the mail at once, says so after `retry_after` seconds
    MAIL_DOUBLED = "mail-doubled"


WORDS: Final[Mapping[str, str]] = {
    Trouble.SMTP_DEFERRED: "Mail de la mairie : refus temporaire (451)",
    Trouble.SMTP_REFUSED: "Mail de la mairie : adresse refusée (550)",
    Trouble.SMTP_ANSWER_LOST: "Mail de la mairie : accepté, connexion coupée",
    Trouble.SMTP_SLOW_ANSWER: "Mail de la mairie : accepté, réponse tardive",
    Trouble.MAIL_DOUBLED: "Mail du citoyen : livré deux fois",
}
