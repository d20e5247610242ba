"""The forms in which servers write what they found; one that keeps to no standard gets a reader of its own here."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from guichet_mail.read.headers import Headers
from guichet_mail.read.own.verdicts.exchange_online import read_exchange_online
from guichet_mail.read.own.verdicts.results import Results
from guichet_mail.read.own.verdicts.rfc8601 import read_rfc8601
from guichet_mail.read.own.verdicts.rspamd import read_rspamd
from guichet_mail.read.own.verdicts.spamassassin import read_spamassassin

VerdictForm = Literal["rfc8601", "exchange-online", "google", "rspamd", "spamassassin"]

ResultsReader = Callable[[Headers, str | None, str | None], Results]
"""Reads the results in headers that our own system wrote, all of them. The second: its server's name, if it writes one
(RFC 8601's authserv-id). The third: the domain of From, where it is written so that nobody reads it in another way."""

READERS: Final[Mapping[VerdictForm, ResultsReader]] = {
    "rfc8601": read_rfc8601,
    "exchange-online": read_exchange_online,
    "google": read_rfc8601,  # as mx.google.com; ARC-Authentication-Results, beside it, are of whoever relayed the mail
    "rspamd": read_rspamd,
    "spamassassin": read_spamassassin,
}
SIGNED: Final = frozenset[VerdictForm]({"rfc8601", "google", "rspamd"})
"""Forms that bear the server's name: without a known zone, the topmost header under it is believed."""
