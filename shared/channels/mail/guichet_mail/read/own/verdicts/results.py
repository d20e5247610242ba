"""What a mail server found of a mail's author, whatever form it wrote it in. Pure."""

import re
from dataclasses import dataclass

_REFUSAL = re.compile(r"(?:^|;)\s*dmarc\s*=\s*fail\b", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_COMMENT = re.compile(r"\([^()]*\)")
# Comments and quoted strings that end where they seem to. Servers quote the envelope's sender in a comment without a
# thought to what is special there: `(mx: domain of "x) ; dkim=pass header.d=a.example (y"@b.example has no policy)`.
_PLAIN = re.compile(r'(?:[^()"\\]|\([^()"\\]*+\)|"[^"\\]*+")*+')


@dataclass(frozen=True)
class Results:
    """Domains are in lower case.

    dmarc: each result the server gave (RFC 7489 11.2), none where it did not look. judged: the domains they are about.
    signed_by: the domains whose DKIM signatures it verified.
    """

    dmarc: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()
    signed_by: frozenset[str] = frozenset()


NOTHING = Results()
REFUSED = Results(dmarc=frozenset({"fail"}))


def is_plain(value: str) -> bool:
    """Return whether what stands outside of comments and quoted strings is the server's own, and not the sender's."""
    return _PLAIN.fullmatch(value) is not None


def at_least_refused(value: str) -> Results:
    """Return the refusal in results that cannot be read: who makes them unreadable loses trust, and gains none."""
    return REFUSED if _REFUSAL.search(without_comments(_QUOTED.sub('""', value))) else NOTHING


def without_comments(value: str) -> str:
    """Return a header's value with its innermost comments left out."""
    return _COMMENT.sub(" ", value)
