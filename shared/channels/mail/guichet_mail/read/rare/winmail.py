"""winmail.dat: what Outlook wraps words and files in for other Outlooks (MS-OXTNEF). By the library tnefparse."""

import logging
from collections.abc import Iterator
from typing import Final

import compressed_rtf  # noqa: F401  which tnefparse loads with the first letter in RTF
from striprtf.striprtf import rtf_to_text
from tnefparse import TNEF
from tnefparse.tnef import TNEFAttachment

from guichet.channel.content_types import content_type_of
from guichet.channel.draft import DraftFile
from guichet.channel.text import clean_file_name, clean_text
from guichet.errors import PermanentError
from guichet_mail.read.charsets import decode_text
from guichet_mail.read.html import html_to_text
from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.opened import UNOPENED, Opened, Within

_DEEPEST: Final = 3
logging.getLogger("tnefparse").disabled = True  # it quotes what it reads


def open_winmail(leaf: Leaf, within: Within) -> Opened:
    """Return the files, and the words where the letter has none."""
    try:
        return within.patience.let(lambda: _opened(leaf.content))
    except PermanentError:
        return UNOPENED


def _opened(content: bytes) -> Opened:
    found = TNEF(content, do_checksum=False)
    files = tuple(_files(found, _DEEPEST))
    try:
        return Opened(letter=_letter(found), files=files)
    except Exception:  # its libraries raise that very class; the files are there all the same
        return Opened(files=files, remarks=UNOPENED.remarks)


def _letter(found: TNEF) -> str:
    if found.body:
        return clean_text(_text(found.body)).replace("\r\n", "\n").strip("\x00 \n\ufffd")
    if found.htmlbody:
        return html_to_text(_text(found.htmlbody))
    rtf = found.rtfbody or b""
    text: str = rtf_to_text(rtf.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    return clean_text(text).strip()


def _text(body: str | bytes) -> str:
    return body if isinstance(body, str) else decode_text(body, None)


def _files(found: TNEF, levels: int) -> Iterator[DraftFile]:
    for place, attachment in enumerate(found.attachments, start=1):
        embedded = getattr(attachment, "embed", None)
        if embedded is not None:
            if levels:
                yield from _files(embedded, levels - 1)
        elif attachment.data:
            name = clean_file_name(_name(attachment), f"piece-jointe-{place}.bin")
            yield DraftFile(name, content_type_of(name), bytes(attachment.data))


def _name(attachment: TNEFAttachment) -> str:
    try:
        name = attachment.long_filename()
    except UnicodeDecodeError:
        name = decode_text(attachment._name, None)  # asked for its name it takes every name for UTF-8
    return name if isinstance(name, str) else ""
