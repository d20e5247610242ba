"""Suspended mail and what agents decide about it: two routers, any order, kills, and all of it twice.

Of whatever is decided at once one stands; what is released is filed once, what is not is in no case, and nothing is lost.
"""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guichet.contracts.base import Event
from guichet.contracts.case_commands import ConfirmSpam, MailCommand, ReleaseMail
from guichet.contracts.case_events import CaseOpened
from guichet.contracts.inbound import MessageReceived, Suspicion
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import AgentId, EventId, MessageId
from guichet.store.messages.suspension import Suspension, SuspensionState
from guichet_testing.builders.inbound import mail_content, sealed_message
from tests.replay.two_routers import ARRIVED, TwoRouters

pytestmark = pytest.mark.timeout(480)  # half a minute alone: many orders, each played twice

LATER = ARRIVED + timedelta(hours=1)


def decision(kind: type[MailCommand], mail: MessageReceived, agent: str) -> MailCommand:
    name = EventId(f"{kind.__name__}-{agent}-{mail.message_id}")
    return kind(event_id=name, occurred_at=LATER, message_id=mail.message_id, issued_by=AgentId(agent))


def what_is_decided(mail: MessageReceived, chance: random.Random) -> list[MailCommand]:
    """Return nothing, or what one or two agents decide who do not see each other."""
    clicks = [decision(kind, mail, agent) for kind in (ReleaseMail, ConfirmSpam) for agent in ("lea", "max")]
    return chance.sample(clicks, chance.randint(0, 3))


def unsuspected(mail: MessageReceived) -> MessageReceived:
    """Return the same mail as another way brings it, of which no filter said anything."""
    return mail.model_copy(update={"event_id": EventId(f"{mail.event_id}-other"), "suspended": None})


def held(town: TwoRouters, mail: MessageReceived) -> Suspension:
    messages: Any = town.stores.messages
    found: Suspension = messages.messages[mail.message_id].suspended
    return found


@example(seed=260, size=4, batch=6, failures=0.0)
@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 8),
    batch=st.integers(1, 8),
    failures=st.sampled_from([0.0, 0.02, 0.1]),
)
def test_whatever_is_decided_at_once_one_decision_stands(seed: int, size: int, batch: int, failures: float) -> None:
    async def play() -> None:
        chance, stores = random.Random(seed), None
        town = TwoRouters(chance, failures)
        stores = town.stores
        contents = [
            mail_content(f"s{nth}@courriel.example", message_id=f"{nth}@courriel.example") for nth in range(size)
        ]
        mails = [
            await sealed_message(town.vault, f"m{nth}", each, ARRIVED, suspended=Suspicion.SPAM)
            for nth, each in enumerate(contents)
        ]
        await town.run([mails, mails[::2]], batch)
        assert {held(town, mail).state for mail in mails} == {SuspensionState.WAITING}
        assert not town.found().cases

        clicks = {mail.message_id: what_is_decided(mail, chance) for mail in mails}
        other_ways = [unsuspected(mail) for mail in mails if chance.random() < 0.2]
        rest: list[Event] = [*mails, *other_ways, *(click for each in clicks.values() for click in each)]
        for _ in range(2):
            chance.shuffle(rest)
            await town.run([rest[::2], rest], batch)
        before = town.found()
        chance.shuffle(rest)
        await town.run([rest], batch)
        assert town.found() == before, "all of it once more changes nothing"

        opened = Counter(event.message_id for event in told(town).values())
        commands = await stores.commands.find_many(click.event_id for each in clicks.values() for click in each)
        ways = {each.message_id for each in other_ways}
        for mail in mails:
            check(town, mail, clicks[mail.message_id], commands, opened, other_way=mail.message_id in ways)

    asyncio.run(play())


def told(town: TwoRouters) -> dict[EventId, CaseOpened]:
    """Return what was said of new cases, each once: a kill may say it again, under the same id."""
    return {event.event_id: event for event in town.publisher.on(CASE_EVENTS) if isinstance(event, CaseOpened)}


def check(
    town: TwoRouters,
    mail: MessageReceived,
    clicks: list[MailCommand],
    commands: dict[EventId, Any],
    opened: Counter[MessageId],
    *,
    other_way: bool,
) -> None:
    """Assert that state, case and what the agents were told agree."""
    state, stores = held(town, mail).state, town.stores
    assert all(commands[click.event_id].done for click in clicks)
    taken = [type(click) for click in clicks if commands[click.event_id].refused is None]
    assert taken.count(ReleaseMail) <= 1
    assert taken.count(ConfirmSpam) <= 1
    is_filed = town.found().filed[mail.message_id] is not None
    assert is_filed == (state is SuspensionState.RELEASED)
    assert opened[mail.message_id] == int(is_filed)
    if ReleaseMail in {type(click) for click in clicks}:
        assert is_filed, "a release is always in time: nothing ends in these tests"
    elif ConfirmSpam in taken:
        assert state is SuspensionState.SPAM
    else:
        assert is_filed == other_way
    unseen: Any = stores.unseen
    if clicks or other_way:
        assert mail.message_id not in unseen.unseen
    else:
        assert unseen.unseen[mail.message_id].at == ARRIVED
