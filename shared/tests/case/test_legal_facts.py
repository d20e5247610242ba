"""A case keeps few facts, and every clock says the same of them as of all that happened."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.case.legal_facts import as_the_law_says, may_state, standing, stands_so, with_fact
from guichet.contracts.legal_facts import STATED_BY_AGENTS, FactKind, StatedFact
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.facts import Received
from shared.tests.law.clocks.cases import FRANCE, PROCEDURES, at, on

MANY = settings(max_examples=200, deadline=None)
SEEDS = st.integers(0, 2**32)
RECEIVED = Received(at("2026-01-05", 8))
K = FactKind
_TELL: list[Callable[[Random, datetime], StatedFact]] = [
    lambda random, moment: StatedFact(event=K.PROCEDURE_CONFIRMED, at=moment, procedure=random.choice([*PROCEDURES])),
    lambda random, moment: StatedFact(event=K.QUALIFIED, at=moment, nature=random.choice(["request", "appeal"])),
    lambda random, moment: StatedFact(event=K.PRIORITY_GIVEN, at=moment, priority=random.choice(["normal", "urgent"])),
    *[lambda random, moment: StatedFact(event=K.RECEIPT_SENT, at=moment, receipt=random.choice(["aee", "are"]))] * 2,
    *[lambda _, moment: StatedFact(event=K.ANSWERED, at=moment)] * 3,
    lambda random, moment: StatedFact(event=random.choice([K.ABUSE_DECLARED, K.ABUSE_LIFTED]), at=moment),
]


def a_life(random: Random) -> list[StatedFact]:
    """What happens to a case, as it happens: it is closed and opened in turn; reports come late, and twice."""
    told, is_closed, moment = list[StatedFact](), False, RECEIVED.at
    for _ in range(random.randint(1, 30)):
        moment += timedelta(hours=random.choice([0, 1, 9, 30, 200]))
        stands = [each for each in standing((*told,)) if each.event in STATED_BY_AGENTS]
        if random.random() < 0.4:
            is_closed = not is_closed
            told.append(StatedFact(event=K.CLOSED if is_closed else K.REOPENED, at=moment + timedelta(microseconds=1)))
            moment = told[-1].at
        elif random.random() < 0.1 and stands:
            told.append(StatedFact(event=K.WITHDRAWN, at=moment, what=random.choice(stands)))
        else:
            late = timedelta(hours=random.choice([0, 0, 5, 40]))
            told.append(random.choice(_TELL)(random, max(moment - late, RECEIVED.at)))
    return [*told, *random.sample(_reports(told), len(_reports(told)) // 2)]


def _reports(told: Sequence[StatedFact]) -> list[StatedFact]:
    return [each for each in told if each.event in {K.ANSWERED, K.RECEIPT_SENT}]


def kept(told: Sequence[StatedFact]) -> tuple[StatedFact, ...]:
    return reduce(with_fact, told, ())


@MANY
@given(SEEDS, st.integers(0, 150))
def test_what_a_case_keeps_says_the_same_to_every_clock_as_all_that_happened(seed: int, later: int) -> None:
    """From the day of the last of it on: no worker asks of a day that is over."""
    told = a_life(Random(seed))
    last = max(as_the_law_says(each).on for each in told)
    few, all_of_it = ([RECEIVED, *map(as_the_law_says, facts)] for facts in (kept(told), told))
    for day in (last, last + timedelta(days=1), last + timedelta(days=later)):
        assert case_clocks(few, FRANCE, day) == case_clocks(all_of_it, FRANCE, day)


@MANY
@given(SEEDS)
def test_what_happens_without_end_is_kept_a_few_times(seed: int) -> None:
    few = kept(a_life(Random(seed)))
    bounds = {K.CLOSED: 2, K.REOPENED: 1, K.ANSWERED: 1, K.RECEIPT_SENT: 2, K.ABUSE_DECLARED: 2, K.ABUSE_LIFTED: 1}
    for kind, most in bounds.items():
        assert sum(each.event is kind for each in few) <= most


@MANY
@given(SEEDS)
def test_a_report_that_comes_again_or_out_of_order_changes_nothing(seed: int) -> None:
    """What agents decide comes once and in order: closings, and what is said of abuse."""
    random = Random(seed)
    told = a_life(random)
    again = [each for each in told if each.event not in {K.CLOSED, K.REOPENED, K.ABUSE_DECLARED, K.ABUSE_LIFTED}]
    shuffled = random.sample([*again, *again], 2 * len(again))
    assert {*kept(again)} == {*kept(shuffled)}


@MANY
@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(0, 100))
def test_the_target_of_closing_stands_as_the_case_does_whenever_its_causes_were(hours: list[int], later: int) -> None:
    """A message that waited was written before the closing that it undid; a click, before the message."""
    told = [StatedFact(event=K.PROCEDURE_CONFIRMED, at=RECEIVED.at, procedure="flat")]
    told += [
        StatedFact(event=K.REOPENED if nth % 2 else K.CLOSED, at=RECEIVED.at + timedelta(hours=hour))
        for nth, hour in enumerate(hours)
    ]
    few = [RECEIVED, *map(as_the_law_says, kept(told))]
    day = on("2026-01-14") + timedelta(days=later)
    [closing] = [each for each in case_clocks(few, FRANCE, day).clocks if each.kind is ClockKind.CLOSING]
    assert closing.is_open is (told[-1].event is K.REOPENED)


A = StatedFact(event=K.PROCEDURE_CONFIRMED, at=at("2026-01-06"), procedure="flat")
B = StatedFact(event=K.PROCEDURE_CONFIRMED, at=at("2026-01-07"), procedure="terrace")
CLOSED = StatedFact(event=K.CLOSED, at=at("2026-01-08"))


def withdrawn(what: StatedFact) -> StatedFact:
    return StatedFact(event=K.WITHDRAWN, at=at("2026-01-09"), what=what)


@pytest.mark.parametrize(
    ("fact", "facts", "expected"),
    [
        (B, (A,), True),
        (CLOSED, (A,), False),  # the case tells it itself
        (withdrawn(A), (A, B), True),
        (withdrawn(A), (B,), False),
        (withdrawn(A), (A, withdrawn(A)), False),
        (withdrawn(CLOSED), (A, CLOSED), False),
        (withdrawn(withdrawn(A)), (A, withdrawn(A)), False),
    ],
)
def test_what_an_agent_may_state(fact: StatedFact, facts: tuple[StatedFact, ...], expected: bool) -> None:
    assert may_state(fact, facts) is expected


def test_what_stands_so_already_is_of_the_last_of_its_kind_that_nobody_withdrew() -> None:
    again = A.model_copy(update={"at": at("2026-01-10")})
    assert stands_so(again, (A,))
    assert not stands_so(again, (A, B))
    assert stands_so(again, (A, B, withdrawn(B)))
    assert not stands_so(again, (A, withdrawn(A)))
    assert standing((B, A, withdrawn(A))) == (B, withdrawn(A))
