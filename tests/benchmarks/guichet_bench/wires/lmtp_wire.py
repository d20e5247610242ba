"""LMTP (RFC 2033), as a mail server speaks it over a connection that it keeps: the commands of a mail at once (RFC 2920)."""

from typing import Final

from guichet_bench.wires.load import Exchange, Wire


def hand_over(sender: str, recipient: str, mail: bytes) -> Exchange:
    """Return a mail as an exchange. mail: with CRLF, and no line that begins with a dot."""
    commands = f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n"
    return commands.encode(), mail + b"\r\n.\r\n"


def is_complete(answer: bytes, asked: bytes = b"") -> bool:
    """Return whether each command has its answer, whose last line has a blank after the code, and not a hyphen."""
    owed = asked.count(b"\r\n") if asked.endswith(b"DATA\r\n") else 1  # one recipient a mail, so one for its text
    ended = [line for line in answer.splitlines(keepends=True) if line.endswith(b"\n") and line[3:4] != b"-"]
    return len(ended) >= owed


def is_good(answer: bytes) -> bool:
    """Return whether nothing is refused."""
    return all(line[:1] in b"23" for line in answer.splitlines())


LMTP: Final = Wire(is_complete, is_good, greets=True, opening=(b"LHLO bench.example\r\n",))
