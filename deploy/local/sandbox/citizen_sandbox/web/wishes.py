"""What the test API takes: one model per route. Unknown fields are an error, so that a typo is heard."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from citizen_sandbox.mail.results import Proof
from citizen_sandbox.telegram.updates import Location


class Wish(BaseModel):
    """Shared by all."""

    model_config = ConfigDict(extra="forbid")


class FileWish(Wish):
    """A file to send along; content in base64."""

    name: str
    media_type: str = "application/octet-stream"
    content_base64: str = ""


class SmsWish(Wish):
    """An SMS or WhatsApp message. Either citizen or phone (E.164); params replace fields of Twilio's form."""

    citizen: str = ""
    phone: str = ""
    text: str = ""
    files: list[FileWish] = []
    whatsapp: bool = False
    params: dict[str, str] = {}


class TelegramWish(Wish):
    """A Telegram message of a citizen, or of anybody by `writer_id`; `update` sends any JSON instead."""

    citizen: str = ""
    writer_id: int = 0
    writer_name: str = "Inconnu"
    text: str = ""
    files: list[FileWish] = []
    location: Location | None = None
    edits: int | None = None
    update: dict[str, Any] | None = None


class ChatsWish(Wish):
    """Chats that the bot may write to, because their owners wrote to it by another way than this API."""

    ids: list[int]


class MailWish(Wish):
    """A mail of a citizen or of any `sender`. reply_to: number of the entry that it answers.

    Without `to` a reply goes where the answered mail wants it, a new mail to the first mailbox.
    proof: what the town's mail server finds of the sender.
    """

    citizen: str = ""
    sender: str = ""
    to: list[str] = []
    cc: list[str] = []
    subject: str = ""
    text: str = ""
    html: str = ""
    files: list[FileWish] = []
    headers: dict[str, str] = {}
    reply_to: int | None = None
    proof: Proof = Proof.PASS


class RawMailWish(Wish):
    """Any bytes as a mail, with its envelope. sender: empty for the null return path. proof: see MailWish."""

    content_base64: str
    sender: str = ""
    recipients: list[str]
    proof: Proof = Proof.UNSAID


class TroubleWish(Wish):
    """The next `count` times; retry_after in seconds, for the throttled ones."""

    trouble: str
    count: int = Field(default=1, ge=0, le=10_000)
    retry_after: int = Field(default=1, ge=1, le=3600)
