"""What agents ask a full store for: words, names, numbers, lists. Values alone."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Final

from agent_desk.domain.work.views import View
from guichet_bench.french import FrenchWords
from tests.scale.sealing.years import CASES_EACH, phone_of

Typed = Callable[[Random], str]


def kinds_of_search(french: FrenchWords, cases: int) -> Mapping[str, Typed]:
    """Return what somebody types, by kind; half of the kinds are of frequent words alone."""
    return {
        "one frequent word": french.frequent,
        "two frequent words": lambda by: f"{french.frequent(by)} {french.frequent(by)}",
        "two frequent words beside each other": lambda by: f'"{french.frequent(by)} {french.frequent(by)}"',
        "a frequent word of a closed case": lambda by: f"{french.frequent(by)} est:close",
        "a frequent word of one department": lambda by: f"{french.frequent(by)} service:voirie",
        "one rare word": french.rare,
        "two frequent words and a rare one": lambda by: (
            f"{french.frequent(by)} {french.frequent(by)} {french.rare(by)}"
        ),
        "a name": lambda by: f"de:{french.name(by)}",
        "half a name": lambda by: f"de:{french.name(by)[:5]}",
        "a telephone number": lambda by: phone_of(by.randrange(max(1, cases // CASES_EACH))),
    }


def typed_in_turn(french: FrenchWords, cases: int, times: int) -> Iterator[tuple[str, str]]:
    """Yield kind and words, every kind so many times, the kinds in turn, each time by other words."""
    kinds = kinds_of_search(french, cases)
    for nth in range(times):
        yield from ((name, typed(Random(f"{name} {nth}"))) for name, typed in kinds.items())


LISTS: Final[Mapping[str, str]] = {
    **{f"list: {view.value or 'all open cases'}": f"/demandes?vue={view.value}" for view in View},
    "list: closed cases": "/demandes?etat=close",
    "list: those that wait longest": "/demandes?ordre=attente",
    "list: of a department": "/demandes?service=voirie",
    "list: of a department, closed": "/demandes?service=voirie&etat=close",
    "list: of a channel": "/demandes?canal=sms",
    "list: of a channel, closed": "/demandes?canal=sms&etat=close",
    "list: of a day": "/demandes?du=2025-11-03&au=2025-11-03&etat=close",
    "list: page 2": "/demandes?page=2",
    "list: page 50": "/demandes?etat=close&page=50",
}
