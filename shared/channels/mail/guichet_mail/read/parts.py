"""The body and the files of a mail: what there is to read and what comes along. Pure.

Python's parser runs under policy compat32: it accepts any bytes; the parts' headers are read by `headers`.
"""

import binascii
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import Message
from functools import cached_property, lru_cache
from io import BytesIO
from mimetypes import guess_extension

from guichet.channel.content_types import known_content_type
from guichet.channel.draft import DraftFile
from guichet.channel.text import clean_file_name, clean_text
from guichet_mail.read.charsets import decode_text
from guichet_mail.read.headers import Headers, decode_words
from guichet_mail.read.html import html_to_text
from guichet_mail.read.tree import PARAMETERS_CHARS


@dataclass(frozen=True)
class Leaf:
    """A part that holds bytes. alternative: place of the multipart/alternative it stands in, None outside of any."""

    content_type: str
    charset: str | None
    name: str | None
    is_attached: bool
    content: bytes
    alternative: int | None

    @property
    def is_text(self) -> bool:
        """True for a part that is the letter itself rather than something enclosed."""
        return self.content_type in ("text/plain", "text/html") and not self.is_attached and self.name is None

    @property
    def text(self) -> str:
        """The words of a text part."""
        text = decode_text(self.content, self.charset)
        return html_to_text(text) if self.content_type == "text/html" else clean_text(text).replace("\r\n", "\n")


def read_leaves(mail: Message) -> list[Leaf]:
    """Return every part that holds bytes, in the mail's order; a forwarded mail is one part."""
    return list(_leaves(mail, None))


def letter_of(leaves: list[Leaf]) -> str:
    """Return what there is to read: of alternatives the plain one unless it is blank; quoted text is kept."""
    texts = [leaf.text.strip() for leaf in letter_leaves(leaves)]
    return "\n\n".join(text for text in texts if text)


def files_of(leaves: list[Leaf]) -> tuple[DraftFile, ...]:
    """Return what comes along with the letter, inline images included."""
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
        content_type="text/plain" if is_empty else stated.content_type,
        charset=stated.charset,
        name=stated.name,
        is_attached=stated.is_attached,
        content=_nested_bytes(children) if children else _decoded(part),
        alternative=alternative,
    )


def _children(part: Message) -> list[Message]:
    if not part.is_multipart():  # asked for, a text is decoded on the way, and breaks on a crooked charset
        return []
    return [child for child in part.get_payload() if isinstance(child, Message)]


class Stated:
    """What two headers state of a part, read by Python when it is asked for, in a message with nothing else."""

    def __init__(self, content_type: str, disposition: str) -> None:
        self._parameters = Message()
        for name, value in (("content-type", content_type), ("content-disposition", disposition)):
            if value:
                self._parameters[name] = value[:PARAMETERS_CHARS]

    @cached_property
    def content_type(self) -> str:
        """What kind of content it is, in lower case; text/plain where nothing usable is said."""
        return self._parameters.get_content_type()

    @cached_property
    def charset(self) -> str | None:
        """What its text is said to be written in."""
        try:
            return self._parameters.get_content_charset()
        except (ValueError, LookupError, TypeError):
            return None

    @cached_property
    def name(self) -> str | None:
        """The name of a file, as Python reads it."""
        try:
            name = self._parameters.get_filename()
        except (ValueError, LookupError, TypeError):  # crooked RFC 2231
            return None
        return decode_words(name) if name is not None else None

    @cached_property
    def is_attached(self) -> bool:
        """Whether it comes beside the letter."""
        return self._parameters.get_content_disposition() == "attachment"


_COMMON = re.compile(r"text/(plain|html); ?charset=[\"\w-]+")
_stated_again = lru_cache(maxsize=64)(Stated)  # read anew for each part of each mail it costs 20 µs


def stated_of(part: Message) -> Stated:
    """Return what the headers of a part state of it."""
    headers = Headers.of(part)
    content_type, disposition = headers.first("content-type"), headers.first("content-disposition")
    is_common = not disposition and _COMMON.fullmatch(content_type)  # no name of a file, which is nothing to remember
    return _stated_again(content_type, disposition) if is_common else Stated(content_type, disposition)


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


def _nested_bytes(messages: list[Message]) -> bytes:
    written = BytesIO()
    for message in messages:
        BytesGenerator(written, mangle_from_=False, maxheaderlen=0).flatten(message)
    return written.getvalue()
