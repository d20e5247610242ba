"""A relay that takes mail and says so late: one copy where we can wait, few where we cannot, then a person decides."""

# ruff: noqa: ASYNC110  waits by looking

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.outgoing.outcomes import Doubtful, sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.clock import SystemClock
from guichet.contracts.delivery import DeliveryState
from guichet.errors import TransientError
from guichet.ids import EventId, receipt_id
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.telemetry.metrics import ALARM
from guichet_mail.send.patient_smtp import Waits
from guichet_mail.send.sender import MailSender
from guichet_testing.builders.channels import FACTS
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S
from notifier.entry import lane as lanes
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from notifier.handlers.watch_deliveries import Watch

S = DeliveryState
AMINA = "amina.benali@courriel.example"
FIVE_DAYS = timedelta(days=5)


async def owed(world, name="case-1"):
    case = await world.citizen_writes(name=name)
    await world.owe_receipts(world.opened(case))
    return case


def lane_of(world, sender, **options):
    defaults = {"hold": timedelta(seconds=30), "settle_after": timedelta(0), "senders": 1, "at_once": 2}
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(**(defaults | options)),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )


async def days_of_trying(world, lane, case):
    """Have the lane do all it does in five days, each wait over at once."""
    end = world.now + FIVE_DAYS + timedelta(hours=1)
    while world.now < end and (await world.receipt_of(case)).undecided_since is None:
        if await lane.step():
            await asyncio.sleep(0.01)
            world.now += timedelta(minutes=15)


@pytest.mark.timeout(90)
async def test_a_relay_that_answers_after_25_s_gets_no_second_copy(world, providers, sandbox: SandboxClient):
    await sandbox.misbehave("smtp-slow-answer", count=1000, retry_after=25)
    case = await owed(world)
    lane = lane_of(
        world,
        MailSender(
            SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none"),
            clock=SystemClock().now,
        ),
    )
    async with asyncio.timeout(60):
        while (await world.receipt_of(case)).state is S.PENDING:
            await lane.step()
            await asyncio.sleep(0.05)
    receipt = await world.receipt_of(case)
    copies = len(await sandbox.entries(address=AMINA))
    assert (receipt.state, copies) == (S.SENT, 1), "the relay had taken the mail and its answer was not awaited"


class NeverAnswers(Sender):
    """Takes every message and never says so."""

    def __init__(self, channel):
        facts = FACTS[channel]
        self.name, self.repeats = facts.lane, facts.sending.repeats
        self.letters = []

    async def try_send(self, letter):
        self.letters.append(letter)
        return Doubtful("timed-out")


@pytest.mark.parametrize(("channel", "most"), [("email", 3), ("telegram", 2)])
async def test_what_stays_in_doubt_for_days_does_not_leave_hundreds_of_times(world, channel, most):
    case = await world.citizen_writes(channel)
    await world.owe_receipts(world.opened(case))
    sender = NeverAnswers(channel)
    await days_of_trying(world, lane_of(world, sender), case)
    assert len(sender.letters) == most
    receipt, alarm = await world.receipt_of(case), ALARM.labels("delivery-undecided", case.case_id)
    assert (receipt.state, receipt.undecided_since is None) == (S.UNKNOWN, False)
    await world.announcer.announce_gathered()
    world.now += timedelta(seconds=10)
    await world.announcer.sweep()
    assert [(told.state, told.undecided) for told in await world.announced()] == [
        (S.UNKNOWN, False),
        (S.UNKNOWN, True),
    ]
    watch = Watch(world.watched, world.clock, world.deliveries.has_due)
    await watch.look()
    assert alarm._value.get() == 1
    assert await world.decisions.received(receipt.outbound_id, EventId("decision"), world.now)
    await watch.look()
    assert alarm._value.get() == 0


