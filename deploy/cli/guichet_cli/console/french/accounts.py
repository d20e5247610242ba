"""What Guichet's own channels say of their accounts, when an operator tries these."""

from collections.abc import Mapping
from typing import Final

ACCOUNTS: Final[Mapping[str, str]] = {
    "GUICHET_SMTP_USERNAME, GUICHET_SMTP_PASSWORD: {} answered {}": "GUICHET_SMTP_USERNAME, GUICHET_SMTP_PASSWORD : {} a répondu {}",
    "GUICHET_SMTP_HOST: {} does not let us in ({})": "GUICHET_SMTP_HOST : {} ne nous laisse pas entrer ({})",
    "@{}: webhook to register is {}, Telegram has {}. Run: guichet channels register": "@{} : l’adresse à déclarer est {}, Telegram a {}. Donnez : guichet channels register",
    "GUICHET_TELEGRAM_TOKEN: Telegram does not know this token": "GUICHET_TELEGRAM_TOKEN : Telegram ne connaît pas ce jeton",
    "Telegram: no answer ({})": "Telegram : pas de réponse ({})",
    "Twilio answered {} (code {})": "Twilio a répondu {} (code {})",
    "{}: when a message comes in, POST {}": "{} : à l’arrivée d’un message, POST {}",
    "{}: a bug of its package: {}": "{} : une erreur dans son paquet : {}",
    "channel {}: its code does not answer.": "canal {} : son code ne répond pas.",
    "channel {}: its code ended ({}).": "canal {} : son code s’est arrêté ({}).",
    "channel {}: its code ended; what it said is above.": "canal {} : son code s’est arrêté ; ce qu’il a dit est au-dessus.",
    "channel {}: its code says nothing that can be read.": "canal {} : son code ne dit rien qui se lise.",
}
