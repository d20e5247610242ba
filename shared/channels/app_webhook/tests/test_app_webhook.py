"""All that Guichet asks of a channel, asked of this one: guichet_testing.conformance, in one call."""

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.payload import Payload
from guichet.errors import PermanentError
from guichet.ids import MessageId
from guichet_app_webhook.channel import CHANNEL
from guichet_app_webhook.parse import parse
from guichet_testing.conformance import Payloads, ProviderApi, Published, Reply, channel_suite

SET = {
    "GUICHET_APP_WEBHOOK_SECRET": "whsec_dW4gc2VjcmV0IGludmVudMOpIHBvdXIgbGVzIHRlc3Rz",
    "GUICHET_APP_WEBHOOK_PUBLIC_URL": "https://mairie.example",
    "GUICHET_APP_WEBHOOK_ACCOUNT": "mairie",
    "GUICHET_APP_WEBHOOK_API_URL": "https://provider.example",
    "GUICHET_APP_WEBHOOK_TOKEN": "un-jeton-de-la-mairie",
}
PERSON = {"id": "habitante-4217", "name": "Perrine Vauquelin"}


class Api(ProviderApi):
    """What the provider answers. TO TYPE: its answers; the codes are those of `reasons` in the facts."""

    variable = "GUICHET_APP_WEBHOOK_API_URL"
    accepted = Reply(200, {"id": "out-1"})
    unknown_refusal = Reply(400, {"error": "a code that nobody knows"})

    def refusal(self, code: str) -> Reply:
        return Reply(404, {"error": code})


class AppWebhookPayloads(Payloads):
    """How the provider speaks. TO TYPE: its JSON, as in parse.py."""

    environment = SET
    address = PERSON["id"]
    personal = (PERSON["name"], PERSON["id"])
    captures = Path(__file__).with_name("fixtures")
    api = Api()
    published = Published(  # github.com/standard-webhooks/standard-webhooks, the vector of its libraries' tests
        environment={"GUICHET_APP_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        body=b'{"test": 2432232314}',
        headers={
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        at=datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC),
    )

    def message(self, text: str, *, provider_id: str = "1", files: Sequence[bytes] = ()) -> bytes:
        return _json(id=provider_id, text=text, files=[_file(content) for content in files])

    def unreadable(self) -> bytes:
        return _json(id="7", text=["no", "text"])

    def edit(self, text: str, *, provider_id: str, edits: str) -> bytes:
        return _json(id=provider_id, text=text, edits=edits)


def _json(**fields: Any) -> bytes:
    return json.dumps({"from": PERSON, **fields}).encode()


def _file(content: bytes) -> dict[str, str]:
    return {"name": "certificat.pdf", "type": "application/pdf", "content": base64.b64encode(content).decode()}


TestAppWebhook = channel_suite(CHANNEL, AppWebhookPayloads())

ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=3)


@given(st.binary() | st.builds(_json, id=ANYTHING, text=ANYTHING, files=ANYTHING, edits=ANYTHING))
def test_any_bytes_become_a_message_nothing_or_a_permanent_error(body: bytes) -> None:
    with suppress(PermanentError):
        parse(Payload(body, datetime.now(UTC), {}, "/"), account="mairie", name=MessageId)
