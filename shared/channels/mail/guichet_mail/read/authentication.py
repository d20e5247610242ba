"""Whether the town's own mail server found the author of a mail to be who they say (RFC 8601, RFC 7489). Pure.

Anyone can write an Authentication-Results header. Only one under our server's name counts, and of several the topmost,
which is the last one added. What cannot be read says nothing: the next one below may be the sender's own.
See docs/decisions/0019.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import authres
from publicsuffixlist import PublicSuffixList

from guichet_mail.read.headers import AUTHOR_CHARS, LONGEST_RESULTS, Headers

_REFUSAL = re.compile(r";\s*dmarc\s*=\s*fail\b", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_COMMENT = re.compile(r"\([^()]*\)")
# Comments and quoted strings that end where they seem to. Servers quote the envelope's sender in a comment without a
# thought to what is special there: `(mx: domain of "x) ; dkim=pass header.d=a.example (y"@b.example has no policy)`.
_PLAIN = re.compile(r'(?:[^()"\\]|\([^()"\\]*+\)|"[^"\\]*+")*+')
_FEATURES = authres.FeatureContext()  # its modules add names for properties, which are read by their own names here


@dataclass(frozen=True)
class Results:
    """What a mail server found, whatever form it wrote it in. Domains are in lower case.

    dmarc: each result it gave (RFC 7489 11.2), none where it did not look. judged: the domains they are about.
    signed_by: the domains whose DKIM signatures it verified.
    """

    dmarc: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()
    signed_by: frozenset[str] = frozenset()


class _Parser(authres.core.AuthenticationResultsHeader):  # type: ignore[misc]  # it has no types
    """The library's, which looks for each pattern at the beginning of what is left and nowhere else.

    Its own search goes on to the end, each time: 750 µs for an ordinary header instead of 300, and quadratic.
    """

    _parse_text: str

    def _parse_pattern(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        found = (pattern if isinstance(pattern, re.Pattern) else _compiled(pattern)).match(self._parse_text)
        if found is not None:
            self._parse_text = self._parse_text[found.end() :]
        return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ResultsReader = Callable[[Headers, str], Results]
"""Reads the results of the server of a name; Results() where it wrote none, or nothing that can be read."""


def read_rfc8601(headers: Headers, authserv_id: str) -> Results:
    """Read the topmost Authentication-Results header of our server, as RFC 8601 defines it."""
    ours = next((each for each in headers.all("authentication-results") if _server_of(each) == authserv_id.lower()), "")
    if len(ours) > LONGEST_RESULTS or not _PLAIN.fullmatch(ours):
        return _at_least_refused(ours)
    try:
        found = _Parser.parse_value(_FEATURES, ours).results if ours else []
        return _understood([(each.method.lower(), each.result.lower(), _properties(each)) for each in found])
    except Exception:  # the parser gives up in many ways, some of which the sender can bring about
        return _at_least_refused(ours)


def _at_least_refused(ours: str) -> Results:
    """Return the refusal in results that cannot be read: who makes them unreadable loses trust, and gains none."""
    refused = _REFUSAL.search(_COMMENT.sub(" ", _QUOTED.sub('""', ours)))
    return Results(dmarc=frozenset({"fail"})) if refused else Results()


READERS: Final[Mapping[str, ResultsReader]] = {"rfc8601": read_rfc8601}
"""The forms in which servers write their results; one that keeps to no standard gets a reader of its own here."""


def author_verdict(headers: Headers, authserv_id: str | None, form: str = "rfc8601") -> bool | None:
    """Return whether the author in From is proven: True, refused: False (DMARC "fail"), or not said: None.

    authserv_id: the name our own mail server signs its results with; None: it gives none, nothing is believed.
    """
    if not authserv_id:
        return None
    results = READERS[form](headers, authserv_id)
    if "fail" in results.dmarc:
        return False
    domain = _author_domain(headers)
    return True if domain is not None and _vouches(results, domain) else None


def _vouches(results: Results, domain: str) -> bool:
    """Say whether the results prove a mail of this domain.

    A verified signature of the very domain satisfies every DMARC policy (RFC 7489 3.1.1), so it counts too where the
    server judged no DMARC; one that is aligned in relaxed mode counts where there is no policy to ask for more.
    """
    if not results.judged <= {domain}:
        return False
    if results.dmarc in ({"none"}, set()):
        aligned = _aligned if results.dmarc else str.__eq__
        return any(aligned(signer, domain) for signer in results.signed_by)
    return results.dmarc == {"pass"} and results.judged == {domain}  # whom it judged: From is read in many ways


def _author_domain(headers: Headers) -> str | None:
    """Return the domain of From, or None unless there is one From with one address: of several, which was judged?"""
    written, authors = headers.all("from"), headers.mailboxes("from")
    if len(written) != 1 or len(written[0]) > AUTHOR_CHARS or len(authors) != 1:
        return None
    return authors[0].address.rpartition("@")[2].lower() or None


def _aligned(one: str, other: str) -> bool:
    """Say whether two domains belong to one organisation (RFC 7489 3.1, 3.2)."""
    organisation = _organisational(one)
    return one == other or (organisation is not None and organisation == _organisational(other))


def _organisational(domain: str) -> str | None:
    """Return the part of a domain that somebody registered; None for a public suffix."""
    return public_suffixes().privatesuffix(domain)


@cache
def public_suffixes() -> PublicSuffixList:
    """Read the list of public suffixes now rather than for the first mail that needs it."""
    return PublicSuffixList()  # its copy of the list comes with the package: nothing is fetched


def _server_of(value: str) -> str:
    """Return the name that a header's results stand under, however crooked the rest of it is."""
    name = _COMMENT.sub(" ", value.partition(";")[0]).split()
    return name[0].strip('"').lower() if name else ""


def _properties(result: authres.AuthenticationResult) -> dict[str, str]:
    return {f"{each.type}.{each.name}".lower(): (each.value or "").lower() for each in result.properties}


def _understood(found: list[tuple[str, str, dict[str, str]]]) -> Results:
    """found: method, result and properties of each."""
    signed = [properties for method, result, properties in found if (method, result) == ("dkim", "pass")]
    signers = (each.get("header.d") or each.get("header.i", "").rpartition("@")[2] for each in signed)
    judged = (each.get("header.from", "").rpartition("@")[2] for method, _, each in found if method == "dmarc")
    return Results(
        dmarc=frozenset(result for method, result, _ in found if method == "dmarc"),
        judged=frozenset(filter(None, judged)),
        signed_by=frozenset(filter(None, signers)),
    )
