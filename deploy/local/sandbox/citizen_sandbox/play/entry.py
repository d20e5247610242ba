"""One message as the citizen sees it, whichever way it went."""

import re
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from citizen_sandbox.play.clock import now

ANSWER_LOST = "lost"


class Direction(StrEnum):
    """Seen from the citizen."""

    SENT = "sent"
    RECEIVED = "received"


class State(StrEnum):
    """How far a message came: a sent one until the town's answer, a received one has arrived."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ARRIVED = "arrived"


class Attachment(BaseModel):
    """A file. content stays in the sandbox's memory and is fetched by its own address."""

    name: str
    media_type: str
    content: bytes = Field(default=b"", exclude=True, repr=False)
    size: int = 0

    def model_post_init(self, _context: object) -> None:
        """Measure the content once."""
        self.size = self.size or len(self.content)


class Entry(BaseModel):
    """A message sent by a citizen or received by one.

    address: the citizen's own (a number, a chat's id, a mail address); counterpart: the town's.
    provider_id: the name that the provider gave the message.
    answer: what the other side said last, in its own words; attempts: how often it was asked. Of a message that was
    received: ANSWER_LOST when trouble was ordered and the town was not told that it arrived. is_edit: it corrects the
    earlier one of the same provider_id.
    """

    id: int = 0
    channel: str
    direction: Direction
    address: str
    counterpart: str
    at: datetime = Field(default_factory=now)
    text: str = ""
    subject: str = ""
    html: str = ""
    headers: list[tuple[str, str]] = []
    attachments: list[Attachment] = []
    provider_id: str = ""
    state: State = State.ARRIVED
    attempts: int = 0
    answer: str = ""
    is_edit: bool = False
    raw: bytes = Field(default=b"", exclude=True, repr=False)

    @property
    def weight(self) -> int:
        """Roughly how many bytes the entry holds."""
        return len(self.raw) + len(self.text) + sum(file.size for file in self.attachments)

    @property
    def links(self) -> list[str]:
        """The web addresses in the text, in order."""
        return [link.rstrip(".,;:!?") for link in re.findall(r"https?://[^\s<>\"')\]]+", self.text)]

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")
