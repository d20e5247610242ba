"""Those whom nothing of it may harm: a citizen who writes by mail and gets a receipt, again and again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from time import monotonic

import httpx

from guichet.channel.host.webhooks import MESSAGE_ID
from guichet.contracts.topics import INBOUND_THIRD_PARTY
from guichet_local.commands.status import PartStatus, read_status
from guichet_local.stack import LocalStack
from guichet_testing.town.third_parties import VANDAL
from guichet_testing.town.town import Town, all_is_handled
from guichet_testing.until import PATIENCE_S, until

ADDRESS = "voisine@courriel.example"
BETWEEN_LETTERS_S = 0.5  # without it she keeps the machine busy alone
_nth = count()


async def served(town: Town) -> float:
    """Have her write, and return after how many seconds her receipt is there: message, case, receipt."""
    began = monotonic()
    subject = f"Poubelle renversée n° {next(_nth)}"
    sent = await town.sandbox.send_mail(sender=ADDRESS, subject=subject, text="Devant la mairie.")
    assert sent.state == "accepted", sent
    await town.sandbox.wait_for_mail(address=ADDRESS, after=sent.id, timeout=2 * PATIENCE_S)
    return monotonic() - began


@asynccontextmanager
async def while_others_are_served(town: Town) -> AsyncIterator[list[float]]:
    """Have her write all through the block, and once more when its end has come; give the seconds of each receipt."""
    waits: list[float] = []

    async def write_on() -> None:
        while True:
            waits.append(await served(town))
            await asyncio.sleep(BETWEEN_LETTERS_S)

    writing = asyncio.create_task(write_on())
    try:
        yield waits
        there = len(waits)
        await until(lambda: writing.done() or len(waits) > there, "others are served", seconds=2 * PATIENCE_S)
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


async def router_is_through(town: Town) -> bool:
    """Return whether the router has handled all that third parties' hosts wrote."""
    return await all_is_handled(town.offsets, [INBOUND_THIRD_PARTY])


async def post(stack: LocalStack, within: float = PATIENCE_S, **said: object) -> int | None:
    """Have a citizen of the vandal's write; return the status, None where there is no answer."""
    answer = await _posted(stack, within, said)
    return None if answer is None else answer.status_code


async def written(stack: LocalStack, citizen: str, text: str) -> str:
    """Have a citizen of the vandal's write, which is taken; return the message's id."""
    answer = await _posted(stack, PATIENCE_S, {"from": citizen, "id": f"of-{citizen}", "text": text})
    assert answer is not None
    assert answer.status_code == 200
    return answer.headers[MESSAGE_ID]


async def _posted(stack: LocalStack, within: float, said: Mapping[str, object]) -> httpx.Response | None:
    url = f"{stack.addresses[f'ingest-{VANDAL}']}/webhooks/{VANDAL}"
    async with httpx.AsyncClient(trust_env=False, timeout=within) as http:
        try:
            return await http.post(url, json=said)
        except httpx.TransportError:
            return None


def parts(stack: LocalStack) -> dict[str, PartStatus]:
    """Return what `make status` says."""
    return {each.name: each for each in read_status(stack.folder, stack.supervisor)}


async def is_ready(stack: LocalStack, name: str) -> None:
    """Return once a part is ready."""
    await until(lambda: asyncio.to_thread(stack.is_ready, name), f"{name} is ready", seconds=2 * PATIENCE_S)


def pids(stack: LocalStack, *names: str) -> dict[str, int]:
    """Return which processes these are: another one was started again."""
    return {each.name: each.pid for each in stack.supervisor.states() if each.name in names}
