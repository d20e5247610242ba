"""A case that is put off: it comes back on its day, when the citizen writes, or when an agent says so."""

from datetime import timedelta

import pytest

from case_router.domain.commands.due import EndSnooze
from case_router.handlers.days_come import AT_ONCE, DaysCome
from guichet.case.case import SNOOZED_AT_MOST
from guichet.case.kept import VISIBLE
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, RerouteCase, SendReply, SnoozeCase
from guichet.contracts.case_events import CaseSnoozed, CommandRefused
from guichet.store.messages.document import Direction, MessageDocument
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
DAY = ARRIVED + timedelta(days=7)


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return mail


def putting_off(case, until=DAY, name="snooze", *, by="lea", at=LATER, shown=None):
    about = {"case_id": case.case_id, "issued_by": by, "occurred_at": at, "shown": shown}
    return SnoozeCase(event_id=name, until=until, **about)


def told(world, case):
    return [(each.until, each.by) for each in world.published(case) if isinstance(each, CaseSnoozed)]


def refused(world, case):
    return [each.why for each in world.published(case) if isinstance(each, CommandRefused)]


def looking(world):
    return DaysCome.of_snoozes(world.cases, world.router().decide, lambda: world.now)


async def test_it_is_put_off_once_and_comes_back_on_its_day_once(world, mail):
    case = world.case_of(mail)
    for _ in range(2):
        await world.take(putting_off(case))
    assert (world.case_of(mail).snoozed_until, world.case_of(mail).at_rest) == (DAY, True)
    assert CaseSnoozed not in VISIBLE, "what agents put off changes nothing that a citizen reads"
    world.now = DAY - timedelta(seconds=1)
    await looking(world).look()
    assert world.case_of(mail).snoozed_until == DAY
    world.now = DAY
    for _ in range(2):  # two routers, or one that is killed before it tells
        await looking(world).look()
    assert (world.case_of(mail).snoozed_until, world.case_of(mail).at_rest) == (None, None)
    assert told(world, case) == [(DAY, "lea"), (None, None)]
    assert world.case_of(mail).state == case.state
    world.check()


async def test_what_a_decision_lets_stand_does_not_keep_a_look_going_for_ever(world, mail):
    await world.take(putting_off(world.case_of(mail)))
    world.now, decided = DAY, []

    async def decide(commands):
        decided.append(commands)
        assert len(decided) < 3

    await DaysCome.of_snoozes(world.cases, decide, lambda: world.now).look()
    assert len(decided) == 1


async def test_what_a_decision_lets_stand_hides_no_case_behind_it():
    """Of two pages of cases that stay due the second is decided about, too."""
    due, seen = [EndSnooze(event_id=f"{nth}", occurred_at=DAY, case_id=f"{nth}", until=DAY) for nth in range(450)], []

    async def find(limit):
        return due[:limit]

    async def decide(commands):
        seen.extend(command.event_id for command in commands)

    await DaysCome(find, decide, "stuck").look()
    assert len(due) > 2 * AT_ONCE
    assert seen == [each.event_id for each in due]


async def test_a_case_that_came_back_can_be_put_off_until_the_same_day_again(world, mail):
    case = world.case_of(mail)
    await world.take(putting_off(case))
    await world.take(putting_off(case, None, "back"), putting_off(case, DAY, "again"))
    world.now = DAY
    await looking(world).look()
    assert told(world, case) == [(DAY, "lea"), (None, "lea"), (DAY, "lea"), (None, None)]


async def test_a_citizen_who_writes_ends_it_and_a_machine_does_not(world, mail):
    case = world.case_of(mail)
    await world.take(putting_off(case))
    note = await world.mail(
        "auto", "alice@courriel.example", in_reply_to=("m@courriel.example",), automatic="auto-submitted"
    )
    await world.take(note)
    assert world.case_of(mail).snoozed_until == DAY
    await world.take(await world.mail("again", "alice@courriel.example", in_reply_to=("m@courriel.example",)))
    assert (world.case_of(mail).snoozed_until, world.case_of(mail).at_rest) == (None, None)
    assert told(world, case) == [(DAY, "lea"), (None, None)]
    world.check()


async def test_who_had_not_seen_a_citizens_word_puts_nothing_off(world, mail):
    case = world.case_of(mail)
    await world.take(await world.mail("again", "alice@courriel.example", in_reply_to=("m@courriel.example",)))
    await world.take(putting_off(case, shown=mail.message_id))
    assert refused(world, case) == ["case-changed"]


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (LATER, "no-such-day"),
        (LATER + SNOOZED_AT_MOST + timedelta(seconds=1), "no-such-day"),
        (None, "not-snoozed"),
    ],
)
async def test_what_cannot_be_is_refused(world, mail, until, why):
    case = world.case_of(mail)
    await world.take(putting_off(case, until))
    assert refused(world, case) == [why]
    assert world.case_of(mail).snoozed_until is None


async def test_closed_or_handed_over_it_waits_for_no_day(world, mail):
    case = world.case_of(mail)
    goes_to = next(each for each in world.town.departments if each != case.department)
    command = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    reason = Sealed(key_id="k", box=b"words")
    await world.take(putting_off(case))
    await world.take(RerouteCase(event_id="reroute", department=goes_to, reason=reason, **command))
    assert (world.case_of(mail).snoozed_until, world.case_of(mail).at_rest) == (None, None)
    await world.take(putting_off(case, name="again"), CloseCase(event_id="close", **command))
    assert world.case_of(mail).snoozed_until is None
    await world.take(putting_off(case, name="late"))
    assert refused(world, case) == ["case-closed"]


async def test_what_the_town_answered_last_waits_for_no_word_of_ours(world, mail):
    case = world.case_of(mail)
    assert case.at_rest is None
    about = {"channel": "email", "accounts": ("contact@mairie.example",), "content": Sealed(key_id="k", box=b"words")}
    answer = MessageDocument(_id="answer", direction=Direction.OUTBOUND, at=LATER, filed=case.case_id, **about)
    await world.messages.insert_outbound(answer)
    command = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    await world.take(SendReply(event_id="reply", outbound_id="answer", **command))
    assert world.case_of(mail).at_rest is True
    await world.take(await world.mail("again", "alice@courriel.example", in_reply_to=("m@courriel.example",)))
    assert world.case_of(mail).at_rest is None
