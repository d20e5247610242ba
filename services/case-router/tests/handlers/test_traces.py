"""A message can be followed: its events go on in its trace, and the log says which case it came into."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from case_router.app import build_outbox
from case_router.entry.sweeper import Sweeper
from case_router.handlers.publish_outbox import DestroyedCases
from guichet.clock import SystemClock
from guichet.contracts.case_commands import CloseCase
from guichet.errors import TransientError
from guichet.kafka.records import Received
from guichet.runtime.telemetry.tracing import configure_tracing, trace_id_of
from guichet_testing.builders.case import ARRIVED

ALICE, BOB = "alice@courriel.example", "bob@courriel.example"


@pytest.fixture(autouse=True)
def _tracing():
    configure_tracing()


def trace(number: int) -> str:
    return f"{number:032x}"


def under(number: int, event) -> Received:
    """An event as it arrives in a trace of its own."""
    headers = (("traceparent", f"00-{trace(number)}-00f067aa0ba902b7-01".encode()),)
    return replace(Received(event, "topic", 0, 0), headers=headers)


def traces_of(world, *kinds: str) -> list[str | None]:
    """The trace of each published event of these types, as a consumer would see it."""
    headers = [dict(record.headers).get("traceparent", b"").decode() for record in world.publisher.records]
    events = [publication.event for publication in world.publisher.published]
    return [trace_id_of(kept) for kept, event in zip(headers, events, strict=True) if event.type in kinds]


def close_of(world, mail) -> CloseCase:
    return CloseCase(event_id="c", occurred_at=ARRIVED, case_id=world.case_of(mail).case_id, issued_by="lea")


async def test_every_event_of_a_batch_goes_on_in_the_trace_of_its_own_cause(world):
    first, other = await world.mail("m", ALICE), await world.mail("n", BOB)
    await world.router().handle([under(1, first), under(2, other)])
    assert traces_of(world, "CaseOpened") == [trace(1), trace(2)]
    more = await world.mail("o", ALICE, in_reply_to=["m@courriel.example"])
    await world.router().handle([under(3, more), under(4, close_of(world, first))])
    assert traces_of(world, "MessageFiled") == [trace(3)]
    assert traces_of(world, "CaseClosed") == [trace(4)]


async def test_the_log_says_which_case_a_message_came_into_once_and_in_ids(world):
    first = await world.mail("m", ALICE)
    more = await world.mail("o", ALICE, in_reply_to=["m@courriel.example"])
    with capture_logs() as lines:
        for _ in range(2):
            await world.router().handle([under(1, first), under(2, more)])
        await world.router().handle([under(3, close_of(world, first))])
    case = world.case_of(first).case_id
    told = [line for line in lines if line["event"] in ("message filed", "case changed")]
    assert [(line["event"], line.get("message_id", line.get("cause")), line["trace_id"]) for line in told] == [
        ("message filed", first.message_id, trace(1)),
        ("message filed", more.message_id, trace(2)),
        ("case changed", "c", trace(3)),
    ]
    assert {line["case_id"] for line in told} == {case}
    assert [line.get("how", line.get("change")) for line in told] == ["opened", "joined", "CaseClosed"]
    assert "courriel.example" not in str(lines)


async def test_what_the_sweeper_publishes_goes_on_in_the_trace_that_a_killed_router_left(world):
    mail = await world.mail("m", ALICE)
    await world.router().handle([under(1, mail)])
    more = await world.mail("n", ALICE, in_reply_to=["m@courriel.example"])
    world.publisher.away = True
    with pytest.raises(TransientError):
        await world.router().handle([under(2, more), under(3, close_of(world, mail))])
    world.publisher.away = False
    sweeper = Sweeper(
        cases=world.cases,
        messages=world.messages,
        outbox=build_outbox(world.stores, world.publisher, world.town, lambda: world.now),
        destroyed=DestroyedCases(world.cases, world.publisher),
        file_again=world.router().file_again,
        after=timedelta(seconds=30),
        clock=lambda: ARRIVED + timedelta(seconds=31),
        sleep=SystemClock().sleep,
    )
    await sweeper.sweep()
    told = traces_of(world, "MessageFiled", "CaseClosed")  # more than once: consumers drop ids that they know
    assert list(dict.fromkeys(told)) == [trace(2), trace(3)]


async def test_a_message_that_another_router_files_keeps_its_own_trace(world):
    """The first router dies after it wrote the cause and its claims; the second one files it along with a reply."""
    mail = await world.mail("m", ALICE)
    reply = await world.mail("n", ALICE, in_reply_to=["m@courriel.example"])

    class Dies:
        def __getattr__(self, name):
            if name == "insert_new":
                raise TransientError("killed")
            return getattr(world.cases, name)

    with pytest.raises(TransientError):
        await world.router(cases=Dies()).handle([under(1, mail)])
    await world.router().handle([under(2, reply)])
    assert world.case_of(mail).case_id == world.case_of(reply).case_id
    assert (traces_of(world, "CaseOpened"), traces_of(world, "MessageFiled")) == ([trace(1)], [trace(2)])


async def test_without_tracing_everything_is_filed_all_the_same(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    world.check()
