"""What a town may spend is spent: which letters leave, which go another way, which wait. None is lost, none leaves twice."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.channel.outgoing.outcomes import Doubtful, failed, sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.segments import segments
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import TransientError
from guichet.ids import MessageId, SectorCitizenId
from guichet.law.calendar import PARIS, paris_date
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.deliveries.document import CAP_REACHED, MAIL_INSTEAD
from guichet.store.sending_journal import FILE, NoJournal, SqliteJournal
from guichet.town.costs import AccountCosts
from guichet.town.reachable_numbers import OTHER_COUNTRY
from guichet_testing.builders.link import a_link
from notifier.entry.gathered_lane import GatheredLane
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account, sending_id
from notifier.handlers.keep_budget import Budget
from notifier.handlers.watch_costs import WatchCosts
from services.notifier.tests.conftest import World
from services.notifier.tests.entry.known_citizens import NUMBERS, mails, texts
from services.notifier.tests.entry.one_lane import HOLD, ObedientSender

S = DeliveryState
PRICE = Decimal("0.10")


class Network(ObedientSender):
    """taken: what it took, of all that it was given."""

    name = "twilio"

    def __init__(self, *answers):
        super().__init__(*answers)
        self.taken = []

    async def try_send(self, letter):
        answer = await super().try_send(letter)
        if answer == sent():
            self.taken.append(letter)
        return answer


@pytest.fixture
def capped(town):
    """Return a world whose town pays ten cents a segment, and has these caps."""

    def of(**caps):
        costs = AccountCosts(prices={"sms": {"other": PRICE}}, **caps)
        return World(replace(town, costs={"twilio": costs}), receipts_a_day=1000)

    return of


def lane_of(world, sender, gathered=False, journal=None):
    costs = Budget(world.town.facts, world.town.costs_of(sender.name), world.spending, world.clock)
    rate = Rate(per_second=1_000_000, burst=1_000_000)
    budget = costs if sender.name in world.town.charging else None
    account = Account(sender, rate, world.clock, world.deliveries.taken, journal or NoJournal(), budget=budget)
    options = LaneOptions(hold=HOLD, settle_after=timedelta(0), senders=1, at_once=4)
    around = {"deliveries": world.deliveries, "clock": world.clock, "redirects": world.redirects}
    if gathered:
        write = world.bundle_writer.write
        return GatheredLane(account, timedelta(0), counts=world.counts, write=write, **around)
    return Lane(account, options, write=world.writer.write, announce=world.announcer.announce_soon, **around)


async def drain(lane):
    while not await lane.step():
        pass


async def receipts(world):
    return {each.outbound_id: each for each in world.deliveries.everything()}


def holds(alarm):
    return bool(ALARM.labels(alarm.value, "twilio")._value.get())


async def looked_at(world):
    await WatchCosts(world.town, world.spending, world.deliveries, world.clock).look()
    return holds(Alarm.SPENDING_NEAR_CAP), holds(Alarm.SPENDING_CAP)


async def a_day_passes(world):
    world.now = datetime.combine(paris_date(world.now) + timedelta(days=1), datetime.min.time(), PARIS).astimezone(UTC)


async def test_a_cap_in_the_middle_of_a_hundred_receipts_loses_none_and_doubles_none(capped):
    world = capped(day=Decimal("12.00"))
    cases = [await texts(world, nth, f"c{nth}@courriel.example" if nth % 2 else None) for nth in range(100)]
    sms, relay = Network(), ObedientSender()
    await drain(lane_of(world, sms))
    await drain(lane_of(world, relay))
    spent = (await world.spending.spent("twilio", paris_date(world.now))).day
    assert spent.amount == sum(segments(each.text) for each in sms.letters) * 100_000 <= 12_000_000
    states = [(await world.receipt_of(case)).state for case in cases]
    by_mail = {each.recipient for each in relay.letters}
    assert 0 < len(sms.letters) < 100
    assert by_mail <= {f"c{nth}@courriel.example" for nth in range(1, 100, 2)}
    left = len(sms.letters) + len(relay.letters)
    assert Counter(states) == {S.SENT: left, S.PENDING: 100 - left}
    assert S.PENDING not in states[1::2], "who has a mailbox waits for nothing"
    assert {each.reason for each in (await receipts(world)).values() if each.state is S.PENDING} == {CAP_REACHED}
    assert await looked_at(world) == (True, True)
    for _ in range(10):
        await a_day_passes(world)
        await drain(lane_of(world, sms))
    await drain(lane_of(world, relay))
    left = Counter(each.outbound_id for each in (*sms.letters, *relay.letters))
    assert left == dict.fromkeys(await receipts(world), 1)
    assert await looked_at(world) == (False, False)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(["answers", "away", "refuses", "doubts"]), max_size=30),
    st.integers(0, 60),
    st.sets(st.integers(0, 19)),
)
async def test_whatever_the_provider_does_no_cap_is_passed_and_each_leaves_once(town, answers, cap, with_mailbox):
    costs = AccountCosts(prices={"sms": {"other": PRICE}}, day=Decimal(cap) / 10)
    world = World(replace(town, costs={"twilio": costs}), receipts_a_day=1000)
    for nth in range(20):
        await texts(world, nth, f"c{nth}@courriel.example" if nth in with_mailbox else None)
    known = {"answers": sent(), "away": TransientError("away"), "refuses": failed("landline")}
    sms = Network(*(known.get(each) or Doubtful("no-answer", denied=True) for each in answers))
    relay = ObedientSender()
    for _ in range(3):
        await drain(lane_of(world, sms))
        await drain(lane_of(world, relay))
        spent = (await world.spending.spent("twilio", paris_date(world.now))).day.amount
        assert 0 <= spent <= cap * 100_000
        world.now += timedelta(minutes=1)
    known = await receipts(world)
    left = Counter(each.outbound_id for each in (*sms.taken, *relay.letters))
    assert left == {name: 1 for name, each in known.items() if each.state is S.SENT}
    waiting = [each for each in known.values() if each.state not in (S.SENT, S.FAILED)]
    assert all(each.due_at - world.now <= timedelta(minutes=15) for each in waiting), "each is tried again"


async def test_the_agent_is_told_why_an_answer_waits_and_it_leaves_once_the_cap_is_lifted(capped):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1, "c1@courriel.example")
    await drain(lane_of(world, Network()))
    await world.handlers.owe_reply(await world.agent_answers(case))
    sms = Network()
    await drain(lane_of(world, sms))
    told = [(each.purpose.value, each.state, each.reason, each.channel) for each in await world.announced()]
    assert told == [("AEE", S.PENDING, MAIL_INSTEAD, "email"), ("reply", S.PENDING, CAP_REACHED, "sms")]
    assert sms.letters == []
    world.town = replace(world.town, costs={})
    world.now += timedelta(minutes=10)
    await drain(lane_of(world, sms))
    assert len(sms.letters) == 1, "the answer alone: an agent's words go by no other way"


async def test_the_mail_says_what_the_sms_would_have_and_why_it_is_one(capped):
    world = capped(day=Decimal("0.00"))
    await texts(world, 1, "c1@courriel.example")
    relay = ObedientSender()
    await drain(lane_of(world, Network()))
    await drain(lane_of(world, relay))
    [letter] = relay.letters
    assert letter.recipient == "c1@courriel.example"
    assert b"Subject: demande 2026-0001-AAA" in letter.mail.message
    assert "message parvenu le" in letter.text
    assert "(SMS)" in letter.text


@pytest.mark.parametrize("has_left", [True, False])
async def test_what_left_by_sms_before_the_store_was_put_back_goes_by_no_other_way_either(capped, tmp_path, has_left):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1, "c1@courriel.example")
    (tmp_path / FILE).touch()
    journal, name = SqliteJournal(tmp_path, world.clock), sending_id(await world.receipt_of(case))
    await journal.begin([name])
    if has_left:
        await journal.left([name])
    sms, relay = Network(), ObedientSender()
    sms.repeats = 0
    await drain(lane_of(world, sms, journal=journal))
    await drain(lane_of(world, relay))
    receipt = await world.receipt_of(case)
    assert (sms.letters, relay.letters) == ([], [])
    assert (receipt.state is S.SENT, receipt.undecided_since is not None) == (has_left, not has_left)


@pytest.mark.parametrize("unproven", [{"authenticated": None}, {"authenticated": False}])
async def test_a_mailbox_that_nobody_vouches_for_gets_nothing(capped, unproven):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1, "c1@courriel.example", **unproven)
    await drain(lane_of(world, Network()))
    assert (await world.receipt_of(case)).reason == CAP_REACHED


async def test_who_erases_the_mail_meanwhile_has_the_receipt_wait_on_its_own_channel(capped):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1, "c1@courriel.example")
    await drain(lane_of(world, Network()))
    await world.erase(MessageId("mail-1"))
    relay = ObedientSender()
    await drain(lane_of(world, relay))
    await drain(lane_of(world, Network()))
    receipt = await world.receipt_of(case)
    assert (receipt.lane, receipt.channel, receipt.state, receipt.reason) == ("twilio", "sms", S.PENDING, CAP_REACHED)
    assert relay.letters == []


async def test_a_letter_that_may_have_left_goes_by_no_other_back_to(capped):
    world = capped(day=Decimal("0.50"))
    case = await texts(world, 1, "c1@courriel.example")
    sms = Network(Doubtful("no-answer"))
    sms.repeats = 5
    await drain(lane_of(world, sms))
    world.town = replace(world.town, costs={"twilio": AccountCosts(prices={"sms": {"other": PRICE}}, day=Decimal(0))})
    world.now += timedelta(minutes=1)
    await drain(lane_of(world, sms))
    receipt = await world.receipt_of(case)
    assert (receipt.lane, receipt.state, receipt.copies) == ("twilio", S.UNKNOWN, 1)


async def test_a_sender_that_dies_after_it_counted_has_counted_too_much_never_too_little(capped):
    world = capped(day=Decimal("0.50"))
    case = await texts(world, 1)

    class Killed(Network):
        async def try_send(self, letter):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await lane_of(world, Killed())._account.attempt(
            await world.write(await world.receipt_of(case)), await world.receipt_of(case), begins
        )
    spent = (await world.spending.spent("twilio", paris_date(world.now))).day
    assert spent.amount > 0


async def begins():
    return True


async def test_nothing_goes_abroad_unasked_and_the_agent_reads_why(capped):
    world = capped(day=Decimal("5.00"))
    case = await texts(world, 1)
    content = InboundContent(sender=(Identifier(kind="phone", value="+14155550100"),), text="Hello")
    await world.receive(case.opened_by, "sms", case.account, content, case.case_id)
    sms = Network()
    await drain(lane_of(world, sms))
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, sms.letters) == (S.FAILED, OTHER_COUNTRY, [])
    assert (await world.spending.spent("twilio", paris_date(world.now))).day.amount == 0


async def from_abroad(world, nth=1):
    """Have somebody who writes from abroad be owed a receipt, a proven mailbox of theirs being known."""
    case = await texts(world, nth, f"c{nth}@courriel.example")
    content = InboundContent(sender=(Identifier(kind="phone", value="+32470123456"),), text="Bonjour")
    await world.receive(
        case.opened_by, "sms", case.account, content, case.case_id, citizen=SectorCitizenId(f"citizen-{nth}")
    )
    return case


async def test_a_receipt_to_a_number_that_the_town_does_not_write_to_goes_by_mail(capped):
    world = capped(day=Decimal("5.00"))
    case = await from_abroad(world)
    sms, relay = Network(), ObedientSender()
    await drain(lane_of(world, sms))
    assert (await world.receipt_of(case)).reason == MAIL_INSTEAD
    await drain(lane_of(world, relay))
    assert ((await world.receipt_of(case)).state, sms.letters) == (S.SENT, [])
    assert [each.recipient for each in relay.letters] == ["c1@courriel.example"]


async def test_a_receipt_that_may_have_left_before_its_country_was_struck_off_is_left_to_an_agent(capped):
    world = capped(day=Decimal("5.00"), countries=frozenset({"BE"}))
    case = await from_abroad(world)
    sms = Network(Doubtful("no-answer"))
    sms.repeats = 5
    await drain(lane_of(world, sms))
    world.town = replace(world.town, costs={"twilio": AccountCosts(prices={"sms": {"other": PRICE}})})
    world.now += timedelta(minutes=1)
    await drain(lane_of(world, sms))
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, len(sms.letters)) == (S.UNKNOWN, OTHER_COUNTRY, 1)
    assert receipt.undecided_since is not None


@pytest.mark.parametrize(("day", "number"), [("5.00", "+32470123456"), ("0.00", NUMBERS[1])], ids=["barred", "no room"])
async def test_what_was_gathered_and_may_not_leave_goes_by_mail_one_by_one(capped, day, number):
    world = capped(day=Decimal(day))
    world.receipts_a_day = 1
    citizen = SectorCitizenId("citizen-1")
    await mails(world, "mail-1", "c1@courriel.example", citizen)
    content = InboundContent(sender=(Identifier(kind="phone", value=number),), text="Bonjour")
    for nth in range(4):
        case = await world.citizen_writes("sms", f"case-{nth}", citizen=citizen, reference=f"2026-{nth:04}-AAA")
        await world.receive(case.opened_by, "sms", case.account, content, case.case_id, citizen=citizen)
        await world.owe_receipts(world.opened(case))
    sms, relay = Network(), ObedientSender()
    await drain(lane_of(world, sms))
    world.now += timedelta(days=2)
    await lane_of(world, sms, gathered=True).step()
    await drain(lane_of(world, relay))
    assert sms.letters == []
    assert Counter(each.outbound_id for each in relay.letters) == dict.fromkeys(await receipts(world), 1)


async def in_parts(world):
    """Have an agent of a sensitive sector answer an SMS at length; return the texts that are to leave."""
    case = await world.citizen_writes("sms", "case-long", department="ccas")
    await world.handlers.owe_reply(await world.agent_answers(case, "Votre demande d’aide est acceptée. " * 90))
    return world.wording.in_parts(
        case, a_link(case.case_id), "sms", "Votre demande d’aide est acceptée. " * 90, begun=False
    )


def price_of(texts):
    return sum(map(segments, texts)) * PRICE


async def test_an_answer_in_parts_does_not_begin_where_a_cap_would_stop_it_half_way(capped):
    world = capped(day=Decimal("9999.00"))
    parts = await in_parts(world)
    assert len(parts) > 2
    world.town = replace(
        world.town, costs={"twilio": AccountCosts(prices={"sms": {"other": PRICE}}, day=price_of(parts) - PRICE)}
    )
    sms = Network()
    await drain(lane_of(world, sms))
    [answer] = world.deliveries.everything()
    assert (sms.letters, answer.reason) == ([], CAP_REACHED)
    assert (await world.spending.spent("twilio", paris_date(world.now))).day.amount == 0


@pytest.mark.parametrize("lost", [None, 0, 1])
async def test_an_answer_that_began_is_ended_whatever_else_wants_the_room(capped, lost):
    world = capped(day=Decimal("9999.00"))
    parts = await in_parts(world)
    costs = AccountCosts(prices={"sms": {"other": PRICE}}, day=price_of(parts))
    world.town = replace(world.town, costs={"twilio": costs})
    answers = [] if lost is None else [*[sent()] * lost, Doubtful("refused", denied=True)]
    sms = Network(*answers)
    lane = lane_of(world, sms)
    await lane.step()
    if lost is None:
        await texts(world, 7)
    for _ in range(9):
        await drain(lane)
        world.now += timedelta(minutes=1)
    assert [each.text for each in sms.taken] == parts
    assert (await world.spending.spent("twilio", paris_date(world.now))).day.amount == price_of(parts) * 1_000_000


async def test_a_part_that_is_sent_again_in_doubt_is_counted_again(capped):
    world = capped(day=Decimal("9999.00"))
    parts = await in_parts(world)
    sms = Network(sent(), Doubtful("no-answer"))
    sms.repeats = 5
    lane = lane_of(world, sms)
    for _ in range(9):
        await drain(lane)
        world.now += timedelta(minutes=1)
    spent = (await world.spending.spent("twilio", paris_date(world.now))).day.amount
    assert spent == price_of([*parts, parts[1]]) * 1_000_000


@pytest.mark.parametrize("answer", [sent(), Doubtful("no-answer")])
async def test_a_store_that_was_put_back_counts_again_what_has_left_or_may_have(capped, tmp_path, answer):
    """The count was put back too: what left since is known by the journal alone."""
    world, sender = capped(day=Decimal(100)), Network(answer)
    sender.repeats = 0
    (tmp_path / FILE).touch()
    journal = SqliteJournal(tmp_path, world.clock)
    await texts(world, 1)
    before = deepcopy((world.deliveries._all, world.spending._days))
    await lane_of(world, sender, journal=journal).step()
    once = (await world.spending.spent("twilio", paris_date(world.now))).day
    world.deliveries._all, world.spending._days = before
    assert (await world.spending.spent("twilio", paris_date(world.now))).day.amount == 0
    await lane_of(world, sender, journal=journal).step()
    assert len(sender.letters) == 1
    assert once == (await world.spending.spent("twilio", paris_date(world.now))).day


async def test_a_receipt_that_waits_looks_for_a_mailbox_once_and_then_by_the_day(capped):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1)
    looks, newest = [], world.messages.newest_of_citizen

    async def counted(*asked):
        looks.append(world.now)
        return await newest(*asked)

    world.messages.newest_of_citizen = counted
    lane = lane_of(world, Network())
    for _ in range(6):
        await drain(lane)
        world.now += timedelta(minutes=10)
    assert len(looks) == 1
    await mails(world, "mail-1", "c1@courriel.example", SectorCitizenId("citizen-1"))
    await a_day_passes(world)
    await drain(lane)
    assert len(looks) == 2
    assert (await world.receipt_of(case)).reason == MAIL_INSTEAD, "whoever proved a mailbox meanwhile gets it there"


async def test_a_receipt_that_waits_is_not_written_again_while_the_account_is_full(capped):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1)
    lane, writes, write = lane_of(world, Network()), [], world.writer.write
    await drain(lane)

    async def counted(deliveries):
        writes.append(deliveries)
        return await write(deliveries)

    lane._write = counted
    for _ in range(5):
        world.now += timedelta(minutes=10)
        await drain(lane)
    assert (await world.receipt_of(case)).reason == CAP_REACHED
    assert writes == []
    await a_day_passes(world)
    await drain(lane)
    assert len(writes) == 1, "once a day it looks for a mailbox"


async def test_a_receipt_whose_mail_is_refused_waits_for_the_cap_and_leaves_by_sms(capped):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1, "c1@courriel.example")
    sms, relay = Network(), ObedientSender(failed("no-such-mailbox"))
    for _ in range(3):  # a mailbox that refused once is not asked again, day after day
        await drain(lane_of(world, sms))
        await drain(lane_of(world, relay))
        await a_day_passes(world)
    receipt = await world.receipt_of(case)
    assert (receipt.lane, receipt.channel, receipt.state, receipt.reason) == ("twilio", "sms", S.PENDING, CAP_REACHED)
    assert len(relay.letters) == 1
    assert await looked_at(world) == (True, True), "it waits with an alarm"
    world.town = replace(world.town, costs={})
    await drain(lane_of(world, sms))
    assert ((await world.receipt_of(case)).state, len(sms.letters)) == (S.SENT, 1)


async def test_a_receipt_that_goes_neither_by_sms_nor_by_mail_has_failed_for_an_agent_to_see(capped):
    world = capped(day=Decimal("5.00"))
    case = await from_abroad(world)
    sms, relay = Network(), ObedientSender(failed("no-such-mailbox"))
    for _ in range(3):
        await drain(lane_of(world, sms))
        await drain(lane_of(world, relay))
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, receipt.channel) == (S.FAILED, OTHER_COUNTRY, "sms")
    assert (sms.letters, len(relay.letters)) == ([], 1)
    world.now = receipt.overdue_at + timedelta(seconds=1)
    assert [each.case_id for each in await world.watched.overdue(world.now, None, 10)] == [case.case_id]


async def test_a_mail_that_may_have_left_before_it_was_refused_goes_by_no_other_way(capped):
    world = capped(day=Decimal("0.00"))
    case = await texts(world, 1, "c1@courriel.example")
    await drain(lane_of(world, Network()))
    relay = ObedientSender(Doubtful("no-answer"), failed("no-such-mailbox"))
    relay.repeats = 5
    for _ in range(2):
        await drain(lane_of(world, relay))
        world.now += timedelta(minutes=1)
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.lane, len(relay.letters)) == (S.FAILED, "mail", 2)
