"""The law's clocks of a case: what an agent says of it, which acknowledgement leaves, and whom a day reaches."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from case_router.handlers.days_come import DaysCome
from guichet.case.record import CaseDue
from guichet.contracts.case_commands import StateFact
from guichet.contracts.case_events import CaseOpened, ClockReached, CommandRefused, FactStated, ReceiptOwed
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.legal_facts import LONG_AGO, StatedFact
from guichet.ids import derive_id
from guichet.law.calendar import PARIS, paris_date
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import sealed_message, sms_content
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
RECEIVED = date(2026, 11, 24)  # a Tuesday
NEAR, TO_QUALIFY, ARE = date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 8)
SILENCE = date(2027, 1, 24)  # a Sunday


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    mail = await world.mail("m", "alice@courriel.example")
    world.now = LATER
    await world.take(mail)
    return mail


def stating(case, name="fact", *, at=LATER, by="lea", **fact):
    about = {"case_id": case.case_id, "issued_by": by, "occurred_at": at}
    return StateFact(event_id=name, fact=StatedFact(at=at, **fact), **about)


def confirming(case, procedure, name="confirm", *, at=LATER):
    return stating(case, name, at=at, event="procedure-confirmed", procedure=procedure)


def published(world, case, kind):
    return [each for each in world.published(case) if isinstance(each, kind)]


def refused(world, case):
    return [each.why for each in published(world, case, CommandRefused)]


async def on(world, day, hour=9):
    world.now = datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)
    await DaysCome.of_clocks(world.cases, world.router().decide, lambda: world.now).look()


def one_for(world, mail, *, is_confirmed):
    """A procedure whose silence the town has confirmed, or not; and the case, in its department."""
    requests = ((name, each) for name, each in world.town.procedures.items() if each.is_request and each.clocks)
    name, procedure = next(
        (name, each) for name, each in requests if (each.clocks[0].silence.rule.source is not None) == is_confirmed
    )
    there = {"department": procedure.department, "sector": world.town.sector_of(procedure.department)}
    case = world.case_of(mail).model_copy(update=there)
    world.cases.cases[case.case_id] = case
    return name, case


async def test_a_new_case_is_due_for_somebody_to_say_what_it_is(world, mail):
    due = world.case_of(mail).due
    assert (due.clock, due.due_on, due.is_late) == ("qualification", TO_QUALIFY, False)
    assert due.changes_on == NEAR, "two working days before"
    assert not due.is_doubted


async def test_once_its_procedure_is_confirmed_the_whole_acknowledgement_leaves_once(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    for _ in range(2):
        await world.take(confirming(case, procedure))
    [stated], [owed] = published(world, case, FactStated), published(world, case, ReceiptOwed)
    assert (stated.by, stated.kind, stated.value) == ("lea", "procedure-confirmed", procedure)
    assert (owed.answers, owed.received_on, owed.is_full, owed.corrects) == (case.opened_by, RECEIVED, True, False)
    assert (owed.says, owed.decides_on, owed.procedure) == ("rejects", SILENCE, procedure)
    assert world.case_of(mail).procedure == procedure
    world.check()


async def test_r4_a_rule_that_nobody_confirmed_makes_no_acknowledgement_say_anything(world, mail):
    """R4 (docs/law.md 20): on its last day one leaves with date and service alone."""
    procedure, case = one_for(world, mail, is_confirmed=False)
    await world.take(confirming(case, procedure))
    await on(world, ARE - timedelta(days=1))
    assert published(world, case, ReceiptOwed) == []
    for _ in range(2):
        await on(world, ARE)
    [owed] = published(world, case, ReceiptOwed)
    assert (owed.is_full, owed.silence) == (False, None)


async def test_what_was_said_wrongly_is_corrected_and_what_stands_is_not_said_again(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    await on(world, ARE)
    at = datetime(2026, 12, 9, 10, tzinfo=PARIS)
    world.now = at
    await world.take(confirming(case, procedure, at=at))
    assert [(each.is_full, each.corrects) for each in published(world, case, ReceiptOwed)] == [
        (False, False),
        (True, True),
    ]
    await world.take(stating(case, "urgent", at=at, event="priority-given", priority="urgent"))
    assert len(published(world, case, ReceiptOwed)) == 2


async def test_each_day_reaches_people_once_whatever_is_killed_and_however_the_clock_goes(world, mail):
    case = world.case_of(mail)
    for day in (NEAR, NEAR, TO_QUALIFY, date(2026, 12, 2), date(2026, 12, 4)):
        for _ in range(2):
            await on(world, day)
    told = [(each.clock, each.stage, each.due) for each in published(world, case, ClockReached)]
    assert told == [
        ("qualification", "near", TO_QUALIFY),
        ("qualification", "due", TO_QUALIFY),
        ("are", "near", ARE),
        ("qualification", "late", TO_QUALIFY),
    ]


async def test_after_a_week_away_only_what_holds_by_now_is_said(world, mail):
    case = world.case_of(mail)
    await on(world, date(2026, 12, 15))
    told = [(each.clock, each.stage) for each in published(world, case, ClockReached)]
    assert sorted(told) == [("are", "late"), ("qualification", "late")]
    [owed] = published(world, case, ReceiptOwed)
    assert not owed.is_full


async def test_silence_decides_once_on_the_day_after_its_last(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    await world.take(confirming(case, procedure))
    await on(world, SILENCE, hour=23)
    assert "decided" not in {each.stage for each in published(world, case, ClockReached)}
    for _ in range(2):
        await on(world, SILENCE + timedelta(days=1), hour=0)
    decided = [each for each in published(world, case, ClockReached) if each.stage == "decided"]
    assert [(each.clock, each.due, each.means) for each in decided] == [("silence", SILENCE, "rejects")]
    due = world.case_of(mail).due
    assert (due.decided, due.decided_on) == ("rejects", SILENCE)


async def test_a_receipt_that_left_is_no_more_due(world, mail):
    case = world.case_of(mail)
    await world.take(stating(case, event="qualified", nature="information"))
    assert world.case_of(mail).due.clock == "are"
    left = DeliveryChanged(
        event_id=derive_id("are-left"),
        occurred_at=LATER,
        outbound_id="are",
        case_id=case.case_id,
        purpose="ARE",
        channel="email",
        state="sent",
    )
    await world.take(left)
    assert world.case_of(mail).due.clock is None
    await on(world, ARE + timedelta(days=30))
    assert published(world, case, ClockReached) == []


async def test_a_machines_mail_has_no_clock(world):
    mail = await world.mail("auto", "alice@courriel.example", automatic="auto-submitted")
    await world.take(mail)
    assert (world.case_of(mail).due.due_on, world.case_of(mail).due.changes_on) == (None, None)


async def test_what_an_agent_may_not_say_is_refused(world, mail):
    case = world.case_of(mail)
    other = next(name for name, each in world.town.procedures.items() if each.department != case.department)
    before = LATER - timedelta(days=9)
    said = [
        confirming(case, "unheard-of", "1"),
        confirming(case, other, "2"),
        stating(case, "3", event="answered"),
        StateFact(
            **{"event_id": "4", "case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER},
            fact=StatedFact(event="qualified", at=before, nature="request"),
        ),
        stating(case, "5", event="withdrawn", what=StatedFact(event="qualified", at=LATER, nature="request")),
    ]
    for each in said:
        await world.take(each)
    assert refused(world, case) == ["unknown-procedure", "unknown-procedure", *["unknown-fact"] * 3]
    for name in ("6", "7"):
        await world.take(stating(case, name, event="qualified", nature="request"))
    assert refused(world, case)[5:] == ["same-fact"]
    assert published(world, case, ReceiptOwed) == []


async def test_what_was_said_by_mistake_is_taken_back(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    await world.take(confirming(case, procedure))
    fact = world.case_of(mail).facts[-1]
    await world.take(stating(case, "back", event="withdrawn", what=fact))
    assert world.case_of(mail).due.clock == "qualification"
    await world.take(stating(case, "back twice", event="withdrawn", what=fact))
    assert refused(world, case) == ["unknown-fact"]


async def test_a_case_of_before_begins_to_count_in_silence(world, mail):
    """A router that counted nothing left it, and migration 60 has it looked at."""
    before = world.case_of(mail).model_copy(update={"due": CaseDue(changes_on=LONG_AGO), "facts": ()})
    world.cases.cases[before.case_id] = before
    await on(world, ARE + timedelta(days=40))
    assert published(world, before, ClockReached) == published(world, before, ReceiptOwed) == []
    due = world.case_of(mail).due
    assert (due.is_late, due.receipt) == (True, "of-before")
    assert due.changes_on is None or due.changes_on > paris_date(world.now)
    await on(world, ARE + timedelta(days=400))
    assert published(world, before, ClockReached) == published(world, before, ReceiptOwed) == []


async def test_a_case_of_before_that_an_agent_speaks_of_counts_from_then(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    before = case.model_copy(update={"due": None, "facts": ()})
    world.cases.cases[before.case_id] = before
    await world.take(confirming(before, procedure))
    await on(world, SILENCE + timedelta(days=1))
    told = {(each.clock, each.stage) for each in published(world, before, ClockReached)}
    assert ("silence", "decided") in told
    assert [each.is_full for each in published(world, before, ReceiptOwed)] == [True]
    assert world.case_of(mail).due.receipt == "full"


def vouching(world):
    """The town answers for a rule that names a procedure whose silence it has confirmed; and words that it is about."""
    rule = next(each for each in world.town.rules if each.procedure and is_confirmed(world.town, each.procedure))
    rules = tuple(each.model_copy(update={"vouches": each is rule}) for each in world.town.rules)
    world.town = replace(world.town, rules=rules)
    return rule.procedure, rule.keywords[0].rstrip("*")


def is_confirmed(town, procedure):
    clocks = town.procedures[procedure].clocks
    return bool(clocks and clocks[0].silence and clocks[0].silence.rule.source)


async def test_where_the_town_answers_for_a_rule_the_acknowledgement_leaves_at_once_and_alone(world):
    procedure, words = vouching(world)
    world.now = LATER
    mail = await world.mail("m", "alice@courriel.example", text=f"Bonjour, {words}")
    for _ in range(2):
        await world.take(mail)
    case = world.case_of(mail)
    [opened], [owed] = published(world, case, CaseOpened), published(world, case, ReceiptOwed)
    assert (opened.acknowledged, owed.is_full, owed.procedure) == (True, True, procedure)
    assert owed.decides_on == SILENCE
    assert (case.due.receipt, case.due.says) == ("full", owed.silence)
    world.check()


async def test_no_machine_is_acknowledged_at_once(world):
    _, words = vouching(world)
    mail = await world.mail("m", "alice@courriel.example", text=words, automatic="auto-submitted")
    await world.take(mail)
    [opened] = published(world, world.case_of(mail), CaseOpened)
    assert not opened.acknowledged
    assert published(world, world.case_of(mail), ReceiptOwed) == []


async def test_of_a_keyword_alone_nobody_is_sure(world):
    procedure, words = vouching(world)
    world.town = replace(
        world.town, rules=tuple(each.model_copy(update={"vouches": False}) for each in world.town.rules)
    )
    mail = await world.mail("m", "alice@courriel.example", text=words)
    await world.take(mail)
    case = world.case_of(mail)
    assert (case.procedure, case.facts) == (procedure, ())
    assert published(world, case, ReceiptOwed) == []


async def test_what_an_agent_takes_down_for_a_procedure_is_confirmed_by_them(world):
    """No receipt goes to who stood at the counter (docs/law.md 17); the silence runs from the stamp."""
    procedure = next(name for name in world.town.procedures if is_confirmed(world.town, name))
    entered = {"channel": "counter", "accounts": ("mairie@mairie.example",), "entered_by": "lea"}
    content = sms_content("+33639981234", "Bonjour")
    visit = await sealed_message(world.vault, "visit", content, **entered | {"procedure": procedure})
    await world.take(visit)
    case = world.case_of(visit)
    assert [each.value for each in case.facts] == [procedure]
    assert published(world, case, ReceiptOwed) == []
    await on(world, SILENCE + timedelta(days=1))
    assert world.case_of(visit).due.decided_on == SILENCE


async def test_a_message_that_is_handed_in_after_its_days_is_acknowledged_and_told_of(world):
    """By a replay, or a dead letter that was taken up: no day to come would have told of it."""
    mail = await world.mail("m", "alice@courriel.example")
    world.now = datetime(2026, 12, 29, 9, tzinfo=PARIS)
    await world.take(mail)
    case = world.case_of(mail)
    assert case.due.changes_on == date(2026, 12, 29)
    for _ in range(2):
        await on(world, date(2026, 12, 29))
    assert [each.is_full for each in published(world, case, ReceiptOwed)] == [False]
    told = [(each.clock, each.stage) for each in published(world, case, ClockReached)]
    assert sorted(told) == [("are", "late"), ("qualification", "late")]
    assert world.case_of(mail).due.changes_on is None


async def test_a_silence_that_decided_before_anybody_said_what_it_was_on_is_told_of(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    await on(world, ARE)
    at = datetime(2027, 2, 1, 9, tzinfo=PARIS)
    world.now = at
    await world.take(confirming(case, procedure, at=at))
    for _ in range(2):
        await on(world, date(2027, 2, 1), hour=10)
    decided = [each for each in published(world, case, ClockReached) if each.stage == "decided"]
    assert [(each.clock, each.due) for each in decided] == [("silence", SILENCE)]
    assert [each.is_full for each in published(world, case, ReceiptOwed)] == [False], "a person says what it decided"


async def test_the_first_acknowledgement_of_a_case_of_before_corrects_none(world, mail):
    procedure, case = one_for(world, mail, is_confirmed=True)
    before = case.model_copy(update={"due": CaseDue(changes_on=LONG_AGO), "facts": ()})
    world.cases.cases[before.case_id] = before
    at = datetime(2026, 12, 29, 9, tzinfo=PARIS)
    await on(world, date(2026, 12, 29), hour=8)
    assert world.case_of(mail).due.receipt == "of-before"
    world.now = at
    await world.take(confirming(case, procedure, at=at))
    [owed] = published(world, case, ReceiptOwed)
    assert (owed.is_full, owed.corrects) == (True, False)
