"""One Received header, as a server of ours writes it (RFC 5321 4.4). Pure.

Of what stands in it the server wrote `by`, the client's address and the date. What the client said of itself stands
beside them as it came, spaces and parentheses among it: a header that can be read in two ways is not read.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from guichet_mail.read.headers import LINE_CHARS

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_CHARS: Final = LINE_CHARS  # those of mail servers have some hundreds
PRIVATE: Final[tuple[Network, ...]] = (
    *map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16")),
    *map(ip_network, ("::1", "fc00::/7", "fe80::/10")),
)

_TOKEN: Final = re.compile(r"\([^()]*\)|[^\s()]+|[()]")
_ADDRESS: Final = re.compile(r"(?<![\w.:-])(?:IPv6:)?([0-9A-Fa-f.:]{2,45})(?![\w.:-])", re.IGNORECASE)
_DATE: Final = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s+)?(\d{1,2})\s+([A-Z][a-z]{2})\s+(\d{4})\s+(\d\d):(\d\d):(\d\d)"
    r"\s+([+-])(\d\d)([0-5]\d)(?:\s+\([^()]*\))?",
    re.ASCII,
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Hop:
    """by: the server that took the mail, in lower case. protocol: as it names it, in lower case, possibly empty.

    taken_from: every address that stands before `by`, the client's own among them.
    """

    by: str
    protocol: str
    taken_from: tuple[Address, ...]

    def came_from(self, networks: tuple[Network, ...]) -> bool:
        """Return whether the client is surely within these: an address is named, and no other."""
        if self.protocol.startswith("lmtp"):
            return True  # which strangers do not speak
        return bool(self.taken_from) and all(is_within(each, networks) for each in self.taken_from)


def read_hop(value: str) -> Hop | None:
    """Return what a Received header says, or None where `by` does not stand in it once."""
    if len(value) >= MOST_CHARS:
        return None
    tokens: list[str] = _TOKEN.findall(value)
    words = [each.lower().rstrip(";") for each in tokens]
    if words.count("by") != 1:
        return None
    at = words.index("by")
    before, after = tokens[:at], [each for each in words[at + 1 :] if not each.startswith("(")]
    if not after:
        return None
    protocol = after[2] if after[1:2] == ["with"] and len(after) > 2 else ""
    return Hop(after[0], protocol, tuple(_addresses(before)))


def date_of(value: str) -> datetime | None:
    """Return the date that a Received header ends with, in UTC; None unless it is written as RFC 5322 3.3 wants it."""
    if len(value) >= MOST_CHARS:
        return None
    found = _DATE.fullmatch(value.rpartition(";")[2].strip())
    if found is None or found[2] not in _MONTHS:
        return None
    day, _, year, hour, minute, second = (int(each) if each.isdigit() else 0 for each in found.groups()[:6])
    east = timedelta(hours=int(found[8]), minutes=int(found[9])) * (1 if found[7] == "+" else -1)
    try:
        month = _MONTHS.index(found[2]) + 1
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(east)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_within(address: Address, networks: tuple[Network, ...]) -> bool:
    """Return whether an address belongs to one of these."""
    return any(address in each for each in networks)


def _addresses(tokens: list[str]) -> list[Address]:
    found = []
    for each in _ADDRESS.findall(" ".join(tokens)):
        try:
            found.append(ip_address(each))
        except ValueError:
            continue
    return found
