"""The town's bot at the fake Telegram: its token, webhook, chats and files."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from citizen_sandbox.play.bounded import Bounded
from citizen_sandbox.play.clock import now
from citizen_sandbox.play.entry import Attachment

# Numbers must go on after a restart: to the town, a number seen before is a message seen before.
_EPOCH = 1_735_689_600  # 2025-01-01; tenths of a second since then fit Telegram's 32 bits until 2031


def fresh_numbers() -> Iterator[int]:
    """Count upwards from a number that no earlier process reached."""
    return itertools.count(int((now().timestamp() - _EPOCH) * 10))


@dataclass
class Webhook:
    """Where updates go. url: empty when none is set; secret: the header's value, may be empty."""

    url: str
    secret: str = field(repr=False)
    last_error: str = ""
    last_error_at: int = 0

    def to_json(self, pending: int) -> dict[str, Any]:
        """Return Telegram's WebhookInfo. pending: how many updates still wait."""
        known: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": pending,
            "max_connections": 40,
        }
        if self.last_error:
            known |= {"last_error_date": self.last_error_at, "last_error_message": self.last_error}
        return known


@dataclass(frozen=True)
class StoredFile:
    """A file at Telegram. path: below the bot's file address."""

    file_id: str
    path: str
    file: Attachment

    def to_json(self) -> dict[str, Any]:
        """Return Telegram's File."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_id[-16:],
            "file_size": self.file.size,
            "file_path": self.path,
        }


class TelegramBot:
    """token: `123456:secret`, whose first part is the bot's id. chats: who may be written to."""

    def __init__(self, token: str, webhook: Webhook, chats: frozenset[int]) -> None:
        self.token = token
        self.webhook = webhook
        self.chats = set(chats)
        self.pending = 0
        self._numbers = fresh_numbers()
        self._files: Bounded[StoredFile] = Bounded(lambda stored: stored.file.size)

    @property
    def user(self) -> dict[str, Any]:
        """The bot as a Telegram User."""
        bot_id = int(self.token.partition(":")[0])
        return {"id": bot_id, "is_bot": True, "first_name": "Mairie", "username": "MairieExempleBot"}

    def next_number(self) -> int:
        """Return a number for an update or a message, greater than all before."""
        return next(self._numbers)

    def store(self, file: Attachment, folder: str) -> StoredFile:
        """Keep a file. folder: Telegram's own, such as `photos`."""
        number, extension = self.next_number(), file.name.rpartition(".")[2]
        stored = StoredFile(f"FILE-{uuid4().hex}", f"{folder}/file_{number}.{extension}", file)
        self._files.add(stored.file_id, stored)
        return stored

    def file(self, file_id: str) -> StoredFile | None:
        """Return the file of that id, or None."""
        return self._files.find(file_id)

    def file_at(self, path: str) -> StoredFile | None:
        """Return the file at that path, or None."""
        return next((stored for stored in self._files if stored.path == path), None)

    def clear(self) -> None:
        """Forget the files and what waits."""
        self._files.clear()
        self.pending = 0
