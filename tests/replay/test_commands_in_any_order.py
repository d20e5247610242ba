"""Two routers and agents who command the same cases meanwhile: each command is done once."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.case.record import CaseRecord
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Event
from guichet.contracts.case_commands import AssignCase, CloseCase, DeclareAbuse, LiftAbuse, RerouteCase, SnoozeCase
from guichet.contracts.case_events import AbuseDeclared, CaseOpened, CommandRefused
from guichet.contracts.topics import CASE_EVENTS
from guichet_testing.builders.inbound import mail_content, sealed_message
from tests.replay.corpus import CorpusMaker
from tests.replay.two_routers import ARRIVED, TOWN, TwoRouters, arrivals, queues

pytestmark = pytest.mark.timeout(480)  # half a minute alone: many orders, each played twice


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), size=st.integers(2, 20), batch=st.integers(1, 12))
def test_commands_in_between_are_each_done_once(seed: int, size: int, batch: int) -> None:
    """Agents close cases and hand them over while further mails arrive; both routers, kills, and all of it twice."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.05)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make(size))
        chance.shuffle(events)
        half = len(events) // 2
        await town.run(queues(events[:half]), batch)
        owners = town.owners()
        clicks = [click for case in town.found().cases for click in commands(case, chance)]
        chance.shuffle(clicks)  # what two agents decide about one case comes in one batch or in two
        rest: list[list[Event]] = [[*queue, *clicks[nth::2]] for nth, queue in enumerate(queues(events[half:]))]
        for _ in range(2):
            for queue in rest:
                chance.shuffle(queue)
            await town.run(rest, batch)
        town.check(threads)
        answered = Counter(entry.cause for history in town.found().history.values() for entry in history)
        assert all(answered[click.event_id] == 1 for click in clicks)
        after = town.owners()
        assert {case: after[case] for case in owners} == owners, "handed over, a case is somebody else's or nobody's"

    asyncio.run(play())


def commands(case: CaseRecord, chance: random.Random) -> list[Event]:
    """Return what two agents who do not see each other decide about a case."""
    assert case.subject is not None
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": ARRIVED + timedelta(hours=1)}
    return [
        CloseCase(event_id=f"close-{case.case_id}", **about),
        SnoozeCase(event_id=f"snooze-{case.case_id}", until=ARRIVED + timedelta(days=3), **about),
        *(AssignCase(event_id=f"assign-{case.case_id}-{to}", to=to, **about) for to in ("lea", "nobody", None)),
        *(
            RerouteCase(
                event_id=f"reroute-{case.case_id}-{nth}",
                department=chance.choice([*TOWN.departments]),
                reason=case.subject,
                **about,
            )
            for nth in range(2)
        ),
        declaration(case),
        LiftAbuse(event_id=f"lift-{case.case_id}", sector=case.sector, **about),
    ]


def declaration(case: CaseRecord) -> DeclareAbuse:
    """Return what an agent says who has had enough of a case's sender."""
    assert case.subject is not None
    return DeclareAbuse(
        event_id=f"declare-{case.case_id}",
        case_id=case.case_id,
        issued_by="lea",
        occurred_at=ARRIVED + timedelta(hours=1),
        sector=case.sector,
        ground=AbuseGround.NUMBER,
        reason=case.subject,
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(2, 8), batch=st.integers(1, 4))
def test_of_all_who_declare_one_sender_abusive_one_does(seed: int, size: int, batch: int) -> None:
    """So the sender is told once: two routers, kills, and all of it twice."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.05)
        contents = [mail_content("zoe@courriel.example", message_id=f"{nth}@courriel.example") for nth in range(size)]
        mails = [await sealed_message(town.vault, f"m{nth}", each) for nth, each in enumerate(contents)]
        await town.run([mails], batch)
        clicks = [declaration(case) for case in town.found().cases]
        assert len(clicks) == size
        for _ in range(2):
            chance.shuffle(clicks)
            await town.run([clicks[::2], clicks], batch)
        told = {event.event_id: type(event) for event in town.publisher.on(CASE_EVENTS)}
        assert Counter(told.values()) == {CaseOpened: size, AbuseDeclared: 1, CommandRefused: size - 1}

    asyncio.run(play())
