"""case-router with the bug of the operations story: it stumbles over one word. Started as a script in its place."""

from typing import Any

from case_router.__main__ import main
from case_router.domain.choose_department import RoutingRules

choose = RoutingRules.choose


def stumble(rules: RoutingRules, accounts: tuple[str, ...], subject: str | None, text: str) -> Any:
    """Choose as ever, except where the bug bites."""
    if "trottinette" in text:
        raise ZeroDivisionError(f"no idea where to send: {text}")
    return choose(rules, accounts, subject, text)


RoutingRules.choose = stumble  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
