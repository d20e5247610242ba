"""What the test API takes. Unknown fields are an error, so that a typo is heard."""

import base64
import binascii

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict

from citizen_sandbox.play.entry import Attachment


class Wish(BaseModel):
    """Shared by all."""

    model_config = ConfigDict(extra="forbid")


class FileWish(Wish):
    """A file to send along; content in base64."""

    name: str
    media_type: str = "application/octet-stream"
    content_base64: str = ""


def attachments(wishes: list[FileWish]) -> list[Attachment]:
    """Return the files. Raises HTTPException 422 for what is not base64."""
    return [
        Attachment(name=wish.name, media_type=wish.media_type, content=decoded(wish.content_base64)) for wish in wishes
    ]


def decoded(content_base64: str) -> bytes:
    """Return the bytes. Raises HTTPException 422."""
    try:
        return base64.b64decode(content_base64, validate=True)
    except binascii.Error as exc:
        raise HTTPException(422, f"content_base64 is not base64: {exc}") from exc
