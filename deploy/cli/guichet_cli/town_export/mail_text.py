"""A mail of a case as a message of RFC 5322, which any mail program opens. Pure.

It is made of what Guichet keeps of the mail: who wrote, when, the words, the files. The bytes that came are kept of a
mail that nobody could read, and of no other; then they are among its files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_LONGEST: Final = 200  # of what stands on a line of a header: with four bytes a letter far below RFC 5322's 998
_TOKEN: Final = re.compile(r"[^0-9A-Za-z-]")
_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,80}")
_POLICY: Final = SMTP


@dataclass(frozen=True)
class File:
    """A file of a mail."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """What is known of a mail. guichet_id: the message's own; the line of that id says the rest."""

    guichet_id: str
    at: datetime
    text: str = field(repr=False)
    sender: str = field(repr=False)
    sender_name: str = field(default="", repr=False)
    to: Sequence[str] = ()
    subject: str = field(default="", repr=False)
    message_id: str = ""
    in_reply_to: Sequence[str] = ()
    references: Sequence[str] = ()
    files: Sequence[File] = ()


def render(mail: Mail) -> bytes:
    """Return the mail with its files."""
    message = EmailMessage(_POLICY)
    headers = {
        "From": _mailbox(mail.sender_name, mail.sender or "unknown@guichet.invalid"),
        "To": ",\r\n ".join(map(_one_line, mail.to)),
        "Date": format_datetime(mail.at),
        "Subject": _encoded(mail.subject),
        "Message-ID": _angled([mail.message_id or f"{mail.guichet_id}@guichet.invalid"]),
        "In-Reply-To": _angled(mail.in_reply_to),
        "References": _angled(mail.references),
        "X-Guichet-Export": mail.guichet_id,  # not the header of our own mails: this one may be a citizen's
    }
    message.set_content(_text(mail.text), cte="base64")
    for file in mail.files:
        main, _, sub = (
            file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
        ).partition("/")
        if main in {"multipart", "message"}:  # its own boundaries are not ours to write
            main, sub = "application", "octet-stream"
        message.add_attachment(file.content, main, sub, cte="base64", filename=_one_line(file.name) or "file")
    if mail.files:
        message.set_boundary(f"=_{_TOKEN.sub('', mail.guichet_id)}")  # the same at every export; base64 has no `_`
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return head.encode() + message.as_bytes(policy=_POLICY)


def _mailbox(name: str, address: str) -> str:
    shown = _encoded(name)
    return f"{shown}\r\n <{_one_line(address)}>" if shown else _one_line(address)


def _encoded(words: str) -> str:
    """Return words of a header in the form of RFC 2047, folded; an encoded word needs no quoting."""
    plain = _CONTROLS.sub(" ", words).strip()
    return Header(plain, "utf-8", maxlinelen=70).encode(linesep="\r\n") if plain else ""


def _one_line(value: str) -> str:
    return _CONTROLS.sub(" ", value).strip()[:_LONGEST]


def _angled(ids: Sequence[str]) -> str:
    return "\r\n ".join(f"<{_one_line(each)}>" for each in ids)


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
