"""A provider that posts JSON to the town and takes JSON from it, declared as its channel is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import Field as Setting

from citizen_sandbox.play.form import TEXT_AND_FILES, Field
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.settings import TileSettings
from citizen_sandbox.play.tile import Sender, Words
from citizen_sandbox.play.webhook.proofs import Sign


class WebhookSettings(TileSettings):
    """secret: what payloads are signed with. token: what the town must show (Bearer); empty: nothing.

    webhook_url: where the sandbox delivers; public_url: the base under which the town is known to the provider.
    """

    webhook_url: str = ""
    public_url: str = ""
    secret: str = Setting(default="", repr=False)
    token: str = Setting(default="", repr=False)


@dataclass(frozen=True)
class SaidFile:
    """A file sent along. url: where the town fetches it from the provider."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    url: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a citizen said. message_id: the provider's name for it; edits: that of the message it corrects, or empty."""

    sender: Sender
    text: str
    message_id: str
    at: datetime
    files: tuple[SaidFile, ...] = ()
    edits: str = ""


@dataclass(frozen=True)
class Answer:
    """What the town sent."""

    address: str
    text: str


@dataclass(frozen=True)
class Refusal:
    """What the provider answers when it does not take a message of the town's."""

    status: int
    body: Mapping[str, Any]


def _accepted(message_id: str) -> Mapping[str, Any]:
    return {"id": message_id}


@dataclass(frozen=True, kw_only=True)
class WebhookProvider:
    """key: the provider's name; channel: what the journal calls its messages, by default the same.

    address: where a citizen is reached; shown: the same as people say it.
    payload: the JSON that is posted for a message; sign: the headers that go with it.
    door: the town's webhook, unless the settings name another; is_retried: posted again until the town answers 2xx.
    api: the path that Guichet's sender posts to; read: what it posted (KeyError, TypeError, ValueError: answered 400);
    accepted: what it hears, from the id of the message; delivered: the report that follows, from id and address.
    unreachable: for an address nobody has, and on demand; blocked: on demand.
    variables: names of the settings' variables, where they are not GUICHET_<KEY>_SECRET and the like.
    """

    key: str
    title: Words
    icon: str
    address: Callable[[Citizen], str]
    payload: Callable[[Said], Mapping[str, Any]]
    sign: Sign
    api: str
    read: Callable[[Mapping[str, Any]], Answer]
    channel: str = ""
    shown: Callable[[Citizen], str] | None = None
    fields: tuple[Field, ...] = TEXT_AND_FILES
    edits: bool = False
    door: str = ""
    is_retried: bool = True
    accepted: Callable[[str], Mapping[str, Any]] = _accepted
    delivered: Callable[[str, str], Mapping[str, Any]] | None = None
    unreachable: Refusal = Refusal(404, {"error": "unknown-recipient"})
    blocked: Refusal = Refusal(403, {"error": "blocked"})
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def channel_name(self) -> str:
        """What the journal calls its messages."""
        return self.channel or self.key

    def variable(self, setting: str) -> str:
        """Return the variable that a setting is read from."""
        own = self.key.upper().replace("-", "_").replace(".", "_")
        usual = f"GUICHET_SANDBOX_{own}_WEBHOOK_URL" if setting == "webhook_url" else f"GUICHET_{own}_{setting.upper()}"
        return self.variables.get(setting, usual)

    def webhook(self, settings: WebhookSettings) -> str:
        """Return where payloads go: the local stack's ingest-social unless something else is said."""
        return settings.webhook_url or self.door or f"http://127.0.0.1:8012/webhooks/{self.key}"
