"""Somebody writes twice a second all day: nothing that one message costs grows with what came before it.

172,800 messages are too many for a test. So what the router reads and writes for a message is counted at two sizes.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import bson
import pytest

from case_router.domain.batch_context import CLAIMS_CONSIDERED, BatchContext
from case_router.domain.commands.decide import DecideCommand
from case_router.domain.open_case import CaseOpener
from case_router.domain.reckoner import Reckoner
from case_router.entry.parts import Stores
from guichet.case.case import DELIVERIES_KEPT, PARTICIPANTS_AT_MOST, Case
from guichet.case.record import CaseRecord
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose
from guichet.ids import receipt_id
from guichet.kafka.records import Received
from guichet.privacy.pseudonyms import mail_anchor
from guichet.store.threads.store import CLAIMS_KEPT
from guichet_testing.builders.case import ARRIVED

ALICE = "alice@courriel.example"
NUMBER, OTHERS = "+33639980101", ("+33639980102", "+33639980103")
KIB = 1024


class Counting:
    """A store that notes how often it was asked, and how many bytes it was given and answered."""

    def __init__(self, twin: Any, told: Counter[str]) -> None:
        self._twin, self._told = twin, told

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            answer = await getattr(self._twin, name)(*args, **kwargs)
            self._told["questions"] += 1
            self._told["bytes"] += len(repr((args, kwargs))) + len(repr(answer))
            return answer

        return call


async def cost_of(world, *events) -> Counter[str]:
    """Let a router handle these events as one batch; return what they cost."""
    told: Counter[str] = Counter()
    faces = {name: Counting(getattr(world.stores, name), told) for name in Stores.__dataclass_fields__}
    await world.router(**faces).handle([Received(event, "topic", 0, 0) for event in events])
    return told


def size_of(document: Any) -> int:
    return len(bson.encode(document.model_dump(by_alias=True)))


async def further_sms(world, begin: int, count: int, text: str = "Encore moi"):
    return [
        await world.sms(f"s{nth}", NUMBER, text, at=ARRIVED + timedelta(seconds=nth / 2))
        for nth in range(begin, begin + count)
    ]


async def test_a_message_costs_no_more_where_many_came_before(world):
    await world.take(*await further_sms(world, 0, 10))
    few = await cost_of(world, *await further_sms(world, 10, 20), await world.sms("other 1", OTHERS[0]))
    for begin in range(30, 1000, 97):
        await world.take(*await further_sms(world, begin, 97))
    many = await cost_of(world, *await further_sms(world, 1000, 20), await world.sms("other 2", OTHERS[1]))
    assert many["questions"] == few["questions"]
    assert many["bytes"] <= few["bytes"] * 1.1
    world.check()


@pytest.mark.parametrize("words", ["Encore moi", "/nouvelle"])
async def test_no_document_grows_with_what_one_number_sends(world, words):
    sizes = []
    for begin, count in ((0, 150), (150, 450)):
        await world.take(*await further_sms(world, begin, count, words))
        documents = [*world.cases.cases.values(), *world.threads.threads.values(), *world.citizens.citizens.values()]
        sizes.append(max(map(size_of, documents)))
    assert sizes[1] <= sizes[0] * 1.1
    assert max(len(thread.claims) for thread in world.threads.threads.values()) <= CLAIMS_KEPT
    world.check()


async def test_a_case_where_20_000_things_happened_is_smaller_than_64_kib(world):
    """Messages with ever new people, and reports of ever new answers; the outbox is emptied now and then, as ever."""
    first = await world.mail("m", ALICE)
    await world.take(first)
    case, message = world.case_of(first), world.messages.messages[first.message_id]
    receipt = receipt_id(case.case_id, Purpose.AEE)
    opener, reckoner = CaseOpener(world.town, world.keys), Reckoner(world.town)
    decider = DecideCommand(BatchContext(), world.town, opener, reckoner, world.now)
    changing = Case(case)
    decider.decide(changing, report(case, 0, receipt))
    while (case := changing.record).version < 20_000:
        later = {"message_id": f"{case.version:032}", "at": ARRIVED + timedelta(seconds=case.version)}
        changing.join(message.model_copy(update=later), [f"tag of somebody {case.version}"])
        case = changing.record
        decider.decide(changing, report(case, case.version, f"{case.version:032}"))
        case = changing.record
        if case.version % 100 < 2:
            changing = Case(case.model_copy(update={"outbox": ()}))
    assert size_of(case.model_copy(update={"outbox": ()})) < 64 * KIB
    assert len(case.participants) == PARTICIPANTS_AT_MOST
    assert len(case.deliveries) == DELIVERIES_KEPT
    assert case.deliveries[receipt] == "delivered", "what became of the receipt is kept"


def report(case: CaseRecord, number: int, outbound: str) -> DeliveryChanged:
    return DeliveryChanged(
        event_id=f"report-{number}",
        occurred_at=ARRIVED,
        case_id=case.case_id,
        outbound_id=outbound,
        purpose=Purpose.REPLY,
        channel=case.channel,
        state=DeliveryState.DELIVERED,
    )


async def test_many_mails_under_one_message_id_are_each_filed_once(world):
    """Past the bound each has its claim on an anchor of its own, and a case of its own, linked to the first ones."""
    first = await world.mail("m0", ALICE, message_id="one@courriel.example")
    await world.take(first)
    others = [
        await world.mail(f"m{nth}", f"stranger-{nth}@courriel.example", message_id="one@courriel.example")
        for nth in range(1, 100)
    ]
    for begin in range(0, 99, 9):
        await world.take(*others[begin : begin + 9])
    thread = world.threads.threads[mail_anchor(world.keys.thread, "one@courriel.example")]
    assert len(thread.claims) == CLAIMS_CONSIDERED
    assert len({world.case_of(each).case_id for each in (first, *others)}) == 100
    assert world.case_of(first).case_id in await world.links_of(others[-1])
    assert len(await world.links_of(others[-1])) <= CLAIMS_CONSIDERED
    world.check()


async def test_past_the_bound_a_message_that_comes_again_is_filed_once(world):
    """Killed after the case was written, before the message was marked: its claim leads there again."""
    mails = [
        await world.mail(f"m{nth}", f"stranger-{nth}@courriel.example", message_id="one@courriel.example")
        for nth in range(50)
    ]
    await world.take(*mails[:40])
    mark = world.messages.mark_filed
    world.messages.mark_filed = _killed
    with pytest.raises(KeyboardInterrupt):
        await world.take(*mails)
    world.messages.mark_filed = mark
    await world.take(*mails)
    assert len(world.cases.cases) == 50
    world.check()


async def _killed(_filings: Any) -> None:
    raise KeyboardInterrupt


async def test_however_many_quote_a_mail_first_who_answers_it_joins_its_case(world):
    """A late root finds its anchor full of others who quoted it: its own claim counts before theirs."""
    root = "root@courriel.example"
    quoters = [await world.mail(f"q{nth}", f"q-{nth}@courriel.example", references=[root]) for nth in range(70)]
    await world.take(*quoters)
    late = await world.mail("root", ALICE, message_id=root)
    await world.take(late)
    again = await world.mail("again", ALICE, in_reply_to=[root])
    await world.take(again)
    assert world.case_of(again).case_id == world.case_of(late).case_id
    world.check()


async def test_who_opens_a_case_with_a_thousand_others_takes_part_in_it(world):
    others = [f"voisin-{nth}@courriel.example" for nth in range(1000)]
    opening = await world.mail("m", ALICE, to=others)
    await world.take(opening)
    answer = await world.mail("again", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(answer)
    assert len(world.case_of(opening).participants) == PARTICIPANTS_AT_MOST
    assert world.case_of(answer).case_id == world.case_of(opening).case_id
