"""The provider in the citizen sandbox. It imports nothing of Guichet: it speaks as the provider does, by itself."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from citizen_sandbox.play.tile import Words
from citizen_sandbox.play.webhook.proofs import standard_webhooks
from citizen_sandbox.play.webhook.provider import Answer, Said, WebhookProvider
from citizen_sandbox.play.webhook.tile import webhook_tile


def _payload(said: Said) -> Mapping[str, Any]:
    """Return what the provider posts. TO TYPE: the provider's JSON."""
    return {
        "id": said.message_id,
        "from": {"id": said.sender.address, "name": said.sender.name},
        "text": said.text,
        "files": [
            {"name": file.name, "type": file.media_type, "content": base64.b64encode(file.content).decode()}
            for file in said.files
        ],
        "edits": said.edits or None,
        "taken_at": said.at.isoformat(),
    }


def _read(letter: Mapping[str, Any]) -> Answer:
    """Return what the town sent. TO TYPE: the JSON that the provider takes."""
    return Answer(letter["to"], letter["text"])


TILE: Final = webhook_tile(
    WebhookProvider(
        key="app-webhook",
        title=Words("App webhook", "App webhook"),
        icon="M3 5h18v12h-9l-6 4v-4H3z",
        address=lambda citizen: citizen.id,
        payload=_payload,
        sign=standard_webhooks,
        api="/app-webhook/messages",
        read=_read,
        edits=True,
    )
)
