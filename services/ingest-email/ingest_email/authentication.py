"""Whether the receiving mail server found the sender to be who they say (RFC 8601, RFC 7489). Pure.

Anyone can write an Authentication-Results header; only the one under our own server's name counts, and of several the
topmost, which is the last one added.
"""

import re

from ingest_email.headers import Headers

_COMMENT = re.compile(r"\([^()]*\)")
_DMARC = re.compile(r"(?:^|;)\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_VERDICTS = {"pass": True, "fail": False}


def dmarc_verdict(headers: Headers, authserv_id: str | None) -> bool | None:
    """Return True for pass, False for fail, None where our server said neither.

    authserv_id: the name our own mail server signs its verdicts with; None: it gives none, nothing is believed.
    """
    if not authserv_id:
        return None
    for value in headers.all("authentication-results"):
        bare = _COMMENT.sub(" ", value)
        server, _, results = bare.partition(";")
        if server.lower().split()[:1] == [authserv_id.lower()]:
            found = _DMARC.search(";" + results)
            return _VERDICTS.get(found[1].lower()) if found else None
    return None
