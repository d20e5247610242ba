"""The webhook's payloads: whose they are, and what they say."""

from collections.abc import Iterable
from functools import partial

from guichet.channel.draft import Draft
from guichet.channel.lent import Host
from guichet.channel.payload import Incoming, Payload
from guichet.channel.proofs import Proof, StandardWebhooks
from guichet.contracts.inbound_content import Identifier
from guichet_app_webhook.parse import NAME, parse, senders
from guichet_app_webhook.settings import AppWebhookSettings


def proof(settings: AppWebhookSettings) -> Proof:
    """Return how the provider shows that a payload is its own."""
    secret = settings.app_webhook_secret.get_secret_value()
    return StandardWebhooks(secret)


class AppWebhookIncoming(Incoming):
    """One webhook, while its host runs."""

    def __init__(self, settings: AppWebhookSettings, host: Host) -> None:
        self._proof = proof(settings)
        self._account = settings.app_webhook_account
        self._name = partial(host.message_id, NAME, self._account)

    def verify(self, payload: Payload) -> None:
        """Raise UnverifiedSourceError unless the provider sent this."""
        self._proof.verify(payload)

    async def read(self, payload: Payload) -> Draft | None:
        """Return what a citizen wrote; None for a notice that holds no message. Raises PermanentError."""
        return parse(payload, account=self._account, name=self._name)

    def senders(self, payload: Payload) -> Iterable[Identifier]:
        """Return who sent what nobody can read, where that can be told."""
        return senders(payload)
