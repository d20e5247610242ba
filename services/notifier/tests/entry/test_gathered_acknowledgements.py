"""Acknowledgements are no weapon: past the ceiling those of a day leave together that evening, each whole."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from guichet.channel.lengths import units
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.case_events import ReceiptOwed, SilenceStatement
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import EventId
from guichet.law.calendar import PARIS
from guichet_testing.builders.channels import FACTS
from notifier.entry.gathered_lane import GatheredLane
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import NO_JOURNAL, Account
from notifier.handlers.limit_receipts import leaves_today_at
from services.notifier.tests.entry.one_lane import ObedientSender

CEILING = 3
COUNT = 8
LAST_DAY = datetime(2026, 5, 15, 7, 0, tzinfo=UTC)
REJECTS = SilenceStatement(means="rejects", decides_on=date(2026, 7, 1))


class Twilio(ObedientSender):
    name = "twilio"


@pytest.fixture
def world(world):
    world.receipts_a_day, world.now = CEILING, LAST_DAY
    return world


def lanes(world, provider):
    account = Account(provider, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken, NO_JOURNAL)
    lane = Lane(
        account,
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0), senders=1, at_once=2),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    gathered = GatheredLane(
        account,
        timedelta(0),
        deliveries=world.deliveries,
        counts=world.counts,
        write=world.bundle_writer.write,
        clock=world.clock,
    )
    return lane, gathered


async def owe(world, nth, channel="email", **said):
    case = await world.citizen_writes(channel, f"case-{nth}", reference=f"2026-AAAA-{nth:03}")
    values = {
        "event_id": EventId(f"owed-{nth}"),
        "occurred_at": world.now,
        "case_id": case.case_id,
        "reference": case.reference,
        "version": 3,
        "caused_by": "timer",
        "sector": case.sector,
        "department": case.department,
        "citizen": case.citizen,
        "answers": case.opened_by,
        "received_on": date(2026, 5, 1),
        "is_full": False,
    }
    await world.handlers.owe_acknowledgement(ReceiptOwed(**(values | said)))
    return case


async def storm(world, provider, channel="email", count=COUNT, **said):
    """Let so many be owed to one address on one day; send what leaves by itself."""
    cases = [await owe(world, nth, channel, **said) for nth in range(count)]
    lane, _ = lanes(world, provider)
    while not await lane.step():
        pass
    return cases


async def states(world):
    return {each.state for each in world.deliveries.everything() if each.purpose is Purpose.ARE}


async def test_a_storm_of_them_is_the_ceiling_and_one_mail_that_evening_with_each_whole(world):
    provider = ObedientSender()
    cases = await storm(world, provider, is_full=True, silence=REJECTS, procedure="aide-sociale")
    _, gathered = lanes(world, provider)
    await gathered.step()
    assert len(provider.letters) == CEILING
    world.now = datetime(2026, 5, 15, 18, 0, tzinfo=PARIS).astimezone(UTC)
    await gathered.step()
    await gathered.step()
    assert len(provider.letters) == CEILING + 1
    last = provider.letters[-1]
    subject = message_from_bytes(last.mail.message, policy=default)["Subject"]
    assert subject == f"{COUNT - CEILING} accusés de réception"
    assert last.text.count("sera réputée rejetée le 1er juillet 2026") == COUNT - CEILING
    assert last.text.count("www.telerecours.fr") == COUNT - CEILING
    left = "".join(letter.text for letter in provider.letters)
    assert all(case.reference in left for case in cases)
    assert await states(world) == {DeliveryState.SENT}


async def test_they_count_with_the_registration_receipts_of_the_address(world):
    provider = ObedientSender()
    for nth in range(CEILING):
        case = await world.citizen_writes(name=f"aee-{nth}")
        await world.owe_receipts(world.opened(case, occurred_at=world.now))
    await storm(world, provider, count=2)
    assert len(provider.letters) == CEILING


async def test_one_that_waits_alone_is_the_letter_itself(world):
    provider = ObedientSender()
    cases = await storm(world, provider, count=CEILING + 1)
    world.now = datetime(2026, 5, 15, 18, 0, tzinfo=PARIS).astimezone(UTC)
    await lanes(world, provider)[1].step()
    last = provider.letters[-1]
    assert last.text.startswith("Bonjour,\n\nLa mairie de Saint-Aubin-des-Prés accuse réception")
    assert cases[-1].reference in message_from_bytes(last.mail.message, policy=default)["Subject"]


async def test_by_sms_each_is_whole_in_as_few_messages_as_hold_them(world):
    provider = Twilio()
    await storm(world, provider, "sms", is_full=True, silence=REJECTS)
    world.now = datetime(2026, 5, 15, 18, 0, tzinfo=PARIS).astimezone(UTC)
    await lanes(world, provider)[1].step()
    gathered = provider.letters[CEILING:]
    assert 1 < len(gathered) < COUNT - CEILING
    assert all(units(each.text) <= FACTS["sms"].longest for each in gathered)
    assert sum(each.text.count("réputée rejetée le 1er juillet 2026") for each in gathered) == COUNT - CEILING


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (datetime(2026, 5, 15, 0, 5, tzinfo=PARIS), datetime(2026, 5, 15, 18, 0, tzinfo=PARIS)),
        (datetime(2026, 5, 15, 17, 59, tzinfo=PARIS), datetime(2026, 5, 15, 18, 0, tzinfo=PARIS)),
        (datetime(2026, 5, 15, 18, 1, tzinfo=PARIS), datetime(2026, 5, 15, 18, 15, tzinfo=PARIS)),
        (datetime(2026, 5, 15, 23, 50, tzinfo=PARIS), datetime(2026, 5, 16, 0, 0, tzinfo=PARIS)),
    ],
)
def test_those_of_a_day_leave_that_evening(now, leaves):
    assert leaves_today_at(now) == leaves
