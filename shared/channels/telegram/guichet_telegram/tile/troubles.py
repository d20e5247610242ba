"""What can go wrong at Telegram, and how the page says it."""

from citizen_sandbox.play import misbehaviour


class Trouble(misbehaviour.Trouble):
    """Each strikes the next N times that it could."""

    THROTTLED = "telegram-throttled", "Telegram de la mairie : trop de demandes (429)"
    ERROR = "telegram-error", "Telegram de la mairie : panne (500)"
    ANSWER_LOST = "telegram-answer-lost", "Telegram de la mairie : accepté, réponse perdue"
    BLOCKED = "telegram-blocked", "Telegram de la mairie : bloquée par l’usager (403)"
    DOUBLED_WEBHOOK = "telegram-doubled-webhook", "Telegram du citoyen : livré deux fois"
    FILE_ERROR = "telegram-file-error", "Telegram du citoyen : fichier qui ne vient pas (500)"
