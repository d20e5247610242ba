"""The body and the files of a mail: what there is to read and what comes along. Pure.

Python's parser runs under policy compat32: it accepts any bytes; the parts' headers are read by `headers`.
"""

import binascii
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import Message
from io import BytesIO
from mimetypes import guess_extension

from guichet.channel.content_types import known_content_type
from guichet.channel.draft import DraftFile
from guichet.channel.text import clean_file_name, clean_text
from guichet_mail.read.charsets import decode_text
from guichet_mail.read.flowed import unflowed
from guichet_mail.read.html import charset_within, html_to_text
from guichet_mail.read.stated import Stated, stated_of


@dataclass(frozen=True)
class Leaf:
    """A part that holds bytes. alternative: place of the multipart/alternative it stands in, None outside of any."""

    stated: Stated
    content_type: str
    content: bytes
    alternative: int | None

    @property
    def name(self) -> str | None:
        """The name that the sender gave the file, read as well as it can be."""
        return self.stated.file_name

    @property
    def is_text(self) -> bool:
        """True for a part that is the letter itself rather than something enclosed."""
        return self.content_type in ("text/plain", "text/html") and not self.stated.is_attached and self.name is None

    @property
    def text(self) -> str:
        """The words of a text part."""
        if self.content_type == "text/html":
            return html_to_text(decode_text(self.content, self.stated.charset or charset_within(self.content)))
        text = clean_text(decode_text(self.content, self.stated.charset)).replace("\r\n", "\n")
        return unflowed(text, deletes_space=self.stated.deletes_space) if self.stated.is_flowed else text


def read_leaves(mail: Message) -> list[Leaf]:
    """Return every part that holds bytes, in the mail's order; a forwarded mail is one part."""
    return list(_leaves(mail, None))


def letter_of(leaves: list[Leaf]) -> str:
    """Return what there is to read: of alternatives the plain one unless it is blank; quoted text is kept."""
    texts = [leaf.text.strip() for leaf in letter_leaves(leaves)]
    return "\n\n".join(text for text in texts if text)


def files_of(leaves: list[Leaf]) -> tuple[DraftFile, ...]:
    """Return what comes along with the letter, inline images included: each part that is none of its text."""
    enclosed = [leaf for leaf in leaves if not leaf.is_text]
    return tuple(_file(leaf, place) for place, leaf in enumerate(enclosed, start=1))


def _leaves(part: Message, alternative: int | None) -> Iterator[Leaf]:
    stated = stated_of(part)
    children = _children(part)
    if children and not stated.content_type.startswith("message/"):
        inner = id(part) if stated.content_type == "multipart/alternative" else alternative
        for child in children:
            yield from _leaves(child, inner)
        return
    is_empty = stated.content_type.startswith("multipart/")
    yield Leaf(
        stated=stated,
        content_type="text/plain" if is_empty else stated.content_type,
        content=_nested_bytes(part, children) if children else _decoded(part),
        alternative=alternative,
    )


def _children(part: Message) -> list[Message]:
    if not part.is_multipart():  # asked for, a text is decoded on the way, and breaks on a crooked charset
        return []
    return [child for child in part.get_payload() if isinstance(child, Message)]


def letter_leaves(leaves: list[Leaf]) -> Iterator[Leaf]:
    """Yield the parts that are the letter itself: of alternatives the plain one unless it is blank."""
    texts = [leaf for leaf in leaves if leaf.is_text]
    readable = {leaf.alternative for leaf in texts if leaf.content_type == "text/plain" and leaf.content.strip()}
    for leaf in texts:
        preferred = "text/plain" if leaf.alternative in readable else "text/html"
        if leaf.alternative is None or leaf.content_type == preferred:
            yield leaf


def _file(leaf: Leaf, place: int) -> DraftFile:
    kind = known_content_type(leaf.content_type)
    extension = ".eml" if kind == "message/rfc822" else guess_extension(kind) or ".bin"
    return DraftFile(clean_file_name(leaf.name, f"piece-jointe-{place}{extension}"), kind, leaf.content)


def _decoded(part: Message) -> bytes:
    """Return the bytes under the transfer encoding; where that is broken, the bytes as they came."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, binascii.Error):
        content = None
    if isinstance(content, bytes):
        return content
    bare = copy(part)
    del bare["content-type"]  # nobody's charset is asked
    return str(bare.get_payload()).encode("utf-8", "surrogateescape")


def _nested_bytes(part: Message, messages: list[Message]) -> bytes:
    """Return a mail within a mail. RFC 2046 5.2.1 forbids to encode it, which is done all the same."""
    written = BytesIO()
    for message in messages:
        BytesGenerator(written, mangle_from_=False, maxheaderlen=0).flatten(message)
    if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
        with suppress(binascii.Error):
            return binascii.a2b_base64(written.getvalue())
    return written.getvalue()
