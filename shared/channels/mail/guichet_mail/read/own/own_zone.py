"""Which headers of a mail the town's own mail system wrote. Pure.

A server writes on top of what it was given. So all that stands above the Received of a server of ours is ours, and what
stands below the one that took the mail from a stranger is the stranger's, whatever it says. See docs/decisions/0043.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import Final

from guichet_mail.read.headers import Headers, as_text
from guichet_mail.read.own.received import PRIVATE, Hop, Network, is_within, read_hop

BY_LMTP: Final = "lmtp:"  # before a pattern: a server that took the mail by LMTP alone, into a mailbox for instance
LONGEST_NAME: Final = 253  # RFC 1035 2.3.4
BENEATH: Final = frozenset({"authentication-results", "received-spf"})
SIGNED_IN: Final = frozenset({"esmtpa", "esmtpsa", "utf8smtpa", "utf8smtpsa"})  # RFC 3848, RFC 6531


@dataclass(frozen=True)
class Zone:
    """own: the headers down to the lowest Received that is ours. hop: what that one says, and `received` as it stands.

    beneath: what a filter of our server's may have put right below that, up to the first header of another name.
    """

    own: Headers
    hop: Hop
    received: str
    beneath: Headers

    def is_filtered(self) -> bool:
        """Return whether the server's filters have treated the mail.

        They leave alone, with all that it says, what comes from their own network or from who has signed in.
        """
        is_strangers = not all(is_within(each, PRIVATE) for each in self.hop.taken_from)
        return is_strangers and self.hop.protocol not in SIGNED_IN


@dataclass(frozen=True)
class DoubtfulZone:
    """Where a Received that should be ours cannot be read, which a client brings about by how it calls itself (HELO).

    What is said there counts against its mail alone. own, beneath: what stands above it, and right below.
    """

    own: Headers
    beneath: Headers


def find_zone(
    headers: Headers, received_by: tuple[str, ...], inside: tuple[Network, ...] | None
) -> Zone | DoubtfulZone | None:
    """Return what is ours of a mail's headers; None where it is not known to have come in where strangers' mail does.

    received_by: patterns for the names of our servers in the order of the Received headers, from the top, each for one;
    the last is the one that strangers reach, and of the others a mail may have left some out. inside: from where one of
    ours takes the mail of another; what one took from elsewhere is a stranger's. None: from anywhere, where no other
    server of ours is called like the one that strangers reach.
    """
    lowest, left, unread = None, received_by, None
    for index, (name, raw) in enumerate(headers.fields()):
        if name != "received":
            continue
        hop = read_hop(as_text(raw))
        passed = _passed(hop, left)
        if hop is None or passed is None:
            unread = index if hop is None and left else None
            break
        lowest, left = (index, hop), left[passed:]
        if inside is not None and not hop.came_from(inside):
            break
    if lowest is not None and _is(lowest[1], received_by[-1]):
        return _zone(headers.fields(), *lowest)
    if unread is None:
        return None
    return DoubtfulZone(Headers(headers.fields()[:unread]), _beneath(headers.fields(), unread))


def _passed(hop: Hop | None, left: tuple[str, ...]) -> int | None:
    """Return how many of the patterns are done with, or None where none of them is this server's."""
    if hop is None or len(hop.by) > LONGEST_NAME:
        return None
    return next((number for number, each in enumerate(left, start=1) if _is(hop, each)), None)


def _is(hop: Hop, pattern: str) -> bool:
    by_lmtp = hop.protocol.startswith("lmtp") or not pattern.startswith(BY_LMTP)
    return by_lmtp and fnmatchcase(hop.by, pattern.removeprefix(BY_LMTP))


def _zone(fields: list[tuple[str, str]], index: int, hop: Hop) -> Zone:
    return Zone(Headers(fields[: index + 1]), hop, as_text(fields[index][1]), _beneath(fields, index))


def _beneath(fields: list[tuple[str, str]], index: int) -> Headers:
    return Headers(takewhile(lambda field: field[0] in BENEATH, fields[index + 1 :]))
