"""Refusals past a rate raise an alarm of their service and kind, which ends once it is calm."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.runtime.settings import ProbingSettings
from guichet.runtime.telemetry.metrics import ALARM
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal, RefusalRate
from guichet.store.audit.trail import Act, AuditEntry
from guichet.store.audit.watched import WatchedAudit
from guichet_testing.twins.clock import Clock
from guichet_testing.twins.store.audit import InMemoryAuditTrail

MINUTE = timedelta(minutes=1)
FEW = ProbingSettings(probing_refusals=3, probing_window=10 * MINUTE)


@pytest.fixture
def clock() -> Iterator[Clock]:
    ALARM.clear()
    yield Clock()
    ALARM.clear()


def holding() -> set[str]:
    samples = [sample for metric in ALARM.collect() for sample in metric.samples]
    return {each.labels["cause"] for each in samples if each.labels["alarm"] == "probing" and each.value == 1}


def test_the_alarm_is_of_one_kind_in_one_service_and_ends_by_itself(clock: Clock) -> None:
    probing = Probing("door", FEW, clock)
    for _ in range(3):
        probing.note(Refusal.SIGN_IN)
        clock.now += MINUTE
    probing.note(Refusal.FORM)
    assert holding() == {"door:sign-in"}
    clock.now += 6 * MINUTE
    assert holding() == {"door:sign-in"}
    clock.now += MINUTE  # ten since the first of the three
    assert holding() == set()


def test_slow_mistakes_are_no_alarm(clock: Clock) -> None:
    probing = Probing("door", FEW, clock)
    for _ in range(20):
        probing.note(Refusal.SIGN_IN)
        clock.now += 5 * MINUTE
        assert holding() == set()


@given(st.lists(st.integers(0, 600), max_size=60), st.integers(1, 5))
def test_it_holds_exactly_while_the_last_window_has_the_limit(pauses_s: list[int], limit: int) -> None:
    rate, now, seen = RefusalRate(limit, 10 * MINUTE), Clock().now, []
    for pause in pauses_s:
        now += timedelta(seconds=pause)
        rate.count(now)
        seen.append(now)
        for later in (now, now + 9 * MINUTE, now + 10 * MINUTE):
            assert rate.is_past(later) == (sum(later - each < 10 * MINUTE for each in seen) >= limit)


async def test_a_trail_that_is_watched_counts_what_was_refused_even_while_it_is_away(clock: Clock) -> None:
    trail = InMemoryAuditTrail()
    watched = WatchedAudit(trail, Probing("door", FEW, clock))
    acts = [Act.READ, Act.NOT_FOUND, Act.SIGN_IN_REFUSED, Act.NOT_FOUND]
    await watched.record(*(AuditEntry(at=clock(), agent=None, act=act, thing="case", things=("c1",)) for act in acts))
    assert await watched.about("c1") == await trail.about("c1")
    assert holding() == set()
    trail.away = True
    with pytest.raises(Exception, match="away"):
        await watched.record(AuditEntry(at=clock(), agent=None, act=Act.NOT_FOUND, thing="case"))
    assert holding() == {"door:not-found"}
