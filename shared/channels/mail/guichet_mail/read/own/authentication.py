"""Whether the town's own mail server found the author of a mail to be who they say (RFC 8601, RFC 7489). Pure.

What each form of results says is read elsewhere (`verdicts`); what it proves is decided here, once.
See docs/decisions/0019.
"""

import re
from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from guichet_mail.read.headers import AUTHOR_CHARS, Headers
from guichet_mail.read.own.verdicts.results import Results

_ADDRESS: Final = r"[\w!#$%&'*+/=?^`{|}~.-]+@([A-Za-z0-9.-]+)"
_PLAIN_FROM: Final = re.compile(rf"""(?:{_ADDRESS}|(?:[\w.'-]+(?: [\w.'-]+)*|"[\w .'-]*") <{_ADDRESS}>)""", re.ASCII)


def author_verdict(results: Results, headers: Headers) -> bool | None:
    """Return whether the author in From is proven: True, refused: False (DMARC "fail"), or not said: None."""
    if "fail" in results.dmarc:
        return False
    domain = author_domain(headers)
    return True if domain is not None and _vouches(results, domain) else None


def author_domain(headers: Headers) -> str | None:
    """Return the domain of From, or None unless there is one From with one address: of several, which was judged?"""
    written, authors = headers.all("from"), headers.mailboxes("from")
    if len(written) != 1 or len(written[0]) > AUTHOR_CHARS or len(authors) != 1:
        return None
    return authors[0].address.rpartition("@")[2].lower() or None


def plain_author_domain(headers: Headers) -> str | None:
    """Return the domain of a From that is written so that nobody reads another address in it."""
    written = headers.all("from")
    found = _PLAIN_FROM.fullmatch(written[0].strip()) if len(written) == 1 and len(written[0]) <= AUTHOR_CHARS else None
    return (found[1] or found[2]).lower() if found else None


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
