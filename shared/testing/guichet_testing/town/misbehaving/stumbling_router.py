"""case-router with a bug: it stumbles over one word and says, in its error, what it was reading.

Started in case-router's place: python -m guichet_testing.town.misbehaving.stumbling_router [WORD]
"""

import runpy
import sys
from collections.abc import Sequence

from case_router.domain.choose_department import Routing, RoutingRules

STUMBLE = "chausse-trape"


def stumble_over(word: str) -> None:
    """Choose as ever, except where the bug bites."""
    choose = RoutingRules.choose

    def stumble(rules: RoutingRules, accounts: Sequence[str], subject: str | None, text: str) -> Routing:
        if word not in text:
            return choose(rules, accounts, subject, text)
        error = ValueError(f"no idea where to send: {text}", subject)
        error.add_note(f"while reading {text}")
        try:
            raise KeyError(text)
        except KeyError as inner:
            raise ExceptionGroup(f"several things about {subject}", [error, RuntimeError(text)]) from inner

    RoutingRules.choose = stumble  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    stumble_over(sys.argv[1] if sys.argv[1:] else STUMBLE)
    runpy.run_module("case_router", run_name="__main__")
