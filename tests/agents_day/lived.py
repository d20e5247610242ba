"""The order of a day."""

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Browser

from guichet_local.stack import LocalStack
from guichet_testing.town.sandbox_client import SandboxClient
from tests.agents_day.arrivals import arrive
from tests.agents_day.day import KARIM, Day
from tests.agents_day.keyboard import Keyboard
from tests.agents_day.steps import finding, four_ways, later, many, seen_well, together

SIGN_IN: Final = "Sign in"
AT_THE_DESK: Final[tuple[Callable[[Day, Keyboard], Awaitable[None]], ...]] = (
    four_ways.answer,
    four_ways.reroute,
    four_ways.others,
    four_ways.call,
    many.storm,
    together.hand_over,
    together.overtaken,
    finding.half_a_name,
    finding.operators,
    finding.keep_a_view,
    later.failed_sms,
    later.by_mail,
    many.letters,
    later.put_off,
    together.absence,
)
NAMES: Final = (
    SIGN_IN,
    *(four_ways.ANSWER, four_ways.REROUTE, four_ways.OTHERS, four_ways.CALL, many.ANSWER_STORM),
    *(together.HAND_OVER, together.OVERTAKEN),
    *(finding.HALF_A_NAME, finding.OPERATORS, finding.KEEP_A_VIEW, finding.OPEN_A_VIEW),
    *(later.FAILED_SMS, later.BY_MAIL, many.STACK, many.TYPE_LETTERS, later.PUT_OFF),
    *(together.ABSENCE, together.STANDS_IN, seen_well.ZOOMED, later.COMES_BACK),
)
"""Of the steps, in this order."""


async def live(stack: LocalStack, sandbox: SandboxClient, browser: Browser, say: Callable[[str], None]) -> Day:
    """Live a day in a town that has just begun, and return what was done."""
    day = Day(stack, sandbox, browser)
    day.seen["arrivals"] = await arrive(sandbox, stack.addresses["citizen-portal"])
    async with day.at_the_desk(KARIM, step=SIGN_IN) as keys:
        for act in AT_THE_DESK:
            await act(day, keys)
            say(day.steps[-1].name)
    await seen_well.in_the_dark(day)
    await later.comes_back(day)
    return day
