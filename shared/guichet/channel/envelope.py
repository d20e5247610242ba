"""A mail as the mail server handed it over, and as a dead letter keeps it. Pure."""

import re
from dataclasses import dataclass, field
from typing import Self

from guichet.errors import PermanentError

_KEPT = re.compile(rb"((?:X-Original-To: [^\r\n]*\r\n)*)Return-Path: <([^\r\n]*)>\r\n")


@dataclass(frozen=True)
class Envelope:
    """return_path: the SMTP sender, empty when null. recipients: as accepted, in order. content: the mail's bytes."""

    return_path: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """Return the mail with its envelope in front, as mail servers write it: what a dead letter keeps.

        The sender comes last, so that a recipient that the mail itself names is never taken for one of ours.
        """
        lines = [*(f"X-Original-To: {each}" for each in self.recipients), f"Return-Path: <{self.return_path}>"]
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + self.content

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        """Read what `to_bytes` wrote. Raises PermanentError where no envelope stands in front."""
        found = _KEPT.match(kept)
        if found is None:
            raise PermanentError("no envelope stands in front of this mail", reason="not-a-record")
        recipients = (line.removeprefix(b"X-Original-To: ") for line in found[1].split(b"\r\n")[:-1])
        return cls(_text(found[2]), tuple(map(_text, recipients)), kept[found.end() :])


def _text(address: bytes) -> str:
    return address.decode("utf-8", "surrogateescape")
