"""Which files a Telegram message brings, and what they are called. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from telegram import Message

from guichet.channel.content_types import known_content_type
from guichet.channel.text import clean_file_name


@dataclass(frozen=True)
class TelegramFile:
    """A file at Telegram. file_id: what getFile takes. name: what it is filed as."""

    file_id: str
    name: str
    content_type: str


def files_of(message: Message) -> tuple[TelegramFile, ...]:
    """Return the message's file, if it brings one; of a photo's sizes the largest."""
    return tuple(_files(message))


def _files(message: Message) -> Iterator[TelegramFile]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        yield _remote(largest.file_id, None, "photo.jpg", "image/jpeg")
    if message.voice:
        yield _remote(message.voice.file_id, None, "message-vocal.ogg", message.voice.mime_type or "audio/ogg")
    if message.video_note:
        yield _remote(message.video_note.file_id, None, "message-video.mp4", "video/mp4")
    if message.sticker:
        yield _remote(message.sticker.file_id, None, "autocollant.webp", "image/webp")
    # An animation is repeated as document, for old clients: the first of these is all there is.
    for file in (message.animation, message.document, message.audio, message.video):
        if file is not None:
            yield _remote(file.file_id, file.file_name, "fichier.bin", file.mime_type)
            break


def _remote(file_id: object, name: str | None, default: str, kind: str | None) -> TelegramFile:
    return TelegramFile(str(file_id), clean_file_name(name, default), known_content_type(kind))
