"""What can go wrong with mail, and how the page says it."""

from citizen_sandbox.play import misbehaviour


class Trouble(misbehaviour.Trouble):
    """Each strikes the next N times that it could."""

    SMTP_DEFERRED = "smtp-deferred", "Mail de la mairie : refus temporaire (451)"
    SMTP_REFUSED = "smtp-refused", "Mail de la mairie : adresse refusée (550)"
    SMTP_ANSWER_LOST = "smtp-answer-lost", "Mail de la mairie : accepté, connexion coupée"
    # takes the mail at once, says so after `retry_after` seconds
    SMTP_SLOW_ANSWER = (
        "smtp-slow-answer",
        "Mail de la mairie : accepté, réponse tardive",
    )  # takes the mail at once, says so after `retry_after` seconds
    SMTP_BOUNCED = "smtp-bounced", "Mail de la mairie : accepté, puis revenu (adresse inconnue)"
    SMTP_GIVEN_UP = "smtp-given-up", "Mail de la mairie : accepté, puis abandonné (boîte pleine)"
    MAIL_DOUBLED = "mail-doubled", "Mail du citoyen : livré deux fois"
