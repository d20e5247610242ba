"""What can go wrong at Twilio, and how the page says it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Trouble(StrEnum):
    """Each strikes the next N times that it could."""

    THROTTLED = "twilio-throttled"
    ERROR = "twilio-error"
    ANSWER_LOST = "twilio-answer-lost"
    UNSUBSCRIBED = "twilio-unsubscribed"
    UNDELIVERED = "twilio-undelivered"
    DOUBLED_WEBHOOK = "twilio-doubled-webhook"
    LOST_WEBHOOK = "twilio-lost-webhook"
    MEDIA_REFUSED = "twilio-media-refused"
    LOST_STATUS = "twilio-lost-status"
    DOUBLED_STATUS = "twilio-doubled-status"
    REORDERED_STATUS = "twilio-reordered-status"


WORDS: Final[Mapping[str, str]] = {
    Trouble.THROTTLED: "SMS de la mairie : trop de demandes (429)",
    Trouble.ERROR: "SMS de la mairie : panne de Twilio (500)",
    Trouble.ANSWER_LOST: "SMS de la mairie : accepté, réponse perdue",
    Trouble.UNSUBSCRIBED: "SMS de la mairie : destinataire désabonné (21610)",
    Trouble.UNDELIVERED: "SMS de la mairie : accepté, jamais remis",
    Trouble.DOUBLED_WEBHOOK: "SMS du citoyen : livré deux fois",
    Trouble.LOST_WEBHOOK: "SMS du citoyen : livraison perdue (reste dans la liste)",
    Trouble.MEDIA_REFUSED: "SMS du citoyen : photo refusée à la mairie (403)",
    Trouble.LOST_STATUS: "Accusés de remise : perdus (restent dans la liste)",
    Trouble.DOUBLED_STATUS: "Accusés de remise : en double",
    Trouble.REORDERED_STATUS: "Accusés de remise : dans le désordre",
}
