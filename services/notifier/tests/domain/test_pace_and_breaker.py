"""How fast an account sends, and when it is left alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.outgoing.rate import Rate
from notifier.domain.backoff import LONGEST, wait_after
from notifier.domain.breaker import FAILURES_TO_OPEN, LEFT_ALONE_FOR, Breaker
from notifier.domain.pace import NOT_NOW, Pace, TokenBucket

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ZERO = timedelta(0)


@given(steps=st.lists(st.integers(0, 700), min_size=1, max_size=80), rate=st.sampled_from([0.5, 1.0, 10.0]))
def test_no_second_holds_more_than_the_rate_and_the_burst(steps, rate):
    bucket, now, sent = TokenBucket(rate, burst=2), NOW, []
    for step in steps:
        now += timedelta(milliseconds=step)
        if bucket.take(now) == ZERO:
            sent.append(now)
    for start in sent:
        within = [at for at in sent if start <= at < start + timedelta(seconds=10)]
        assert len(within) <= 2 + 10 * rate


@given(
    steps=st.lists(st.tuples(st.integers(0, 700), st.booleans()), min_size=1, max_size=80),
    held=st.integers(0, 12),
    burst=st.sampled_from([1, 4, 10]),
)
def test_two_processes_together_keep_the_accounts_rate_and_burst(steps, held, burst):
    shares, now, sent = (held / 12, 1 - held / 12), NOW, []
    buckets = TokenBucket(2, burst), TokenBucket(2, burst)
    for step, is_second in steps:
        now += timedelta(milliseconds=step)
        if buckets[is_second].take(now, shares[is_second]) == ZERO:
            sent.append(now)
    for start in sent:
        within = [at for at in sent if start <= at < start + timedelta(seconds=10)]
        assert len(within) <= burst + 1 + 10 * 2


def test_who_has_no_part_sends_nothing_and_looks_again():
    bucket = TokenBucket(10, burst=10)
    assert bucket.take(NOW, 0) == NOT_NOW
    assert bucket.take(NOW + timedelta(hours=1), 0) == NOT_NOW
    assert bucket.take(NOW + timedelta(hours=1), 1) == ZERO


def test_who_gets_a_smaller_part_keeps_no_tokens_of_the_larger_one():
    bucket = TokenBucket(1, burst=10)
    bucket.take(NOW)
    assert [bucket.take(NOW, 0.5) for _ in range(6)].count(ZERO) == 5


def test_the_wait_that_a_bucket_names_is_long_enough():
    bucket = TokenBucket(10)
    bucket.take(NOW)
    wait = bucket.take(NOW)
    assert ZERO < wait <= timedelta(milliseconds=100)
    assert bucket.take(NOW + wait) == ZERO


def test_a_wait_too_short_to_be_named_is_no_token_for_nothing():
    bucket, sent = TokenBucket(1), 0
    for tenth in range(100):
        sent += bucket.take(NOW + tenth * timedelta(milliseconds=100)) == ZERO
    assert sent == 10


def test_an_unused_token_is_there_again():
    bucket = TokenBucket(1)
    bucket.take(NOW)
    bucket.give_back()
    assert bucket.take(NOW) == ZERO


def test_a_clock_set_back_fills_no_bucket():
    bucket = TokenBucket(1)
    bucket.take(NOW)
    assert bucket.take(NOW - timedelta(hours=1)) > ZERO


def test_r27_one_chat_waits_while_another_does_not():
    """docs/law.md 48."""
    pace = Pace(Rate(per_second=30, burst=30, per_recipient=1))
    assert pace.take_for("1", NOW) == ZERO
    assert pace.take_for("1", NOW) == SECOND
    assert pace.take_for("2", NOW) == ZERO
    assert pace.take_for("1", NOW + SECOND) == ZERO


def test_an_account_without_a_limit_per_recipient_has_none():
    pace = Pace(Rate(per_second=1))
    assert [pace.take_for("1", NOW) for _ in range(3)] == [ZERO] * 3


def test_a_provider_that_keeps_failing_is_left_alone_then_tried_once():
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.failed(NOW)
    assert breaker.wait(NOW) == ZERO
    breaker.failed(NOW)
    assert breaker.is_open
    assert breaker.wait(NOW + SECOND) == LEFT_ALONE_FOR - SECOND
    later = NOW + LEFT_ALONE_FOR
    assert breaker.wait(later) == ZERO  # the probe
    assert breaker.wait(later) > ZERO  # and only that
    breaker.succeeded()
    assert (breaker.is_open, breaker.wait(later)) == (False, ZERO)


def test_a_failed_probe_leaves_the_provider_alone_again():
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(NOW)
    later = NOW + LEFT_ALONE_FOR
    breaker.wait(later)
    breaker.failed(later)
    assert breaker.wait(later + SECOND) == LEFT_ALONE_FOR - SECOND


@pytest.mark.parametrize("ends", [Breaker.not_tried, Breaker.end_probe])
def test_a_probe_by_which_nothing_was_tried_is_still_to_be_made(ends: Callable[[Breaker, datetime], None]):
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(NOW)
    later = NOW + LEFT_ALONE_FOR
    breaker.wait(later)
    ends(breaker, later)
    assert breaker.wait(later) == ZERO


def test_a_probe_that_ended_in_an_answer_is_made():
    for answers in (Breaker.failed, lambda breaker, now: breaker.pause(now, SECOND)):
        breaker = Breaker()
        for _ in range(FAILURES_TO_OPEN):
            breaker.failed(NOW)
        later = NOW + LEFT_ALONE_FOR
        breaker.wait(later)
        answers(breaker, later)
        breaker.end_probe(later)
        assert breaker.wait(later + SECOND) == LEFT_ALONE_FOR - SECOND


def test_r27_retry_after_is_obeyed():
    """docs/law.md 48."""
    breaker = Breaker()
    breaker.pause(NOW, 7 * SECOND)
    assert breaker.wait(NOW) == 7 * SECOND
    assert breaker.wait(NOW + 7 * SECOND) == ZERO


def test_pauses_double_up_to_a_quarter_of_an_hour():
    pauses = [wait_after(n) for n in range(1, 40)]
    assert pauses[:3] == [5 * SECOND, 10 * SECOND, 20 * SECOND]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST


def test_a_clock_that_is_put_back_leaves_no_provider_alone_for_longer():
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(NOW)
    an_hour_before = NOW - timedelta(hours=1)
    assert breaker.wait(an_hour_before) == LEFT_ALONE_FOR
    assert breaker.wait(an_hour_before + LEFT_ALONE_FOR) == timedelta(0)


def test_a_clock_that_is_put_back_lengthens_no_pause_that_a_provider_asked_for():
    breaker, pause = Breaker(), timedelta(seconds=7)
    breaker.pause(NOW, pause)
    an_hour_before = NOW - timedelta(hours=1)
    assert breaker.wait(an_hour_before) == pause
    assert breaker.wait(an_hour_before + pause) == timedelta(0)
