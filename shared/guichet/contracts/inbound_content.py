"""What is personal in an inbound message. It exists in memory only; on topics and at rest it is sealed."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from guichet.contracts.base import Contract
from guichet.contracts.questions import AnsweredQuestion
from guichet.ids import CaseId

IdentifierKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]{1,31}$")]
"""What kind of address a citizen is known by. Each channel names its own (guichet.contracts.channels)."""

RemarkCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,39}$")]
"""What an adapter says of a message besides its words: a code. The desk words those that it knows, of any age."""


class Remark(StrEnum):
    """The codes that are known: of mails, and of what no message can say."""

    ENCRYPTED = "encrypted"  # in whole or in part: nobody here has the key
    SIGNATURE_UNCHECKED = "signature-unchecked"  # it bears one, by S/MIME or PGP, that is kept as a file
    SEVERAL_AUTHORS = "several-authors"  # From names more than one: the first is taken, none is proven
    UNOPENED = "unopened"  # something enclosed, in a form that is otherwise read, was left as it came
    CUT_SHORT = "cut-short"  # it has more parts, levels, files or words of a subject than are kept
    ANSWERS_QUESTION = "answers-question"  # by the form that its letter brought: who held the link, nobody knows
    IMPOSSIBLE_PLACE = "impossible-place"  # its position is nowhere on Earth, and was left out


MAIL_ADDRESS: Final = "email"
PHONE_NUMBER: Final = "phone"


class Identifier(Contract):
    """A citizen's address on a channel. value: as the provider gave it; the registry normalises it."""

    kind: IdentifierKind
    value: str


class MailThread(Contract):
    """The threading headers of a mail (RFC 5322 3.6.4), angle brackets removed, blanks left out.

    `to_addresses`: every address of To, Cc and the envelope, the town's own included (a signed token may hide in one).
    """

    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    to_addresses: tuple[str, ...] = ()
    authenticated: bool | None = None  # the receiving server's verdict on the author in From; None: not said


class Location(Contract):
    """A place the citizen sent, WGS 84 degrees. In a message it is on Earth, or left out (InboundContent)."""

    latitude: float
    longitude: float


class PaperOriginal(Contract):
    """The letter that a file is a scan of. kept_at: where the town keeps the paper. scan_sha256: in hexadecimal."""

    kept_at: str | None = None
    scan_sha256: str
    pages: int


class InboundContent(Contract):
    """A citizen's words and addresses. `sender[0]` is the address an answer goes to.

    `conversation`: the provider's own id of the chat or number, where the channel has conversations.
    `attachment_names`: attachment_id → the file name the citizen gave. `files_digest`: of all its files with their
    names, equal where two messages brought the same; None without files, and in records of before. `remarks`: what an
    agent should know of how it came, codes of the adapter's.

    Of what an agent took down: `place`: where it is about, in words; `represented_by`: who spoke or wrote for them;
    `original`: the letter that its file is a scan of; `asked_in`: the case in a message of which an agent found this
    request.

    `question`: of a letter of the town's, which it answers by its form: then `sender` is empty.
    """

    sender: tuple[Identifier, ...]
    display_name: str | None = None
    subject: str | None = None
    text: str
    conversation: str | None = None
    thread: MailThread | None = None
    location: Location | None = None
    attachment_names: dict[str, str] = Field(default_factory=dict)
    files_digest: str | None = None  # sealed with the rest: beside each file it would join messages (decision 0014)
    remarks: tuple[RemarkCode, ...] = ()
    written_at: AwareDatetime | None = None  # the sender's own clock, never used for a legal date
    place: str | None = None
    represented_by: str | None = None
    original: PaperOriginal | None = None
    asked_in: CaseId | None = None
    question: AnsweredQuestion | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_impossible_place(cls, said: object) -> object:
        """Leave out a position that is nowhere on Earth, and say so: the message itself is never lost for it.

        JSON knows no infinity, so that one that was sealed is a null that Location would refuse.
        """
        if not isinstance(said, dict) or _may_be_on_earth(said.get("location")):
            return said
        remarks = said.get("remarks", ())
        if isinstance(remarks, (list, tuple)) and Remark.IMPOSSIBLE_PLACE not in remarks:
            remarks = (*remarks, Remark.IMPOSSIBLE_PLACE)
        return said | {"location": None, "remarks": remarks}

    def is_refused(self) -> bool:
        """Return whether the author's own domain disowns the mail (DMARC "fail")."""
        return self.thread is not None and self.thread.authenticated is False


def _may_be_on_earth(place: object) -> bool:
    """Say whether a position is within its bounds, or is none that could be read as one."""
    said = place.model_dump() if isinstance(place, Location) else place
    if not isinstance(said, dict):
        return True
    try:
        latitude, longitude = float(said["latitude"]), float(said["longitude"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180
