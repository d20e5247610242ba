"""Compose the mails of citizens and read those of the town. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, SMTPUTF8, default
from email.utils import format_datetime, formataddr, make_msgid

from citizen_sandbox.play.entry import Attachment, Entry


@dataclass(frozen=True)
class TypedMail:
    """What a citizen writes. headers: added, or put in place of those that a mail program sets."""

    sender_name: str
    sender: str
    to: list[str]
    subject: str
    text: str
    cc: list[str] = field(default_factory=list)
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    answers: Entry | None = None


def compose(letter: TypedMail, written_at: datetime) -> EmailMessage:
    """Return the mail as a usual mail program would make it, Message-ID and threading headers included."""
    mail = EmailMessage(policy=SMTPUTF8 if not letter.sender.isascii() else SMTP)
    mail["From"] = formataddr((letter.sender_name, letter.sender))
    mail["To"] = ", ".join(letter.to)
    if letter.cc:
        mail["Cc"] = ", ".join(letter.cc)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = make_msgid(domain=letter.sender.rpartition("@")[2] or "courriel.example")
    if letter.answers is not None:
        _thread(mail, letter.answers)
    _fill(mail, letter)
    for name, value in letter.headers.items():
        del mail[name]
        mail[name] = value
    return mail


def _thread(mail: EmailMessage, answered: Entry) -> None:
    """Point back at the answered mail (RFC 5322, 3.6.4)."""
    earlier = answered.header("References") or answered.header("In-Reply-To")
    mail["In-Reply-To"] = answered.provider_id
    mail["References"] = f"{earlier} {answered.provider_id}".strip()


def _fill(mail: EmailMessage, letter: TypedMail) -> None:
    mail.set_content(letter.text)
    if letter.html:
        mail.add_alternative(letter.html, subtype="html")
    for file in letter.attachments:
        kind, _, subtype = file.media_type.partition("/")
        mail.add_attachment(
            file.content, maintype=kind or "application", subtype=subtype or "octet-stream", filename=file.name
        )


def reply_address(answered: Entry) -> str:
    """Return where a reply goes: Reply-To, else From."""
    return answered.header("Reply-To") or answered.header("From") or answered.counterpart


def reply_subject(subject: str) -> str:
    """Return the subject of a reply, with one `Re:` however long the thread is."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def quote(answered: Entry) -> str:
    """Return the text of the answered mail as a mail program quotes it below a reply."""
    lines = "\n".join(f"> {line}" for line in answered.text.rstrip().splitlines())
    return f"\n\n{answered.header('From')} a écrit :\n{lines}\n"


@dataclass(frozen=True)
class ReadMail:
    """A mail taken apart, as a mail program shows it."""

    sender: str
    subject: str
    message_id: str
    text: str
    html: str
    headers: list[tuple[str, str]]
    attachments: list[Attachment]


def read_mail(raw: bytes) -> ReadMail:
    """Take a mail apart. Any bytes are a mail; what is missing is empty."""
    try:
        return _read(raw)
    except Exception:
        return ReadMail("", "", "", raw.decode("utf-8", "replace"), "", [], [])


def _read(raw: bytes) -> ReadMail:
    mail = message_from_bytes(raw, policy=default)
    return ReadMail(
        sender=str(mail.get("From", "")),
        subject=str(mail.get("Subject", "")),
        message_id=str(mail.get("Message-ID", "")).strip(),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        headers=[(name, str(value)) for name, value in mail.items()],
        attachments=[_attachment(part) for part in mail.iter_attachments()],
    )


def _body(mail: MIMEPart, kind: str) -> str:
    part = mail.get_body((kind,))
    return _text(part) if part is not None else ""


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(charset, "replace").replace("\r\n", "\n")
    except LookupError:  # a charset nobody knows
        return content.decode("latin-1").replace("\r\n", "\n")


def _attachment(part: MIMEPart) -> Attachment:
    payload = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename() or "sans nom",
        media_type=part.get_content_type(),
        content=payload if isinstance(payload, bytes) else part.as_bytes(),
    )
