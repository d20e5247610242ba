"""Small mails about which nothing is crooked: cut within a few milliseconds, wherever and whenever it is done. Pure."""

from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from guichet_mail.read.headers import HEAD_BYTES, Headers
from guichet_mail.read.parts import Leaf, letter_leaves, read_leaves
from guichet_mail.read.rare.forms import is_ordinary
from guichet_mail.read.tree import cut_tree

BODY_BYTES, MOST_BOUNDARIES = 64 * 1024, 50
HEAD_LINES: Final = 4000  # Exchange Online adds some hundreds
MODEST_HEADERS: Final = {  # characters
    **dict.fromkeys(("content-type", "content-disposition", "content-transfer-encoding"), 512),
    **dict.fromkeys(("from", "sender", "reply-to", "to", "cc"), 4096),
}


@dataclass(frozen=True)
class SmallMail:
    """A mail cut into its parts; what they say is not read yet."""

    mail: Message = field(repr=False)
    headers: Headers = field(repr=False)
    leaves: list[Leaf] = field(repr=False)

    def is_plain(self) -> bool:
        """Return whether what there is to read in it is plain text, and nothing else to open."""
        is_plain_text = all(leaf.content_type == "text/plain" for leaf in letter_leaves(self.leaves))
        return is_plain_text and is_ordinary(self.leaves)


def cut_small(content: bytes) -> SmallMail | None:
    """Return a mail's parts, or None where it is not small, or something about it is crooked.

    What mail servers add on top counts as little as it can: the same mail shall be small on every way it comes.
    """
    head_bytes = max(0, content.find(b"\r\n\r\n"))
    if head_bytes > HEAD_BYTES or len(content) - head_bytes > BODY_BYTES:
        return None
    if content.count(b"\r\n", 0, head_bytes) > HEAD_LINES or content.count(b"\r\n--") > MOST_BOUNDARIES:
        return None
    mail = cut_tree(content)
    if mail is None or not all(map(is_modest, mail.walk())):
        return None
    return SmallMail(mail, Headers.of(mail), read_leaves(mail))


def is_modest(part: Message) -> bool:
    """Return whether the headers that are read several times are short, and the body in no rare encoding."""
    lengths = {name.lower(): len(value) for name, value in part.raw_items()}
    encoding = str(part.get("content-transfer-encoding", "")).lower()
    return "uu" not in encoding and all(lengths.get(name, 0) <= most for name, most in MODEST_HEADERS.items())
