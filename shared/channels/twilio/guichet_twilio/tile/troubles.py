"""What can go wrong at Twilio, and how the page says it."""

from citizen_sandbox.play import misbehaviour


class Trouble(misbehaviour.Trouble):
    """Each strikes the next N times that it could."""

    THROTTLED = "twilio-throttled", "SMS de la mairie : trop de demandes (429)"
    ERROR = "twilio-error", "SMS de la mairie : panne de Twilio (500)"
    ANSWER_LOST = "twilio-answer-lost", "SMS de la mairie : accepté, réponse perdue"
    UNSUBSCRIBED = "twilio-unsubscribed", "SMS de la mairie : destinataire désabonné (21610)"
    UNDELIVERED = "twilio-undelivered", "SMS de la mairie : accepté, jamais remis"
    TEMPLATE_REFUSED = "twilio-template-refused", "WhatsApp de la mairie : modèle de message refusé (63027)"
    DOUBLED_WEBHOOK = "twilio-doubled-webhook", "SMS du citoyen : livré deux fois"
    LOST_WEBHOOK = "twilio-lost-webhook", "SMS du citoyen : livraison perdue (reste dans la liste)"
    MEDIA_REFUSED = "twilio-media-refused", "SMS du citoyen : photo refusée à la mairie (403)"
    LOST_STATUS = "twilio-lost-status", "Accusés de remise : perdus (restent dans la liste)"
    DOUBLED_STATUS = "twilio-doubled-status", "Accusés de remise : en double"
    REORDERED_STATUS = "twilio-reordered-status", "Accusés de remise : dans le désordre"
