"""What Telegram tells the town when a citizen writes. Pure. Source: core.telegram.org/bots/api#update."""

from typing import Any

from pydantic import BaseModel

from guichet_telegram.tile.bot import StoredFile


class Writer(BaseModel):
    """Who writes, in a private chat."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""

    def user(self) -> dict[str, Any]:
        """Return Telegram's User."""
        names = {"last_name": self.last_name, "username": self.username}
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": "fr",
        } | _filled(names)

    def chat(self) -> dict[str, Any]:
        """Return Telegram's Chat."""
        names = {"last_name": self.last_name, "username": self.username}
        return {"id": self.id, "first_name": self.first_name, "type": "private"} | _filled(names)


class Location(BaseModel):
    """A place, in degrees (WGS 84)."""

    latitude: float
    longitude: float


def message(writer: Writer, number: int, sent_at: int, content: dict[str, Any]) -> dict[str, Any]:
    """Return Telegram's Message. number: its message_id; sent_at: Unix seconds; content: what it holds."""
    return {
        "message_id": number,
        "from": writer.user(),
        "chat": writer.chat(),
        "date": sent_at,
    } | content


def text_content(text: str) -> dict[str, Any]:
    """Return a text, with its bot command marked as Telegram marks it."""
    content: dict[str, Any] = {"text": text}
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    if command:
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
    return content


def file_content(stored: StoredFile, caption: str) -> dict[str, Any]:
    """Return a photo, a voice message or a document, by the file's media type."""
    file = stored.to_json()
    del file["file_path"]
    kind = stored.file.media_type
    if kind in ("image/jpeg", "image/png"):
        content: dict[str, Any] = {"photo": [file | {"width": 1280, "height": 960}]}
    elif kind == "audio/ogg":
        content = {"voice": file | {"duration": 3, "mime_type": kind}}
    else:
        content = {"document": file | {"file_name": stored.file.name, "mime_type": kind}}
    return content | _filled({"caption": caption})


def folder_of(media_type: str) -> str:
    """Return the folder in which Telegram keeps such a file."""
    if media_type.startswith("image/"):
        return "photos"
    return "voice" if media_type == "audio/ogg" else "documents"


def _filled(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
