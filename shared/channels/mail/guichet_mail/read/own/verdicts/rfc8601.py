"""Authentication-Results as RFC 8601 defines it. Pure."""

import re
from collections.abc import Iterable
from functools import cache

import authres

from guichet_mail.read.headers import LONGEST_RESULTS, Headers
from guichet_mail.read.own.verdicts.results import NOTHING, Results, at_least_refused, is_plain, without_comments

NAME = "authentication-results"

_FEATURES = authres.FeatureContext()  # its modules add names for properties, which are read by their own names here


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


def server_of(value: str) -> str:
    """Return the name that a header's results stand under, however crooked the rest of it is."""
    name = without_comments(value.partition(";")[0]).split()
    return name[0].strip('"').lower() if name else ""


def read_rfc8601(own: Headers, authserv_id: str | None, _author: str | None) -> Results:
    """Read the results of each header under our server's name. Where one cannot be read, none is believed."""
    ours = [each for each in own.all(NAME) if authserv_id and server_of(each) == authserv_id.lower()]
    try:
        return _understood([result for each in ours for result in _results_in(each)])
    except Exception:  # the parser gives up in many ways, some of which the sender can bring about
        refusals = [each for each in map(at_least_refused, ours) if each.dmarc]
        return refusals[0] if refusals else NOTHING


def _results_in(value: str) -> list[authres.AuthenticationResult]:
    if len(value) > LONGEST_RESULTS or not is_plain(value):
        raise ValueError("not meant to be read")
    found: list[authres.AuthenticationResult] = _Parser.parse_value(_FEATURES, value).results
    return found


def _understood(found: Iterable[authres.AuthenticationResult]) -> Results:
    read = [(each.method.lower(), each.result.lower(), _properties(each)) for each in found]
    signed = [properties for method, result, properties in read if (method, result) == ("dkim", "pass")]
    signers = (each.get("header.d") or each.get("header.i", "").rpartition("@")[2] for each in signed)
    judged = (each.get("header.from", "").rpartition("@")[2] for method, _, each in read if method == "dmarc")
    return Results(
        dmarc=frozenset(result for method, result, _ in read if method == "dmarc"),
        judged=frozenset(filter(None, judged)),
        signed_by=frozenset(filter(None, signers)),
    )


def _properties(result: authres.AuthenticationResult) -> dict[str, str]:
    return {f"{each.type}.{each.name}".lower(): (each.value or "").lower() for each in result.properties}
