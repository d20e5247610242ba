"""What somebody changed at rest stops one letter, not the lane; it does not go unseen, and the page says so."""

from datetime import timedelta
from functools import partial

import pytest

from guichet.case.history import HistoryEntry
from guichet.channel.outgoing.outcomes import sent
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.contracts.delivery import DeliveryState
from guichet.errors import TamperedError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.store.follow_views.document import Hidden, open_view
from guichet_testing.builders.link import a_link
from guichet_testing.builders.tampered import is_alarmed, tampered
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account


class KeepingSender(Sender):
    """Keeps what it was given."""

    name = "mail"

    def __init__(self):
        self.letters = []

    async def try_send(self, letter):
        self.letters.append(letter)
        return sent()


@pytest.fixture(autouse=True)
def calm():
    for cause in ("message", "case"):
        clear_alarm(Alarm.TAMPERED, cause)


def alter_message(world, name):
    message = world.messages.messages[name]
    world.messages.messages[name] = message.model_copy(update={"content": tampered(message.content)})


def put(world, case, **changed):
    world.cases.cases[case.case_id] = case.model_copy(update=changed)


async def test_a_tampered_message_stops_no_other_letter_and_does_not_go_unseen(world):
    bad, good = await world.citizen_writes(name="bad"), await world.citizen_writes(name="good")
    await world.owe_receipts(world.opened(bad), world.opened(good))
    alter_message(world, bad.opened_by)
    sender = KeepingSender()
    lane = Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0), senders=1, at_once=2),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    await lane.step()
    assert [letter.outbound_id for letter in sender.letters] == [(await world.receipt_of(good)).outbound_id]
    receipt = await world.receipt_of(bad)
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED, "tampered")
    assert is_alarmed("message"), "a receipt that the law wants failed, and nobody is told that it was tampered with"


async def answered(world, case):
    asked = await world.agent_answers(case)
    entry = partial(HistoryEntry, case_id=case.case_id, at=case.received_at)
    asked_for = entry(version=2, type="ReplyRequested", message_id=asked.outbound_id)
    world.history.put(entry(version=1, type="CaseOpened", department="voirie"), asked_for)
    put(world, case, version=2, page_version=2, department="voirie")
    return asked.outbound_id


async def written(world, *cases) -> bool:
    try:
        await world.view_writer.write({case.case_id for case in cases})
    except TamperedError:
        return False
    return True


async def test_the_follow_page_is_written_without_a_tampered_answer(world):
    case = await world.citizen_writes()
    alter_message(world, await answered(world, case))
    assert await written(world, case), "an answer was altered, and every event of its case becomes a dead letter"
    link = a_link(case.case_id)
    [answer] = open_view(link, await world.views.find(link.lookup)).answers
    assert (answer.text, answer.hidden) == (None, Hidden.TAMPERED)
    assert is_alarmed("message")


async def test_the_page_of_a_tampered_link_is_shown_to_nobody_any_more(world):
    case = await world.citizen_writes()
    assert await written(world, case)
    put(world, case, link=tampered(case.link))
    for _ in range(2):  # a replay brings nothing back
        assert await written(world, case)
    link = a_link(case.case_id)
    view = await world.views.find(link.lookup)
    assert view is None or open_view(link, view) is None, (
        "nobody can tell whose link it is, and its page is still there"
    )
    assert is_alarmed("case")


async def test_a_tampered_link_costs_no_other_case_its_page(world):
    bad, good = await world.citizen_writes(name="bad"), await world.citizen_writes(name="good")
    put(world, bad, link=tampered(bad.link))
    assert await written(world, bad, good), "the link of one case was altered, and no page of the batch is written"
    assert await world.views.find(good.follow) is not None
    assert is_alarmed("case")
