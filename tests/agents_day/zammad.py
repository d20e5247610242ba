"""The same four acts at Zammad's desk, as its own documentation describes them. Zammad was not run: these are counts of
what its pages say, by the shortest way that they give, with each keyboard shortcut that they list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.agents_day.diary import MouseWay
from tests.agents_day.steps.four_ways import ANSWER, CALL, OTHERS, REROUTE

_PAGES: Final = "https://github.com/zammad/zammad-user-documentation/blob/"
KEYS_PAGE: Final = f"{_PAGES}0300d7b513cd2d4d4f093dbc069504b1026e744f/advanced/keyboard-shortcuts.rst"
UPDATE_PAGE: Final = f"{_PAGES}0453d3a0ad7eae11d041036bbbe5fbde4f6c7dfa/basics/work-with-tickets/update-tickets.rst"
ATTRIBUTES_PAGE: Final = f"{_PAGES}4d467958ee83eb39de432daa6eea6e8b2c5f87e8/basics/work-with-tickets/attributes.rst"
CREATE_PAGE: Final = f"{_PAGES}1e521662a770047cb7513d68823d64b69f33254b/basics/work-with-tickets/create-tickets.rst"
CUSTOMERS_PAGE: Final = f"{_PAGES}24398e1982a0106c859b10a10b5ff247d26ac422/extras/customers.rst"


@dataclass(frozen=True)
class Documented:
    """What its pages say, where, and what that comes to from an open list."""

    way: MouseWay
    said: str
    pages: tuple[str, ...]


WAYS: Final[Mapping[str, Documented]] = {
    ANSWER: Documented(
        MouseWay(clicks=2, keys=3, hands=2),
        "the ticket in the list (a click), reply (Ctrl + Shift + G, or ⮪ under the message), the text, *Update* (a click)",
        (UPDATE_PAGE, KEYS_PAGE),
    ),
    REROUTE: Documented(
        MouseWay(clicks=4, hands=1),
        "the ticket (a click), *Group* in the sidebar and the group (two clicks), *Update*; a reason is a note of its "
        "own, which nothing asks for and which is not counted here",
        (ATTRIBUTES_PAGE, UPDATE_PAGE),
    ),
    OTHERS: Documented(
        MouseWay(clicks=3, hovers=1, hands=1),
        "the ticket (a click), the tab 👨 (a click), the pointer over *open*, one of the tickets in the summary (a click)",
        (CUSTOMERS_PAGE,),
    ),
    CALL: Documented(
        MouseWay(clicks=4, keys=5, hands=2),
        "Ctrl + Shift + N (*Received Call* is the type that it opens with), title, customer and *Create new Customer* "
        "(a click, and one to save), text, *Group* and the group, which the agent has to know; saving it is not counted",
        (CREATE_PAGE, KEYS_PAGE),
    ),
}
