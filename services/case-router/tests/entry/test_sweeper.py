"""What a router leaves that is killed between two of its last steps."""

from datetime import timedelta

import pytest

from case_router.app import build_outbox
from case_router.entry.sweeper import Sweeper
from case_router.handlers.publish_outbox import DestroyedCases
from guichet.case.record import OutboxEntry
from guichet.clock import SystemClock
from guichet.contracts.case_commands import CloseCase
from guichet.errors import TamperedError, TransientError
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered

ALICE = "alice@courriel.example"


def sweeper(world, after_s: float = 31) -> Sweeper:
    return Sweeper(
        cases=world.cases,
        messages=world.messages,
        outbox=build_outbox(world.stores, world.publisher, world.town, lambda: world.now),
        destroyed=DestroyedCases(world.cases, world.publisher),
        file_again=world.router().file_again,
        after=timedelta(seconds=30),
        clock=lambda: ARRIVED + timedelta(seconds=after_s),
        sleep=SystemClock().sleep,
    )


def is_raised(alarm: Alarm) -> bool:
    return ALARM.labels(alarm.value, "case-router")._value.get() == 1


@pytest.fixture
async def left_behind(world):
    """A message and a command, written and never published."""
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    close = CloseCase(event_id="c", occurred_at=ARRIVED, case_id=world.case_of(mail).case_id, issued_by="lea")
    more = await world.mail("n", ALICE, in_reply_to=["m@courriel.example"])
    world.publisher.away = True
    with pytest.raises(TransientError):
        await world.take(more, close)
    world.publisher.away = False
    assert len(world.case_of(mail).outbox) == 2
    return world


async def test_it_is_published_marked_and_taken_out(left_behind):
    assert await sweeper(left_behind).sweep() == 1
    assert [event.type for event in left_behind.published()][-2:] == ["MessageFiled", "CaseClosed"]
    left_behind.check()
    assert await sweeper(left_behind).sweep() == 0


async def test_what_is_younger_may_still_be_in_somebody_s_hands(left_behind):
    assert await sweeper(left_behind, after_s=30).sweep() == 0


async def test_an_erased_message_does_not_come_back_every_time(left_behind):
    for message in list(left_behind.messages.messages.values()):
        await left_behind.vault.destroy_keys([message.content.key_id])
    await sweeper(left_behind).sweep()
    assert await sweeper(left_behind).sweep() == 0


async def test_a_tampered_message_stops_no_sweep(left_behind):
    """A sweep that raises ends the router, and the next one after it."""
    for name, message in list(left_behind.messages.messages.items()):
        left_behind.messages.messages[name] = message.model_copy(update={"content": tampered(message.content)})
    try:
        await sweeper(left_behind).sweep()
    except TamperedError as exc:
        pytest.fail(f"one message was altered, and the router ends: {exc}")
    assert [event.type for event in left_behind.published()][-2:] == ["MessageFiled", "CaseClosed"]
    assert await sweeper(left_behind).sweep() == 0


async def test_an_outbox_that_nobody_can_read_stops_no_sweep_and_holds_up_no_other_case(left_behind):
    other = await left_behind.mail("x", "bob@courriel.example")
    await left_behind.take(other)
    stuck = left_behind.case_of(other)
    nonsense = OutboxEntry(cause="x", event={"type": "Nonsense", "event_id": "e"})
    earlier = stuck.updated_at - timedelta(seconds=1)  # it comes first
    left_behind.cases.cases[stuck.case_id] = stuck.model_copy(update={"outbox": (nonsense,), "updated_at": earlier})
    try:
        assert await sweeper(left_behind).sweep() == 1
    except ValueError as exc:
        pytest.fail(f"one outbox cannot be read, and the router ends: {type(exc).__name__}")
    events = {event.event_id: event.type for event in left_behind.published()}  # some perhaps told twice
    assert [*events.values()][-2:] == ["MessageFiled", "CaseClosed"]
    assert is_raised(Alarm.OUTBOX_STUCK)
    left_behind.cases.cases[stuck.case_id] = stuck
    await sweeper(left_behind).sweep()
    assert not is_raised(Alarm.OUTBOX_STUCK)
    left_behind.check()


