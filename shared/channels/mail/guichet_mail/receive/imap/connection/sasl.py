"""How a token is shown to a mailbox: XOAUTH2 and OAUTHBEARER (RFC 7628). Pure but for what it remembers of the answer.

A server that refuses a token first says why, as JSON, and waits for an empty line. imapclient 4.1 shows it the token
once more instead, and keeps the reason to itself.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

_LONGEST_WHY: Final = 4096


@dataclass
class TokenShown:
    """The client's side. why: the status that the server refused the token with, if it said one."""

    mechanism: str
    user: str
    host: str
    port: int
    token: str = field(repr=False)
    why: str = ""
    _shown: bool = False

    def __call__(self, challenge: bytes) -> bytes:
        """Return what is said next."""
        if not self._shown:
            self._shown = True
            return self._first().encode()
        self.why = _status_in(challenge)
        return b"\1" if self.mechanism == "OAUTHBEARER" else b""

    def _first(self) -> str:
        if self.mechanism == "XOAUTH2":
            return f"user={self.user}\1auth=Bearer {self.token}\1\1"
        name = self.user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\1host={self.host}\1port={self.port}\1auth=Bearer {self.token}\1\1"


def _status_in(challenge: bytes) -> str:
    try:
        said: Any = json.loads(challenge[:_LONGEST_WHY])
        status = str(said["status"])
    except (ValueError, KeyError, TypeError):
        return ""
    return "".join(each for each in status if each.isalnum() or each in "_-.")[:40]