async def test_a_relay_slower_than_the_standard_asks_gets_three_copies_then_an_agent_decides(
    world, providers, sandbox: SandboxClient
):
    """In fast time: where the standard says ten minutes we wait a second, and the relay takes five."""
    await sandbox.misbehave("smtp-slow-answer", count=1000, retry_after=5)
    case = await owed(world)
    waits = Waits(done=timedelta(seconds=1))
    relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none")
    sender = MailSender(relay, waits, clock=SystemClock().now)
    sender.repeats = FACTS["email"].sending.repeats
    await days_of_trying(world, lane_of(world, sender), case)
    entries = await sandbox.entries(address=AMINA)
    assert len(entries) == 3
    assert len({entry.provider_id for entry in entries}) == 1, "the copies bear several Message-IDs"
    assert (await world.receipt_of(case)).undecided_since is not None


async def test_an_sms_of_which_nothing_is_known_is_asked_for_and_never_sent_blindly(world):
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    sender = NeverAnswers("sms")
    asked = []

    async def settle(letter):
        asked.append(world.now)
        raise TransientError("Twilio's list: away")

    sender.settle = settle
    lane, began = lane_of(world, sender, settle_after=timedelta(seconds=60)), world.now
    for _ in range(100):
        await lane.step()
        world.now += timedelta(seconds=10)
    assert len(sender.letters) == 1
    assert asked[0] - began >= timedelta(seconds=60)


def owed_to(case):
    return receipt_id(case.case_id, "AEE")


class Stuck(Sender):
    """Takes messages and answers only once told."""

    name = "mail"
    patience = timedelta(hours=1)

    def __init__(self, stuck):
        self.stuck = set(stuck)
        self.answer = asyncio.Event()
        self.letters = []

    async def try_send(self, letter):
        self.letters.append(letter)
        if letter.outbound_id in self.stuck:
            await self.answer.wait()
        return sent()


async def stepped_until(world, lane, cases):
    """Let the lane work until all these are sent; fail where it never comes to that."""
    async with asyncio.timeout(PATIENCE_S):
        while {(await world.receipt_of(case)).state for case in cases} != {S.SENT}:
            await lane.step()
            await asyncio.sleep(0.001)


async def until_sent(world, case):
    async with asyncio.timeout(PATIENCE_S):
        while (await world.receipt_of(case)).state is not S.SENT:
            await asyncio.sleep(0.001)


async def test_slow_sends_hold_up_no_other_of_their_lane_and_are_bounded(world):
    slow = [await owed(world, f"slow-{nth}") for nth in range(3)]
    quick = [await owed(world, f"quick-{nth}") for nth in range(3)]
    sender = Stuck(map(owed_to, slow))
    lane = lane_of(world, sender, slow_after=timedelta(seconds=0.02), slow_at_most=4)
    await stepped_until(world, lane, quick)
    more = [await owed(world, f"more-{nth}") for nth in range(4)]
    sender.stuck |= {*map(owed_to, more)}
    for _ in range(4):
        await lane.step()
    assert len(lane._slow) <= 4 + 1, "slow sends without end"
    world.now += timedelta(days=1)
    sender.answer.set()
    await stepped_until(world, lane, [*slow, *more])
    assert len(sender.letters) == 10, "one left twice"


async def test_a_slow_send_keeps_its_lease_however_long_it_takes(world):
    case = await owed(world)
    sender, others = Stuck([owed_to(case)]), Stuck([])
    lane = lane_of(world, sender, slow_after=timedelta(seconds=0.02), hold=timedelta(seconds=0.06))
    await lane.step()
    for _ in range(10):
        world.now += timedelta(seconds=0.03)
        await asyncio.sleep(0.03)
        await lane.step()
        await lane_of(world, others).step()
    sender.answer.set()
    await until_sent(world, case)
    assert (len(sender.letters), len(others.letters)) == (1, 0), "somebody else took over a send that went on"


