"""A case that nobody qualifies in time, and somebody then does: two letters, each once, and the router told of each."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

from guichet.contracts.case_events import ReceiptOwed, SilenceStatement
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import EventId
from guichet.kafka.records import Received
from guichet.runtime.telemetry.metrics import ALARM
from notifier.entry.consumers import add_consumers
from services.notifier.tests.confirmed import confirmed
from services.notifier.tests.entry.one_lane import ObedientSender, lane_of
from services.notifier.tests.unsaid_remedies import wants_a_remedy_first

LAST_DAY = datetime(2026, 5, 15, 7, 0, tzinfo=UTC)
REJECTS = SilenceStatement(means="rejects", decides_on=date(2026, 7, 1))


def owed(case, version, at, **said):
    return ReceiptOwed(
        event_id=EventId(f"owed-{version}"),
        occurred_at=at,
        case_id=case.case_id,
        reference=case.reference,
        version=version,
        caused_by="day",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        answers=case.opened_by,
        received_on=date(2026, 5, 1),
        **said,
    )


class Heard:
    """A worker that only keeps what would handle its batches."""

    def read(self, _topics, handle):
        self.handle = handle


async def tell(world, *events):
    """Hand events to the notifier as the topic does."""
    heard = Heard()
    add_consumers(heard, world.handlers, world.view_writer)
    await heard.handle([Received(each, CASE_EVENTS.name, 0, nth, each.case_id) for nth, each in enumerate(events)])


async def all_leaves(world, sender):
    lane = lane_of(world, sender)
    while not await lane.step():
        pass


async def test_an_incomplete_one_leaves_on_the_last_day_and_the_full_one_replaces_it(world):
    sender, case = ObedientSender(), await world.citizen_writes()
    opened, day = world.opened(case), LAST_DAY
    incomplete = owed(case, 4, day, is_full=False)
    full = owed(case, 6, day, is_full=True, silence=REJECTS, procedure="aide-sociale", corrects=True)
    await tell(world, opened)
    await all_leaves(world, sender)
    world.now = day
    await tell(world, incomplete)
    await all_leaves(world, sender)
    await tell(world, full, full)
    await all_leaves(world, sender)
    await tell(world, opened, incomplete, full)  # the whole topic, anew
    await all_leaves(world, sender)
    subjects = [message_from_bytes(each.mail.message, policy=default)["Subject"] for each in sender.letters]
    assert subjects == [
        f"demande {case.reference} enregistrée",
        f"accusé de réception de la demande {case.reference}",
        f"accusé de réception de la demande {case.reference} (rectifié)",
    ]
    assert "réputée" not in sender.letters[1].text
    assert "Il remplace" in sender.letters[2].text
    assert "sera réputée rejetée le 1er juillet 2026" in sender.letters[2].text
    told = [(each.purpose, each.state) for each in await world.announced()]
    assert told == [(purpose, DeliveryState.SENT) for purpose in (Purpose.AEE, Purpose.ARE, Purpose.ARE)]


async def test_r3_one_without_its_remedies_waits_with_an_alarm_until_the_town_has_them(world):
    """R3 (docs/law.md 11): never sent, never given up, and a person hears of it."""
    said = (confirmed("aide-sociale", world.now),)
    sender, case, whole = ObedientSender(), await world.citizen_writes(name="unwritable", facts=said), world.town
    world.town = wants_a_remedy_first(whole)
    await tell(world, owed(case, 4, world.now, is_full=True, silence=REJECTS, procedure="aide-sociale"))
    for _ in range(20):
        await all_leaves(world, sender)
        world.now += timedelta(hours=1)
    assert sender.letters == []
    assert ALARM.labels("receipt-unwritable", case.case_id)._value.get() == 1
    [waiting] = await world.deliveries.of_case(case.case_id)
    assert (waiting.state, waiting.bugs) == (DeliveryState.PENDING, 0)
    world.town = whole
    await all_leaves(world, sender)
    assert "www.telerecours.fr" in sender.letters[0].text
