"""What Guichet's own channels say of their accounts, when an operator tries these."""

from collections.abc import Mapping
from typing import Final

ACCOUNTS: Final[Mapping[str, str]] = {
    "GUICHET_SMTP_USERNAME, GUICHET_SMTP_PASSWORD: {} answered {}": "GUICHET_SMTP_USERNAME, GUICHET_SMTP_PASSWORD : {} a répondu {}",
    "GUICHET_SMTP_HOST: {} does not let us in: {}.": "GUICHET_SMTP_HOST : {} ne nous laisse pas entrer : {}.",
    "the name {} cannot be resolved: is it right, and does this machine's DNS work?": "le nom {} ne se résout pas : est-il juste, et le DNS de cette machine marche-t-il ?",
    "its certificate does not hold: {}. {}": "son certificat n’est pas valable : {}. {}",
    "Name the relay as its certificate does; an authority of the town's own is put among the machine's (update-ca-certificates); a relay on this very machine needs none (GUICHET_SMTP_SECURITY=none)": "Nommez le relais comme son certificat le nomme ; une autorité de la ville se met parmi celles de la machine (update-ca-certificates) ; un relais sur cette machine même n’en a pas besoin (GUICHET_SMTP_SECURITY=none)",
    "it speaks no TLS of ours: see GUICHET_SMTP_SECURITY and GUICHET_SMTP_PORT": "il ne parle aucun TLS des nôtres : voyez GUICHET_SMTP_SECURITY et GUICHET_SMTP_PORT",
    "it does not answer: see GUICHET_SMTP_PORT and GUICHET_SMTP_SECURITY, or the firewall on the way": "il ne répond pas : voyez GUICHET_SMTP_PORT et GUICHET_SMTP_SECURITY, ou le pare-feu en chemin",
    "it takes no connection ({})": "il ne prend pas la connexion ({})",
    "{}: a bug of its package: {}": "{} : une erreur dans son paquet : {}",
    "channel {}: its code does not answer.": "canal {} : son code ne répond pas.",
    "channel {}: its code ended ({}).": "canal {} : son code s’est arrêté ({}).",
    "channel {}: its code ended; what it said is above.": "canal {} : son code s’est arrêté ; ce qu’il a dit est au-dessus.",
    "channel {}: its code says nothing that can be read.": "canal {} : son code ne dit rien qui se lise.",
}
