"""case-router with a bug: it stumbles over one word and says, in its error, what it was reading.

Started in case-router's place: python -m guichet_canary.stumbling_router
"""

from collections.abc import Sequence

from case_router.__main__ import main
from case_router.domain.choose_department import Routing, RoutingRules

STUMBLE = "chausse-trape"
choose = RoutingRules.choose


def stumble(rules: RoutingRules, accounts: Sequence[str], subject: str | None, text: str) -> Routing:
    """Choose as ever, except where the bug bites."""
    if STUMBLE not in text:
        return choose(rules, accounts, subject, text)
    error = ValueError(f"no idea where to send: {text}", subject)
    error.add_note(f"while reading {text}")
    try:
        raise KeyError(text)
    except KeyError as inner:
        raise ExceptionGroup(f"several things about {subject}", [error, RuntimeError(text)]) from inner


RoutingRules.choose = stumble  # type: ignore[method-assign, assignment]

if __name__ == "__main__":
    main()
