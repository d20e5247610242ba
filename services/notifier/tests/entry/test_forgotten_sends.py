"""A store that was put back has forgotten what left since its backup; the journal on another disk has not."""

from copy import deepcopy

import pytest

from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, failed
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.delivery import DeliveryState
from guichet.errors import PermanentError, TransientError
from guichet.store.sending_journal import FILE, SqliteJournal, Standing
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account, sending_id
from services.notifier.tests.entry.one_lane import HOLD, ZERO, ObedientSender, owed

S = DeliveryState


class AskedSender(ObedientSender):
    """Sends nothing again in doubt: its provider is asked."""

    repeats = 0


@pytest.fixture
def journal(world, tmp_path):
    (tmp_path / FILE).touch()
    return SqliteJournal(tmp_path, world.clock)


def lane_of(world, sender, journal):
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken, journal),
        LaneOptions(hold=HOLD, settle_after=ZERO, senders=1, at_once=1),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )


async def sent_and_forgotten(world, sender, journal):
    """Have a receipt sent, then put the store back to the moment before."""
    case = await owed(world)
    before = deepcopy(world.deliveries._all)
    await lane_of(world, sender, journal).step()
    world.deliveries._all.clear()
    world.deliveries._all.update(before)
    assert (await world.receipt_of(case)).state is S.PENDING
    return case


async def test_what_left_before_the_store_was_put_back_leaves_no_second_time(world, journal):
    sender = ObedientSender()
    case = await sent_and_forgotten(world, sender, journal)
    await lane_of(world, sender, journal).step()
    assert len(sender.letters) == 1
    assert (await world.receipt_of(case)).state is S.SENT
    assert [told.state for told in await world.announced()][-1:] == [S.SENT]


async def test_a_provider_that_can_be_asked_says_more(world, journal):
    sender = AskedSender()
    case = await sent_and_forgotten(world, sender, journal)
    sender.known = [Concluded(S.DELIVERED, provider_id="SM1")]
    await lane_of(world, sender, journal).step()
    assert len(sender.letters) == 1
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.provider_id) == (S.DELIVERED, "SM1")


@pytest.mark.parametrize(
    "outcome", [Deferred("busy"), failed("no-mailbox"), TransientError("away"), PermanentError("too long")]
)
async def test_what_did_not_leave_is_tried_as_if_never_before(world, journal, outcome):
    sender = ObedientSender(outcome)
    case = await sent_and_forgotten(world, sender, journal)
    await lane_of(world, sender, journal).step()
    assert len(sender.letters) == 2
    assert (await world.receipt_of(case)).state is S.SENT


async def test_what_may_have_left_by_mail_leaves_again_under_its_own_message_id(world, journal):
    sender = ObedientSender(Doubtful("no-answer"))
    sender.repeats = 2
    await sent_and_forgotten(world, sender, journal)
    await lane_of(world, sender, journal).step()
    assert len({letter.outbound_id for letter in sender.letters}) == 1
    assert len(sender.letters) == 2


async def test_what_may_have_left_by_a_provider_that_does_not_know_it_is_for_an_agent_to_decide(world, journal):
    sender = AskedSender(Doubtful("no-answer"))
    case = await sent_and_forgotten(world, sender, journal)
    await lane_of(world, sender, journal).step()
    assert len(sender.letters) == 1
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.undecided_since is not None) == (S.UNKNOWN, True)


async def test_while_the_journal_is_away_nothing_leaves_and_nothing_is_in_doubt(world, tmp_path):
    journal, sender = SqliteJournal(tmp_path / "disk", world.clock), ObedientSender()
    case = await owed(world)
    lane = lane_of(world, sender, journal)
    await lane.step()
    receipt = await world.receipt_of(case)
    assert (sender.letters, receipt.state, receipt.copies, receipt.unsettled_since) == ([], S.PENDING, 0, None)
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / FILE).touch()
    world.now = receipt.due_at
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT


async def test_a_journal_that_goes_away_in_mid_send_changes_no_outcome(world, journal):
    sender, case = ObedientSender(), await owed(world)

    async def away(ids):
        raise TransientError("the disk is away")

    journal.left = away
    await lane_of(world, sender, journal).step()
    receipt = await world.receipt_of(case)
    assert receipt.state is S.SENT
    assert await journal.standings([sending_id(receipt)]) == {sending_id(receipt): Standing.BEGUN}


async def test_what_an_agent_has_sent_again_is_another_send(world, journal):
    case = await owed(world)
    receipt = await world.receipt_of(case)
    again = receipt.model_copy(update={"decisions": ("event",)})
    assert len({sending_id(each) for each in (receipt, again, receipt.model_copy(update={"parts_sent": 1}))}) == 3
