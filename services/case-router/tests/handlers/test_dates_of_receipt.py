"""The date of receipt in law goes into the case and its events; what orders and lapses goes by our own arrival."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_router.domain.admit_message import LONGEST_OUTAGE, admitted
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.case_commands import DeclareAbuse
from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import DateDoubt, DateSource
from guichet.errors import PermanentError, TransientError
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import a_message
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

ALICE, PHONE = "alice@courriel.example", "+33639980101"
HELD = timedelta(days=2)
DATED = {"received_at": ARRIVED - HELD, "arrived_at": ARRIVED, "dated_by": DateSource.RELAY}
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound


def dated(event, **said):
    """Return an event as the edge dates it."""
    return event.model_copy(update=DATED | said)


def test_of_what_an_agent_enters_from_a_third_partys_channel_the_desk_says_when_it_was_received():
    now = ARRIVED + timedelta(days=90)
    entered = a_message(channel="pigeon", at=now, received_at=ARRIVED, entered_by="agent-12")
    assert admitted(entered, now, {"pigeon"}) == entered
    itself = entered.model_copy(update={"entered_by": None})
    assert admitted(itself, now, {"pigeon"}).date_doubt is DateDoubt.TOO_LONG_AGO


async def test_a_mail_that_was_held_two_days_is_a_case_of_the_day_it_was_received(world):
    mail = dated(await world.mail("m", ALICE))
    await world.take(mail)
    case, message = world.case_of(mail), world.messages.messages[mail.message_id]
    assert (case.received_at, case.updated_at) == (ARRIVED - HELD, ARRIVED)
    assert (message.at, message.date_of_receipt, message.dated_by) == (ARRIVED, ARRIVED - HELD, DateSource.RELAY)
    [opened] = world.published(case)
    assert (opened.received_at, opened.occurred_at) == (ARRIVED - HELD, ARRIVED)
    world.check()


async def test_the_reference_is_of_the_year_in_which_it_was_received(world):
    arrived = datetime(2027, 1, 2, 9, tzinfo=UTC)
    world.now = arrived
    mail = dated(await world.mail("m", ALICE, at=arrived), received_at=arrived - HELD, arrived_at=arrived)
    await world.take(mail)
    assert world.case_of(mail).reference.startswith("2026-")


async def test_an_answer_in_the_same_case_has_a_date_of_its_own(world):
    await world.take(await world.mail("m", ALICE))
    answer = dated(await world.mail("a", ALICE, in_reply_to=["m@courriel.example"]), date_doubt=DateDoubt.IN_THE_FUTURE)
    await world.take(answer)
    case = world.case_of(answer)
    assert case.received_at == ARRIVED
    [_, filed, *_] = world.published(case)
    assert (filed.received_at, filed.occurred_at) == (ARRIVED - HELD, ARRIVED)
    message = world.messages.messages[answer.message_id]
    assert (message.date_of_receipt, message.date_doubt) == (ARRIVED - HELD, DateDoubt.IN_THE_FUTURE)


async def test_a_record_of_before_was_received_when_it_came(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    message = world.messages.messages[mail.message_id]
    assert (message.date_of_receipt, message.dated_by, message.date_doubt) == (ARRIVED, DateSource.EDGE, None)


async def test_a_conversation_goes_on_by_the_arrival(world):
    """Held up, a message says nothing new of how long the conversation was silent."""
    window = world.town.policy("sms").idle_window
    first = await world.sms("1", PHONE)
    late = ARRIVED + window + timedelta(days=1)
    second = dated(await world.sms("2", PHONE, at=late), received_at=ARRIVED + timedelta(hours=1), arrived_at=late)
    await world.take_one_by_one(first, second)
    assert world.case_of(first) != world.case_of(second)


async def test_a_declaration_concerns_what_arrives_after_it_whenever_it_was_received(world):
    first = await world.mail("1", ALICE)
    await world.take(first)
    case = world.case_of(first)
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), "d", b"Trente messages par jour.")
    click = ARRIVED + timedelta(hours=1)
    about = {"case_id": case.case_id, "issued_by": "lea", "sector": case.sector, "reason": reason}
    await world.take(DeclareAbuse(event_id="d", occurred_at=click, ground=AbuseGround.NUMBER, **about))
    later = click + timedelta(hours=1)
    held_up = dated(await world.mail("2", ALICE, at=later), arrived_at=later)
    await world.take(held_up)
    assert world.case_of(held_up).no_receipt is not None


class DyingCaseStore(InMemoryCaseStore):
    """Dies before the first case is written."""

    def __init__(self):
        super().__init__()
        self.dies = True

    async def insert_new(self, cases):
        if self.dies:
            self.dies = False
            raise TransientError("killed here")
        return await super().insert_new(cases)


async def test_of_two_deliveries_the_first_one_s_date_stands_whoever_files_it(world):
    """By LMTP, then by IMAP: the router dies in between, and the message lies in the store unfiled."""
    first = dated(await world.mail("m", ALICE))
    second = dated(await world.mail("m", ALICE), received_at=ARRIVED - timedelta(hours=1), dated_by=DateSource.MAILBOX)
    world.cases = DyingCaseStore()
    with pytest.raises(TransientError):
        await world.take(first)
    await world.take(second)
    message = world.messages.messages[first.message_id]
    assert world.case_of(first).received_at == message.date_of_receipt == ARRIVED - HELD
    world.check()


async def test_what_was_received_after_it_came_cannot_be(world):
    with pytest.raises(PermanentError) as refused:
        await world.take(dated(await world.mail("m", ALICE), received_at=ARRIVED + timedelta(seconds=1)))
    assert refused.value.reason == "impossible-arrival"
    assert not world.messages.messages


@pytest.mark.parametrize("at", [datetime(1999, 12, 31, tzinfo=UTC), ARRIVED + timedelta(days=1100)])
async def test_an_arrival_that_cannot_be_is_a_dead_letter(world, at):
    with pytest.raises(PermanentError) as refused:
        await world.take(dated(await world.mail("m", ALICE), arrived_at=at, received_at=min(at, ARRIVED)))
    assert refused.value.reason == "impossible-arrival"


@given(arrived=TIMES, held=st.timedeltas(timedelta(0), timedelta(days=4000)), now=TIMES)
def test_a_third_party_s_host_moves_no_date_by_more_than_an_outage(arrived, held, now):
    now = max(arrived, now)
    said = max(arrived - held, datetime(2000, 1, 1, tzinfo=UTC))
    message = dated(a_message(at=arrived, channel="pigeon"), received_at=said, arrived_at=arrived)
    counts = admitted(message, now, {"pigeon"})
    assert now - LONGEST_OUTAGE <= counts.received_at <= max(arrived, now - LONGEST_OUTAGE)
    if counts.date_doubt is None:
        assert counts == message
    else:
        assert said < now - LONGEST_OUTAGE
        assert (counts.dated_by, counts.date_doubt) == (DateSource.EDGE, DateDoubt.TOO_LONG_AGO)
    assert admitted(message, now, ()) == message, "Guichet's own hosts catch up an outage of any length"


async def test_the_date_that_was_believed_stands_however_late_the_message_comes_again(world):
    sms = world.town.facts["sms"].model_copy(update={"name": "pigeon"})
    world.town = replace(world.town, facts=KnownChannels({**world.town.facts, "pigeon": sms}, ["pigeon"]))
    pigeon = dated(await world.sms("p", PHONE, channel="pigeon"), received_at=ARRIVED - timedelta(days=400))
    world.now = ARRIVED + timedelta(hours=1)
    await world.take(pigeon)
    message = world.messages.messages[pigeon.message_id]
    assert (message.date_of_receipt, message.date_doubt) == (ARRIVED, DateDoubt.TOO_LONG_AGO)
    world.now += timedelta(days=50)
    await world.take(pigeon)
    assert world.messages.messages[pigeon.message_id] == message
    assert world.case_of(pigeon).received_at == ARRIVED
