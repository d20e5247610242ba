"""What can go wrong at Telegram, and how the page says it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Trouble(StrEnum):
    """Each strikes the next N times that it could."""

    THROTTLED = "telegram-throttled"
    ERROR = "telegram-error"
    ANSWER_LOST = "telegram-answer-lost"
    BLOCKED = "telegram-blocked"
    DOUBLED_WEBHOOK = "telegram-doubled-webhook"
    FILE_ERROR = "telegram-file-error"


WORDS: Final[Mapping[str, str]] = {
    Trouble.THROTTLED: "Telegram de la mairie : trop de demandes (429)",
    Trouble.ERROR: "Telegram de la mairie : panne (500)",
    Trouble.ANSWER_LOST: "Telegram de la mairie : accepté, réponse perdue",
    Trouble.BLOCKED: "Telegram de la mairie : bloquée par l’usager (403)",
    Trouble.DOUBLED_WEBHOOK: "Telegram du citoyen : livré deux fois",
    Trouble.FILE_ERROR: "Telegram du citoyen : fichier qui ne vient pas (500)",
}
