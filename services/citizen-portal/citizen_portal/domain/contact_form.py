"""The contact form: what a citizen typed, and what is missing in it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from guichet.channel.text import clean_text
from guichet.channel.typed_address import is_typed_email
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, InboundContent
from guichet.privacy.normal_form import normalised_phone

LONGEST: Final = {"name": 200, "email": 254, "phone": 40, "subject": 200, "message": 50_000}  # characters
MOST_FILES: Final = 5
FILE_BYTES: Final = 8 * 1024 * 1024
BODY_BYTES: Final = 21 * 1024 * 1024  # 20 MiB of files, and the words
TRAP: Final = "website"  # hidden from people; what fills it in is a robot, or a browser that guesses


@dataclass(frozen=True)
class SentFile:
    """A file of a form, as the browser sent it. of: the name of its field."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    of: str = ""


@dataclass(frozen=True)
class ContactForm:
    """What was typed. errors: field → what is wrong, a code that the template words."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    message: str = field(default="", repr=False)
    trap: str = field(default="", repr=False)
    files: tuple[SentFile, ...] = ()

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, in the order of the fields; empty for a form that can be taken."""
        found: dict[str, str] = {}
        for name in ("name", "email", "subject", "message"):
            if not getattr(self, name).strip():
                found[name] = "missing"
        if "email" not in found and not is_typed_email(self.email):
            found["email"] = "invalid"
        if self.phone.strip() and normalised_phone(self.phone) is None:
            found["phone"] = "invalid"
        found |= {name: "too-long" for name, most in LONGEST.items() if len(getattr(self, name)) > most}
        if len(self.files) > MOST_FILES:
            found["files"] = "too-many"
        if any(len(file.content) > FILE_BYTES for file in self.files):
            found["files"] = "too-large"
        if self.trap:
            found[TRAP] = "trap"
        return {
            name: found[name]
            for name in ("name", "email", "phone", "subject", "message", "files", TRAP)
            if name in found
        }

    @property
    def content(self) -> InboundContent:
        """The message as the channel carries it; an answer goes to the mail address, which comes first."""
        identifiers = [Identifier(kind=MAIL_ADDRESS, value=self.email.strip())]
        if self.phone.strip():
            identifiers.append(Identifier(kind=PHONE_NUMBER, value=self.phone.strip()))
        return InboundContent(
            sender=tuple(identifiers),
            display_name=clean_text(" ".join(self.name.split())),
            subject=clean_text(" ".join(self.subject.split())),
            text=clean_text(self.message),
        )


def read_contact_form(fields: Mapping[str, str], files: tuple[SentFile, ...]) -> ContactForm:
    """Return the form that a browser sent; a field that it left out is blank."""
    typed = {name: fields.get(name, "").replace("\r\n", "\n") for name in LONGEST}
    return ContactForm(**typed, trap=fields.get(TRAP, ""), files=files)
