"""Authentication-Results as Exchange Online writes it: without a server's name, so that it is known by its place. Pure.

    spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=exemple.test; dkim=pass (signature was verified)
     header.d=exemple.test;dmarc=pass action=none header.from=exemple.test;compauth=pass reason=100

Sources: learn.microsoft.com/defender-office-365/message-headers-eop-mdo (the fields, and the codes of compauth);
headers that Exchange Online wrote, as their recipients published them.
"""

import re
from typing import Final

from guichet_mail.read.headers import LONGEST_RESULTS, Headers
from guichet_mail.read.own.verdicts.results import NOTHING, Results, at_least_refused, is_plain

NAME: Final = "authentication-results"
VERIFIED: Final = "(signature was verified)"  # what the server writes, and no HELO can hold
# A sealer that the town's administrator trusts vouched for the mail as it was before it was forwarded.
OVERRIDDEN: Final = ("pass", "130")

_CLAUSE: Final = re.compile(r"\s*(\w+)=(\w+)(.*)", re.DOTALL)
_DOMAIN: Final = r"=(?:[^\s;@]*@)?([A-Za-z0-9_.-]+)(?=[\s;]|$)"
_HEADER_D: Final = re.compile(rf"\bheader\.d{_DOMAIN}")
_HEADER_FROM: Final = re.compile(rf"\bheader\.from{_DOMAIN}")
_REASON: Final = re.compile(r"\breason=(\d{3})\b")
_UNPROVEN: Final = {"bestguesspass": "none"}  # there is no policy; what it guesses rests on SPF perhaps


def read_exchange_online(own: Headers, _authserv_id: str | None, _author: str | None) -> Results:
    """Read the topmost header. `compauth` proves nobody: it weighs reputation too, and an SPF of the envelope."""
    value = own.first(NAME)
    if len(value) > LONGEST_RESULTS or not is_plain(value):
        return at_least_refused(value)
    clauses = filter(None, map(_CLAUSE.match, value.split(";")))
    found = [(each[1].lower(), each[2].lower(), each[3]) for each in clauses]
    dmarc = [(result, rest) for method, result, rest in found if method == "dmarc"]
    signed = [(result, rest) for method, result, rest in found if method == "dkim"]
    if _is_overridden(found):
        return NOTHING
    return Results(
        dmarc=frozenset(_UNPROVEN.get(result, result) for result, _ in dmarc),
        judged=frozenset(domain for _, rest in dmarc for domain in _domains(_HEADER_FROM, rest)),
        signed_by=frozenset() if any(result == "none" for result, _ in signed) else _signers(signed),
    )


def _signers(signed: list[tuple[str, str]]) -> frozenset[str]:
    verified = [rest for result, rest in signed if result == "pass" and VERIFIED in " ".join(rest.split())]
    return frozenset(domain for rest in verified for domain in _domains(_HEADER_D, rest))


def _domains(where: re.Pattern[str], rest: str) -> list[str]:
    return [each.lower() for each in where.findall(rest)]


def _is_overridden(found: list[tuple[str, str, str]]) -> bool:
    said = [(result, "".join(_REASON.findall(rest))) for method, result, rest in found if method == "compauth"]
    return said == [OVERRIDDEN]
