"""How letters leave."""

from collections.abc import Mapping
from typing import Any, Final

from guichet.channel.outgoing.json_sender import JsonSender
from guichet.channel.outgoing.letter import Letter

MESSAGES: Final = "/app-webhook/messages"


class AppWebhookSender(JsonSender):
    """Posts a letter as JSON; its answers are understood as JsonSender has them, its codes as the facts do."""

    name = "app-webhook"

    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        """Return path and JSON. TO TYPE: the provider's."""
        return MESSAGES, {"reference": letter.outbound_id, "to": letter.recipient, "text": letter.text}
