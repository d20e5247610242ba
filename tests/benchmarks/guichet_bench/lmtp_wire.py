"""LMTP (RFC 2033), as a mail server speaks it over a connection that it keeps. One recipient a mail, so one answer."""

from typing import Final

from guichet_bench.load import Exchange, Wire


def hand_over(sender: str, recipient: str, mail: bytes) -> Exchange:
    """Return a mail as an exchange. mail: with CRLF, and no line that begins with a dot."""
    commands = (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA")
    return (*(f"{command}\r\n".encode() for command in commands), mail + b"\r\n.\r\n")


def is_complete(answer: bytes) -> bool:
    """Return whether the last line of an answer is there: the code is followed by a blank, not by a hyphen."""
    if not answer.endswith(b"\n"):
        return False
    last = answer.rstrip().rpartition(b"\n")[2]
    return last[3:4] != b"-"


LMTP: Final = Wire(is_complete, lambda answer: answer[:1] in b"23", greets=True, opening=(b"LHLO bench.example\r\n",))
