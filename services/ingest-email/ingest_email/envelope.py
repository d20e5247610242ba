"""A mail as the mail server handed it over."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Envelope:
    """return_path: the SMTP sender, empty when null. recipients: as accepted, in order. content: the mail's bytes."""

    return_path: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """Return the mail with its envelope in front, as mail servers write it: what a dead letter keeps."""
        lines = [f"Return-Path: <{self.return_path}>", *(f"X-Original-To: {each}" for each in self.recipients)]
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + self.content
