"""What the town's own mail server says of a sender, as the sandbox plays it (RFC 8601). Pure."""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import compat32
from email.utils import parseaddr
from enum import StrEnum
from typing import Final

_DOMAIN = re.compile(r"[\w.-]+", re.ASCII)


class Proof(StrEnum):
    """What it found: the citizen's domain vouches for them, publishes no policy, disowns the mail, or was not asked."""

    PASS = "pass"  # noqa: S105 - a result, no password
    NONE = "none"
    FAIL = "fail"
    UNSAID = "unsaid"


def results_header(raw: bytes, authserv_id: str, proof: Proof) -> bytes:
    """Return the Authentication-Results header that the server adds on top of a mail; nothing where it says nothing."""
    if proof is Proof.UNSAID:
        return b""
    author = parseaddr(str(message_from_bytes(raw, policy=compat32).get("From", "")))[1]
    domain = author.rpartition("@")[2]
    about = f" header.from={domain}" if _DOMAIN.fullmatch(domain) else ""
    return f"Authentication-Results: {authserv_id}; dmarc={proof}{about}\r\n".encode()


WORDS: Final[Mapping[Proof, str]] = {
    Proof.PASS: "l’expéditeur est authentique (DMARC pass)",
    Proof.NONE: "son domaine ne dit rien (DMARC none)",
    Proof.FAIL: "son domaine désavoue le courriel (DMARC fail)",
    Proof.UNSAID: "rien : pas de verdict",
}
