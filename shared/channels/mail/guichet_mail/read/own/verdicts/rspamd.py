"""What rspamd finds, as its module milter_headers writes it. Pure.

It proves by Authentication-Results alone. In X-Spamd-Result the sender's own addresses stand as they came, `]` and `;`
among them (seen with rspamd 3.4), so that anybody writes symbols there: who writes one that refuses harms nobody else.
"""

import re
from typing import Final

from guichet_mail.read.headers import Headers
from guichet_mail.read.own.verdicts.results import NOTHING, REFUSED, Results
from guichet_mail.read.own.verdicts.rfc8601 import NAME, read_rfc8601

SYMBOLS: Final = "x-spamd-result"

_REFUSAL: Final = re.compile(r";\s*DMARC_POLICY_(?:REJECT|QUARANTINE|SOFTFAIL)\(")


def read_rspamd(own: Headers, authserv_id: str | None, author: str | None) -> Results:
    """Read Authentication-Results; where there is none, the refusal that the symbols tell."""
    if own.all(NAME):
        return read_rfc8601(own, authserv_id, author)
    return REFUSED if any(map(_REFUSAL.search, own.all(SYMBOLS))) else NOTHING
