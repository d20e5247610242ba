"""A receipt that cannot arrive goes another way, once: R9, R26, R27 (docs/law.md 8, 48, 49, 51)."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from guichet.channel.outgoing.outcomes import Doubtful, failed, sent
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.case_events import CaseClosed, CaseState
from guichet.contracts.delivery import DeliveryReported, DeliveryState, Purpose
from guichet.errors import TransientError
from guichet.ids import EventId, MessageId, SectorCitizenId
from guichet.store.deliveries.document import ANOTHER_WAY
from guichet_testing.builders.channels import FACTS
from notifier.domain.another_way import WAYS_AT_MOST
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from services.notifier.tests.conftest import ARRIVED, World, event_of
from services.notifier.tests.entry.known_citizens import NUMBERS, calls_in, mails, texts
from services.notifier.tests.entry.one_lane import HOLD, ObedientSender

S = DeliveryState
HERS = SectorCitizenId("citizen-1")
HER_MAIL = "c1@courriel.example"
NIGHT = datetime(2026, 5, 4, 21, tzinfo=UTC)  # 23:00 in Paris, on a Monday


class KilledError(BaseException):
    """Nobody catches it."""


class Provider(ObedientSender):
    """An account by which the town sends, of a name."""

    def __init__(self, name, *answers):
        super().__init__(*answers)
        self.name, self.repeats = name, 5


def lane_of(world, sender):
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=HOLD, settle_after=timedelta(0), senders=1, at_once=1),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
        redirects=world.redirects,
    )


async def all_leave(world, *senders, rounds=2 * WAYS_AT_MOST):
    """Have every lane do what it can, and what was announced be published, until nothing moves."""
    for _ in range(rounds):
        for sender in senders:
            while not await lane_of(world, sender).step():
                pass
        await world.announcer.sweep()
        await world.announced()
        world.now += timedelta(seconds=10)


async def reported(world, outbound_id, status="undelivered", code="30003", provider_id="SM1", channel="sms"):
    values = {"channel": channel, "provider_id": provider_id, "status": status, "error_code": code}
    event = DeliveryReported(
        event_id=EventId(f"{outbound_id}-{status}"), occurred_at=world.now, outbound_id=outbound_id, **values
    )
    await world.handlers.record_report(event)


async def ways_of(world, case):
    """Return what the town sent for a case, in the order in which it was owed."""
    return [
        (each.channel, each.state, each.reason if each.state is S.FAILED else None)
        for each in await world.deliveries.of_case(case.case_id)
    ]


async def announced_of(world):
    return [(each.channel, each.state, each.reason, each.goes_another_way) for each in await world.announced()]


@pytest.mark.parametrize("code", ["unsubscribed", "unknown-number", "landline", "blocked", "outside-window"])
async def test_r26_r27_a_receipt_that_its_provider_refuses_for_good_goes_by_proven_mail(world, code):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", failed(code)), Provider("mail")
    await all_leave(world, sms, relay)
    assert await ways_of(world, case) == [("sms", S.FAILED, code), ("email", S.SENT, None)]
    [letter] = relay.letters
    assert (letter.recipient, len(sms.letters)) == (HER_MAIL, 1)
    assert "2026-0001-AAA" in letter.text
    assert "n’a pas pu vous être remis par le moyen par lequel vous nous avez écrit (SMS)" in letter.text.replace(
        "\n", " "
    )
    assert await announced_of(world) == [
        ("sms", S.FAILED, code, True),
        ("email", S.PENDING, ANOTHER_WAY, False),
        ("email", S.SENT, None, False),
    ]


async def test_r9_what_a_later_report_says_did_not_arrive_goes_another_way_once(world):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", sent("SM1")), Provider("mail")
    await all_leave(world, sms, relay)
    first = await world.receipt_of(case)
    for _ in range(3):  # told twice, or read again from the topic: R8
        await reported(world, first.outbound_id)
        await all_leave(world, sms, relay)
    assert await ways_of(world, case) == [("sms", S.FAILED, "unreachable"), ("email", S.SENT, None)]
    assert (len(sms.letters), len(relay.letters)) == (1, 1)


@pytest.mark.parametrize("order", [("delivered", "undelivered"), ("undelivered", "delivered")])
async def test_what_arrived_has_arrived_in_whatever_order_it_is_told(world, order):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", sent("SM1")), Provider("mail")
    await all_leave(world, sms, relay)
    first = await world.receipt_of(case)
    for status in order:
        await reported(world, first.outbound_id, status)
        await all_leave(world, sms, relay)
    again = [each for each in await world.deliveries.of_case(case.case_id) if each.after]
    states = [each.state for each in await world.deliveries.of_case(case.case_id)]
    assert states[0] is S.DELIVERED
    assert len(again) == len(relay.letters) == (order[0] == "undelivered")


async def test_r9_a_mail_that_bounced_goes_to_another_mailbox_then_by_sms_then_an_agent_sees_to_it(world):
    case = await world.citizen_writes("email", "case-1", citizen=HERS, reference="2026-0001-AAA")
    await mails(world, "another", HER_MAIL, HERS)
    await calls_in(world, "by-phone", "whatsapp", NUMBERS[1], HERS)
    await world.owe_receipts(world.opened(case))
    relay = Provider("mail", failed("mailbox-refused"), failed("mailbox-refused"))
    sms = Provider("twilio", sent("SM1"))
    await all_leave(world, relay, sms)
    refused = ("email", S.FAILED, "mailbox-refused")
    assert await ways_of(world, case) == [refused, refused, ("sms", S.SENT, None)]
    assert [each.recipient for each in relay.letters] == ["amina.benali@courriel.example", HER_MAIL]
    assert [(each.recipient, each.account) for each in sms.letters] == [(NUMBERS[1], "")]
    last = [*await world.deliveries.of_case(case.case_id)][-1]
    await reported(world, last.outbound_id)
    await all_leave(world, relay, sms)
    assert (await ways_of(world, case))[-1] == ("sms", S.FAILED, "unreachable")
    assert (await announced_of(world))[-1] == ("sms", S.FAILED, "unreachable", False), "an agent is to see to it"


async def test_r27_whatsapp_past_its_window_goes_by_sms_to_the_very_number(world):
    case = await world.citizen_writes("whatsapp", "case-1", citizen=HERS)
    await calls_in(world, "by-phone", "whatsapp", "+33639980101", HERS)
    await world.owe_receipts(world.opened(case))
    twilio = Provider("twilio", failed("outside-window"))
    await all_leave(world, twilio)
    assert await ways_of(world, case) == [("whatsapp", S.FAILED, "outside-window"), ("sms", S.SENT, None)]
    assert {each.recipient for each in twilio.letters} == {"+33639980101"}


async def test_without_another_way_it_has_failed_and_stays_owed(world):
    case = await texts(world, 1)
    sms = Provider("twilio", failed("landline"))
    await all_leave(world, sms)
    assert await announced_of(world) == [("sms", S.FAILED, "landline", False)]
    late = (await world.receipt_of(case)).overdue_at + timedelta(seconds=1)
    assert [each.case_id for each in await world.watched.overdue(late, None, 10)] == [case.case_id]


async def test_what_goes_another_way_is_what_is_owed(world):
    case = await texts(world, 1, HER_MAIL)
    late = (await world.receipt_of(case)).overdue_at + timedelta(seconds=1)
    sms, relay = Provider("twilio", failed("landline")), Provider("mail", TransientError("away"))
    await all_leave(world, sms, relay, rounds=1)
    owed = await world.watched.overdue(late, None, 10)
    assert [each.position.outbound_id for each in owed] == [
        each.outbound_id for each in await world.deliveries.of_case(case.case_id) if each.after
    ]
    world.now += timedelta(hours=1)
    await all_leave(world, sms, relay)
    assert (await ways_of(world, case))[-1] == ("email", S.SENT, None)
    assert await world.watched.overdue(late, None, 10) == []


@pytest.mark.parametrize(("why", "goes_on"), [("landline", True), ("unsubscribed", False), ("blocked", False)])
async def test_r27_the_news_of_a_change_goes_another_way_by_day_but_never_against_their_will(world, why, goes_on):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", sent(), failed(why)), Provider("mail")
    await all_leave(world, sms, relay)
    world.cases.cases[case.case_id] = world.cases.cases[case.case_id].model_copy(update={"state": CaseState.CLOSED})
    await world.handlers.owe_change(CaseClosed(**event_of(case, 3), by="lea"))
    world.now = NIGHT
    await all_leave(world, sms, relay)
    assert relay.letters == [], "nobody is written to at night"
    world.now = NIGHT + timedelta(hours=10)
    await all_leave(world, sms, relay)
    await all_leave(world, sms, relay)
    assert [letter.recipient for letter in relay.letters] == ([HER_MAIL] if goes_on else [])
    changes = [each for each in await world.deliveries.of_case(case.case_id) if each.change is not None]
    assert [each.state for each in changes] == ([S.FAILED, S.SENT] if goes_on else [S.FAILED])


@pytest.mark.parametrize(("days", "goes_on"), [(1, True), (8, False)])
async def test_a_change_of_weeks_ago_that_is_said_not_to_have_arrived_brings_nobody_another_letter(
    world, days, goes_on
):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", sent("SM1"), sent("SM2")), Provider("mail")
    await all_leave(world, sms, relay)
    world.cases.cases[case.case_id] = world.cases.cases[case.case_id].model_copy(update={"state": CaseState.CLOSED})
    world.now = NIGHT + timedelta(hours=10)
    await world.handlers.owe_change(CaseClosed(**event_of(case, 3), by="lea"))
    world.now += timedelta(hours=1)
    await all_leave(world, sms, relay)
    [change] = [each for each in await world.deliveries.of_case(case.case_id) if each.change is not None]
    world.now += timedelta(days=days)
    await reported(world, change.outbound_id, provider_id="SM2")
    await all_leave(world, sms, relay)
    assert len(relay.letters) == goes_on


async def test_an_answer_and_what_no_clock_runs_for_go_by_no_other_way(world):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", sent(), failed("landline")), Provider("mail")
    await all_leave(world, sms, relay)
    await world.handlers.owe_reply(await world.agent_answers(case))
    await all_leave(world, sms, relay)
    assert (await ways_of(world, case))[-1] == ("sms", S.FAILED, "landline")
    assert relay.letters == [], "an agent's words go by no other way unasked"


async def test_a_second_copy_that_may_have_arrived_keeps_it_from_going_another_way(world):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", Doubtful("no-answer"), sent("SM2")), Provider("mail")
    await all_leave(world, sms, relay)
    assert len(sms.letters) == 2
    await reported(world, (await world.receipt_of(case)).outbound_id, provider_id="SM2")
    await all_leave(world, sms, relay)
    assert await ways_of(world, case) == [("sms", S.FAILED, "unreachable")]


@pytest.mark.parametrize("unproven", [{"authenticated": None}, {"authenticated": False}])
async def test_nothing_goes_to_an_address_that_nobody_vouches_for(world, unproven):
    case = await texts(world, 1, HER_MAIL, **unproven)
    await all_leave(world, Provider("twilio", failed("landline")), Provider("mail"))
    assert await ways_of(world, case) == [("sms", S.FAILED, "landline")]


async def test_nothing_goes_another_way_where_it_is_not_sure_whose_the_case_is(world):
    case = await texts(world, 1, HER_MAIL)
    world.cases.cases[case.case_id] = case.model_copy(update={"unverified": True})
    await all_leave(world, Provider("twilio", failed("landline")), Provider("mail"))
    assert await ways_of(world, case) == [("sms", S.FAILED, "landline")]


async def test_a_mail_that_is_erased_before_it_leaves_gives_no_address_any_more(world):
    case = await texts(world, 1, HER_MAIL)
    sms, relay = Provider("twilio", failed("landline")), Provider("mail")
    await all_leave(world, sms, rounds=1)
    await world.erase(MessageId("mail-1"))
    await all_leave(world, sms, relay)
    assert (await ways_of(world, case))[-1] == ("email", S.FAILED, "no-address")
    assert relay.letters == []


async def test_it_repeats_nothing_that_was_written_from_another_address(world):
    case = await world.citizen_writes("email", "case-1", citizen=HERS)
    await mails(world, "another", HER_MAIL, HERS)
    await world.owe_receipts(world.opened(case))
    relay = Provider("mail", failed("mailbox-refused"))
    await all_leave(world, relay)
    sources = relay.letters[-1].mail.message
    assert relay.letters[-1].recipient == HER_MAIL
    assert b"Lampadaire" not in sources
    assert b"In-Reply-To" not in sources


async def test_an_acknowledgement_goes_another_way_whole(world):
    case = await texts(world, 1, HER_MAIL)
    [receipt] = world.deliveries.everything()
    says = Acknowledgement(received_on=ARRIVED.date(), is_full=False)
    owed = receipt.model_copy(update={"purpose": Purpose.ARE, "acknowledgement": says})
    world.deliveries._all = {owed.outbound_id: owed}
    relay = Provider("mail")
    await all_leave(world, Provider("twilio", failed("landline")), relay)
    assert await ways_of(world, case) == [("sms", S.FAILED, "landline"), ("email", S.SENT, None)]
    assert [each.acknowledgement for each in world.deliveries.everything()] == [says, says]
    assert b"Subject:" in relay.letters[0].mail.message


@pytest.mark.parametrize("killed_after", ["conclude", "insert_new", "hand_on"])
async def test_whoever_is_killed_between_two_writes_has_done_it_once(world, killed_after):
    case = await texts(world, 1, HER_MAIL)
    write = getattr(world.deliveries, killed_after)

    async def killed(*asked):
        await write(*asked)
        raise KilledError

    setattr(world.deliveries, killed_after, killed)
    sms, relay = Provider("twilio", failed("landline")), Provider("mail")
    with pytest.raises(KilledError):
        await all_leave(world, sms, relay)
    setattr(world.deliveries, killed_after, write)
    world.announcer._soon = []  # what the killed process had in mind
    world.now += timedelta(minutes=5)
    await all_leave(world, sms, relay)
    assert await ways_of(world, case) == [("sms", S.FAILED, "landline"), ("email", S.SENT, None)]
    assert len(relay.letters) == 1


async def test_while_the_store_is_away_nobody_hears_that_it_failed(world):
    case = await texts(world, 1, HER_MAIL)
    sms, relay, find = Provider("twilio", failed("landline")), Provider("mail"), world.cases.find_many
    await lane_of(world, sms).step()

    async def away(*_):
        raise TransientError("the cases are away")

    world.cases.find_many = away
    assert await world.announced() == []
    world.cases.find_many = find
    world.now += timedelta(minutes=1)
    await all_leave(world, sms, relay)
    assert await ways_of(world, case) == [("sms", S.FAILED, "landline"), ("email", S.SENT, None)]


async def test_where_looking_for_a_way_meets_a_bug_it_has_failed_for_an_agent_to_see(world):
    case = await texts(world, 1, HER_MAIL)

    async def broken(*_):
        raise KeyError("bug")

    world.messages.newest_of_citizen = broken
    with capture_logs():  # to write all that lay around the bug takes half a minute
        await all_leave(world, Provider("twilio", failed("landline")))
    assert await announced_of(world) == [("sms", S.FAILED, "landline", False)]
    assert await ways_of(world, case) == [("sms", S.FAILED, "landline")]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["takes", "refuses", "away", "doubts"]), max_size=12),
    st.lists(st.sampled_from(["c1@courriel.example", "c2@courriel.example", NUMBERS[1], NUMBERS[2]]), max_size=4),
    st.booleans(),
)
async def test_whatever_providers_do_it_is_never_sent_by_a_way_that_failed_and_always_ends(town, answers, known, late):
    """No loop, nothing twice, and a receipt of which nothing left is an agent's or waits for its provider."""
    world = World(replace(town))
    case = await texts(world, 1)
    for nth, address in enumerate(known):
        written = mails if "@" in address else calls_in
        where = (address,) if "@" in address else ("sms", address)
        await written(world, f"known-{nth}", *where, HERS)
    outcomes = {"takes": sent(), "refuses": failed("landline"), "away": TransientError("away")}
    said = [outcomes.get(each) or Doubtful("no-answer", denied=True) for each in answers]
    sms, relay = Provider("twilio", *said[::2]), Provider("mail", *said[1::2])
    await all_leave(world, sms, relay, rounds=40)
    if late:
        for each in await world.deliveries.of_case(case.case_id):
            if each.channel == "sms":
                await reported(world, each.outbound_id)
        await all_leave(world, sms, relay, rounds=40)
    before = deepcopy(world.deliveries._all)
    await all_leave(world, sms, relay)
    went = await world.deliveries.of_case(case.case_id)
    assert world.deliveries._all == before, "it has come to its end"
    assert len(went) <= WAYS_AT_MOST
    assert sum(each.state in (S.SENT, S.DELIVERED) for each in went) <= 1
    letters = [(each.channel, each.recipient, each.outbound_id) for each in (*sms.letters, *relay.letters)]
    ways = {(channel, recipient) for channel, recipient, _ in letters}
    assert len(ways) == len({name for *_, name in letters}), "each way has one message of its own"


def test_every_reason_for_which_a_letter_fails_is_said_in_french_and_in_english():
    for facts in FACTS.values():
        for code in {*facts.reasons.values()}:
            assert facts.failures[code].fr
            assert facts.failures[code].en
