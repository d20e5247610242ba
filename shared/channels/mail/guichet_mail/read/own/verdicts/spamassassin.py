"""What SpamAssassin finds, as the names of its tests in X-Spam-Status tell it. Pure.

    No, score=-2.1 required=6.6 tests=[BAYES_00=-1.9, DKIM_VALID=-0.1, DKIM_VALID_AU=-0.1, DMARC_PASS=-0.001]
     autolearn=ham autolearn_force=no

A name says nothing of whose domain it is about: it counts for the author only where From is written so that every
program reads the same address in it. Sources: Mail::SpamAssassin::Plugin::DKIM and ::DMARC of SpamAssassin 4.0.
"""

import re
from typing import Final

from guichet_mail.read.headers import Headers
from guichet_mail.read.own.verdicts.results import NOTHING, REFUSED, Results

NAME: Final = "x-spam-status"
# DMARC_NONE: it failed, and the domain's policy asks for nothing.
REFUSALS: Final = frozenset({"DMARC_REJECT", "DMARC_QUAR", "DMARC_NONE"})

_TESTS: Final = re.compile(r"\btests=\[?([A-Z0-9_=.,\s-]*+)")


def read_spamassassin(own: Headers, _authserv_id: str | None, author: str | None) -> Results:
    """Read the topmost header. author: the domain of a From that is written plainly."""
    listed = _TESTS.search(own.first(NAME))
    tests = {each.partition("=")[0].strip() for each in listed[1].split(",")} if listed else set()
    if tests & REFUSALS:
        return REFUSED
    if author is None:
        return NOTHING
    about = frozenset({author})
    if "DMARC_PASS" in tests:
        return Results(dmarc=frozenset({"pass"}), judged=about)
    return Results(signed_by=about) if "DKIM_VALID_AU" in tests else NOTHING
