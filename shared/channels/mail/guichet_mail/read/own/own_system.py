"""The town's own mail system: what it says of a mail before Guichet sees it. Pure.

Anyone can write a header. What our own servers wrote is told apart by its place (own_zone.py), and where that is not
known by their name: then the topmost Authentication-Results header under it counts, which is the last one added, and no
other. What cannot be read says nothing: the next one below may be the sender's own. See docs/decisions/0019 and 0043.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Final, Literal, Self

from guichet.contracts.inbound import Suspicion
from guichet_mail.read.headers import Headers
from guichet_mail.read.own.authentication import author_verdict, plain_author_domain
from guichet_mail.read.own.own_zone import DoubtfulZone, Zone, find_zone
from guichet_mail.read.own.received import Network, date_of
from guichet_mail.read.own.spam_verdict import SPAM_HEADERS
from guichet_mail.read.own.verdicts.readers import READERS, SIGNED, VerdictForm
from guichet_mail.read.own.verdicts.rfc8601 import NAME, server_of

ResultsPlace = Literal["above", "beneath"]
SpamPlace = Literal["above", "end"]
SpamPolicy = Literal["never", "verdict", "verdict-and-refused"]

_NOTHING = Headers(())


@dataclass(frozen=True)
class OwnSystem:
    """By default nothing is known of it, and nothing believed.

    verdicts: the form of its results. authserv_id: the name that it writes them under. received_by: patterns for its
    servers' names in the topmost Received headers, from the top; the last one takes mail from strangers. inside: the
    networks in which they hand over to each other; None: any. results: whether they stand above the Received of the
    server that wrote them, or right beneath it. spam_headers: those that say what it takes for spam. spam_at: whether
    they stand above, too, or as the last of their name. spam: which mails wait for a person.
    """

    verdicts: VerdictForm = "rfc8601"
    authserv_id: str | None = None
    received_by: tuple[str, ...] = ()
    inside: tuple[str, ...] | None = ()
    results: ResultsPlace = "above"
    spam_headers: tuple[str, ...] = ()
    spam_at: SpamPlace = "above"
    spam: SpamPolicy = "never"

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Self:
        """Read what `to_dict` said, after it was JSON."""
        values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in said.items()}
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader process is told of it."""
        return asdict(self)

    def results_in(self, headers: Headers) -> Headers:
        """Return the headers in which its results stand; none, where it wrote none or nothing tells which are its."""
        return self._results_in(headers, self._zone(headers))

    def author_verdict(self, headers: Headers) -> bool | None:
        """Return whether the author in From is proven: True, refused: False, or not said: None."""
        zone = self._zone(headers)
        own = self._results_in(headers, zone)
        if own is _NOTHING:
            return None
        results = READERS[self.verdicts](own, self.authserv_id, plain_author_domain(headers))
        verdict = author_verdict(results, headers)
        return None if verdict and isinstance(zone, DoubtfulZone) else verdict

    def is_spam(self, headers: Headers) -> bool | None:
        """Return whether it takes a mail for spam; None where it does not say."""
        zone = self._zone(headers)
        if zone is None:
            return None
        said = next((each for each in self._spam_said(zone, headers) if each is not None), None)
        return None if said is False and isinstance(zone, DoubtfulZone) else said

    def suspicion(self, headers: Headers) -> Suspicion | None:
        """Return why a mail waits for a person to look at it, by the town's choice."""
        if self.spam == "never" or not self.is_spam(headers):
            return None
        if self.author_verdict(headers) is False:
            return Suspicion.SPAM_AND_REFUSED
        return Suspicion.SPAM if self.spam == "verdict" else None

    def taken_at(self, headers: Headers) -> datetime | None:
        """Return when the first of its servers took a mail, in UTC; None where it does not say so."""
        zone = self._zone(headers)
        return date_of(zone.received) if isinstance(zone, Zone) else None

    def _zone(self, headers: Headers) -> Zone | DoubtfulZone | None:
        return find_zone(headers, self.received_by, self._inside()) if self.received_by else None

    def _inside(self) -> tuple[Network, ...] | None:
        return None if self.inside is None else tuple(map(ip_network, self.inside))

    def _results_in(self, headers: Headers, zone: Zone | DoubtfulZone | None) -> Headers:
        """Return the headers in which its results may stand."""
        if not self.received_by:
            return self._topmost(headers) if self.verdicts in SIGNED else _NOTHING
        if zone is None:
            return _NOTHING
        if self.results == "above":
            return zone.own
        first = zone.beneath.first(NAME) if _is_filtered(zone) else ""
        return Headers([(NAME, first)]) if first else _NOTHING

    def _topmost(self, headers: Headers) -> Headers:
        """Return the topmost results under our server's name."""
        if not self.authserv_id:
            return _NOTHING
        ours = self.authserv_id.lower()
        first = next((each for each in headers.all(NAME) if server_of(each) == ours), None)
        return _NOTHING if first is None else Headers([(NAME, first)])

    def _spam_said(self, zone: Zone | DoubtfulZone, headers: Headers) -> Iterator[bool | None]:
        """Yield what each header says, the one first that counts most: of those at the end the lowest, for a filter may
        write one of them alone, and what is of the other names is the sender's."""
        if self.spam_at == "above":
            return (SPAM_HEADERS[each](zone.own.first(each)) for each in self.spam_headers)
        written = headers.lowest_first(self.spam_headers) if _is_filtered(zone) else ()
        return (SPAM_HEADERS[name](value) for name, value in written)


def _is_filtered(zone: Zone | DoubtfulZone) -> bool:
    return isinstance(zone, DoubtfulZone) or zone.is_filtered()


UNKNOWN: Final = OwnSystem()