async def test_many_that_nobody_can_read_hold_up_no_other(left_behind, monkeypatch):
    monkeypatch.setattr("case_router.entry.sweeper.CASES_AT_ONCE", 2)
    [left] = [case for case in left_behind.cases.cases.values() if case.outbox]
    for number in range(5):
        broken = {"case_id": f"stuck {number}", "outbox": (OutboxEntry(cause="x", event={"type": "Nonsense"}),)}
        earlier = {"updated_at": left.updated_at - timedelta(minutes=1)}
        left_behind.cases.cases[broken["case_id"]] = left.model_copy(update=broken | earlier)
    assert await sweeper(left_behind).sweep() == 1
    assert not left_behind.cases.cases[left.case_id].outbox


class Counting:
    """A store that notes what each call of one method was given."""

    def __init__(self, twin, method):
        self._twin, self._method, self.calls = twin, method, []

    def __getattr__(self, name):
        found = getattr(self._twin, name)
        if name != self._method:
            return found

        async def call(*args, **kwargs):
            self.calls.append((args, kwargs))
            return await found(*args, **kwargs)

        return call


async def test_what_can_be_read_is_finished_together_and_named_to_no_later_query(world, monkeypatch):
    monkeypatch.setattr("case_router.entry.sweeper.CASES_AT_ONCE", 2)
    await leave_behind(world, 5)
    world.publisher = Counting(world.publisher, "publish")
    sweeping = sweeper(world)
    sweeping._cases = Counting(world.cases, "unfinished")
    assert await sweeping.sweep() == 5
    assert [len(args) for args, _ in world.publisher.calls if args] == [2, 2, 2, 2, 1, 1], (
        "one by one, each waits for the broker"
    )
    assert not any(said.get("besides") for _, said in sweeping._cases.calls), "each page names all that came before"


async def test_one_that_nobody_can_read_makes_its_own_page_slow_and_no_other(world, monkeypatch):
    monkeypatch.setattr("case_router.entry.sweeper.CASES_AT_ONCE", 2)
    left = await leave_behind(world, 5)
    spoil(world, left[0])
    world.publisher = Counting(world.publisher, "publish")
    assert await sweeper(world).sweep() == 4
    assert [len(args) for args, _ in world.publisher.calls if args] == [1, 2, 2, 1, 1]


async def test_a_case_that_has_to_wait_ends_no_sweep(world, monkeypatch):
    monkeypatch.setattr("case_router.entry.sweeper.CASES_AT_ONCE", 1)
    waits, goes = await leave_behind(world, 2)
    sweeping, find = sweeper(world), world.cases.find_many

    async def find_many(cases):
        if [*cases] == [waits]:
            raise TransientError("somebody else writes it")
        return await find(cases)

    world.cases.find_many = find_many
    with pytest.raises(TransientError):
        await sweeping.sweep()
    assert not world.cases.cases[goes].outbox, "one case has to wait, and all after it with it"


async def leave_behind(world, count):
    """Return cases whose opening was written and never published."""
    mails = [await world.mail(f"m{nth}", f"x{nth}@courriel.example") for nth in range(count)]
    world.publisher.away = True
    with pytest.raises(TransientError):
        await world.take(*mails)
    world.publisher.away = False
    return [*world.cases.cases]


def spoil(world, case):
    found = world.cases.cases[case]
    earlier = found.updated_at - timedelta(seconds=1)  # it comes first
    nonsense = OutboxEntry(cause="x", event={"type": "Nonsense", "event_id": "e"})
    world.cases.cases[case] = found.model_copy(update={"outbox": (nonsense,), "updated_at": earlier})
