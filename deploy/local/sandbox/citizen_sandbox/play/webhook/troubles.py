"""What can go wrong at any such provider."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Troubles:
    """Their names begin with the provider's."""

    key: str

    @property
    def throttled(self) -> str:
        """It answers 429."""
        return f"{self.key}-throttled"

    @property
    def error(self) -> str:
        """It answers 500."""
        return f"{self.key}-error"

    @property
    def answer_lost(self) -> str:
        """It takes the message and never answers."""
        return f"{self.key}-answer-lost"

    @property
    def blocked(self) -> str:
        """The citizen wants nothing from the town."""
        return f"{self.key}-blocked"

    @property
    def unreachable(self) -> str:
        """The address is nobody's any more."""
        return f"{self.key}-unreachable"

    @property
    def doubled_webhook(self) -> str:
        """It posts a payload twice."""
        return f"{self.key}-doubled-webhook"

    def words(self, title: str) -> Mapping[str, str]:
        """Return how the page says each. title: the provider's."""
        return {
            self.throttled: f"{title} de la mairie : trop de demandes (429)",
            self.error: f"{title} de la mairie : panne (500)",
            self.answer_lost: f"{title} de la mairie : accepté, réponse perdue",
            self.blocked: f"{title} de la mairie : bloquée par l’usager",
            self.unreachable: f"{title} de la mairie : destinataire introuvable",
            self.doubled_webhook: f"{title} du citoyen : livré deux fois",
        }
