"""What the test API takes for a mailbox."""

from pydantic import Field

from citizen_sandbox.play.wishes import FileWish, Wish
from guichet_mail.tile.results import Proof


class MailWish(Wish):
    """A mail of a citizen or of any `sender`. reply_to: number of the entry that it answers.

    Without `to` a reply goes where the answered mail wants it, a new mail to the first mailbox.
    proof: what the town's mail server finds of the sender.
    """

    citizen: str = ""
    sender: str = ""
    to: list[str] = Field(default_factory=list)
    cc: list[str] = Field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""
    files: list[FileWish] = Field(default_factory=list)
    headers: dict[str, str] = Field(default_factory=dict)
    reply_to: int | None = None
    proof: Proof = Proof.PASS


class RawMailWish(Wish):
    """Any bytes as a mail, with its envelope. sender: empty for the null return path. proof: see MailWish."""

    content_base64: str
    sender: str = ""
    recipients: list[str]
    proof: Proof = Proof.UNSAID
