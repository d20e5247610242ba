"""What a case keeps of the law's clocks, which receipt is owed, of which days people are told: in any history.

Who looks on the days that are named alone tells and keeps what who looks daily does: on this the timer stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.case.due import OwedReceipt, Reckoned, kept_of, owed_receipt, reckon
from guichet.case.record import CaseDue
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.decision import express_decision_on
from guichet.law.clocks.facts import (
    LegalFact,
    Nature,
    ProcedureConfirmed,
    Qualified,
    Receipt,
    ReceiptSent,
    Received,
    Saisine,
    Transferred,
)
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.notice import Stage, notices
from guichet.law.clocks.outcome import EndedClock, Outcome
from guichet.law.clocks.rules import TownRules
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, a_case, at, on

SEEDS = st.integers(0, 2**32)
SPAN = 100  # days that each history is lived through
FEW = settings(max_examples=25, deadline=None)
MANY = settings(max_examples=300, deadline=None)
DAY = timedelta(days=1)


def days_from(day: date, span: int = SPAN) -> Iterator[date]:
    yield from (day + timedelta(days=nth) for nth in range(span))


@dataclass
class Worker:
    """Keeps a case as a worker does. daily: it looks every day; else on the days alone that the case names."""

    town: TownRules
    daily: bool
    due: CaseDue = field(default_factory=CaseDue)
    told: list[tuple[date, str]] = field(default_factory=list)

    def live(self, known: list[LegalFact], today: date, *, has_news: bool) -> None:
        if has_news:
            self.due = kept_of(reckon(known, self.town, today), self.due, today)
        if self.daily or (self.due.changes_on is not None and self.due.changes_on <= today):
            self._look(known, today)

    def _look(self, known: list[LegalFact], today: date) -> None:
        found = reckon(known, self.town, today)
        reached = dict.fromkeys(each.key for each in found.reached)  # two letters of a day are told of as one
        new = [key for key in reached if key not in self.due.announced]
        self.told += [(today, key) for key in new]
        self.due = self.due.model_copy(update={"announced": (*self.due.announced, *new)})
        self.due = kept_of(found, self.due, today)


@FEW
@given(SEEDS)
def test_who_looks_on_the_days_that_are_named_tells_and_keeps_what_who_looks_daily_does(seed: int) -> None:
    """A fact is told on its day, some days later, or ahead."""
    facts, town, _ = any_history(Random(seed))
    random = Random(seed)
    told = [(fact, fact.on + timedelta(days=random.choice([0, 0, 0, 7, -5]))) for fact in facts]
    began = min(when for fact, when in told if isinstance(fact, Received))
    daily, timer = Worker(town, daily=True), Worker(town, daily=False)
    known: list[LegalFact] = []
    for day in days_from(began):
        news = [fact for fact, when in told if max(when, began) == day]
        known += news
        for worker in (daily, timer):
            worker.live(known, day, has_news=bool(news))
        assert timer.due == daily.due, day
    assert timer.told == daily.told
    assert len({key for _, key in timer.told}) == len(timer.told), "each once"


@FEW
@given(SEEDS)
def test_nothing_stands_differently_before_the_day_that_is_named(seed: int) -> None:
    """Nor is anything new to be told."""
    facts, town, as_of = any_history(Random(seed))
    stood = reckon(facts, town, as_of)
    for day in days_from(as_of + DAY):
        now, named = reckon(facts, town, day), stood.due.changes_on
        if named is not None and day >= named:
            assert day == named
            stood = now
        assert _but_for_late_registration(now) == _but_for_late_registration(stood), day


@MANY
@given(SEEDS, st.data())
def test_between_a_day_and_the_one_that_it_names_every_day_says_the_same(seed: int, data: st.DataObject) -> None:
    """The same of many more histories, on the last of those days and any one of them."""
    facts, town, as_of = any_history(Random(seed))
    stood = reckon(facts, town, as_of)
    last = (stood.due.changes_on or as_of + timedelta(days=500)) - DAY
    for day in (last, data.draw(st.dates(as_of, last))):
        assert _but_for_late_registration(reckon(facts, town, day)) == _but_for_late_registration(stood)


def _but_for_late_registration(found: Reckoned) -> Reckoned:
    """Of the AEE, which no agent writes, no day is named: that it is late is counted at the next look (ADR 0104)."""
    late = EndedClock(ClockKind.AEE, Outcome.NOT_MET, date.min)
    return replace(found, ended=tuple(each for each in found.ended if replace(each, on=date.min) != late))


@MANY
@given(SEEDS, st.integers(0, 60))
def test_none_is_told_early_and_after_an_outage_the_present_stage_alone(seed: int, later: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    today = as_of + timedelta(days=later)
    clocks = [each for each in case_clocks(facts, town, today).clocks if each.due is not None]
    seen = list[object]()
    for notice in notices(case_clocks(facts, town, today), town.working_days):
        clock, ahead = notice.clock, (notice.due - today).days
        assert clock in clocks
        assert clock not in seen, "of each clock one stage"
        seen.append(clock)
        if notice.stage is Stage.NEAR:
            working = sum(town.working_days.is_working(day) for day in days_from(today + DAY, ahead))
            assert ahead > 0
            assert working <= {"silence": 10, "prior-remedy": 10, "rights-request": 5}.get(clock.kind, 2)
        else:
            assert (ahead == 0) is (notice.stage is Stage.DUE)
            assert (ahead < 0) is (notice.stage in {Stage.LATE, Stage.DECIDED})
        assert (clock.kind is ClockKind.AEE, clock.is_elsewhere) == (False, False)


@MANY
@given(SEEDS)
def test_what_a_row_says_is_the_gravest_duty_of_an_agents(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    due, found = reckon(facts, town, as_of).due, case_clocks(facts, town, as_of)
    duties = {(each.kind, each.due) for each in found.clocks if each.is_duty and each.due}
    ours = {each for each in duties if each[0] is not ClockKind.AEE}
    assert (due.clock is None) is not bool(ours)
    assert due.clock is None or (due.clock, due.due_on) in ours
    assert due.is_late is (due.due_on is not None and due.due_on < as_of)
    assert due.is_late is any(day < as_of for _, day in ours if day)
    assert due.changes_on is None or due.changes_on > as_of
    assert (due.decided is None) is (due.decided_on is None)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_the_order_in_which_a_case_was_told_is_none(seed: int) -> None:
    facts, town, as_of = any_history(Random(seed))
    told_again = [*facts, *facts]
    Random(seed + 1).shuffle(told_again)
    now, again = reckon(facts, town, as_of), reckon(told_again, town, as_of)
    assert (now.due, now.last_day_of_receipt) == (again.due, again.last_day_of_receipt)
    assert {*now.reached} == {*again.reached}


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_no_acknowledgement_is_owed_twice_nor_too_early_nor_too_late(seed: int) -> None:
    """docs/law.md 8, 11, 13, 16, R4: asked for on every day and after every fact."""
    facts, town, _ = any_history(Random(seed))
    began = min(fact.on for fact in facts if isinstance(fact, Received))
    due, left = CaseDue(), list[OwedReceipt]()
    for day in days_from(began, 60):
        known = [fact for fact in facts if fact.on <= day]
        last_day = reckon(known, town, day).last_day_of_receipt
        owed = owed_receipt(due, known, town, day, last_day=last_day)
        if owed is None:
            assert due.receipt is not None or last_day is None or day < last_day, "on its last day one leaves"
            continue
        are = [each for each in case_clocks(known, town, day).clocks if each.kind is ClockKind.ARE]
        if due.receipt is None:
            assert are
            assert are[0].is_open
        else:
            assert owed.is_full, "what is corrected says all"
            assert due.receipt == "incomplete" or due.says != owed.silence, "and says something else"
            assert express_decision_on(KnownFacts(known, day).since(began)) is None
            assert not are or are[0].state != "stopped"
        assert owed.is_full or (last_day is not None and day >= last_day)
        assert owed.silence is None or owed.silence.decides_on >= day
        due = due.model_copy(update={"receipt": "full" if owed.is_full else "incomplete", "says": owed.silence})
        left.append(owed)
        assert owed_receipt(due, known, town, day, last_day=last_day) is None, "it is owed once"
    assert [each.is_full for each in left[1:]] == [True] * len(left[1:])


COMPLAINT = Qualified(at("2026-01-07"), Nature.COMPLAINT)


@pytest.mark.parametrize(
    ("facts", "day", "was", "expected"),
    [
        (a_case("flat", "2026-01-05"), "2026-01-05", None, ("full", "rejects", "2026-03-05")),
        (a_case("unsure", "2026-01-05"), "2026-01-18", None, None),
        (a_case("unsure", "2026-01-05"), "2026-01-19", None, ("incomplete", None, None)),
        (a_case("unsure", "2026-01-05"), "2026-02-19", None, ("incomplete", None, None)),
        ([Received(at("2026-01-05"))], "2026-01-19", None, ("incomplete", None, None)),
        ([Received(at("2026-01-05")), Qualified(at("2026-01-06"), Nature.REQUEST)], "2026-01-18", None, None),
        ([Received(at("2026-01-05"), Saisine.STAMPED)], "2026-01-30", None, None),
        (a_case("quiet", "2026-01-05"), "2026-01-05", None, ("full", None, None)),
        (
            a_case("flat", "2026-01-05", ReceiptSent(at("2026-01-19"), Receipt.ARE)),
            "2026-02-01",
            "incomplete",
            ("full", "rejects", "2026-03-05"),
        ),
        (a_case("flat", "2026-01-05"), "2026-03-06", "incomplete", None),
        (a_case("flat", "2026-01-05", Transferred(at("2026-01-20"), "Métropole")), "2026-02-01", "incomplete", None),
        (a_case("terrace", "2026-01-05", COMPLAINT), "2026-01-07", "full", ("full", "rejects", "2026-03-05")),
    ],
)
def test_which_acknowledgement_is_owed(
    facts: list[LegalFact], day: str, was: str | None, expected: tuple[str, str | None, str | None] | None
) -> None:
    kept = CaseDue.model_validate({"receipt": was})
    last_day = reckon(facts, FRANCE, on(day)).last_day_of_receipt
    owed = owed_receipt(kept, facts, FRANCE, on(day), last_day=last_day)
    assert (owed and _as_words(owed)) == expected


def _as_words(owed: OwedReceipt) -> tuple[str, str | None, str | None]:
    said = owed.silence
    manner = "full" if owed.is_full else "incomplete"
    return (manner, None, None) if said is None else (manner, said.means, said.decides_on.isoformat())


def test_a_message_that_is_handed_in_late_is_looked_at_at_once() -> None:
    """A replay, a dead letter: all its days are over, so that none would ever come."""
    facts, today = [Received(at("2026-01-05"))], on("2026-02-05")
    kept = kept_of(reckon(facts, FRANCE, today), None, today)
    assert (kept.clock, kept.is_late, kept.changes_on) == (ClockKind.ARE, True, today)
    told = kept.model_copy(update={"announced": tuple(each.key for each in reckon(facts, FRANCE, today).reached)})
    assert kept_of(reckon(facts, FRANCE, today), told, today).changes_on is None


def test_a_procedure_that_is_confirmed_after_silence_decided_is_told_of() -> None:
    facts = [Received(at("2026-01-05")), ProcedureConfirmed(at("2026-04-01"), "terrace")]
    kept = kept_of(reckon(facts, FRANCE, on("2026-04-01")), CaseDue(), on("2026-04-01"))
    assert (kept.decided, kept.decided_on, kept.changes_on) == ("accepts", on("2026-03-05"), on("2026-04-01"))


@pytest.mark.parametrize(
    ("facts", "doubted"),
    [
        ([Received(at("2026-01-05"))], False),  # its clock of qualification says so
        ([Received(at("2026-01-05"), Saisine.STAMPED)], True),  # nothing else does
        ([Received(at("2026-01-05"), Saisine.CONTACT_ONLY)], False),
        (a_case("unsure", "2026-01-05"), True),
        (a_case("flat", "2026-01-05"), False),
    ],
)
def test_where_a_clock_says_that_nobody_said_what_it_is_there_is_no_doubt_besides(
    facts: list[LegalFact], doubted: bool
) -> None:
    assert reckon(facts, FRANCE, on("2026-02-05")).due.is_doubted is doubted


def test_what_a_row_says() -> None:
    kept = reckon(a_case("flat", "2026-01-05"), FRANCE, date(2026, 1, 8)).due
    assert kept == CaseDue(clock="first-answer", due_on=on("2026-01-12"), changes_on=on("2026-01-12"))
    unsaid = reckon([], replace(FRANCE, procedures={}), date(2026, 1, 8))
    assert unsaid == Reckoned(CaseDue(is_doubted=True), (), None)


@pytest.mark.parametrize(
    ("announced", "doubted"), [(("silence:decided:2027-01-24",), True), (("silence:late:x",), False)]
)
def test_where_people_heard_that_silence_decided_and_it_did_not_a_person_looks(
    announced: tuple[str, ...], doubted: bool
) -> None:
    """What is stated later of an earlier day takes nothing back unseen."""
    found = Reckoned(CaseDue(), (), None)
    assert kept_of(found, CaseDue(announced=announced), date(2027, 2, 1)).is_doubted is doubted