async def others_look(world, others, lasting=timedelta(seconds=0.3)):
    """Let time pass, and another notifier take what it may."""
    end = world.now + lasting
    while world.now < end:
        world.now += timedelta(seconds=0.03)
        await asyncio.sleep(0.03)
        await lane_of(world, others).step()


async def test_a_slow_send_keeps_its_lease_while_the_next_letters_are_slow_to_write(world):
    """The vault or the store answers late, and every sender of the lane waits for it."""
    case = await owed(world, "slow")
    sender, others, written = Stuck([owed_to(case)]), Stuck([]), asyncio.Event()
    lane = lane_of(world, sender, slow_after=timedelta(seconds=0.02), hold=timedelta(seconds=0.09))
    await lane.step()
    await owed(world, "next")

    async def slowly(held):
        await written.wait()
        return await world.writer.write(held)

    lane._write = slowly
    stepping = asyncio.create_task(lane.step())
    await asyncio.sleep(0)
    await others_look(world, others)
    written.set()
    sender.answer.set()
    await stepping
    await until_sent(world, case)
    assert (len(sender.letters), len(others.letters)) == (2, 0), "somebody else took over a send that went on"


async def test_nothing_is_renewed_where_nothing_is_under_way(world):
    case = await owed(world)
    lane = lane_of(world, Stuck([]))
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT
    await asyncio.sleep(0)
    assert (lane._in_work, lane._keeping) == ({}, None)


async def test_a_stop_waits_for_no_slow_send_longer_than_a_stop_may_take(world, monkeypatch):
    monkeypatch.setattr(lanes, "STOPPING", timedelta(seconds=0.05))
    case = await owed(world)
    sender = Stuck([owed_to(case)])
    running = asyncio.create_task(lane_of(world, sender, slow_after=timedelta(seconds=0.02)).run())
    async with asyncio.timeout(PATIENCE_S):
        while not sender.letters:
            await asyncio.sleep(0.01)
    running.cancel()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(running, return_exceptions=True)
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.copies) == (S.PENDING, 1), "what was cut off is in doubt, and counted"


async def test_a_slow_send_that_a_stop_waits_for_is_not_taken_over(world):
    case = await owed(world)
    sender, others = Stuck([owed_to(case)]), Stuck([])
    lane = lane_of(world, sender, slow_after=timedelta(seconds=0.02), hold=timedelta(seconds=0.09))
    running = asyncio.create_task(lane.run())
    async with asyncio.timeout(PATIENCE_S):
        while not lane._slow:
            await asyncio.sleep(0.01)
    running.cancel()
    await others_look(world, others)
    sender.answer.set()
    await asyncio.gather(running, return_exceptions=True)
    assert others.letters == [], "another notifier sent what was still being sent"
    assert (await world.receipt_of(case)).state is S.SENT


async def test_copies_are_counted_through_kills(world):
    case, sender = await owed(world), NeverAnswers("email")
    for _ in range(3):
        await world.claimed("mail", timedelta(minutes=1))
        world.now += timedelta(minutes=2)
    await lane_of(world, sender).step()
    assert sender.letters == [], "a fourth copy left after three kills in mid-attempt"
    assert (await world.receipt_of(case)).undecided_since == world.now


async def test_a_relay_that_falls_silent_before_it_has_the_mail_leaves_no_doubt(world):
    """Nothing was handed over before the final dot, however late the relay is in what comes before."""
    silent = asyncio.Event()

    async def answer(reader, writer):
        writer.write(b"220 relay.example\r\n")
        await reader.readline()
        writer.write(b"250 relay.example\r\n")
        await reader.readline()  # MAIL
        silent.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        case = await owed(world)
        relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1], smtp_security="none")
        sender = MailSender(relay, Waits(command=timedelta(seconds=0.5)), clock=SystemClock().now)
        await lane_of(world, sender).step()
        receipt = await world.receipt_of(case)
        assert silent.is_set()
        assert (receipt.state, receipt.copies, receipt.unsettled_since) == (S.PENDING, 0, None)
