"""What may go with an answer as a file, and what a page says of what does. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from agent_desk.domain.cases.dangerous_files import is_dangerous
from guichet.channel.content_types import content_type_of
from guichet.channel.text import clean_file_name
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.follow_pages.page_content import is_sensitive
from guichet.ids import DepartmentId
from guichet.store.draft import FILE_BYTES_AT_MOST
from guichet.town.town import Town

UPLOAD_BYTES: Final = FILE_BYTES_AT_MOST + 512 * 1024  # the files, and the words of their form

WhyNot = Literal["empty", "dangerous", "too-much", "infected", "too-large", "unscanned"]


@dataclass(frozen=True)
class SentFile:
    """A file to be attached. name: fit for a screen and a disk. content_type: as its name says."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class NotAttached:
    """A file that was not, and why. found: what the antivirus calls what it found."""

    name: str = field(repr=False)
    why: WhyNot
    found: str = ""


@dataclass(frozen=True)
class AttachedShown:
    """A file of an answer as pages name it. name: None where it was tampered with."""

    file_id: str
    name: str | None = field(repr=False)
    size_bytes: int


def sent_file(name: str, content: bytes, number: int) -> SentFile:
    """Return a file as a browser sends it, under a name without folders, controls or marks that turn the writing.

    The type is of the name, as a desktop goes by it: what the browser claims is not believed. number: in its form.
    """
    clean = clean_file_name(name, f"fichier-{number}")
    return SentFile(clean, content_type_of(clean), content)


def why_not_attached(file: SentFile) -> WhyNot | None:
    """Return why a file goes with no answer; None: it may."""
    if not file.content:
        return "empty"
    if len(file.content) > FILE_BYTES_AT_MOST:
        return "too-much"
    return "dangerous" if is_dangerous(file.name, file.content_type) else None


def carries_files(channel: ChannelName, department: DepartmentId, town: Town) -> bool:
    """Say whether an answer that leaves by a channel may have files: enclosed, or else on the citizen's page, which
    shows none of a sensitive sector.
    """
    return town.facts[channel].form is Form.MAIL or not is_sensitive(department, town)


def marked(files: Iterable[str]) -> str:
    """Return what a form says of the files that its page showed: others, and they are looked at anew."""
    return " ".join(files)
