"""What the town's own mail system found of one mail, method by method: SPF, DKIM, DMARC. Pure; for whoever tries it.

Nobody is proven by this (authentication.py): it tells an operator what their server wrote.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guichet_mail.read.headers import LONGEST_RESULTS, Headers
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.own.verdicts.results import without_comments

METHODS: Final = ("spf", "dkim", "dmarc")
_RESULTS: Final = "authentication-results"
_SIGNATURE: Final = "dkim-signature"
_QUOTED: Final = re.compile(r'"[^"]*"')
_SIGNED_BY: Final = re.compile(r"(?:^|;)\s*d\s*=\s*([A-Za-z0-9.-]+)")


@dataclass(frozen=True)
class Found:
    """result: of a method, the best that was written; blank: none. by: who signed; blank: nobody. is_own: whether it
    stands where the town's own system writes, so that it is believed."""

    method: str
    result: str
    by: str
    is_own: bool


def each_method(headers: Headers, system: OwnSystem) -> Iterator[Found]:
    """Yield what was found by each. Where the own system wrote nothing, what the topmost results say."""
    own = system.results_in(headers).all(_RESULTS)
    written = own or headers.all(_RESULTS)[:1]
    signers = ",".join(dict.fromkeys(d.lower() for each in headers.all(_SIGNATURE) for d in _SIGNED_BY.findall(each)))
    for method in METHODS:
        results = [result for each in written for result in _results_of(method, each)]
        best = "pass" if "pass" in results else next(iter(results), "")
        yield Found(method, best, signers if method == "dkim" else "", bool(own))


def _results_of(method: str, value: str) -> list[str]:
    plain = _QUOTED.sub('""', without_comments(value[:LONGEST_RESULTS]))
    return [each.lower() for each in re.findall(rf"(?:^|[;\s]){method}\s*=\s*([A-Za-z]+)", plain)]
